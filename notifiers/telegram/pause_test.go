package telegram_test

import (
	"testing"
	"testing/synctest"
	"time"

	"arifa/notifiers/telegram/telegramtest"
)

// refused waits until Telegram has refused so many requests, and returns when.
func (w *wave) refused(t *testing.T, n int64) time.Time {
	t.Helper()
	for end := time.Now().Add(time.Minute); w.srv.Stats().TooMany < n; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("Telegram refused %d, want %d", w.srv.Stats().TooMany, n)
		}
	}
	return time.Now()
}

// within counts what began from a time on, for so long, and says when the first did.
func (w *wave) within(from time.Time, lasts time.Duration, fits func(chat int64) bool) (n int, first time.Time) {
	for e := range w.srv.Entries() {
		at := w.begun(e)
		if at.Before(from) || !at.Before(from.Add(lasts)) || fits != nil && !fits(e.Chat) {
			continue
		}
		if n++; first.IsZero() || at.Before(first) {
			first = at
		}
	}
	return n, first
}

// paced fails where the wave does not go at its pace, or is above it.
func (w *wave) paced(t *testing.T, what string, from time.Time, lasts time.Duration, rate float64) {
	t.Helper()
	n, _ := w.within(from, lasts, nil)
	if want := rate * lasts.Seconds(); float64(n) < 0.99*want-1 || float64(n) > want+1 {
		t.Errorf("%s: got %d in %s, want %g", what, n, lasts, want)
	}
}

// soon is how late a pause may end: a lane looks for what is due four times a second.
const soon = 600 * time.Millisecond

// A 429 for one chat holds that chat for exactly as long as it says, and nobody else.
func TestARefusalForOneChatPausesThatChat(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const chat, rate, after = 1100, 28.0, 7 * time.Second
		w := newWave(t, rate, telegramtest.DefaultLimits())
		w.followers(t, 1000, 700)
		w.srv.Inject(telegramtest.Fault{Do: telegramtest.TooMany, RetryAfter: int(after.Seconds()), OneChat: true, Chat: chat, Times: 1})
		w.publish(t)
		asked := w.refused(t, 1)
		time.Sleep(time.Second)
		w.says(t, chat, "HELP") // the answer waits for the same pause
		time.Sleep(after + 10*time.Second)
		n, first := w.within(asked, time.Hour, func(c int64) bool { return c == chat })
		if late := first.Sub(asked.Add(after)); n < 2 || late < -2*time.Millisecond || late > soon {
			t.Errorf("the chat was told %d times, first %s after its pause of %s", n, late, after)
		}
		w.paced(t, "beside the pause", asked, after, rate)
		if v := w.srv.Violations(); len(v) > 0 {
			t.Errorf("%d requests inside the pause, the first %v", len(v), v[0])
		}
	})
}

// 429s for several chats hold the lane for exactly as long as they say; then it goes on at
// its pace, and no faster for the time that it stood.
func TestRefusalsForSeveralChatsPauseTheLane(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		faults []telegramtest.Fault
		after  time.Duration
	}{
		{"three chats", []telegramtest.Fault{{OneChat: true, Chat: 1100}, {OneChat: true, Chat: 1101}, {OneChat: true, Chat: 1102}}, 5 * time.Second},
		{"the whole bot", []telegramtest.Fault{{}}, 60 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const rate = 28.0
				w := newWave(t, rate, telegramtest.DefaultLimits())
				w.followers(t, 1000, 1000)
				w.publish(t)
				time.Sleep(3 * time.Second)
				for _, f := range c.faults {
					f.Do, f.RetryAfter, f.Times = telegramtest.TooMany, int(c.after.Seconds()), 1
					w.srv.Inject(f)
				}
				first := w.refused(t, 1)
				asked := w.refused(t, 3)                                     // so many mean the whole bot, which Telegram never says
				until := asked.Add(c.after - asked.Sub(first) - time.Second) // a server says whole seconds
				time.Sleep(c.after + 10*time.Second)
				if n, at := w.within(asked, until.Sub(asked), nil); n > 0 {
					t.Errorf("%d requests inside the pause of %s, the first after %s", n, c.after, at.Sub(asked))
				}
				_, at := w.within(asked, time.Hour, nil)
				if late := at.Sub(asked.Add(c.after)); late > soon {
					t.Errorf("it went on %s after the pause of %s", late, c.after)
				}
				w.paced(t, "after the pause", at, 8*time.Second, rate)
				if v := w.srv.Violations(); len(v) > 0 {
					t.Errorf("%d requests inside the pause, the first %v", len(v), v[0])
				}
			})
		})
	}
}

// Pace and pause of a lane are changed in the middle of a wave, and hold within two
// seconds: an operator sets them in the store, whichever process sends.
func TestALaneIsChangedInMidWave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const rate, holds = 28.0, 2 * time.Second
		w := newWave(t, rate, telegramtest.DefaultLimits())
		w.followers(t, 1000, 1500)
		w.publish(t)
		time.Sleep(2 * time.Second)
		at := time.Now()
		time.Sleep(8 * time.Second)
		w.paced(t, "as the settings say", at, 8*time.Second, rate)
		for _, step := range []struct {
			name   string
			change func() error
			want   float64
		}{
			{"rate 5", func() error { return w.store.SetRate(t.Context(), w.ch.Name(), 5) }, 5},
			{"rate 20", func() error { return w.store.SetRate(t.Context(), w.ch.Name(), 20) }, 20},
			{"pause", func() error {
				return w.store.SetPause(t.Context(), w.ch.Name(), time.Now().Add(time.Hour), "an operator")
			}, 0},
			{"resume", func() error { return w.store.SetPause(t.Context(), w.ch.Name(), time.Time{}, "") }, 20},
			{"rate default", func() error { return w.store.SetRate(t.Context(), w.ch.Name(), 0) }, rate},
		} {
			if err := step.change(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(holds)
			at := time.Now()
			time.Sleep(10 * time.Second)
			w.paced(t, step.name, at, 10*time.Second, step.want)
		}
		var all []time.Time
		for e := range w.srv.Entries() {
			all = append(all, w.begun(e))
		}
		noMore(t, all, rate)
	})
}
