package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

// G3: what was said to be published is there, whole, though the process is killed
// while it says so.
func TestG3PublishedOutlivesAKill(t *testing.T) {
	t.Parallel()
	s := &settings{Database: filepath.Join(t.TempDir(), "arifa.db"), TelegramMode: "poll"}
	a := &app{world: world{Now: time.Now}, settings: s, ctx: t.Context(), log: discard(), now: utc(time.Now)}
	st, err := open(t.Context(), s.Database, migrated, discard())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	o, err := a.deskOn(st)
	if err != nil {
		t.Fatal(err)
	}
	roles := []subscriptions.Grant{{Role: subscriptions.Admin}, {Role: subscriptions.Author, Agency: "ecitizen"}}
	officer, err := o.desk.AddOfficer(t.Context(), desk.Actor{Via: "cli"}, desk.AddOfficer{Name: "Amina Otieno", Roles: roles}, a.now())
	if err != nil {
		t.Fatal(err)
	}
	for round, service := range []string{"ecitizen-pay", "ecitizen-login", "ecitizen-ussd"} {
		p := process(t, "incident", "open", "--database", s.Database, "--agency", "ecitizen", "--services", service, "--publish", "--json")
		p.Env = append(os.Environ(), "ARIFA_OFFICER_KEY="+officer.Key)
		said, err := p.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		var errs bytes.Buffer
		p.Stderr = &errs
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		first := make([]byte, 1)
		_, readErr := said.Read(first)
		_ = p.Process.Kill()
		_ = p.Wait()
		if readErr != nil {
			t.Fatalf("round %d: it said nothing: %s", round, errs.String())
		}
		all, err := st.Notices(t.Context(), 0, subscriptions.Published)
		if err != nil || len(all) != round+1 {
			t.Fatalf("round %d: %d notices are published, %v", round, len(all), err)
		}
		n := all[round]
		i, err := st.Incident(t.Context(), n.Incident)
		if err != nil || i.LastNotice != n.ID || len(n.Sheet.Words) == 0 || n.Hash != n.Digest() {
			t.Errorf("round %d: notice %s of incident %d, which says %d was last, is not whole: %v", round, n.Key, n.Incident, i.LastNotice, err)
		}
		lines, err := st.AuditLines(t.Context(), 0, 1000)
		if err != nil || len(lines) == 0 || !strings.Contains(lines[len(lines)-1].Subject, string(n.Key)) {
			t.Errorf("round %d: the record ends with %+v, %v", round, lines[len(lines)-1], err)
		}
	}
	if code, _, errs := cmd(t, "", "audit", "verify", "--database", s.Database); code != exitDone {
		t.Errorf("the record is broken: %s", errs)
	}
}

