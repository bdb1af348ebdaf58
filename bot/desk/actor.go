package desk

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"arifa/subscriptions"
)

// ProviderKey is the identity provider of an officer's own key.
const ProviderKey = "key"

// Actor is an officer at a face.
type Actor struct {
	Officer subscriptions.Officer
	Via     string // cli, telegram, slack, console
	// chat is set where the officer acts from a chat: deeds ask whether it is open.
	chat subscriptions.Identity
}

// Authenticate finds the officer of a key.
func (d *Desk) Authenticate(ctx context.Context, key, via string) (Actor, error) {
	hash := hashOf(strings.TrimSpace(key))
	o, err := d.Store.OfficerBy(ctx, subscriptions.Identity{Provider: ProviderKey, Subject: hash})
	if err != nil && !errors.Is(err, subscriptions.ErrNotFound) {
		return Actor{}, err
	}
	// The index compares hashes byte by byte; what decides is compared in constant time.
	match := 0
	for _, i := range o.Identities {
		if i.Provider == ProviderKey {
			match |= subtle.ConstantTimeCompare([]byte(i.Subject), []byte(hash))
		}
	}
	if err != nil || match != 1 {
		return Actor{}, no(4, "check the key; an admin can give a new one", "this key belongs to no officer")
	}
	return signedIn(o, via)
}

// ActorOf finds the officer of a linked identity.
func (d *Desk) ActorOf(ctx context.Context, i subscriptions.Identity, via string) (Actor, error) {
	if i.Provider == ProviderKey {
		return Actor{}, no(4, "sign in with the key itself", "a key is not an identity of a network")
	}
	o, err := d.Store.OfficerBy(ctx, i)
	if errors.Is(err, subscriptions.ErrNotFound) {
		return Actor{}, no(4, "link this account with a one-time code first", "this account belongs to no officer")
	}
	if err != nil {
		return Actor{}, err
	}
	return signedIn(o, via)
}

func signedIn(o subscriptions.Officer, via string) (Actor, error) {
	switch {
	case !o.DisabledAt.IsZero():
		return Actor{}, no(4, "ask an admin", "%s is disabled", o.Name)
	case !o.FrozenAt.IsZero():
		return Actor{}, no(4, "ask an admin to unfreeze", "%s is frozen", o.Name)
	}
	return Actor{Officer: o, Via: via}, nil
}

// fresh reads the officer again: roles that were taken away meanwhile count.
func (d *Desk) fresh(ctx context.Context, a Actor) (Actor, error) {
	if a.Officer.ID == 0 {
		return a, nil
	}
	o, err := d.Store.Officer(ctx, a.Officer.ID)
	if err != nil {
		return a, asRefusal(err)
	}
	a.Officer = o
	return a, nil
}

// begin is the start of every deed: who acts, and may they for this agency.
func (d *Desk) begin(ctx context.Context, w *deed) error {
	a, err := d.fresh(ctx, w.actor)
	if err != nil {
		return err
	}
	w.actor, w.now = a, cut(w.now)
	if err := d.stillTried(ctx, a.Officer); err != nil {
		return err
	}
	if err := d.unlocked(ctx, a, w.now); err != nil {
		return err
	}
	if r := May(a.Officer, w.act, w.agency); r != nil {
		return r
	}
	return nil
}

// agencyFor fills in the agency where the officer speaks for one only.
func (d *Desk) agencyFor(ctx context.Context, a Actor, asked subscriptions.AgencyID) (subscriptions.AgencyID, error) {
	if asked != "" {
		return asked, nil
	}
	a, err := d.fresh(ctx, a)
	if err != nil {
		return "", err
	}
	own := a.Officer.SpeaksFor()
	if len(own) == 1 {
		return own[0], nil
	}
	if len(own) == 0 {
		return "", no(4, "ask an admin for a role in your agency", "%s speaks for no agency", a.Officer.Name)
	}
	return "", no(4, "say which", "%s speaks for several agencies", a.Officer.Name)
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// secret returns n random bytes in base32 without padding.
func (d *Desk) secret(n int) (string, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(d.Config.Rand, b); err != nil {
		return "", fmt.Errorf("random source: %w", err)
	}
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b), nil
}
