package console_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"arifa/bot/console"
	"arifa/subscriptions"
)

// The story of a morning, by forms alone: no script has to run for any of it.
func TestMorningByForms(t *testing.T) {
	t.Parallel()
	b := setup(t)
	esther, kamau, kerubo := b.comes(b.ecAuthor), b.comes(b.kraAuthor), b.comes(b.kraSecond)
	esther.want(esther.get("/desk/"), 200, "That does not mean that everything works")
	esther.want(esther.get("/desk/new"), 200, `href="/desk/new/platform/ecitizen-payments"`)
	page := esther.get("/desk/new/platform/ecitizen-payments")
	esther.want(page, 200, "Payments to 222222 (eCitizen) are not working.")
	esther.want(page, 200, "Malipo kwa 222222 (eCitizen) hayafanyi kazi.")
	got := esther.post("/desk/new/platform/ecitizen-payments", "do", "publish", "request", field(page.body, "request"))
	esther.want(got, http.StatusSeeOther, "")
	at := got.Header.Get("Location")
	esther.want(esther.get(at), 200, "Published.")
	first := b.last()
	if first.Kind != subscriptions.Outage || first.State != subscriptions.Published || first.Approver != 0 {
		t.Fatalf("published %+v", first)
	}
	id := first.Incident

	// KRA joins with its own service, and says a way to pay with two.
	kamau.want(kamau.get("/desk/"), 200, "eCitizen payment services")
	kamau.want(kamau.post(path("/incidents/%d/join", id), "services", "kra-pay-tax", "own", "1"), http.StatusSeeOther, "")
	say := path("/incidents/%d/say", id)
	page = kamau.get(say + "?kind=alternative")
	kamau.want(page, 200, "Which other way?")
	form := []string{"kind", "alternative", "ways", "alt-bank-or-pdq", "services", "kra-pay-tax", "request", field(page.body, "request")}
	kamau.want(kamau.post(say, append(form, "do", "preview")...), 200, "Submit for a second officer")
	kamau.want(kamau.post(say, append(form, "do", "publish")...), 403, "two officers are needed")
	got = kamau.post(say, append(form, "do", "submit")...)
	kamau.want(got, http.StatusSeeOther, "")
	kamau.want(kamau.get(got.Header.Get("Location")), 200, "An approver of KRA reads and approves it")
	way := b.last()

	// Kerubo gives it back, with a reason; Kamau mends it; she sees what changed.
	kerubo.want(kerubo.get("/desk/waiting"), 200, "Approve "+way.Key.Short())
	notice := path("/notices/%d", way.ID)
	kerubo.want(kerubo.post(notice+"/return", "reason", ""), 422, "reason")
	kerubo.want(kerubo.post(notice+"/return", "reason", "Until when?"), http.StatusSeeOther, "")
	kamau.want(kamau.get("/desk/waiting"), 200, "Until when?")
	page = kamau.get(notice + "/edit")
	kamau.want(page, 200, "Until when?")
	until := b.clock().Add(3 * time.Hour).In(b.nation.Location()).Format("2006-01-02T15:04")
	got = kamau.post(notice+"/edit", append(form[:6], "until", until, "do", "submit", "request", field(page.body, "request"))...)
	kamau.want(got, http.StatusSeeOther, "")
	page = kerubo.get(notice)
	kerubo.want(page, 200, "Against the words that were given back")
	if strings.Count(page.body, "<ins>") < 2 || strings.Count(page.body, "<del>") < 2 { // in both languages
		t.Errorf("what changed is not marked: %s", text(page.body))
	}
	b.pass(time.Minute)
	hash := field(page.body, "hash")
	kerubo.want(kerubo.post(notice+"/approve", "hash", strings.Repeat("0", 64), "code", b.code(b.kraSecond)), 409, "not what would be published")
	kerubo.want(kerubo.post(notice+"/approve", "hash", hash, "code", "000000"), 403, "wrong")
	kerubo.want(kerubo.post(notice+"/approve", "hash", hash, "code", b.code(b.kraSecond)), http.StatusSeeOther, "")
	if n := b.last(); n.State != subscriptions.Published || n.Approver != b.kraSecond.Officer.ID {
		t.Fatalf("approved: %+v", n)
	}

	// No change is one tap; restored is three questions.
	esther.want(esther.post(path("/incidents/%d/no-change", id), "request", "again"), http.StatusSeeOther, "")
	if n := b.last(); !n.Slots.NoChange || n.State != subscriptions.Published {
		t.Fatalf("no change: %+v", n)
	}
	page = esther.get(path("/incidents/%d/restore", id))
	for _, q := range []string{"Did payments that left arrive?", "Should people pay again?", "Did a deadline move?", "Say that it works again"} {
		esther.want(page, 200, q)
	}
	esther.want(esther.post(path("/incidents/%d/restore", id), "whole", "1", "landed", "later", "payagain", "no", "moved", "no", "request", "end"), http.StatusSeeOther, "")
	esther.want(esther.get(path("/incidents/%d", id)), 200, "1 service blocked") // KRA's own trouble goes on
	kamau.want(kamau.post(path("/incidents/%d/restore", id), "agency", "kra", "whole", "1", "landed", "yes", "payagain", "no", "moved", "no", "request", "end"), http.StatusSeeOther, "")
	i, err := b.desk.Incident(ctx, id)
	b.must(err)
	if !i.State.Over() {
		t.Fatalf("the incident is %s", i.State)
	}
	// The promised answer is given by who promised it.
	esther.want(esther.get(path("/incidents/%d", id)), 200, "Give the answers that were promised")
	esther.want(esther.post(path("/incidents/%d/answer", id), "agency", "ecitizen", "landed", "yes", "payagain", "no", "moved", "no", "request", "answer"), http.StatusSeeOther, "")
	if n := b.last(); !n.Answers() {
		t.Fatalf("answers: %+v", n)
	}
	if n, err := b.desk.AuditVerify(ctx); err != nil || n < 20 {
		t.Errorf("the record: %d lines, %v", n, err)
	}
}

