package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// Every page answers an officer of each role without an error of ours.
func TestPages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	out := b.outage()
	n := b.submitted()
	draft, err := b.desk.Draft(ctx, b.ecAuthor.actor, desk.DraftInput{Incident: out.Incident.ID, Kind: subscriptions.Update}, b.clock())
	b.must(err)
	_, err = b.desk.Open(ctx, b.kplcAuthor.actor, desk.OpenInput{Services: []subscriptions.ServiceID{"kplc-tokens"}, Maintenance: true,
		StartsAt: b.clock().Add(time.Hour), EndsAt: b.clock().Add(3 * time.Hour)}, b.clock())
	b.must(err)
	_, err = b.desk.ProposeReady(ctx, b.kraAuthor.actor, "alt-bank-or-pdq", "kra", nil, b.clock())
	b.must(err)
	id := out.Incident.ID
	for who, p := range map[string]person{"author": b.ecAuthor, "approver": b.ecApprover, "another agency": b.kraAuthor, "admin": b.admin} {
		w := b.comes(p)
		for _, at := range []string{"/", "/waiting", "/incidents", path("/incidents/%d", id)[5:], path("/incidents/%d/join", id)[5:], path("/incidents/%d/say", id)[5:],
			path("/incidents/%d/say?kind=alternative", id)[5:], path("/incidents/%d/say?kind=maintenance", id)[5:], path("/incidents/%d/restore", id)[5:], path("/incidents/%d/release", id)[5:],
			path("/incidents/%d/answer", id)[5:], "/new", "/new?planned=1", "/new?q=tax", "/new/platform/ecitizen-payments", "/new/service/kra-pay-tax", "/new/service/kra-pay-tax?planned=1",
			"/word", "/word?kind=correction", path("/word?notice=%d", out.Notice.ID)[5:], path("/notices/%d", out.Notice.ID)[5:], "/channels", "/registry", "/officers",
			path("/officers/%d", b.kraAuthor.Officer.ID)[5:], "/record", "/record?after=0", "/record?verify=1", "/me"} {
			got := w.get("/desk" + at)
			ok := got.StatusCode == http.StatusOK || got.StatusCode == http.StatusForbidden && who != "author" // who reads what: see TestRoles
			if strings.HasPrefix(at, "/new/service/kra") || strings.HasSuffix(at, "planned=1") {
				ok = ok || got.StatusCode == http.StatusForbidden
			}
			if !ok || !strings.Contains(got.body, "</html>") || strings.Contains(got.body, "ZgotmplZ") {
				t.Errorf("%s, %s: %d %s", who, at, got.StatusCode, text(got.body))
			}
		}
		for _, at := range []subscriptions.NoticeID{n.ID, draft.ID} {
			if got := w.get(path("/notices/%d", at)); got.StatusCode != http.StatusOK && got.StatusCode != http.StatusForbidden {
				t.Errorf("%s, notice %d: %d %s", who, at, got.StatusCode, text(got.body))
			}
		}
		if got := w.get(path("/notices/%d/edit", draft.ID)); got.StatusCode != map[bool]int{true: 200, false: 403}[who == "author"] {
			t.Errorf("%s, edit: %d %s", who, got.StatusCode, text(got.body))
		}
	}
	if logged := b.logged.String(); strings.Contains(logged, "level=ERROR") {
		t.Errorf("logged: %s", logged)
	}
}
