package desk_test

import (
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

func grants(agency subscriptions.AgencyID, roles ...subscriptions.Role) []subscriptions.Grant {
	var out []subscriptions.Grant
	for _, r := range roles {
		out = append(out, subscriptions.Grant{Role: r, Agency: agency})
	}
	return out
}

// G14, rule 4: registry and roles need two. One of two admins must not make themselves
// the only one, and then two officers who say where to pay.
func TestG14OneAdminIsNeverTwo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		turn func(b *bundle) error
		word string // of the refusal; empty = it is done, or waits
	}{
		{"disable", func(b *bundle) error {
			_, err := b.desk.Disable(ctx, b.admin.actor, b.second.Officer.ID, b.now)
			return err
		}, "taken by two"},
		{"renew", func(b *bundle) error {
			_, err := b.desk.Renew(ctx, b.admin.actor, b.second.Officer.ID, b.now)
			return err
		}, "taken by two"},
		{"freeze, then renew", func(b *bundle) error {
			_, err := b.desk.Freeze(ctx, b.admin.actor, b.second.Officer.ID, b.now)
			b.must(err)
			_, err = b.desk.Renew(ctx, b.admin.actor, b.second.Officer.ID, b.now)
			return err
		}, "taken by two"},
		{"fewer roles", func(b *bundle) error {
			_, change, err := b.desk.SetRoles(ctx, b.admin.actor, b.second.Officer.ID, nil, b.now)
			if change == 0 || !b.signIn(b.second.Key).Officer.Has(subscriptions.Admin, "") {
				b.Error("one admin took the other's role")
			}
			return err
		}, ""},
		{"freeze", func(b *bundle) error {
			_, err := b.desk.Freeze(ctx, b.admin.actor, b.second.Officer.ID, b.now)
			return err
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			if err := c.turn(b); c.word != "" {
				b.refused(err, 4, c.word)
			} else {
				b.must(err)
			}
			for _, name := range []string{"Puppet one", "Puppet two"} {
				made, err := b.desk.AddOfficer(ctx, b.admin.actor, desk.AddOfficer{Name: name, Roles: grants("kra", subscriptions.Author, subscriptions.Approver)}, b.now)
				b.must(err)
				if a := b.signIn(made.Key); made.Waiting == 0 || len(a.Officer.Roles) != 0 {
					t.Errorf("%s has %v at once", name, a.Officer.Roles)
				}
				_, change, err := b.desk.SetRoles(ctx, b.admin.actor, made.Officer.ID, grants("kra", subscriptions.Author), b.now)
				b.must(err)
				if change == 0 {
					t.Error("a role was given by one")
				}
			}
		})
	}
}