// last is the newest notice.
func (b *bundle) last() subscriptions.Notice {
	b.Helper()
	all, err := b.desk.Notices(ctx, 0)
	b.must(err)
	if len(all) == 0 {
		b.Fatal("there is no notice")
	}
	newest := all[0]
	for _, n := range all {
		if n.ID > newest.ID {
			newest = n
		}
	}
	return newest
}

// field is the value of a hidden field of a page.
func field(page, name string) string {
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		return ""
	}
	return m[1]
}

// A double click, and a form that is sent again, make one notice.
func TestDoubleClick(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.comes(b.ecAuthor)
	key := field(w.get("/desk/new/platform/ecitizen-payments").body, "request")
	var went sync.Map
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			got := w.post("/desk/new/platform/ecitizen-payments", "do", "publish", "request", key)
			went.Store(fmt.Sprint(got.StatusCode, got.Header.Get("Location")), true)
		})
	}
	all.Wait()
	places := 0
	went.Range(func(k, _ any) bool { places++; return true })
	notices, err := b.desk.Notices(ctx, 0)
	b.must(err)
	incidents, err := b.desk.Incidents(ctx, b.clock())
	b.must(err)
	if places != 1 || len(notices) != 1 || len(incidents) != 1 {
		t.Errorf("%d places, %d notices, %d incidents; want one each", places, len(notices), len(incidents))
	}
	// Another process, or the same one much later, has only the store to know it by.
	b.serve()
	again := b.comes(b.ecAuthor)
	got := again.post("/desk/new/platform/ecitizen-payments", "do", "publish", "request", key)
	again.want(got, http.StatusSeeOther, "")
	if notices, _ = b.desk.Notices(ctx, 0); len(notices) != 1 {
		t.Errorf("sent again: %d notices", len(notices))
	}
	for range 2 {
		again.want(again.post(path("/incidents/%d/no-change", incidents[0].ID), "request", "tap"), http.StatusSeeOther, "")
	}
	if notices, _ = b.desk.Notices(ctx, 0); len(notices) != 2 {
		t.Errorf("no change twice: %d notices, want 2", len(notices))
	}
}

