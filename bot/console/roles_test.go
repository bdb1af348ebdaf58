package console_test

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"arifa/bot/console"
	"arifa/bot/desk"
	"arifa/subscriptions"
)

// scene is a desk at work, with everybody signed in.
type scene struct {
	file    []byte
	now     time.Time
	cookies map[string]string // by name of the role

	live, ended            subscriptions.IncidentID
	published, draft, next subscriptions.NoticeID // next waits for KRA's approver
	hash                   string
	change                 subscriptions.ChangeID
	channel                subscriptions.RecipientID
	alarm                  subscriptions.AlarmID
}

var stage struct {
	sync.Once
	scene
}

// roles are the people of the table: of the operator, of an agency that hangs on
// it, of one that has no part in it, and admins.
var roles = []string{"operator's author", "operator's approver", "author", "approver", "stranger", "admin"}

func (s *staff) of(role string) person {
	return map[string]person{"operator's author": s.ecAuthor, "operator's approver": s.ecApprover, "author": s.kraAuthor, "approver": s.kraSecond,
		"stranger": s.kplcAuthor, "admin": s.admin}[role]
}

// play sets the scene once.
func play(t *testing.T) scene {
	t.Helper()
	stage.Do(func() {
		b := setup(t)
		s := &stage.scene
		out := b.outage()
		s.live, s.published = out.Incident.ID, out.Notice.ID
		kra := []subscriptions.ServiceID{"kra-pay-tax"}
		_, err := b.desk.Join(ctx, b.kraAuthor.actor, desk.JoinInput{Incident: s.live, Services: kra}, b.clock())
		b.must(err)
		_, err = b.desk.Hold(ctx, b.kraAuthor.actor, desk.HoldInput{Incident: s.live, Services: kra}, b.clock())
		b.must(err)
		d, err := b.desk.Draft(ctx, b.ecAuthor.actor, desk.DraftInput{Incident: s.live, Kind: subscriptions.Update}, b.clock())
		b.must(err)
		s.draft = d.ID
		n := b.submitted()
		s.next, s.hash = n.ID, n.Hash
		c, err := b.desk.ProposeReady(ctx, b.kraAuthor.actor, "alt-bank-or-pdq", "kra", nil, b.clock())
		b.must(err)
		b.pass(time.Minute)
		_, err = b.desk.ApproveChange(ctx, b.kraSecond.actor, desk.ApproveChangeInput{ID: c.ID, Code: b.code(b.kraSecond)}, b.clock())
		b.must(err)
		c, err = b.desk.ProposeReady(ctx, b.kraAuthor.actor, "alt-bank-prn", "kra", nil, b.clock())
		b.must(err)
		s.change = c.ID
		i, err := b.desk.Open(ctx, b.kplcAuthor.actor, desk.OpenInput{Services: []subscriptions.ServiceID{"kplc-postpaid"}}, b.clock())
		b.must(err)
		_, err = b.desk.Publish(ctx, b.kplcAuthor.actor, desk.PublishInput{Draft: &desk.DraftInput{Incident: i.ID, Kind: subscriptions.Outage}}, b.clock())
		b.must(err)
		b.pass(time.Minute)
		_, err = b.desk.Restore(ctx, b.kplcAuthor.actor, desk.RestoreInput{Incident: i.ID}, b.clock())
		b.must(err)
		s.ended = i.ID
		r, _, err := b.desk.AddChannel(ctx, b.kraAuthor.actor, desk.ChannelInput{Lane: "telegram:1", Address: subscriptions.AddressOf("-100"), Kind: subscriptions.Channel, Title: "KRA", Scopes: []subscriptions.Scope{"agency:kra"}}, b.clock())
		b.must(err)
		s.channel = r.ID
		_, err = b.desk.Freeze(ctx, b.admin.actor, b.kplcOther.Officer.ID, b.clock())
		b.must(err)
		s.alarm = b.alarm("kplc-ussd", "kplc-tokens").ID
		s.cookies = map[string]string{}
		for _, role := range roles {
			s.cookies[role] = b.comes(b.of(role)).cookie()
		}
		half := b.browser()
		half.halfway(b.kraSecond)
		s.cookies["half"] = half.cookie()
		s.now = b.clock()
		b.must(b.store.Close())
		if s.file, err = os.ReadFile(filepath.Join(b.dir, "arifa.db")); err != nil {
			t.Fatal(err)
		}
	})
	return stage.scene
}

func (w *browser) cookie() string {
	u, _ := url.Parse(w.base)
	for _, c := range w.http.Jar.Cookies(u) {
		return c.Value
	}
	w.Fatal("no cookie was set")
	return ""
}

