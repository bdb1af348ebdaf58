package desk

import (
	"time"

	"arifa/subscriptions"
)

// A year typed wrongly must not reach citizens: every time lies within these of now.
const (
	day         = 24 * time.Hour
	sinceMax    = 60 * day        // how long ago a trouble began
	promiseMax  = 48 * time.Hour  // the next update
	answerMax   = 7 * day         // an answer to those who paid
	planMax     = 90 * day        // planned work, and how long another way holds
	deadlineMax = 366 * day       // a deadline, the old and the new one
	clockSlack  = 5 * time.Minute // between an officer's clock and ours
)

// checkTimes bounds what an officer typed. What the incident says already was
// bounded when it was said, and a long trouble must still get its end.
func checkTimes(s situation, n subscriptions.Notice) *Refusal {
	slots, i := n.Slots, s.incident
	if r := checkSince(slots.Since, i.Since, s.now); r != nil && n.Kind != subscriptions.Maintenance {
		return r
	}
	promise := s.now.Add(promiseMax)
	if i.Maintenance { // its next word may be its planned end
		promise = later(promise, slots.EndsAt.Add(promiseMax))
	}
	if slots.NextUpdate.After(promise) && !slots.NextUpdate.Equal(i.NextUpdate) {
		return no(11, "promise the next update within 48 hours", "%s is too far away for the next update", dayOf(slots.NextUpdate))
	}
	for _, a := range []subscriptions.Answer{slots.Landed, slots.PayAgain, slots.Moved} {
		if a.By.After(s.now.Add(answerMax)) {
			return no(11, "promise an answer within 7 days", "%s is too far away for an answer", dayOf(a.By))
		}
	}
	if slots.Until.After(s.now.Add(planMax)) {
		return no(5, "give a time within 90 days", "another way cannot hold until %s", dayOf(slots.Until))
	}
	if r := checkPlan(slots.StartsAt, slots.EndsAt, i, s.now); r != nil {
		return r
	}
	if d := slots.Deadline; d != nil {
		for _, t := range []time.Time{d.Old, d.New} {
			if !t.IsZero() && t.Sub(s.now).Abs() > deadlineMax {
				return no(1, "give a deadline within one year of today", "%s is no deadline of now", dayOf(t))
			}
		}
	}
	return nil
}

// checkSince bounds a beginning; known is what the incident says.
func checkSince(since, known, now time.Time) *Refusal {
	switch {
	case since.IsZero() || since.Equal(known):
		return nil
	case since.After(now.Add(clockSlack)):
		return no(1, "use maintenance for what is planned", "the beginning lies in the future")
	case since.Before(now.Add(-sinceMax)):
		return no(1, "give a beginning within the last 60 days", "%s is too long ago for a beginning", dayOf(since))
	}
	return nil
}

// checkPlan bounds planned work; what the incident says already stands.
func checkPlan(starts, ends time.Time, i subscriptions.Incident, now time.Time) *Refusal {
	for _, t := range []time.Time{starts, ends} {
		if t.IsZero() || t.Equal(i.StartsAt) || t.Equal(i.EndsAt) {
			continue
		}
		if t.Sub(now).Abs() > planMax {
			return no(0, "plan within 90 days", "%s is too far away for planned work", dayOf(t))
		}
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func dayOf(t time.Time) string { return t.Format("2 January 2006") }
