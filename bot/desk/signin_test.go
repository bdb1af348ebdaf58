package desk_test

import (
	"strings"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	kamau := b.kraAuthor
	_, err := b.desk.StartSignIn(ctx, b.admin.actor, kamau.Officer.ID, b.now)
	b.refused(err, 4, "alone")
	code, err := b.desk.StartSignIn(ctx, kamau.actor, kamau.Officer.ID, b.now)
	b.must(err)
	_, err = b.desk.Link(ctx, code, subscriptions.Identity{Provider: "telegram", Subject: "1"}, "telegram", b.now)
	b.refused(err, 4, "wrong, used or older") // it lets in, and links nothing
	link, err := b.desk.StartLink(ctx, kamau.actor, kamau.Officer.ID, b.now)
	b.must(err)
	_, err = b.desk.SignIn(ctx, link, "console", b.now)
	b.refused(err, 4, "wrong, used or older") // and the other way round
	a, err := b.desk.SignIn(ctx, code, "console", b.now.Add(14*time.Minute))
	b.must(err)
	if a.Officer.ID != kamau.Officer.ID || a.Via != "console" {
		t.Errorf("signed in as %+v", a)
	}
	_, err = b.desk.SignIn(ctx, code, "console", b.now)
	b.refused(err, 4, "used")
	code, err = b.desk.StartSignIn(ctx, kamau.actor, kamau.Officer.ID, b.now)
	b.must(err)
	_, err = b.desk.SignIn(ctx, code, "console", b.now.Add(desk.SignInFor))
	b.refused(err, 4, "15 minutes")
	for _, l := range b.audit() {
		if strings.Contains(l.Detail+l.Subject, code) {
			t.Errorf("the record holds a code: %+v", l)
		}
	}
}

// A visit, and a link that was given before, end with whatever ends an officer's
// power or her secrets, and what she is given afterwards works.
func TestVisitEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(b *bundle, p person) error{
		"frozen": func(b *bundle, p person) error {
			if _, err := b.desk.Freeze(ctx, b.admin.actor, p.Officer.ID, b.now); err != nil {
				return err
			}
			_, err := b.desk.Unfreeze(ctx, b.admin.actor, p.Officer.ID, b.now)
			return err
		},
		"renewed": func(b *bundle, p person) error {
			_, err := b.desk.Renew(ctx, b.admin.actor, p.Officer.ID, b.now)
			return err
		},
		"a new key": func(b *bundle, p person) error {
			_, err := b.desk.NewKey(ctx, p.actor, b.now)
			return err
		},
		"new digits": func(b *bundle, p person) error {
			_, _, err := b.desk.NewDigits(ctx, p.actor, b.code(p), b.now)
			return err
		},
		"signed out everywhere": func(b *bundle, p person) error { return b.desk.EndVisits(ctx, p.actor, b.now) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.pass(time.Hour)
			p, since := b.kraAuthor, b.now
			b.pass(time.Second)
			_, err := b.desk.Visit(ctx, p.Officer.ID, since, "console")
			b.must(err)
			code, err := b.desk.StartSignIn(ctx, p.actor, p.Officer.ID, b.now)
			b.must(err)
			b.pass(time.Second)
			b.must(end(b, p))
			if _, err = b.desk.Visit(ctx, p.Officer.ID, since, "console"); err == nil {
				t.Error("the visit goes on")
			}
			_, err = b.desk.SignIn(ctx, code, "console", b.now)
			b.refused(err, 4, "sign in again")
			b.pass(time.Second)
			_, err = b.desk.Visit(ctx, p.Officer.ID, b.now, "console")
			b.must(err)
		})
	}
}

func TestVisitOfTheFrozen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.desk.Freeze(ctx, b.admin.actor, b.kraAuthor.Officer.ID, b.now)
	b.must(err)
	b.pass(time.Second)
	if _, err := b.desk.Visit(ctx, b.kraAuthor.Officer.ID, b.now, "console"); err == nil {
		t.Error("a frozen officer has a visit")
	}
}

