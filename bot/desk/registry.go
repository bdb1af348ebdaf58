package desk

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"arifa/subscriptions"
)

// Changes lists what waits for two officers, and what was decided, newest first:
// changes of the registry, of payment texts, of roles, and ready alternatives.
func (d *Desk) Changes(ctx context.Context) ([]subscriptions.RegistryChange, error) {
	return d.Store.Changes(ctx)
}

// ProposeConfirm proposes that a destination which the catalogue marks as not
// confirmed becomes a place to pay. expectName is the receiver's name that the
// payer's phone shows; empty leaves what the catalogue has.
func (d *Desk) ProposeConfirm(ctx context.Context, a Actor, id subscriptions.EntryID, expectName string, now time.Time) (subscriptions.RegistryChange, error) {
	w := deed{actor: a, act: ActEntryAsk, subject: string(id), now: now}
	c, err := d.proposeConfirm(ctx, &w, id, strings.Join(strings.Fields(expectName), " "))
	return c, d.settle(ctx, w, err)
}

func (d *Desk) proposeConfirm(ctx context.Context, w *deed, id subscriptions.EntryID, expectName string) (subscriptions.RegistryChange, error) {
	var none subscriptions.RegistryChange
	n, err := d.Nation(ctx)
	if err != nil {
		return none, err
	}
	e, ok := n.Entry(id)
	if !ok {
		return none, no(0, "look it up with registry list", "there is no entry %q", id)
	}
	w.agency = e.Agency
	if err := d.begin(ctx, w); err != nil {
		return none, err
	}
	switch {
	case !e.Destination:
		return none, no(5, "", "%s is a contact, not a place to pay", id)
	case e.Retired || !e.Publishable:
		return none, no(5, "the catalogue must allow it first", "%s must not reach a citizen", id)
	case !e.Verify && (expectName == "" || expectName == e.ExpectName):
		return none, no(5, "", "%s is confirmed already", id)
	case len(subscriptions.ScanText(expectName, n)) > 0 || len(expectName) > 60:
		return none, no(5, "give the name as the phone shows it", "the name to expect holds a number or a link, or is too long")
	}
	before, _ := json.Marshal(e)
	if expectName != "" {
		e.ExpectName = expectName
	}
	e.Verify = false
	after, err := json.Marshal(e)
	if err != nil {
		return none, err
	}
	if err := d.notWaiting(ctx, subscriptions.ChangeConfirm, id); err != nil {
		return none, err
	}
	c, err := d.Store.PutChange(ctx, subscriptions.RegistryChange{
		Kind: subscriptions.ChangeConfirm, Agency: e.Agency, Entry: id, Old: string(before), New: string(after),
		State: subscriptions.ChangeWaiting, ProposedBy: w.actor.Officer.ID, ProposedAt: w.now,
	}, w.line("proposed as a place to pay"))
	if err == nil {
		d.call(ctx, Event{Kind: EventApprove, Agency: e.Agency, Change: c.ID, Since: w.now, At: w.now}, w.actor.Officer.ID)
	}
	return c, asRefusal(err)
}

func (d *Desk) notWaiting(ctx context.Context, k subscriptions.ChangeKind, id subscriptions.EntryID) error {
	all, err := d.Store.Changes(ctx)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Kind == k && c.Entry == id && (c.State == subscriptions.ChangeWaiting || c.State == subscriptions.ChangeCooling) {
			return no(5, "approve or refuse that one", "change %d of %s waits already", c.ID, id)
		}
	}
	return nil
}

// ApproveChangeInput is an officer's yes to a waiting change.
type ApproveChangeInput struct {
	ID      subscriptions.ChangeID
	Code    string // six digits
	Passkey string // in place of the digits: see Proof
}

// ApproveChange gives one approval. Changes of the registry need two approvers of
// the entry's agency, neither of them the proposer, and then wait 24 hours; what
// one officer proposed as a confirmation or a ready way needs one other; roles
// need another admin.
func (d *Desk) ApproveChange(ctx context.Context, a Actor, in ApproveChangeInput, now time.Time) (subscriptions.RegistryChange, error) {
	w := deed{actor: a, act: ActChangeApprove, subject: subjectOf("change", in.ID), now: now}
	c, err := d.approveChange(ctx, &w, in)
	return c, d.settle(ctx, w, err)
}

