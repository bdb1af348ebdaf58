package console

import (
	"net/url"
	"strings"
	"time"

	"arifa/subscriptions"
)

// slots reads the facts of a notice from its form.
func (a *ask) slots() (subscriptions.Slots, error) {
	s := subscriptions.Slots{
		Services: list[subscriptions.ServiceID](a, "services"), Platforms: list[subscriptions.PlatformID](a, "platforms"),
		Alternatives: list[subscriptions.AlternativeID](a, "ways"), State: subscriptions.IncidentState(a.Val("state")),
		SinceApprox: a.Val("about") != "", EndsNotBefore: a.Val("notbefore") != "", NoChange: a.Val("nochange") != "",
		Cause: subscriptions.Cause(a.Val("cause")), False: subscriptions.FalseClaim(a.Val("false")), Free: a.free(),
	}
	var err error
	if s.NextUpdate, err = a.next(); err != nil {
		return s, err
	}
	var old, fresh time.Time
	for _, t := range []struct {
		name, label string
		into        *time.Time
	}{{"since", "Since when", &s.Since}, {"until", "Until when", &s.Until}, {"starts", "Planned start", &s.StartsAt}, {"ends", "Planned end", &s.EndsAt},
		{"deadlineold", "Deadline until now", &old}, {"deadlinenew", "New deadline", &fresh}} {
		if *t.into, err = a.when(t.name, t.label); err != nil {
			return s, err
		}
	}
	if id := subscriptions.ServiceID(a.Val("deadlinefor")); id != "" {
		s.Deadline = &subscriptions.Deadline{Service: id, Old: old, New: fresh, FineWaived: a.Val("finewaived") != ""}
	}
	s.Landed, s.PayAgain, s.Moved, err = a.answers()
	return s, err
}

// free reads the one short text of each language.
func (a *ask) free() subscriptions.Text {
	var out subscriptions.Text
	for _, l := range a.nation.Languages {
		if text := strings.TrimSpace(a.Val("free." + string(l))); text != "" {
			if out == nil {
				out = subscriptions.Text{}
			}
			out[l] = text
		}
	}
	return out
}

// answers reads the three questions at an end.
func (a *ask) answers() (landed, payAgain, moved subscriptions.Answer, err error) {
	for _, q := range []struct {
		name, label string
		into        *subscriptions.Answer
	}{{"landed", "Did payments arrive", &landed}, {"payagain", "Pay again", &payAgain}, {"moved", "Did a deadline move", &moved}} {
		switch v := a.Val(q.name); v {
		case "yes", "no":
			q.into.Value = v
		default:
			if q.into.By, err = a.when(q.name+".by", q.label+", by when"); err != nil {
				return
			}
		}
	}
	return
}

// typed writes the facts of a notice as its form would hold them.
func (a *ask) typed(n subscriptions.Notice) url.Values {
	s := n.Slots
	v := url.Values{"agency": {string(n.Agency)}, "kind": {string(n.Kind)}}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	mark := func(name string, on bool) {
		if on {
			v.Set(name, "1")
		}
	}
	for _, id := range s.Services {
		v.Add("services", string(id))
	}
	for _, id := range s.Platforms {
		v.Add("platforms", string(id))
	}
	for _, id := range s.Alternatives {
		v.Add("ways", string(id))
	}
	set("state", string(s.State))
	set("cause", string(s.Cause))
	set("false", string(s.False))
	mark("about", s.SinceApprox)
	mark("notbefore", s.EndsNotBefore)
	mark("nochange", s.NoChange)
	for name, t := range map[string]time.Time{"since": s.Since, "nextat": s.NextUpdate, "until": s.Until, "starts": s.StartsAt, "ends": s.EndsAt} {
		set(name, a.Field(t))
	}
	for l, text := range s.Free {
		set("free."+string(l), text)
	}
	for name, q := range map[string]subscriptions.Answer{"landed": s.Landed, "payagain": s.PayAgain, "moved": s.Moved} {
		set(name, q.Value)
		set(name+".by", a.Field(q.By))
	}
	if d := s.Deadline; d != nil {
		set("deadlinefor", string(d.Service))
		set("deadlineold", a.Field(d.Old))
		set("deadlinenew", a.Field(d.New))
		mark("finewaived", d.FineWaived)
	}
	return v
}
