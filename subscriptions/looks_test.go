package subscriptions_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"arifa/subscriptions"
)

// A round over a large audience takes several looks: what one of them found counts at
// once, and until a whole round found less.
func TestLooks(t *testing.T) {
	t.Parallel()
	var l subscriptions.Looks
	live := []subscriptions.NoticeID{7, 8}
	for _, step := range []struct {
		name  string
		to    subscriptions.RecipientID
		found int
		over  bool
		from  subscriptions.RecipientID
		sum   int
	}{
		{"nothing in the first stretch", 100, 0, false, 100, 0},
		{"two in the second", 200, 2, false, 200, 2},
		{"and the end of the round", 250, 1, true, 0, 3},
		{"the next round finds none so far", 100, 0, false, 100, 3},
		{"nor at its end", 250, 0, true, 0, 0},
		{"one again", 100, 1, false, 100, 1},
	} {
		l.Saw(7, step.to, step.found, step.over)
		if from, sum := l.From(7), l.Sum(live); from != step.from || sum != step.sum {
			t.Errorf("%s: the next look begins after %d with %d known, want %d and %d", step.name, from, sum, step.from, step.sum)
		}
	}
	l.Saw(8, 250, 5, true)
	if sum := l.Sum(live); sum != 6 {
		t.Errorf("got %d of two notices, want 6", sum)
	}
	if sum := l.Sum(live[:1]); sum != 1 || l.Sum(live) != 1 {
		t.Errorf("got %d after a notice is over, want 1, and the other forgotten", sum)
	}
}

// skips is a store in which these people have no row, of any notice.
type skips struct {
	live  []subscriptions.NoticeID
	last  subscriptions.RecipientID
	lost  []subscriptions.RecipientID
	asked []string
	away  error
}

func (s *skips) Lookable(context.Context) ([]subscriptions.NoticeID, subscriptions.RecipientID, error) {
	return s.live, s.last, nil
}

func (s *skips) Skipped(_ context.Context, n subscriptions.NoticeID, from, to subscriptions.RecipientID) (found int, err error) {
	s.asked = append(s.asked, fmt.Sprint(n, ":", from, "-", to))
	for _, id := range s.lost {
		if id > from && id <= to {
			found++
		}
	}
	return found, s.away
}

// One call takes ten looks at each notice, the next goes on behind them, and a whole round
// finds everybody once. What could not be asked is an error, and is asked again.
func TestLooksWalkOverEverybody(t *testing.T) {
	t.Parallel()
	var l subscriptions.Looks
	s := &skips{live: []subscriptions.NoticeID{7, 8}, last: 115, lost: []subscriptions.RecipientID{1, 100, 101, 115}}
	for k, want := range []int{2 * 2, 2 * 4, 2 * 4} { // a round of 115 ids, ten at a time, takes two calls
		if got, err := l.Walk(t.Context(), s, 10); err != nil || got != want {
			t.Errorf("call %d: got %d (%v), want %d", k+1, got, err, want)
		}
	}
	if len(s.asked) != 2*(10+2+10) || s.asked[0] != "7:0-10" || !slices.Contains(s.asked, "8:110-115") {
		t.Errorf("asked %v", s.asked)
	}
	s.lost, s.asked = nil, nil
	for range 3 {
		_, _ = l.Walk(t.Context(), s, 10)
	}
	if got, err := l.Walk(t.Context(), s, 10); err != nil || got != 0 {
		t.Errorf("got %d (%v) once they have their rows, want 0", got, err)
	}
	s.asked, s.away = nil, errors.New("connection refused")
	for range 2 {
		if _, err := l.Walk(t.Context(), s, 10); !errors.Is(err, s.away) {
			t.Errorf("got %v, want what went wrong", err)
		}
	}
	if len(s.asked) != 2 || s.asked[0] != s.asked[1] {
		t.Errorf("asked %v, want the same again", s.asked)
	}
}