// Somebody must be able to begin again where one admin is left: after a day in
// which everybody knows and any approver may refuse.
func TestTheOnlyAdminLeft(t *testing.T) {
	t.Parallel()
	setupAlone := func(t *testing.T) (*bundle, desk.NewOfficer) {
		b := setup(t)
		_, err := b.desk.Freeze(ctx, b.admin.actor, b.second.Officer.ID, b.now)
		b.must(err)
		made, err := b.desk.AddOfficer(ctx, b.admin.actor, desk.AddOfficer{Name: "Zawadi", Roles: grants("", subscriptions.Admin)}, b.now)
		b.must(err)
		return b, made
	}
	state := func(b *bundle, id subscriptions.ChangeID) subscriptions.RegistryChange {
		all, err := b.desk.Changes(ctx)
		b.must(err)
		for _, c := range all {
			if c.ID == id {
				return c
			}
		}
		b.Fatalf("no change %d", id)
		return subscriptions.RegistryChange{}
	}
	later := func(b *bundle, d time.Duration) {
		b.pass(d)
		b.must(b.desk.Tick(ctx, b.now))
	}
	admin := func(b *bundle, key string) bool { return b.signIn(key).Officer.Has(subscriptions.Admin, "") }

	t.Run("nobody refuses", func(t *testing.T) {
		t.Parallel()
		b, made := setupAlone(t)
		calls := b.called(desk.EventAlone)
		if len(calls) != 1 || !has(calls[0].To, b.kwsSecond.Officer.ID) || !has(calls[0].To, b.kplc.Officer.ID) || has(calls[0].To, b.admin.Officer.ID) {
			t.Fatalf("called: %+v, want every other officer", calls)
		}
		later(b, 23*time.Hour)
		if admin(b, made.Key) {
			t.Error("it took effect before 24 hours")
		}
		later(b, 2*time.Hour)
		if !admin(b, made.Key) || state(b, made.Waiting).State != subscriptions.ChangeDone {
			t.Errorf("it did not take effect: %+v", state(b, made.Waiting))
		}
	})
	t.Run("an approver refuses", func(t *testing.T) {
		t.Parallel()
		b, made := setupAlone(t)
		_, err := b.desk.RefuseChange(ctx, b.kplc.actor, made.Waiting, "no", b.now)
		b.refused(err, 4, "not approver")
		_, err = b.desk.RefuseChange(ctx, b.kwsSecond.actor, made.Waiting, "nobody knows Zawadi", b.now)
		b.must(err)
		later(b, 25*time.Hour)
		if admin(b, made.Key) {
			t.Error("a refused role was given")
		}
	})
	t.Run("the other admin acts again", func(t *testing.T) {
		t.Parallel()
		b, made := setupAlone(t)
		_, err := b.desk.Unfreeze(ctx, b.admin.actor, b.second.Officer.ID, b.now)
		b.must(err)
		later(b, 25*time.Hour)
		if admin(b, made.Key) || state(b, made.Waiting).State != subscriptions.ChangeWaiting {
			t.Errorf("with two admins it is %+v", state(b, made.Waiting))
		}
		_, err = b.desk.ApproveChange(ctx, b.second.actor, desk.ApproveChangeInput{ID: made.Waiting, Code: b.code(b.second)}, b.now)
		b.must(err)
		if !admin(b, made.Key) {
			t.Error("two admins gave no role")
		}
	})
	t.Run("who could refuse is frozen meanwhile", func(t *testing.T) {
		t.Parallel()
		b, made := setupAlone(t)
		for _, p := range []person{b.ecApprover, b.kraApprover, b.kwsSecond} {
			_, err := b.desk.Freeze(ctx, b.admin.actor, p.Officer.ID, b.now)
			b.must(err)
		}
		later(b, 25*time.Hour)
		if admin(b, made.Key) {
			t.Error("one person silenced all others within a day")
		}
		later(b, 7*24*time.Hour)
		if !admin(b, made.Key) {
			t.Error("nobody can ever begin again")
		}
	})
}

// The last admin who acts stays: nobody could lift the freeze.
func TestTheLastAdminStays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, change, err := b.desk.SetRoles(ctx, b.admin.actor, b.kws.Officer.ID, append(grants("kws", subscriptions.Author), grants("", subscriptions.Admin)...), b.now)
	b.must(err)
	b.pass(time.Minute)
	_, err = b.desk.ApproveChange(ctx, b.second.actor, desk.ApproveChangeInput{ID: change, Code: b.code(b.second)}, b.now)
	b.must(err)
	for _, p := range []person{b.admin, b.second} {
		_, err = b.desk.Freeze(ctx, b.kws.actor, p.Officer.ID, b.now)
		b.must(err)
	}
	_, err = b.desk.Freeze(ctx, b.kws.actor, b.kws.Officer.ID, b.now)
	b.refused(err, 4, "nobody would be admin")
	_, err = b.desk.Freeze(ctx, b.kwsSecond.actor, b.kws.Officer.ID, b.now)
	b.refused(err, 4, "nobody would be admin")
	frozen, err := b.desk.FreezeAgency(ctx, b.kwsSecond.actor, "kws", b.now)
	b.must(err)
	if len(frozen) != 1 || frozen[0] != b.kwsSecond.Officer.ID {
		t.Errorf("frozen %v, want all but the last admin", frozen)
	}
	_, err = b.desk.Unfreeze(ctx, b.kws.actor, b.admin.Officer.ID, b.now)
	b.must(err)
}
