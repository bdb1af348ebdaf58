package desk_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// G14: an unlisted paybill stops in every slot where an officer can type, however it
// is spelled, and the rest of the notice goes out at once without it.
func TestG14UnlistedPaybillStops(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.outage().Incident.ID
	for k, piece := range []string{
		"Use paybill 571571", "Use 5 7 1 5 7 1", "Use 571-571", "Use 5.7.1.5.7.1", "Use ５７１５７１", "Use ٥٧١٥٧١",
		"Use 5\u200b7\u200b1\u200b5\u200b7\u200b1", "Use five seven one five seven one", "Tumia tano saba moja tano saba moja",
		"Go to pay-kra.com", "See [this](http://x.co)", "Ask @kra_help", "Use 206206", "Call 0712 345 678", "Use {dest:dest-old-206206}", "Use {dest:nothing}", "Use {dest:dest-222222}",
	} {
		l := []subscriptions.Language{"en", "sw"}[k%2]
		in := desk.DraftInput{Incident: id, Kind: subscriptions.Update, Slots: subscriptions.Slots{Free: subscriptions.Text{l: piece}}}
		_, err := b.publish(b.ecAuthor, in)
		r := b.refused(err, 5, "")
		if !strings.Contains(r.Do, "without this line") && !strings.Contains(r.Do, "confirm") && !strings.Contains(r.Do, "does not need it") {
			t.Errorf("%q in %s: what to do: %q", piece, l, r.Do)
		}
		n, err := b.desk.Draft(ctx, b.ecAuthor.actor, in, b.now)
		b.must(err)
		_, err = b.desk.Submit(ctx, b.ecAuthor.actor, n.ID, desk.SubmitInput{}, b.now)
		b.refused(err, 5, "") // two officers let it through no more than one
		out, err := b.desk.Publish(ctx, b.ecAuthor.actor, desk.PublishInput{Notice: n.ID, DropFree: true}, b.now)
		b.must(err)
		if out.Notice.State != subscriptions.Published || len(out.Notice.Slots.Free) != 0 {
			t.Errorf("%q: without the line: %+v", piece, out.Notice.State)
		}
	}
	_, err := b.desk.Correct(ctx, b.kraAuthor.actor, desk.CorrectInput{False: subscriptions.FalsePayment, Free: subscriptions.Text{"en": "Paybill 571571 is false"}}, b.now)
	b.refused(err, 5, "571571")
	_, err = b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id, Free: subscriptions.Text{"en": "Till 99887 works"}}, b.now)
	b.refused(err, 5, "99887")
	for _, bad := range []string{"fr"} {
		_, err = b.publish(b.ecAuthor, desk.DraftInput{Incident: id, Kind: subscriptions.Update, Slots: subscriptions.Slots{Free: subscriptions.Text{subscriptions.Language(bad): "Bonjour"}}})
		b.refused(err, 1, "language")
	}
	_, err = b.publish(b.ecAuthor, desk.DraftInput{Incident: id, Kind: subscriptions.Update, Slots: subscriptions.Slots{Free: subscriptions.Text{"en": strings.Repeat("patience ", 60)}}})
	b.refused(err, 1, "longer")
}

// The scan holds what it stops only until the officer says so: the same request
// publishes without the line.
func TestDropFreeWithTheSameRequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.outage().Incident.ID
	in := desk.PublishInput{Request: "x", Draft: &desk.DraftInput{Incident: id, Kind: subscriptions.Update, Slots: subscriptions.Slots{Free: subscriptions.Text{"en": "Pay 571571"}}}}
	_, err := b.desk.Publish(ctx, b.ecAuthor.actor, in, b.now)
	r := b.refused(err, 5, "571571")
	if len(r.Findings) == 0 || r.Findings[0].Piece == "" {
		t.Errorf("the piece is not quoted: %+v", r)
	}
	in.DropFree = true
	out, err := b.desk.Publish(ctx, b.ecAuthor.actor, in, b.now)
	b.must(err)
	again, err := b.desk.Publish(ctx, b.ecAuthor.actor, in, b.now)
	b.must(err)
	if !again.Repeated || again.Notice.ID != out.Notice.ID {
		t.Errorf("a retry made notice %d beside %d", again.Notice.ID, out.Notice.ID)
	}
}

