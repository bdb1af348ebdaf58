package desk_test

import (
	"fmt"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

var (
	yes = subscriptions.Answer{Value: "yes"}
	nay = subscriptions.Answer{Value: "no"}
)

// Rule 6: what an end promised to say stays promised when the incident is over,
// and whoever got the end, and nobody else, gets the answer, once.
func TestAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const lane = subscriptions.LaneID("telegram:1")
	b.tenure(lane)
	driver, taxpayer := b.follower(lane, "kws-nairobi-np"), b.follower(lane, "kra-pay-tax")
	stranger := b.follower(lane, "kplc-tokens")
	id := b.outage().Incident.ID
	b.send(lane)
	late := b.follower(lane, "kra-file-returns") // follows nothing that fails yet
	b.pass(time.Hour)
	by := b.now.Add(3 * time.Hour)
	end, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id, Landed: subscriptions.Answer{By: by}, PayAgain: nay, Moved: nay}, b.now)
	b.must(err)
	if !end.Incident.State.Over() || !end.Incident.NextUpdate.Equal(by) {
		t.Fatalf("%s, promised %v, want %v", end.Incident.State, end.Incident.NextUpdate, by)
	}
	if got := b.send(lane); got[driver] != 1 || got[taxpayer] != 1 || got[stranger]+got[late] != 0 {
		t.Fatalf("the end went to %v", got)
	}
	b.pass(time.Minute)
	newcomer := b.follower(lane, "kws-nairobi-np") // begins to follow after the end

	// The clock reminds and then says overdue, although the incident is over.
	b.now = by.Add(-5 * time.Minute)
	b.must(b.desk.Tick(ctx, b.now))
	if got := b.called(desk.EventReminder); len(got) != 1 || got[0].Agency != "ecitizen" || !got[0].Due.Equal(by) {
		t.Errorf("reminded: %+v", got)
	}
	b.now = by.Add(time.Minute)
	b.must(b.desk.Tick(ctx, b.now))
	if got := b.called(desk.EventOverdue); len(got) != 1 || !desk.Overdue(b.incident(id), b.now) {
		t.Errorf("overdue: %+v", got)
	}

	in := desk.AnswerInput{Incident: id, Landed: yes, Request: "answer"}
	out, err := b.desk.Answer(ctx, b.ecAuthor.actor, in, b.now)
	b.must(err)
	if out.Notice.State != subscriptions.Published || out.Notice.Corrects != end.Notice.ID || !out.Incident.State.Over() || !out.Incident.NextUpdate.IsZero() {
		t.Errorf("got %s, promise %v", out.Notice.State, out.Incident.NextUpdate)
	}
	if text := words(out.Notice, "en"); !contains(text, "promised") || !contains(text, "have arrived.") || !contains(text, "do not pay again") || contains(text, "Not known") {
		t.Errorf("the answer reads\n%s", text)
	}
	again, err := b.desk.Answer(ctx, b.ecAuthor.actor, in, b.now)
	b.must(err)
	if !again.Repeated || again.Notice.ID != out.Notice.ID {
		t.Errorf("a retried answer made %d beside %d", again.Notice.ID, out.Notice.ID)
	}
	got := b.send(lane)
	want := map[subscriptions.RecipientID]int{driver: 1, taxpayer: 1}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the answer went to %v, want %v (newcomer %d, stranger %d, late %d)", got, want, newcomer, stranger, late)
	}
	if got := b.send(lane); len(got) != 0 {
		t.Errorf("and again to %v", got)
	}
	_, err = b.desk.Answer(ctx, b.ecAuthor.actor, desk.AnswerInput{Incident: id, Landed: yes}, b.now)
	b.refused(err, 6, "owes no answers")
}

func TestAnswerNeedsTwoToPayAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.outage().Incident.ID
	b.pass(time.Hour)
	_, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id}, b.now)
	b.must(err)
	promised := b.incident(id).NextUpdate
	for _, c := range []struct {
		name string
		by   person
		in   desk.AnswerInput
		rule int
		word string
	}{
		{"nothing", b.ecAuthor, desk.AnswerInput{}, 6, "nothing is answered"},
		{"another agency", b.kraAuthor, desk.AnswerInput{Landed: yes}, 6, "owes no answers"},
		{"an approver", b.ecApprover, desk.AnswerInput{Landed: yes}, 4, "not author"},
		{"no answer", b.ecAuthor, desk.AnswerInput{Landed: subscriptions.Answer{Value: "maybe"}}, 6, "no answer"},
		{"no such end", b.ecAuthor, desk.AnswerInput{Notice: 1, Landed: yes}, 6, "is no end"},
	} {
		t.Log(c.name)
		c.in.Incident = id
		_, err := b.desk.Answer(ctx, c.by.actor, c.in, b.now)
		b.refused(err, c.rule, c.word)
	}
	if drafts, _ := b.store.Notices(ctx, id, subscriptions.Draft); len(drafts) != 0 {
		t.Errorf("refused answers left %d drafts", len(drafts))
	}
	out, err := b.desk.Answer(ctx, b.ecAuthor.actor, desk.AnswerInput{Incident: id, Landed: nay, PayAgain: yes}, b.now)
	b.must(err)
	if out.Notice.State != subscriptions.Submitted || !b.incident(id).NextUpdate.Equal(promised) {
		t.Fatalf("pay again went out alone: %s", out.Notice.State)
	}
	b.pass(time.Minute)
	done, err := b.desk.Approve(ctx, b.ecApprover.actor, desk.ApproveInput{Notice: out.Notice.ID, Hash: out.Notice.Hash, Code: b.code(b.ecApprover)}, b.now)
	b.must(err)
	if done.Notice.State != subscriptions.Published || !done.Incident.NextUpdate.Equal(promised) {
		t.Errorf("%s; the deadline is open still: promise %v, want %v", done.Notice.State, done.Incident.NextUpdate, promised)
	}
	// The last question is answered by one; what two said before is said again, so it needs two.
	rest, err := b.desk.Answer(ctx, b.ecAuthor.actor, desk.AnswerInput{Incident: id, PayAgain: nay, Moved: nay}, b.now)
	b.must(err)
	if rest.Notice.State != subscriptions.Published || !rest.Incident.NextUpdate.IsZero() {
		t.Errorf("%s, promise %v", rest.Notice.State, rest.Incident.NextUpdate)
	}
	if line := b.audit()[len(b.audit())-1]; !contains(line.Detail, "answers") {
		t.Errorf("audit line %+v", line)
	}
}