func (d *Desk) approveChange(ctx context.Context, w *deed, in ApproveChangeInput) (subscriptions.RegistryChange, error) {
	c, err := d.waitingChange(ctx, w, in.ID)
	if err != nil {
		return c, err
	}
	me := w.actor.Officer.ID
	switch {
	case me == c.ProposedBy:
		return c, no(4, "ask another officer", "nobody approves their own proposal, whatever account they use")
	case slices.Contains(c.Approvals, me):
		return c, no(4, "ask another officer", "you approved it already")
	}
	if r, err := d.frozenBy(ctx, c, w.now); err != nil || r != nil {
		if r != nil {
			return c, r
		}
		return c, err
	}
	n, err := d.Nation(ctx)
	if err != nil {
		return c, err
	}
	if r := unheld(n, c); r != nil {
		return c, r
	}
	if err := d.twoPeople(ctx, w.actor.Officer, c.ProposedBy); err != nil {
		return c, err
	}
	if err := d.prove(ctx, w, Proof{in.Code, in.Passkey}); err != nil {
		return c, err
	}
	return d.approveNow(ctx, w, c)
}

func (d *Desk) approveNow(ctx context.Context, w *deed, c subscriptions.RegistryChange) (subscriptions.RegistryChange, error) {
	c.Approvals = append(slices.Clone(c.Approvals), w.actor.Officer.ID)
	detail := string(c.Kind) + " " + c.Of()
	switch c.Kind {
	case ChangeRoles, ChangeReady:
		// The effect is safe to repeat, so it goes first: a change that says done is done.
		effect := d.giveRoles
		if c.Kind == ChangeReady {
			effect = d.makeReady
		}
		if err := effect(ctx, w, c); err != nil {
			return c, err
		}
		c.State, c.EffectiveAt = subscriptions.ChangeDone, w.now
	case subscriptions.ChangeConfirm:
		c.State, c.EffectiveAt = subscriptions.ChangeDone, w.now
	default:
		if len(c.Approvals) >= 2 || w.act == ActTiesApprove { // the admin who imported is the first of two
			c.State, c.EffectiveAt = subscriptions.ChangeCooling, w.now.Add(subscriptions.CoolingOff)
			detail += ", takes effect in 24 hours"
		}
	}
	c, err := d.Store.PutChange(ctx, c, w.line(detail))
	if err == nil && c.Agency != "" {
		d.call(ctx, Event{Kind: EventChange, Agency: c.Agency, Change: c.ID, Due: c.EffectiveAt, At: w.now}, w.actor.Officer.ID)
	}
	return c, asRefusal(err)
}

// RefuseChange ends a waiting or cooling change: the old value stands.
func (d *Desk) RefuseChange(ctx context.Context, a Actor, id subscriptions.ChangeID, reason string, now time.Time) (subscriptions.RegistryChange, error) {
	w := deed{actor: a, act: ActChangeRefuse, subject: subjectOf("change", id), now: now}
	c, err := d.waitingChange(ctx, &w, id)
	if err == nil && utf8.RuneCountInString(reason) > 500 {
		err = no(0, "give a reason of at most 500 letters", "the reason is too long")
	}
	if err == nil {
		c.State, c.Reason = subscriptions.ChangeRefused, strings.TrimSpace(OneLine(reason))
		c, err = d.Store.PutChange(ctx, c, w.line(c.Reason))
		err = asRefusal(err)
	}
	return c, d.settle(ctx, w, err)
}

// waitingChange finds an open change and asks whether the officer may decide it.
func (d *Desk) waitingChange(ctx context.Context, w *deed, id subscriptions.ChangeID) (subscriptions.RegistryChange, error) {
	all, err := d.Store.Changes(ctx)
	if err != nil {
		return subscriptions.RegistryChange{}, err
	}
	at := slices.IndexFunc(all, func(c subscriptions.RegistryChange) bool { return c.ID == id })
	if at < 0 {
		return subscriptions.RegistryChange{}, no(0, "look it up with registry list", "there is no change %d", id)
	}
	c := all[at]
	w.agency = c.Agency
	if c.Kind == subscriptions.ChangeHost && c.Agency == "" { // a domain suffix: approvers of any agency
		a, err := d.fresh(ctx, w.actor)
		if err != nil {
			return c, err
		}
		w.agency = approverOf(a.Officer)
	}
	if c.Kind == ChangeRoles {
		if err := d.decidesRoles(ctx, w, c); err != nil {
			return c, err
		}
	}
	if c.Kind == subscriptions.ChangeTies {
		if err := d.decidesTies(ctx, w, c); err != nil {
			return c, err
		}
	}
	if err := d.begin(ctx, w); err != nil {
		return c, err
	}
	// What cools may be refused; roles that the only admin asked for are also given
	// at once by a second one who acts again.
	if c.State == subscriptions.ChangeCooling && w.act != ActChangeApprove && w.act != ActTiesApprove {
		return c, nil
	}
	if c.State != subscriptions.ChangeWaiting {
		return c, no(0, "", "change %d is %s", id, c.State)
	}
	return c, nil
}

