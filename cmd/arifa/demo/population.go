package demo

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"arifa/subscriptions"
)

// part says what a citizen does on that day.
type part uint8

const (
	stays     part = iota // follows since long ago
	lost                  // has blocked the bot before; nobody has noticed yet
	early                 // follows before the trouble, through the conversation
	late                  // arrives in mid-outage, through the conversation
	stops                 // says STOP in mid-outage
	blocks                // blocks the bot in mid-outage
	groupTalk             // a group whose administrator talks to the bot before the trouble
	complains             // says that it fails before anybody official has spoken
)

// never is later than everything in a run.
const never = time.Duration(math.MaxInt64)

// citizen is one reader: a person, a group or a public channel. Times are real
// ones since the server's epoch. A hundred thousand of them are a few megabytes.
type citizen struct {
	chat           int64
	asked, from    time.Duration // the follows may hold from asked on, and hold from from on
	leaving, left  time.Duration // they may have ended at leaving, and have ended at left
	firstScope     uint32        // in crowd.follows
	scopes         uint8
	part           part
	kind           kind
	swahili, loner bool // loner: follows one service and nothing else
}

type kind uint8

const (
	person kind = iota
	group
	channel
	slackChannel // a public channel in Slack
)

// crowd is everybody.
type crowd struct {
	*atlas
	people  []citizen
	follows []uint16 // numbers of scopes, citizen after citizen
	byChat  map[int64]int32
	shown   [3]int // the tour driver, the taxpayer and the one who must hear nothing; -1 = none
}

func (c *crowd) scopesOf(i int) []uint16 {
	p := &c.people[i]
	return c.follows[p.firstScope : p.firstScope+uint32(p.scopes)]
}

// hears returns the services of an audience that a citizen is told about.
func (c *crowd) hears(i int, audience []set) set {
	var s set
	for _, no := range c.scopesOf(i) {
		s = s.or(audience[no])
	}
	return s
}

// Chats of people begin where Telegram's ids need more than 32 bits.
const (
	firstPerson  = 5_300_000_001
	firstGroup   = -4_100_000_001
	firstChannel = -1_002_100_000_001
)

// populate makes the crowd of an incident: the same seed makes the same one.
func populate(a *atlas, i Incident, people int, seed uint64) *crowd {
	m := maker{crowd: &crowd{atlas: a, byChat: map[int64]int32{}, shown: [3]int{-1, -1, -1}}, rand: rand.New(rand.NewPCG(seed, 0x41726966)), incident: i}
	m.weigh()
	m.showcase()
	m.complainers(people)
	roles := m.roles(people)
	for n := len(m.people); n < people; n++ {
		m.someone(n, roles(n))
	}
	for n := range max(2, people/200) {
		p := citizen{chat: firstGroup - int64(n), kind: group, part: stays, swahili: n%2 == 0}
		if n < 2 {
			p.part = groupTalk
		}
		m.enter(p, m.one())
	}
	m.channels()
	return m.crowd
}

type maker struct {
	*crowd
	rand     *rand.Rand
	incident Incident
	weights  []float64 // running sum by number of service
	covered  int       // followers of one service each, entered so far
}

// popular are services that many follow; the rest share the other half.
var popular = []subscriptions.ServiceID{"kra-pay-tax", "kra-file-returns", "kplc-tokens", "mpesa-paybill", "ecitizen-pay", "passport-new", "passport-renewal",
	"good-conduct", "dl-renewal", "dl-smart", "id-replacement", "birth-certificate", "kws-nairobi-np", "sha-pay", "sha-claims", "nbi-parking", "helb-apply",
	"helb-repay", "knec-results", "sgr-tickets", "business-name", "nssf-voluntary", "kuccps-apply", "logbook-transfer", "hustler-loan"}

func (m *maker) weigh() {
	sum := 0.0
	for _, s := range m.services {
		w := 1.0
		if at := slices.Index(popular, s.ID); at >= 0 {
			w += 30 / float64(2+at)
		}
		if slices.Contains(m.incident.Services, s.ID) {
			w += 6
		}
		sum += w
		m.weights = append(m.weights, sum)
	}
}

// service picks one by its weight.
func (m *maker) service() uint16 {
	x := m.rand.Float64() * m.weights[len(m.weights)-1]
	no, _ := slices.BinarySearch(m.weights, x)
	return m.scopeNo[subscriptions.ScopeService(m.services[min(no, len(m.services)-1)].ID)]
}

func (m *maker) one() []uint16 { return []uint16{m.service()} }

