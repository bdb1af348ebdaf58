package main

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"arifa/notifiers"
	"arifa/notifiers/telegram"
	"arifa/subscriptions"
)

func (s *settings) telegram() (faults []error) {
	if t := s.TelegramToken; t != "" && !plausibleToken(t) {
		faults = append(faults, errors.New("telegram-token: not of the form 123456:ABC…; copy it again from @BotFather"))
	}
	if u, err := url.Parse(s.TelegramAPI); err != nil || u.Host == "" {
		faults = append(faults, errors.New("telegram-api: not an address such as https://api.telegram.org"))
	}
	if fault := s.paced("telegram-rate", s.TelegramRate, s.TelegramPaidBroadcast); fault != nil {
		faults = append(faults, fault)
	}
	if c := s.TelegramCanary; c != "" && !chatID(c) {
		faults = append(faults, errors.New("telegram-canary: not the id of a chat, such as 123456 or -1001234567890"))
	}
	if s.TelegramInFlight < 1 || s.TelegramInFlight > 4096 {
		faults = append(faults, errors.New("telegram-in-flight: must be from 1 to 4096"))
	}
	if s.TelegramConnections < 0 || s.TelegramConnections > s.TelegramInFlight {
		faults = append(faults, errors.New("telegram-connections: must be from 1 to telegram-in-flight"))
	}
	if s.TelegramMode == "webhook" && s.TelegramToken != "" {
		if s.TelegramWebhookSecret == "" {
			faults = append(faults, errors.New("telegram-webhook-secret: empty; webhook mode needs one, so that nobody else can speak as Telegram"))
		} else if strings.Trim(s.TelegramWebhookSecret, secretLetters) != "" || len(s.TelegramWebhookSecret) > 256 {
			faults = append(faults, errors.New("telegram-webhook-secret: use 1 to 256 of A-Z a-z 0-9 _ - only"))
		}
		if s.PublicURL == "" {
			faults = append(faults, errors.New("public-url: empty; webhook mode needs the address that Telegram is to call"))
		}
	}
	return faults
}

const secretLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

func plausibleToken(t string) bool {
	id, rest, ok := strings.Cut(t, ":")
	return ok && id != "" && strings.Trim(id, "0123456789") == "" && len(rest) >= 16 && strings.Trim(rest, secretLetters) == ""
}

// lane is the lane of the bot whose token is set: rotating the token keeps it.
func (s *settings) telegramLane() string {
	id, _, _ := strings.Cut(s.TelegramToken, ":")
	return "telegram:" + id
}

// telegram is the bot of the settings, for asking Telegram.
func (a *app) telegram() (*telegram.Channel, error) {
	if a.TelegramToken == "" {
		return nil, usagef("telegram-token: empty; set TELEGRAM_TOKEN to the bot's token")
	}
	return a.asBot(a.firstBot())
}

// asBot is one bot, for asking Telegram.
func (a *app) asBot(b credential) (*telegram.Channel, error) {
	return telegram.New(telegram.Config{Token: b.Token, API: a.TelegramAPI, Connections: b.Connections, Log: a.log, Now: a.now})
}

// telegramNetwork introduces the bot of the settings; nil = none is configured.
func telegramNetwork(_ context.Context, v *service, t tempo) (*network, error) {
	if v.TelegramToken == "" {
		return nil, nil
	}
	return v.botNetwork(v.firstBot(), t)
}

// botNetwork introduces one bot.
func (v *service) botNetwork(b credential, t tempo) (*network, error) {
	ch, err := telegram.New(telegram.Config{Token: b.Token, Fresh: b.fresh(), API: v.TelegramAPI, Connections: b.Connections, Paid: b.Paid, Log: v.log, Now: v.now})
	if err != nil {
		return nil, err
	}
	n := &network{label: "Telegram", more: b.more, lane: notifiers.Lane{Channel: ch, Rate: b.Rate, InFlight: b.InFlight, Senders: b.Connections,
		ChatEvery: t.chatEvery, GroupPerMinute: t.groupPerMinute, Canary: b.canary()}}
	var username atomic.Pointer[string]
	n.account = func() string {
		if name := username.Load(); name != nil {
			return *name
		}
		return ""
	}
	n.start = func() {
		webhook := v.TelegramMode == "webhook" && !b.more
		var conversation telegram.Conversation = face{v.talk, v.office}
		if b.more { // officers are known to the first bot, which may write to them
			conversation = v.talk
		}
		ears := ch.Ears(telegram.EarsConfig{Inbox: v.store, Register: v.store, Conversation: conversation, Owned: n.owns.Load, Reply: v.replyOn(n),
			Webhook: webhook, Secret: v.TelegramWebhookSecret, Address: v.PublicURL, Profile: v.telegramProfile()})
		if webhook {
			v.pages.Handle(telegram.WebhookPath, ears.Hook())
		}
		n.deaf, n.asks = ears.Deaf, !webhook
		n.run = append(n.run, ears.Run, func(ctx context.Context) error { return learnName(ctx, ch, &username) })
	}
	return n, nil
}

func (v *service) telegramProfile() telegram.Profile {
	p := telegram.Profile{Languages: v.library.effective().Languages, Commands: v.talk.Commands,
		Description: map[subscriptions.Language]string{}, Short: map[subscriptions.Language]string{}}
	for _, l := range p.Languages {
		p.Description[l], p.Short[l] = v.talk.Introduction(l)
	}
	return p
}

// learnName asks until Telegram has told our account's name.
func learnName(ctx context.Context, ch *telegram.Channel, into *atomic.Pointer[string]) error {
	wait := time.Second
	for {
		if me, err := ch.Me(ctx); err == nil {
			into.Store(&me.Username)
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
			wait = min(2*wait, time.Minute)
		}
	}
}
