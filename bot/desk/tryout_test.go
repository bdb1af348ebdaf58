package desk_test

import (
	"strings"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// tried is a desk on one machine with the two officers that the program lets in.
func tried(t *testing.T) (b *bundle, first, second desk.Actor) {
	t.Helper()
	b = bare(t, kenya(t))
	b.trying = true
	in, err := b.desk.StartTryout(ctx, b.now)
	b.must(err)
	var actors []desk.Actor
	for _, n := range in {
		a, err := b.desk.SignIn(ctx, n.Code, "console", b.now)
		b.must(err)
		b.must(b.desk.Prove(ctx, a, desk.Proof{}, b.now))
		actors = append(actors, a)
	}
	if len(actors) != 2 {
		t.Fatalf("%d officers are let in, want 2", len(actors))
	}
	return b, actors[0], actors[1]
}

func TestTryout(t *testing.T) {
	t.Parallel()
	b, first, second := tried(t)
	n := b.waits(first)
	_, err := b.desk.Approve(ctx, first, desk.ApproveInput{Notice: n.ID, Hash: n.Hash}, b.now)
	b.refused(err, 4, "nobody approves their own")
	_, err = b.desk.Approve(ctx, second, desk.ApproveInput{Notice: n.ID, Hash: n.Hash}, b.now)
	b.must(err)
	if lines := b.audit(); !strings.Contains(lines[len(lines)-1].Detail, "without six digits: a try-out") {
		t.Errorf("the record does not say that the digits waited: %+v", lines[len(lines)-1])
	}
	again, err := b.desk.StartTryout(ctx, b.now) // the program was started anew
	b.must(err)
	all, err := b.store.Officers(ctx)
	b.must(err)
	if len(again) != 2 || len(all) != 2 || all[1].Has(subscriptions.Admin, "") {
		t.Errorf("started again: %d links, %d officers", len(again), len(all))
	}
}

// waits is a correction by an officer of the try-out that waits for another.
func (b *bundle) waits(first desk.Actor) subscriptions.Notice {
	b.Helper()
	n, err := b.desk.Correct(ctx, first, desk.CorrectInput{Agency: "kra", False: subscriptions.FalseNews}, b.now)
	b.must(err)
	return n
}

// In a real deployment nobody's digits wait: not by the settings, not by a lane
// that leads to people, and not for an officer who has digits.
func TestTryoutIsNeverReal(t *testing.T) {
	t.Parallel()
	for name, real := range map[string]func(b *bundle){
		"the settings name a network": func(b *bundle) { b.trying = false },
		"there is a lane to people": func(b *bundle) {
			_, err := b.store.Acquire(ctx, "telegram:1", "serve", time.Minute)
			b.must(err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, first, second := tried(t)
			_, err := b.store.Acquire(ctx, "webchat", "serve", time.Minute)
			b.must(err)
			n := b.waits(first) // a chat of this very program harms nobody
			b.pass(time.Second)
			real(b)
			_, err = b.desk.Approve(ctx, second, desk.ApproveInput{Notice: n.ID, Hash: n.Hash}, b.now)
			b.refused(err, 4, "try-out")
			b.refused(b.desk.Prove(ctx, second, desk.Proof{}, b.now), 4, "try-out")
			if _, err := b.desk.Visit(ctx, second.Officer.ID, b.now, "console"); err == nil {
				t.Error("an officer of the try-out still comes in")
			}
			if _, err := b.desk.StartTryout(ctx, b.now); err == nil {
				t.Error("the program lets somebody in")
			}
			_, err = b.desk.Open(ctx, first, desk.OpenInput{Agency: "kra", Services: ids("kra-pay-tax")}, b.now)
			b.refused(err, 4, "try-out")

			// What an officer of the try-out wrote is not approved by a real one either.
			if empty, err := b.desk.Bootstrap(ctx); err != nil || !empty {
				t.Fatalf("bootstrap: %v, %v", empty, err)
			}
			amina, err := b.desk.AddOfficer(ctx, desk.Actor{Via: "cli"}, desk.AddOfficer{Name: "Amina",
				Roles: []subscriptions.Grant{{Role: subscriptions.Admin}, {Role: subscriptions.Approver, Agency: "kra"}}}, b.now)
			b.must(err)
			if !amina.Officer.Enrolled() {
				t.Error("the first officer is treated as handed")
			}
			b.admin = person{amina, b.signIn(amina.Key)}
			_, err = b.desk.Approve(ctx, b.admin.actor, desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: b.code(b.admin)}, b.now)
			b.refused(err, 4, "")
			all, err := b.store.Officers(ctx)
			b.must(err)
			for _, o := range all[:2] {
				if o.Active() {
					t.Errorf("%s of the try-out still counts", o.Name)
				}
			}
			// The first admin sets the deployment up alone, as if nothing had been tried.
			if kamau := b.add("Kamau", subscriptions.Grant{Role: subscriptions.Author, Agency: "kra"}); kamau.Waiting != 0 {
				t.Error("the try-out's admin counts as one that has existed")
			}
		})
	}
}

func TestTryoutWithDigits(t *testing.T) {
	t.Parallel()
	b, first, second := tried(t)
	n := b.waits(first)
	b.pass(time.Second)
	own, err := b.desk.Settle(ctx, second, "Juma Kariuki", b.now)
	b.must(err)
	juma := person{own, b.signIn(own.Key)}
	_, err = b.desk.Approve(ctx, juma.actor, desk.ApproveInput{Notice: n.ID, Hash: n.Hash}, b.now)
	b.refused(err, 4, "digits are wrong") // who has digits uses them
	_, err = b.desk.Approve(ctx, juma.actor, desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: b.code(juma)}, b.now)
	b.must(err)
	_, err = b.desk.Settle(ctx, juma.actor, "Again", b.now)
	b.refused(err, 4, "already")
	_, err = b.desk.StartTryout(ctx, b.now) // from now on the program lets nobody in
	b.refused(err, 4, "officers have been set up")
}

func TestTryoutNotBesideOthers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.trying = true
	_, err := b.desk.StartTryout(ctx, b.now)
	b.refused(err, 4, "officers have been set up")
	_, err = b.desk.Settle(ctx, b.kraAuthor.actor, "Kamau", b.now)
	b.refused(err, 4, "already")
	b.refused(b.desk.Prove(ctx, b.kraAuthor.actor, desk.Proof{}, b.now), 4, "digits are wrong")
}