// again opens the scene anew for one case.
func (s scene) again(t *testing.T) *bundle {
	t.Helper()
	path := filepath.Join(t.TempDir(), "arifa.db")
	if err := os.WriteFile(path, s.file, 0o600); err != nil {
		t.Fatal(err)
	}
	b := &bundle{TB: t, staff: made.staff, now: s.now}
	b.open(path)
	b.serve(func(c *console.Config) { c.Networks = channels{} })
	return b
}

// channels knows one channel by name.
type channels struct{}

func (channels) Networks() []string { return []string{"telegram"} }

func (channels) Look(_ ctxType, _, name string) (desk.ChannelInput, error) {
	if name != "@kra_notices" {
		return desk.ChannelInput{}, &desk.Refusal{Why: "there is no channel " + name, Do: "look at its name"}
	}
	return desk.ChannelInput{Lane: "telegram:1", Address: subscriptions.AddressOf("-200"), Kind: subscriptions.Channel, Title: "KRA notices"}, nil
}

func (b *bundle) as(cookie string) *browser {
	w := b.browser()
	if cookie == "" {
		return w
	}
	jar, _ := cookiejar.New(nil)
	u, _ := url.Parse(w.base)
	jar.SetCookies(u, []*http.Cookie{{Name: "arifa-desk", Value: cookie, Path: "/"}})
	w.http.Jar = jar
	return w
}

// row is one route of the table: who may, of those who are signed in.
type row struct {
	path  string   // as it is registered
	at    string   // an address of it
	reads []string // nil = everybody who is signed in
	form  []string // of its deed; nil = it has none
	does  []string // who may do it
	// own: everybody does it, to nobody but themselves.
	own bool
	// once is set where the answer shows a secret once instead of going on.
	once bool
}

