package telegram_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"arifa/subscriptions"
)

// leaving is a conversation in which people can leave ahead of the others.
type leaving struct {
	*talk
	mu   sync.Mutex
	left []string
}

func (l *leaving) Stops(text string) bool { return text == "STOP" }

func (l *leaving) Leave(_ context.Context, _ subscriptions.LaneID, a subscriptions.Address, _ time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left = append(l.left, a.Reveal())
	return nil
}

func (l *leaving) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.left)
}

// G10: who says STOP has left although so many wait to be answered that nobody else
// is heard; who says anything else stays.
func TestG10StopDoesNotStandBehindOtherPeople(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	l := &leaving{talk: w.talk}
	w.cfg.Conversation = l
	lane := &stuck{w.reply, make(chan struct{})}
	w.cfg.Reply, w.cfg.Workers = lane.say, 2
	others := []int64{11, 12, 13, 14, 15, 16, 17, 18}
	w.start(t, append(slices.Clone(others), 99, 98)...)
	w.says(t, 99, "STOP")
	w.says(t, 98, "kra STOP")
	ears := w.ch.Ears(w.cfg).Hasten(20 * time.Millisecond)
	ears.Patience(10*time.Millisecond, time.Minute)
	ears.Room(3)
	run(t, ears)
	for end := time.Now().Add(time.Minute); !slices.Equal(l.all(), []string{"99"}); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("left ahead: %v, want 99 although nobody is answered", l.all())
		}
	}
	close(lane.free)
	w.reads(t, 99, "heard STOP")
	w.settled(t)
	if got := l.all(); !slices.Equal(got, []string{"99"}) {
		t.Errorf("left ahead: %v; only a whole STOP leaves ahead of its turn", got)
	}
}
