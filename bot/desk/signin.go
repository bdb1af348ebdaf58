package desk

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"arifa/subscriptions"
)

// SignInFor is how long a one-time link into the desk in a browser works.
const SignInFor = 15 * time.Minute

// signInHash keeps codes that let in apart from codes that link an account: the
// one kind is never taken for the other.
func signInHash(code string) string { return hashOf("sign-in " + strings.TrimSpace(code)) }

// StartSignIn returns a one-time code that lets the officer who asks into the desk
// in a browser. Nobody asks for another: an admin with it would be two people.
func (d *Desk) StartSignIn(ctx context.Context, a Actor, id subscriptions.OfficerID, now time.Time) (string, error) {
	w := deed{actor: a, act: ActSignIn, subject: subjectOf("officer", id), now: cut(now)}
	code, err := "", d.own(ctx, &w, id)
	if err == nil {
		code, err = d.giveSignIn(ctx, &w, id)
	}
	return code, d.settle(ctx, w, err)
}

func (d *Desk) giveSignIn(ctx context.Context, w *deed, id subscriptions.OfficerID) (string, error) {
	code, err := d.secret(20) // 160 bits: it stands in an address
	if err != nil {
		return "", err
	}
	err = d.Store.PutLinkCode(ctx, subscriptions.LinkCode{Hash: signInHash(code), Officer: id, Expires: w.now.Add(SignInFor)})
	if err != nil {
		return "", err
	}
	line := w.line("one-time link given")
	line.Officer = id
	_, err = d.Store.Append(ctx, line)
	return code, err
}

// SignIn takes a one-time code. Whoever has it is the officer so far; Prove is the
// second step.
func (d *Desk) SignIn(ctx context.Context, code, via string, now time.Time) (Actor, error) {
	w := deed{actor: Actor{Via: via}, act: ActSignIn, subject: "code", now: cut(now)}
	c, err := d.Store.TakeLinkCode(ctx, signInHash(code), w.now)
	if errors.Is(err, subscriptions.ErrNotFound) {
		err = no(4, "ask for a new link", "the link is wrong, used or older than 15 minutes")
	}
	if err != nil {
		return Actor{}, d.settle(ctx, w, err)
	}
	w.subject = subjectOf("officer", c.Officer)
	a, err := d.Visit(ctx, c.Officer, c.Expires.Add(-SignInFor), via)
	w.actor = a
	if err == nil {
		_, err = d.Store.Append(ctx, w.line("came by a one-time link"))
	}
	return a, d.settle(ctx, w, err)
}

// Visit finds the officer of a visit that began at since, each time anew: it ends
// at once when she is frozen, disabled or renewed, or replaces her key or digits.
func (d *Desk) Visit(ctx context.Context, id subscriptions.OfficerID, since time.Time, via string) (Actor, error) {
	o, err := d.Store.Officer(ctx, id)
	if err != nil {
		return Actor{}, asRefusal(err)
	}
	if !o.CodesEndedAt.IsZero() && !since.After(o.CodesEndedAt) {
		return Actor{}, no(4, "sign in again", "%s was frozen or renewed, or signed out everywhere, since then", o.Name)
	}
	if err := d.stillTried(ctx, o); err != nil {
		return Actor{}, err
	}
	return signedIn(o, via)
}

// EndVisits ends every visit of the officer who asks, and every code she was given.
func (d *Desk) EndVisits(ctx context.Context, a Actor, now time.Time) error {
	w := deed{actor: a, act: ActVisitsEnd, subject: subjectOf("officer", a.Officer.ID), now: cut(now)}
	if err := d.own(ctx, &w, a.Officer.ID); err != nil {
		return d.settle(ctx, w, err)
	}
	_, err := d.changeOfficer(ctx, w, a.Officer.ID, "signed out everywhere", func(o *subscriptions.Officer) { o.CodesEndedAt = w.now })
	return err
}

// VisitsCrowded puts on the record that an officer came in once more than she may at
// once, so that her oldest visit ends.
func (d *Desk) VisitsCrowded(ctx context.Context, a Actor, most int, now time.Time) error {
	w := deed{actor: a, act: ActVisitsEnd, subject: subjectOf("officer", a.Officer.ID), now: cut(now)}
	_, err := d.Store.Append(ctx, w.line(fmt.Sprintf("came in with %d visits open already: the oldest ended", most)))
	return err
}

// Unlink takes an account away from the officer who asks: a chat, a single
// sign-on, a passkey. The key is replaced instead.
func (d *Desk) Unlink(ctx context.Context, a Actor, i subscriptions.Identity, now time.Time) (subscriptions.Officer, error) {
	w := deed{actor: a, act: ActOfficerUnlink, subject: subjectOf("officer", a.Officer.ID), now: cut(now)}
	err := d.own(ctx, &w, a.Officer.ID)
	if err == nil && (i.Provider == ProviderKey || !linkedTo(w.actor.Officer, i)) {
		err = no(0, "look at your accounts", "this is none of your linked accounts")
	}
	if err != nil {
		return subscriptions.Officer{}, d.settle(ctx, w, err)
	}
	return d.changeOfficer(ctx, w, a.Officer.ID, i.Provider, func(o *subscriptions.Officer) {
		var kept []subscriptions.Identity
		for _, have := range o.Identities {
			if have != i {
				kept = append(kept, have)
			}
		}
		o.Identities = kept
	})
}

func linkedTo(o subscriptions.Officer, i subscriptions.Identity) bool {
	for _, have := range o.Identities {
		if have == i {
			return true
		}
	}
	return false
}
