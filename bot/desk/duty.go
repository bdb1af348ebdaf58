package desk

import (
	"context"
	"slices"
	"time"

	"arifa/subscriptions"
)

// SetDuty replaces an officer's weekly turns.
func (d *Desk) SetDuty(ctx context.Context, a Actor, id subscriptions.OfficerID, turns []subscriptions.Duty, now time.Time) (subscriptions.Officer, error) {
	w := deed{actor: a, act: ActDuty, subject: subjectOf("officer", id), now: now}
	if err := d.checkDuty(ctx, &w, id, turns); err != nil {
		return subscriptions.Officer{}, d.settle(ctx, w, err)
	}
	return d.changeOfficer(ctx, w, id, "", func(o *subscriptions.Officer) { o.Duty = turns })
}

func (d *Desk) checkDuty(ctx context.Context, w *deed, id subscriptions.OfficerID, turns []subscriptions.Duty) error {
	o, err := d.Store.Officer(ctx, id)
	if err != nil {
		return asRefusal(err)
	}
	// Turns that are taken away need the same power as those that are given.
	for _, t := range append(append([]subscriptions.Duty{}, turns...), o.Duty...) {
		w.agency = t.Agency
		if err := d.begin(ctx, w); err != nil {
			return err
		}
	}
	for _, t := range turns {
		switch {
		case !o.Has(subscriptions.Author, t.Agency) && !o.Has(subscriptions.Approver, t.Agency):
			return no(4, "give a role in the agency first", "%s has no role in %s", o.Name, t.Agency)
		case len(t.Days) == 0, t.From < 0, t.To < 0, t.From >= 24*60, t.To > 24*60, t.From == t.To:
			return no(0, "give days, and times between 00:00 and 24:00", "the turn is empty")
		}
	}
	return d.begin(ctx, w)
}

// OnDuty lists who is on duty for an agency.
func (d *Desk) OnDuty(ctx context.Context, agency subscriptions.AgencyID, now time.Time) ([]subscriptions.Officer, error) {
	all, err := d.Store.Officers(ctx)
	if err != nil {
		return nil, err
	}
	local := now.In(d.Config.Nation().Location())
	var on []subscriptions.Officer
	for _, o := range all {
		for _, t := range o.Duty {
			if o.Active() && t.Agency == agency && t.On(local) {
				on = append(on, blank(o))
				break
			}
		}
	}
	return on, nil
}

// SetHead names an officer as the head of an agency, or ends that: the head is called
// where nobody else answers.
func (d *Desk) SetHead(ctx context.Context, a Actor, id subscriptions.OfficerID, agency subscriptions.AgencyID, head bool, now time.Time) (subscriptions.Officer, error) {
	w := deed{actor: a, act: ActDuty, agency: agency, subject: subjectOf("officer", id), now: now}
	if err := d.checkHead(ctx, &w, id, head); err != nil {
		return subscriptions.Officer{}, d.settle(ctx, w, err)
	}
	detail := "head of " + string(agency)
	if !head {
		detail = "no longer " + detail
	}
	return d.changeOfficer(ctx, w, id, detail, func(o *subscriptions.Officer) {
		o.Heads = slices.DeleteFunc(slices.Clone(o.Heads), func(h subscriptions.AgencyID) bool { return h == agency })
		if head {
			o.Heads = append(o.Heads, agency)
		}
	})
}

func (d *Desk) checkHead(ctx context.Context, w *deed, id subscriptions.OfficerID, head bool) error {
	if err := d.begin(ctx, w); err != nil {
		return err
	}
	o, err := d.Store.Officer(ctx, id)
	switch {
	case err != nil:
		return asRefusal(err)
	case head && !slices.Contains(o.SpeaksFor(), w.agency):
		return no(4, "give a role in the agency first", "%s has no role in %s", o.Name, w.agency)
	}
	return nil
}

// DutyOf lists who has turns for an agency, and its heads; without keys and secrets.
func (d *Desk) DutyOf(ctx context.Context, a Actor, agency subscriptions.AgencyID) ([]subscriptions.Officer, error) {
	all, err := d.Officers(ctx, a)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(o subscriptions.Officer) bool {
		turns := slices.ContainsFunc(o.Duty, func(t subscriptions.Duty) bool { return t.Agency == agency })
		return !turns && !slices.Contains(o.Heads, agency)
	}), nil
}
