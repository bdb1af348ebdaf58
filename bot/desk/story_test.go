package desk_test

import (
	"strings"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// The story of 3 January 2025, as the design tells it.
func TestStory(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.outage()
	if got := len(told(first.Notice)); got < 60 || has(told(first.Notice), "kplc-tokens") {
		t.Errorf("outage tells %d services, tokens among them: %v", got, has(told(first.Notice), "kplc-tokens"))
	}
	if !first.Notice.Sound || first.Notice.Key != "2025-0103-1" || first.Notice.Code == "" || first.Notice.Hash != first.Notice.Digest() {
		t.Errorf("got notice %+v", first.Notice)
	}
	if len(first.Ping) != 1 || first.Ping[0] != b.ecApprover.Officer.ID {
		t.Errorf("asked to stop: %v, want the other officer of the agency", first.Ping)
	}
	if got := first.Incident.NextUpdate; !got.Equal(b.now.Add(2 * time.Hour)) {
		t.Errorf("promise at %v", got)
	}
	if len(b.called(desk.EventConfirm)) == 0 {
		t.Error("nobody was asked about unconfirmed dependencies")
	}
	id := first.Incident.ID

	b.pass(4 * time.Hour)
	_, err := b.desk.Join(ctx, b.kraAuthor.actor, desk.JoinInput{Incident: id, Services: ids("kra-pay-tax")}, b.now)
	b.must(err)
	word, err := b.publish(b.kraAuthor, desk.DraftInput{Incident: id, Kind: subscriptions.Update})
	b.must(err)
	if word.Notice.Sound {
		t.Error("another body's word alone is heard; want an edit")
	}
	if got := told(word.Notice); has(got, "kws-nairobi-np") || !has(got, "kra-pay-tax") {
		t.Errorf("KRA speaks of %v", got)
	}

	b.pass(90 * time.Minute)
	way := desk.DraftInput{Incident: id, Kind: subscriptions.AlternativeNotice, Slots: subscriptions.Slots{
		Services: ids("kra-pay-tax"), Alternatives: alts("alt-bank-or-pdq")}}
	_, err = b.publish(b.kraAuthor, way)
	b.refused(err, 4, "another officer")
	out, err := b.approved(b.kraAuthor, b.kraApprover, way)
	b.must(err)
	if !out.Notice.Sound || out.Notice.Approver != b.kraApprover.Officer.ID {
		t.Errorf("alternative: sound %v, approver %d", out.Notice.Sound, out.Notice.Approver)
	}
	if got := told(out.Notice); len(got) != 1 || got[0] != "kra-pay-tax" {
		t.Errorf("KRA's way reaches %v", got)
	}

	b.pass(3 * time.Hour)
	end, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id, Landed: subscriptions.Answer{Value: "yes"}}, b.now)
	b.must(err)
	if end.Incident.State != subscriptions.Resolved || !has(told(end.Notice), "kra-pay-tax") || len(end.Incident.Failing()) != 0 {
		t.Errorf("end: %s, failing %v, tells %d", end.Incident.State, end.Incident.Failing(), len(told(end.Notice)))
	}
	for _, w := range end.Incident.Ways {
		if w.EndedAt.IsZero() {
			t.Errorf("way %s is still told", w.Alternative)
		}
	}
	old, err := b.store.Notice(ctx, first.Notice.ID)
	b.must(err)
	if old.Overtaken != end.Notice.ID {
		t.Errorf("the outage is overtaken by %d, want %d", old.Overtaken, end.Notice.ID)
	}
	_, err = b.desk.Join(ctx, b.kraAuthor.actor, desk.JoinInput{Incident: id, Services: ids("kra-pay-tax"), Record: true}, b.now.Add(time.Hour))
	b.must(err)
	if got := b.incident(id).State; got != subscriptions.Resolved {
		t.Errorf("a recorded word reopened the incident: %s", got)
	}
	if n, err := b.desk.AuditVerify(ctx); err != nil || n < 10 {
		t.Errorf("audit record: %d lines, %v", n, err)
	}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r, err := b.store.SaveRecipient(ctx, subscriptions.Recipient{Lane: "telegram:1", Address: subscriptions.AddressOf("7"), Kind: subscriptions.Person, CreatedAt: b.now})
	b.must(err)
	_, err = b.store.Subscribe(ctx, r.ID, []subscriptions.Follow{{Scope: subscriptions.ScopeService("kra-pay-tax"), Since: b.now}}, b.now)
	b.must(err)
	i, err := b.desk.Open(ctx, b.ecAuthor.actor, desk.OpenInput{Platforms: []subscriptions.PlatformID{"ecitizen-payments"}}, b.now)
	b.must(err)
	p, err := b.desk.PreviewDraft(ctx, b.ecAuthor.actor, desk.DraftInput{Incident: i.ID, Kind: subscriptions.Outage,
		Slots: subscriptions.Slots{Free: subscriptions.Text{"en": "Please be patient."}}}, b.now)
	b.must(err)
	if p.Finish.People != 1 || !p.Finish.Certain || p.Finish.Takes != time.Second {
		t.Errorf("finish: %+v", p.Finish)
	}
	if len(p.Missing) != 1 || p.Missing[0] != "sw" {
		t.Errorf("missing languages: %v", p.Missing)
	}
	if len(p.TwoOfficers) != 0 || p.Why != desk.SoundKind || len(p.Unconfirmed) == 0 {
		t.Errorf("two officers %v, sound because %q, %d unconfirmed", p.TwoOfficers, p.Why, len(p.Unconfirmed))
	}
	for l, short := range p.Short {
		if short == "" || !strings.Contains(short, "222222") {
			t.Errorf("short text in %s: %q", l, short)
		}
	}
	if len(p.Texts) < 4 || p.Texts[0].Network != "sms" || p.Texts[0].Parts != 1 || p.Texts[0].Encoding != "GSM-7" {
		t.Errorf("texts: %+v", p.Texts)
	}
	all, err := b.store.Notices(ctx, i.ID)
	b.must(err)
	if len(all) != 0 {
		t.Errorf("a preview stored %d notices", len(all))
	}
}

func ids(s ...subscriptions.ServiceID) []subscriptions.ServiceID          { return s }
func alts(s ...subscriptions.AlternativeID) []subscriptions.AlternativeID { return s }
func platforms(s ...subscriptions.PlatformID) []subscriptions.PlatformID  { return s }