// showcase enters the three people whose phones are shown.
func (m *maker) showcase() {
	driver, taxpayer, silent := showcase(m.incident)
	for k, id := range []subscriptions.ServiceID{driver, taxpayer, silent} {
		if id == "" {
			continue
		}
		m.shown[k] = len(m.people)
		m.enter(citizen{chat: firstPerson + int64(len(m.people)), swahili: k == 0}, []uint16{m.scopeNo[subscriptions.ScopeService(id)]})
	}
}

// showcase chooses the services of the shown: on 3 January the tour driver at the
// park and the taxpayer, elsewhere those that the reports name.
func showcase(i Incident) (first, second, silent subscriptions.ServiceID) {
	named := slices.DeleteFunc(slices.Clone(i.Services), func(id subscriptions.ServiceID) bool { return !slices.Contains(i.Hear, id) })
	for _, id := range i.Hear {
		if !slices.Contains(named, id) && len(named) < 2 {
			named = append(named, id)
		}
	}
	if n := len(named); n > 0 {
		first = named[n-1]
		if n > 1 {
			second = named[n-2]
		}
	}
	silent = "kplc-tokens"
	if !slices.Contains(i.NotHear, silent) {
		silent = ""
		if len(i.NotHear) > 0 {
			silent = i.NotHear[0]
		}
	}
	return first, second, silent
}

// roles deals out what people do: everything in proportion to the crowd, the
// talkers a few hundred at most.
func (m *maker) roles(people int) func(n int) part {
	counts := []struct {
		part part
		n    int
	}{{early, min(200, people/20)}, {late, min(160, people/25)}, {stops, min(100, people/50)}, {blocks, people / 100}, {lost, people / 60}}
	deal := make([]part, people)
	at := 0
	order := m.rand.Perm(people)
	for _, c := range counts {
		for range max(1, c.n) {
			deal[order[at]] = c.part
			at++
		}
	}
	return func(n int) part { return deal[n] }
}

// someone enters a person. The first ones make sure that every service has a
// follower of its own who stays; then come the habits of a real register.
func (m *maker) someone(n int, p part) {
	c := citizen{chat: firstPerson + int64(n), part: p, swahili: m.rand.Float64() < 0.55}
	if p == stays && m.covered < 2*len(m.services) {
		m.enter(c, []uint16{m.scopeNo[subscriptions.ScopeService(m.services[m.covered%len(m.services)].ID)]})
		m.covered++
		return
	}
	if p == early || p == late {
		m.enter(c, m.one()) // they find one service by talking
		return
	}
	m.enter(c, m.habit())
}

func (m *maker) habit() []uint16 {
	switch x := m.rand.Float64(); {
	case x < 0.72:
		return m.one()
	case x < 0.90:
		return m.several(2 + m.rand.IntN(3))
	case x < 0.93:
		return m.several(7 + m.rand.IntN(4))
	case x < 0.97:
		a := m.nation.Agencies[m.rand.IntN(len(m.nation.Agencies))]
		return []uint16{m.scopeNo[subscriptions.ScopeAgency(a.ID)]}
	case x < 0.99:
		p := m.nation.Platforms[m.rand.IntN(len(m.nation.Platforms))]
		return append(m.one(), m.scopeNo[subscriptions.ScopePlatform(p.ID)])
	}
	return []uint16{m.scopeNo[subscriptions.ScopeAll]}
}

func (m *maker) several(n int) []uint16 {
	var out []uint16
	for len(out) < n {
		if s := m.service(); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// channels enters public channels: everything, an agency, a platform, a service.
func (m *maker) channels() {
	scopes := []subscriptions.Scope{subscriptions.ScopeAll, subscriptions.ScopeAgency("kra"), subscriptions.ScopePlatform("ecitizen-payments"), subscriptions.ScopeService("kws-nairobi-np")}
	for n, s := range scopes {
		if no, ok := m.scopeNo[s]; ok {
			m.enter(citizen{chat: firstChannel - int64(n), kind: channel}, []uint16{no})
		}
	}
}

func (m *maker) enter(c citizen, scopes []uint16) {
	c.firstScope, c.scopes = uint32(len(m.follows)), uint8(len(scopes))
	c.leaving, c.left = never, never
	switch c.part {
	case lost:
		c.leaving, c.left = 0, 0
	case early, late, groupTalk:
		c.asked, c.from = never, never
	}
	_, isService := m.scopes[scopes[0]].Service()
	c.loner = c.kind == person && c.part == stays && len(scopes) == 1 && isService
	m.follows = append(m.follows, scopes...)
	m.byChat[c.chat] = int32(len(m.people))
	m.people = append(m.people, c)
}