// What cannot be published leaves nothing behind, and the form comes back as it was.
func TestFreeText(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.comes(b.ecAuthor)
	form := []string{"free.en", "Pay 0712 345678 instead.", "free.sw", "Subirini.", "request", "key"}
	got := w.post("/desk/new/platform/ecitizen-payments", append(form, "do", "publish")...)
	w.want(got, 422, "<q>0712 345678</q>")
	for _, part := range []string{"Pay 0712 345678 instead.", "Subirini.", "Publish without this line"} {
		if !strings.Contains(got.body, part) && !strings.Contains(got.body, strings.ReplaceAll(part, "Publish", "Submit")) {
			t.Errorf("the form lost %q", part)
		}
	}
	if all, _ := b.desk.Incidents(ctx, b.clock()); len(all) != 0 {
		t.Fatalf("an incident was left behind: %+v", all)
	}
	w.want(w.post("/desk/new/platform/ecitizen-payments", append(form, "do", "publish-without")...), http.StatusSeeOther, "")
	if n := b.last(); n.State != subscriptions.Published || len(n.Slots.Free) != 0 {
		t.Errorf("published with %+v", n.Slots.Free)
	}
}

func TestStopWithdrawDiscard(t *testing.T) {
	t.Parallel()
	b := setup(t)
	out := b.outage()
	w := b.comes(b.ecApprover)
	n := path("/notices/%d", out.Notice.ID)
	w.want(w.post(n+"/stop"), http.StatusSeeOther, "")
	w.want(w.get(n+"?done=stopped"), 200, "Nobody else is told")
	w.want(w.post(n+"/withdraw", "request", "w"), http.StatusSeeOther, "")
	w.want(w.post(n+"/withdraw", "request", "w"), http.StatusSeeOther, "")
	if all, _ := b.desk.Notices(ctx, 0); len(all) != 2 {
		t.Errorf("withdrawn twice: %d notices", len(all))
	}
	w.want(w.get(n), 200, "withdrawn")
	if got := w.get(n + "?done=<script>"); strings.Contains(got.body, "script>") && strings.Contains(got.body, "<p class=\"done\"") {
		t.Error("an address writes on the page")
	}
}

func TestPostedByHand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	out := b.outage()
	w := b.comes(b.ecAuthor)
	n := path("/notices/%d", out.Notice.ID)
	w.want(w.get(n), 200, "I have posted it")
	at := b.clock().Add(-time.Minute).In(b.nation.Location()).Format("15:04")
	w.want(w.post(n+"/posted", "network", "whatsapp", "language", "sw", "at", at), http.StatusSeeOther, "")
	w.want(w.get(n), 200, "Posted at "+at+" by Esther Wambui")
	w.want(w.post(n+"/posted", "network", "telegram", "language", "sw"), 422, "no text to copy")
	w.want(b.comes(b.admin).get("/desk/record"), 200, "whatsapp in sw, posted at")
}

