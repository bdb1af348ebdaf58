package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"arifa/notifiers"
	"arifa/notifiers/telegram"
	"arifa/subscriptions"
)

// laneSettings are the lanes beside those of the settings that have a flag.
type laneSettings struct {
	more []credential // the file's list
}

// credential is one Telegram credential: that of the settings, or an entry of the file's
// lanes: list. Each is a lane with a budget of its own.
type credential struct {
	Network     string  `yaml:"network"`
	Token       string  `yaml:"token"`
	TokenFile   string  `yaml:"token-file"`
	Rate        float64 `yaml:"rate"`
	InFlight    int     `yaml:"in-flight"`
	Connections int     `yaml:"connections"`
	Paid        bool    `yaml:"paid-broadcast"`
	Canary      string  `yaml:"canary"`

	more bool // it stands in the list
}

// firstBot is the bot of the settings.
func (s *settings) firstBot() credential {
	return credential{Network: "telegram", Token: s.TelegramToken, TokenFile: s.TelegramTokenFile, Rate: s.TelegramRate, InFlight: s.TelegramInFlight, Connections: s.connections(),
		Paid: s.TelegramPaidBroadcast, Canary: s.TelegramCanary}
}

// bots are all of them, the one of the settings first.
func (s *settings) bots() []credential {
	if s.TelegramToken == "" {
		return s.more
	}
	return append([]credential{s.firstBot()}, s.more...)
}

func (b credential) lane() subscriptions.LaneID {
	id, _, _ := strings.Cut(b.Token, ":")
	return subscriptions.LaneID("telegram:" + id)
}

// canary is who is told first; the zero Target where nobody is.
func (b credential) canary() notifiers.Target {
	if b.Canary == "" {
		return notifiers.Target{}
	}
	kind := subscriptions.Person
	if strings.HasPrefix(b.Canary, "-") {
		kind = subscriptions.Group
	}
	return notifiers.Target{Address: subscriptions.AddressOf(b.Canary), Kind: kind}
}

// chatID reports whether s is the id of a chat of Telegram.
func chatID(s string) bool {
	n, err := strconv.ParseInt(s, 10, 64)
	return err == nil && n != 0
}

// moreLanes reads the tokens of the list, fills in what is left out, and names every
// fault by its key.
func (s *settings) moreLanes() (faults []error) {
	fault := func(i int, key, problem string, args ...any) {
		faults = append(faults, fmt.Errorf("lanes[%d].%s: %s", i, key, fmt.Sprintf(problem, args...)))
	}
	known := map[subscriptions.LaneID]bool{}
	if s.TelegramToken != "" {
		known[s.firstBot().lane()] = true
	}
	for i := range s.more {
		b := &s.more[i]
		b.more = true
		b.fill(s.firstBot())
		if b.Network != "telegram" {
			fault(i, "network", "%q: only telegram has several credentials", b.Network)
			continue
		}
		if err := b.readToken(); err != nil {
			fault(i, "token-file", "%v", err)
			continue
		}
		switch {
		case !plausibleToken(b.Token):
			fault(i, "token", "not of the form 123456:ABC…; copy it again from @BotFather")
		case known[b.lane()]:
			fault(i, "token", "the bot %s stands here twice", b.lane())
		}
		known[b.lane()] = true
		if err := s.paced(fmt.Sprintf("lanes[%d].rate", i), b.Rate, b.Paid); err != nil {
			faults = append(faults, err)
		}
		if b.InFlight < 1 || b.InFlight > 4096 {
			fault(i, "in-flight", "must be from 1 to 4096")
		}
		if b.Connections < 1 || b.Connections > b.InFlight {
			fault(i, "connections", "must be from 1 to in-flight")
		}
		if b.Canary != "" && !chatID(b.Canary) {
			fault(i, "canary", "not the id of a chat, such as 123456 or -1001234567890")
		}
	}
	return faults
}

func (b *credential) fill(usual credential) {
	if b.Rate == 0 {
		b.Rate = usual.Rate
	}
	if b.InFlight == 0 {
		b.InFlight = usual.InFlight
	}
	if b.Connections == 0 {
		b.Connections = min(b.InFlight, 64)
	}
}

func (b *credential) readToken() error {
	if b.TokenFile == "" {
		return nil
	}
	if b.Token != "" {
		return errors.New("there is a token as well: keep one of them")
	}
	var err error
	b.Token, err = tokenIn(b.TokenFile)
	return err
}

func tokenIn(file string) (string, error) {
	text, err := os.ReadFile(file)
	return strings.TrimSpace(string(text)), err
}

// fresh reads the token again, from its file: so a revoked one is replaced without a
// restart. Nil where it stands in no file.
func (b credential) fresh() func() (string, error) {
	if b.TokenFile == "" {
		return nil
	}
	return func() (string, error) { return tokenIn(b.TokenFile) }
}

// officialAPI is Telegram's own; what a rehearsal speaks to has limits of its own.
const officialAPI = "https://api.telegram.org"

// paced checks a pace: above the free one it needs the operator's word that it may
// cost something.
func (s *settings) paced(key string, perSecond float64, paid bool) error {
	official := strings.TrimSuffix(s.TelegramAPI, "/") == officialAPI
	switch {
	case !(perSecond > 0):
		return fmt.Errorf("%s: must be above 0", key)
	case paid && perSecond > telegram.PaidPace:
		return fmt.Errorf("%s: a paid broadcast goes at most at %d a second", key, telegram.PaidPace)
	case !paid && official && perSecond > telegram.FreePace:
		return fmt.Errorf("%s: above Telegram's free %d a second: lower it, or agree to pay with telegram-paid-broadcast", key, telegram.FreePace)
	}
	return nil
}

// fee is what a lane's network takes above its free pace.
func (s *settings) fee(lane subscriptions.LaneID) subscriptions.Fee {
	if b, ok := s.botOf(lane); ok && b.Paid {
		return subscriptions.Fee{Free: telegram.FreePace, Each: telegram.PaidEach, Unit: "Stars"}
	}
	return subscriptions.Fee{}
}

func (s *settings) botOf(lane subscriptions.LaneID) (credential, bool) {
	all := s.bots()
	i := slices.IndexFunc(all, func(b credential) bool { return b.lane() == lane })
	if i < 0 {
		return credential{}, false
	}
	return all[i], true
}
