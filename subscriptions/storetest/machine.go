package storetest

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"arifa/subscriptions"
)

// Machine publishes, restores, takes ends back, reopens, expands, subscribes, leaves, forgets,
// sends, crashes and reports late in any order, and checks after each step and
// at the end what must hold whatever the order: nobody is skipped, everybody
// told hears exactly one end, nobody else hears one, leaving holds, a recipient
// has at most one unsent message of an incident, sent stays sent, corrected words go
// only to who would not hear of the trouble without, and their correction follows.
//
// Each call of open gives an empty store, which Machine closes.
//
// The number of runs is rapid's: -rapid.checks, -rapid.steps and -rapid.seed;
// without them it is small.
func Machine(t *testing.T, open func(t *testing.T) subscriptions.Store) {
	fewChecks()
	rapid.Check(t, func(rt *rapid.T) {
		s := open(t)
		defer func() {
			if err := s.Close(); err != nil {
				rt.Fatalf("close: %v", err)
			}
		}()
		m := newMachine(rt, t, s)
		rt.Repeat(map[string]func(*rapid.T){
			"publish":     m.publishMore,
			"restore":     m.restoreSome,
			"take back":   m.takeBackEnd,
			"reopen":      m.reopenAll,
			"correct":     m.correctSome,
			"expand":      m.expandPage,
			"subscribe":   m.subscribeSome,
			"leave":       m.leaveSome,
			"forget":      m.forgetOne,
			"lease":       m.leaseSome,
			"finish":      m.finishSome,
			"crash":       m.crash,
			"late report": m.reportLate,
			"sweep":       m.sweepPage,
			"":            m.check,
		})
		m.settle()
	})
}

// fewChecks keeps the default run quick: rapid's own hundred runs are for whoever
// asks for them.
func fewChecks() {
	if f := flag.Lookup("rapid.checks"); f != nil && f.Value.String() == f.DefValue {
		_ = f.Value.Set("6")
	}
}

// machine is what the test itself knows: who follows what, and what reached whom.
type machine struct {
	*world
	rt       *rapid.T
	incident subscriptions.Incident
	notices  map[subscriptions.NoticeID]subscriptions.Notice
	people   map[subscriptions.RecipientID]*citizen
	owner    int
	held     map[subscriptions.DeliveryID]flight // leased by the present owner
	lost     []flight                            // leased by former ones: may still be reported
	unswept  map[subscriptions.DeliveryID]bool   // of these, not known to be swept
	sent     map[subscriptions.DeliveryID]bool   // recorded as sent

	corrections map[subscriptions.NoticeID]subscriptions.Notice
	step        int // of reading
}

type flight struct {
	d     subscriptions.Delivery
	fence int64
	ends  []subscriptions.ServiceID // the services whose end it says
}

// citizen is one person's own view. Heard counts starts and ends that arrived;
// a service is "open" for them from a start to an end.
type citizen struct {
	r       subscriptions.Recipient
	follows map[subscriptions.ServiceID]bool
	quiet   bool // left or dead: nothing may be leased any more
	heard   map[subscriptions.ServiceID]*story
	left    bool // some service, ever
	read    map[subscriptions.NoticeID]wording
}

// story is what one person heard of one service.
type story struct {
	open    bool // a start arrived for sure, or perhaps, and no end since
	sure    bool // the start arrived for sure
	perhaps bool // an end may have arrived, unrecorded: the next one is allowed
	left    bool // no end is owed any more
}

func newMachine(rt *rapid.T, t *testing.T, s subscriptions.Store) *machine {
	w := newWorld(t, s)
	w.fatal, w.helper = rt.Fatalf, rt.Helper
	m := &machine{world: w, rt: rt, notices: map[subscriptions.NoticeID]subscriptions.Notice{}, people: map[subscriptions.RecipientID]*citizen{},
		held: map[subscriptions.DeliveryID]flight{}, unswept: map[subscriptions.DeliveryID]bool{}, sent: map[subscriptions.DeliveryID]bool{}, corrections: map[subscriptions.NoticeID]subscriptions.Notice{}}
	for range 3 {
		m.arrive()
	}
	m.incident = w.open("a")
	m.say(subscriptions.Outage, true, "a")
	return m
}

var all = services("a", "b", "c")

func (m *machine) some(label string) []subscriptions.ServiceID {
	mask := rapid.IntRange(1, 7).Draw(m.rt, label)
	var out []subscriptions.ServiceID
	for k, id := range all {
		if mask&(1<<k) != 0 {
			out = append(out, id)
		}
	}
	return out
}

func (m *machine) arrive() *citizen {
	r := m.person()
	c := &citizen{r: r, follows: map[subscriptions.ServiceID]bool{}, heard: map[subscriptions.ServiceID]*story{}, read: map[subscriptions.NoticeID]wording{}}
	m.people[r.ID] = c
	m.join(c, m.some("follows"))
	return c
}

func (m *machine) join(c *citizen, ids []subscriptions.ServiceID) {
	m.subscribe(c.r.ID, follow(ids...)...)
	c.quiet = false
	for _, id := range ids {
		c.follows[id] = true
		// Who comes back after the end of a service is not owed that end any more.
		if s := c.heard[id]; s != nil && slices.Contains(m.incident.Failing(), id) {
			s.left = false
		}
	}
}

