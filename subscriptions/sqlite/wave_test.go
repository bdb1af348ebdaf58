package sqlite_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/sqlite"
)

// TestCombinations_change_no_plan drives two stores through the same days, one of
// which plans for everybody by himself: what they hold must be the same.
func TestCombinations_change_no_plan(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("day ", seed), func(t *testing.T) {
			t.Parallel()
			var paths [2]string
			for k := range paths {
				paths[k] = newFile(t)
				s := openAt(t, paths[k], sqlite.Config{})
				if k == 1 {
					s.PlanEach()
				}
				d := &day{t: t, s: s, rand: rand.New(rand.NewPCG(seed, 1)), now: time.Date(2025, 1, 3, 6, 0, 0, 0, time.UTC)}
				d.live()
			}
			got, want := dump(t, paths[0]), dump(t, paths[1])
			mine, theirs := strings.Split(got, "\n"), strings.Split(want, "\n")
			for k := range max(len(mine), len(theirs)) {
				if k >= len(mine) || k >= len(theirs) || mine[k] != theirs[k] {
					t.Fatalf("with combinations %d rows, each by himself %d; row %d:\n%s\n%s", len(mine), len(theirs), k, mine[min(k, len(mine)-1)], theirs[min(k, len(theirs)-1)])
				}
			}
			if strings.Count(want, "\n") < 60 {
				t.Errorf("only %d rows: the days are too quiet", strings.Count(want, "\n"))
			}
		})
	}
}

// day is one random history.
type day struct {
	t    *testing.T
	s    *sqlite.Store
	rand *rand.Rand
	now  time.Time
}

func (d *day) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *day) tick() time.Time { d.now = d.now.Add(time.Second); return d.now }

const dayLane = subscriptions.LaneID("telegram:1")

var dayServices = []subscriptions.ServiceID{"a", "b", "c"}

func (d *day) live() {
	ctx := d.t.Context()
	for n := range 40 {
		r := subscriptions.Recipient{Lane: dayLane, Address: subscriptions.AddressOf(fmt.Sprint(n)), Kind: subscriptions.Person, Language: "en", CreatedAt: d.now}
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

func (d *day) step(i *subscriptions.Incident, first subscriptions.Notice) {
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

func (d *day) incident(i subscriptions.Incident, failing ...subscriptions.ServiceID) subscriptions.Incident {
	for _, id := range failing {
		if s, known := i.Service(id); !known || !s.Failing {
			i.Services = append(i.Services, subscriptions.ServiceState{Service: id, Impact: subscriptions.Blocked, Confirmed: true, Failing: true, Round: 1})
		}
	}
	return i
}

func (d *day) end(i *subscriptions.Incident, id subscriptions.ServiceID) {
	for k := range i.Services {
		if i.Services[k].Service == id {
			i.Services[k].Failing = false
		}
	}
}

func (d *day) say(i *subscriptions.Incident, k subscriptions.Kind, sound bool, corrects subscriptions.NoticeID, ids ...subscriptions.ServiceID) subscriptions.Notice {
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

func (d *day) expand() {
	for {
		e, err := d.s.Expand(d.t.Context(), 7, d.tick())
		d.must(err)
		if e.Notice == 0 {
			return
		}
	}
}

// send sends some of what is due, with every kind of outcome.
func (d *day) send() {
	t, err := d.s.Acquire(d.t.Context(), dayLane, "x", time.Hour)
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

// dump is everything that matters of the deliveries; the ids may differ.
func dump(t *testing.T, path string) string {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var out sql.NullString
	if err := db.QueryRow(`SELECT group_concat(x, char(10)) FROM (SELECT concat_ws(' ', notice_id, recipient_id, state, by, mode, rank, class, asked, carried, 'says', services, 'ends', ends,
		'more', more, 'left', left_services, 'told', told, 'owed', owed, attempt, repeat, message <> '') AS x FROM delivery ORDER BY notice_id, recipient_id)`).Scan(&out); err != nil {
		t.Fatal(err)
	}
	return out.String
}
