package telegram_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"arifa/bot"
	"arifa/notifiers"
	"arifa/notifiers/telegram"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

func TestAFloodIsHeardAndNotAnswered(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	w.start(t, 5, 6)
	const n = telegram.FloodLimit + 20
	for i := range n {
		w.says(t, 5, fmt.Sprint(i))
	}
	w.says(t, 5, "STOP")
	w.listen(t)
	heard := w.talk.waitFor(t, n+3)
	w.settled(t)
	if !slices.ContainsFunc(heard, func(h bot.Heard) bool { return h.Text == "STOP" }) {
		t.Error("STOP was not heard")
	}
	if got := w.srv.Stats().Accepted; got != telegram.FloodLimit+1 {
		t.Errorf("got %d answers, want %d and the other chat's", got, telegram.FloodLimit)
	}
}

// stuck is a lane that answers nobody until it is freed.
type stuck struct {
	reply telegram.Reply
	free  chan struct{}
}

func (s *stuck) say(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
	select {
	case <-s.free:
		return s.reply(ctx, m)
	case <-ctx.Done():
		return notifiers.Receipt{}, ctx.Err()
	}
}

func TestStopDoesNotStandBehindAnAnswer(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	lane := &stuck{w.reply, make(chan struct{})}
	w.cfg.Reply, w.cfg.Workers = lane.say, 2
	w.start(t, 5, 6, 7, 8)
	w.says(t, 5, "kra")
	w.says(t, 5, "STOP")
	ears := w.ch.Ears(w.cfg).Hasten(20 * time.Millisecond)
	ears.Patience(50*time.Millisecond, 5*time.Second)
	run(t, ears)
	w.talk.waitFor(t, 6) // although nothing was answered
	w.settled(t)
	close(lane.free)
	w.reads(t, 5, "heard STOP")
	var got []string
	for _, m := range w.srv.Messages(5) {
		got = append(got, m.Text)
	}
	if want := []string{"heard /start", "heard kra", "heard STOP"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q in order", got, want)
	}
}

func TestWhenTooManyAnswersWaitNoneIsLost(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	lane := &stuck{w.reply, make(chan struct{})}
	w.cfg.Reply, w.cfg.Workers = lane.say, 2
	people := []int64{11, 12, 13, 14, 15, 16, 17, 18}
	w.start(t, people...)
	ears := w.ch.Ears(w.cfg).Hasten(20 * time.Millisecond)
	ears.Patience(10*time.Millisecond, time.Minute)
	ears.Room(3)
	run(t, ears)
	w.talk.waitFor(t, 5) // three wait for the lane, two for room
	time.Sleep(100 * time.Millisecond)
	if n := len(w.talk.all()); n != 5 {
		t.Errorf("heard %d, want 5: what cannot be answered stays in the store", n)
	}
	close(lane.free)
	for _, id := range people {
		w.reads(t, id, "heard /start")
	}
	w.settled(t)
}

func TestAnAnswerThatNobodyTakesIsLostAfterPatience(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	lane := &stuck{w.reply, make(chan struct{})}
	w.cfg.Reply = lane.say
	w.start(t, 5)
	ears := w.ch.Ears(w.cfg).Hasten(20 * time.Millisecond)
	ears.Patience(10*time.Millisecond, 50*time.Millisecond)
	run(t, ears)
	eventually(t, "the loss is told", func() bool { return strings.Contains(w.log.String(), "answer lost") })
	w.settled(t)
}

// outcomes is a lane that ends each request as its script says, then sends.
type outcomes struct {
	reply telegram.Reply
	mu    sync.Mutex
	next  []error
	asked []notifiers.Message
}

func (o *outcomes) say(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
	o.mu.Lock()
	o.asked = append(o.asked, m)
	var err error
	if len(o.next) > 0 {
		err, o.next = o.next[0], o.next[1:]
	}
	o.mu.Unlock()
	if err != nil {
		return notifiers.Receipt{}, fmt.Errorf("reply: lane: %w", err)
	}
	return o.reply(ctx, m)
}

