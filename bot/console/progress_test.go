package console_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"time"

	"arifa/bot/console"
	"arifa/subscriptions"
)

// tab is a page that shows how far a notice has gone.
type tab struct {
	*browser
	answer *http.Response
	lines  *bufio.Scanner
}

func (w *browser) watches(n subscriptions.NoticeID) *tab {
	w.Helper()
	r, err := http.NewRequest(http.MethodGet, w.base+path("/notices/%d/progress", n), nil)
	w.must(err)
	answer, err := w.http.Do(r)
	w.must(err)
	w.Cleanup(func() { _ = answer.Body.Close() })
	return &tab{w, answer, bufio.NewScanner(answer.Body)}
}

// next is the next event with its data; "" = the stream is over.
func (t *tab) next() (name, data string) {
	for t.lines.Scan() {
		switch line := t.lines.Text(); {
		case strings.HasPrefix(line, "event: "):
			name = line[len("event: "):]
		case strings.HasPrefix(line, "data: "):
			data = line[len("data: "):]
		case line == "" && name != "":
			return name, data
		}
	}
	return "", ""
}

// A stream ends within a breath in every tab when the visit does, whatever ends it.
func TestProgressEndsWithTheVisit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		do   func(b *bundle, w *browser)
		end  string
	}{
		{"signed out in another tab", func(b *bundle, w *browser) { w.want(w.post("/desk/sign-out"), http.StatusSeeOther, "") }, "ended"},
		{"signed out everywhere, on another device", func(b *bundle, _ *browser) {
			b.must(b.desk.EndVisits(ctx, b.ecAuthor.actor, b.clock()))
		}, "ended"},
		{"frozen", func(b *bundle, _ *browser) {
			_, err := b.desk.Freeze(ctx, b.admin.actor, b.ecAuthor.Officer.ID, b.clock())
			b.must(err)
		}, "ended"},
		{"disabled", func(b *bundle, _ *browser) {
			_, err := b.desk.Disable(ctx, b.admin.actor, b.ecAuthor.Officer.ID, b.clock())
			b.must(err)
		}, "ended"},
		{"left alone", func(b *bundle, _ *browser) { b.pass(console.IdleLock) }, "ended"},
		{"too long", func(b *bundle, _ *browser) { b.pass(console.Longest) }, "ended"},
		{"everybody has been tried", func(b *bundle, _ *browser) {
			for range 20 {
				if _, err := b.store.Expand(ctx, 1000, b.clock()); err != nil {
					b.Fatal(err)
				}
			}
		}, "done"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			n := b.outage().Notice.ID
			w := b.comes(b.ecAuthor)
			tabs := []*tab{w.watches(n), w.watches(n)}
			for _, s := range tabs {
				if name, data := s.next(); name != "progress" || !strings.Contains(data, "still finding recipients") {
					t.Fatalf("first %q %q", name, data)
				}
			}
			c.do(b, w)
			for k, s := range tabs {
				if name, data := s.next(); name != c.end || name == "ended" && data != "" {
					t.Errorf("tab %d: got %q %q, want %q", k, name, data, c.end)
				}
				if name, data := s.next(); name != "" {
					t.Errorf("tab %d: after its end %q %q", k, name, data)
				}
			}
		})
	}
}

// What is done in one tab keeps the streams of the others open.
func TestProgressStays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	n := b.outage().Notice.ID
	w := b.comes(b.ecAuthor)
	s := w.watches(n)
	if kind := s.answer.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Errorf("it is %q", kind)
	}
	s.next()
	b.pass(console.IdleLock - time.Minute)
	w.want(w.get("/desk/"), 200, "")
	b.pass(2 * time.Minute)
	for range 20 {
		_, err := b.store.Expand(ctx, 1000, b.clock())
		b.must(err)
	}
	if name, data := s.next(); name != "done" || !strings.Contains(data, "Nobody follows what it is about") { // said after the visit was looked at
		t.Errorf("got %q %q", name, data)
	}
}

// One officer cannot take all streams, and the end of the program ends them.
func TestProgressIsBounded(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	b := setup(t, func(c *console.Config) { c.Done = done })
	n := b.outage().Notice.ID
	w := b.comes(b.ecAuthor)
	var last *tab
	for range 12 {
		if last = w.watches(n); last.answer.StatusCode != 200 {
			t.Fatalf("one of twelve is refused: %d", last.answer.StatusCode)
		}
	}
	if more := w.watches(n); more.answer.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the thirteenth of one officer: %d", more.answer.StatusCode)
	}
	if other := b.comes(b.ecApprover).watches(n); other.answer.StatusCode != 200 {
		t.Errorf("another officer's: %d", other.answer.StatusCode)
	}
	last.next()
	close(done)
	if name, data := last.next(); name != "" {
		t.Errorf("at the end of the program it says %q %q", name, data)
	}
	b.must(last.answer.Body.Close())
}
