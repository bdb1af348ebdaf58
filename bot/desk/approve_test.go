package desk_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

var correction = desk.CorrectInput{False: subscriptions.FalsePayment}

// submitted is a correction by KRA that waits for approval.
func submitted(b *bundle) subscriptions.Notice {
	b.Helper()
	n, err := b.desk.Correct(ctx, b.kraAuthor.actor, correction, b.now)
	b.must(err)
	if n.State != subscriptions.Submitted || n.Key == "" || len(n.TwoOfficers) == 0 {
		b.Fatalf("submitted: %+v", n)
	}
	return n
}

func TestApprove(t *testing.T) {
	t.Parallel()
	b := setup(t)
	n := submitted(b)
	b.pass(time.Minute)
	in := desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: b.code(b.kraApprover), Request: "r1"}
	out, err := b.desk.Approve(ctx, b.kraApprover.actor, in, b.now)
	b.must(err)
	if out.Notice.State != subscriptions.Published || out.Notice.Approver != b.kraApprover.Officer.ID || !out.Notice.Money {
		t.Errorf("approved: %+v", out.Notice)
	}
	again, err := b.desk.Approve(ctx, b.kraApprover.actor, in, b.now)
	b.must(err)
	if !again.Repeated || again.Notice.ID != out.Notice.ID {
		t.Errorf("a retried approval made %+v", again)
	}
}

// The submitter cannot approve, under any identity and with every role.
func TestNobodyApprovesTheirOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	both := b.add("Both", subscriptions.Grant{Role: subscriptions.Author, Agency: "kra"}, subscriptions.Grant{Role: subscriptions.Approver, Agency: "kra"})
	code, err := b.desk.StartLink(ctx, both.actor, both.Officer.ID, b.now)
	b.must(err)
	telegram := subscriptions.Identity{Provider: "telegram", Subject: "4711"}
	_, err = b.desk.Link(ctx, code, telegram, "telegram", b.now)
	b.must(err)
	n, err := b.desk.Correct(ctx, both.actor, correction, b.now)
	b.must(err)
	b.pass(time.Minute)
	other, err := b.desk.ActorOf(ctx, telegram, "telegram")
	b.must(err)
	for _, a := range []desk.Actor{both.actor, other} {
		_, err = b.desk.Approve(ctx, a, desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: b.code(both)}, b.now)
		b.refused(err, 4, "own notice")
	}
	// Who edits a returned notice becomes its author.
	n, err = b.desk.Return(ctx, b.kraApprover.actor, n.ID, "say which", b.now)
	b.must(err)
	n, err = b.desk.Edit(ctx, b.kraAuthor.actor, n.ID, subscriptions.Slots{False: subscriptions.FalseLink}, b.now)
	b.must(err)
	n, err = b.desk.Submit(ctx, b.kraAuthor.actor, n.ID, desk.SubmitInput{}, b.now)
	b.must(err)
	_, err = b.desk.Approve(ctx, both.actor, desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: b.code(both)}, b.now)
	b.must(err) // somebody else's words by now
	// Who submits another's draft has said yes to it once, and not twice.
	n, err = b.desk.Draft(ctx, b.kraAuthor.actor, desk.DraftInput{Kind: subscriptions.Correction, Slots: subscriptions.Slots{False: subscriptions.FalseLink}}, b.now)
	b.must(err)
	n, err = b.desk.Submit(ctx, both.actor, n.ID, desk.SubmitInput{}, b.now)
	b.must(err)
	b.pass(time.Minute)
	_, err = b.desk.Approve(ctx, both.actor, desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: b.code(both)}, b.now)
	b.refused(err, 4, "own notice")
	_, err = b.desk.Approve(ctx, b.kraApprover.actor, desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: b.code(b.kraApprover)}, b.now)
	b.must(err)
}

func TestApprovalIsBoundToTheWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		word string
		rule int
		turn func(b *bundle, n *subscriptions.Notice) (shown string)
	}{
		{"one byte of the words", "changed after", 2, func(b *bundle, n *subscriptions.Notice) string {
			w := n.Sheet.Words["sw"]
			w.Title += "."
			n.Sheet.Words["sw"] = w
			return n.Hash
		}},
		{"one more service", "changed after", 2, func(b *bundle, n *subscriptions.Notice) string {
			n.Audience[subscriptions.ScopeAll] = append(n.Audience[subscriptions.ScopeAll], "kplc-tokens")
			return n.Hash
		}},
		{"a slot", "changed after", 2, func(b *bundle, n *subscriptions.Notice) string {
			n.Slots.False = subscriptions.FalseNews
			return n.Hash
		}},
		{"its author", "changed after", 2, func(b *bundle, n *subscriptions.Notice) string {
			n.Author = b.ecAuthor.Officer.ID
			return n.Hash
		}},
		{"its submitter", "changed after", 2, func(b *bundle, n *subscriptions.Notice) string {
			n.Submitter = b.ecAuthor.Officer.ID
			return n.Hash
		}},
		{"why two are asked", "changed after", 2, func(b *bundle, n *subscriptions.Notice) string {
			n.TwoOfficers = []string{}
			return n.Hash
		}},
		{"its check code", "changed after", 2, func(b *bundle, n *subscriptions.Notice) string {
			n.Code = "AAAAAA"
			return n.Hash
		}},
		{"words and hash together", "not what would be published", 2, func(b *bundle, n *subscriptions.Notice) string {
			shown := n.Hash
			n.Sound = !n.Sound
			n.Hash = n.Digest()
			return shown
		}},
		{"another hash was shown", "not what would be published", 2, func(b *bundle, n *subscriptions.Notice) string { return "abc" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			n := submitted(b)
			shown := c.turn(b, &n)
			changed, err := b.store.Commit(ctx, subscriptions.Change{Notices: []subscriptions.Notice{n}, Now: b.now})
			b.must(err)
			b.pass(time.Minute)
			_, err = b.desk.Approve(ctx, b.kraApprover.actor, desk.ApproveInput{Notice: n.ID, Hash: shown, Code: b.code(b.kraApprover)}, b.now)
			b.refused(err, c.rule, c.word)
			after, err := b.store.Notice(ctx, changed.Notices[0].ID)
			b.must(err)
			if after.State != subscriptions.Submitted {
				t.Errorf("the notice is %s", after.State)
			}
		})
	}
}

func TestApproverAndAuthorAreLookedUpAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	n := submitted(b)
	b.pass(time.Minute)
	in := desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: b.code(b.kraApprover)}
	_, _, err := b.desk.SetRoles(ctx, b.admin.actor, b.kraApprover.Officer.ID, nil, b.now) // taking away does not wait
	b.must(err)
	_, err = b.desk.Approve(ctx, b.kraApprover.actor, in, b.now)
	b.refused(err, 4, "not approver")

	b = setup(t)
	n = submitted(b)
	b.pass(time.Minute)
	_, err = b.desk.Freeze(ctx, b.kraApprover.actor, b.kraAuthor.Officer.ID, b.now)
	b.must(err)
	_, err = b.desk.Approve(ctx, b.kraApprover.actor, desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: b.code(b.kraApprover)}, b.now)
	b.refused(err, 4, "frozen")
	_, err = b.desk.Authenticate(ctx, b.kraAuthor.Key, "cli")
	if err == nil {
		t.Error("a frozen officer signs in")
	}
	_, err = b.desk.Unfreeze(ctx, b.kraApprover.actor, b.kraAuthor.Officer.ID, b.now)
	b.refused(err, 4, "admin")
	_, err = b.desk.Unfreeze(ctx, b.admin.actor, b.kraAuthor.Officer.ID, b.now)
	b.must(err)
	_, err = b.desk.Approve(ctx, b.ecApprover.actor, desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: b.code(b.ecApprover)}, b.now)
	b.refused(err, 4, "not approver of kra")
}

// Who submitted another's draft stands for it too, until it is published.
func TestASubmitterIsLookedUpAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	n := submitted(b)
	other := b.add("Other Author", subscriptions.Grant{Role: subscriptions.Author, Agency: "kra"})
	b.pass(time.Minute)
	n, err := b.desk.Return(ctx, b.kraApprover.actor, n.ID, "say it again", b.now)
	b.must(err)
	n, err = b.desk.Submit(ctx, other.actor, n.ID, desk.SubmitInput{}, b.now)
	b.must(err)
	if n.Author != b.kraAuthor.Officer.ID || n.Submitter != other.Officer.ID {
		t.Fatalf("by %d, submitted by %d", n.Author, n.Submitter)
	}
	_, err = b.desk.Freeze(ctx, b.kraApprover.actor, other.Officer.ID, b.now)
	b.must(err)
	in := desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: b.code(b.kraApprover)}
	_, err = b.desk.Approve(ctx, b.kraApprover.actor, in, b.now)
	b.refused(err, 4, "its submitter may not publish any more")
	_, err = b.desk.Unfreeze(ctx, b.admin.actor, other.Officer.ID, b.now)
	b.must(err)
	out, err := b.desk.Approve(ctx, b.kraApprover.actor, in, b.now)
	b.must(err)
	if out.Notice.State != subscriptions.Published {
		t.Errorf("%+v", out.Notice)
	}
}

