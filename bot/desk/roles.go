package desk

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"arifa/subscriptions"
)

// ChangeRoles is a change of an officer's roles that waits for a second admin.
// It stands beside the changes of the registry: both are rule 4's right column.
const ChangeRoles subscriptions.ChangeKind = "roles"

// ChangeReady is an alternative that waits to be made ready.
const ChangeReady subscriptions.ChangeKind = "ready"

// rolesChange is what a waiting change of roles carries.
type rolesChange struct {
	Officer subscriptions.OfficerID
	Name    string
	Roles   []subscriptions.Grant
}

// SetRoles replaces an officer's roles. What gives a role, and what takes one from
// another admin, waits for a second admin (the change's id is returned); other
// roles only taken away do not wait. Where one admin is left the change takes
// effect after a day (see lonely), unless somebody refuses it.
func (d *Desk) SetRoles(ctx context.Context, a Actor, id subscriptions.OfficerID, roles []subscriptions.Grant, now time.Time) (subscriptions.Officer, subscriptions.ChangeID, error) {
	w := deed{actor: a, act: ActRolesAsk, subject: subjectOf("officer", id), now: now}
	o, change, err := d.setRoles(ctx, &w, id, roles)
	return blank(o), change, d.settle(ctx, w, err)
}

func (d *Desk) setRoles(ctx context.Context, w *deed, id subscriptions.OfficerID, roles []subscriptions.Grant) (subscriptions.Officer, subscriptions.ChangeID, error) {
	var none subscriptions.Officer
	if err := d.begin(ctx, w); err != nil {
		return none, 0, err
	}
	if err := d.checkRoles(roles); err != nil {
		return none, 0, err
	}
	all, err := d.Store.Officers(ctx)
	if err != nil {
		return none, 0, err
	}
	o, err := d.Store.Officer(ctx, id)
	if err != nil {
		return none, 0, asRefusal(err)
	}
	if err := keepsAnAdmin(all, id, roles); err != nil {
		return none, 0, err
	}
	detail := rolesText(roles)
	switch {
	case founding(all):
		detail = actedAlone + "; " + detail
	case !onlyLess(o.Roles, roles), admin(o) && id != w.actor.Officer.ID:
		c, err := d.askRoles(ctx, w, all, o, roles)
		return o, c.ID, err
	}
	o.Grant(roles)
	o, err = d.Store.PutOfficer(ctx, o, w.line(detail))
	return o, 0, asRefusal(err)
}

// admin reports whether the officer was made an admin, frozen or not.
func admin(o subscriptions.Officer) bool {
	return slices.Contains(o.Roles, subscriptions.Grant{Role: subscriptions.Admin})
}

// askRoles stores a change of roles that waits: for a second admin, or, where one
// admin is left, for time.
func (d *Desk) askRoles(ctx context.Context, w *deed, all []subscriptions.Officer, o subscriptions.Officer, roles []subscriptions.Grant) (subscriptions.RegistryChange, error) {
	b, err := json.Marshal(rolesChange{Officer: o.ID, Name: o.Name, Roles: roles})
	if err != nil {
		return subscriptions.RegistryChange{}, err
	}
	c := subscriptions.RegistryChange{
		Kind: ChangeRoles, New: string(b), State: subscriptions.ChangeWaiting, ProposedBy: w.actor.Officer.ID, ProposedAt: w.now,
	}
	detail := "waits for another admin: "
	if admins(all) < 2 {
		c.State, c.EffectiveAt = subscriptions.ChangeCooling, w.now.Add(lonely(all, c.ProposedBy))
		detail = "one admin is left: takes effect " + c.EffectiveAt.Format(time.RFC3339) + " unless it is refused: "
	}
	ask := *w
	ask.act, ask.subject = ActRolesAsk, subjectOf("officer", o.ID)
	c, err = d.Store.PutChange(ctx, c, ask.line(detail+rolesText(roles)))
	if err == nil && c.State == subscriptions.ChangeCooling {
		d.callAll(ctx, all, Event{Kind: EventAlone, Change: c.ID, Due: c.EffectiveAt, At: w.now}, w.actor.Officer.ID)
	}
	return c, asRefusal(err)
}

// giveRoles lets a waiting change of roles take effect.
func (d *Desk) giveRoles(ctx context.Context, w *deed, c subscriptions.RegistryChange) error {
	var asked rolesChange
	if err := json.Unmarshal([]byte(c.New), &asked); err != nil {
		return no(0, "propose the roles again", "the waiting change cannot be read")
	}
	if err := d.checkRoles(asked.Roles); err != nil {
		return err
	}
	all, err := d.Store.Officers(ctx)
	if err != nil {
		return err
	}
	if err := keepsAnAdmin(all, asked.Officer, asked.Roles); err != nil {
		return err
	}
	o, err := d.Store.Officer(ctx, asked.Officer)
	switch {
	case err != nil:
		return asRefusal(err)
	case o.ID == w.actor.Officer.ID && !onlyLess(o.Roles, asked.Roles):
		return no(4, "ask another admin", "nobody approves roles for themselves")
	}
	o.Grant(asked.Roles)
	line := w.line(rolesText(asked.Roles))
	line.Subject = subjectOf("officer", o.ID)
	_, err = d.Store.PutOfficer(ctx, o, line)
	return asRefusal(err)
}

// keepsAnAdmin refuses to take the last admin's power.
func keepsAnAdmin(all []subscriptions.Officer, id subscriptions.OfficerID, roles []subscriptions.Grant) error {
	after := 0
	for _, o := range all {
		if o.ID == id {
			o.Roles = roles
		}
		if o.Has(subscriptions.Admin, "") {
			after++
		}
	}
	if after == 0 {
		return no(4, "make somebody else admin first", "nobody would be admin")
	}
	return nil
}

// onlyLess reports whether next gives nothing that old does not.
func onlyLess(old, next []subscriptions.Grant) bool {
	have := map[subscriptions.Grant]bool{}
	for _, g := range old {
		have[g] = true
	}
	for _, g := range next {
		if !have[g] {
			return false
		}
	}
	return true
}
