package demo

import (
	"slices"
	"time"
	"unsafe"

	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

// What tests in the external package need.
var (
	Wrap      = wrap
	Thousands = thousands
	TOTP      = totp
)

// CitizenBytes is the size of one citizen.
const CitizenBytes = unsafe.Sizeof(citizen{})

// Crowd is a crowd and a case against the program that a test makes up.
type Crowd struct{ evidence }

// Small makes people who follow these scopes, one person each.
func Small(n *subscriptions.Nation, scopes ...subscriptions.Scope) *Crowd {
	a, err := newAtlas(n)
	if err != nil {
		panic(err)
	}
	c := &crowd{atlas: a, byChat: map[int64]int32{}, shown: [3]int{-1, -1, -1}}
	m := maker{crowd: c}
	for i, s := range scopes {
		m.enter(citizen{chat: int64(i + 1)}, []uint16{a.scopeNo[s]})
	}
	return &Crowd{evidence{crowd: c}}
}

// Joins and Leaves move the times of person i.
func (c *Crowd) Joins(i int, asked, from time.Duration) {
	c.people[i].asked, c.people[i].from, c.people[i].part = asked, from, late
}
func (c *Crowd) Leaves(i int, leaving, left time.Duration) {
	c.people[i].leaving, c.people[i].left, c.people[i].part = leaving, left, stops
}

// Outage, End and Correction are words of a body on platforms or services, begun
// and committed at a time.
func (c *Crowd) Outage(key string, at time.Duration, platforms ...subscriptions.PlatformID) {
	w := &world{atlas: c.atlas}
	p, _ := c.nation.Platform(platforms[0])
	w.claim(p.Operator, platforms, nil)
	s := &said{keys: []string{key}, sort: alert, begun: at, committed: at, failing: w.failing()}
	var via []subscriptions.PlatformID
	s.services, via = w.spoken(p.Operator, nil)
	s.audience = c.audience(s.services, via)
	c.said = append(c.said, s)
}

func (c *Crowd) End(key string, at time.Duration) {
	last := c.said[len(c.said)-1]
	c.said = append(c.said, &said{keys: []string{key}, sort: end, begun: at, committed: at, services: last.failing, audience: c.audience(last.failing, nil)})
}

func (c *Crowd) Correction(key string, at time.Duration, services ...subscriptions.ServiceID) {
	s := c.set(services)
	c.said = append(c.said, &said{keys: []string{key}, sort: word, begun: at, committed: at, services: s, audience: c.audience(s, nil)})
}

// FalseWakeUps counts alarms about what did not fail in an incident.
func (c *Crowd) FalseWakeUps(i Incident, alarms ...subscriptions.Alarm) int {
	return c.falseWakeUps(i, alarms)
}

// Quiet is a moment with nothing left to do.
func (c *Crowd) Quiet(at time.Duration) {
	q := quiet{at: at, said: len(c.said)}
	if n := len(c.said); n > 0 {
		q.failing = c.said[n-1].failing
	}
	c.quiets = append(c.quiets, q)
}

// CutNewest says that something newer was said before the newest wave was over.
func (c *Crowd) CutNewest() { c.said[len(c.said)-1].cut = true }

// Expect are the services of the incident file.
func (c *Crowd) Expect(hear, notHear []subscriptions.ServiceID) {
	c.incident.Hear, c.incident.NotHear = hear, notHear
}

// Judge judges a made-up ledger.
func (c *Crowd) Judge(ledger []telegramtest.Entry) Result {
	c.ledger = slices.Values(ledger)
	v := judge(c.evidence)
	return Result{Missed: v.missed, Duplicates: v.duplicates, Strangers: v.strangers, Stale: v.stale, NoEnd: v.noEnd, Sent: v.sent, Edited: v.edited,
		Hear: v.hear, NotHear: v.notHear, FirstMessageMS: v.first.Milliseconds(), Violations: v.examples}
}

// Reached works out, without any program, which services' followers hear of a
// replay.
func Reached(n *subscriptions.Nation, i Incident) []subscriptions.ServiceID {
	a, err := newAtlas(n)
	if err != nil {
		panic(err)
	}
	w := &world{atlas: a}
	var all set
	for _, s := range i.Replay {
		switch {
		case s.Act == ActRestored:
			w.restore(s.By, s.Platforms, s.Services)
		case s.Kind == subscriptions.Correction:
			all = all.or(a.set(s.Services))
		case s.Kind != "":
			if s.Act == ActOpen || s.Act == ActJoin {
				w.claim(s.By, s.Platforms, s.Services)
			}
			told, _ := w.spoken(s.By, s.Services)
			all = all.or(told)
		}
	}
	return a.ids(all)
}

// Faces lists every citizen of a crowd as text, and how many loners each service has.
func Faces(n *subscriptions.Nation, i Incident, people int, seed uint64) (faces []string, loners map[subscriptions.ServiceID]int, parts map[string]int) {
	a, err := newAtlas(n)
	if err != nil {
		panic(err)
	}
	c := populate(a, i, people, seed)
	j := judging{evidence: evidence{crowd: c}}
	loners, parts = map[subscriptions.ServiceID]int{}, map[string]int{}
	for k := range c.people {
		p := &c.people[k]
		faces = append(faces, j.who(k))
		if id, ok := c.scopes[c.scopesOf(k)[0]].Service(); ok && p.loner {
			loners[id]++
		}
		parts[[...]string{"stays", "lost", "early", "late", "stops", "blocks", "group talk", "complains"}[p.part]]++
		parts[[...]string{"person", "group", "channel"}[p.kind]]++
	}
	return faces, loners, parts
}
