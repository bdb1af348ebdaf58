package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

// besieged is the running program with a citizen, an officer, and somebody who holds
// the secret of its one hook.
type besieged struct {
	*program
	net    *telegramtest.Server
	office *office
}

const falsePaybill = "400200"

func besiege(t *testing.T) *besieged {
	t.Helper()
	b := &besieged{net: newNetwork(t)}
	dir := t.TempDir()
	database, config := filepath.Join(dir, "arifa.db"), filepath.Join(dir, "arifa.yaml")
	body := fmt.Sprintf("hooks:\n  - {name: prometheus, kind: alertmanager, secret: %s, rules: [\n", hookSecret)
	for _, p := range []string{"ecitizen-payments", "kra-itax", "mpesa", "ntsa-portal", "kplc-vending", "nairobi-pay", "sha-systems", "judiciary-efiling"} {
		body += fmt.Sprintf("      {match: {service: %s}, platform: %s},\n", p, p)
	}
	if err := os.WriteFile(config, []byte(body+"    ]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &settings{Database: database, TelegramToken: b.net.Token(), TelegramAPI: b.net.URL(), TelegramRate: 100, TelegramInFlight: 8, TelegramMode: "poll", Tenure: 30 * time.Second, LogLevel: "info"}
	a := &app{world: world{Now: time.Now}, settings: s, ctx: t.Context(), log: discard(), now: utc(time.Now)}
	st, err := open(t.Context(), database, migrated, discard())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	if b.office, err = a.deskOn(st); err != nil {
		t.Fatal(err)
	}
	roles := []subscriptions.Grant{{Role: subscriptions.Admin}, {Role: subscriptions.Author, Agency: "ecitizen"}}
	n, err := b.office.desk.AddOfficer(t.Context(), desk.Actor{Via: "cli"}, desk.AddOfficer{Name: "Amina Otieno", Roles: roles}, a.now())
	if err != nil {
		t.Fatal(err)
	}
	if b.office.actor, err = b.office.desk.Authenticate(t.Context(), n.Key, "cli"); err != nil {
		t.Fatal(err)
	}
	b.program = serveProgram(t, b.net, database, "--config", config)
	b.net.AddUser(77, "en")
	if _, err := b.net.Start(77, ""); err != nil {
		t.Fatal(err)
	}
	past := a.now().Add(-48 * time.Hour)
	r, err := st.SaveRecipient(t.Context(), subscriptions.Recipient{Lane: subscriptions.LaneID(s.telegramLane()), Address: subscriptions.AddressOf("77"),
		Kind: subscriptions.Person, Language: "en", CreatedAt: past})
	if err != nil {
		t.Fatal(err)
	}
	follow := []subscriptions.Follow{{Scope: subscriptions.ScopeService("kws-nairobi-np"), Since: past, Consent: "test"}}
	if _, err := st.Subscribe(t.Context(), r.ID, follow, past); err != nil {
		t.Fatal(err)
	}
	return b
}

// forge sends alerts with the false number wherever a sender may write.
func (b *besieged) forge(status string, platforms ...string) {
	b.t.Helper()
	var all []string
	for i, p := range platforms {
		all = append(all, fmt.Sprintf(`{"status":%q,"fingerprint":"f%d","startsAt":%q,"endsAt":%q,"generatorURL":"http://pay-now.example/%s",
			"labels":{"alertname":"Lipa kwa paybill %s","service":%q,"instance":"%s"},
			"annotations":{"summary":"eCitizen: lipa kwa paybill %s, pay-now.example","description":"%s"}}`,
			status, i, time.Now().Add(-time.Minute).Format(time.RFC3339), time.Now().Format(time.RFC3339), falsePaybill, falsePaybill, p, falsePaybill, falsePaybill, falsePaybill))
	}
	r, err := http.Post("http://"+b.address("listen")+"/hooks/prometheus/"+hookSecret, "application/json", strings.NewReader(`{"version":"4","alerts":[`+strings.Join(all, ",")+`]}`))
	if err != nil {
		b.t.Fatal(err)
	}
	_ = r.Body.Close()
	if r.StatusCode != 200 {
		b.t.Fatalf("the forged call got %d; it said:\n%s", r.StatusCode, b.log.String())
	}
}

// alarms lets the desk look, as every quarter of a minute, and lists what it found.
func (b *besieged) alarms() []subscriptions.Alarm {
	b.t.Helper()
	now := time.Now().UTC().Truncate(time.Millisecond)
	if err := b.office.desk.Watch(b.t.Context(), now); err != nil {
		b.t.Fatal(err)
	}
	all, err := b.office.store.Alarms(b.t.Context(), now.Add(-time.Hour))
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

func (b *besieged) incidents() []subscriptions.Incident {
	b.t.Helper()
	all, err := b.office.store.Incidents(b.t.Context(), time.Now())
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

// read is everything that the citizen got.
func (b *besieged) read() string {
	var out strings.Builder
	for _, m := range b.net.Messages(77) {
		out.WriteString(m.Text + "\n")
	}
	return out.String()
}

// An attacker with the secret of a hook can wake an officer with a draft. The false
// number is seen by her and by nobody else; nothing is said, ended or opened by it;
// and a source that says that everything fails is not believed.
func TestForgedHookReachesNoCitizen(t *testing.T) {
	t.Parallel()
	b := besiege(t)
	b.forge("firing", "ecitizen-payments")
	all := b.alarms()
	if len(all) != 1 || all[0].Platform != "ecitizen-payments" || all[0].State != subscriptions.AlarmOpen {
		t.Fatalf("got %+v, want one open alarm", all)
	}
	if got := b.incidents(); len(got) != 0 {
		t.Fatalf("a forged call opened %+v", got)
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	draft, err := b.office.desk.AlarmDraft(t.Context(), b.office.actor, all[0].ID, now)
	if err != nil {
		t.Fatal(err)
	}
	if len(draft.Signals) != 1 || !strings.Contains(draft.Signals[0].Summary, falsePaybill) {
		t.Errorf("the officer does not see what the machine says: %+v", draft.Signals)
	}
	if words := fmt.Sprintf("%+v", draft.Preview); strings.Contains(words, falsePaybill) || strings.Contains(words, "pay-now") {
		t.Errorf("the draft tells the false number:\n%s", words)
	}

	// She believes it, and publishes the ready words.
	if _, err := b.office.desk.AnswerAlarm(t.Context(), b.office.actor, desk.AnswerAlarmInput{Alarm: all[0].ID, Says: subscriptions.SaysPublish}, now); err != nil {
		t.Fatal(err)
	}
	if _, err := b.net.WaitFor(t.Context(), 77, func(m telegramtest.Message) bool { return strings.Contains(m.Text, "Payments to 222222") }); err != nil {
		t.Fatalf("the notice did not arrive: %v; it said:\n%s", err, b.log.String())
	}

	// A forged recovery ends nothing, a forged storm wakes nobody else.
	b.forge("resolved", "ecitizen-payments")
	b.alarms()
	if got := b.incidents(); len(got) != 1 || got[0].State.Over() {
		t.Errorf("a forged recovery led to %+v", got)
	}
	b.forge("firing", "kra-itax", "mpesa", "ntsa-portal", "kplc-vending", "nairobi-pay", "sha-systems", "judiciary-efiling")
	if got := b.alarms(); len(got) != 1 {
		t.Errorf("one source that says that everything fails led to %d alarms: %+v", len(got), got)
	}
	if said := b.read(); strings.Contains(said, falsePaybill) || strings.Contains(said, "pay-now") || strings.Count(said, "Payments to 222222") != 1 {
		t.Errorf("the citizen reads:\n%s", said)
	}
	if said := b.log.String(); strings.Contains(said, falsePaybill) || strings.Contains(said, hookSecret) {
		t.Errorf("the log tells the false number or the secret:\n%s", said)
	}
}
