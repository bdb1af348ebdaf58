package storetest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"arifa/subscriptions"
)

// Day drives a store through one random history: people with follows and watches,
// notices of every kind, leaving and coming back, and every outcome of sending. The
// same seed makes the same history, so that two ways of doing the same thing can be
// held against each other.
func Day(t *testing.T, s subscriptions.Store, seed uint64) {
	t.Helper()
	d := &history{t: t, s: s, rand: rand.New(rand.NewPCG(seed, 1)), now: time.Date(2025, 1, 3, 6, 0, 0, 0, time.UTC)}
	d.live()
}

// Combinations drives two stores through the same days, one of which (each) plans for
// everybody by himself, marks every row that it leases and writes every result by
// itself: what they hold must be the same. dayOf is everything that matters of the
// deliveries after a day, a line each.
func Combinations(t *testing.T, days uint64, dayOf func(t *testing.T, each bool, seed uint64) string) {
	for seed := range days {
		t.Run(fmt.Sprint("day ", seed), func(t *testing.T) {
			t.Parallel()
			got, want := strings.Split(dayOf(t, false, seed), "\n"), strings.Split(dayOf(t, true, seed), "\n")
			for k := range max(len(got), len(want)) {
				if k >= len(got) || k >= len(want) || got[k] != want[k] {
					t.Fatalf("together %d rows, each by himself %d; row %d:\n%s\n%s", len(got), len(want), k, got[min(k, len(got)-1)], want[min(k, len(want)-1)])
				}
			}
			if len(want) < 30 {
				t.Errorf("only %d rows: the day is too quiet", len(want))
			}
		})
	}
}

// history is one random history.
type history struct {
	t    *testing.T
	s    subscriptions.Store
	rand *rand.Rand
	now  time.Time
}

func (d *history) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *history) tick() time.Time { d.now = d.now.Add(time.Second); return d.now }

var dayServices = []subscriptions.ServiceID{"a", "b", "c"}

func (d *history) live() {
	ctx := d.t.Context()
	for n := range 40 {
		r := subscriptions.Recipient{Lane: lane, Address: subscriptions.AddressOf(fmt.Sprint(n)), Kind: subscriptions.Person, Language: "en", CreatedAt: d.now}
		if n%13 == 0 {
			r.Kind = subscriptions.Channel
		}
		if n%7 == 0 {
			r.AskedAt = d.now
		}
		r, err := d.s.SaveRecipient(ctx, r)
		d.must(err)
		var follows []subscriptions.Follow
		for _, id := range dayServices {
			switch d.rand.IntN(5) {
			case 0:
				follows = append(follows, subscriptions.Follow{Scope: subscriptions.ScopeService(id), Consent: "x"})
			case 1:
				follows = append(follows, subscriptions.Follow{Scope: subscriptions.ScopeService(id), Until: d.now.Add(time.Duration(1+d.rand.IntN(40)) * time.Second), Consent: "x"})
			}
		}
		if d.rand.IntN(9) == 0 {
			follows = append(follows, subscriptions.Follow{Scope: subscriptions.ScopeAll, Consent: "x"})
		}
		_, err = d.s.Subscribe(ctx, r.ID, follows, d.tick())
		d.must(err)
	}
	i := d.incident(subscriptions.Incident{State: subscriptions.Investigating, Round: 1, OpenedAt: d.now}, "a", "b")
	first := d.say(&i, subscriptions.Outage, true, 0, "a", "b")
	for range 14 {
		d.step(&i, first)
	}
	d.expand()
}

func (d *history) step(i *subscriptions.Incident, first subscriptions.Notice) {
	switch d.rand.IntN(8) {
	case 0:
		*i = d.incident(*i, "c")
		d.say(i, subscriptions.Update, d.rand.IntN(2) == 0, 0, i.Failing()...)
	case 1:
		if f := i.Failing(); len(f) > 1 {
			d.end(i, f[0])
			d.say(i, subscriptions.Restored, true, 0, f[0])
		}
	case 2:
		d.say(i, subscriptions.AlternativeNotice, true, 0, i.Failing()[0])
	case 3:
		d.say(i, subscriptions.Correction, true, first.ID, "a")
	case 4:
		_, err := d.s.Leave(d.t.Context(), subscriptions.RecipientID(1+d.rand.IntN(40)), nil, d.tick())
		d.must(err)
	case 5:
		_, err := d.s.Subscribe(d.t.Context(), subscriptions.RecipientID(1+d.rand.IntN(40)), []subscriptions.Follow{{Scope: subscriptions.ScopeService("b"), Consent: "x"}}, d.tick())
		d.must(err)
	default:
		d.expand()
		d.send()
	}
}

func (d *history) incident(i subscriptions.Incident, failing ...subscriptions.ServiceID) subscriptions.Incident {
	for _, id := range failing {
		if s, known := i.Service(id); !known || !s.Failing {
			i.Services = append(i.Services, subscriptions.ServiceState{Service: id, Impact: subscriptions.Blocked, Confirmed: true, Failing: true, Round: 1})
		}
	}
	return i
}

func (d *history) end(i *subscriptions.Incident, id subscriptions.ServiceID) {
	for k := range i.Services {
		if i.Services[k].Service == id {
			i.Services[k].Failing = false
		}
	}
}

func (d *history) say(i *subscriptions.Incident, k subscriptions.Kind, sound bool, corrects subscriptions.NoticeID, ids ...subscriptions.ServiceID) subscriptions.Notice {
	a := subscriptions.Audience{subscriptions.ScopeAll: ids}
	for _, id := range ids {
		a[subscriptions.ScopeService(id)] = []subscriptions.ServiceID{id}
	}
	n := subscriptions.Notice{Incident: i.ID, Round: 1, Kind: k, State: subscriptions.Published, Sound: sound, Audience: a, Corrects: corrects, PublishedAt: d.tick(), ExpiresAt: d.now.Add(time.Hour)}
	ch, err := d.s.Commit(d.t.Context(), subscriptions.Change{Incident: i, Notices: []subscriptions.Notice{n}, Now: d.now})
	d.must(err)
	*i = *ch.Incident
	return ch.Notices[0]
}

func (d *history) expand() {
	for {
		e, err := d.s.Expand(d.t.Context(), 7, d.tick())
		d.must(err)
		if e.Notice == 0 {
			return
		}
	}
}

// send sends some of what is due, with every kind of outcome.
func (d *history) send() {
	t, err := d.s.Acquire(d.t.Context(), lane, "x", time.Hour)
	d.must(err)
	ds, err := d.s.Lease(d.t.Context(), t, 1000, d.tick()) // all: of equal rank, who comes first may differ
	d.must(err)
	var rs []subscriptions.Result
	for _, x := range ds {
		r := subscriptions.Result{ID: x.ID, Fence: t.Fence, State: subscriptions.Sent, Message: fmt.Sprint("m", x.ID), Counted: true, At: d.now}
		switch n := int(x.Recipient) % 11; {
		case n == 0:
			r.State, r.Message = subscriptions.Unknown, ""
		case n == 1:
			r.State, r.Message, r.NextAt = subscriptions.Pending, "", d.now.Add(2*time.Second)
		case n == 2:
			r.State, r.Message = subscriptions.Failed, ""
		case n == 3:
			continue // it stays in flight
		}
		rs = append(rs, r)
	}
	d.must(d.s.Finish(d.t.Context(), rs))
}