// decidesRoles: another admin approves roles. What the only admin left does may
// be refused by every approver too, of whatever agency.
func (d *Desk) decidesRoles(ctx context.Context, w *deed, c subscriptions.RegistryChange) error {
	if w.act != ActChangeRefuse {
		w.act = ActRolesApprove
		return nil
	}
	a, err := d.fresh(ctx, w.actor)
	if err != nil {
		return err
	}
	w.act = ActRolesApprove
	if c.State == subscriptions.ChangeCooling {
		w.act, w.agency = ActRolesRefuse, approverOf(a.Officer)
	}
	return nil
}

// decidesTies: where no approver of the body that has it is there to be asked,
// another admin than the one who imported decides, so that two have.
func (d *Desk) decidesTies(ctx context.Context, w *deed, c subscriptions.RegistryChange) error {
	all, err := d.Store.Officers(ctx)
	if err != nil {
		return err
	}
	for _, o := range all {
		if o.DisabledAt.IsZero() && slices.Contains(o.Roles, subscriptions.Grant{Role: subscriptions.Approver, Agency: c.Agency}) {
			return nil
		}
	}
	if w.act == ActChangeRefuse {
		w.act = ActTiesRefuse
	} else {
		w.act = ActTiesApprove
	}
	return nil
}

// frozenBy refuses changes of money words while a platform that they belong to
// has an incident: nobody changes where to pay in the middle of an outage.
func (d *Desk) frozenBy(ctx context.Context, c subscriptions.RegistryChange, now time.Time) (*Refusal, error) {
	switch c.Kind {
	case subscriptions.ChangeEntry, subscriptions.ChangeAlternative, subscriptions.ChangeName, subscriptions.ChangeIdentifiers, subscriptions.ChangeHost, subscriptions.ChangeTies:
	default:
		return nil, nil
	}
	n, err := d.Nation(ctx)
	if err != nil {
		return nil, err
	}
	live, err := d.Store.Incidents(ctx, now)
	if err != nil {
		return nil, err
	}
	platforms := platformsOfChange(d.Config.Nation(), n, c)
	for _, i := range live {
		if i.State.Over() || i.State == subscriptions.Scheduled {
			continue
		}
		if hit := intersect(i.Platforms(), platforms); len(hit) > 0 {
			return no(5, "decide it when the incident is over", "change %d is frozen: %s has incident %d", c.ID, join(hit), i.ID), nil
		}
	}
	return nil, nil
}

// platformsOfChange are the platforms that a change belongs to: those of its
// agency, those that carry its value as a name, those on which the service that it
// names depends or would depend, and those for whose outage the alternatives that name it are meant.
func platformsOfChange(parsed, effective *subscriptions.Nation, c subscriptions.RegistryChange) []subscriptions.PlatformID {
	var out []subscriptions.PlatformID
	values := map[string]bool{}
	for _, raw := range []string{c.Old, c.New} {
		var e subscriptions.Entry
		if c.Kind == subscriptions.ChangeEntry && json.Unmarshal([]byte(raw), &e) == nil && e.Value != "" {
			values[squeeze(e.Value)] = true
		}
	}
	service, _ := c.Scope.Service()
	s, _ := effective.Service(service)
	var ties subscriptions.Ties
	if c.Kind == subscriptions.ChangeTies && json.Unmarshal([]byte(c.New), &ties) == nil {
		for _, code := range ties.Codes {
			values[squeeze(code)] = true
		}
	}
	for _, p := range effective.Platforms {
		mine := p.Operator == c.Agency || c.Kind == subscriptions.ChangeHost && c.Agency == "" || c.Scope == subscriptions.ScopePlatform(p.ID) || slices.Contains(s.DependsOn, p.ID) ||
			slices.Contains(ties.Sure, p.ID) || slices.Contains(ties.Maybe, p.ID)
		for _, i := range p.Identifiers {
			mine = mine || values[squeeze(i.Value)]
		}
		if mine {
			out = append(out, p.ID)
		}
	}
	for _, n := range []*subscriptions.Nation{parsed, effective} {
		for _, a := range n.Alternatives {
			if a.ID == c.Alternative || c.Entry != "" && names(a, c.Entry) {
				out = append(out, a.UseWhenDown...)
			}
		}
	}
	return out
}

func names(a subscriptions.Alternative, id subscriptions.EntryID) bool {
	for _, text := range a.Text {
		if strings.Contains(text, ":"+string(id)+"}") {
			return true
		}
	}
	return false
}
