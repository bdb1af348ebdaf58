package main

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
)

// What keeps words from going out is said to the officer who has just spoken, with
// what to do about it; where nothing does, nothing is said.
func TestHindrancesOfSending(t *testing.T) {
	t.Parallel()
	kenya, err := catalogue.Kenya()
	if err != nil {
		t.Fatal(err)
	}
	o := &office{nation: kenya}
	now := time.Date(2025, 1, 3, 3, 4, 0, 0, time.UTC)
	const telegram, slack = subscriptions.LaneID("telegram:1"), subscriptions.LaneID("slack:T1")
	lane := func(id subscriptions.LaneID, change func(*subscriptions.Lane)) subscriptions.Lane {
		l := subscriptions.Lane{ID: id, Tenure: subscriptions.Tenure{Owner: "serve", Until: now.Add(20 * time.Second)}}
		if change != nil {
			change(&l)
		}
		return l
	}
	for _, c := range []struct {
		name  string
		lanes []subscriptions.Lane
		want  []string // a part of each line
	}{
		{"it goes", []subscriptions.Lane{lane(telegram, nil)}, nil},
		{"a lease about to be renewed", []subscriptions.Lane{lane(telegram, func(l *subscriptions.Lane) { l.Tenure.Until = now.Add(-time.Second) })}, nil},
		{"no lane was ever made", nil, []string{`Start "arifa serve"`}},
		{"serve has ended", []subscriptions.Lane{lane(telegram, func(l *subscriptions.Lane) { l.Tenure.Until = now.Add(-time.Minute) })}, []string{`Start "arifa serve"`}},
		{"serve gave its lane back", []subscriptions.Lane{lane(telegram, func(l *subscriptions.Lane) { l.Tenure.Owner = "" })}, []string{`Start "arifa serve"`}},
		{"serve runs without this token", []subscriptions.Lane{lane(telegram, func(l *subscriptions.Lane) { l.Tenure.Owner = "" }), lane("webchat", nil)},
			[]string{`Nobody sends through telegram:1: start "arifa serve" with its token`}},
		{"serve runs without two tokens", []subscriptions.Lane{lane("telegram:0", func(l *subscriptions.Lane) { l.Tenure.Owner = "" }), lane(telegram, func(l *subscriptions.Lane) { l.Tenure.Owner = "" }), lane("webchat", nil)},
			[]string{"Nobody sends through telegram:0", "Nobody sends through telegram:1"}},
		{"held", []subscriptions.Lane{lane(telegram, func(l *subscriptions.Lane) { l.Held = true })}, []string{"telegram:1, held. What to do: look at what is owed (arifa incident list), then an admin says: arifa lane release."}},
		{"halted", []subscriptions.Lane{lane(telegram, func(l *subscriptions.Lane) {
			l.PausedUntil, l.PausedWhy = now.Add(time.Minute), notifiers.WhyHalted+"401 Unauthorized"
		})}, []string{"telegram:1, halted: 401 Unauthorized. What to do: renew the credential; it is tried again at 3 Jan 2025 06:05 (arifa doctor"}},
		{"halted, and tried again", []subscriptions.Lane{lane(telegram, func(l *subscriptions.Lane) {
			l.PausedUntil, l.PausedWhy = now.Add(-time.Minute), notifiers.WhyHalted+"401 Unauthorized"
		})}, []string{"telegram:1, halted and being tried again: 401 Unauthorized"}},
		{"asked to wait", []subscriptions.Lane{lane(telegram, func(l *subscriptions.Lane) {
			l.PausedUntil, l.PausedWhy = now.Add(time.Minute), notifiers.WhyNetwork+"429"
		})}, []string{"telegram:1, waiting: 429. What to do: the network asked for it; it goes on at 3 Jan 2025 06:05."}},
		{"the wait is over", []subscriptions.Lane{lane(telegram, func(l *subscriptions.Lane) { l.PausedUntil, l.PausedWhy = now, notifiers.WhyNetwork+"429" })}, nil},
		{"paused by an admin", []subscriptions.Lane{lane(telegram, func(l *subscriptions.Lane) { l.PausedUntil, l.PausedWhy = now.AddDate(100, 0, 0), "by hand" })},
			[]string{"telegram:1, paused: by hand. What to do: an admin says: arifa lane resume telegram:1."}},
		{"another lane's trouble is not hers", []subscriptions.Lane{lane(telegram, nil), lane(slack, func(l *subscriptions.Lane) { l.Held = true })}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := o.hindrances(c.lanes, func(l subscriptions.LaneID) bool { return l.Network() == "telegram" }, now)
			if len(got) != len(c.want) {
				t.Fatalf("got %q, want %q", got, c.want)
			}
			for k, w := range c.want {
				if !strings.Contains(got[k], w) {
					t.Errorf("got %q, want %q in it", got[k], w)
				}
			}
		})
	}
}

// Who publishes while nobody runs "serve" learns it at once, and progress says it
// beside what citizens report.
func TestOfficerLearnsThatNobodySends(t *testing.T) {
	t.Parallel()
	s := newSeat(t)
	lane := subscriptions.LaneID("telegram:1")
	past := time.Now().UTC().Add(-time.Hour).Truncate(time.Millisecond)
	r, err := s.store.SaveRecipient(t.Context(), subscriptions.Recipient{Lane: lane, Address: subscriptions.AddressOf("7"), Kind: subscriptions.Person, Language: "en", CreatedAt: past})
	if err != nil {
		t.Fatal(err)
	}
	follow := []subscriptions.Follow{{Scope: subscriptions.ScopeService("kra-pay-tax"), Since: past, Consent: "test"}}
	if _, err := s.store.Subscribe(t.Context(), r.ID, follow, past); err != nil {
		t.Fatal(err)
	}
	out := s.done("", "incident", "open", "--platforms", "ecitizen-payments", "--since", "-30m", "--publish")
	if !strings.Contains(out, "Nobody sends: no program runs on this database. Start \"arifa serve\"") {
		t.Errorf("published:\n%s", out)
	}
	for k := range 3 {
		_, _, err := s.store.PutReport(t.Context(), subscriptions.Report{Lane: lane, Address: subscriptions.AddressOf(strconv.Itoa(100 + k)), Kind: subscriptions.Person,
			Service: "kra-pay-tax", Tried: subscriptions.TriedMpesaApp, At: time.Now().UTC().Truncate(time.Millisecond)})
		if err != nil {
			t.Fatal(err)
		}
	}
	key := s.newest(1)
	out = s.done("", "notice", "progress", key)
	for _, want := range []string{"0 of ", "3 reports since ", "mostly M-PESA app", "Nobody sends"} {
		if !strings.Contains(out, want) {
			t.Errorf("progress does not say %q:\n%s", want, out)
		}
	}
	if out := s.done("", "notice", "progress", key, "--json"); !strings.Contains(out, `"reports": 3`) || !strings.Contains(out, `"Expanded": false`) {
		t.Errorf("for machines:\n%s", out)
	}
}
