package desk_test

import (
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// The words that are seen before the incident is opened are those that are
// published, and seeing them stores nothing.
func TestPreviewOpen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	open := desk.OpenInput{Platforms: platforms("ecitizen-payments"), Since: b.now.Add(-10 * time.Minute), SinceApprox: true}
	p, err := b.desk.PreviewOpen(ctx, b.ecAuthor.actor, open, desk.DraftInput{Kind: subscriptions.Outage}, b.now)
	b.must(err)
	all, err := b.store.Incidents(ctx, time.Time{})
	b.must(err)
	if len(all) != 0 {
		t.Errorf("a preview opened %d incidents", len(all))
	}
	i, err := b.desk.Open(ctx, b.ecAuthor.actor, open, b.now)
	b.must(err)
	out, err := b.publish(b.ecAuthor, desk.DraftInput{Incident: i.ID, Kind: subscriptions.Outage})
	b.must(err)
	for _, l := range b.nation.Languages {
		seen, said := p.Notice.Sheet.Words[l], out.Notice.Sheet.Words[l]
		if seen.Title != said.Title || len(seen.Head) != len(said.Head) || seen.Head[0] != said.Head[0] || len(seen.Services) != len(said.Services) {
			t.Errorf("%s: seen %q %v, said %q %v", l, seen.Title, seen.Head, said.Title, said.Head)
		}
	}
	if len(p.Unconfirmed) == 0 || len(p.TwoOfficers) != 0 || len(told(p.Notice)) != len(told(out.Notice)) {
		t.Errorf("unconfirmed %d, two officers %v, tells %d of %d", len(p.Unconfirmed), p.TwoOfficers, len(told(p.Notice)), len(told(out.Notice)))
	}
	_, err = b.desk.PreviewOpen(ctx, b.ecAuthor.actor, open, desk.DraftInput{Kind: subscriptions.Outage}, b.now)
	b.refused(err, 4, "already")
	_, err = b.desk.PreviewOpen(ctx, b.kraAuthor.actor, open, desk.DraftInput{Kind: subscriptions.Outage}, b.now)
	b.refused(err, 4, "may not say that it is down")
}

func TestPreviewAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.outage().Incident.ID
	in := desk.AnswerInput{Incident: id, Landed: subscriptions.Answer{Value: "yes"}}
	_, err := b.desk.PreviewAnswer(ctx, b.ecAuthor.actor, in, b.now)
	b.refused(err, 6, "owes no answers")
	_, err = b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id}, b.now)
	b.must(err)
	p, err := b.desk.PreviewAnswer(ctx, b.ecAuthor.actor, in, b.now)
	b.must(err)
	out, err := b.desk.Answer(ctx, b.ecAuthor.actor, in, b.now)
	b.must(err)
	if seen, said := p.Notice.Sheet.Words["en"], out.Notice.Sheet.Words["en"]; seen.Title == "" || seen.Title != said.Title {
		t.Errorf("seen %q, said %q", seen.Title, said.Title)
	}
	in.PayAgain.Value = "yes"
	p, err = b.desk.PreviewAnswer(ctx, b.ecAuthor.actor, in, b.now)
	b.must(err)
	if len(p.TwoOfficers) == 0 {
		t.Error("paying again is shown as one officer's word")
	}
}

// The author sees who was asked to approve, who was reached and who has looked.
func TestAsked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	deaf := b.add("Njeri", subscriptions.Grant{Role: subscriptions.Approver, Agency: "kra"})
	chat := b.chat(b.kraApprover, "500")
	n := submitted(b)
	got, err := b.desk.Asked(ctx, n)
	b.must(err)
	if len(got) != 2 || got[0].Name != "Kerubo" || got[0].Chats != 1 || got[1].Name != deaf.Officer.Name || got[1].Chats != 0 {
		t.Fatalf("asked: %+v", got)
	}
	calls, err := b.store.LeaseCalls(ctx, "telegram", 10, b.now, b.now)
	b.must(err)
	for _, c := range calls {
		if c.Chat == chat {
			c.SentAt, c.EndedAt = b.now, b.now
			b.must(b.store.FinishCall(ctx, c))
		}
	}
	sent := b.now
	b.pass(time.Minute)
	b.must(b.desk.Seen(ctx, b.kraApprover.actor, n.ID, b.now))
	got, err = b.desk.Asked(ctx, n)
	b.must(err)
	if !got[0].SentAt.Equal(sent) || !got[0].SeenAt.Equal(b.now) || !got[1].SeenAt.IsZero() {
		t.Errorf("asked: %+v", got)
	}
}

func TestMoment(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("EAT", 3*3600)
	now := time.Date(2025, 1, 3, 6, 4, 0, 0, zone)
	for _, c := range []struct{ text, want string }{
		{"06:00", "2025-01-03 06:00"}, {" 8:30 ", "2025-01-03 08:30"}, {"22:00", "2025-01-02 22:00"}, {"17:00", "2025-01-03 17:00"},
		{"2025-01-05 22:00", "2025-01-05 22:00"}, {"+2h", "2025-01-03 08:04"}, {"- 30m", "2025-01-03 05:34"}, {"+1h30m", "2025-01-03 07:34"},
		{"soon", ""}, {"", ""}, {"25:00", ""}, {"+", ""}, {"+99999h", ""},
	} {
		got, err := desk.Moment(c.text, now.UTC(), zone)
		if said := got.In(zone).Format("2006-01-02 15:04"); (err != nil) != (c.want == "") || err == nil && said != c.want {
			t.Errorf("%q: %s (%v), want %s", c.text, said, err, c.want)
		}
	}
}
