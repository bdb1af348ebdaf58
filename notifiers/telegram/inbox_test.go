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
	"arifa/notifiers/telegram"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

func TestOrderWithinEachChat(t *testing.T) {
	t.Parallel()
	const people, each = 8, 12
	w := setup(t, newTalk(func(bot.Heard) ([]wording.Card, error) { return nil, nil }))
	for i := range int64(people) {
		w.start(t, 100+i)
	}
	w.listen(t)
	for n := range each {
		for i := range int64(people) {
			w.says(t, 100+i, fmt.Sprint(n))
		}
	}
	said := map[string][]string{}
	for _, h := range w.talk.waitFor(t, people*(each+1)) {
		said[h.Address.Reveal()] = append(said[h.Address.Reveal()], h.Text)
	}
	w.settled(t)
	want := []string{"/start"}
	for n := range each {
		want = append(want, fmt.Sprint(n))
	}
	for _, got := range said {
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if len(said) != people || len(w.talk.all()) != people*(each+1) {
		t.Errorf("got %d chats and %d texts", len(said), len(w.talk.all()))
	}
}

func TestASlowChatHoldsUpNobody(t *testing.T) {
	t.Parallel()
	free := make(chan struct{})
	w := setup(t, newTalk(func(h bot.Heard) ([]wording.Card, error) {
		if h.Text == "slow" {
			<-free
		}
		return nil, nil
	}))
	w.start(t, 5, 6)
	w.listen(t)
	w.talk.waitFor(t, 2)
	w.says(t, 5, "slow")
	w.talk.waitFor(t, 3)
	for n := range 3 {
		w.says(t, 6, fmt.Sprint("quick ", n))
		w.talk.waitFor(t, 4+n)
	}
	w.says(t, 5, "behind it")
	time.Sleep(50 * time.Millisecond)
	if got := w.talk.all(); got[len(got)-1].Text != "quick 2" {
		t.Errorf("got %q before what the chat said first was done", got[len(got)-1].Text)
	}
	close(free)
	w.talk.waitFor(t, 7)
	w.settled(t)
	if n := len(w.talk.all()); n != 7 {
		t.Errorf("got %d things heard, want each of 7 once", n)
	}
}

func TestAPanicEndsNothing(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(func(h bot.Heard) ([]wording.Card, error) {
		if h.Text == "boom" {
			panic("what a citizen said")
		}
		return []wording.Card{{Lines: []string{"heard " + h.Text}}}, nil
	}))
	w.start(t, 5, 6)
	w.listen(t)
	w.says(t, 5, "boom")
	w.says(t, 6, "still here")
	w.reads(t, 6, "still here")
	eventually(t, "the panic is logged", func() bool { return strings.Contains(w.log.String(), "panic: string") })
	hides(t, w.log.String(), "what a citizen said")
}

func TestAFailureIsTriedAgainAndThenLaidAside(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(func(h bot.Heard) ([]wording.Card, error) {
		if h.Text == "bad" {
			return nil, errors.New("no store")
		}
		return nil, nil
	}))
	ears := w.ch.Ears(w.cfg)
	for i, text := range []string{"bad", "after it"} {
		in := must[subscriptions.Incoming](t)(ears.Take([]byte(textUpdate(int64(i+1), text))))
		must[int](t)(w.store.PutIncoming(t.Context(), []subscriptions.Incoming{in}))
	}
	for range 7 {
		due := must[[]subscriptions.Incoming](t)(w.store.NextIncoming(t.Context(), w.ch.Name(), 10, time.Now().Add(time.Hour)))
		if len(due) != 1 {
			t.Fatalf("got %d updates due, want the oldest of the chat", len(due))
		}
		ears.Handle(t.Context(), due[0])
	}
	got := w.talk.all()
	if len(got) != 7 || got[6].Text != "after it" {
		t.Errorf("got %q, want 6 tries and then the next of the chat", words(got))
	}
	if state := must[subscriptions.InboxState](t)(w.store.InboxState(t.Context(), w.ch.Name())); state.Dead != 1 || state.Waiting != 0 {
		t.Errorf("got %+v, want one laid aside", state)
	}
}

// unmarkable cannot mark for a while.
type unmarkable struct {
	subscriptions.Inbox
	left atomic.Int64
}

func (u *unmarkable) DoneIncoming(ctx context.Context, lane subscriptions.LaneID, id int64, now time.Time) error {
	if u.left.Add(-1) >= 0 {
		return errors.New("disk full")
	}
	return u.Inbox.DoneIncoming(ctx, lane, id, now)
}

func TestWhatCannotBeMarkedIsNotAnsweredOverAndOver(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	inbox := &unmarkable{Inbox: w.store}
	inbox.left.Store(5)
	w.cfg.Inbox = inbox
	w.start(t, 5)
	w.listen(t)
	w.settled(t)
	if n := len(w.talk.all()); n != 1 || inbox.left.Load() >= 0 {
		t.Errorf("heard %d times, want once", n)
	}
}

func TestAStopLosesNothing(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(func(h bot.Heard) ([]wording.Card, error) { return nil, nil }))
	w.start(t, 5)
	const n = 60
	var said sync.WaitGroup
	said.Go(func() {
		for i := range n {
			if _, err := w.srv.Say(5, fmt.Sprint(i)); err != nil {
				t.Error(err)
			}
		}
	})
	for range 5 { // five processes, one after the other
		_, stop := w.listen(t)
		time.Sleep(15 * time.Millisecond)
		stop()
	}
	said.Wait()
	w.listen(t)
	w.settled(t)
	var got []string
	for _, text := range words(w.talk.all()) {
		if len(got) == 0 || got[len(got)-1] != text { // in flight at a stop: again, which is harmless
			got = append(got, text)
		}
	}
	if len(got) != n+1 {
		t.Errorf("got %d texts in a row, want %d: %q", len(got), n+1, got)
	}
}

func TestTriesSpreadOut(t *testing.T) {
	t.Parallel()
	for attempt, want := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 64} {
		if got := telegram.RetryAfter(errors.New("no store"), attempt); got != want*time.Second {
			t.Errorf("attempt %d: got %v, want %v", attempt, got, want*time.Second)
		}
	}
	if got := telegram.RetryAfter(telegram.Refused(429, "Too Many Requests", 90, 0), 0); got != 90*time.Second {
		t.Errorf("got %v, want the 90 s that Telegram asks for", got)
	}
}
