package desk

import (
	"context"
	"time"

	"arifa/subscriptions"
)

// Disable ends every power of an officer. An admin's ends by two: freeze them, or
// let a second admin take the role away first.
func (d *Desk) Disable(ctx context.Context, a Actor, id subscriptions.OfficerID, now time.Time) (subscriptions.Officer, error) {
	w := deed{actor: a, act: ActOfficerDisable, subject: subjectOf("officer", id), now: now}
	err := d.begin(ctx, &w)
	if err == nil {
		err = d.notLastAdmin(ctx, id)
	}
	if err == nil {
		err = d.notAnAdmin(ctx, id)
	}
	if err != nil {
		return subscriptions.Officer{}, d.settle(ctx, w, err)
	}
	return d.changeOfficer(ctx, w, id, "", func(o *subscriptions.Officer) { o.DisabledAt, o.CodesEndedAt = w.now, w.now })
}

// Freeze takes an officer's power away quickly: any officer of the same agency
// may, or an admin; only an admin lifts it, so the last one who acts stays.
func (d *Desk) Freeze(ctx context.Context, a Actor, id subscriptions.OfficerID, now time.Time) (subscriptions.Officer, error) {
	w := deed{actor: a, act: ActOfficerFreeze, subject: subjectOf("officer", id), now: now}
	o, err := d.Store.Officer(ctx, id)
	if err != nil {
		return o, d.settle(ctx, w, asRefusal(err))
	}
	if err = d.mayFreeze(ctx, &w, o); err == nil {
		err = d.notLastAdmin(ctx, id)
	}
	if err != nil {
		return subscriptions.Officer{}, d.settle(ctx, w, err)
	}
	if o, err = d.changeOfficer(ctx, w, id, "", frozenAt(w.now)); err != nil {
		return o, err
	}
	return o, d.settle(ctx, w, d.keepOneAdmin(ctx, w, id))
}

// keepOneAdmin takes a freeze back that left nobody who could lift it: two admins
// who freeze each other at once both act again, and the record shows it.
func (d *Desk) keepOneAdmin(ctx context.Context, w deed, id subscriptions.OfficerID) error {
	all, err := d.Store.Officers(ctx)
	if err != nil || admins(all) > 0 {
		return err
	}
	w.act = ActUnfreeze
	if _, err := d.changeOfficer(ctx, w, id, "nobody would be admin", func(o *subscriptions.Officer) { o.FrozenAt = time.Time{} }); err != nil {
		return err
	}
	return no(4, "ask the other admin, or let an officer of theirs freeze them", "two admins froze each other, and nobody would be left to lift it")
}

func frozenAt(now time.Time) func(*subscriptions.Officer) {
	return func(o *subscriptions.Officer) { o.FrozenAt, o.CodesEndedAt = now, now }
}

// mayFreeze tries the agencies that both officers belong to.
func (d *Desk) mayFreeze(ctx context.Context, w *deed, o subscriptions.Officer) error {
	err := d.begin(ctx, w)
	for _, agency := range o.SpeaksFor() {
		if err == nil {
			return nil
		}
		w.agency = agency
		err = d.begin(ctx, w)
	}
	return err
}

// FreezeAgency freezes every officer of an agency, the one who asks included:
// whoever speaks for it next has been looked at by an admin. Only the last admin
// who acts is left out, for nobody could lift it.
func (d *Desk) FreezeAgency(ctx context.Context, a Actor, agency subscriptions.AgencyID, now time.Time) ([]subscriptions.OfficerID, error) {
	w := deed{actor: a, act: ActAgencyFreeze, agency: agency, subject: string(agency), now: now}
	if err := d.begin(ctx, &w); err != nil {
		return nil, d.settle(ctx, w, err)
	}
	all, err := d.Store.Officers(ctx)
	if err != nil {
		return nil, err
	}
	var frozen []subscriptions.OfficerID
	for _, o := range all {
		if d.notLastAdmin(ctx, o.ID) != nil || !o.Active() || !(o.Has(subscriptions.Author, agency) || o.Has(subscriptions.Approver, agency)) {
			continue
		}
		if _, err := d.changeOfficer(ctx, w, o.ID, "agency "+string(agency), frozenAt(w.now)); err != nil {
			return frozen, err
		}
		frozen = append(frozen, o.ID)
	}
	return frozen, nil
}

// Unfreeze gives a frozen officer their power back.
func (d *Desk) Unfreeze(ctx context.Context, a Actor, id subscriptions.OfficerID, now time.Time) (subscriptions.Officer, error) {
	w := deed{actor: a, act: ActUnfreeze, subject: subjectOf("officer", id), now: now}
	err := d.begin(ctx, &w)
	if err == nil && w.actor.Officer.ID == id {
		err = no(4, "ask another admin", "nobody unfreezes themselves")
	}
	if err != nil {
		return subscriptions.Officer{}, d.settle(ctx, w, err)
	}
	return d.changeOfficer(ctx, w, id, "", func(o *subscriptions.Officer) { o.FrozenAt = time.Time{} })
}

// notLastAdmin refuses to take the power of the last admin who acts.
func (d *Desk) notLastAdmin(ctx context.Context, id subscriptions.OfficerID) error {
	all, err := d.Store.Officers(ctx)
	if err != nil {
		return err
	}
	return keepsAnAdmin(all, id, nil)
}

// notAnAdmin refuses to end another admin's power for good by one alone.
func (d *Desk) notAnAdmin(ctx context.Context, id subscriptions.OfficerID) error {
	o, err := d.Store.Officer(ctx, id)
	switch {
	case err != nil:
		return asRefusal(err)
	case admin(o):
		return no(4, "freeze them now, and take the role admin away first with officer roles: a second admin approves it", "%s is an admin: that power is taken by two", o.Name)
	}
	return nil
}

// changeOfficer stores one change of an officer; a lost race is tried again,
// for a freeze must not fail because the officer was busy.
func (d *Desk) changeOfficer(ctx context.Context, w deed, id subscriptions.OfficerID, detail string, change func(*subscriptions.Officer)) (subscriptions.Officer, error) {
	var last error
	for range 5 {
		o, err := d.Store.Officer(ctx, id)
		if err != nil {
			return o, d.settle(ctx, w, asRefusal(err))
		}
		change(&o)
		line := w.line(detail)
		line.Subject = subjectOf("officer", id)
		stored, err := d.Store.PutOfficer(ctx, o, line)
		if err == nil {
			return blank(stored), nil
		}
		if last = asRefusal(err); !isConflict(err) {
			break
		}
	}
	return subscriptions.Officer{}, d.settle(ctx, w, last)
}
