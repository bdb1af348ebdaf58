package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"arifa/bot/desk"
	"arifa/bot/desk/talk"
	"arifa/notifiers"
	"arifa/notifiers/slack"
	"arifa/subscriptions"
)

func (s *settings) slack() (faults []error) {
	if u, err := url.Parse(s.SlackAPI); s.SlackAPI != "" && (err != nil || u.Host == "") {
		faults = append(faults, errors.New("slack-api: not an address such as https://slack.com/api/"))
	}
	if s.SlackBotToken == "" {
		if s.SlackAppToken != "" || s.SlackSigningSecret != "" {
			faults = append(faults, errors.New("slack-bot-token: empty; Slack needs the app's bot token, xoxb-…"))
		}
		return faults
	}
	if !slack.PlausibleBotToken(s.SlackBotToken) {
		faults = append(faults, errors.New("slack-bot-token: not of the form xoxb-…; copy it again from the app's page, OAuth & Permissions"))
	}
	switch {
	case s.SlackAppToken != "" && !slack.PlausibleAppToken(s.SlackAppToken):
		faults = append(faults, errors.New("slack-app-token: not of the form xapp-…; make one with connections:write on the app's page, Basic Information"))
	case s.SlackAppToken == "" && s.SlackSigningSecret == "":
		faults = append(faults, errors.New("slack-app-token: empty; give it for Socket Mode, or slack-signing-secret for calls to public-url"))
	case s.SlackAppToken == "" && s.PublicURL == "":
		faults = append(faults, errors.New("public-url: empty; without Socket Mode Slack needs the address that it is to call"))
	}
	if c := s.SlackOfficersChannel; c != "" && !slack.PlausibleChannel(c) {
		faults = append(faults, errors.New("slack-officers-channel: not a channel's id, C… (at the end of its details)"))
	}
	if s.SlackRate <= 0 || s.SlackRate > 20 {
		faults = append(faults, errors.New("slack-rate: above 0 and at most 20"))
	}
	if s.SlackInFlight < 1 || s.SlackInFlight > 64 {
		faults = append(faults, errors.New("slack-in-flight: must be from 1 to 64"))
	}
	return faults
}

func (s *settings) slackConfig() slack.Config {
	return slack.Config{BotToken: s.SlackBotToken, AppToken: s.SlackAppToken, API: s.SlackAPI, Team: s.SlackTeam, Connections: s.SlackInFlight}
}

// slack is the app of the settings, for asking Slack.
func (a *app) slack() (*slack.Channel, slack.Who, error) {
	if a.SlackBotToken == "" {
		return nil, slack.Who{}, usagef("slack-bot-token: empty; set SLACK_BOT_TOKEN to the app's bot token")
	}
	c := a.slackConfig()
	c.Log, c.Now = a.log, a.now
	who, err := slack.Identify(a.ctx, c)
	if err != nil {
		return nil, who, err
	}
	c.Team = who.Team
	ch, err := slack.New(c)
	return ch, who, err
}

// slackNetwork introduces the app of the settings; nil = none is configured.
func slackNetwork(ctx context.Context, v *service, t tempo) (*network, error) {
	if v.SlackBotToken == "" {
		return nil, nil
	}
	c := v.slackConfig()
	c.Log, c.Now = v.log, v.now
	var err error
	if c.Team, err = v.slackTeam(ctx, c); err != nil {
		return nil, err
	}
	ch, err := slack.New(c)
	if err != nil {
		return nil, err
	}
	n := &network{label: "Slack", lane: notifiers.Lane{Channel: ch, Rate: v.SlackRate, InFlight: v.SlackInFlight, ChatEvery: t.chatEvery, GroupPerMinute: perChannel(t)},
		dress: slack.ForOfficer, addressOf: func(subject string) (subscriptions.Address, bool) { return slack.AddressOf(c.Team, subject) }}
	n.start = func() {
		ears := ch.Ears(slack.EarsConfig{Inbox: v.store, Register: v.store, Conversation: v.talk, Owned: n.owns.Load, Reply: v.replyOn(n),
			Office: v.office, Desk: v.desk, Nation: v.library.effective, Search: v.library, Secret: v.SlackSigningSecret, OnForged: v.forged, OnTrouble: v.trouble})
		if v.SlackSigningSecret != "" {
			hook := ears.Hook()
			for _, path := range []string{slack.EventsPath, slack.CommandsPath, slack.InteractionsPath} {
				v.pages.Handle(path, hook)
			}
		}
		n.deaf = ears.Deaf
		n.run = append(n.run, ears.Run)
		if v.SlackOfficersChannel != "" {
			board := ch.Board(v.SlackOfficersChannel, slack.Board{Calls: v.store, Owned: n.owns.Load, Reply: v.replyOn(n),
				Board: &talk.Board{Talk: v.office, Room: slack.RoomOf(c.Team, v.SlackOfficersChannel)}})
			n.run, n.wake = append(n.run, board.Run), board.Wake
		}
	}
	return n, nil
}

// forged puts a request that claimed to be Slack's on the record.
func (v *service) forged(why string) {
	v.calls.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		r := &desk.Refusal{Rule: 4, Why: "a request that is not Slack's: " + why, Do: "look for who knows the address, and whether the signing secret is still one"}
		if err := v.desk.TurnAway(ctx, "slack", "request", r, v.now()); err != nil && !errors.As(err, &r) {
			v.log.Error("a forged request is not on the record", "error", err)
		}
	})
}

// perChannel is Slack's one message a second in a channel.
func perChannel(t tempo) int { return max(60, t.groupPerMinute) }

// slackTeam finds out whose workspace the token is of, because the lane is named by
// it: Slack is asked; when it is not reached, the workspace of the settings or of
// the last start is taken, so that a start does not depend on the network.
func (v *service) slackTeam(ctx context.Context, c slack.Config) (string, error) {
	ask, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	who, err := slack.Identify(ask, c)
	if err == nil {
		if c.Team != "" && c.Team != who.Team {
			return "", fmt.Errorf("slack-team: the token is of workspace %s, not of %s", who.Team, c.Team)
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
		if l.ID.Network() == "slack" {
			known = append(known, string(l.ID)[len("slack:"):])
		}
	}
	if len(known) == 1 {
		v.log.Warn("slack is not reached: going on with the workspace of the last start", "error", err)
		return known[0], nil
	}
	return "", fmt.Errorf("%w\nThe first start must learn whose workspace the token is of: check SLACK_BOT_TOKEN and that this machine reaches %s, or give --slack-team", err, v.SlackAPI)
}

type slackCmd struct {
	Manifest slackManifestCmd `cmd:"" help:"Print the manifest from which the app is made on api.slack.com."`
}

type slackManifestCmd struct{}

// Run prints the manifest for Socket Mode, or for calls to the public address where
// a signing secret is set.
func (c *slackManifestCmd) Run(a *app) error {
	base := ""
	if a.SlackSigningSecret != "" && a.SlackAppToken == "" {
		base = a.PublicURL
	}
	return a.print(map[string]any{"scopes": slack.Scopes(), "events": slack.Events(), "manifest": slack.Manifest(base)}, func(w io.Writer) {
		_, _ = io.WriteString(w, slack.Manifest(base))
	})
}
