package desk

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"arifa/subscriptions"
)

const (
	// PromiseAfter is when the next update is promised where the officer gives no time.
	PromiseAfter = 2 * time.Hour
	// freeLimit keeps a notice on one screen of a cheap phone.
	freeLimit = 280
)

// withDefaults fills in what the officer left out, from the incident.
func withDefaults(n subscriptions.Notice, i subscriptions.Incident, now time.Time) subscriptions.Slots {
	s := tidy(n.Slots)
	if s.Since.IsZero() && n.Kind.Chain() && !i.Maintenance {
		s.Since, s.SinceApprox = i.Since, i.SinceApprox
	}
	switch n.Kind {
	case subscriptions.Restored:
		by := cut(now.Add(PromiseAfter))
		for _, a := range []*subscriptions.Answer{&s.Landed, &s.PayAgain, &s.Moved} {
			if a.Value == "" && a.By.IsZero() {
				a.By = by
			}
		}
	case subscriptions.Maintenance:
		if s.StartsAt.IsZero() {
			s.StartsAt = i.StartsAt
		}
		if s.EndsAt.IsZero() {
			s.EndsAt = i.EndsAt
		}
		if s.Until.IsZero() && len(s.Alternatives) > 0 && i.State == subscriptions.Scheduled {
			s.Until = s.StartsAt // what to do before it begins
		}
		if s.NextUpdate.IsZero() && s.EndsAt.After(now) {
			s.NextUpdate = s.EndsAt
		}
	}
	if alert(n.Kind) && s.NextUpdate.IsZero() {
		s.NextUpdate = cut(now.Add(PromiseAfter))
	}
	return s
}

func alert(k subscriptions.Kind) bool { return k.Chain() && k != subscriptions.Restored }

// typed is what an officer typed, without what only the program may say: that a
// correction takes our own notice back is Withdraw's word, and that an end does not
// count is StopBroken's.
func typed(s subscriptions.Slots) subscriptions.Slots {
	s = tidy(s)
	s.Withdraws, s.TakesBack = false, ""
	return s
}

// tidy brings times into the stores' form and free texts onto one line.
func tidy(s subscriptions.Slots) subscriptions.Slots {
	for _, t := range []*time.Time{&s.Since, &s.NextUpdate, &s.Until, &s.StartsAt, &s.EndsAt, &s.Landed.By, &s.PayAgain.By, &s.Moved.By} {
		*t = cut(*t)
	}
	if s.Deadline != nil {
		d := *s.Deadline
		d.Old, d.New = cut(d.Old), cut(d.New)
		s.Deadline = &d
	}
	free := subscriptions.Text{}
	for l, text := range s.Free {
		if text = strings.Join(strings.Fields(text), " "); text != "" {
			free[l] = text
		}
	}
	if s.Free = free; len(free) == 0 {
		s.Free = nil
	}
	return s
}

// checkSlots holds what an officer typed against the catalogue and the registry.
func checkSlots(s situation, n subscriptions.Notice) *Refusal {
	slots := n.Slots
	for _, a := range []subscriptions.Answer{slots.Landed, slots.PayAgain, slots.Moved} {
		if a.Value != "" && a.Value != "yes" && a.Value != "no" {
			return no(6, "answer yes or no, or leave it open with a time", "%q is no answer", a.Value)
		}
	}
	switch {
	case !slices.Contains(subscriptions.Kinds, n.Kind):
		return no(0, "use outage, alternative, update, restored, maintenance, correction or advisory", "there is no kind %q", n.Kind)
	case !slices.Contains(causes, slots.Cause):
		return no(1, "use network, power, provider, load, attack, change or system", "there is no cause %q", slots.Cause)
	case !slices.Contains(falses, slots.False):
		return no(1, "use payment, number, link or news", "nothing false is called %q", slots.False)
	case n.Kind == subscriptions.Advisory && len(slots.Free) == 0 && slots.Deadline == nil:
		return no(1, "write the advice in every language", "an advisory says something")
	}
	if r := checkTimes(s, n); r != nil {
		return r
	}
	if d := slots.Deadline; d != nil {
		if svc, ok := s.nation.Service(d.Service); !ok || svc.Agency != n.Agency {
			return no(4, "the service's agency says so", "the deadline of %q is not for %s to move", d.Service, n.Agency)
		}
	}
	return checkFree(s, n)
}

// checkFree scans the free text. What it finds is not published, by one officer
// or two; the rest of the notice goes out at once without it.
func checkFree(s situation, n subscriptions.Notice) *Refusal {
	const without = "publish without this line, or name the number by reference to the registry"
	broken := brokenValues(s.nation, append(slices.Clone(s.others), s.incident))
	for _, l := range slices.Sorted(maps.Keys(n.Slots.Free)) {
		text := n.Slots.Free[l]
		switch {
		case !slices.Contains(s.nation.Languages, l):
			return no(1, "write it in "+join(s.nation.Languages), "the catalogue has no language %q", l)
		case utf8.RuneCountInString(text) > freeLimit:
			return no(1, "shorten it, or publish without this line", "the free text is longer than %d letters in %s", freeLimit, l)
		}
		if found := subscriptions.ScanText(text, s.nation); len(found) > 0 {
			r := no(5, without, "the free text holds what looks like a number, link or account of no registry entry, in %s", l)
			r.Findings = found
			return r
		}
		_, used, err := subscriptions.ResolveText(text, s.nation)
		if err != nil {
			return no(5, without, "the free text in %s: %v", l, err)
		}
		for _, id := range used {
			if r := tellableEntry(s.nation, subscriptions.Alternative{ID: "the free text", Payment: true}, id, broken); r != nil {
				return r
			}
		}
	}
	return nil
}

var (
	causes = []subscriptions.Cause{subscriptions.CauseUnknown, subscriptions.CauseNetwork, subscriptions.CausePower, subscriptions.CauseProvider,
		subscriptions.CauseLoad, subscriptions.CauseAttack, subscriptions.CauseChange, subscriptions.CauseSystem}
	falses = []subscriptions.FalseClaim{"", subscriptions.FalsePayment, subscriptions.FalseNumber, subscriptions.FalseLink, subscriptions.FalseNews}
)
