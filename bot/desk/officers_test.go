package desk_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// The first officer is an admin and needs nobody; while there is one admin they
// act alone, and the record says so; with two, roles need both.
func TestBootstrap(t *testing.T) {
	t.Parallel()
	b := bare(t, kenya(t))
	if empty, err := b.desk.Bootstrap(ctx); err != nil || !empty {
		t.Fatalf("bootstrap: %v, %v", empty, err)
	}
	nobody := desk.Actor{Via: "cli"}
	_, err := b.desk.AddOfficer(ctx, nobody, desk.AddOfficer{Name: "Kamau", Roles: []subscriptions.Grant{{Role: subscriptions.Author, Agency: "kra"}}}, b.now)
	b.refused(err, 4, "must be an admin")
	first, err := b.desk.AddOfficer(ctx, nobody, desk.AddOfficer{Name: "Amina", Roles: []subscriptions.Grant{{Role: subscriptions.Admin}}}, b.now)
	b.must(err)
	if first.Officer.TOTP != "" || first.Officer.Identities[0].Subject != "" || first.Key == "" || !strings.Contains(first.URL, first.Secret) {
		t.Errorf("what is shown: %+v", first)
	}
	_, err = b.desk.AddOfficer(ctx, nobody, desk.AddOfficer{Name: "Mallory", Roles: []subscriptions.Grant{{Role: subscriptions.Admin}}}, b.now)
	b.refused(err, 4, "nobody is signed in")
	b.admin = person{first, b.signIn(first.Key)}
	kamau := b.add("Kamau", subscriptions.Grant{Role: subscriptions.Author, Agency: "kra"})
	if kamau.Waiting != 0 {
		t.Error("one admin could not act alone")
	}
	if lines := b.audit(); !slices.ContainsFunc(lines, func(l subscriptions.AuditLine) bool {
		return l.Action == string(desk.ActOfficerAdd) && l.Subject == "officer Kamau" && strings.Contains(l.Detail, "one admin acted alone")
	}) {
		t.Errorf("the record does not say that one admin acted alone: %+v", lines)
	}
	b.second = b.add("Barasa", subscriptions.Grant{Role: subscriptions.Admin})

	// From here on roles need two.
	eve, err := b.desk.AddOfficer(ctx, b.admin.actor, desk.AddOfficer{Name: "Eve", Roles: []subscriptions.Grant{{Role: subscriptions.Approver, Agency: "kra"}}}, b.now)
	b.must(err)
	a := b.signIn(eve.Key)
	if eve.Waiting == 0 || a.Officer.Has(subscriptions.Approver, "kra") {
		t.Fatalf("one of two admins gave a role: %+v", a.Officer.Roles)
	}
	b.pass(time.Minute)
	_, err = b.desk.ApproveChange(ctx, b.admin.actor, desk.ApproveChangeInput{ID: eve.Waiting, Code: b.code(b.admin)}, b.now)
	b.refused(err, 4, "own proposal")
	_, err = b.desk.ApproveChange(ctx, kamau.actor, desk.ApproveChangeInput{ID: eve.Waiting, Code: b.code(kamau)}, b.now)
	b.refused(err, 4, "admin")
	_, err = b.desk.ApproveChange(ctx, b.second.actor, desk.ApproveChangeInput{ID: eve.Waiting, Code: "123"}, b.now)
	b.refused(err, 4, "wrong")
	_, err = b.desk.ApproveChange(ctx, b.second.actor, desk.ApproveChangeInput{ID: eve.Waiting, Code: b.code(b.second)}, b.now)
	b.must(err)
	if a = b.signIn(eve.Key); !a.Officer.Has(subscriptions.Approver, "kra") {
		t.Error("two admins gave no role")
	}
	_, change, err := b.desk.SetRoles(ctx, b.admin.actor, kamau.Officer.ID, []subscriptions.Grant{{Role: subscriptions.Approver, Agency: "kra"}}, b.now)
	b.must(err)
	if change == 0 {
		t.Error("a new role did not wait")
	}
	_, err = b.desk.Disable(ctx, kamau.actor, eve.Officer.ID, b.now)
	b.refused(err, 4, "admin")
	_, err = b.desk.Freeze(ctx, b.admin.actor, b.second.Officer.ID, b.now)
	b.must(err)
	_, err = b.desk.Disable(ctx, b.admin.actor, b.admin.Officer.ID, b.now)
	b.refused(err, 4, "nobody would be admin")
}

