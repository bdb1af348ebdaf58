package desk

import (
	"context"
	"errors"
	"time"

	"arifa/subscriptions"
)

// Proof is what an officer shows besides being signed in.
type Proof struct {
	Code string // six digits
	// Passkey is the id of a passkey that has just answered the face's challenge, and
	// was used by a person who unlocked it. The face has checked the answer.
	Passkey string
}

// Prove is the second step of signing in, and what is asked again before the deeds
// of two officers.
func (d *Desk) Prove(ctx context.Context, a Actor, p Proof, now time.Time) error {
	w := deed{actor: a, act: ActCode, subject: subjectOf("officer", a.Officer.ID), now: cut(now)}
	err := d.own(ctx, &w, a.Officer.ID)
	if err == nil {
		err = d.prove(ctx, &w, p)
	}
	if err == nil {
		_, err = d.Store.Append(ctx, w.line("proved"))
	}
	return d.settle(ctx, w, err)
}

// prove checks a proof, and notes on the deed what it was where it was not the six
// digits.
func (d *Desk) prove(ctx context.Context, w *deed, p Proof) error {
	o := w.actor.Officer
	switch {
	case p.Passkey != "":
		if !linkedTo(o, subscriptions.Identity{Provider: subscriptions.ProviderPasskey, Subject: p.Passkey}) {
			return no(4, "use one of your own, or your six digits", "this passkey is none of %s's", o.Name)
		}
		w.note = "with a passkey"
		return nil
	case o.Tryout:
		if err := d.trying(ctx); err != nil {
			return err
		}
		w.note = "without six digits: a try-out on one machine"
		return nil
	}
	return d.verifyCode(ctx, o, p.Code, w.now)
}

// LinkPasskey ties a passkey to the officer who asks, against the six digits. An
// officer whose key or digits somebody else has seen gets none: it might be that
// person's.
func (d *Desk) LinkPasskey(ctx context.Context, a Actor, id, code string, now time.Time) (subscriptions.Officer, error) {
	w := deed{actor: a, act: ActOfficerLink, subject: subjectOf("officer", a.Officer.ID), now: cut(now)}
	o, err := d.linkPasskey(ctx, &w, id, code)
	return blank(o), d.settle(ctx, w, err)
}

func (d *Desk) linkPasskey(ctx context.Context, w *deed, id, code string) (subscriptions.Officer, error) {
	if err := d.own(ctx, w, w.actor.Officer.ID); err != nil {
		return subscriptions.Officer{}, err
	}
	o := w.actor.Officer
	switch {
	case id == "" || len(id) > 2000:
		return o, no(0, "register it again", "this is no passkey")
	case !o.Enrolled():
		return o, no(4, "replace both first", "somebody else has seen %s's key or six digits", o.Name)
	}
	if err := d.verifyCode(ctx, o, code, w.now); err != nil {
		return o, err
	}
	for range 5 { // the digits are used: a lost race must not cost them
		o.Identities = append(o.Identities, subscriptions.Identity{Provider: subscriptions.ProviderPasskey, Subject: id})
		stored, err := d.Store.PutOfficer(ctx, o, w.line("linked "+subscriptions.ProviderPasskey))
		switch {
		case err == nil:
			return stored, nil
		case errors.Is(err, subscriptions.ErrExists):
			return o, no(4, "each passkey is one person's", "this passkey belongs to an officer already")
		case !errors.Is(err, subscriptions.ErrConflict):
			return o, err
		}
		if o, err = d.Store.Officer(ctx, o.ID); err != nil {
			return o, asRefusal(err)
		}
		if !o.Active() || !o.Enrolled() {
			return o, no(4, "ask an admin", "%s was frozen or renewed meanwhile", o.Name)
		}
	}
	return o, asRefusal(subscriptions.ErrConflict)
}
