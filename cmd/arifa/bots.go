package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"arifa/notifiers"
	"arifa/notifiers/telegram"
	"arifa/subscriptions"
)

// credential is one bot of Telegram: that of the settings, or an entry of the file's
// lanes: list. Each is a lane with a budget of its own.
type credential struct {
	Token       string
	TokenFile   string // where it came from; empty = a flag or a variable
	Rate        float64
	InFlight    int
	Connections int
	Paid        bool
	Canary      string

	more bool // it stands in the list
}

// firstBot is the bot of the settings.
func (s *settings) firstBot() credential {
	return credential{Token: s.TelegramToken, TokenFile: s.TelegramTokenFile, Rate: s.TelegramRate, InFlight: s.TelegramInFlight, Connections: s.connections(),
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

// fresh reads the token again, from its file: so a revoked one is replaced without a
// restart. Nil where it came from no file.
func (b credential) fresh() func() (string, error) {
	if b.TokenFile == "" {
		return nil
	}
	return func() (token string, err error) {
		err = fromFile(b.TokenFile, &token)
		return token, err
	}
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

// botFrom makes a bot of an entry of the list: what is left out is as the settings say.
func (s *settings) botFrom(e laneEntry, fault func(key, problem string, args ...any)) (b credential, ok bool) {
	usual := s.firstBot()
	b = credential{Token: e.Token, TokenFile: e.TokenFile, Rate: e.Rate, InFlight: e.InFlight, Connections: e.Connections, Paid: e.Paid, Canary: e.Canary, more: true}
	if err := fromFile(e.TokenFile, &b.Token); err != nil {
		fault("token-file", "%v", err)
		return b, false
	}
	if b.Rate == 0 {
		b.Rate = usual.Rate
	}
	if b.InFlight == 0 {
		b.InFlight = usual.InFlight
	}
	if b.Connections == 0 {
		b.Connections = min(b.InFlight, 64)
	}
	if !plausibleToken(b.Token) {
		fault("token", "not of the form 123456:ABC…; copy it again from @BotFather")
	}
	if err := s.paced("rate", b.Rate, b.Paid); err != nil {
		_, problem, _ := strings.Cut(err.Error(), ": ")
		fault("rate", "%s", problem)
	}
	if b.InFlight < 1 || b.InFlight > 4096 {
		fault("in-flight", "must be from 1 to 4096")
	}
	if b.Connections < 1 || b.Connections > b.InFlight {
		fault("connections", "must be from 1 to in-flight")
	}
	if b.Canary != "" && !chatID(b.Canary) {
		fault("canary", "not the id of a chat, such as 123456 or -1001234567890")
	}
	return b, true
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