func TestWhatBecomesOfAnAnswer(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	for _, c := range []struct {
		name     string
		ends     []error
		requests int
		sent     bool
		left     bool
		heard    int
	}{
		{"trouble passes", []error{boom, boom}, 3, true, false, 1},
		{"the network asks to wait", []error{notifiers.Later{After: time.Second, Err: boom}}, 2, true, false, 1},
		{"the lane halts and resumes", []error{notifiers.Halt{Err: boom}}, 2, true, false, 1},
		{"it may have arrived", []error{notifiers.Unknown{Err: boom}}, 1, false, false, 1},
		{"refused", []error{notifiers.Never{Err: boom}}, 1, false, false, 1},
		{"a card that cannot be shown", []error{notifiers.Poison{Err: boom}}, 1, false, false, 1},
		{"blocked meanwhile", []error{notifiers.Gone{Err: boom}}, 1, false, true, 1},
		{"the lane is another's now", []error{notifiers.ErrNotOwner}, 2, true, false, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := setup(t, newTalk(nil))
			lane := &outcomes{reply: w.reply, next: c.ends}
			w.cfg.Reply = lane.say
			w.start(t, 5)
			w.listen(t)
			w.talk.waitFor(t, c.heard)
			w.settled(t)
			eventually(t, fmt.Sprintf("%d requests were made", c.requests), func() bool {
				lane.mu.Lock()
				defer lane.mu.Unlock()
				return len(lane.asked) == c.requests
			})
			eventually(t, fmt.Sprintf("sent %v, left %v", c.sent, c.left), func() bool {
				_, sent := w.srv.Last(5)
				w.talk.mu.Lock()
				defer w.talk.mu.Unlock()
				return sent == c.sent && (len(w.talk.left) == 1) == c.left
			})
			if n := len(w.talk.all()); n != c.heard {
				t.Errorf("heard %d times, want %d", n, c.heard)
			}
		})
	}
}

func TestTheAnswerFollowsAGroupThatMoves(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	w.srv.AddGroup(groupID, 50)
	saved := w.remembers(t, groupID, subscriptions.Group)
	w.says(t, groupID, "/status")
	to := w.srv.Migrate(groupID) // before the answer
	w.listen(t)
	w.reads(t, to, "heard /status")
	w.settled(t)
	if r, err := w.store.Recipient(t.Context(), w.ch.Name(), subscriptions.AddressOf(fmt.Sprint(to))); err != nil || r.ID != saved.ID {
		t.Errorf("got %+v, %v, want recipient %d at the new address", r, err, saved.ID)
	}
}

func TestChatsThatNameEachOtherEnd(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	w := setup(t, newTalk(nil))
	w.cfg.Reply = func(_ context.Context, m notifiers.Message) (notifiers.Receipt, error) {
		n.Add(1)
		to := "5"
		if m.To.Address.Reveal() == "5" {
			to = "6"
		}
		return notifiers.Receipt{}, notifiers.Moved{To: subscriptions.AddressOf(to), Err: errors.New("moved")}
	}
	w.start(t, 5)
	w.listen(t)
	w.settled(t)
	if n.Load() != 2 {
		t.Errorf("got %d requests, want 2", n.Load())
	}
}

func TestAPanicWhileAnsweringEndsNothing(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(func(bot.Heard) ([]wording.Card, error) { return []wording.Card{{Lines: []string{"x"}}}, nil }))
	var n atomic.Int64
	w.cfg.Reply = func(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
		if n.Add(1) == 1 {
			panic("a citizen's words")
		}
		return w.reply(ctx, m)
	}
	w.start(t, 5)
	w.listen(t)
	w.reads(t, 5, "x")
	hides(t, w.log.String(), "a citizen's words")
}