// G11: the program is killed while people write to it. Every update is stored once
// and handled, and each person follows what they asked for, once.
func TestG11KilledWhileHearing(t *testing.T) {
	t.Parallel()
	const people, kills = 40, 3
	net := telegramtest.Start(t, telegramtest.Config{Limits: &telegramtest.Limits{}})
	database := filepath.Join(t.TempDir(), "arifa.db")
	serve := func() *program { return serveProgram(t, net, database, "--tenure", "2s", "--request-timeout", "1s") }
	p := serve()
	p.get("/healthz")
	said := 0
	say := func(id int64, text string) {
		t.Helper()
		if _, err := net.Say(id, text); err != nil {
			t.Fatal(err)
		}
		said++
	}
	for k := range int64(people) {
		net.AddUser(1000+k, "en")
		if _, err := net.Start(1000+k, ""); err != nil {
			t.Fatal(err)
		}
		said++
		say(1000+k, "follow pay tax")
		if k%(people/kills) == people/kills-1 { // in the middle of what was said
			seen := len(answers(net))
			until(t, "more answers", func() bool { return len(answers(net)) > seen })
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
			p = serve()
		}
	}
	st, err := open(t.Context(), database, existing, discard())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	lane := subscriptions.LaneID("telegram:" + net.Token()[:strings.IndexByte(net.Token(), ':')])
	state := func() subscriptions.InboxState {
		s, err := st.InboxState(t.Context(), lane)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	until(t, "everything to be handled", func() bool {
		return state().Highest > 0 && state().Waiting == 0 && follows(t, st, lane, people) == people
	})
	if s := state(); s.Dead != 0 {
		t.Errorf("%d updates were laid aside", s.Dead)
	}
	got := answers(net)
	for k := range int64(people) {
		if got[1000+k] < 2 {
			t.Errorf("person %d got %d answers to two messages", k, got[1000+k])
		}
	}
	total := 0
	for _, n := range got {
		total += n
	}
	if most := said + kills*inFlightReplies; total > most {
		t.Errorf("%d answers to %d messages, want at most %d: an answer repeats only where a kill fell between it and its record", total, said, most)
	}
}

// inFlightReplies is how many answers may be under way when the program is killed:
// one for each chat that is being answered.
const inFlightReplies = 16

func answers(net *telegramtest.Server) map[int64]int {
	got := map[int64]int{}
	for e := range net.Entries() {
		if e.Kind == telegramtest.Send {
			got[e.Chat]++
		}
	}
	return got
}

// follows counts the people who follow exactly what they asked for.
func follows(t *testing.T, st store, lane subscriptions.LaneID, people int64) (n int) {
	t.Helper()
	for k := range people {
		r, err := st.Recipient(t.Context(), lane, subscriptions.AddressOf(strconv.FormatInt(1000+k, 10)))
		if err != nil {
			continue
		}
		f, err := st.Follows(t.Context(), r.ID, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if len(f) > 1 {
			t.Fatalf("person %d follows %v", k, f)
		}
		if len(f) == 1 && f[0].Scope == subscriptions.ScopeService("kra-pay-tax") {
			n++
		}
	}
	return n
}

// G12: whatever is thrown at the running program and at its commands is refused in
// words, and it goes on.
func TestG12BadInputEndsNothing(t *testing.T) {
	t.Parallel()
	net := newNetwork(t)
	net.AddUser(77, "en")
	if _, err := net.Start(77, ""); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	p := serveProgram(t, net, filepath.Join(dir, "arifa.db"), "--telegram-mode", "webhook", "--telegram-webhook-secret", "a-secret", "--public-url", "https://arifa.example.go.ke")
	p.get("/healthz")
	url := "http://" + p.address("listen")
	send := func(method, path, body string) int {
		t.Helper()
		req, err := http.NewRequest(method, url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", "a-secret")
		r, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatalf("%s %s of %d bytes: %v; it said:\n%s", method, path, len(body), err, p.log.String())
		}
		_ = r.Body.Close()
		return r.StatusCode
	}
	deep := strings.Repeat(`{"reply_to_message":`, 20_000) + "1" + strings.Repeat("}", 20_000)
	for name, body := range map[string]string{
		"nothing": "", "no JSON": "{", "a list": "[]", "null": "null", "a number for a word": `{"update_id":"x"}`, "no number": `{"message":{}}`, "letters that are none": "{\"update_id\":9,\"message\":{\"text\":\"\xff\xfe\"}}",
		"too deep": `{"update_id":10,"message":` + deep + `}`, "a kind of next year": `{"update_id":11,"message":{"message_id":1,"chat":{"id":77,"type":"hologram"},"paid_media":{"paid_media":[{"type":"live_photo"}]}}}`,
		"a number too large": `{"update_id":12,"message":{"message_id":1,"chat":{"id":99999999999999999999999,"type":"private"},"text":"x"}}`,
		"too much":           `{"update_id":13,"message":{"text":"` + strings.Repeat("x", 4<<20) + `"}}`,
	} {
		if got := send(http.MethodPost, "/telegram/webhook", body); got >= 500 {
			t.Errorf("%s: got %d", name, got)
		}
	}
	for _, path := range []string{"/n/%00", "/n/" + strings.Repeat("9", 5000), "/s/..%2f..%2fetc%2fpasswd", "/?lang=xx&q=" + strings.Repeat("%F0", 2000), "/console/incident?id=-1", "/hook/none", "/verify?q=%ff"} {
		for _, method := range []string{http.MethodGet, http.MethodPost, "BREW"} {
			if got := send(method, path, "a=%zz&b"); got >= 500 && got != http.StatusNotImplemented {
				t.Errorf("%s %.40s: got %d", method, path, got)
			}
		}
	}
	good := fmt.Sprintf(`{"update_id":99,"message":{"message_id":5,"date":%d,"chat":{"id":77,"type":"private"},"from":{"id":77,"first_name":"A"},"text":"/help"}}`, time.Now().Unix())
	if got := send(http.MethodPost, "/telegram/webhook", good); got != http.StatusOK {
		t.Errorf("a good update got %d", got)
	}
	if _, err := net.WaitFor(t.Context(), 77, func(m telegramtest.Message) bool { return strings.Contains(m.Text, "/verify") }); err != nil {
		t.Errorf("nobody is answered any more: %v; it said:\n%s", err, p.log.String())
	}
	if strings.Contains(p.log.String(), "goroutine ") || strings.Contains(p.log.String(), "panic") {
		t.Errorf("it panicked:\n%s", p.log.String())
	}

	bad := filepath.Join(dir, "bad.yaml")
	if err := os.WriteFile(bad, []byte("country: KE\nservices:\n  - id: [\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		says string
		args []string
		code int
	}{
		{"bad.yaml", []string{"catalogue", "check", bad}, exitNo},
		{"absent.yaml", []string{"catalogue", "check", filepath.Join(dir, "absent.yaml")}, exitNo},
		{"telegram-rate", []string{"serve", "--telegram-rate", "fast"}, exitUsage},
		{"database", []string{"incident", "list", "--database", filepath.Join(dir, "none.db")}, exitNo},
		{"line 3", []string{"incident", "list", "--config", bad}, exitUsage},
		{"no-such", []string{"no-such"}, exitUsage},
	} {
		code, out, errs := cmd(t, "", c.args...)
		if code != c.code || !strings.Contains(out+errs, c.says) || strings.Contains(errs, "goroutine") {
			t.Errorf("arifa %s: exit %d, %q, want %d with %q", strings.Join(c.args, " "), code, out+errs, c.code, c.says)
		}
	}
	if code, body := p.get("/healthz"); code != http.StatusOK {
		t.Errorf("/healthz says %d %s", code, body)
	}
}
