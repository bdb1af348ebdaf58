package desk

import (
	"context"
	"slices"
	"time"

	"arifa/subscriptions"
)

// A try-out is the program on one machine with nobody to tell but who sits there:
// its two officers come by links that the program prints, and their six digits may
// wait. It ends with the first lane that leads anywhere else, whatever the
// settings say: that is asked of the store at every deed.

// harmless are the networks of a try-out: a chat that is open on a page of this
// very program, and a drill's, which leads nowhere.
var harmless = []string{"webchat", "drill"}

// trying says why this is no try-out; nil = it is one.
func (d *Desk) trying(ctx context.Context) error {
	const do = "set up an officer with a key and six digits: arifa officer add"
	if d.Config.Tryout == nil || !d.Config.Tryout() {
		return no(4, do, "this is no try-out: everybody needs six digits of their own")
	}
	lanes, err := d.Store.LaneList(ctx)
	if err != nil {
		return err
	}
	for _, l := range lanes {
		if !slices.Contains(harmless, l.ID.Network()) {
			return no(4, do, "the try-out has ended: there is a lane %s", l.ID)
		}
	}
	return nil
}

// stillTried refuses an officer of a try-out that has ended.
func (d *Desk) stillTried(ctx context.Context, o subscriptions.Officer) error {
	if !o.Tryout {
		return nil
	}
	return d.trying(ctx)
}

// Newcomer is an officer of a try-out with a one-time code that lets her in.
type Newcomer struct {
	Officer subscriptions.Officer
	Code    string
}

// StartTryout lets the two officers of a try-out in, by one-time codes; it adds
// them where there is no officer at all. It gives none where there is any other
// officer, for then somebody could be let in past them.
func (d *Desk) StartTryout(ctx context.Context, now time.Time) ([]Newcomer, error) {
	w := deed{actor: Actor{Via: "program"}, act: ActSignIn, subject: "try-out", now: cut(now)}
	out, err := d.startTryout(ctx, w)
	return out, d.settle(ctx, w, err)
}

func (d *Desk) startTryout(ctx context.Context, w deed) ([]Newcomer, error) {
	if err := d.trying(ctx); err != nil {
		return nil, err
	}
	all, err := d.Store.Officers(ctx)
	if err != nil {
		return nil, err
	}
	if !onlyTryout(all) {
		return nil, no(4, "act with your own key: arifa officer sign-in NUMBER", "officers have been set up")
	}
	if len(all) == 0 {
		if all, err = d.addTryout(ctx, w); err != nil {
			return nil, err
		}
	}
	var out []Newcomer
	for _, o := range all {
		if !o.Active() {
			continue
		}
		code, err := d.giveSignIn(ctx, &w, o.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, Newcomer{blank(o), code})
	}
	return out, nil
}

// addTryout adds an admin and a second officer, who speak for every agency.
func (d *Desk) addTryout(ctx context.Context, w deed) ([]subscriptions.Officer, error) {
	var every []subscriptions.Grant
	for _, a := range d.Config.Nation().Agencies {
		if !a.Retired {
			every = append(every, subscriptions.Grant{Role: subscriptions.Author, Agency: a.ID}, subscriptions.Grant{Role: subscriptions.Approver, Agency: a.ID})
		}
	}
	w.act = ActOfficerAdd
	var out []subscriptions.Officer
	for k, name := range []string{"First officer", "Second officer"} {
		o := subscriptions.Officer{Name: name, Tryout: true, CreatedAt: w.now}
		o.Grant(slices.Clone(every))
		if k == 0 {
			o.Grant(append(slices.Clone(every), subscriptions.Grant{Role: subscriptions.Admin}))
		}
		w.subject = "officer " + name
		stored, err := d.Store.PutOfficer(ctx, o, w.line("of a try-out on one machine, without key and six digits"))
		if err != nil {
			return nil, err
		}
		out = append(out, stored)
	}
	return out, nil
}

// EndTryout disables the officers of a try-out for good: they have no key and no
// digits, and must not be counted among those who can decide.
func (d *Desk) EndTryout(ctx context.Context, now time.Time) error {
	all, err := d.Store.Officers(ctx)
	if err != nil {
		return err
	}
	for _, o := range all {
		if !o.Tryout || !o.DisabledAt.IsZero() {
			continue
		}
		w := deed{actor: Actor{Via: "program"}, act: ActOfficerDisable, subject: subjectOf("officer", o.ID), now: cut(now)}
		_, err := d.changeOfficer(ctx, w, o.ID, "the try-out has ended", func(o *subscriptions.Officer) { o.DisabledAt, o.CodesEndedAt = w.now, w.now })
		if err != nil {
			return err
		}
	}
	return nil
}

// Settle makes the officer of a try-out who asks a real one, with a key and six
// digits of her own, shown once.
func (d *Desk) Settle(ctx context.Context, a Actor, name string, now time.Time) (NewOfficer, error) {
	w := deed{actor: a, act: ActRenew, subject: subjectOf("officer", a.Officer.ID), now: cut(now)}
	out, err := d.settleIn(ctx, &w, name)
	return out, d.settle(ctx, w, err)
}

func (d *Desk) settleIn(ctx context.Context, w *deed, name string) (NewOfficer, error) {
	if err := d.own(ctx, w, w.actor.Officer.ID); err != nil {
		return NewOfficer{}, err
	}
	o := w.actor.Officer
	if !o.Tryout {
		return NewOfficer{}, no(4, "replace them with your present digits", "%s has a key and six digits already", o.Name)
	}
	if err := d.trying(ctx); err != nil {
		return NewOfficer{}, err
	}
	all, err := d.Store.Officers(ctx)
	if err != nil {
		return NewOfficer{}, err
	}
	if err := d.checkOfficer(slices.DeleteFunc(all, func(x subscriptions.Officer) bool { return x.ID == o.ID }), AddOfficer{Name: name, Roles: o.Roles}); err != nil {
		return NewOfficer{}, err
	}
	out, err := d.newOfficer(AddOfficer{Name: name}, w.now)
	if err != nil {
		return NewOfficer{}, err
	}
	fresh := out.Officer
	out.Officer, err = d.changeOfficer(ctx, *w, o.ID, "of the try-out, with a key and six digits of her own", func(o *subscriptions.Officer) {
		o.Name, o.TOTP, o.LastCode, o.Identities, o.Tryout, o.CodesEndedAt = fresh.Name, fresh.TOTP, 0, fresh.Identities, false, justBefore(w.now)
	})
	return out, err
}

// onlyTryout reports whether nobody can act but officers of a try-out.
func onlyTryout(all []subscriptions.Officer) bool {
	return !slices.ContainsFunc(all, func(o subscriptions.Officer) bool { return !o.Tryout })
}
