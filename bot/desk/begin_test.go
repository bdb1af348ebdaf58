package desk_test

import (
	"fmt"
	"strings"
	"testing"

	"arifa/bot/desk"
	"arifa/bot/desk/talk"
	"arifa/subscriptions"
)

// begins opens the desk of the present officer at a start.
func (r *room) begins(s talk.Start) []string {
	r.Helper()
	r.begun++
	cards, err := r.talk.Begin(ctx, talk.Heard{Chat: r.me.identity, Private: true, At: r.now}, fmt.Sprint("begin ", r.begun), s)
	r.must(err)
	if s.Do == "outage" && r.shown != nil {
		r.shown.mu.Lock()
		r.shown.seen["begin-outage"] = true
		r.shown.mu.Unlock()
	}
	r.me.mu.Lock()
	for _, c := range cards {
		r.me.show(r.T, c, "", "")
	}
	r.me.mu.Unlock()
	return r.seen()
}

// A button that several may press carries what it is about, and comes back as it
// went; whatever else a network brings is none.
func TestStartsComeBack(t *testing.T) {
	t.Parallel()
	for _, s := range []talk.Start{
		{Do: "home"},
		{Do: "approve", Notice: 7, Hash: strings.Repeat("a", 64)},
		{Do: "no-change", Incident: 12},
		{Do: "publish", Alarm: 3},
	} {
		back, ok := talk.StartOf(s.Data())
		if !ok || back != s || !talk.IsButton(s.Data()) {
			t.Errorf("%q came back as %+v, %v", s.Data(), back, ok)
		}
	}
	for _, data := range []string{"", "s", "s home", "s sing 0 0 0 ", "s home x 0 0 ", "s home 0 0 0 a b", "d token 0"} {
		if s, ok := talk.StartOf(data); ok {
			t.Errorf("%q is taken for %+v", data, s)
		}
	}
}

// Begun twice under one key, a deed is done once.
func TestBegunTwice(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.happen(0, "outage Esther ecitizen-payments")
	r.happen(0, "open Esther")
	h := talk.Heard{Chat: r.me.identity, Private: true, At: r.now}
	before := r.incident(1).NextUpdate
	for range 2 {
		r.pass(1)
		if _, err := r.talk.Begin(ctx, h, "the same tap", talk.Start{Do: "no-change", Incident: 1}); err != nil {
			t.Fatal(err)
		}
	}
	all, err := r.store.Notices(ctx, 1)
	r.must(err)
	said := 0
	for _, n := range all {
		if n.Kind != subscriptions.Outage {
			said++
		}
	}
	if said > 1 || r.incident(1).NextUpdate.Equal(before) && said == 0 {
		t.Errorf("%d words after one tap told twice; next update %v, was %v", said, r.incident(1).NextUpdate, before)
	}
}

// Who is no officer gets no card of the desk, and stands on the record.
func TestNobodyBegins(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.me = r.strange("stranger")
	out := strings.Join(r.begins(talk.Start{Do: "outage", Query: "222222"}), "\n")
	if !strings.Contains(out, "Not done") {
		t.Errorf("a stranger saw\n%s", out)
	}
	lines := r.audit()
	if last := lines[len(lines)-1]; last.Action != string(desk.ActTurnAway) || last.Outcome != "refused" {
		t.Errorf("the record ends with %+v", last)
	}
}
