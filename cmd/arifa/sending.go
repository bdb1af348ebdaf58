package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// justEnded is how long ago a lane's owner may have been seen last: a lease that is
// about to be renewed is no sign that nobody sends.
const justEnded = 5 * time.Second

// owned reports whether a process sends through a lane.
func owned(l subscriptions.Lane, now time.Time) bool {
	return l.Tenure.Owner != "" && l.Tenure.Until.After(now.Add(-justEnded))
}

// idle reports whether no process sends anything.
func idle(lanes []subscriptions.Lane, now time.Time) bool {
	for _, l := range lanes {
		if owned(l, now) {
			return false
		}
	}
	return true
}

// standstill says why nothing goes through a lane, and what to do; empty = it goes.
// A credential that died is tried now and then until it works, also after the pause
// in the store has lapsed.
func standstill(l subscriptions.Lane, at func(time.Time) string, now time.Time) (why, do string) {
	paused := l.PausedUntil.After(now)
	halted, isHalted := strings.CutPrefix(l.PausedWhy, notifiers.WhyHalted)
	asked, isAsked := strings.CutPrefix(l.PausedWhy, notifiers.WhyNetwork)
	switch {
	case l.Held:
		return "held", "look at what is owed (arifa incident list), then an admin says: arifa lane release"
	case isHalted && paused:
		return "halted: " + halted, "renew the credential; it is tried again at " + at(l.PausedUntil) + " (arifa doctor says what is wrong)"
	case isHalted:
		return "halted and being tried again: " + halted, "renew the credential if it stays so (arifa doctor says what is wrong)"
	case isAsked && paused:
		return "waiting: " + asked, "the network asked for it; it goes on at " + at(l.PausedUntil)
	case paused && l.PausedUntil.After(now.AddDate(10, 0, 0)):
		return "paused: " + l.PausedWhy, "an admin says: arifa lane resume " + string(l.ID)
	case paused:
		return "paused until " + at(l.PausedUntil) + ": " + l.PausedWhy, "it goes on by itself, or an admin says: arifa lane resume " + string(l.ID)
	}
	return "", ""
}

// hindrances tell an officer what keeps words from going out through the lanes that
// they need, and what to do about each.
func (o *office) hindrances(lanes []subscriptions.Lane, needed func(subscriptions.LaneID) bool, now time.Time) (out []string) {
	nobody := idle(lanes, now)
	if nobody {
		out = append(out, "Nobody sends: no program runs on this database. Start \"arifa serve\"; what is owed stays owed.")
	}
	for _, l := range lanes {
		if !needed(l.ID) {
			continue
		}
		if why, do := standstill(l, o.local, now); why != "" {
			out = append(out, fmt.Sprintf("Nothing goes through %s, %s. What to do: %s.", l.ID, why, do))
		} else if !owned(l, now) && !nobody {
			out = append(out, fmt.Sprintf("Nobody sends through %s: start \"arifa serve\" with its token; what is owed stays owed.", l.ID))
		}
	}
	return out
}

// showSending says, below what was published, whether it goes out.
func (a *app) showSending(o *office, w io.Writer, n subscriptions.Notice) {
	audience, err := o.desk.Audience(a.ctx, n, o.now)
	if err != nil {
		fmt.Fprintf(w, "Whether it goes out could not be asked (%v):  arifa notice progress %s\n", err, key(n))
		return
	}
	lanes, err := o.store.LaneList(a.ctx)
	if err != nil {
		fmt.Fprintf(w, "Whether it goes out could not be asked (%v):  arifa lane list\n", err)
		return
	}
	reached := map[subscriptions.LaneID]bool{}
	for _, c := range audience {
		reached[c.Lane] = reached[c.Lane] || c.Count > 0
	}
	for _, h := range o.hindrances(lanes, func(l subscriptions.LaneID) bool { return reached[l] }, a.now()) {
		fmt.Fprintln(w, h)
	}
}
