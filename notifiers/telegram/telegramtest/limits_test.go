package telegramtest_test

import (
	"sync"
	"testing"
	"time"

	"arifa/notifiers/telegram/telegramtest"
)

// clock is a server clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2025, 1, 3, 3, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func limited(t *testing.T, l telegramtest.Limits) (*telegramtest.Server, *clock) {
	t.Helper()
	c := newClock()
	l.OnClock, l.Grace = true, -1
	return setup(t, telegramtest.Config{Clock: c.Now, Limits: &l}), c
}

func TestLimitOfOneChat(t *testing.T) {
	t.Parallel()
	srv, clock := limited(t, telegramtest.Limits{PerChat: 1, PerChatBurst: 3})
	citizen(t, srv, 5)
	citizen(t, srv, 6)
	f := fields{"chat_id": 5, "text": "x"}
	for range 3 {
		must(t, srv, "sendMessage", f)
	}
	got := refused(t, srv, "sendMessage", f, 429, "Too Many Requests: retry after 1")
	if got.More.RetryAfter != 1 {
		t.Errorf("retry_after: got %d, want 1", got.More.RetryAfter)
	}
	if v := srv.Violations(); len(v) != 0 {
		t.Errorf("the first 429 is no violation: got %+v", v)
	}
	must(t, srv, "sendMessage", fields{"chat_id": 6, "text": "x"})
	refused(t, srv, "sendMessage", f, 429, "Too Many Requests: retry after 1")
	v := srv.Violations()
	if len(v) != 1 || v[0].Chat != 5 || v[0].Method != "sendmessage" || v[0].Left != time.Second {
		t.Fatalf("a request inside retry_after: got %+v, want one violation of chat 5 with 1 s left", v)
	}
	clock.Add(time.Second)
	must(t, srv, "sendMessage", f)
	if v := srv.Violations(); len(v) != 1 {
		t.Errorf("a request after retry_after: got %d violations, want 1 as before", len(v))
	}
}

func TestLimitOfAGroup(t *testing.T) {
	t.Parallel()
	srv, clock := limited(t, telegramtest.Limits{PerGroup: 20})
	srv.AddGroup(groupID, 1)
	f := fields{"chat_id": groupID, "text": "x"}
	for range 20 {
		must(t, srv, "sendMessage", f)
		clock.Add(time.Second)
	}
	if got := call(t, srv, "sendMessage", f); got.Code != 429 || got.More.RetryAfter != 40 {
		t.Fatalf("the 21st in a minute: got %d, retry_after %d, want 429 and 40", got.Code, got.More.RetryAfter)
	}
	clock.Add(40 * time.Second)
	must(t, srv, "sendMessage", f)
	if got := call(t, srv, "sendMessage", f); got.More.RetryAfter != 1 {
		t.Errorf("one more: got retry_after %d, want 1", got.More.RetryAfter)
	}
}

func TestLimitOfTheBot(t *testing.T) {
	t.Parallel()
	srv, clock := limited(t, telegramtest.Limits{Overall: 10})
	for id := int64(1); id <= 30; id++ {
		citizen(t, srv, id)
	}
	send := func(chat int) reply { return call(t, srv, "sendMessage", fields{"chat_id": chat, "text": "x"}) }
	for id := 1; id <= 10; id++ {
		if got := send(id); !got.OK {
			t.Fatalf("message %d of a burst of 10: got %d", id, got.Code)
		}
	}
	if got := send(11); got.Code != 429 {
		t.Fatalf("the 11th at once: got %d, want 429", got.Code)
	}
	// Another chat is in the same scope, and an unknown one does not hide it.
	if got := send(12); got.Code != 429 {
		t.Errorf("another chat in the window: got %d, want 429", got.Code)
	}
	if got := send(99); got.Code != 429 {
		t.Errorf("an unknown chat in the window: got %d, want 429", got.Code)
	}
	if v := srv.Violations(); len(v) != 2 || v[0].Chat != 0 {
		t.Errorf("violations: got %+v, want two of the whole bot", v)
	}
	must(t, srv, "getMe", nil)
	clock.Add(time.Second)
	sent := 0
	for id := 1; id <= 30; id++ {
		if send(id).OK {
			sent++
		}
	}
	if sent != 10 {
		t.Errorf("one second later: got %d accepted, want 10", sent)
	}
}

func TestDefaultLimitsAreOn(t *testing.T) {
	t.Parallel()
	srv := setup(t, telegramtest.Config{})
	citizen(t, srv, 5)
	accepted, seen := 0, 0
	for range 12 {
		if got := call(t, srv, "sendMessage", fields{"chat_id": 5, "text": "x"}); got.OK {
			accepted++
		} else if got.Code == 429 {
			seen++
		}
	}
	if accepted < 5 || seen == 0 {
		t.Errorf("12 messages at once: got %d accepted and %d refused with 429, want the burst of 5 and then 429", accepted, seen)
	}
	if st := srv.Stats(); st.TooMany != int64(seen) || st.Accepted != int64(accepted) {
		t.Errorf("stats: got %+v, want %d accepted and %d too many", st, accepted, seen)
	}
}

func TestRealClockIsTheDefaultOfLimits(t *testing.T) {
	t.Parallel()
	c := newClock()
	srv := setup(t, telegramtest.Config{Clock: c.Now, Limits: &telegramtest.Limits{PerChat: 1, PerChatBurst: 1}})
	citizen(t, srv, 5)
	must(t, srv, "sendMessage", fields{"chat_id": 5, "text": "x"})
	c.Add(time.Hour)
	if got := call(t, srv, "sendMessage", fields{"chat_id": 5, "text": "x"}); got.Code != 429 {
		t.Errorf("an hour later by the injected clock alone: got %d, want 429", got.Code)
	}
	if v := srv.Violations(); len(v) != 0 {
		t.Errorf("violations: got %+v, want none", v)
	}
}
