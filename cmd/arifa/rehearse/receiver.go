package rehearse

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"time"
)

// Receive is the receiver: it listens, tells its address as the first line on
// out, and does what the lines on in ask for, until in ends. It reads HTTP by
// itself, because on a machine that it shares with the sender every microsecond
// of its own would be taken for the sender's.
func Receive(in io.Reader, out io.Writer) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("receiver: %w", err)
	}
	r := &receiver{}
	var conns sync.WaitGroup
	conns.Go(func() { r.accept(l) })
	enc, lines := json.NewEncoder(out), bufio.NewScanner(in)
	err = enc.Encode(reply{Address: l.Addr().String()})
	for err == nil && lines.Scan() {
		var o order
		if err = json.Unmarshal(lines.Bytes(), &o); err == nil {
			err = enc.Encode(r.obey(o))
		}
	}
	_ = l.Close()
	conns.Wait()
	if err == nil {
		err = lines.Err()
	}
	return err
}

// order is one line to the receiver: begin a wave, or tell how it stands.
type order struct {
	Begin *begin `json:"begin,omitempty"`
	Full  bool   `json:"full,omitempty"` // with everything, not only how many
}

// begin starts a new ledger.
type begin struct {
	First  int64 // chat of the first of People
	People int
	Network
}

// reply answers one order.
type reply struct {
	Address string `json:"address,omitempty"`
	Done    int    `json:"done"` // people told, or refused for good
	Tally   *Tally `json:"tally,omitempty"`
}

type receiver struct {
	mu   sync.Mutex
	wave *ledger
}

func (r *receiver) obey(o order) reply {
	if o.Begin != nil {
		r.mu.Lock()
		if r.wave != nil {
			r.wave.stale.Store(true)
		}
		r.wave = newLedger(*o.Begin)
		r.mu.Unlock()
	}
	w := r.now()
	if w == nil {
		return reply{}
	}
	out := reply{Done: int(w.done.Load())}
	if o.Full {
		t := w.tally()
		out.Tally = &t
	}
	return out
}

func (r *receiver) now() *ledger {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.wave
}

func (r *receiver) accept(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go r.serve(c)
	}
}

// serve answers one connection until its client closes it.
func (r *receiver) serve(c net.Conn) {
	defer c.Close()
	in := &stream{conn: c, buf: make([]byte, 16<<10)}
	out := make([]byte, 0, 512)
	var w *ledger
	for {
		head, body, err := in.request()
		if err != nil {
			return
		}
		if !bytes.Contains(head, []byte("/sendMessage ")) {
			out = other(out[:0], head)
		} else {
			if w == nil || w.stale.Load() {
				w = r.now()
			}
			out = w.take(out[:0], len(head)+len(body), body)
		}
		if _, err := c.Write(out); err != nil {
			return
		}
	}
}

// stream cuts a connection into requests.
type stream struct {
	conn net.Conn
	buf  []byte
	have int // bytes in buf
	used int // of them, by the request before
}

// request returns the next request; both slices are good until the next call.
func (s *stream) request() (head, body []byte, err error) {
	s.have = copy(s.buf, s.buf[s.used:s.have])
	s.used = 0
	for {
		if end := bytes.Index(s.buf[:s.have], []byte("\r\n\r\n")); end >= 0 {
			n := contentLength(s.buf[:end])
			if end += 4; end+n <= s.have {
				s.used = end + n
				return s.buf[:end], s.buf[end : end+n], nil
			}
			if end+n > len(s.buf) {
				s.buf = append(make([]byte, 0, end+n), s.buf[:s.have]...)[:end+n]
			}
		} else if s.have == len(s.buf) {
			return nil, nil, bufio.ErrTooLong
		}
		n, err := s.conn.Read(s.buf[s.have:])
		if n == 0 && err != nil {
			return nil, nil, err
		}
		s.have += n
	}
}

func contentLength(head []byte) int {
	for _, name := range []string{"\r\nContent-Length: ", "\r\ncontent-length: "} {
		if at := bytes.Index(head, []byte(name)); at >= 0 {
			n, _ := strconv.Atoi(string(digitsAt(head[at+len(name):])))
			return n
		}
	}
	return 0
}

func digitsAt(b []byte) []byte {
	n := 0
	for n < len(b) && (b[n] >= '0' && b[n] <= '9' || n == 0 && b[n] == '-') {
		n++
	}
	return b[:n]
}

// other answers what is no message. Polling for updates waits a little, as if
// nobody had written.
func other(out, head []byte) []byte {
	result := "true"
	switch {
	case bytes.Contains(head, []byte("/getUpdates ")):
		time.Sleep(time.Second)
		result = "[]"
	case bytes.Contains(head, []byte("/getMe ")):
		result = `{"id":1,"is_bot":true,"first_name":"Rehearsal","username":"ArifaRehearsalBot"}`
	case bytes.Contains(head, []byte("/getMyCommands ")):
		result = "[]"
	case bytes.Contains(head, []byte("/getMy")), bytes.Contains(head, []byte("/getWebhookInfo ")):
		result = "{}"
	}
	return answer(out, 200, `{"ok":true,"result":`+result+`}`)
}

func answer(out []byte, status int, body string) []byte {
	out = append(out, "HTTP/1.1 "...)
	out = strconv.AppendInt(out, int64(status), 10)
	out = append(out, " X\r\nContent-Type: application/json\r\nContent-Length: "...)
	out = strconv.AppendInt(out, int64(len(body)), 10)
	out = append(out, "\r\n\r\n"...)
	return append(out, body...)
}
