package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"arifa/bot/desk"
	"arifa/notifiers/slack"
	"arifa/notifiers/slack/slacktest"
	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

// slackTown is the running program with a workspace, and officers at its desk.
type slackTown struct {
	*testing.T
	srv    *slacktest.Server
	v      *service
	store  store
	log    *safeBuffer
	author desk.Actor // of eCitizen, and admin
	stop   func()
	day    *day   // the clock, where it is not the real one
	hook   string // where Slack calls, in HTTP mode
}

// tagged finds the number of a notice.
func tagged(text string) string { return noticeNumber.FindString(text) }

// newSlackTown starts the program in this process. mode is "socket" or "http".
func newSlackTown(t *testing.T, mode string, cfg slacktest.Config, change ...func(*settings)) *slackTown {
	t.Helper()
	cfg.Tag, cfg.Scopes, cfg.Events, cfg.Commands = tagged, slack.Scopes(), slack.Events(), []string{slack.Command}
	// Whole programs share the machine here; that three seconds are kept is proved in notifiers/slack.
	cfg.AckWithin, cfg.TriggerLife = 20*time.Second, 20*time.Second
	w := &slackTown{T: t, srv: slacktest.Start(t, cfg), log: &safeBuffer{}}
	s := &settings{Database: filepath.Join(t.TempDir(), "arifa.db"), PublicURL: "https://arifa.example.go.ke", SlackBotToken: w.srv.Config().BotToken, SlackAPI: w.srv.URL(),
		SlackRate: 200, SlackInFlight: 8, TelegramMode: "poll", Tenure: 30 * time.Second, OfficerIdle: 15 * time.Minute}
	if mode == "http" {
		s.SlackSigningSecret = w.srv.Config().Secret
	} else {
		s.SlackAppToken = w.srv.Config().AppToken
	}
	for _, c := range change {
		c(s)
	}
	var err error
	if w.store, err = open(t.Context(), s.Database, migrated, discard()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	now := time.Now
	if cfg.Clock != nil {
		now = cfg.Clock
	}
	if w.v, err = newService(ctx, s, w.store, log, utc(now), tempo{owner: "test"}); err != nil {
		t.Fatal(err)
	}
	if mode == "http" {
		pages := httptest.NewServer(w.v.pages)
		t.Cleanup(pages.Close)
		w.hook = pages.URL
		if !w.srv.SetEndpoints(slacktest.Endpoints{Events: pages.URL + slack.EventsPath, Commands: pages.URL + slack.CommandsPath, Interactions: pages.URL + slack.InteractionsPath}) {
			t.Fatal("Slack's challenge was not answered")
		}
	}
	ended := make(chan error, 1)
	go func() { ended <- w.v.Run(ctx) }()
	w.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the program ended with %v", err)
		}
		_ = w.store.Close()
	}
	t.Cleanup(func() {
		w.stop()
		w.judgeWire()
	})
	// A command finds nobody where no socket is open yet; nobody types one so soon.
	for end := time.Now().Add(time.Minute); mode == "socket"; time.Sleep(2 * time.Millisecond) {
		if open, _ := w.srv.Sockets(); open > 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("no socket was opened")
		}
	}
	w.author = w.officer("Esther", desk.Actor{Via: "cli"}, subscriptions.Grant{Role: subscriptions.Admin}, subscriptions.Grant{Role: subscriptions.Author, Agency: "ecitizen"})
	return w
}

// judgeWire holds the whole run to what Slack would have held it to.
func (w *slackTown) judgeWire() {
	if v := w.srv.Violations(); len(v) > 0 {
		w.Errorf("requests inside a Retry-After: %+v", v)
	}
	for _, r := range w.srv.Refused() {
		if slices.Contains([]string{"invalid_blocks", "msg_blocks_too_long", "invalid_arguments", "missing_scope", "invalid_response", "unknown_method", "no_text", "view_too_large"}, r.Code) {
			w.Errorf("Slack refused %s: %s: %s", r.Method, r.Code, r.Why)
		}
	}
	for _, secret := range []string{"simulatedForTestsOnly", w.srv.Config().Secret, "xoxb-", "xapp-", "ticket-"} {
		if strings.Contains(w.log.String(), secret) {
			w.Errorf("the log tells %q", secret)
		}
	}
}

