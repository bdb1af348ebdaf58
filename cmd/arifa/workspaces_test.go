package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/notifiers"
	"arifa/notifiers/slack"
	"arifa/notifiers/slack/slacktest"
	"arifa/subscriptions"
)

// oneSlack is one address of the Web API before several workspaces: as at Slack, the
// token says whose a call is.
func oneSlack(t *testing.T, of map[string]string) string {
	t.Helper()
	proxies := map[string]*httputil.ReverseProxy{}
	for token, address := range of {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		u.Path = ""
		proxies[token] = httputil.NewSingleHostReverseProxy(u)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		for token, p := range proxies {
			if strings.Contains(r.Header.Get("Authorization")+string(body), token) {
				p.ServeHTTP(w, r)
				return
			}
		}
		http.Error(w, "nobody's token", http.StatusBadGateway)
	}))
	t.Cleanup(srv.Close)
	return srv.URL + "/api/"
}

// capital is a second workspace, and its entry in the file.
func capital(t *testing.T) (*slacktest.Server, string) {
	t.Helper()
	srv := slacktest.Start(t, slacktest.Config{Team: "T0CAPITAL", TeamName: "Capital", BotToken: "xoxb-" + "9999-capital-simulatedForTestsOnly", AppToken: "xapp-" + "1-A0CAPITAL-9999-simulatedForTestsOnly",
		Tag: tagged, Scopes: slack.Scopes(), Events: slack.Events(), Commands: []string{slack.Command}, AckWithin: 20 * time.Second, TriggerLife: 20 * time.Second})
	srv.AddChannel(slacktest.Channel{ID: "G0CANARY", Name: "canary", Private: true, Members: []string{slacktest.BotUser}})
	return srv, "lanes:\n  - {network: slack, team: T0CAPITAL, bot-token: " + srv.Config().BotToken + ", app-token: " + srv.Config().AppToken + ", rate: 19, in-flight: 4, canary: G0CANARY}\n"
}

// A second workspace from the file is a lane of its own: its people follow there and are
// told there, its canary first; where that fails nobody of it is told, an officer is
// called, and the first workspace notices nothing.
func TestASecondWorkspaceAndItsCanary(t *testing.T) {
	t.Parallel()
	second, file := capital(t)
	second.AddChannel(slacktest.Channel{ID: "C0PEOPLE", Name: "people", Members: []string{slacktest.BotUser}})
	w := newSlackTown(t, "socket", slacktest.Config{}, func(s *settings) {
		s.SlackAPI = oneSlack(t, map[string]string{"1111-2222-": s.SlackAPI, "1-A0ARIFA-": s.SlackAPI, "9999-": second.URL()})
		if _, err := s.readFile(strings.NewReader(file)); err != nil {
			t.Fatal(err)
		}
		if faults := s.moreLanes(); len(faults) > 0 {
			t.Fatal(faults)
		}
	})
	here, lane := w.channels(1), slack.LaneOf("T0CAPITAL")
	if pace := w.v.pace(lane); pace != 19 {
		t.Errorf("the second workspace goes at %v a second, want 19", pace)
	}
	if _, _, err := w.v.desk.AddChannel(t.Context(), w.author, desk.ChannelInput{Lane: lane, Address: subscriptions.AddressOf("C0PEOPLE"), Kind: subscriptions.Channel,
		Title: "#people", Scopes: []subscriptions.Scope{subscriptions.ScopeAll}}, w.v.now()); err != nil {
		t.Fatal(err)
	}
	sent := func(channel string, n subscriptions.Notice) (all []slacktest.Entry) {
		for _, e := range second.Entries() {
			if e.Kind == slacktest.Send && e.Channel == channel && e.Tag == n.Key.Short() {
				all = append(all, e)
			}
		}
		return all
	}
	first := w.outage()
	until(t, "both workspaces are told", func() bool {
		return len(sent("C0PEOPLE", first.Notice)) == 1 && w.told(first.Notice)[here[0]] == 1
	})
	if c := sent("G0CANARY", first.Notice); len(c) != 1 || c[0].Begun > sent("C0PEOPLE", first.Notice)[0].Begun {
		t.Errorf("the canary was told %+v, want once and first", c)
	}
	until(t, "it is recorded", func() bool {
		p, err := w.v.desk.Progress(t.Context(), first.Notice.ID)
		return err == nil && p.Count(subscriptions.Sent) == 2
	})

	second.Remove("G0CANARY", slacktest.BotUser)
	end := w.restore(first.Incident.ID)
	w.recorded(func(l subscriptions.AuditLine) bool {
		return l.Action == string(desk.ActCanary) && l.Subject == "lane "+string(lane)
	}, "the canary was not told")
	until(t, "the first workspace is told the end", func() bool { return w.told(end.Notice)[here[0]] == 1 })
	lanes, err := w.store.LaneList(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lanes {
		if want := l.ID == lane; strings.HasPrefix(l.PausedWhy, notifiers.WhyCanary) != want {
			t.Errorf("%s is paused because of %q", l.ID, l.PausedWhy)
		}
	}
	if got := sent("C0PEOPLE", end.Notice); len(got) != 0 {
		t.Errorf("the public was told %+v although the canary was not", got)
	}
}

// Doctor looks at every lane of the file and at every canary.
func TestDoctorLooksAtMoreLanesAndTheirCanaries(t *testing.T) {
	t.Parallel()
	srv, file := capital(t)
	bots := newNetwork(t)
	bots.AddUser(77, "en")
	if _, err := bots.Start(77, ""); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "lanes.yaml")
	if err := os.WriteFile(name, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	doctor := func(canary string) string {
		_, out, errs := cmd(t, "", "doctor", "--database", filepath.Join(t.TempDir(), "none.db"), "--config", name, "--slack-api", srv.URL(),
			"--telegram-api", bots.URL(), "--telegram-token", bots.Token(), "--telegram-canary", canary)
		return strings.Join(strings.Fields(out+errs), " ")
	}
	for _, step := range []struct {
		name, canary string
		before       func()
		says         []string
	}{
		{"all is well", "77", func() {}, []string{"slack:T0CAPITAL is of workspace Capital", "slack:T0CAPITAL: #canary is told first", "a chat of ours is told first"}},
		{"canaries that cannot be told", "78", func() { srv.Remove("G0CANARY", slacktest.BotUser) }, []string{"FAULT canary slack:T0CAPITAL: nobody would be told", "FAULT canary telegram:"}},
		{"a dead token", "77", func() { srv.Revoke("token_revoked") }, []string{"FAULT lanes slack:T0CAPITAL: "}},
	} {
		step.before()
		said := doctor(step.canary)
		for _, want := range step.says {
			if !strings.Contains(said, want) {
				t.Errorf("%s: doctor does not say %q: %s", step.name, want, said)
			}
		}
	}
}
