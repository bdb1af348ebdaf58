package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"arifa/subscriptions"
)

// laneSettings are the lanes beside those of the settings that have a flag.
type laneSettings struct {
	entries []laneEntry  // the file's list
	more    []credential // its bots of Telegram
	spaces  []workspace  // its workspaces of Slack
}

// laneEntry is one entry of the file's lanes: list. Token, connections and
// paid-broadcast are a bot's of Telegram; team, bot-token and app-token a workspace's
// of Slack.
type laneEntry struct {
	Network      string  `yaml:"network"`
	Token        string  `yaml:"token"`
	TokenFile    string  `yaml:"token-file"`
	Connections  int     `yaml:"connections"`
	Paid         bool    `yaml:"paid-broadcast"`
	Team         string  `yaml:"team"`
	BotToken     string  `yaml:"bot-token"`
	BotTokenFile string  `yaml:"bot-token-file"`
	AppToken     string  `yaml:"app-token"`
	AppTokenFile string  `yaml:"app-token-file"`
	Rate         float64 `yaml:"rate"`
	InFlight     int     `yaml:"in-flight"`
	Canary       string  `yaml:"canary"`
}

// strangers are the keys of an entry that only another network has.
func (e laneEntry) strangers() (keys []string) {
	for _, k := range []struct {
		network, key string
		set          bool
	}{
		{"telegram", "token", e.Token != ""}, {"telegram", "token-file", e.TokenFile != ""},
		{"telegram", "connections", e.Connections != 0}, {"telegram", "paid-broadcast", e.Paid},
		{"slack", "team", e.Team != ""}, {"slack", "bot-token", e.BotToken != ""}, {"slack", "bot-token-file", e.BotTokenFile != ""},
		{"slack", "app-token", e.AppToken != ""}, {"slack", "app-token-file", e.AppTokenFile != ""},
	} {
		if k.set && k.network != e.Network {
			keys = append(keys, k.key)
		}
	}
	return keys
}

// moreLanes reads the tokens of the list, fills in what is left out, and names every
// fault by its key. No two entries may be one lane.
func (s *settings) moreLanes() (faults []error) {
	known := map[subscriptions.LaneID]bool{}
	if s.TelegramToken != "" {
		known[s.firstBot().lane()] = true
	}
	if s.SlackBotToken != "" && s.SlackTeam != "" {
		known[s.firstSpace().lane()] = true
	}
	s.more, s.spaces = nil, nil
	for i, e := range s.entries {
		fault := func(key, problem string, args ...any) {
			faults = append(faults, fmt.Errorf("lanes[%d].%s: %s", i, key, fmt.Sprintf(problem, args...)))
		}
		once := func(key string, lane subscriptions.LaneID) {
			if known[lane] {
				fault(key, "%s stands here twice", lane)
			}
			known[lane] = true
		}
		for _, key := range e.strangers() {
			if slices.Contains(severalOf, e.Network) {
				fault(key, "%s has no such key", e.Network)
			}
		}
		switch e.Network {
		case "telegram":
			if b, ok := s.botFrom(e, fault); ok {
				once("token", b.lane())
				s.more = append(s.more, b)
			}
		case "slack":
			if w, ok := s.spaceFrom(e, fault); ok {
				once("team", w.lane())
				s.spaces = append(s.spaces, w)
			}
		case "webchat":
			fault("network", "the web chat is always there once, without a credential; what it tells lies in our own database, so a canary would prove nothing")
		default:
			fault("network", "%q: only %s have several credentials", e.Network, strings.Join(severalOf, " and "))
		}
	}
	return faults
}

// severalOf are the networks of which the list may hold lanes.
var severalOf = []string{"telegram", "slack"}

// fromFile reads a secret where a file is named; beside the secret itself that is a
// contradiction.
func fromFile(name string, into *string) error {
	if name == "" {
		return nil
	}
	if *into != "" {
		return errors.New("the secret itself stands there as well: keep one of them")
	}
	text, err := os.ReadFile(name)
	*into = strings.TrimSpace(string(text))
	return err
}
