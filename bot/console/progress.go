package console

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"arifa/bot/desk"
	"arifa/bot/web"
	"arifa/subscriptions"
)

// progressView is how far a notice has gone.
type progressView struct {
	Notice   subscriptions.NoticeID
	Expanded bool
	First    int // so many are told first, and the others are not looked for yet
	Sent     int
	All      int
	Done     bool
	Lanes    []laneProgress
}

type laneProgress struct {
	Lane   subscriptions.LaneID
	States map[subscriptions.DeliveryState]int
}

func (a *ask) progress(n subscriptions.Notice) (progressView, error) {
	p, err := a.c.Desk.Progress(a.ctx, n.ID)
	if err != nil {
		return progressView{}, err
	}
	v := progressView{Notice: n.ID, Expanded: p.Expanded, First: desk.FirstFew(n, p), Sent: p.Count(subscriptions.Sent), All: total(p), Done: p.Expanded && p.Count(subscriptions.Pending) == 0}
	for _, lane := range slices.Sorted(maps.Keys(p.ByLane)) {
		v.Lanes = append(v.Lanes, laneProgress{lane, p.ByLane[lane]})
	}
	return v, nil
}

// Percent is for the bar.
func (v progressView) Percent() int {
	if v.All == 0 {
		return 0
	}
	return 100 * v.Sent / v.All
}

// States are shown in this order.
func (a *ask) DeliveryStates() []subscriptions.DeliveryState { return deliveryStates }

const (
	mostStreams = 500 // of everybody
	mostOfOne   = 12  // of one officer: a browser holds six to a host
	streamEvery = time.Second
	streamFor   = 30 * time.Minute
	writeWithin = 10 * time.Second
)

// streamProgress sends the bar of a notice anew whenever it changes, until everybody
// is told, the visit ends or the program stops. It is a reading glass: looking at it
// keeps no visit alive.
func streamProgress(a *ask) error {
	n, err := a.notice()
	if err != nil {
		return err
	}
	if n.PublishedAt.IsZero() {
		return web.NotFound()
	}
	if !a.c.streams.begin(a.visit.Officer) {
		return web.TooMany(streamEvery)
	}
	defer a.c.streams.end(a.visit.Officer)
	h := a.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(a.w)
	every := time.NewTicker(streamEvery)
	defer every.Stop()
	last, until := "", time.After(streamFor)
	for {
		part, done, err := a.progressPart(n)
		if err != nil {
			part, done = last, true // what has been sent stands; the page asks again
		}
		if part != last || done {
			name := "progress"
			if done {
				name = "done"
			}
			if a.event(out, name, part) != nil || done {
				return nil
			}
			last = part
		}
		select {
		case <-a.ctx.Done():
			return nil
		case <-a.c.Done:
			return nil
		case <-until:
			return nil
		case <-every.C:
		}
		in, err := a.stillIn()
		if err != nil {
			return nil // the browser asks again
		}
		if !in {
			_ = a.event(out, "ended", "")
			return nil
		}
	}
}

// stillIn asks again whether the visit goes on: nothing more is shown to who signed
// out, in whatever tab, was frozen or disabled, or has been away too long.
func (a *ask) stillIn() (bool, error) {
	s, err := a.c.Sessions.Session(a.ctx, hashOf(a.c.sessions.Token(a.ctx)), a.c.Now())
	if errors.Is(err, subscriptions.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	// What is done in another tab keeps this one open too.
	v := visitIn(s.Data)
	if v.Officer != a.visit.Officer || v.standing(a.c.Idle, a.c.Now()) != inside {
		return false, nil
	}
	_, err = a.c.Desk.Visit(a.ctx, v.Officer, v.Since, Via)
	if refused(err) != nil {
		return false, nil
	}
	return err == nil, err
}

// streams counts what is sent while it changes.
type streams struct {
	mu  sync.Mutex
	of  map[subscriptions.OfficerID]int
	all int
}

func (s *streams) begin(o subscriptions.OfficerID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all >= mostStreams || s.of[o] >= mostOfOne {
		return false
	}
	if s.of == nil {
		s.of = map[subscriptions.OfficerID]int{}
	}
	s.all++
	s.of[o]++
	return true
}

func (s *streams) end(o subscriptions.OfficerID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.of[o]--; s.of[o] == 0 {
		delete(s.of, o)
	}
}

func (a *ask) progressPart(n subscriptions.Notice) (string, bool, error) {
	v, err := a.progress(n)
	if err != nil {
		return "", false, err
	}
	var b bytes.Buffer
	err = a.c.pages.ExecuteTemplate(&b, "bar", part{page{ask: a}, v})
	return b.String(), v.Done, err
}

// event sends one server-sent event.
func (a *ask) event(out *http.ResponseController, name, part string) error {
	_ = out.SetWriteDeadline(time.Now().Add(writeWithin))
	if _, err := fmt.Fprintf(a.w, "event: %s\ndata: %s\n\n", name, strings.Join(strings.Fields(part), " ")); err != nil {
		return err
	}
	return out.Flush()
}