func TestHoldConfirmActivate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	out := b.outage()
	id := out.Incident.ID
	c, err := b.desk.ProposeReady(ctx, b.kraAuthor.actor, "alt-bank-or-pdq", "kra", nil, b.clock())
	b.must(err)
	kerubo, kamau, esther := b.comes(b.kraSecond), b.comes(b.kraAuthor), b.comes(b.ecAuthor)
	b.pass(time.Minute)
	kerubo.want(kerubo.get("/desk/registry"), 200, "alt-bank-or-pdq")
	kerubo.want(kerubo.post(path("/changes/%d/approve", c.ID), "code", "1"), 403, "wrong")
	kerubo.want(kerubo.post(path("/changes/%d/approve", c.ID), "code", b.code(b.kraSecond)), http.StatusSeeOther, "")
	kamau.want(kamau.get(path("/incidents/%d", id)), 200, "Tell it for 4 hours")
	kamau.want(kamau.post(path("/incidents/%d/activate", id), "agency", "kra", "alternative", "alt-bank-or-pdq", "request", "a"), http.StatusSeeOther, "")
	if n := b.last(); n.Kind != subscriptions.AlternativeNotice || n.Approver != 0 {
		t.Errorf("activated: %+v", n)
	}
	kamau.want(kamau.post(path("/incidents/%d/part", id), "what", "hold", "services", "kra-vat-paye"), http.StatusSeeOther, "")
	i, err := b.desk.Incident(ctx, id)
	b.must(err)
	if len(i.Holds) != 1 || i.Holds[0].Service != "kra-vat-paye" {
		t.Errorf("holds: %+v", i.Holds)
	}
	unknown := i.Unconfirmed()
	esther.want(esther.get(path("/incidents/%d", id)), 200, "Are these affected?")
	esther.want(esther.post(path("/incidents/%d/part", id), "what", "not-affected", "services", string(unknown[0])), http.StatusSeeOther, "")
	esther.want(esther.post(path("/incidents/%d/part", id), "what", "affected", "services", string(unknown[1])), http.StatusSeeOther, "")
	if i, _ = b.desk.Incident(ctx, id); len(i.Unconfirmed()) != len(unknown)-2 {
		t.Errorf("%d wait for a tick, want %d", len(i.Unconfirmed()), len(unknown)-2)
	}
}

// "It is ours: join" is one tap for who runs what somebody suspects.
func TestSuspected(t *testing.T) {
	t.Parallel()
	b := setup(t)
	kamau, esther := b.comes(b.kraAuthor), b.comes(b.ecAuthor)
	kamau.want(kamau.post("/desk/new/service/kra-pay-tax", "do", "publish", "suspected", "ecitizen-payments", "request", "k"), http.StatusSeeOther, "")
	id := b.last().Incident
	page := esther.get("/desk/")
	esther.want(page, 200, "It is ours: join")
	page = esther.get(path("/incidents/%d/join?platforms=ecitizen-payments", id))
	esther.want(page, 200, `value="ecitizen-payments" checked`)
	esther.want(esther.post(path("/incidents/%d/join", id), "platforms", "ecitizen-payments", "request", "j"), http.StatusSeeOther, "")
	if i, _ := b.desk.Incident(ctx, id); len(i.Platforms()) != 1 {
		t.Errorf("platforms: %v", i.Platforms())
	}
}

func TestPlannedWork(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.comes(b.kplcAuthor)
	zone := b.nation.Location()
	starts, ends := b.clock().Add(48*time.Hour).In(zone).Format("2006-01-02T15:04"), b.clock().Add(50*time.Hour).In(zone).Format("2006-01-02T15:04")
	w.want(w.get("/desk/new/service/kplc-tokens?planned=1"), 200, "Give the planned start and end")
	w.want(w.post("/desk/new/service/kplc-tokens", "planned", "1", "starts", starts, "ends", starts, "do", "publish", "request", "m"), 422, "")
	w.want(w.post("/desk/new/service/kplc-tokens", "planned", "1", "starts", starts, "ends", ends, "do", "publish", "request", "m"), http.StatusSeeOther, "")
	if n := b.last(); n.Kind != subscriptions.Maintenance || n.State != subscriptions.Published {
		t.Errorf("published %+v", n)
	}
}