// Where one may pay is judged for every alternative.
func TestAlternatives(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ecitizen := b.outage().Incident.ID
	mpesa, err := b.desk.Open(ctx, b.safaricom.actor, desk.OpenInput{Platforms: platforms("mpesa")}, b.now)
	b.must(err)
	_, err = b.publish(b.safaricom, desk.DraftInput{Incident: mpesa.ID, Kind: subscriptions.Outage})
	b.must(err)
	for _, c := range []struct {
		name     string
		by       person
		incident subscriptions.IncidentID
		slots    subscriptions.Slots
		rule     int
		word     string
	}{
		{"not of this agency", b.kraAuthor, ecitizen, subscriptions.Slots{Alternatives: alts("alt-kws-methods")}, 4, ""},
		{"another's way", b.kws, ecitizen, subscriptions.Slots{Services: ids("kws-nairobi-np"), Alternatives: alts("alt-bank-or-pdq")}, 4, "publishes it"},
		{"does not hang there", b.kraAuthor, ecitizen, subscriptions.Slots{Services: ids("kra-customs", "kra-pay-tax"), Alternatives: alts("alt-bank-or-pdq")}, 5, "does not hang"},
		{"another's service", b.kraAuthor, ecitizen, subscriptions.Slots{Services: ids("kws-nairobi-np"), Alternatives: alts("alt-bank-or-pdq")}, 4, "not for kra"},
		{"unconfirmed destination", b.ecAuthor, mpesa.ID, subscriptions.Slots{Services: ids("ecitizen-pay"), Alternatives: alts("alt-equity-route")}, 5, "not confirmed as a place to pay"},
		{"names what is broken", b.ecAuthor, ecitizen, subscriptions.Slots{Services: ids("ecitizen-pay"), Alternatives: alts("alt-check-222")}, 5, "does not work"},
		{"no such", b.kraAuthor, ecitizen, subscriptions.Slots{Services: ids("kra-pay-tax"), Alternatives: alts("alt-invented")}, 5, "no alternative"},
		{"expired", b.kraAuthor, ecitizen, subscriptions.Slots{Services: ids("kra-pay-tax"), Alternatives: alts("alt-bank-or-pdq"), Until: b.now.Add(-time.Hour)}, 5, "expired"},
	} {
		n, err := b.desk.Draft(ctx, c.by.actor, desk.DraftInput{Incident: c.incident, Kind: subscriptions.AlternativeNotice, Slots: c.slots}, b.now)
		b.must(err)
		_, err = b.desk.Submit(ctx, c.by.actor, n.ID, desk.SubmitInput{}, b.now)
		var r *desk.Refusal
		if !errors.As(err, &r) || r.Rule != c.rule || !strings.Contains(r.Error(), c.word) {
			t.Errorf("%s: got %v, want rule %d with %q", c.name, err, c.rule, c.word)
		}
	}
}

// A person to settle with, a code to share and a name that nobody knows need a second
// officer; an address that is read out stops with two as well.
func TestFraudInWords(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.outage().Incident.ID
	for text, rule := range map[string]int{
		"Malizana na Otieno langoni.": 4, "See Otieno at the gate.": 4, "Share the code you receive.": 4, "Open bit ly paynow.": 5,
	} {
		_, err := b.publish(b.ecAuthor, desk.DraftInput{Incident: id, Kind: subscriptions.Update, Slots: subscriptions.Slots{Free: subscriptions.Text{"en": text, "sw": text}}})
		if r := b.refused(err, rule, ""); len(r.Findings) == 0 || !strings.Contains(r.Do, "without this line") {
			t.Errorf("%q: %+v", text, r)
		}
	}
	_, err := b.publish(b.ecAuthor, desk.DraftInput{Incident: id, Kind: subscriptions.Update, Slots: subscriptions.Slots{Free: subscriptions.Text{"en": "Nairobi National Park is open.", "sw": "Hifadhi ya Nairobi iko wazi."}}})
	b.must(err)
}
