package console_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"arifa/bot/console"
	"arifa/subscriptions"
)

// An officer is in at so many places at once; with one more the oldest ends, and the
// record says so. A visit that was left does not count, and nobody else's is touched.
func TestVisitsAreFew(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := b.comes(b.kraSecond)
	var all []*browser
	for range console.MostVisits {
		all = append(all, b.comes(b.kraAuthor))
	}
	all[1].want(all[1].post("/desk/sign-out"), http.StatusSeeOther, "")
	all = append(append(all[:1:1], all[2:]...), b.comes(b.kraAuthor))
	if in := whoIsIn(all); in != "yyyyy" {
		t.Errorf("with one left and one begun: %s are in, want all of them", in)
	}
	if n := b.crowded(); n != 0 {
		t.Errorf("the record tells of %d visits that were too many, want none", n)
	}
	all = append(all, b.comes(b.kraAuthor))
	if in := whoIsIn(all); in != "nyyyyy" {
		t.Errorf("with one too many: %s are in, want all but the oldest", in)
	}
	all[0].want(all[0].post("/desk/incidents/1/no-change"), http.StatusUnauthorized, "Sign in")
	if n := b.crowded(); n != 1 {
		t.Errorf("the record tells of %d visits that were too many, want one", n)
	}
	other.want(other.get("/desk/"), 200, "")

	// After signing out everywhere she begins at one again.
	all[3].want(all[3].post("/desk/me/sign-out"), http.StatusSeeOther, "")
	b.pass(time.Second)
	again := []*browser{b.comes(b.kraAuthor), b.comes(b.kraAuthor)}
	if in := whoIsIn(append(again, all...)); in != "yynnnnnn" {
		t.Errorf("after signing out everywhere: %s are in, want the two that came since", in)
	}
	if n := b.crowded(); n != 1 {
		t.Errorf("the record tells of %d visits that were too many, want one still", n)
	}
}

func whoIsIn(all []*browser) (in string) {
	for _, w := range all {
		in += map[bool]string{true: "y", false: "n"}[w.get("/desk/").StatusCode == 200]
	}
	return in
}

// crowded counts the lines of the record that tell of a visit too many.
func (b *bundle) crowded() (n int) {
	b.Helper()
	lines, err := b.store.AuditLines(ctx, 0, 1000)
	b.must(err)
	for _, l := range lines {
		if l.Officer == b.kraAuthor.Officer.ID && strings.Contains(l.Detail, "the oldest ended") {
			n++
		}
	}
	return n
}

// A token leads to a visit and never to the list of somebody's visits.
func TestListOfVisitsIsNobodysVisit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.comes(b.kraAuthor)
	w := b.browser()
	w.head = http.Header{"Cookie": {"arifa-desk=" + console.ListOf(b.kraAuthor.Officer.ID)}}
	w.want(w.get("/desk/"), 401, "Sign in")
	if _, err := b.store.Session(ctx, console.ListOf(b.kraAuthor.Officer.ID), b.clock()); err != nil {
		t.Errorf("there is no list: %v", err)
	}
	if _, err := b.store.Session(ctx, console.ListOf(b.kraSecond.Officer.ID), b.clock()); !errors.Is(err, subscriptions.ErrNotFound) {
		t.Errorf("who never came has a list: %v", err)
	}
}