func TestOfficersByForms(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amina, barasa := b.comes(b.admin), b.comes(b.second)
	got := amina.post("/desk/officers", "name", "Zawadi Achieng", "role0", "author", "agency0", "kws", "role1", "approver", "agency1", "kws", "request", "z")
	amina.want(got, 200, "Shown once")
	amina.want(got, 200, "data:image/png;base64,")
	if !strings.Contains(got.body, "otpauth://totp/Arifa:Zawadi") {
		t.Errorf("no link for the authenticator of a phone: %s", text(got.body))
	}
	amina.want(amina.post("/desk/officers", "name", "Zawadi Achieng", "request", "y"), 422, "exists")
	changes, err := b.desk.Changes(ctx)
	b.must(err)
	b.pass(time.Minute)
	barasa.want(barasa.get("/desk/registry"), 200, "Zawadi Achieng")
	barasa.want(barasa.post(path("/changes/%d/approve", changes[0].ID), "code", b.code(b.second)), http.StatusSeeOther, "")
	all, err := b.desk.Officers(ctx, b.admin.actor)
	b.must(err)
	zawadi := all[len(all)-1]
	if !zawadi.Has(subscriptions.Approver, "kws") || zawadi.Enrolled() {
		t.Errorf("got %+v", zawadi)
	}
	at := path("/officers/%d", zawadi.ID)
	amina.want(amina.post(at+"/duty", "agency", "kws", "days", "1", "days", "6", "from", "22:00", "to", "06:00"), http.StatusSeeOther, "")
	amina.want(amina.get(at), 200, "Mon Sat, 22:00 to 06:00")
	amina.want(amina.post(at+"/freeze"), http.StatusSeeOther, "")
	amina.want(amina.get(at), 200, "frozen")
	amina.want(amina.post(at+"/unfreeze"), http.StatusSeeOther, "")
	amina.want(amina.post(at+"/duty", "agency", "kws", "clear", "1"), http.StatusSeeOther, "")
	amina.want(amina.post(at+"/roles", "role", "approver:kws"), http.StatusSeeOther, "") // one role less needs nobody else
	all, _ = b.desk.Officers(ctx, b.admin.actor)
	if z := all[len(all)-1]; len(z.Duty) != 0 || len(z.Roles) != 1 {
		t.Errorf("got %+v", z)
	}
}

func TestRecord(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.comes(b.kraAuthor)
	for range 50 {
		w.post("/desk/officers/1/freeze") // refused, and on the record
	}
	got := w.get("/desk/record")
	w.want(got, 200, "refused (rule 4)")
	older := regexp.MustCompile(`href="(/desk/record\?after=\d+)">Older`).FindStringSubmatch(got.body)
	if older == nil {
		t.Fatal("there is no way to older lines")
	}
	w.want(w.get(older[1]), 200, "first officer")
	w.want(w.get("/desk/record?verify=1"), 200, "The record is whole: ")
	w.want(w.get("/desk/record?broken=yes&whole=99"), 200, "")
	if got := w.get("/desk/record?whole=99"); strings.Contains(got.body, "99 lines") {
		t.Error("an address writes on the page")
	}
}

func TestChannelsByForms(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *console.Config) { c.Networks = channels{} })
	w := b.comes(b.kraAuthor)
	w.want(w.post("/desk/channels", "network", "telegram", "name", "@nobody", "scopes", "agency:kra"), 422, "there is no channel @nobody")
	w.want(w.post("/desk/channels", "network", "smoke", "name", "@kra_notices", "scopes", "agency:kra"), 422, "no such network")
	w.want(w.post("/desk/channels", "network", "telegram", "name", "@kra_notices", "scopes", "agency:kra", "languages", "sw"), http.StatusSeeOther, "")
	got := w.get("/desk/channels")
	w.want(got, 200, "KRA notices")
	if strings.Contains(got.body, "-200") {
		t.Error("the page tells an address")
	}
	posts, err := b.desk.Channels(ctx)
	b.must(err)
	w.want(w.post("/desk/channels/remove", "channel", textOf(posts[0].Recipient.ID)), http.StatusSeeOther, "")
	w.want(w.post("/desk/channels/remove", "channel", "1"), 404, "does not exist")
}