// What is refused in one call leaves nothing behind, and a draft can be laid aside.
func TestRefusedPublishLeavesNoDraft(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.outage().Incident.ID
	for name, in := range map[string]desk.DraftInput{
		"a number":       {Incident: id, Kind: subscriptions.Update, Slots: subscriptions.Slots{Free: subscriptions.Text{"en": "Pay to 55 44 33 22"}}},
		"needs two":      {Incident: id, Kind: subscriptions.Update, Slots: subscriptions.Slots{Free: subscriptions.Text{"en": "Do not pay an agent."}}},
		"told already":   {Incident: id, Kind: subscriptions.Outage},
		"no such thing":  {Incident: id, Kind: subscriptions.Update, Slots: subscriptions.Slots{Services: ids("kra-invented")}},
		"of maintenance": {Incident: id, Kind: subscriptions.Maintenance},
	} {
		if _, err := b.publish(b.ecAuthor, in); err == nil {
			t.Errorf("%s: published", name)
		}
	}
	if left, _ := b.store.Notices(ctx, 0, subscriptions.Draft); len(left) != 0 {
		t.Errorf("%d drafts are left", len(left))
	}
	_, err := b.publish(b.ecAuthor, desk.DraftInput{Incident: 99, Kind: subscriptions.Update})
	b.refused(err, 0, "incident 99 does not exist")

	n, err := b.desk.Draft(ctx, b.ecAuthor.actor, desk.DraftInput{Incident: id, Kind: subscriptions.Update}, b.now)
	b.must(err)
	_, err = b.desk.Discard(ctx, b.kraAuthor.actor, n.ID, b.now)
	b.refused(err, 4, "not author of ecitizen")
	gone, err := b.desk.Discard(ctx, b.ecAuthor.actor, n.ID, b.now)
	b.must(err)
	if !desk.Discarded(gone) || b.audit()[len(b.audit())-1].Action != "notice.discard" {
		t.Errorf("got %s, audit %+v", gone.State, b.audit()[len(b.audit())-1])
	}
	if _, err = b.desk.Publish(ctx, b.ecAuthor.actor, desk.PublishInput{Notice: n.ID}, b.now); err == nil {
		t.Error("a discarded draft was published")
	}
	_, err = b.desk.Discard(ctx, b.ecAuthor.actor, 1, b.now)
	b.refused(err, 2, "may have read it")
}

// follower is a person who follows one service.
func (b *bundle) follower(lane subscriptions.LaneID, id subscriptions.ServiceID) subscriptions.RecipientID {
	b.Helper()
	b.people++
	r, err := b.store.SaveRecipient(ctx, subscriptions.Recipient{Lane: lane, Address: subscriptions.AddressOf(fmt.Sprint("chat-", b.people)), Kind: subscriptions.Person, Language: "en", CreatedAt: b.now})
	b.must(err)
	_, err = b.store.Subscribe(ctx, r.ID, []subscriptions.Follow{{Scope: subscriptions.ScopeService(id), Since: b.now, Consent: "follow/en/1"}}, b.now)
	b.must(err)
	return r.ID
}

func (b *bundle) tenure(lane subscriptions.LaneID) subscriptions.Tenure {
	b.Helper()
	t, err := b.store.Acquire(ctx, lane, "test", time.Hour)
	b.must(err)
	return t
}

// send expands what is published and sends all of a lane; it returns how many
// deliveries each person got.
func (b *bundle) send(lane subscriptions.LaneID) map[subscriptions.RecipientID]int {
	b.Helper()
	for {
		x, err := b.store.Expand(ctx, 100, b.now)
		b.must(err)
		if x.Notice == 0 {
			break
		}
	}
	got := map[subscriptions.RecipientID]int{}
	for {
		tenure := b.tenure(lane)
		rows, err := b.store.Lease(ctx, tenure, 10, b.now)
		b.must(err)
		if len(rows) == 0 {
			return got
		}
		for _, r := range rows {
			got[r.Recipient]++
			b.must(b.store.Finish(ctx, []subscriptions.Result{{ID: r.ID, Fence: tenure.Fence, State: subscriptions.Sent, Message: fmt.Sprint(r.ID), Counted: true, At: b.now}}))
		}
	}
}
