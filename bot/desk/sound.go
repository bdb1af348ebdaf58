package desk

import (
	"slices"

	"arifa/subscriptions"
)

// SoundReason names why a notice is heard, or why it is not (rule 7).
type SoundReason string

const (
	SoundKind     SoundReason = "the kind always speaks"
	SoundFirst    SoundReason = "these people were told nothing yet"
	SoundState    SoundReason = "the state changes"
	SoundWay      SoundReason = "another way opens or closes"
	SoundDeadline SoundReason = "a deadline changes"
	SoundDo       SoundReason = "what to do changes"
	Silent        SoundReason = "nothing that one should do differently"
)

// Sound decides whether a notice is a new message or an edit in place: it is
// heard only where the citizen should act differently. before and after are the
// incident without and with the notice, previous the newest published notice of
// this round that tells each service (nil = none).
func Sound(before, after subscriptions.Incident, previous func(subscriptions.ServiceID) *subscriptions.Notice, n subscriptions.Notice, services []subscriptions.ServiceID) (bool, SoundReason) {
	switch n.Kind {
	case subscriptions.Update, subscriptions.AlternativeNotice:
	default:
		return true, SoundKind
	}
	if !told(previous, services) {
		return true, SoundFirst
	}
	if !sameWays(before, after, services) {
		return true, SoundWay
	}
	for _, id := range services {
		was, _ := before.Service(id)
		is, _ := after.Service(id)
		last := previous(id)
		switch {
		case was.Impact != is.Impact || was.Failing != is.Failing:
			return true, SoundState
		case n.Slots.Deadline != nil && !sameDeadline(last.Slots.Deadline, n.Slots.Deadline):
			return true, SoundDeadline
		case n.Slots.PayAgain.Value != last.Slots.PayAgain.Value || n.Slots.Landed.Value != last.Slots.Landed.Value:
			return true, SoundDo
		}
	}
	// Free text that a second officer had to read tells people to do something.
	for l, text := range n.Slots.Free {
		if two, _ := subscriptions.NeedsTwoOfficers(text); two && text != previous(services[0]).Slots.Free[l] {
			return true, SoundDo
		}
	}
	return false, Silent
}

func told(previous func(subscriptions.ServiceID) *subscriptions.Notice, services []subscriptions.ServiceID) bool {
	return len(services) > 0 && !slices.ContainsFunc(services, func(id subscriptions.ServiceID) bool { return previous(id) == nil })
}

func sameDeadline(a, b *subscriptions.Deadline) bool {
	return a != nil && b != nil && a.Service == b.Service && a.New.Equal(b.New) && a.FineWaived == b.FineWaived
}

// sameWays compares what is open to each service. A longer time for the same way
// changes nothing that one should do.
func sameWays(before, after subscriptions.Incident, services []subscriptions.ServiceID) bool {
	for _, id := range services {
		if !sameSet(waysOf(before, id), waysOf(after, id)) {
			return false
		}
	}
	return true
}

func waysOf(i subscriptions.Incident, id subscriptions.ServiceID) []subscriptions.AlternativeID {
	var out []subscriptions.AlternativeID
	for _, w := range i.Ways {
		if w.EndedAt.IsZero() && slices.Contains(w.Services, id) && !slices.Contains(out, w.Alternative) {
			out = append(out, w.Alternative)
		}
	}
	return out
}

// newest finds the newest published notice that tells a service.
func newest(all []subscriptions.Notice) func(subscriptions.ServiceID) *subscriptions.Notice {
	return func(id subscriptions.ServiceID) *subscriptions.Notice {
		for k := len(all) - 1; k >= 0; k-- {
			n := &all[k]
			if n.State == subscriptions.Published && n.Kind.Chain() && slices.Contains(n.Audience[subscriptions.ScopeAll], id) {
				return n
			}
		}
		return nil
	}
}

// overtaken lists the older notices that next replaces: nothing that they still
// owe to anybody is lost with them.
func overtaken(all []subscriptions.Notice, next subscriptions.Notice, after subscriptions.Incident) []subscriptions.NoticeID {
	var out []subscriptions.NoticeID
	if !next.Kind.Chain() {
		return nil
	}
	for _, old := range all {
		if old.ID != next.ID && old.State == subscriptions.Published && old.Overtaken == 0 && old.Kind.Chain() && subscriptions.Overtakes(next, old, after) {
			out = append(out, old.ID)
		}
	}
	return out
}