func TestDiff(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		before, after []string
		want          string
	}{
		{"the same", []string{"a", "b"}, []string{"a", "b"}, "=a =b"},
		{"one changed", []string{"a", "b", "c"}, []string{"a", "x", "c"}, "=a -b +x =c"},
		{"one more", []string{"a"}, []string{"a", "b"}, "=a +b"},
		{"one less", []string{"a", "b"}, []string{"b"}, "-a =b"},
		{"all new", nil, []string{"a"}, "+a"},
		{"all gone", []string{"a"}, nil, "-a"},
		{"moved", []string{"a", "b", "c"}, []string{"c", "a", "b"}, "+c =a =b -c"},
	} {
		if got := strings.Join(console.Diff(c.before, c.after), " "); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// alarm lets many people report services, until officers are woken.
func (b *bundle) alarm(ids ...subscriptions.ServiceID) subscriptions.Alarm {
	b.Helper()
	for k := range 14 {
		r, err := b.store.SaveRecipient(ctx, subscriptions.Recipient{Lane: "telegram:1", Address: subscriptions.AddressOf(fmt.Sprint("reports ", k)), Kind: subscriptions.Person, Language: "en", CreatedAt: b.clock().Add(-48 * time.Hour)})
		b.must(err)
		b.pass(5 * time.Second)
		_, _, err = b.store.PutReport(ctx, subscriptions.Report{Lane: r.Lane, Address: r.Address, Kind: r.Kind, Service: ids[k%len(ids)], Tried: subscriptions.TriedMpesaApp, At: b.clock()})
		b.must(err)
	}
	b.must(b.desk.Watch(ctx, b.clock()))
	all, err := b.store.Alarms(ctx, b.clock().Add(-time.Hour))
	b.must(err)
	if len(all) != 1 {
		b.Fatalf("got %d alarms, want one: %+v", len(all), all)
	}
	return all[0]
}

// From what people report to the holding statement: one tap on the first page.
func TestAlarmByForms(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *console.Config) { c.Say = func(id string) string { return "[" + id + "]" } })
	al := b.alarm("ecitizen-pay", "kra-pay-tax", "passport-new", "business-name")
	at := path("/alarms/%d", al.ID)
	esther, kamau, peter := b.comes(b.ecAuthor), b.comes(b.kraAuthor), b.comes(b.kplcAuthor)
	page := esther.get("/desk/")
	esther.want(page, 200, "Silent: people report, nobody has spoken")
	esther.want(page, 200, "14 reports since")
	esther.want(page, 200, "mostly [tried.mpesa-app]")
	esther.want(esther.get(at), 200, "Payments to 222222 (eCitizen) are not working.")
	esther.want(kamau.get(at), 200, "You name eCitizen payment services (paybill 222222) as suspected")
	if got := peter.get("/desk/"); strings.Contains(got.body, "nobody has spoken") {
		t.Error("an alarm of others is shown")
	}
	peter.want(peter.get(at), 403, "not about kplc")
	peter.want(peter.get(path("/alarms/%d", al.ID+7)), 404, "")
	esther.want(esther.post(at, "says", "watching", "agency", "ecitizen"), http.StatusSeeOther, "")
	esther.want(esther.get(at), 200, "watching")
	kamau.want(kamau.post(at, "says", "not-us", "agency", "kra"), 403, "is asked now")
	esther.want(esther.post(at, "says", "shrug", "agency", "ecitizen"), 422, "no answer")
	for range 2 {
		got := esther.post(at, "says", "publish", "agency", "ecitizen", "request", "tap")
		esther.want(got, http.StatusSeeOther, "")
		esther.want(esther.get(got.Header.Get("Location")), 200, "Published.")
	}
	if all, _ := b.desk.Notices(ctx, 0); len(all) != 1 {
		t.Errorf("%d notices, want one", len(all))
	}
	esther.want(esther.get(path("/incidents/%d", b.last().Incident)), 200, "14 reports since")
	esther.want(esther.get(at), 200, "The word has been said")
	if got := esther.get("/desk/"); strings.Contains(got.body, "nobody has spoken") {
		t.Error("the alarm is silent still")
	}
}
