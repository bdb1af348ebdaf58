package storetest

import (
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"arifa/subscriptions"
)

func (m *machine) leaseSome(t *rapid.T) {
	m.take(rapid.IntRange(1, 4).Draw(t, "rows"))
}

// take leases and sends: what is leased reaches its reader now, whatever is
// recorded later.
func (m *machine) take(max int) []subscriptions.Delivery {
	tenure := m.mine()
	ds, err := m.s.Lease(m.ctx, tenure, max, m.tick())
	m.must(err)
	for _, d := range ds {
		c := m.people[d.Recipient]
		switch {
		case c == nil:
			m.fatal("leased %v for an erased recipient", said(ds))
		case c.quiet:
			m.fatal("leased %v for somebody who left", said([]subscriptions.Delivery{d}))
		}
		m.needed(c, d)
		for id, f := range m.held {
			if f.d.Recipient == d.Recipient && id != d.ID {
				m.fatal("two messages of one incident in flight to recipient %d: %d and %d", d.Recipient, id, d.ID)
			}
		}
		m.held[d.ID] = flight{d, tenure.Fence, m.working(d)}
	}
	return ds
}

// hear notes that a delivery reached its reader: surely, or perhaps only.
func (m *machine) hear(f flight, sure bool) {
	c := m.people[f.d.Recipient]
	if c == nil || m.read(f, sure) {
		return
	}
	for _, id := range f.d.Services {
		s := c.heard[id]
		if s == nil {
			s = &story{}
			c.heard[id] = s
		}
		switch {
		case !slices.Contains(f.ends, id):
			s.open, s.sure = true, s.sure || sure
		case !s.open && !s.perhaps:
			m.fatal("recipient %d hears the end of %s (%v) without a start before", f.d.Recipient, id, said([]subscriptions.Delivery{f.d}))
		case sure:
			*s = story{left: s.left}
		default:
			s.perhaps = true
		}
	}
}

// working are the services of a delivery that do not fail as it is leased: it
// says their end.
func (m *machine) working(d subscriptions.Delivery) []subscriptions.ServiceID {
	var out []subscriptions.ServiceID
	for _, id := range d.Services {
		if s, _ := m.incident.Service(id); !s.Failing {
			out = append(out, id)
		}
	}
	return out
}

func (m *machine) finishSome(t *rapid.T) {
	if len(m.held) == 0 {
		t.Skip("nothing is in flight")
	}
	d := m.held[rapid.SampledFrom(slices.Sorted(maps.Keys(m.held))).Draw(t, "delivery")]
	m.finish(d, rapid.SampledFrom([]string{"sent", "sent", "sent", "unknown", "again", "again, perhaps arrived", "given back"}).Draw(t, "outcome"))
}

func (m *machine) finish(f flight, outcome string) {
	res := subscriptions.Result{ID: f.d.ID, Fence: f.fence, Counted: true, At: m.tick(), Message: messageOf(f.d, subscriptions.Sent)}
	switch outcome {
	case "sent":
		res.State = subscriptions.Sent
		m.hear(f, true)
		m.sent[f.d.ID] = true
	case "unknown":
		res.State, res.Message = subscriptions.Unknown, ""
		m.hear(f, false)
	case "again, perhaps arrived":
		res.State, res.Message, res.NextAt = subscriptions.Unknown, "", m.now.Add(time.Second)
		m.hear(f, false)
	case "again":
		res.State, res.Message, res.NextAt = subscriptions.Pending, "", m.now.Add(time.Second)
	case "given back":
		res.State, res.Message, res.Counted = subscriptions.Pending, "", false
	}
	delete(m.held, f.d.ID)
	m.must(m.s.Finish(m.ctx, []subscriptions.Result{res}))
}

// crash ends the owner without a word: what it held may have arrived.
func (m *machine) crash(*rapid.T) {
	for _, id := range slices.Sorted(maps.Keys(m.held)) {
		f := m.held[id]
		m.hear(f, false)
		m.lost = append(m.lost, f)
		m.unswept[id] = true
	}
	m.held = map[subscriptions.DeliveryID]flight{}
	from := m.ownerName()
	m.owner++
	m.usurp(from, m.ownerName())
}

// reportLate brings a former owner's word about what it had sent.
func (m *machine) reportLate(t *rapid.T) {
	if len(m.lost) == 0 {
		t.Skip("nobody crashed")
	}
	k := rapid.IntRange(0, len(m.lost)-1).Draw(t, "which")
	f := m.lost[k]
	m.lost = slices.Delete(m.lost, k, k+1)
	m.must(m.s.Finish(m.ctx, []subscriptions.Result{{ID: f.d.ID, Fence: f.fence, State: subscriptions.Sent, Message: messageOf(f.d, subscriptions.Sent), Counted: true, At: m.tick()}}))
	if c := m.people[f.d.Recipient]; c != nil {
		m.sent[f.d.ID] = true
	}
}
