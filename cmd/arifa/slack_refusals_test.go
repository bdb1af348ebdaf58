package main

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/bot/desk/talk"
	"arifa/notifiers/slack"
	"arifa/notifiers/slack/slacktest"
	"arifa/subscriptions"
)

// Whoever may not is told so, and nobody else; and it is on the record.
func TestRefusalsThroughSlack(t *testing.T) {
	t.Parallel()
	w := roomTown(t, "http")
	kamau, kerubo := w.joins("Kamau", author("kra"), approver("kra")), w.joins("Kerubo", approver("kra"))
	w.outage()
	ask := w.submits(kamau)

	w.selfApproval(kamau, ask)
	w.strangers(ask)
	w.demoted(kerubo, ask)
	w.notSlacks()
	w.replayed(kerubo)

	for _, n := range must(w.v.desk.Notices(w.Context(), 0, subscriptions.Published)) {
		if n.Kind == subscriptions.AlternativeNotice {
			t.Errorf("%s was published in spite of all", n.Key)
		}
	}
	if _, err := w.v.desk.AuditVerify(w.Context()); err != nil {
		t.Error(err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// submits lets an officer submit another way to pay on the command line, and returns
// the request in the officers' channel.
func (w *slackTown) submits(o *slackOfficer) slacktest.Message {
	w.Helper()
	i := must(w.v.desk.Incidents(w.Context(), w.v.now()))[0]
	n, err := w.v.desk.Draft(w.Context(), o.actor, desk.DraftInput{Incident: i.ID, Agency: "kra", Kind: subscriptions.AlternativeNotice,
		Slots: subscriptions.Slots{Alternatives: []subscriptions.AlternativeID{"alt-bank-or-pdq"}, NextUpdate: w.v.now().Add(2 * time.Hour)}}, w.v.now())
	if err == nil {
		_, err = w.v.desk.Submit(w.Context(), o.actor, n.ID, desk.SubmitInput{}, w.v.now())
	}
	if err != nil {
		w.Fatal(err)
	}
	return w.onBoard("waits for a second officer", "submitted by "+o.name)
}

const ownNotice = "nobody approves their own notice, whatever account they use"

// selfApproval is tried with every account of one person.
func (w *slackTown) selfApproval(o *slackOfficer, ask slacktest.Message) {
	w.Helper()
	o.presses(ask, "Approve")
	o.unlocks()
	o.sees("Approve ", "six digits")
	o.writes(o.digits())
	o.sees("Not done", "Nobody approves their own notice")
	w.refused(desk.ActApprove, o, ownNotice)

	n := must(w.v.desk.Notices(w.Context(), 0, subscriptions.Submitted))[0]
	_, err := w.v.desk.Approve(w.Context(), o.actor, desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: o.digits()}, w.v.now())
	var r *desk.Refusal
	if !errors.As(err, &r) || r.Why != ownNotice {
		w.Errorf("on the command line: got %v", err)
	}
	w.recordedVia("cli", desk.ActApprove, ownNotice)

	code := must(w.v.desk.StartLink(w.Context(), o.actor, o.actor.Officer.ID, w.v.now()))
	chat := subscriptions.Identity{Provider: "telegram", Subject: "4200077"}
	hears := func(text string) string {
		cards, _, err := w.v.office.Hear(w.Context(), talk.Heard{Chat: chat, Private: true, Text: text, At: w.v.now()})
		if err != nil || len(cards) == 0 {
			w.Fatalf("the chat says nothing: %v", err)
		}
		return cards[0].Title + "\n" + strings.Join(cards[0].Lines, "\n")
	}
	hears("/link " + code)
	if _, err := w.v.office.Begin(w.Context(), talk.Heard{Chat: chat, Private: true, At: w.v.now()}, "self", talk.Start{Do: "approve", Notice: n.ID, Hash: n.Hash}); err != nil {
		w.Fatal(err)
	}
	if got := hears(o.digits()); !strings.Contains(got, "Approve ") { // they open the chat
		w.Fatalf("got %s", got)
	}
	if got := hears(o.digits()); !strings.Contains(got, "Nobody approves their own notice") {
		w.Errorf("in Telegram: got %s", got)
	}
	w.recordedVia("telegram", desk.ActApprove, ownNotice)
}

func (w *slackTown) recordedVia(via string, act desk.Act, why string) {
	w.Helper()
	w.recorded(func(l subscriptions.AuditLine) bool {
		return l.Action == string(act) && l.Outcome == "refused" && l.Via == via && strings.Contains(strings.ToLower(l.Detail), why)
	}, via+" was refused: "+why)
}

// strangers are members of the workspace who are no officers.
func (w *slackTown) strangers(ask slacktest.Message) {
	w.Helper()
	w.srv.AddUser(slacktest.User{ID: "U0STRANGER", Name: "stranger"})
	o := w.member("U0STRANGER")
	w.srv.Invite(room, o.uid)
	o.presses(ask, "Approve")
	o.sees("Not done", "this account")
	w.recordedVia("slack", desk.ActTurnAway, "account")
	o.command("outage 222222")
	o.sees("Not done", "this account")
	o.command("follow all")
	o.whispered("Not done")
}

// demoted: the role is taken while the form is open.
func (w *slackTown) demoted(o *slackOfficer, ask slacktest.Message) {
	w.Helper()
	o.presses(ask, "Approve")
	o.unlocks()
	o.sees("Approve ", "six digits")
	if _, _, err := w.v.desk.SetRoles(w.Context(), w.author, o.actor.Officer.ID, nil, w.v.now()); err != nil {
		w.Fatal(err)
	}
	o.writes(o.digits())
	o.sees("Not done", "Kerubo is not approver of kra")
	w.refused(desk.ActApprove, o, "is not approver of kra")
}

// notSlacks are requests that Slack did not make, or made long ago.
func (w *slackTown) notSlacks() {
	w.Helper()
	body := url.Values{"command": {slack.Command}, "text": {"help"}, "team_id": {w.srv.Team()}, "user_id": {"U0KERUBO"}, "channel_id": {room}, "trigger_id": {"1.1.forged"}}.Encode()
	good := w.srv.Sign([]byte(body), w.v.now())
	forged := good.Clone()
	forged.Set("X-Slack-Signature", "v0="+strings.Repeat("0", 64))
	for why, h := range map[string]http.Header{"signature": forged, "timestamp": w.srv.Sign([]byte(body), w.v.now().Add(-6*time.Minute))} {
		if status, _ := w.calls(h, body); status != http.StatusUnauthorized {
			w.Errorf("%s: got %d", why, status)
		}
		w.recordedVia("slack", desk.ActTurnAway, "a request that is not slack's: "+why)
	}
}

// replayed: what came before is not done again.
func (w *slackTown) replayed(o *slackOfficer) {
	w.Helper()
	body := url.Values{"command": {slack.Command}, "text": {"list"}, "team_id": {w.srv.Team()}, "user_id": {o.uid}, "channel_id": {room}, "trigger_id": {"1.1.replayed"}}.Encode()
	h := w.srv.Sign([]byte(body), w.v.now())
	if status, said := w.calls(h, body); status != http.StatusOK || strings.Contains(said, "recorded before") {
		w.Errorf("the first time: got %d %s", status, said)
	}
	if status, said := w.calls(h, body); status != http.StatusOK || !strings.Contains(said, "This was recorded before. Nothing was done again.") || !strings.Contains(said, "ephemeral") {
		w.Errorf("the second time: got %d %s", status, said)
	}
	w.recordedVia("slack", desk.ActTurnAway, "a request that is not slack's: replay")
}

func (w *slackTown) calls(h http.Header, body string) (status int, said string) {
	w.Helper()
	r, err := http.NewRequestWithContext(w.Context(), http.MethodPost, w.hook+slack.CommandsPath, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	r.Header = h.Clone()
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		w.Fatal(err)
	}
	return resp.StatusCode, string(data)
}
