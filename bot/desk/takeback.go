package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"arifa/subscriptions"
)

// takeBack stops an end that a network refuses, and with it what the end did: some
// were told that it works again and the others never will be, so it does not count.
// In one transaction the incident goes on in the same round, and an update in the
// program's fixed words tells everybody how it stands: whoever has read the end hears
// it, the others' live message is edited. All of them are owed one end, which
// officers say anew. False = nothing of it can be taken back: it is stopped only.
func (d *Desk) takeBack(ctx context.Context, w *deed, end subscriptions.Notice, why string) (bool, error) {
	n := subscriptions.Notice{
		Incident: end.Incident, Round: end.Round, Kind: subscriptions.Update, Agency: end.Agency, State: subscriptions.Draft,
		Author: end.Author, Approver: end.Approver, CreatedAt: w.now,
	}
	s, err := d.look(ctx, n, w.now)
	if err != nil || s.incident.Round != end.Round {
		return false, err
	}
	s.told = slices.DeleteFunc(s.told, func(t subscriptions.Notice) bool { return t.ID == end.ID })
	p := plan{after: undone(s, end)}
	if p.services = failAgain(s, p.after); len(p.services) == 0 {
		return false, nil
	}
	p.after.NextUpdate = promisedBefore(s.told, w.now)
	p.slots = subscriptions.Slots{
		Services: p.services, Since: p.after.Since, SinceApprox: p.after.SinceApprox, NextUpdate: p.after.NextUpdate, TakesBack: end.Key,
	}
	if p.after.Maintenance {
		p.slots.StartsAt, p.slots.EndsAt = p.after.StartsAt, p.after.EndsAt
	}
	p.audience = subscriptions.AudienceOf(s.nation, p.services, platformsOf(p.after, p.services))
	end.State, end.StoppedAt = subscriptions.Stopped, w.now
	also := []summoned{d.summon(ctx, brokenOf(end, w.now))}
	for _, h := range p.after.Holds { // only its agency can say that it works again
		e := brokenOf(end, w.now)
		e.Agency = h.Agency
		if h.ReleasedAt.IsZero() && h.Agency != end.Agency && slices.Contains(p.services, h.Service) && !calls(also, h.Agency) {
			also = append(also, d.summon(ctx, e))
		}
	}
	w.subject = "notice " + show(end)
	return true, d.sayItself(ctx, n, s, p, itself{
		request: fmtTick("take-back", end.ID, s.incident.Revision), also: also, stops: []subscriptions.Notice{end},
		line: func(said subscriptions.Notice) subscriptions.AuditLine {
			return w.line(fmt.Sprintf("%s; the end is taken back: incident %d is %s, and %s of it, as notice %s says",
				strings.TrimSpace(why), p.after.ID, p.after.State, fails(len(p.services)), show(said)))
		},
	})
}

func calls(all []summoned, a subscriptions.AgencyID) bool {
	return slices.ContainsFunc(all, func(s summoned) bool { return s.Agency == a })
}

func fails(n int) string {
	if n == 1 {
		return "1 service fails"
	}
	return fmt.Sprintf("%d services fail", n)
}

// undone is the incident as if this end had not been said: what it ended, it ended
// at the moment of its publication. What is claimed by another incident by now is
// told there. An incident that had ended is watched again: its officers say that it
// is repaired, and nobody has confirmed it.
func undone(s situation, end subscriptions.Notice) subscriptions.Incident {
	i, at := clone(s.incident), end.PublishedAt
	for k, c := range i.Claims {
		if c.EndedAt.Equal(at) && !claimedElsewhere(s.others, i, c.Platform) {
			i.Claims[k].EndedAt = time.Time{}
		}
	}
	i.Ticks = slices.DeleteFunc(i.Ticks, func(t subscriptions.Tick) bool { return t.At.Equal(at) && !t.Affected && t.By == end.Author })
	i.Holds = slices.DeleteFunc(i.Holds, func(h subscriptions.Hold) bool { return h.At.Equal(at) && h.Agency == "" })
	for k, h := range i.Holds {
		if !h.ReleasedAt.Equal(at) {
			continue
		}
		if i.Holds[k].ReleasedAt = (time.Time{}); h.Agency == "" {
			// It waited for another incident, and the clock would end it again at once,
			// with words that are refused again. A person ends it.
			svc, _ := s.nation.Service(h.Service)
			i.Holds[k].Agency = svc.Agency
		}
	}
	i.Services = derive(s.nation, i)
	if failing := i.Failing(); len(failing) > 0 && i.State.Over() {
		i.State, i.EndedAt, i.Reported = watched(i.Maintenance), time.Time{}, nil
	}
	openWays(s, &i, at)
	return i
}

func watched(maintenance bool) subscriptions.IncidentState {
	if maintenance {
		return subscriptions.Verifying
	}
	return subscriptions.Monitoring
}

func claimedElsewhere(others []subscriptions.Incident, i subscriptions.Incident, p subscriptions.PlatformID) bool {
	return p != "" && slices.ContainsFunc(others, func(o subscriptions.Incident) bool {
		return o.Maintenance == i.Maintenance && slices.Contains(o.Platforms(), p)
	})
}

// openWays gives the services that fail again the ways that the end took from them,
// as far as these were told to them and their time is not over.
func openWays(s situation, i *subscriptions.Incident, at time.Time) {
	again := failAgain(s, *i)
	for k, w := range i.Ways {
		if !w.EndedAt.IsZero() && !w.EndedAt.Equal(at) || !w.Until.IsZero() && !w.Until.After(s.now) {
			continue
		}
		told := w.Services
		for _, t := range s.told {
			if t.ID == w.Notice && t.State == subscriptions.Published {
				told = append(slices.Clone(told), hangingOn(s.nation, t.Audience[subscriptions.ScopeAll], []subscriptions.AlternativeID{w.Alternative})...)
			}
		}
		kept := w.Services
		if !w.EndedAt.IsZero() {
			kept = nil
		}
		if back := intersect(told, again); len(back) > 0 {
			i.Ways[k].Services, i.Ways[k].EndedAt = inOrder(s.nation, append(slices.Clone(kept), back...)), time.Time{}
		}
	}
}

// failAgain lists those whose state changes when an end is taken back: they fail
// again, or fail by more than before.
func failAgain(s situation, after subscriptions.Incident) []subscriptions.ServiceID {
	var out []subscriptions.ServiceID
	for _, is := range after.Services {
		was, _ := s.incident.Service(is.Service)
		same := was.Failing && was.Held == is.Held && was.Impact == is.Impact && slices.Equal(was.Via, is.Via)
		if is.Failing && is.Confirmed && !same {
			out = append(out, is.Service)
		}
	}
	return inOrder(s.nation, out)
}

// promisedBefore is the time that the last word before the end gave for the next
// one; where that has passed, officers get as long as anybody who gives no time.
func promisedBefore(told []subscriptions.Notice, now time.Time) time.Time {
	for _, t := range slices.Backward(told) {
		if t.State == subscriptions.Published && t.Slots.NextUpdate.After(now) && alert(t.Kind) {
			return t.Slots.NextUpdate
		}
	}
	return cut(now.Add(PromiseAfter))
}