func (w *slackTown) officer(name string, by desk.Actor, roles ...subscriptions.Grant) desk.Actor {
	w.Helper()
	n, err := w.v.desk.AddOfficer(w.Context(), by, desk.AddOfficer{Name: name, Roles: roles}, w.v.now())
	if err != nil {
		w.Fatal(err)
	}
	a, err := w.v.desk.Authenticate(w.Context(), n.Key, "cli")
	if err != nil {
		w.Fatal(err)
	}
	return a
}

// channels are n public channels that follow everything.
func (w *slackTown) channels(n int) (ids []string) {
	w.Helper()
	for i := range n {
		id := fmt.Sprintf("C0FOLLOW%d", i)
		w.srv.AddChannel(slacktest.Channel{ID: id, Name: fmt.Sprintf("follow-%d", i), Members: []string{slacktest.BotUser}})
		_, _, err := w.v.desk.AddChannel(w.Context(), w.author, desk.ChannelInput{Lane: w.v.networks[0].id(), Address: subscriptions.AddressOf(id),
			Kind: subscriptions.Channel, Title: "#" + id, Scopes: []subscriptions.Scope{subscriptions.ScopeAll}}, w.v.now())
		if err != nil {
			w.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

// outage opens an incident of the payments and says so.
func (w *slackTown) outage() desk.Outcome {
	w.Helper()
	i, err := w.v.desk.Open(w.Context(), w.author, desk.OpenInput{Agency: "ecitizen", Platforms: []subscriptions.PlatformID{"ecitizen-payments"}}, w.v.now())
	if err != nil {
		w.Fatal(err)
	}
	return w.publish(desk.DraftInput{Incident: i.ID, Kind: subscriptions.Outage, Agency: "ecitizen"})
}

func (w *slackTown) publish(in desk.DraftInput) desk.Outcome {
	w.Helper()
	out, err := w.v.desk.Publish(w.Context(), w.author, desk.PublishInput{Draft: &in}, w.v.now())
	if err != nil {
		w.Fatal(err)
	}
	return out
}

func (w *slackTown) restore(id subscriptions.IncidentID) desk.Outcome {
	w.Helper()
	out, err := w.v.desk.Restore(w.Context(), w.author, desk.RestoreInput{Incident: id, Agency: "ecitizen",
		Landed: subscriptions.Answer{Value: "yes"}, PayAgain: subscriptions.Answer{Value: "no"}, Moved: subscriptions.Answer{Value: "no"}}, w.v.now())
	if err != nil {
		w.Fatal(err)
	}
	return out
}

// told counts the messages with a notice's number, by channel.
func (w *slackTown) told(n subscriptions.Notice) map[string]int {
	got := map[string]int{}
	for _, e := range w.srv.Entries() {
		if e.Kind == slacktest.Send && e.Tag == n.Key.Short() {
			got[e.Channel]++
		}
	}
	return got
}

// A hundred channels are told at the pace that was set: under every limit, and
// close to the budget. A wave of edits, which Slack takes much more slowly, holds
// nobody's end up.
func TestAHundredSlackChannels(t *testing.T) {
	t.Parallel()
	const many, rate = 100, 40.0
	// Ten times as fast as Slack, limits and all.
	limits := slacktest.Limits{PerChannel: 10, PerChannelBurst: 4, Workspace: 3000, Tiers: slacktest.DefaultLimits().Tiers}
	w := newSlackTown(t, "socket", slacktest.Config{Limits: &limits}, func(s *settings) { s.SlackRate = rate })
	w.channels(many)
	first := w.outage()
	until(t, "all are told", func() bool { return len(w.told(first.Notice)) == many })
	var at []time.Duration
	for _, e := range w.srv.Entries() {
		if e.Tag == first.Notice.Key.Short() {
			at = append(at, e.Begun)
		}
	}
	slices.Sort(at)
	pace := float64(len(at)-1) / (at[len(at)-1] - at[0]).Seconds()
	t.Logf("%d channels at %.1f messages a second of %v", many, pace, rate)
	if pace > 1.03*rate { // how near it comes is for an idle machine to say
		t.Errorf("got %.1f messages a second, more than the %v that were set", pace, rate)
	}
	if n := w.srv.Stats().TooMany; n != 0 {
		t.Errorf("%d requests were refused as too many", n)
	}
	w.publish(desk.DraftInput{Incident: first.Incident.ID, Kind: subscriptions.Update, Agency: "ecitizen", Slots: subscriptions.Slots{NoChange: true}})
	until(t, "edits are under way", func() bool {
		return slices.ContainsFunc(w.srv.Entries(), func(e slacktest.Entry) bool { return e.Kind == slacktest.Edit })
	})
	end := w.restore(first.Incident.ID)
	until(t, "all are told the end", func() bool { return len(w.told(end.Notice)) == many })
	for channel, n := range w.told(end.Notice) {
		if n != 1 {
			t.Errorf("%s was told the end %d times", channel, n)
		}
	}
	for _, e := range w.srv.Entries() {
		if e.Kind == slacktest.Send && e.Tag == end.Notice.Key.Short() && (e.Thread == "" || !e.Broadcast) {
			t.Errorf("%s: the end stands in thread %q, shown in the channel: %v", e.Channel, e.Thread, e.Broadcast)
		}
	}
	until(t, "the rest is settled", func() bool {
		p, err := w.v.desk.Progress(t.Context(), end.Notice.ID)
		return err == nil && p.Expanded && p.Count(subscriptions.Pending) == 0
	})
}

// Every scope of the manifest is used by something that is called, and nothing that
// is called needs another.
func TestTheManifestAsksForExactlyWhatIsUsed(t *testing.T) {
	t.Parallel()
	code, out, errs := cmd(t, "", "slack", "manifest")
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, errs)
	}
	for _, want := range append(slack.Scopes(), slack.Events()...) {
		if !strings.Contains(out, "\n      - "+want+"\n") {
			t.Errorf("the manifest lacks %s", want)
		}
	}
	if !strings.Contains(out, "socket_mode_enabled: true") || strings.Contains(out, "request_url") {
		t.Errorf("without a signing secret it is not for Socket Mode:\n%s", out)
	}
	var manifest struct {
		OAuth struct {
			Scopes map[string][]string `yaml:"scopes"`
		} `yaml:"oauth_config"`
		Settings struct {
			Events map[string][]string `yaml:"event_subscriptions"`
		} `yaml:"settings"`
	}
	if err := yaml.Unmarshal([]byte(out), &manifest); err != nil {
		t.Fatal(err)
	}
	if got := manifest.OAuth.Scopes; len(got) != 1 || !slices.Equal(got["bot"], slack.Scopes()) {
		t.Errorf("got scopes %q, want exactly %q for the bot", got, slack.Scopes())
	}
	if got := manifest.Settings.Events; len(got) != 1 || !slices.Equal(got["bot_events"], slack.Events()) {
		t.Errorf("got events %q, want exactly %q", got, slack.Events())
	}
	_, out, _ = cmd(t, "", "slack", "manifest", "--slack-bot-token", "xoxb-"+"simulated-1", "--slack-signing-secret", "s", "--public-url", "https://arifa.go.ke/")
	for _, want := range []string{"socket_mode_enabled: false", "url: https://arifa.go.ke/slack/commands", "request_url: https://arifa.go.ke/slack/events", "request_url: https://arifa.go.ke/slack/interactions"} {
		if !strings.Contains(out, want) {
			t.Errorf("the manifest for HTTP lacks %q:\n%s", want, out)
		}
	}
}

// Channels are added after Slack was asked about them, and doctor looks again.
func TestSlackChannelsAndDoctor(t *testing.T) {
	t.Parallel()
	srv := slacktest.Start(t, slacktest.Config{Limits: &slacktest.Limits{}, Scopes: slack.Scopes()})
	srv.AddChannel(slacktest.Channel{ID: "C0NEWS", Name: "news"})
	srv.AddChannel(slacktest.Channel{ID: "C0OLD", Name: "old", Archived: true})
	srv.AddChannel(slacktest.Channel{ID: "G0ROOM", Name: "room", Private: true})
	database := filepath.Join(t.TempDir(), "arifa.db")
	common := []string{"--database", database, "--slack-api", srv.URL(), "--slack-bot-token", srv.Config().BotToken, "--slack-app-token", srv.Config().AppToken}
	must := func(want int, args ...string) string {
		t.Helper()
		code, out, errs := cmd(t, "", append(args, common...)...)
		if code != want {
			t.Fatalf("%q: exit %d, want %d: %s%s", args, code, want, out, errs)
		}
		return out + errs
	}
	must(exitDone, "migrate")
	added := must(exitDone, "officer", "add", "Amina", "--role", "admin", "--json")
	_, rest, _ := strings.Cut(added, `"Key": "`)
	if rest == "" {
		_, rest, _ = strings.Cut(added, `"key": "`)
	}
	key, _, _ := strings.Cut(rest, `"`)
	common = append(common, "--officer-key", key)
	if out := must(exitNo, "channel", "add", "slack", "C0OLD", "--follow", "all"); !strings.Contains(out, "archived") {
		t.Errorf("an archived channel: %s", out)
	}
	if out := must(exitNo, "channel", "add", "slack", "G0ROOM", "--follow", "all"); !strings.Contains(out, "invite the bot") {
		t.Errorf("a private channel without the bot: %s", out)
	}
	must(exitDone, "channel", "add", "slack", "https://kenya.slack.com/archives/C0NEWS", "--follow", "all")
	srv.Invite("G0ROOM", slacktest.BotUser)
	must(exitDone, "channel", "add", "slack", "G0ROOM", "--follow", "agency:kra,kws-nairobi-np", "--lang", "sw")
	if out := must(exitDone, "channel", "list"); !strings.Contains(out, "#news") || !strings.Contains(out, "#room") {
		t.Errorf("the list: %s", out)
	}
	doctor := func() string {
		_, out, errs := cmd(t, "", append([]string{"doctor", "--slack-officers-channel", "G0ROOM"}, common...)...)
		return out + errs
	}
	out := doctor()
	for _, want := range []string{"all scopes that are used are granted", "Socket Mode", "#news: the bot is in it", "officers work in #room"} {
		if !strings.Contains(out, want) {
			t.Errorf("doctor does not say %q:\n%s", want, out)
		}
	}
	srv.SetScopes(append(slack.Scopes()[1:], "files:write")...)
	srv.Remove("G0ROOM", slacktest.BotUser)
	out = doctor()
	for _, want := range []string{"scopes are missing: " + slack.Scopes()[0], "never used: files:write", "#room is not reached"} {
		if !strings.Contains(out, want) {
			t.Errorf("doctor does not say %q:\n%s", want, out)
		}
	}
	must(exitDone, "channel", "remove", "1")
}

// Slack gets no message twice, though the program is killed while its messages are
// under way: what may have arrived is looked for before it is sent again.
func TestKilledWhileTellingSlack(t *testing.T) {
	t.Parallel()
	const many, kills = 16, 3
	w := newSlackTown(t, "socket", slacktest.Config{Limits: &slacktest.Limits{}})
	ids := w.channels(many)
	w.stop() // from here on it is a process of its own
	w.stop = func() {}
	st, err := open(t.Context(), w.v.Database, existing, discard())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	w.v.store = st
	if w.v.desk, err = desk.New(desk.Config{Store: st, Nation: w.v.desk.Config.Nation, Speaker: w.v.desk.Config.Speaker}); err != nil {
		t.Fatal(err)
	}
	serve := func() *exec.Cmd {
		p := process(t, "serve", "--database", w.v.Database, "--slack-api", w.srv.URL(), "--slack-bot-token", w.srv.Config().BotToken,
			"--slack-app-token", w.srv.Config().AppToken, "--slack-rate", "20", "--tenure", "3s", "--request-timeout", "1s", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0")
		p.Stderr = w.log
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = p.Process.Kill(); _ = p.Wait() })
		return p
	}
	// Slack takes each message at once and answers late, so that the kill falls
	// between the two.
	w.srv.Inject(slacktest.Fault{Do: slacktest.SlowReply, Delay: 300 * time.Millisecond, Methods: []string{"chat.postMessage"}})
	var incident subscriptions.IncidentID
	for round := range kills {
		p := serve()
		var n subscriptions.Notice
		if round%2 == 0 {
			out := w.outage()
			incident, n = out.Incident.ID, out.Notice
		} else {
			n = w.restore(incident).Notice
		}
		until(t, "some are told", func() bool { return len(w.told(n)) >= 3+2*round })
		_ = p.Process.Kill()
		_ = p.Wait()
		p = serve()
		until(t, "all are told", func() bool { return len(w.told(n)) == many })
		until(t, "it is recorded", func() bool {
			got, err := w.v.desk.Progress(t.Context(), n.ID)
			return err == nil && got.Expanded && got.Count(subscriptions.Pending) == 0
		})
		_ = p.Process.Kill()
		_ = p.Wait()
		for _, id := range ids {
			if got := w.told(n)[id]; got != 1 {
				t.Errorf("round %d: %s was told %d times", round, id, got)
			}
		}
	}
}