func table(b *staff, s scene) []row {
	ec, kra, both, admins := []string{"operator's author"}, []string{"author"}, []string{"operator's author", "operator's approver"}, []string{"admin"}
	kraAll, second, writers := []string{"author", "approver"}, []string{"approver"}, []string{"operator's author", "author"}
	live, ended := fmt.Sprintf("/incidents/%d", s.live), fmt.Sprintf("/incidents/%d", s.ended)
	notice, draft, next := fmt.Sprintf("/notices/%d", s.published), fmt.Sprintf("/notices/%d", s.draft), fmt.Sprintf("/notices/%d", s.next)
	kamau := fmt.Sprintf("/officers/%d", b.kraAuthor.Officer.ID)
	frozen := fmt.Sprintf("/officers/%d", b.kplcOther.Officer.ID)
	change := fmt.Sprintf("/changes/%d", s.change)
	ofKRA, ofEC := []string{"agency", "kra"}, []string{"agency", "ecitizen"}
	with := func(more []string, form ...string) []string { return append(form, more...) }
	no := []string{}
	return []row{
		{path: "/alarms/{id}", at: fmt.Sprintf("/alarms/%d", s.alarm), reads: []string{"stranger", "admin"}, form: []string{"agency", "kplc", "says", "publish"}, does: []string{"stranger"}},
		{path: "/{$}", at: "/"}, {path: "/waiting", at: "/waiting"}, {path: "/incidents", at: "/incidents"}, {path: "/incidents/{id}", at: live},
		{path: "/incidents/{id}/part", at: live + "/part", form: []string{"what", "hold", "services", "ecitizen-pay"}, does: both},
		{path: "/incidents/{id}/no-change", at: live + "/no-change", form: ofEC, does: ec},
		{path: "/incidents/{id}/activate", at: live + "/activate", form: with(ofKRA, "alternative", "alt-bank-or-pdq"), does: kra},
		{path: "/incidents/{id}/advance", at: live + "/advance", form: with(ofEC, "state", "identified"), does: ec},
		{path: "/incidents/{id}/join", at: live + "/join", reads: append(writers, "stranger"), form: with(ofKRA, "services", "kra-customs", "own", "1"), does: kra},
		{path: "/incidents/{id}/reopen", at: ended + "/reopen", reads: append(writers, "stranger"), form: []string{"agency", "kplc"}, does: []string{"stranger"}},
		{path: "/incidents/{id}/say", at: live + "/say", reads: writers, form: with(ofKRA, "kind", "update", "do", "draft"), does: kra},
		{path: "/incidents/{id}/restore", at: live + "/restore", reads: writers, form: with(ofEC, "whole", "1"), does: ec},
		{path: "/incidents/{id}/release", at: live + "/release", reads: writers, form: with(ofKRA, "services", "kra-pay-tax"), does: kra},
		{path: "/incidents/{id}/resolve", at: live + "/resolve", reads: writers, form: with(ofEC, "whole", "1"), does: ec},
		{path: "/incidents/{id}/answer", at: ended + "/answer", reads: []string{"stranger"}, form: []string{"agency", "kplc", "landed", "yes"}, does: []string{"stranger"}},
		{path: "/new", at: "/new"},
		{path: "/new/{what}/{id}", at: "/new/service/kra-pin", reads: kra, form: []string{"do", "publish"}, does: kra},
		{path: "/word", at: "/word?agency=kra", reads: kra, form: with(ofKRA, "kind", "correction", "false", "news"), does: kra},
		{path: "/notices/{id}", at: notice}, {path: "/notices/{id}", at: draft, reads: both},
		{path: "/notices/{id}/progress", at: notice + "/progress", reads: no},
		{path: "/notices/{id}/edit", at: draft + "/edit", reads: ec, form: []string{"do", "draft"}, does: ec},
		{path: "/notices/{id}/submit", at: draft + "/submit", reads: both, form: no, does: ec},
		{path: "/notices/{id}/publish", at: draft + "/publish", reads: both, form: no, does: ec},
		{path: "/notices/{id}/approve", at: next + "/approve", reads: kraAll, form: []string{"hash", s.hash, "code", "CODE"}, does: second},
		{path: "/notices/{id}/return", at: next + "/return", reads: kraAll, form: []string{"reason", "wrong"}, does: second},
		{path: "/notices/{id}/discard", at: draft + "/discard", reads: both, form: no, does: ec},
		{path: "/notices/{id}/stop", at: notice + "/stop", form: no, does: append(both, "admin")},
		{path: "/notices/{id}/withdraw", at: notice + "/withdraw", form: no, does: both},
		{path: "/notices/{id}/posted", at: notice + "/posted", form: []string{"network", "sms", "language", "sw"}, does: both},
		{path: "/channels", at: "/channels", form: []string{"network", "telegram", "name", "@kra_notices", "scopes", "agency:kra"}, does: append(kra, "admin")},
		{path: "/channels/remove", at: "/channels/remove", form: []string{"channel", fmt.Sprint(s.channel)}, does: append(kra, "admin")},
		{path: "/registry", at: "/registry"},
		{path: "/registry/confirm", at: "/registry/confirm", form: []string{"entry", "dest-222222", "name", "ECITIZEN"}, does: both},
		{path: "/registry/ready", at: "/registry/ready", form: []string{"alternative", "alt-bank-prn"}, does: kra},
		{path: "/changes/{id}/approve", at: change + "/approve", form: []string{"code", "CODE"}, does: second},
		{path: "/changes/{id}/refuse", at: change + "/refuse", form: []string{"reason", "wrong"}, does: kraAll},
		{path: "/officers", at: "/officers", form: []string{"name", "Zawadi", "role0", "author", "agency0", "kra"}, does: admins, once: true},
		{path: "/officers/{id}", at: kamau},
		{path: "/officers/{id}/roles", at: kamau + "/roles", form: []string{"role", "approver:kra"}, does: admins},
		{path: "/officers/{id}/renew", at: kamau + "/renew", form: no, does: admins, once: true},
		{path: "/officers/{id}/disable", at: kamau + "/disable", form: no, does: admins},
		{path: "/officers/{id}/freeze", at: kamau + "/freeze", form: no, does: append(kraAll, "admin")},
		{path: "/officers/{id}/unfreeze", at: frozen + "/unfreeze", form: no, does: admins},
		{path: "/officers/{id}/duty", at: kamau + "/duty", form: []string{"agency", "kra", "days", "1", "from", "06:00", "to", "18:00"}, does: append(second, "admin")},
		{path: "/agencies/{id}/freeze", at: "/agencies/kra/freeze", form: no, does: append(kraAll, "admin")},
		{path: "/record", at: "/record"},
		{path: "/me", at: "/me"},
		{path: "/me/passkey", at: "/me/passkey", form: no, own: true}, {path: "/me/unlink", at: "/me/unlink", form: no, own: true},
		{path: "/me/link", at: "/me/link", form: no, own: true}, {path: "/me/sso", at: "/me/sso", form: no, own: true},
		{path: "/me/secrets", at: "/me/secrets", form: no, own: true}, {path: "/me/sign-out", at: "/me/sign-out", form: no, own: true},
		{path: "/sign-out", at: "/sign-out", form: no, own: true}, {path: "/prove", at: "/prove", form: no, own: true},
	}
}

