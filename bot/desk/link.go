package desk

import (
	"context"
	"errors"
	"strings"
	"time"

	"arifa/subscriptions"
)

// LinkFor is how long a one-time code for linking an account works.
const LinkFor = 15 * time.Minute

// StartLink returns a one-time code that ties one more account to the officer who
// asks. Nobody asks for another: an admin with it could act as two people.
func (d *Desk) StartLink(ctx context.Context, a Actor, id subscriptions.OfficerID, now time.Time) (string, error) {
	w := deed{actor: a, act: ActOfficerLink, subject: subjectOf("officer", id), now: cut(now)}
	code, err := d.startLink(ctx, &w, id)
	return code, d.settle(ctx, w, err)
}

func (d *Desk) startLink(ctx context.Context, w *deed, id subscriptions.OfficerID) (string, error) {
	if err := d.own(ctx, w, id); err != nil {
		return "", err
	}
	code, err := d.secret(10) // 80 bits: tried within 15 minutes, once
	if err != nil {
		return "", err
	}
	err = d.Store.PutLinkCode(ctx, subscriptions.LinkCode{Hash: hashOf(code), Officer: id, Expires: w.now.Add(LinkFor)})
	if err != nil {
		return "", err
	}
	_, err = d.Store.Append(ctx, w.line("one-time code given"))
	return code, err
}

// Link ties the account to the officer who asked for the code. The face calls
// it after the network has proved whose account it is.
func (d *Desk) Link(ctx context.Context, code string, i subscriptions.Identity, via string, now time.Time) (subscriptions.Officer, error) {
	w := deed{actor: Actor{Via: via}, act: ActOfficerLink, subject: i.Provider, now: cut(now)}
	if i.Provider == "" || i.Provider == ProviderKey || i.Subject == "" {
		return subscriptions.Officer{}, d.settle(ctx, w, no(0, "link from the network itself", "this account cannot be linked"))
	}
	c, err := d.Store.TakeLinkCode(ctx, hashOf(strings.ToUpper(strings.TrimSpace(code))), w.now)
	if errors.Is(err, subscriptions.ErrNotFound) {
		err = no(4, "ask for a new code", "the code is wrong, used or older than 15 minutes")
	}
	if err != nil {
		return subscriptions.Officer{}, d.settle(ctx, w, err)
	}
	o, err := d.Store.Officer(ctx, c.Officer)
	if err == nil {
		w.actor.Officer = o
		_, err = signedIn(o, via)
	}
	if given := c.Expires.Add(-LinkFor); err == nil && !o.CodesEndedAt.IsZero() && !given.After(o.CodesEndedAt) {
		err = no(4, "ask for a new code", "%s was frozen or renewed since the code was given", o.Name)
	}
	if err != nil {
		return subscriptions.Officer{}, d.settle(ctx, w, asRefusal(err))
	}
	o.Identities = append(o.Identities, i)
	w.subject = subjectOf("officer", o.ID)
	o, err = d.Store.PutOfficer(ctx, o, w.line("linked "+i.Provider))
	if errors.Is(err, subscriptions.ErrExists) {
		err = no(4, "each account is one person's; ask an admin", "this account belongs to another officer")
	}
	return blank(o), d.settle(ctx, w, asRefusal(err))
}

// VoidLink ends a one-time code that was shown where others read it. It says
// nothing of whose it was.
func (d *Desk) VoidLink(ctx context.Context, code, via string, now time.Time) error {
	w := deed{actor: Actor{Via: via}, act: ActOfficerLink, subject: "code", now: cut(now)}
	c, err := d.Store.TakeLinkCode(ctx, hashOf(strings.ToUpper(strings.TrimSpace(code))), w.now)
	if errors.Is(err, subscriptions.ErrNotFound) {
		return nil
	}
	if err == nil {
		w.subject = subjectOf("officer", c.Officer)
		_, err = d.Store.Append(ctx, w.line("one-time code ended: it was shown to others"))
	}
	return err
}