// Telegram and Slack side by side in one service: each hears and tells its own.
func TestServeBothNetworks(t *testing.T) {
	t.Parallel()
	srv := newNetwork(t)
	srv.AddUser(77, "en")
	w := roomTown(t, "socket", func(s *settings) {
		s.TelegramToken, s.TelegramAPI, s.TelegramRate, s.TelegramInFlight = srv.Token(), srv.URL(), 500, 8
	})
	w.srv.AddUser(slacktest.User{ID: "U0WANJA", Name: "wanja"})
	if _, err := srv.Start(77, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := srv.WaitFor(t.Context(), 77, func(m telegramtest.Message) bool { return strings.Contains(m.Text, "language") }); err != nil {
		t.Fatal(err)
	}
	if err := w.srv.Say("U0WANJA", "hello"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.srv.WaitFor(t.Context(), "U0WANJA", func(m slacktest.Message) bool { return len(m.Buttons) > 0 }); err != nil {
		t.Fatal(err)
	}
	srv.AddUser(88, "en")
	amina := w.joins("Amina", subscriptions.Grant{Role: subscriptions.Admin})
	code, err := w.v.desk.StartLink(t.Context(), amina.actor, amina.actor.Officer.ID, w.v.now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := srv.Start(88, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := srv.Say(88, "/link "+code); err != nil {
		t.Fatal(err)
	}
	if _, err := srv.WaitFor(t.Context(), 88, func(m telegramtest.Message) bool { return strings.Contains(m.Text, "Linked") }); err != nil {
		t.Fatal(err)
	}
	if got := w.v.lanes(); len(got) != 3 || got[0].Network() != "telegram" || got[1] != "slack:T0KENYA" || got[2] != "webchat" {
		t.Errorf("got lanes %q", got)
	}
	if pace := w.v.desk.Config.Pace("slack:T0KENYA"); math.Abs(pace-200) > 0 {
		t.Errorf("got a pace of %v", pace)
	}
	w.srv.Revoke("token_revoked")
	w.srv.Drop()
	until(t, "the fault is told", func() bool {
		return strings.Contains(fmt.Sprint(w.v.ready(t.Context())), "Slack has not been reached")
	})
	if _, err := srv.WaitFor(t.Context(), 88, func(m telegramtest.Message) bool { return strings.Contains(m.Text, "The service has a fault.") }); err != nil {
		t.Errorf("the admin does not read in Telegram that Slack is halted: %v", err)
	}
	w.recorded(func(l subscriptions.AuditLine) bool {
		return l.Action == string(desk.ActHalted) && l.Subject == "lane slack:T0KENYA" && strings.Contains(l.Detail, "token_revoked")
	}, "the lane is halted")
	if _, err := srv.Say(77, "help"); err != nil {
		t.Fatal(err)
	}
	if _, err := srv.WaitFor(t.Context(), 77, func(m telegramtest.Message) bool { return strings.Contains(m.Text, "STOP") }); err != nil {
		t.Errorf("Telegram is not answered while Slack is down: %v", err)
	}
}

// A start does not depend on Slack, except the very first.
func TestSlackIsAwayAtStart(t *testing.T) {
	t.Parallel()
	srv := slacktest.Start(t, slacktest.Config{Limits: &slacktest.Limits{}})
	st, err := open(t.Context(), filepath.Join(t.TempDir(), "arifa.db"), migrated, discard())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	s := &settings{SlackBotToken: srv.Config().BotToken, SlackAppToken: srv.Config().AppToken, SlackAPI: srv.URL(), SlackRate: 4, SlackInFlight: 8, Tenure: 30 * time.Second}
	start := func() (*service, error) {
		return newService(t.Context(), s, st, slog.New(slog.NewTextHandler(io.Discard, nil)), utc(time.Now), tempo{owner: "test"})
	}
	srv.Revoke("invalid_auth")
	if _, err := start(); err == nil || !strings.Contains(err.Error(), "invalid_auth") || !strings.Contains(err.Error(), "--slack-team") {
		t.Errorf("the first start: got %v", err)
	}
	if _, err := st.Acquire(t.Context(), "slack:T0KENYA", "earlier", time.Second); err != nil {
		t.Fatal(err)
	}
	v, err := start()
	if err != nil || v.networks[0].id() != "slack:T0KENYA" {
		t.Errorf("a later start: got %v", err)
	}
	srv.Revoke("")
	s.SlackTeam = "T0OTHER"
	if _, err := start(); err == nil || !strings.Contains(err.Error(), "not of T0OTHER") {
		t.Errorf("another workspace: got %v", err)
	}
}
