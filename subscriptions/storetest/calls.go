package storetest

import (
	"fmt"
	"sync"
	"time"

	"arifa/subscriptions"
)

// call is one to Wanjiru's chat, about incident 3.
func (w *world) call() subscriptions.Call {
	return subscriptions.Call{Kind: "reminder", About: "incident 3", Facts: []byte(`{"Due":1}`), Officer: 4, Chat: wanjiru, At: w.now, NextAt: w.now}
}

func (w *world) leaseCalls(network string, max int) []subscriptions.Call {
	w.helper()
	out, err := w.s.LeaseCalls(w.ctx, network, max, w.now, w.now.Add(time.Minute))
	w.must(err)
	return out
}

func (w *world) putCalls(event string, cs ...subscriptions.Call) bool {
	w.helper()
	fresh, err := w.s.PutCalls(w.ctx, subscriptions.Summons{Event: event, At: w.now, Calls: cs})
	w.must(err)
	return fresh
}

func callPromises() []promise {
	return []promise{
		{"PutCalls stores the calls of an event and returns true; where the event is known it changes nothing and returns false", func(w *world) {
			other := w.call()
			other.Officer, other.Chat = 5, subscriptions.Identity{}
			if !w.putCalls("reminder/3", w.call(), other) || w.putCalls("reminder/3", w.call()) {
				w.fatal("an event was stored twice, or not at all")
			}
			got, err := w.s.CallsAbout(w.ctx, "incident 3")
			w.must(err)
			if len(got) != 2 || got[0].Officer != 4 || got[0].Chat != wanjiru || got[0].Event != "reminder/3" || got[0].Kind != "reminder" || string(got[0].Facts) != `{"Due":1}` ||
				got[0].At != w.now || got[0].NextAt != w.now || got[1].Officer != 5 || got[1].Chat != (subscriptions.Identity{}) || !got[0].SentAt.IsZero() {
				w.fatal("got %+v", got)
			}
		}},
		{"An event without calls is remembered too", func(w *world) {
			if !w.putCalls("reminder/3") || w.putCalls("reminder/3", w.call()) {
				w.fatal("an event that called nobody was forgotten")
			}
		}},
		{"Of many callers at once exactly one stores the event", func(w *world) {
			var group sync.WaitGroup
			won := make(chan bool, 6)
			for range 6 {
				group.Go(func() {
					fresh, err := w.s.PutCalls(w.ctx, subscriptions.Summons{Event: "reminder/3", At: t0, Calls: []subscriptions.Call{w.call()}})
					won <- fresh && err == nil
				})
			}
			group.Wait()
			n := 0
			for range 6 {
				if <-won {
					n++
				}
			}
			if got := w.leaseCalls("telegram", 10); n != 1 || len(got) != 1 {
				w.fatal("%d stored it, %d calls; want one", n, len(got))
			}
		}},
		{"LeaseCalls hands out due calls to chats of a network, the oldest first and live ones last, until a time: whoever asks meanwhile gets others", func(w *world) {
			live, slack, nobody, later := w.call(), w.call(), w.call(), w.call()
			live.Live, slack.Chat.Provider, nobody.Chat = true, "slack", subscriptions.Identity{}
			later.NextAt = w.now.Add(time.Hour)
			w.putCalls("1", live, w.call(), slack, nobody, later)
			w.putCalls("2", w.call())
			first := w.leaseCalls("telegram", 2)
			if len(first) != 2 || first[0].Event != "1" || first[1].Event != "2" || first[0].Live || first[1].Live {
				w.fatal("got %+v, want the two that are not live", first)
			}
			if got := w.leaseCalls("telegram", 5); len(got) != 1 || !got[0].Live {
				w.fatal("got %+v, want the live one", got)
			}
			if got := w.leaseCalls("telegram", 5); len(got) != 0 {
				w.fatal("got %+v, want none while all are leased", got)
			}
			if a, b := w.leaseCalls("slack", 5), w.leaseCalls("", 5); len(a) != 1 || len(b) != 1 {
				w.fatal("got %d of Slack and %d of nobody, want one of each", len(a), len(b))
			}
			w.now = w.now.Add(time.Minute) // whoever leased them is gone
			if got := w.leaseCalls("telegram", 5); len(got) != 3 {
				w.fatal("got %d after the lease, want all three again", len(got))
			}
			w.now = w.now.Add(time.Hour)
			if got := w.leaseCalls("telegram", 5); len(got) != 4 {
				w.fatal("got %d, want the later one too", len(got))
			}
		}},
		{"FinishCall records what became of one and gives it back; SentAt and EndedAt stay as they were set first", func(w *world) {
			w.putCalls("1", w.call())
			l := w.leaseCalls("telegram", 1)[0]
			l.Attempt, l.NextAt = 1, w.now.Add(5*time.Second)
			w.must(w.s.FinishCall(w.ctx, l))
			if got := w.leaseCalls("telegram", 1); len(got) != 0 {
				w.fatal("got %+v before its time", got)
			}
			w.now = w.now.Add(5 * time.Second)
			l = w.leaseCalls("telegram", 1)[0]
			if l.Attempt != 1 {
				w.fatal("got attempt %d, want 1", l.Attempt)
			}
			l.Message, l.Shown, l.SentAt, l.EndedAt, l.Ending = "77", "digest", w.now, w.now, "delivered"
			w.must(w.s.FinishCall(w.ctx, l))
			again := l
			again.SentAt, again.EndedAt = w.now.Add(time.Hour), w.now.Add(time.Hour)
			w.must(w.s.FinishCall(w.ctx, again))
			got, err := w.s.CallsAbout(w.ctx, "incident 3")
			w.must(err)
			if len(got) != 1 || got[0].Message != "77" || got[0].Shown != "digest" || got[0].SentAt != w.now || got[0].EndedAt != w.now || got[0].Ending != "delivered" {
				w.fatal("got %+v, want it sent and ended at %v", got, w.now)
			}
			w.now = w.now.Add(time.Hour)
			if got := w.leaseCalls("telegram", 1); len(got) != 0 {
				w.fatal("got an ended call again: %+v", got)
			}
		}},
		{"SeeCalls marks an officer's calls about a thing as seen, where they were not", func(w *world) {
			other := w.call()
			other.Officer = 5
			w.putCalls("1", w.call(), other)
			w.must(w.s.SeeCalls(w.ctx, 4, "incident 3", w.now.Add(time.Minute)))
			w.must(w.s.SeeCalls(w.ctx, 4, "incident 3", w.now.Add(time.Hour)))
			w.must(w.s.SeeCalls(w.ctx, 5, "incident 4", w.now))
			got, err := w.s.CallsAbout(w.ctx, "incident 3")
			w.must(err)
			if got[0].SeenAt != w.now.Add(time.Minute) || !got[1].SeenAt.IsZero() {
				w.fatal("got %+v, want the first seen, at its first time", got)
			}
		}},
		{"The calls of Summons commit with the decision; those about nothing are about its incident, and a repeated decision calls nobody again", func(w *world) {
			l := w.call()
			l.About = ""
			ch := subscriptions.Change{Request: "r", Incident: &subscriptions.Incident{State: subscriptions.Investigating, OpenedAt: w.now, Since: w.now},
				Summons: []subscriptions.Summons{{Event: "opened", At: w.now, Calls: []subscriptions.Call{l, w.call()}}}}
			out := w.commit(ch)
			ch.Summons[0].Event = "opened again"
			w.commit(ch)
			about := fmt.Sprintf("incident %d", out.Incident.ID)
			if got, err := w.s.CallsAbout(w.ctx, about); err != nil || len(got) != 1 {
				w.fatal("got %+v (%v), want one call about %s", got, err, about)
			}
			if got := w.leaseCalls("telegram", 10); len(got) != 2 {
				w.fatal("got %d calls, want two", len(got))
			}
			stale := *out.Incident
			stale.Revision = 99
			_, err := w.try(subscriptions.Change{Incident: &stale, Summons: []subscriptions.Summons{{Event: "never", At: w.now, Calls: []subscriptions.Call{w.call()}}}})
			w.is(err, subscriptions.ErrConflict)
			if !w.putCalls("never") {
				w.fatal("a decision that was not stored left its calls behind")
			}
		}},
		{"Calls are forgotten 30 days later", func(w *world) {
			w.putCalls("1", w.call())
			_, err := w.s.Retain(w.ctx, w.now.Add(29*24*time.Hour))
			w.must(err)
			if w.putCalls("1") {
				w.fatal("a call was forgotten after 29 days")
			}
			_, err = w.s.Retain(w.ctx, w.now.Add(31*24*time.Hour))
			w.must(err)
			if got, err := w.s.CallsAbout(w.ctx, "incident 3"); err != nil || len(got) != 0 {
				w.fatal("got %+v (%v), want none after 31 days", got, err)
			}
			if !w.putCalls("1") {
				w.fatal("the event itself is remembered after 31 days")
			}
		}},
	}
}
