package main

import (
	"strings"

	"arifa/notifiers/slack"
	"arifa/subscriptions"
)

// slackPart checks token, scopes, and how Slack reaches us.
func (e *examination) slackPart() {
	if e.SlackBotToken == "" {
		return // a network that nobody asked for is no fault
	}
	ch, who, err := e.slack()
	if err != nil {
		e.fault("slack", "set SLACK_BOT_TOKEN anew from the app's page, and check that this machine reaches "+e.SlackAPI, "%v", err)
		return
	}
	e.ok("slack", "the token is of workspace %s (%s)", who.TeamName, who.Team)
	const anew = "put \"arifa slack manifest\" in place of the app's manifest, and install the app again"
	switch missing := who.Missing(); {
	case len(missing) > 0:
		e.fault("slack", anew, "these scopes are missing: %s", strings.Join(missing, ", "))
	case !who.Named:
		e.advise("slack", "nothing, unless something is refused", "Slack did not say which scopes the token has")
	default:
		e.ok("slack", "all scopes that are used are granted")
	}
	if spare := who.Spare(); len(spare) > 0 {
		e.advise("slack", anew, "these scopes are granted and never used: %s", strings.Join(spare, ", "))
	}
	if e.SlackAppToken == "" {
		e.ok("slack", "Slack calls %s", e.PublicURL)
	} else if err := ch.Connect(e.ctx); err != nil {
		e.fault("slack", "make an app-level token with connections:write, and set SLACK_APP_TOKEN", "%v", err)
	} else {
		e.ok("slack", "Socket Mode: no public address is needed")
	}
	e.slackCanary(ch, e.firstSpace())
	if e.SlackOfficersChannel == "" {
		e.advise("slack", "set --slack-officers-channel to the id of a private channel", "no officers' channel: officers are called in their own messages only")
		return
	}
	place, err := ch.Look(e.ctx, e.SlackOfficersChannel)
	switch {
	case err != nil:
		e.fault("slack", "check --slack-officers-channel", "%v", err)
	case len(place.Faults) > 0:
		e.fault("slack", place.Faults[0], "the officers' channel cannot be used")
	case !place.Private:
		e.advise("slack", "make it private", "%s is public: drafts are read there before they are said", place.Title)
	default:
		e.ok("slack", "officers work in %s", place.Title)
	}
}

// spacesPart checks the workspaces of the file's list, and every canary in Slack.
func (e *examination) spacesPart() {
	for _, w := range e.spaces {
		part := "lanes"
		ch, who, err := e.inSpace(w)
		switch {
		case err != nil:
			e.fault(part, "set the bot-token of "+w.Team+" anew from the app's page", "%s: %v", w.lane(), err)
			continue
		case who.Team != w.Team:
			e.fault(part, "write team: "+who.Team+", or the token of the other workspace", "%s: the token is of workspace %s (%s)", w.lane(), who.TeamName, who.Team)
			continue
		case len(who.Missing()) > 0:
			e.fault(part, "put \"arifa slack manifest\" in place of the app's manifest, and install the app again", "%s: these scopes are missing: %s", w.lane(), strings.Join(who.Missing(), ", "))
		default:
			e.ok(part, "%s is of workspace %s", w.lane(), who.TeamName)
		}
		if err := ch.Connect(e.ctx); err != nil {
			e.fault(part, "make an app-level token with connections:write", "%s: %v", w.lane(), err)
		}
		e.slackCanary(ch, w)
	}
}

// slackCanary checks that somebody of our own can be told first.
func (e *examination) slackCanary(ch *slack.Channel, w workspace) {
	if w.Canary == "" {
		return
	}
	place, err := ch.Look(e.ctx, w.Canary)
	switch {
	case err != nil:
		e.fault("canary", "check the canary of "+string(ch.Name()), "%s: %v", ch.Name(), err)
	case len(place.Faults) > 0:
		e.fault("canary", place.Faults[0], "%s: nobody would be told, because the canary cannot be", ch.Name())
	default:
		e.ok("canary", "%s: %s is told first", ch.Name(), place.Title)
	}
}

// slackChannels look at the channels of every workspace.
func (e *examination) slackChannels(posts []subscriptions.Post) {
	all := e.spaces
	if e.SlackBotToken != "" {
		all = append([]workspace{e.firstSpace()}, all...)
	}
	for _, w := range all {
		if ch, _, err := e.inSpace(w); err == nil {
			e.channelsIn(ch, posts)
		}
	}
}

func (e *examination) channelsIn(ch *slack.Channel, posts []subscriptions.Post) {
	for _, p := range posts {
		if p.Recipient.Lane != ch.Name() {
			continue
		}
		place, err := ch.Look(e.ctx, p.Recipient.Address.Reveal())
		switch {
		case err != nil:
			e.fault("channels", "try again, or arifa channel remove", "%s: %v", p.Recipient.Title, err)
		case len(place.Faults) > 0:
			e.fault("channels", place.Faults[0], "%s is not reached", p.Recipient.Title)
		default:
			e.ok("channels", "%s: the bot is in it", p.Recipient.Title)
		}
	}
}
