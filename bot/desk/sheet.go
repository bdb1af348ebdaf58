package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// look reads everything that the decision about one notice needs.
func (d *Desk) look(ctx context.Context, n subscriptions.Notice, now time.Time) (situation, error) {
	s := situation{now: now}
	var err error
	if s.nation, err = d.Nation(ctx); err != nil {
		return s, err
	}
	if s.ready, err = d.Store.ReadyWays(ctx); err != nil {
		return s, err
	}
	if n.Corrects != 0 {
		c, err := d.Store.Notice(ctx, n.Corrects)
		if err != nil {
			return s, asRefusal(err)
		}
		s.corrected = &c
	}
	live, err := d.Store.Incidents(ctx, now)
	if err != nil {
		return s, err
	}
	for _, i := range live {
		if i.ID != n.Incident && !i.State.Over() {
			s.others = append(s.others, i)
		}
	}
	if n.Incident == 0 {
		return s, nil
	}
	if s.incident, err = d.Store.Incident(ctx, n.Incident); err != nil {
		return s, asRefusal(err)
	}
	all, err := d.Store.Notices(ctx, n.Incident)
	s.heard(slices.DeleteFunc(all, func(t subscriptions.Notice) bool { return t.ID == n.ID }))
	return s, err
}

// heard sorts an incident's notices into those of the present round and the ends of
// the round before.
func (s *situation) heard(all []subscriptions.Notice) {
	s.told, s.ends = nil, nil
	for _, t := range all {
		switch {
		case t.PublishedAt.IsZero():
		case t.Round == s.incident.Round:
			s.told = append(s.told, t)
		case t.Round == s.incident.Round-1 && t.Kind == subscriptions.Restored:
			s.ends = append(s.ends, t)
		}
	}
}

// freeze makes the words and everything else to which an approval is bound.
func (d *Desk) freeze(s situation, p plan, n subscriptions.Notice) (subscriptions.Notice, error) {
	n.Slots, n.Audience = p.slots, p.audience
	if n.Kind == subscriptions.Outage {
		n.Beside = p.left
	}
	n.Round, n.IncidentRevision = s.incident.Round, s.incident.Revision
	n.TwoOfficers = twoOfficers(s.nation, n, readyFor(s, n, p.services))
	n.Sound, _ = Sound(s.incident, p.after, newest(s.told), n, p.services)
	if n.Slots.TakesBack != "" { // only for those who have read the end: see Planner.mode
		n.Sound = false
	}
	n.Money = aboutMoney(s, n)
	sheet, err := d.Config.Speaker.Sheet(wording.Facts{
		Nation: s.nation, Incident: p.after, Notice: n, Corrected: s.corrected,
		Statements: statements(s, n), Host: d.Config.Host, Zone: s.nation.Location(), Now: s.now,
	})
	if errors.Is(err, subscriptions.ErrRefused) || errors.Is(err, subscriptions.ErrNotFound) {
		return n, no(5, "take it out of the notice", "%v", err)
	}
	if err != nil {
		return n, err
	}
	n.Sheet = sheet
	n.Hash = n.Digest()
	return n, nil
}

// aboutMoney: corrections of words about money go first in every lane.
func aboutMoney(s situation, n subscriptions.Notice) bool {
	if n.Slots.TakesBack != "" { // people pay because it is said to work again
		return true
	}
	if n.Kind != subscriptions.Correction {
		return false
	}
	if f := n.Slots.False; f == subscriptions.FalsePayment || f == subscriptions.FalseNumber || f == subscriptions.FalseLink {
		return true
	}
	if s.corrected == nil {
		return false
	}
	return s.corrected.Money || s.corrected.Slots.PayAgain.Value == "yes" || slices.ContainsFunc(s.corrected.Slots.Alternatives, func(id subscriptions.AlternativeID) bool {
		a, _ := s.nation.Alternative(id)
		return movesMoney(s.nation, a)
	})
}

// statements are what the other agencies said last in this round, and, for those
// whose service goes on failing, who said that it works again: also at the end of the
// round before, where another body began this one.
func statements(s situation, n subscriptions.Notice) []wording.Statement {
	last := map[subscriptions.AgencyID]wording.Statement{}
	var order []subscriptions.AgencyID
	for _, t := range slices.Concat(s.ends, s.told) {
		if t.Agency == n.Agency || t.State != subscriptions.Published || !t.Kind.Chain() {
			continue
		}
		before, seen := last[t.Agency]
		if !seen {
			order = append(order, t.Agency)
		}
		// What goes out beside an end, at the same moment, does not take it back.
		if before.Kind == subscriptions.Restored && !t.PublishedAt.After(before.At) {
			continue
		}
		last[t.Agency] = wording.Statement{Agency: t.Agency, At: t.PublishedAt, Kind: t.Kind}
	}
	var out []wording.Statement
	for _, a := range order {
		out = append(out, last[a])
	}
	return out
}

// prepare plans a notice, gives it its number and freezes it.
func (d *Desk) prepare(ctx context.Context, w *deed, n subscriptions.Notice) (subscriptions.Notice, situation, plan, error) {
	s, err := d.look(ctx, n, w.now)
	if err != nil {
		return n, s, plan{}, err
	}
	n.Slots = withDefaults(n, s.incident, w.now)
	if r := checkSlots(s, n); r != nil {
		return n, s, plan{}, r
	}
	p, r := planFor(s, n)
	if r != nil {
		return n, s, p, r
	}
	if n, err = d.number(ctx, w, n, s.nation); err != nil {
		return n, s, p, err
	}
	n, err = d.freeze(s, p, n)
	return n, s, p, err
}

// number gives a notice its number and check code, once: a number is never used
// again, so a notice keeps the one that it got when it was submitted first.
func (d *Desk) number(ctx context.Context, w *deed, n subscriptions.Notice, nation *subscriptions.Nation) (subscriptions.Notice, error) {
	if n.Key != "" {
		return n, nil
	}
	n.Code = subscriptions.NewCheckCode(d.Config.Rand)
	line := w.line("")
	line.Action, line.Subject = "notice.number", subjectOf("notice", n.ID)
	c, err := d.Store.Commit(ctx, subscriptions.Change{
		Notices: []subscriptions.Notice{n}, Day: w.now.In(nation.Location()).Format("2006-0102"), Line: line, Now: w.now,
	})
	if err != nil {
		return n, asRefusal(err)
	}
	return c.Notices[0], nil
}
