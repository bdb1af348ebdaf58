package telegram

import (
	"encoding/json"
	"strings"
	"sync"

	"arifa/subscriptions/wording"
)

// piecesKept is how many lines and keyboards a channel remembers as they stand in a
// request. The cards of a wave are made of few.
const piecesKept = 4096

// pieces are lines as they stand inside a JSON string, in HTML mode, and keyboards as
// JSON.
type pieces struct {
	mu        sync.Mutex
	lines     map[string]piece
	keyboards map[string]string
}

type piece struct {
	json  string // without quotes
	units int    // as Telegram counts them
}

// of returns a line, made once.
func (p *pieces) of(line string) (piece, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	got, known := p.lines[line]
	if known {
		return got, nil
	}
	b, err := json.Marshal(escape.Replace(line))
	if err != nil {
		return piece{}, err
	}
	if p.lines == nil || len(p.lines) >= piecesKept {
		p.lines = map[string]piece{}
	}
	got = piece{string(b[1 : len(b)-1]), utf16Len(line)}
	p.lines[line] = got
	return got, nil
}

// keyboard returns the markup of a card; "" where it has no button.
func (p *pieces) keyboard(c wording.Card) (string, error) {
	if len(c.Choices)+len(c.Copy)+len(c.Links) == 0 {
		return "", nil
	}
	key := keyOf(c)
	p.mu.Lock()
	got, known := p.keyboards[key]
	p.mu.Unlock()
	if known {
		return got, nil
	}
	rows, err := keyboard(c)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	b, err := json.Marshal(markup{rows})
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.keyboards == nil || len(p.keyboards) >= piecesKept {
		p.keyboards = map[string]string{}
	}
	p.keyboards[key] = string(b)
	return string(b), nil
}

// keyOf writes down everything that a keyboard is made of; the marks between stand in
// no button.
func keyOf(c wording.Card) string {
	var b strings.Builder
	add := func(parts ...string) {
		for _, s := range parts {
			b.WriteString(s)
			b.WriteByte(0)
		}
	}
	for _, row := range c.Choices {
		for _, ch := range row {
			add(ch.Label, ch.Data)
		}
		add("\x01")
	}
	add("\x02")
	for _, cp := range c.Copy {
		add(cp.Label, cp.Value)
	}
	add("\x03")
	for _, l := range c.Links {
		add(l.Label, l.URL)
	}
	return b.String()
}