// NewKey gives the officer a new key and ends the old one; shown once.
func (d *Desk) NewKey(ctx context.Context, a Actor, now time.Time) (string, error) {
	w := deed{actor: a, act: ActNewKey, subject: subjectOf("officer", a.Officer.ID), now: cut(now)}
	if err := d.own(ctx, &w, a.Officer.ID); err != nil {
		return "", d.settle(ctx, w, err)
	}
	raw, err := d.secret(20)
	if err != nil {
		return "", err
	}
	key := "arifa-" + strings.ToLower(raw)
	_, err = d.changeOfficer(ctx, w, a.Officer.ID, "", func(o *subscriptions.Officer) {
		var kept []subscriptions.Identity
		for _, i := range o.Identities {
			// Whoever has seen the key may have linked accounts of their own with it.
			if i.Provider != ProviderKey && !o.KeyHanded {
				kept = append(kept, i)
			}
		}
		o.Identities, o.KeyHanded = append(kept, subscriptions.Identity{Provider: ProviderKey, Subject: hashOf(key)}), false
		o.CodesEndedAt = justBefore(w.now)
	})
	return key, err
}

// justBefore ends what was given before an officer renewed herself, and nothing
// that she is given from that moment.
func justBefore(now time.Time) time.Time { return now.Add(-time.Millisecond) }

// Enrol makes the officer her own: a new key and a new secret for the six digits,
// against the present ones, in one step; shown once. Until then whoever added her
// could act as her, so she approves nothing. Every linked account and passkey goes
// too: who had both before her may have linked their own, and no mark tells it, for
// they could have enrolled in her name.
func (d *Desk) Enrol(ctx context.Context, a Actor, code string, now time.Time) (NewOfficer, error) {
	w := deed{actor: a, act: ActNewKey, subject: subjectOf("officer", a.Officer.ID), now: cut(now)}
	err := d.own(ctx, &w, a.Officer.ID)
	if err == nil {
		err = d.verifyCode(ctx, w.actor.Officer, code, w.now)
	}
	if err != nil {
		return NewOfficer{}, d.settle(ctx, w, err)
	}
	out, err := d.newOfficer(AddOfficer{Name: w.actor.Officer.Name}, w.now)
	if err != nil {
		return NewOfficer{}, err
	}
	own := out.Officer.Identities
	out.Officer, err = d.changeOfficer(ctx, w, a.Officer.ID, "and new six digits; linked accounts and passkeys end", func(o *subscriptions.Officer) {
		o.TOTP, o.LastCode, o.Identities = out.Secret, 0, own
		o.KeyHanded, o.DigitsHanded, o.CodesEndedAt = false, false, justBefore(w.now)
	})
	if err != nil {
		return NewOfficer{}, err
	}
	return out, nil
}