// say publishes a notice that lists everything older as overtaken, as the desk
// does.
func (m *machine) say(k subscriptions.Kind, sound bool, ids ...subscriptions.ServiceID) {
	n := m.notice(m.incident, k, ids...)
	n.Sound = sound
	n.ExpiresAt = m.far()
	n = m.publish(n, &m.incident, m.older(m.incident.ID)...)
	m.notices[n.ID] = n
}

// far is later than anything that happens.
func (m *machine) far() time.Time { return m.now.Add(1000 * time.Hour) }

func (m *machine) publishMore(t *rapid.T) {
	if m.incident.State.Over() {
		t.Skip("nothing fails")
	}
	failing := m.incident.Failing()
	switch rapid.SampledFrom([]string{"worse", "update", "loud update", "alternative"}).Draw(t, "kind") {
	case "worse":
		var more []subscriptions.ServiceID
		for _, id := range m.some("worse") {
			if !slices.Contains(failing, id) {
				more = append(more, id)
			}
		}
		m.tick()
		m.incident = m.claim(m.incident, more...)
		m.say(subscriptions.Update, true, m.incident.Failing()...)
	case "update":
		m.say(subscriptions.Update, false, failing...)
	case "loud update":
		m.say(subscriptions.Update, true, failing...)
	case "alternative":
		m.say(subscriptions.AlternativeNotice, rapid.Bool().Draw(t, "sound"), rapid.SampledFrom(failing).Draw(t, "service"))
	}
}

func (m *machine) restoreSome(t *rapid.T) {
	if m.incident.State.Over() {
		t.Skip("nothing fails")
	}
	var ids []subscriptions.ServiceID
	for _, id := range m.some("restored") {
		if slices.Contains(m.incident.Failing(), id) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		t.Skip("nothing to restore")
	}
	m.tick()
	m.incident = m.end(m.incident, ids...)
	m.say(subscriptions.Restored, true, ids...)
}

// takeBackEnd stops the newest end of this round, of what works still.
func (m *machine) takeBackEnd(t *rapid.T) {
	for _, id := range slices.Backward(slices.Sorted(maps.Keys(m.notices))) {
		n := m.notices[id]
		works := !slices.ContainsFunc(n.Audience[subscriptions.ScopeAll], func(id subscriptions.ServiceID) bool { return slices.Contains(m.incident.Failing(), id) })
		if n.Kind != subscriptions.Restored || n.Round != m.incident.Round || !works {
			continue
		}
		back := m.takeBack(&m.incident, n)
		m.notices[back.ID] = back
		return
	}
	t.Skip("no end can be taken back")
}

func (m *machine) reopenAll(t *rapid.T) {
	if !m.incident.State.Over() {
		t.Skip("it is open")
	}
	m.incident = m.reopen(m.incident, m.some("reopened")...)
	m.say(subscriptions.Outage, true, m.incident.Failing()...)
}

func (m *machine) expandPage(t *rapid.T) {
	_, err := m.s.Expand(m.ctx, rapid.IntRange(1, 3).Draw(t, "page"), m.tick())
	m.must(err)
}

func (m *machine) sweepPage(t *rapid.T) {
	n, err := m.s.Sweep(m.ctx, rapid.IntRange(1, 5).Draw(t, "rows"), m.tick())
	m.must(err)
	if n == 0 {
		clear(m.unswept)
	}
}

func (m *machine) pick(t *rapid.T) *citizen {
	if len(m.people) == 0 {
		t.Skip("nobody is there")
	}
	return m.people[rapid.SampledFrom(slices.Sorted(maps.Keys(m.people))).Draw(t, "citizen")]
}

func (m *machine) subscribeSome(t *rapid.T) {
	if len(m.people) < 5 && rapid.Bool().Draw(t, "new") {
		m.arrive()
		return
	}
	m.join(m.pick(t), m.some("more"))
}

func (m *machine) leaveSome(t *rapid.T) {
	c := m.pick(t)
	ids := m.some("left")
	var scopes []subscriptions.Scope
	if rapid.Bool().Draw(t, "everything") {
		ids = all
	} else {
		scopes = follow(ids...)
	}
	_, err := m.s.Leave(m.ctx, c.r.ID, scopes, m.tick())
	m.must(err)
	for _, id := range ids {
		delete(c.follows, id)
		if s := c.heard[id]; s != nil {
			s.left = true
		} else {
			c.heard[id] = &story{left: true} // a start may be in flight
		}
	}
	c.quiet, c.left = len(c.follows) == 0, true
}

func (m *machine) forgetOne(t *rapid.T) {
	c := m.pick(t)
	m.must(m.s.Forget(m.ctx, c.r.ID, m.tick()))
	delete(m.people, c.r.ID)
}

func (m *machine) ownerName() string { return fmt.Sprint("owner-", m.owner) }

func (m *machine) mine() subscriptions.Tenure {
	t, err := m.s.Acquire(m.ctx, lane, m.ownerName(), time.Hour)
	m.must(err)
	return t
}