// Who adds an officer sees the first key and digits, and is not two people with
// them: neither as the second officer nor as the first.
func TestHandedCredentialsAreNoSecondPerson(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i, err := b.desk.Open(ctx, b.ecAuthor.actor, desk.OpenInput{Platforms: []subscriptions.PlatformID{"ecitizen-payments"}}, b.now)
	b.must(err)
	submit := func(by person, kind subscriptions.Kind) (subscriptions.Notice, error) {
		n, err := b.desk.Draft(ctx, by.actor, desk.DraftInput{Incident: i.ID, Kind: kind,
			Slots: subscriptions.Slots{Free: subscriptions.Text{"en": "The team meets at 12", "sw": "Timu inakutana saa 12"}}}, b.now)
		b.must(err)
		n, err = b.desk.Submit(ctx, by.actor, n.ID, desk.SubmitInput{}, b.now)
		b.pass(time.Minute)
		return n, err
	}
	handed := func(name string, role subscriptions.Role) person {
		o, err := b.desk.AddOfficer(ctx, b.admin.actor, desk.AddOfficer{Name: name, Roles: []subscriptions.Grant{{Role: role, Agency: "ecitizen"}}}, b.now)
		b.must(err)
		b.pass(time.Minute)
		_, err = b.desk.ApproveChange(ctx, b.second.actor, desk.ApproveChangeInput{ID: o.Waiting, Code: b.code(b.second)}, b.now)
		b.must(err)
		return person{o, b.signIn(o.Key)}
	}
	approve := func(by person, n subscriptions.Notice) error {
		_, err := b.desk.Approve(ctx, by.actor, desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: b.code(by)}, b.now)
		return err
	}

	eve := handed("Eve", subscriptions.Approver)
	n, err := submit(b.ecAuthor, subscriptions.Outage)
	b.must(err)
	b.refused(approve(eve, n), 4, "Eve")
	renewed, err := b.desk.NewKey(ctx, eve.actor, b.now) // one of the two is not enough
	b.must(err)
	eve.actor = b.signIn(renewed)
	b.refused(approve(eve, n), 4, "one person")
	eve = b.enrolled(eve)
	b.pass(time.Minute) // the digits of that minute are used
	b.must(approve(eve, n))

	mallory := handed("Mallory", subscriptions.Author)
	b.events = nil
	// She learns it when she submits, not when another officer has been woken for it.
	if n, err = submit(mallory, subscriptions.Update); n.State == subscriptions.Submitted || len(b.called(desk.EventApprove)) > 0 {
		t.Errorf("submitted (%s), and somebody was called for it", n.State)
	}
	b.refused(err, 4, "arifa officer enrol")
	before := len(b.notices(i.ID))
	_, err = b.desk.Restore(ctx, mallory.actor, desk.RestoreInput{Incident: i.ID, PayAgain: subscriptions.Answer{Value: "yes"}}, b.now)
	b.refused(err, 4, "arifa officer enrol")
	if after := len(b.notices(i.ID)); after != before {
		t.Errorf("a refusal left %d notices behind", after-before)
	}
	_, err = b.publish(mallory, desk.DraftInput{Incident: i.ID, Kind: subscriptions.Update, Slots: subscriptions.Slots{NextUpdate: b.now.Add(time.Hour)}})
	b.must(err) // what one officer may say alone does not wait for it
	mallory = b.enrolled(mallory)
	n, err = submit(mallory, subscriptions.Update)
	b.must(err)
	b.must(approve(b.ecApprover, n))
	lost, err := b.desk.Renew(ctx, b.admin.actor, b.second.Officer.ID, b.now)
	b.refused(err, 4, "") // an admin's are not renewed by one alone
	if lost.Key != "" {
		t.Error("an admin's key was renewed by another")
	}
}

