package poster

import (
	"bytes"
	"time"
)

// Age makes idle connections older.
func (p *Poster) Age(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.idle {
		c.since = c.since.Add(-d)
	}
}

// Parse reads the head of a whole answer.
func Parse(b []byte) (status int, length int64, chunked bool, err error) {
	end := bytes.Index(b, []byte("\r\n\r\n"))
	if end < 0 {
		return 0, 0, false, errHead
	}
	h, err := parse(b[:end+4])
	return h.status, h.length, h.chunked, err
}