func TestSixDigits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	n := submitted(b)
	b.pass(time.Minute)
	try := func(code string) error {
		_, err := b.desk.Approve(ctx, b.kraApprover.actor, desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: code}, b.now)
		return err
	}
	for range 5 {
		b.refused(try("000000"), 4, "wrong")
	}
	b.refused(try(b.code(b.kraApprover)), 4, "too many")
	b.pass(16 * time.Minute)
	code := b.code(b.kraApprover)
	b.pass(30 * time.Second) // the step before still counts
	b.must(try(code))

	n = submitted(b)
	b.refused(try(code), 4, "used already")
	b.pass(2 * time.Minute)
	b.refused(try(code), 4, "wrong") // two steps old
	b.must(try(b.code(b.kraApprover)[:3] + " " + b.code(b.kraApprover)[3:]))
}

// However many guess at once, five are compared; and right digits cost nothing.
func TestSixDigitsAreGuessedFiveTimes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	n := submitted(b)
	b.pass(time.Minute)
	var all sync.WaitGroup
	var compared atomic.Int32
	for i := range 60 {
		all.Go(func() {
			_, err := b.desk.Approve(ctx, b.kraApprover.actor, desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: fmt.Sprintf("x%05d", i)}, b.now)
			if err != nil && contains(err.Error(), "digits are wrong") {
				compared.Add(1)
			}
		})
	}
	all.Wait()
	if got := compared.Load(); got != 5 {
		t.Errorf("%d guesses were compared, want 5", got)
	}
	_, _, err := b.desk.NewDigits(ctx, b.kraApprover.actor, b.code(b.kraApprover), b.now)
	b.refused(err, 4, "too many")

	b.now = b.now.Truncate(15 * time.Minute).Add(15 * time.Minute)
	for range 8 {
		n := submitted(b)
		_, err := b.desk.Approve(ctx, b.kraApprover.actor, desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: b.code(b.kraApprover)}, b.now)
		b.must(err)
		b.pass(time.Minute)
	}
	n = submitted(b)
	for range 5 {
		_, err := b.desk.Approve(ctx, b.kraApprover.actor, desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: "000000"}, b.now)
		b.refused(err, 4, "wrong")
	}
	_, err = b.desk.Approve(ctx, b.kraApprover.actor, desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: b.code(b.kraApprover)}, b.now)
	b.refused(err, 4, "too many")
}

// An incident that changed in a way that matters voids the submission.
func TestStaleIncident(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.outage().Incident.ID
	draft := desk.DraftInput{Incident: id, Kind: subscriptions.AlternativeNotice, Slots: subscriptions.Slots{Services: ids("kra-pay-tax"), Alternatives: alts("alt-bank-or-pdq")}}
	n, err := b.desk.Draft(ctx, b.kraAuthor.actor, draft, b.now)
	b.must(err)
	n, err = b.desk.Submit(ctx, b.kraAuthor.actor, n.ID, desk.SubmitInput{}, b.now)
	b.must(err)
	b.pass(time.Minute)
	_, err = b.desk.NoChange(ctx, b.ecAuthor.actor, desk.NoChangeInput{Incident: id}, b.now) // does not matter
	b.must(err)
	_, err = b.desk.Restore(ctx, b.kraAuthor.actor, desk.RestoreInput{Incident: id, Services: ids("kra-pay-tax")}, b.now)
	b.must(err)
	_, err = b.desk.Approve(ctx, b.kraApprover.actor, desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: b.code(b.kraApprover)}, b.now)
	b.refused(err, 4, "not failing")
}

// Words from before an end are not published after it, though their own service
// goes on failing: they would say that everything still fails.
func TestWordsFromBeforeAnEndAreNotPublishedAfterIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.outage().Incident.ID
	n, err := b.desk.Draft(ctx, b.kraAuthor.actor, desk.DraftInput{Incident: id, Kind: subscriptions.AlternativeNotice,
		Slots: subscriptions.Slots{Services: ids("kra-pay-tax"), Alternatives: alts("alt-bank-or-pdq")}}, b.now)
	b.must(err)
	n, err = b.desk.Submit(ctx, b.kraAuthor.actor, n.ID, desk.SubmitInput{}, b.now)
	b.must(err)
	b.pass(time.Minute)
	_, err = b.desk.Hold(ctx, b.kraAuthor.actor, desk.HoldInput{Incident: id, Services: ids("kra-pay-tax")}, b.now)
	b.must(err)
	b.pass(time.Minute)
	_, err = b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id}, b.now)
	b.must(err)
	_, err = b.desk.Approve(ctx, b.kraApprover.actor, desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: b.code(b.kraApprover)}, b.now)
	b.refused(err, 2, "works again")
}
