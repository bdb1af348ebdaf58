package demo

import (
	"fmt"
	"iter"
	"strings"
	"time"

	"arifa/notifiers/slack"
	"arifa/notifiers/slack/slacktest"
	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

// SlackSetting is the workspace with which the program is started.
type SlackSetting struct {
	BotToken, AppToken, API, Room string
	Rate                          float64
}

// workspace is the simulated Slack: followers' channels, and the officers' channel.
type workspace struct {
	*slacktest.Server
	lane   subscriptions.LaneID
	chats  map[string]int64 // followers' channels, as the crowd knows them
	people map[subscriptions.OfficerID]string
}

const (
	officersRoom = "G0OFFICERS"
	// firstSlack is where the crowd's numbers of Slack's channels begin.
	firstSlack = -2_000_000_000_001
	slackRate  = 15
)

// newWorkspace opens one, with its limits raised in proportion as Telegram's are.
func newWorkspace(p pace, c *Clock) *workspace {
	limits := slacktest.Limits{PerChannel: float64(time.Second) / float64(p.chatEvery), PerChannelBurst: 5, Workspace: slackRate * 60 * 30 / 28, Tiers: slacktest.DefaultLimits().Tiers}
	s := slacktest.New(slacktest.Config{Clock: c.Now, Limits: &limits, Tag: Tag, Scopes: slack.Scopes(), Events: slack.Events(), Commands: []string{slack.Command}})
	s.AddChannel(slacktest.Channel{ID: officersRoom, Name: "officers", Private: true, Members: []string{slacktest.BotUser}})
	return &workspace{Server: s, lane: slack.LaneOf(s.Team()), chats: map[string]int64{}, people: map[subscriptions.OfficerID]string{}}
}

func (w *workspace) setting() *SlackSetting {
	if w == nil {
		return nil
	}
	c := w.Config()
	return &SlackSetting{BotToken: c.BotToken, AppToken: c.AppToken, API: w.URL(), Room: officersRoom, Rate: slackRate}
}

// enter brings the followers' channels into the crowd: one of everything, one of a
// ministry's.
func (w *workspace) enter(c *crowd) {
	m := maker{crowd: c}
	for n, s := range []subscriptions.Scope{subscriptions.ScopeAll, subscriptions.ScopeAgency("kra")} {
		no, ok := c.scopeNo[s]
		if !ok {
			continue
		}
		id, chat := fmt.Sprintf("C0FOLLOW%d", n), int64(firstSlack-n)
		w.AddChannel(slacktest.Channel{ID: id, Name: fmt.Sprint("news-", n), Members: []string{slacktest.BotUser}})
		w.chats[id] = chat
		m.enter(citizen{chat: chat, kind: slackChannel}, []uint16{no})
	}
}

// idOf is the channel that the crowd knows by a number.
func (w *workspace) idOf(chat int64) string {
	for id, c := range w.chats {
		if c == chat {
			return id
		}
	}
	return ""
}

// ledger is what all networks took, in the order in which they took it: the officers'
// own channel is no public one and is left out.
func (r *rehearsal) ledger() iter.Seq[telegramtest.Entry] {
	if r.slack == nil {
		return r.server.Entries()
	}
	later := r.slack.Epoch().Sub(r.server.Epoch())
	var theirs []telegramtest.Entry
	for _, e := range r.slack.Entries() {
		chat, follows := r.slack.chats[e.Channel]
		kind := map[slacktest.Kind]telegramtest.Kind{slacktest.Send: telegramtest.Send, slacktest.Edit: telegramtest.Edit}
		if what, told := kind[e.Kind]; follows && told {
			theirs = append(theirs, telegramtest.Entry{Begun: e.Begun + later, Accepted: e.Accepted + later, At: e.At, Chat: chat, Kind: what, Hash: e.Hash, Tag: e.Tag})
		}
	}
	return func(yield func(telegramtest.Entry) bool) {
		for e := range r.server.Entries() {
			for len(theirs) > 0 && theirs[0].Accepted < e.Accepted {
				if !yield(theirs[0]) {
					return
				}
				theirs = theirs[1:]
			}
			if !yield(e) {
				return
			}
		}
		for _, e := range theirs {
			if !yield(e) {
				return
			}
		}
	}
}

// faults are what Slack would have held against the program.
func (w *workspace) faults() (all []string) {
	if n := len(w.Violations()); n > 0 {
		all = append(all, fmt.Sprintf("slack: %d requests were sent inside a Retry-After", n))
	}
	for _, f := range w.Refused() {
		if strings.HasPrefix(f.Code, "invalid_") || strings.HasPrefix(f.Code, "msg_") || f.Code == "missing_scope" || f.Code == "unknown_method" {
			all = append(all, fmt.Sprintf("slack: %s was refused: %s", f.Method, f.Code))
		}
	}
	return all[:min(len(all), mostExamples)]
}

// told counts the followers' channels' messages, edits included.
func (w *workspace) told() (n int) {
	for _, e := range w.Entries() {
		if _, follows := w.chats[e.Channel]; follows && (e.Kind == slacktest.Send || e.Kind == slacktest.Edit) {
			n++
		}
	}
	return n
}
