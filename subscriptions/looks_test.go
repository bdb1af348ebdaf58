package subscriptions_test

import (
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