// Who was handed key and digits by somebody else may have been joined by that
// person's accounts; these go with the key.
func TestEnrolDropsAccountsOfOthers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	eve, err := b.desk.AddOfficer(ctx, b.admin.actor, desk.AddOfficer{Name: "Eve"}, b.now)
	b.must(err)
	actor := b.signIn(eve.Key) // the admin, with what she has seen
	code, err := b.desk.StartLink(ctx, actor, eve.Officer.ID, b.now)
	b.must(err)
	chat := subscriptions.Identity{Provider: "telegram", Subject: "the admin's own"}
	_, err = b.desk.Link(ctx, code, chat, "telegram", b.now)
	b.must(err)
	b.pass(time.Minute)
	own := b.enrolled(person{eve, actor})
	if _, err := b.desk.ActorOf(ctx, chat, "telegram"); err == nil {
		t.Error("the admin's chat still speaks as Eve")
	}
	code, err = b.desk.StartLink(ctx, own.actor, eve.Officer.ID, b.now)
	b.must(err)
	_, err = b.desk.Link(ctx, code, chat, "telegram", b.now)
	b.must(err)
	b.pass(time.Minute)
	_, err = b.desk.NewKey(ctx, own.actor, b.now) // her own key takes nothing away
	b.must(err)
	if _, err := b.desk.ActorOf(ctx, chat, "telegram"); err != nil {
		t.Errorf("her own chat is gone: %v", err)
	}
}

func TestPasskey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.pass(time.Hour) // the digits of before are used
	p := b.ecApprover
	n := b.submitted(b.ecAuthor)
	mine := desk.Proof{Passkey: "her phone"}
	b.refused(b.desk.Prove(ctx, p.actor, mine, b.now), 4, "none of Eric's")
	_, err := b.desk.LinkPasskey(ctx, p.actor, "her phone", "000000", b.now)
	b.refused(err, 4, "digits are wrong")
	_, err = b.desk.LinkPasskey(ctx, p.actor, "her phone", b.code(p), b.now)
	b.must(err)
	b.pass(time.Minute)
	_, err = b.desk.LinkPasskey(ctx, b.kraAuthor.actor, "her phone", b.code(b.kraAuthor), b.now)
	b.refused(err, 4, "belongs to an officer")
	b.must(b.desk.Prove(ctx, p.actor, mine, b.now))
	b.refused(b.desk.Prove(ctx, b.kraAuthor.actor, mine, b.now), 4, "none of")
	_, err = b.desk.Approve(ctx, b.kraApprover.actor, desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Passkey: "her phone"}, b.now)
	b.refused(err, 4, "")
	_, err = b.desk.Approve(ctx, p.actor, desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Passkey: "her phone"}, b.now)
	b.must(err)
	if lines := b.audit(); !strings.Contains(lines[len(lines)-1].Detail, "with a passkey") {
		t.Errorf("the record does not say how it was proved: %+v", lines[len(lines)-1])
	}
	_, err = b.desk.Unlink(ctx, p.actor, subscriptions.Identity{Provider: desk.ProviderKey, Subject: ""}, b.now)
	b.refused(err, 0, "none of your linked accounts")
	_, err = b.desk.Unlink(ctx, p.actor, subscriptions.Identity{Provider: subscriptions.ProviderPasskey, Subject: "her phone"}, b.now)
	b.must(err)
	b.refused(b.desk.Prove(ctx, p.actor, mine, b.now), 4, "none of Eric's")
}

// A passkey made with handed digits would be the admin's; a renewed officer's old
// one opens nothing.
func TestPasskeyIsNoOthers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.pass(time.Hour)
	eve, err := b.desk.AddOfficer(ctx, b.admin.actor, desk.AddOfficer{Name: "Eve"}, b.now)
	b.must(err)
	handed := person{eve, b.signIn(eve.Key)}
	_, err = b.desk.LinkPasskey(ctx, handed.actor, "the admin's own", b.code(handed), b.now)
	b.refused(err, 4, "somebody else has seen")
	_, err = b.desk.LinkPasskey(ctx, b.kraApprover.actor, "lost", b.code(b.kraApprover), b.now)
	b.must(err)
	_, err = b.desk.Renew(ctx, b.admin.actor, b.kraApprover.Officer.ID, b.now)
	b.must(err)
	b.refused(b.desk.Prove(ctx, b.kraApprover.actor, desk.Proof{Passkey: "lost"}, b.now), 4, "none of")
}

// submitted is an update that waits for a second officer.
func (b *bundle) submitted(author person) subscriptions.Notice {
	b.Helper()
	out := b.outage()
	n, err := b.desk.Draft(ctx, author.actor, desk.DraftInput{Incident: out.Incident.ID, Kind: subscriptions.Update,
		Slots: subscriptions.Slots{Free: subscriptions.Text{"en": "The team meets at 12", "sw": "Timu inakutana saa 12"}}}, b.now)
	b.must(err)
	n, err = b.desk.Submit(ctx, author.actor, n.ID, desk.SubmitInput{}, b.now)
	b.must(err)
	return n
}
