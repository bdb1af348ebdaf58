package storetest

import (
	"time"

	"arifa/subscriptions"
)

// stagePromises are about notices that move money.
func stagePromises() []promise {
	return []promise{
		{"A notice with a Stage is made for so many first; the others follow a minute after these were told, and other notices go on meanwhile", func(w *world) {
			for range 9 {
				w.person(follow("a")...)
			}
			other := w.person(follow("d")...)
			i := w.open("a")
			n := w.notice(i, subscriptions.Outage, "a")
			n.Stage = 3
			staged := w.publish(n, &i)
			_, beside := w.outage("d")
			w.expand()
			if got := w.made(staged.ID); got != 3 && got != 4 { // a page may come out one row larger
				w.fatal("got rows for %d, want 3 at first", got)
			}
			w.wantState(beside.ID, other.ID, subscriptions.Pending)
			w.now = w.now.Add(2 * time.Minute) // nobody is told yet, so the hold has not begun
			w.expand()
			if got := w.made(staged.ID); got > 4 {
				w.fatal("got rows for %d while the first ones wait, want 3", got)
			}
			w.tell()
			w.expand()
			if got := w.made(staged.ID); got > 4 {
				w.fatal("got rows for %d within the hold, want 3", got)
			}
			w.now = w.now.Add(subscriptions.StageHold + time.Second)
			w.expand()
			if got := w.made(staged.ID); got != 9 {
				w.fatal("got rows for %d after the hold, want all 9", got)
			}
		}},
		{"A notice that is stopped in its first stage reaches nobody else", func(w *world) {
			for range 9 {
				w.person(follow("a")...)
			}
			i := w.open("a")
			n := w.notice(i, subscriptions.Outage, "a")
			n.Stage = 3
			staged := w.publish(n, &i)
			w.expand()
			w.tell()
			staged.State = subscriptions.Stopped
			w.commit(subscriptions.Change{Notices: []subscriptions.Notice{staged}})
			w.now = w.now.Add(subscriptions.StageMost + time.Second)
			w.expand()
			if got := w.made(staged.ID); got > 4 {
				w.fatal("got rows for %d, want the first ones", got)
			}
		}},
	}
}