// TestRoles is the table of role × action over every route: who is not signed in
// gets nothing, and whoever has no such role is refused by the server, whatever
// their page shows. A route without a row fails.
func TestRoles(t *testing.T) {
	t.Parallel()
	s := play(t)
	b := s.again(t)
	rows := table(b.staff, s)
	for _, rt := range b.console.Routes() {
		var mine []row
		for _, r := range rows {
			if console.Base+r.path == rt.Path {
				mine = append(mine, r)
			}
		}
		switch {
		case rt.Open:
		case len(mine) == 0:
			t.Errorf("%s has no row in the table of roles", rt.Path)
		case rt.Post != slices.ContainsFunc(mine, func(r row) bool { return r.form != nil }):
			t.Errorf("%s: it has a deed: %v; its row says otherwise", rt.Path, rt.Post)
		}
	}
	// A visit that was left alone, and one of an officer who was frozen since.
	left := s.again(t)
	left.pass(console.IdleLock)
	frozen := s.again(t)
	_, err := frozen.desk.Freeze(ctx, frozen.admin.actor, frozen.kraAuthor.Officer.ID, frozen.clock())
	b.must(err)
	outside := map[string]*browser{
		"nobody": b.as(""), "an invented cookie": b.as("invented"), "half signed in": b.as(s.cookies["half"]),
		"locked": left.as(s.cookies["author"]), "frozen": frozen.as(s.cookies["author"]),
	}
	for _, r := range rows {
		half := r.path == "/prove" || r.path == "/sign-out" // these are for the half signed in, too
		for who, w := range outside {
			if half && (who == "half signed in" || who == "locked") {
				continue
			}
			if got := w.get(console.Base + r.at); got.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s reads %s: %d", who, r.at, got.StatusCode)
			}
			if r.form != nil {
				if got := w.post(console.Base+r.at, r.form...); got.StatusCode != http.StatusUnauthorized {
					t.Errorf("%s does %s: %d", who, r.at, got.StatusCode)
				}
			}
		}
		for _, role := range roles {
			w := b.as(s.cookies[role])
			// What everybody may read is read by the two who have the least to do with it.
			if reads := r.reads == nil || slices.Contains(r.reads, role); len(r.reads) > 0 || r.reads == nil && (role == "stranger" || role == "admin") {
				got := w.get(console.Base + r.at)
				if want := map[bool]int{true: 200, false: 403}[reads]; got.StatusCode != want && !r.own {
					t.Errorf("%s reads %s: %d, want %d: %s", role, r.at, got.StatusCode, want, text(got.body))
				}
			}
			if r.form == nil || r.own || slices.Contains(r.does, role) {
				continue
			}
			if got := w.post(console.Base+r.at, b.form(r, role)...); got.StatusCode != http.StatusForbidden {
				t.Errorf("%s may not do %s, and gets %d: %s", role, r.at, got.StatusCode, text(got.body))
			}
		}
	}
	if n, err := b.desk.AuditVerify(ctx); err != nil || n == 0 {
		t.Errorf("the record: %d lines, %v", n, err)
	}
}

func (b *bundle) form(r row, role string) []string {
	form := slices.Clone(r.form)
	for k := range form {
		if form[k] == "CODE" {
			form[k] = b.code(b.of(role))
		}
	}
	return form
}

// TestRolesDo is the other half of the table: who may, does, and no form of another
// site does it for them.
func TestRolesDo(t *testing.T) {
	t.Parallel()
	s := play(t)
	for _, r := range table(made.staff, s) {
		for _, role := range r.does {
			t.Run(r.path[1:]+" by the "+role, func(t *testing.T) {
				t.Parallel()
				b := s.again(t)
				b.pass(time.Minute)
				w := b.as(s.cookies[role])
				for _, from := range []string{"cross-site", "same-site"} {
					w.head = http.Header{"Sec-Fetch-Site": {from}}
					if got := w.post(console.Base+r.at, b.form(r, role)...); got.StatusCode != http.StatusForbidden || !strings.Contains(got.body, "another site") {
						t.Fatalf("sent by another site (%s): %d %s", from, got.StatusCode, text(got.body))
					}
				}
				w.head = http.Header{"Sec-Fetch-Site": nil, "Origin": {"https://elsewhere.example"}}
				if got := w.post(console.Base+r.at, b.form(r, role)...); got.StatusCode != http.StatusForbidden {
					t.Fatalf("sent by another origin: %d", got.StatusCode)
				}
				w.head = nil
				got := w.post(console.Base+r.at, b.form(r, role)...)
				want := http.StatusSeeOther
				if r.once {
					want = http.StatusOK
				}
				if got.StatusCode != want || r.once && !strings.Contains(got.body, "Shown once") {
					t.Fatalf("got %d, want %d: %s", got.StatusCode, want, text(got.body))
				}
				if r.once {
					return
				}
				if to := got.Header.Get("Location"); !strings.HasPrefix(to, "/desk/") {
					t.Fatalf("goes to %q", to)
				} else if page := w.get(to); page.StatusCode != http.StatusOK && !(role != "admin" && strings.HasSuffix(r.at, "/freeze")) { // who froze herself is out
					t.Fatalf("goes to %q: %d %s", to, page.StatusCode, text(page.body))
				}
			})
		}
	}
}
