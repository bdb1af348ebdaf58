package main

import (
	"strings"

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

func (e *examination) slackChannels(posts []subscriptions.Post) {
	if e.SlackBotToken == "" {
		return
	}
	ch, _, err := e.slack()
	if err != nil {
		return
	}
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
