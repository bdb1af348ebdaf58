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
	if c := s.SlackCanary; c != "" && !slack.PlausibleChannel(c) {
		faults = append(faults, errors.New("slack-canary: not a channel's id, C… (at the end of its details)"))
	}
	if s.SlackRate <= 0 || s.SlackRate > slackFastest {
		faults = append(faults, fmt.Errorf("slack-rate: above 0 and at most %d", slackFastest))
	}
	if s.SlackInFlight < 1 || s.SlackInFlight > 64 {
		faults = append(faults, errors.New("slack-in-flight: must be from 1 to 64"))
	}
	return faults
}

// slackNetwork introduces the app of the settings; nil = none is configured.
func slackNetwork(ctx context.Context, v *service, t tempo) (*network, error) {
	if v.SlackBotToken == "" {
		return nil, nil
	}
	return v.spaceNetwork(ctx, v.firstSpace(), t)
}

// spaceNetwork introduces the app in one workspace. Officers are known to the first
// one, which may write to them; in the others anybody follows and is told, and the
// workspace's administrators choose for its channels.
func (v *service) spaceNetwork(ctx context.Context, w workspace, t tempo) (*network, error) {
	c := v.slackConfig(w)
	c.Log, c.Now = v.log, v.now
	var err error
	if w.Team, err = v.slackTeam(ctx, c, w); err != nil {
		return nil, err
	}
	c.Team = w.Team
	ch, err := slack.New(c)
	if err != nil {
		return nil, err
	}
	n := &network{label: "Slack", more: w.more, lane: notifiers.Lane{Channel: ch, Rate: w.Rate, InFlight: w.InFlight, ChatEvery: t.chatEvery, GroupPerMinute: perChannel(t),
		Canary: w.canary()}, dress: slack.ForOfficer, addressOf: func(subject string) (subscriptions.Address, bool) { return slack.AddressOf(c.Team, subject) }}
	n.start = func() {
		ears := slack.EarsConfig{Inbox: v.store, Register: v.store, Conversation: v.talk, Owned: n.owns.Load, Reply: v.replyOn(n),
			Desk: v.desk, Nation: v.library.effective, Search: v.library, OnForged: v.forged, OnTrouble: v.trouble}
		if !w.more {
			ears.Office, ears.Secret = v.office, v.SlackSigningSecret
		}
		v.hearSpace(n, ch, ch.Ears(ears))
		if v.SlackOfficersChannel != "" && !w.more {
			board := ch.Board(v.SlackOfficersChannel, slack.Board{Calls: v.store, Owned: n.owns.Load, Reply: v.replyOn(n),
				Board: &talk.Board{Talk: v.office, Room: slack.RoomOf(c.Team, v.SlackOfficersChannel)}})
			n.run, n.wake = append(n.run, board.Run), board.Wake
		}
	}
	return n, nil
}

// hearSpace listens to a workspace, and lets Slack call us where it signs its calls.
func (v *service) hearSpace(n *network, ch *slack.Channel, ears *slack.Ears) {
	if ears.Secret != "" {
		hook := ears.Hook()
		for _, path := range []string{slack.EventsPath, slack.CommandsPath, slack.InteractionsPath} {
			v.pages.Handle(path, hook)
		}
	}
	n.deaf = ears.Deaf
	n.run = append(n.run, ears.Run)
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