// No admin alone becomes two people: new keys of somebody else suspend the roles.
func TestRenew(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.desk.Authenticate(ctx, "arifa-wrong", "cli")
	if err == nil {
		t.Error("a wrong key signs in")
	}
	out, err := b.desk.Renew(ctx, b.admin.actor, b.kraApprover.Officer.ID, b.now)
	b.must(err)
	if a := b.signIn(out.Key); out.Waiting == 0 || len(a.Officer.Roles) != 0 {
		t.Errorf("the renewed officer has %v at once", a.Officer.Roles)
	}
	if _, err := b.desk.Authenticate(ctx, b.kraApprover.Key, "cli"); err == nil {
		t.Error("the lost key still works")
	}
	_, err = b.desk.StartLink(ctx, b.admin.actor, b.kraAuthor.Officer.ID, b.now)
	b.refused(err, 4, "alone")
	_, err = b.desk.Renew(ctx, b.admin.actor, b.admin.Officer.ID, b.now)
	b.refused(err, 4, "nobody renews themselves")

	key, err := b.desk.NewKey(ctx, b.kraAuthor.actor, b.now)
	b.must(err)
	b.signIn(key)
	b.pass(time.Minute)
	secret, _, err := b.desk.NewDigits(ctx, b.kraAuthor.actor, b.code(b.kraAuthor), b.now)
	b.must(err)
	if secret == "" || secret == b.kraAuthor.Secret {
		t.Error("the digits are the old ones")
	}
}

func TestLink(t *testing.T) {
	t.Parallel()
	b := setup(t)
	telegram := subscriptions.Identity{Provider: "telegram", Subject: "1"}
	code, err := b.desk.StartLink(ctx, b.kraAuthor.actor, b.kraAuthor.Officer.ID, b.now)
	b.must(err)
	_, err = b.desk.Link(ctx, code, telegram, "telegram", b.now.Add(16*time.Minute))
	b.refused(err, 4, "15 minutes")
	code, err = b.desk.StartLink(ctx, b.kraAuthor.actor, b.kraAuthor.Officer.ID, b.now)
	b.must(err)
	_, err = b.desk.Link(ctx, strings.ToLower(code), telegram, "telegram", b.now)
	b.must(err)
	_, err = b.desk.Link(ctx, code, subscriptions.Identity{Provider: "telegram", Subject: "2"}, "telegram", b.now)
	b.refused(err, 4, "used")
	code, err = b.desk.StartLink(ctx, b.kraApprover.actor, b.kraApprover.Officer.ID, b.now)
	b.must(err)
	_, err = b.desk.Link(ctx, code, telegram, "telegram", b.now)
	b.refused(err, 4, "another officer")
	_, err = b.desk.ActorOf(ctx, subscriptions.Identity{Provider: desk.ProviderKey, Subject: "x"}, "telegram")
	if err == nil {
		t.Error("a key's hash signs in as an identity")
	}
}

// A code that was given before an officer was renewed or frozen is nobody's.
func TestLinkCodesDie(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(b *bundle) error{
		"renewed": func(b *bundle) error {
			_, err := b.desk.Renew(ctx, b.admin.actor, b.kraApprover.Officer.ID, b.now)
			return err
		},
		"frozen": func(b *bundle) error {
			_, err := b.desk.Freeze(ctx, b.admin.actor, b.kraApprover.Officer.ID, b.now)
			b.must(err)
			_, err = b.desk.Unfreeze(ctx, b.admin.actor, b.kraApprover.Officer.ID, b.now)
			return err
		},
		"frozen with the agency": func(b *bundle) error {
			_, err := b.desk.FreezeAgency(ctx, b.admin.actor, "kra", b.now)
			b.must(err)
			_, err = b.desk.Unfreeze(ctx, b.admin.actor, b.kraApprover.Officer.ID, b.now)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			code, err := b.desk.StartLink(ctx, b.kraApprover.actor, b.kraApprover.Officer.ID, b.now)
			b.must(err)
			b.must(end(b))
			_, err = b.desk.Link(ctx, code, subscriptions.Identity{Provider: "telegram", Subject: "1"}, "telegram", b.now)
			b.refused(err, 4, "since the code was given")
			b.pass(time.Minute)
			code, err = b.desk.StartLink(ctx, b.kraApprover.actor, b.kraApprover.Officer.ID, b.now)
			b.must(err)
			_, err = b.desk.Link(ctx, code, subscriptions.Identity{Provider: "telegram", Subject: "1"}, "telegram", b.now)
			b.must(err)
		})
	}
}

