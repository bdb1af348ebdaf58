package desk_test

import (
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// What still fails after an end is said by who holds it, never by the operator
// that has just said the opposite.
func TestBesideSpeaksForWhoHolds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.outage().Incident.ID
	_, err := b.desk.Hold(ctx, b.kraAuthor.actor, desk.HoldInput{Incident: id, Services: ids("kra-pay-tax")}, b.now)
	b.must(err)
	_, err = b.desk.Hold(ctx, b.kws.actor, desk.HoldInput{Incident: id, Services: ids("kws-nairobi-np")}, b.now)
	b.must(err)
	b.pass(time.Hour)
	end, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id, Request: "end"}, b.now)
	b.must(err)
	if end.Notice.Agency != "ecitizen" || end.Beside == nil || len(end.Others) != 1 {
		t.Fatalf("end by %s, beside %v, others %d", end.Notice.Agency, end.Beside != nil, len(end.Others))
	}
	for _, c := range []struct {
		n       subscriptions.Notice
		agency  subscriptions.AgencyID
		service subscriptions.ServiceID
		words   []string
	}{
		{*end.Beside, "kws", "kws-nairobi-np", []string{"Said by KWS", "eCitizen said at", "it works again"}},
		{end.Others[0], "kra", "kra-pay-tax", []string{"Said by KRA", "eCitizen said at", "it works again"}},
	} {
		if c.n.Agency == "kra" && c.agency == "kws" || c.n.Agency == "kws" && c.agency == "kra" {
			c.n = other(end, c.agency)
		}
		if got := told(c.n); c.n.Agency != c.agency || len(got) != 1 || got[0] != c.service || c.n.Hash != c.n.Digest() {
			t.Errorf("%s tells %v, want %s of %s", c.n.Agency, got, c.agency, c.service)
		}
		text := words(c.n, "en")
		for _, want := range c.words {
			if !contains(text, want) {
				t.Errorf("%s: no %q in\n%s", c.agency, want, text)
			}
		}
		for _, never := range []string{"Said by eCitizen", "eCitizen said at 7:04 am: still", "is working on it"} {
			if contains(text, never) {
				t.Errorf("%s: %q in\n%s", c.agency, never, text)
			}
		}
		if sw := words(c.n, "sw"); !contains(sw, "Imetolewa na "+map[subscriptions.AgencyID]string{"kws": "KWS", "kra": "KRA"}[c.agency]) {
			t.Errorf("%s in Swahili:\n%s", c.agency, sw)
		}
	}
	calls := b.called(desk.EventStopIt)
	asked := map[subscriptions.AgencyID]bool{}
	for _, e := range calls {
		asked[e.Agency] = true
	}
	if !asked["kra"] || !asked["kws"] {
		t.Errorf("who is spoken for was not told: %+v", calls)
	}
	again, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id, Request: "end"}, b.now)
	b.must(err)
	if all, _ := b.store.Notices(ctx, id, subscriptions.Published); !again.Repeated || len(all) != 4 {
		t.Errorf("a retried end left %d notices, want 4", len(all))
	}

	b.pass(time.Hour)
	own, err := b.desk.Release(ctx, b.kraAuthor.actor, desk.RestoreInput{Incident: id}, b.now)
	b.must(err)
	if text := words(own.Notice, "en"); contains(text, "eCitizen said at 7:04 am: still not working") || !contains(text, "eCitizen said at 7:04 am: it works again") {
		t.Errorf("KRA's own end reads\n%s", text)
	}
}

func other(o desk.Outcome, agency subscriptions.AgencyID) subscriptions.Notice {
	if o.Beside.Agency == agency {
		return *o.Beside
	}
	return o.Others[0]
}

// words is what everybody reads of a notice, in one language.
func words(n subscriptions.Notice, l subscriptions.Language) string {
	w := n.Sheet.Words[l]
	text := w.Title + "\n"
	for _, line := range w.Head {
		text += line.Text + "\n"
	}
	for _, s := range w.Services {
		text += s.Label + ": " + s.State + "\n"
	}
	for _, line := range w.Tail {
		text += line.Text + "\n"
	}
	return text
}
