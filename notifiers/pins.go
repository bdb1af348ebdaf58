package notifiers

import (
	"context"
	"sync"

	"arifa/subscriptions"
)

// pinning is what a sent post asks for.
type pinning int

const (
	pinNothing pinning = iota
	pinFirst           // the incident lives: its first message stays on top
	unpinFirst         // it is over
)

// pinsFor decides what to pin in a public channel: pure. i is the incident as it
// is now, live whether it is still in the view.
func pinsFor(kind subscriptions.RecipientKind, n subscriptions.Notice, i subscriptions.Incident, live bool) pinning {
	over := !live || i.State.Over() || len(i.Failing()) == 0
	switch {
	case kind != subscriptions.Channel || n.Incident == 0:
		return pinNothing
	case n.Kind == subscriptions.Restored && over, n.Slots.Withdraws:
		return unpinFirst
	case n.Kind == subscriptions.Outage, n.Kind == subscriptions.Update, n.Kind == subscriptions.AlternativeNotice:
		if !over {
			return pinFirst
		}
	}
	return pinNothing
}

// pins remembers what is pinned, so that an update does not pin again. After a
// restart it does, once, which changes nothing in the channel.
type pins struct {
	mu  sync.Mutex
	now map[pinKey]string
}

type pinKey struct {
	recipient subscriptions.RecipientID
	incident  subscriptions.IncidentID
}

// swap notes message ("" = none) and reports whether that is a change.
func (p *pins) swap(k pinKey, message string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now == nil {
		p.now = map[pinKey]string{}
	}
	if message == "" {
		delete(p.now, k)
		return true
	}
	changed := p.now[k] != message
	p.now[k] = message
	return changed
}

// keepPinned pins the first message of a live incident in a public channel and
// unpins it at the end. A pin that fails is told and holds nothing up.
func (l *lane) keepPinned(last context.Context, n *subscriptions.Notice, m Message, a *attempt, sent string) {
	pinner, can := l.set.Channel.(Pinner)
	if !can || a.row.Kind != subscriptions.Channel {
		return
	}
	v, _ := l.view.fresh(l.clock())
	i, live := v.view.Incidents[n.Incident]
	what := pinsFor(a.row.Kind, *n, i, live)
	first := a.row.ReplyTo
	if first == "" {
		first = sent
	}
	k := pinKey{a.row.Recipient, n.Incident}
	if what == pinNothing || what == pinFirst && !l.pins.swap(k, first) {
		return
	}
	if l.budget.broadcast(last) != nil {
		l.pins.swap(k, "")
		return
	}
	ctx, cancel := context.WithTimeout(last, l.cfg.Timeout)
	defer cancel()
	var err error
	if what == pinFirst {
		err = pinner.Pin(ctx, m.To, first)
	} else {
		l.pins.swap(k, "")
		err = pinner.Unpin(ctx, m.To, first)
	}
	if err != nil {
		l.log.Warn("a channel's pin is not as it should be", "recipient", a.row.Recipient, "err", err)
		l.trouble(Trouble{Kind: TroublePin, Notice: n.ID, Recipient: a.row.Recipient, Err: err})
	}
}

// withheld are the notices that this network refuses.
type withheld struct {
	mu  sync.Mutex
	ids map[subscriptions.NoticeID]bool
}

func (w *withheld) has(id subscriptions.NoticeID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ids[id]
}

// add reports whether id is new.
func (w *withheld) add(id subscriptions.NoticeID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ids == nil {
		w.ids = map[subscriptions.NoticeID]bool{}
	}
	known := w.ids[id]
	w.ids[id] = true
	return !known
}
