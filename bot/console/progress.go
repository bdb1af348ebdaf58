package console

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"arifa/bot/web"
	"arifa/subscriptions"
)

// progressView is how far a notice has gone.
type progressView struct {
	Notice   subscriptions.NoticeID
	Expanded bool
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
	v := progressView{Notice: n.ID, Expanded: p.Expanded, Sent: p.Count(subscriptions.Sent), All: total(p), Done: p.Expanded && p.Count(subscriptions.Pending) == 0}
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
	mostStreams = 500
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
	select {
	case a.c.streams <- struct{}{}:
		defer func() { <-a.c.streams }()
	default:
		return web.TooMany(streamEvery)
	}
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
			_ = out.SetWriteDeadline(time.Now().Add(writeWithin))
			if err := event(a.w, part, done); err != nil || out.Flush() != nil || done {
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
		// Frozen, signed out or too long away: nothing more is shown.
		if _, err := a.c.Desk.Visit(a.ctx, a.visit.Officer, a.visit.Since, Via); err != nil || a.visit.standing(a.c.Idle, a.c.Now()) != inside {
			return nil
		}
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

// event writes one server-sent event.
func event(w http.ResponseWriter, part string, done bool) error {
	name := "progress"
	if done {
		name = "done"
	}
	_, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", name, strings.Join(strings.Fields(part), " "))
	return err
}
