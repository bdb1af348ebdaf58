package storetest

import (
	"maps"
	"slices"

	"pgregory.net/rapid"

	"arifa/subscriptions"
)

// wording is what one citizen has read of a notice that may be corrected, and of a
// correction: when last, and how often.
type wording struct {
	at     int // the step
	times  int // surely or perhaps
	surely int
}

// correctSome takes the words of any notice back, for some services.
func (m *machine) correctSome(t *rapid.T) {
	if len(m.corrections) == 3 {
		t.Skip("enough is corrected")
	}
	all := slices.Sorted(maps.Keys(m.notices))
	if rapid.Bool().Draw(t, "the newest") {
		all = all[len(all)-1:]
	}
	wrong := m.notices[rapid.SampledFrom(all).Draw(t, "wrong")]
	c := m.notice(m.incident, subscriptions.Correction, m.some("corrected for")...)
	c.Corrects, c.Sound, c.Money, c.ExpiresAt = wrong.ID, true, rapid.Bool().Draw(t, "money"), m.far()
	c = m.publish(c, &m.incident)
	m.corrections[c.ID] = c
}

// corrected lists the corrections of a notice.
func (m *machine) corrected(id subscriptions.NoticeID) (by []subscriptions.NoticeID) {
	for _, c := range m.corrections {
		if c.Corrects == id {
			by = append(by, c.ID)
		}
	}
	return by
}

// needed fails where corrected words are leased for somebody to whom they tell nothing
// of the trouble that is not known, or who would read them in place of right ones.
func (m *machine) needed(c *citizen, d subscriptions.Delivery) {
	if len(m.corrected(d.Notice)) == 0 || m.notices[d.Notice].Kind == subscriptions.Restored {
		return
	}
	news := c.left || len(m.working(d)) > 0 || slices.ContainsFunc(d.Services, func(id subscriptions.ServiceID) bool {
		s := c.heard[id]
		return s == nil || !s.open || !s.sure || s.perhaps
	})
	if d.Mode != subscriptions.AsMessage || !news {
		m.fatal("recipient %d is told corrected words in vain: %v\n%s", d.Recipient, said([]subscriptions.Delivery{d}), m.everything(d.Recipient))
	}
}

// read notes that a citizen has, or may have, read a notice, and reports whether it was a
// correction, which tells no trouble.
func (m *machine) read(f flight, sure bool) (correction bool) {
	c := m.people[f.d.Recipient]
	m.step++
	w := c.read[f.d.Notice]
	w.at, w.times = m.step, w.times+1
	if sure {
		w.surely++
	}
	c.read[f.d.Notice] = w
	n, correction := m.corrections[f.d.Notice]
	if wrong := c.read[n.Corrects]; correction && w.surely > 1+wrong.times {
		m.fatal("recipient %d reads the wrong words %d times, and their correction the %dth time", f.d.Recipient, wrong.times, w.surely)
	}
	return correction
}

// wantCorrected: whoever read wrong words has read their correction since.
func (m *machine) wantCorrected() {
	m.helper()
	for id, c := range m.people {
		for _, n := range m.corrections {
			if w := c.read[n.Corrects]; w.surely > 0 && !c.left && c.read[n.ID].at < w.at {
				m.fatal("recipient %d has read notice %d after its correction %d, or never read that\n%s", id, n.Corrects, n.ID, m.everything(id))
			}
		}
	}
}