// Two admins who freeze each other at the same moment do not leave a deployment
// that nobody can lead.
func TestAdminsFreezeEachOther(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 5 {
		var g sync.WaitGroup
		for _, deed := range [][2]person{{b.admin, b.second}, {b.second, b.admin}} {
			g.Go(func() {
				_, err := b.desk.Freeze(ctx, deed[0].actor, deed[1].Officer.ID, b.now)
				var refusal *desk.Refusal
				if err != nil && !errors.As(err, &refusal) {
					t.Error(err)
				}
			})
		}
		g.Wait()
		acting := 0
		all, err := b.store.Officers(ctx)
		b.must(err)
		for _, o := range all {
			if !o.Has(subscriptions.Admin, "") {
				continue
			}
			acting++
			for _, frozen := range []person{b.admin, b.second} { // whoever is left sets it right for the next round
				if frozen.Officer.ID != o.ID {
					_, err = b.desk.Unfreeze(ctx, b.signedIn(o.ID), frozen.Officer.ID, b.now)
					b.must(err)
				}
			}
		}
		if acting == 0 {
			t.Fatal("nobody is left to lift a freeze")
		}
	}
}

func (b *bundle) signedIn(id subscriptions.OfficerID) desk.Actor {
	for _, p := range []person{b.admin, b.second} {
		if p.Officer.ID == id {
			return p.actor
		}
	}
	b.Fatalf("officer %d is no admin of the test", id)
	return desk.Actor{}
}

func TestFreezeAndDuty(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.desk.Freeze(ctx, b.kws.actor, b.kraAuthor.Officer.ID, b.now)
	b.refused(err, 4, "not an officer of kra")
	frozen, err := b.desk.FreezeAgency(ctx, b.kraApprover.actor, "kra", b.now)
	b.must(err)
	if len(frozen) != 2 {
		t.Errorf("frozen: %v", frozen)
	}
	_, err = b.desk.Open(ctx, b.kraAuthor.actor, desk.OpenInput{Services: ids("kra-pay-tax")}, b.now)
	b.refused(err, 4, "frozen")

	turn := subscriptions.Duty{Agency: "ecitizen", Days: []time.Weekday{time.Friday}, From: 6 * 60, To: 18 * 60}
	_, err = b.desk.SetDuty(ctx, b.ecAuthor.actor, b.ecAuthor.Officer.ID, []subscriptions.Duty{turn}, b.now)
	b.refused(err, 4, "not approver")
	_, err = b.desk.SetDuty(ctx, b.ecApprover.actor, b.kws.Officer.ID, []subscriptions.Duty{turn}, b.now)
	b.refused(err, 4, "no role in ecitizen")
	_, err = b.desk.SetDuty(ctx, b.ecApprover.actor, b.ecAuthor.Officer.ID, []subscriptions.Duty{turn}, b.now)
	b.must(err)
	on, err := b.desk.OnDuty(ctx, "ecitizen", b.now) // Friday 6:04 in Nairobi
	b.must(err)
	if len(on) != 1 || on[0].ID != b.ecAuthor.Officer.ID || on[0].TOTP != "" {
		t.Errorf("on duty: %+v", on)
	}
	b.outage()
	b.now = b.now.Add(2 * time.Hour)
	b.must(b.desk.Tick(ctx, b.now))
	if calls := b.called(desk.EventOverdue); len(calls) != 1 || len(calls[0].To) != 1 || calls[0].To[0] != b.ecAuthor.Officer.ID {
		t.Errorf("overdue calls %+v, want who is on duty", calls)
	}
}

func (b *bundle) notices(of subscriptions.IncidentID) []subscriptions.Notice {
	b.Helper()
	all, err := b.desk.Notices(ctx, of)
	b.must(err)
	return all
}