// twoPeople refuses a second officer who may be the first one in disguise: while
// somebody else has seen the key or the digits of either, they may be one person.
func (d *Desk) twoPeople(ctx context.Context, second subscriptions.Officer, first ...subscriptions.OfficerID) error {
	both := []subscriptions.Officer{second}
	for _, id := range first {
		if id == 0 { // the program's own, or an import's
			continue
		}
		o, err := d.Store.Officer(ctx, id)
		if err != nil {
			return asRefusal(err)
		}
		both = append(both, o)
	}
	for _, o := range both {
		if err := d.herOwn(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

// herOwn refuses an officer whose key or digits somebody else has seen. It is asked
// of who submits too, so that she learns it before another officer is called.
func (d *Desk) herOwn(ctx context.Context, o subscriptions.Officer) error {
	switch {
	case o.Tryout:
		return d.trying(ctx)
	case !o.Enrolled():
		return no(4, o.Name+" replaces both first: arifa officer enrol --code ……",
			"whoever added %s has seen the key or the six digits, so the two officers may be one person", o.Name)
	}
	return nil
}

// NewDigits gives the officer a new secret for the six digits, against the
// present ones; shown once. Whoever set the officer up knows the first secret.
func (d *Desk) NewDigits(ctx context.Context, a Actor, code string, now time.Time) (secret, url string, err error) {
	w := deed{actor: a, act: ActNewSecret, subject: subjectOf("officer", a.Officer.ID), now: cut(now)}
	if err = d.own(ctx, &w, a.Officer.ID); err == nil {
		err = d.verifyCode(ctx, w.actor.Officer, code, w.now)
	}
	if err != nil {
		return "", "", d.settle(ctx, w, err)
	}
	if secret, err = d.secret(secretBytes); err != nil {
		return "", "", err
	}
	o, err := d.changeOfficer(ctx, w, a.Officer.ID, "", func(o *subscriptions.Officer) {
		o.TOTP, o.LastCode, o.DigitsHanded, o.CodesEndedAt = secret, 0, false, justBefore(w.now)
	})
	return secret, secretURL(secret, o.Name), err
}

// Renew gives an officer who lost them a new key and new six digits, by an admin
// who is somebody else. Who holds both can act as that officer, so the roles wait
// as new ones do, and an admin's key is not renewed by one alone: no admin alone
// becomes two people.
func (d *Desk) Renew(ctx context.Context, a Actor, id subscriptions.OfficerID, now time.Time) (NewOfficer, error) {
	w := deed{actor: a, act: ActRenew, subject: subjectOf("officer", id), now: now}
	out, err := d.renew(ctx, &w, id)
	return out, d.settle(ctx, w, err)
}

func (d *Desk) renew(ctx context.Context, w *deed, id subscriptions.OfficerID) (NewOfficer, error) {
	if err := d.begin(ctx, w); err != nil {
		return NewOfficer{}, err
	}
	all, err := d.Store.Officers(ctx)
	if err != nil {
		return NewOfficer{}, err
	}
	o, err := d.Store.Officer(ctx, id)
	switch {
	case err != nil:
		return NewOfficer{}, asRefusal(err)
	case w.actor.Officer.ID == id:
		return NewOfficer{}, no(4, "ask another admin, or use your present digits", "nobody renews themselves")
	}
	out, err := d.newOfficer(AddOfficer{Name: o.Name}, w.now)
	if err != nil {
		return NewOfficer{}, err
	}
	roles, alone := o.Roles, founding(all)
	if err := d.notAnAdmin(ctx, id); err != nil && !alone {
		return NewOfficer{}, err
	}
	out.Officer, err = d.changeOfficer(ctx, *w, id, rolesText(roles), func(o *subscriptions.Officer) {
		o.TOTP, o.LastCode, o.Identities, o.CodesEndedAt = out.Secret, 0, out.Officer.Identities, w.now
		o.KeyHanded, o.DigitsHanded = true, true
		if !alone {
			o.Grant(nil)
		}
	})
	if err != nil || alone || len(roles) == 0 {
		return out, err
	}
	c, err := d.askRoles(ctx, w, all, out.Officer, roles)
	out.Waiting = c.ID
	return out, err
}

// own admits officers to what is theirs alone.
func (d *Desk) own(ctx context.Context, w *deed, id subscriptions.OfficerID) error {
	a, err := d.fresh(ctx, w.actor)
	if err != nil {
		return err
	}
	w.actor = a
	if _, err := signedIn(a.Officer, a.Via); err != nil {
		return err
	}
	if err := d.stillTried(ctx, a.Officer); err != nil {
		return err
	}
	if err := d.unlocked(ctx, a, w.now); err != nil {
		return err
	}
	if a.Officer.ID == 0 || a.Officer.ID != id {
		return no(4, "do it with that officer's own key", "this is for the officer alone")
	}
	return nil
}

func isConflict(err error) bool { return errors.Is(err, subscriptions.ErrConflict) }

// TurnAway puts on the record that somebody was refused before a deed began: an
// account that is nobody's, a request that a network did not send.
func (d *Desk) TurnAway(ctx context.Context, via, subject string, r *Refusal, now time.Time) error {
	return d.settle(ctx, deed{actor: Actor{Via: via}, act: ActTurnAway, subject: subject, now: cut(now)}, r)
}
