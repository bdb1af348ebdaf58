package storetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"arifa/subscriptions"
)

// check holds after every step.
func (m *machine) check(*rapid.T) {
	waiting := map[subscriptions.RecipientID]subscriptions.DeliveryID{}
	for id := range m.notices {
		for _, d := range m.list(id, subscriptions.Pending) {
			if m.flying(d.ID) {
				continue
			}
			if other, ok := waiting[d.Recipient]; ok {
				m.fatal("recipient %d has two unsent messages, deliveries %d and %d:\n%s", d.Recipient, other, d.ID, m.everything(d.Recipient))
			}
			waiting[d.Recipient] = d.ID
		}
		for _, st := range []subscriptions.DeliveryState{subscriptions.Failed, subscriptions.Unknown, subscriptions.Superseded} {
			for _, d := range m.list(id, st) {
				if m.sent[d.ID] {
					m.fatal("delivery %d was sent and is %s now", d.ID, st)
				}
			}
		}
	}
	if n, err := m.s.Unaccounted(m.ctx, m.now); err != nil || n != 0 {
		m.fatal("got %d unaccounted (%v), want 0", n, err)
	}
}

func (m *machine) list(n subscriptions.NoticeID, st subscriptions.DeliveryState) []subscriptions.Delivery {
	m.helper()
	ds, err := m.s.Deliveries(m.ctx, n, st, 0, 1000)
	m.must(err)
	return ds
}

// everything tells what a recipient has, for the message of a failure.
func (m *machine) everything(r subscriptions.RecipientID) string {
	m.helper()
	var b strings.Builder
	for _, id := range slices.Sorted(slices.Values(slices.Concat(slices.Collect(maps.Keys(m.notices)), slices.Collect(maps.Keys(m.corrections))))) {
		n, err := m.s.Notice(m.ctx, id)
		m.must(err)
		st, d := m.state(id, r)
		fmt.Fprintf(&b, "notice %d %s %v round %d overtaken by %d: delivery %d %s %s %v\n", id, n.Kind, n.Audience[subscriptions.ScopeAll], n.Round, n.Overtaken, d.ID, st, d.Mode, d.Services)
	}
	return b.String()
}

// flying reports whether a lane holds the row, or held it when it crashed and
// nobody has swept since.
func (m *machine) flying(id subscriptions.DeliveryID) bool {
	_, ok := m.held[id]
	return ok || m.unswept[id]
}

// settle lets everything run out, twice: first the trouble as it stands, then
// its end. Then everybody must have heard what was theirs.
func (m *machine) settle() {
	m.runOut()
	m.wantCorrected()
	failing := m.incident.Failing()
	for id, c := range m.people {
		for _, svc := range failing {
			if s := c.heard[svc]; c.follows[svc] && (s == nil || !s.open) {
				m.fatal("recipient %d follows %s, which fails, and was not told", id, svc)
			}
		}
	}
	if !m.incident.State.Over() {
		m.tick()
		m.incident = m.end(m.incident)
		m.say(subscriptions.Restored, true, failing...)
	}
	m.runOut()
	for id, c := range m.people {
		for svc, s := range c.heard {
			if s.open && s.sure && !s.left && !s.perhaps {
				m.fatal("recipient %d was told that %s fails and has not heard the end", id, svc)
			}
		}
	}
	m.wantCorrected()
	for _, id := range slices.Concat(slices.Collect(maps.Keys(m.notices)), slices.Collect(maps.Keys(m.corrections))) {
		if ds := m.list(id, subscriptions.Pending); len(ds) > 0 {
			m.fatal("notice %d: got %v still pending, want everything settled", id, said(ds))
		}
	}
}

// runOut finishes what is in flight, expands, sweeps and sends until the lane is
// empty.
func (m *machine) runOut() {
	for range 100 {
		for _, f := range m.held {
			m.finish(f, "sent")
		}
		m.expand()
		m.sweep()
		clear(m.unswept)
		m.check(nil)
		m.tick()
		if len(m.take(10)) == 0 {
			return
		}
	}
	m.fatal("the lane does not run dry")
}
