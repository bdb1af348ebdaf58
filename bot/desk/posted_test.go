package desk_test

import (
	"strings"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

func TestPosted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	draft, err := b.desk.Draft(ctx, b.ecAuthor.actor, desk.DraftInput{Incident: b.outage().Incident.ID, Kind: subscriptions.Update}, b.now)
	b.must(err)
	_, err = b.desk.Posted(ctx, b.ecAuthor.actor, desk.PostedInput{Notice: draft.ID, Network: "whatsapp", Language: "sw"}, b.now)
	b.refused(err, 2, "publish it first")
	out, err := b.desk.Publish(ctx, b.ecAuthor.actor, desk.PublishInput{Notice: draft.ID}, b.now)
	b.must(err)
	b.pass(10 * time.Minute)
	for _, c := range []struct {
		name string
		in   desk.PostedInput
		say  string
	}{
		{"a network that sends by itself", desk.PostedInput{Network: "telegram", Language: "sw"}, "no text to copy"},
		{"no such language", desk.PostedInput{Network: "sms", Language: "fr"}, "no words"},
		{"tomorrow", desk.PostedInput{Network: "sms", Language: "sw", At: b.now.Add(24 * time.Hour)}, "future"},
		{"before it was said", desk.PostedInput{Network: "sms", Language: "sw", At: b.now.Add(-time.Hour)}, "before the notice"},
	} {
		c.in.Notice = out.Notice.ID
		if _, err := b.desk.Posted(ctx, b.ecAuthor.actor, c.in, b.now); err == nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.say)
		}
	}
	in := desk.PostedInput{Notice: out.Notice.ID, Network: "whatsapp", Language: "sw", At: b.now.Add(-5 * time.Minute)}
	_, err = b.desk.Posted(ctx, b.kraAuthor.actor, in, b.now)
	b.refused(err, 4, "not an officer of ecitizen")
	for range 2 { // a second tap adds nothing
		n, err := b.desk.Posted(ctx, b.ecApprover.actor, in, b.now)
		b.must(err)
		if len(n.Posted) != 1 || n.Posted[0] != (subscriptions.Posting{Network: "whatsapp", Language: "sw", At: in.At, By: b.ecApprover.Officer.ID}) || n.Hash != n.Digest() {
			t.Fatalf("posted: %+v", n.Posted)
		}
	}
	lines := b.audit()
	if last := lines[len(lines)-1]; last.Action != string(desk.ActPosted) || !strings.Contains(last.Detail, "whatsapp in sw") || last.Officer != b.ecApprover.Officer.ID {
		t.Errorf("the record says %+v", last)
	}
}

// An approver sees what changed since the words were given back.
func TestSubmittedAgainKeepsWhatWasReturned(t *testing.T) {
	t.Parallel()
	b := setup(t)
	n := b.submitted(b.ecAuthor)
	before := n.Sheet.Words["en"]
	n, err := b.desk.Return(ctx, b.ecApprover.actor, n.ID, "at 14, not at 12", b.now)
	b.must(err)
	if n.Was != nil {
		t.Error("words that were never submitted again have something before them")
	}
	slots := n.Slots
	slots.Free = subscriptions.Text{"en": "The team meets at 14", "sw": "Timu inakutana saa 14"}
	_, err = b.desk.Edit(ctx, b.ecAuthor.actor, n.ID, slots, b.now)
	b.must(err)
	n, err = b.desk.Submit(ctx, b.ecAuthor.actor, n.ID, desk.SubmitInput{}, b.now)
	b.must(err)
	if n.Was == nil || n.Was.Words["en"].Title != before.Title || n.Hash != n.Digest() {
		t.Fatalf("nothing is kept of what was returned: %+v", n.Was)
	}
	if line := func(w subscriptions.Words) string {
		for _, l := range append(w.Head, w.Tail...) {
			if l.Slot == subscriptions.SlotFree {
				return l.Text
			}
		}
		return ""
	}; line(n.Was.Words["en"]) == line(n.Sheet.Words["en"]) || line(n.Was.Words["en"]) != line(before) {
		t.Errorf("was %q, is %q", line(n.Was.Words["en"]), line(n.Sheet.Words["en"]))
	}
}

func TestRecord(t *testing.T) {
	t.Parallel()
	b := setup(t)
	all := b.audit()
	for _, c := range []struct {
		name        string
		after       int64
		limit       int
		first, last int64
	}{
		{"the newest", -1, 5, int64(len(all)) - 4, int64(len(all))},
		{"after a line", 3, 4, 4, 7},
		{"more than there are", -1, 100_000, 1, int64(len(all))},
		{"after the last", int64(len(all)), 5, 0, 0},
	} {
		got, err := b.desk.Record(ctx, b.kraAuthor.actor, c.after, c.limit)
		b.must(err)
		if c.last == 0 && len(got) == 0 {
			continue
		}
		if len(got) == 0 || got[0].Seq != c.first || got[len(got)-1].Seq != c.last {
			t.Errorf("%s: got lines %+v, want %d to %d", c.name, got, c.first, c.last)
		}
	}
	if _, err := b.desk.Record(ctx, desk.Actor{}, -1, 5); err == nil {
		t.Error("nobody reads the record")
	}
}
