package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"arifa/notifiers"
	"arifa/notifiers/slack"
	"arifa/subscriptions"
)

// slackFastest is more than Slack's several hundred a minute.
const slackFastest = 20

// workspace is the app in one workspace of Slack: that of the settings, or an entry of
// the file's lanes: list. Each is a lane with a budget of its own.
type workspace struct {
	BotToken string
	AppToken string
	Team     string // of the settings it may be found out
	Rate     float64
	InFlight int
	Canary   string

	more bool // it stands in the list
}

// firstSpace is the workspace of the settings.
func (s *settings) firstSpace() workspace {
	return workspace{BotToken: s.SlackBotToken, AppToken: s.SlackAppToken, Team: s.SlackTeam, Rate: s.SlackRate, InFlight: s.SlackInFlight, Canary: s.SlackCanary}
}

// spaceOf is the workspace of a lane. One that stands in no list is that of the
// settings, which need not name it.
func (s *settings) spaceOf(lane subscriptions.LaneID) workspace {
	for _, w := range s.spaces {
		if w.lane() == lane {
			return w
		}
	}
	return s.firstSpace()
}

func (w workspace) lane() subscriptions.LaneID { return slack.LaneOf(w.Team) }

// key is where the workspace is named.
func (w workspace) key() string {
	if w.more {
		return "lanes: team"
	}
	return "slack-team"
}

// canary is who is told first; the zero Target where nobody is.
func (w workspace) canary() notifiers.Target {
	if w.Canary == "" {
		return notifiers.Target{}
	}
	return notifiers.Target{Address: subscriptions.AddressOf(w.Canary), Kind: subscriptions.Channel}
}

// spaceFrom makes a workspace of an entry of the list: what is left out is as the
// settings say. It names its team, so that every command knows its lane without asking
// Slack, and is heard by Socket Mode, because Slack's calls say only with their
// signature whose they are.
func (s *settings) spaceFrom(e laneEntry, fault func(key, problem string, args ...any)) (w workspace, ok bool) {
	w = workspace{BotToken: e.BotToken, AppToken: e.AppToken, Team: e.Team, Rate: e.Rate, InFlight: e.InFlight, Canary: e.Canary, more: true}
	ok = true
	for _, f := range []struct {
		key, name string
		into      *string
	}{{"bot-token-file", e.BotTokenFile, &w.BotToken}, {"app-token-file", e.AppTokenFile, &w.AppToken}} {
		if err := fromFile(f.name, f.into); err != nil {
			fault(f.key, "%v", err)
			ok = false
		}
	}
	if !ok {
		return w, false
	}
	if w.Rate == 0 {
		w.Rate = s.SlackRate
	}
	if w.InFlight == 0 {
		w.InFlight = s.SlackInFlight
	}
	if !slack.PlausibleTeam(w.Team) {
		fault("team", "not a workspace's id, T… (\"arifa doctor\" says whose a token is)")
		ok = false
	}
	if !slack.PlausibleBotToken(w.BotToken) {
		fault("bot-token", "not of the form xoxb-…; copy it again from the app's page, OAuth & Permissions")
	}
	if !slack.PlausibleAppToken(w.AppToken) {
		fault("app-token", "not of the form xapp-…; make one with connections:write on the app's page, Basic Information")
	}
	if w.Rate <= 0 || w.Rate > slackFastest {
		fault("rate", "above 0 and at most %d", slackFastest)
	}
	if w.InFlight < 1 || w.InFlight > 64 {
		fault("in-flight", "must be from 1 to 64")
	}
	if w.Canary != "" && !slack.PlausibleChannel(w.Canary) {
		fault("canary", "not a channel's id, C… (at the end of its details)")
	}
	return w, ok
}

func (s *settings) slackConfig(w workspace) slack.Config {
	return slack.Config{BotToken: w.BotToken, AppToken: w.AppToken, API: s.SlackAPI, Team: w.Team, Connections: w.InFlight}
}

// slack is the app of the settings, for asking Slack.
func (a *app) slack() (*slack.Channel, slack.Who, error) {
	if a.SlackBotToken == "" {
		return nil, slack.Who{}, usagef("slack-bot-token: empty; set SLACK_BOT_TOKEN to the app's bot token")
	}
	return a.inSpace(a.firstSpace())
}

// inSpace is the app in a workspace, for asking Slack.
func (a *app) inSpace(w workspace) (*slack.Channel, slack.Who, error) {
	c := a.slackConfig(w)
	c.Log, c.Now = a.log, a.now
	who, err := slack.Identify(a.ctx, c)
	if err != nil {
		return nil, who, err
	}
	c.Team = who.Team
	ch, err := slack.New(c)
	return ch, who, err
}

// slackTeam finds out whose workspace the token is of, because the lane is named by
// it: Slack is asked; when it is not reached, the workspace of the settings or of
// the last start is taken, so that a start does not depend on the network.
func (v *service) slackTeam(ctx context.Context, c slack.Config, w workspace) (string, error) {
	ask, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	who, err := slack.Identify(ask, c)
	if err == nil {
		if c.Team != "" && c.Team != who.Team {
			return "", fmt.Errorf("%s: the token is of workspace %s, not of %s", w.key(), who.Team, c.Team)
		}
		return who.Team, nil
	}
	if c.Team != "" {
		return c.Team, nil
	}
	lanes, lerr := v.store.LaneList(ctx)
	if lerr != nil {
		return "", lerr
	}
	var known []string
	for _, l := range lanes {
		if l.ID.Network() == "slack" && !slices.ContainsFunc(v.spaces, func(w workspace) bool { return w.lane() == l.ID }) {
			known = append(known, string(l.ID)[len("slack:"):])
		}
	}
	if len(known) == 1 {
		v.log.Warn("slack is not reached: going on with the workspace of the last start", "error", err)
		return known[0], nil
	}
	return "", fmt.Errorf("%w\nThe first start must learn whose workspace the token is of: check SLACK_BOT_TOKEN and that this machine reaches %s, or give --slack-team", err, v.SlackAPI)
}
