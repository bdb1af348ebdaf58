package desk

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"arifa/subscriptions"
)

// AddOfficer is a new officer.
type AddOfficer struct {
	Name  string
	Roles []subscriptions.Grant
}

// NewOfficer is what AddOfficer made. Key, Secret and URL are shown once and
// kept nowhere in this form (the secret stays with the officer's record).
type NewOfficer struct {
	Officer subscriptions.Officer
	Key     string
	Secret  string // of the six digits, base32
	URL     string // otpauth: of the same
	// Waiting is the change with which a second admin gives the roles; 0 = given.
	Waiting subscriptions.ChangeID
}

// Bootstrap reports whether no officer exists yet, those of a try-out left aside:
// the first one, an admin, is added by the zero Actor.
func (d *Desk) Bootstrap(ctx context.Context) (bool, error) {
	all, err := d.Store.Officers(ctx)
	return err == nil && onlyTryout(all), err
}

// AddOfficer adds an officer. Roles are given by two admins. The first admin sets
// the deployment up alone, and the audit record says so; once there have been two,
// roles wait (see SetRoles).
func (d *Desk) AddOfficer(ctx context.Context, a Actor, in AddOfficer, now time.Time) (NewOfficer, error) {
	w := deed{actor: a, act: ActOfficerAdd, subject: "officer " + in.Name, now: cut(now)}
	out, err := d.addOfficer(ctx, &w, in)
	return out, d.settle(ctx, w, err)
}

func (d *Desk) addOfficer(ctx context.Context, w *deed, in AddOfficer) (NewOfficer, error) {
	all, err := d.Store.Officers(ctx)
	if err != nil {
		return NewOfficer{}, err
	}
	detail := ""
	first := onlyTryout(all)
	if first && w.actor.Officer.ID == 0 {
		if !slices.ContainsFunc(in.Roles, func(g subscriptions.Grant) bool { return g.Role == subscriptions.Admin }) {
			return NewOfficer{}, no(4, "give the role admin", "the first officer must be an admin")
		}
		detail = "first officer"
		if err := d.EndTryout(ctx, w.now); err != nil {
			return NewOfficer{}, err
		}
	} else if err := d.begin(ctx, w); err != nil {
		return NewOfficer{}, err
	}
	if err := d.checkOfficer(all, in); err != nil {
		return NewOfficer{}, err
	}
	alone := founding(all)
	if alone && detail == "" {
		detail = actedAlone
	}
	out, err := d.newOfficer(in, w.now)
	if err != nil {
		return NewOfficer{}, err
	}
	if alone {
		out.Officer.Grant(in.Roles)
	}
	// The first officer makes her own; everybody else's are seen by who adds them.
	handed := !first
	out.Officer.KeyHanded, out.Officer.DigitsHanded = handed, handed
	line := w.line(strings.TrimSpace(detail + " " + rolesText(in.Roles)))
	line.Officer = w.actor.Officer.ID
	if out.Officer, err = d.Store.PutOfficer(ctx, out.Officer, line); err != nil {
		return NewOfficer{}, asRefusal(err)
	}
	if !alone && len(in.Roles) > 0 {
		c, err := d.askRoles(ctx, w, all, out.Officer, in.Roles)
		if err != nil {
			return NewOfficer{}, err
		}
		out.Waiting = c.ID
	}
	out.Officer = blank(out.Officer)
	return out, nil
}

func (d *Desk) newOfficer(in AddOfficer, now time.Time) (NewOfficer, error) {
	raw, err := d.secret(20)
	if err != nil {
		return NewOfficer{}, err
	}
	secret, err := d.secret(secretBytes)
	if err != nil {
		return NewOfficer{}, err
	}
	key := "arifa-" + strings.ToLower(raw)
	return NewOfficer{
		Key: key, Secret: secret, URL: secretURL(secret, in.Name),
		Officer: subscriptions.Officer{
			Name: strings.TrimSpace(in.Name), TOTP: secret, CreatedAt: now,
			Identities: []subscriptions.Identity{{Provider: ProviderKey, Subject: hashOf(key)}},
		},
	}, nil
}

func (d *Desk) checkOfficer(all []subscriptions.Officer, in AddOfficer) error {
	name := strings.TrimSpace(in.Name)
	switch {
	case name == "" || len(name) > 80:
		return no(0, "give a name of at most 80 letters", "an officer needs a name")
	case OneLine(name) != name: // what is printed beside it must not look like a line of the record
		return no(0, "write it with letters, spaces and signs that can be seen", "an officer's name holds what cannot be seen")
	}
	if slices.ContainsFunc(all, func(o subscriptions.Officer) bool { return strings.EqualFold(o.Name, name) }) {
		return no(0, "add a middle name or initial", "an officer by the name %s exists", name)
	}
	return d.checkRoles(in.Roles)
}

func (d *Desk) checkRoles(roles []subscriptions.Grant) error {
	n := d.Config.Nation()
	for _, g := range roles {
		switch g.Role {
		case subscriptions.Admin:
			if g.Agency != "" {
				return no(0, "write admin alone", "an admin is of the whole deployment, not of %s", g.Agency)
			}
		case subscriptions.Author, subscriptions.Approver:
			if a, ok := n.Agency(g.Agency); !ok || a.Retired {
				return no(0, "look the agency up in the catalogue", "there is no agency %q", g.Agency)
			}
		default:
			return no(0, "use author, approver or admin", "there is no role %q", g.Role)
		}
	}
	return nil
}

// Officers lists all, without keys and secrets; any signed-in officer may.
func (d *Desk) Officers(ctx context.Context, a Actor) ([]subscriptions.Officer, error) {
	a, err := d.fresh(ctx, a)
	if err != nil {
		return nil, err
	}
	if !a.Officer.Active() {
		return nil, no(4, "act with your own key", "nobody is signed in")
	}
	all, err := d.Store.Officers(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i] = blank(all[i])
	}
	return all, nil
}

// blank removes what must not be shown.
func blank(o subscriptions.Officer) subscriptions.Officer {
	o.TOTP = ""
	o.Identities = slices.Clone(o.Identities)
	for i, id := range o.Identities {
		if id.Provider == ProviderKey {
			o.Identities[i].Subject = ""
		}
	}
	return o
}

func admins(all []subscriptions.Officer) int {
	n := 0
	for _, o := range all {
		if o.Has(subscriptions.Admin, "") {
			n++
		}
	}
	return n
}

// actedAlone is what the record says of roles that one admin gave.
const actedAlone = "one admin acted alone: there has never been a second one"

// founding reports whether no second admin has ever existed. That officers are
// frozen, disabled or without roles now does not bring these days back: else one
// admin could make themselves the only one, and then be as many as they like.
func founding(all []subscriptions.Officer) bool {
	n := 0
	for _, o := range all {
		if o.EverAdmin() && !o.Tryout {
			n++
		}
	}
	return n < 2
}

func rolesText(roles []subscriptions.Grant) string {
	var parts []string
	for _, g := range roles {
		parts = append(parts, strings.TrimSuffix(fmt.Sprintf("%s:%s", g.Role, g.Agency), ":"))
	}
	return strings.Join(parts, " ")
}

func urlEscape(s string) string { return url.PathEscape(s) }
