package telegram

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"arifa/bot"
	"arifa/subscriptions"
)

// Limits of a profile, core.telegram.org/bots/api#setmydescription,
// #setmyshortdescription and #setmycommands; in characters.
const (
	maxDescription = 512
	maxShort       = 120
	maxCommands    = 100
	maxCommandText = 256
)

var commandName = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)

// Profile is what Telegram shows of the bot, in each language; the first is what
// people of any other language see.
type Profile struct {
	Languages   []subscriptions.Language
	Description map[subscriptions.Language]string
	Short       map[subscriptions.Language]string
	Commands    func(subscriptions.Language) []bot.Command
}

// introduce sets commands, descriptions and how updates arrive. It repeats until
// Telegram has taken all of it, and never holds up listening.
func (e *Ears) introduce(ctx context.Context) {
	for wait := e.waits.profile; ; wait = min(2*wait, time.Minute) {
		if e.Owned() {
			err := e.tell(ctx)
			if err == nil || ctx.Err() != nil {
				return
			}
			e.log.Warn("profile not set yet", "error", err)
			var r *refusal
			if errors.As(err, &r) && r.retryAfter > 0 {
				wait = r.pause()
			}
		}
		if !pause(ctx, wait) {
			return
		}
	}
}

// tell sets what is not set already: Telegram lets a profile be changed a few times
// a day only, so a start that changes nothing must cost nothing.
func (e *Ears) tell(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := e.arrival(ctx); err != nil {
		return asked(err, e.channel.key.Load().token)
	}
	for i, l := range e.Profile.Languages {
		code := string(l)
		if i == 0 {
			code = ""
		}
		for _, set := range []func(context.Context, subscriptions.Language, string) error{e.tellCommands, e.tellDescription, e.tellShort} {
			if err := set(ctx, l, code); err != nil {
				return asked(err, e.channel.key.Load().token)
			}
		}
	}
	return nil
}

// arrival sets the webhook, or takes one away that would refuse polling with 409.
func (e *Ears) arrival(ctx context.Context) error {
	if e.Webhook {
		_, err := e.channel.key.Load().api.SetWebhook(ctx, &tg.SetWebhookParams{
			URL: strings.TrimSuffix(e.Address, "/") + WebhookPath, SecretToken: e.Secret, AllowedUpdates: heardKinds, MaxConnections: 40})
		return err
	}
	info, err := e.channel.key.Load().api.GetWebhookInfo(ctx)
	if err != nil || info.URL == "" {
		return err
	}
	e.log.Info("taking away a webhook that stands in the way of polling")
	_, err = e.channel.key.Load().api.DeleteWebhook(ctx, &tg.DeleteWebhookParams{})
	return err
}

func (e *Ears) tellCommands(ctx context.Context, l subscriptions.Language, code string) error {
	if e.Profile.Commands == nil {
		return nil
	}
	var want []models.BotCommand
	for _, c := range e.Profile.Commands(l) {
		if text := cut(c.Description, maxCommandText); commandName.MatchString(c.Name) && text != "" && len(want) < maxCommands {
			want = append(want, models.BotCommand{Command: c.Name, Description: text})
		}
	}
	is, err := e.channel.key.Load().api.GetMyCommands(ctx, &tg.GetMyCommandsParams{LanguageCode: code})
	if err != nil || slices.Equal(is, want) {
		return err
	}
	_, err = e.channel.key.Load().api.SetMyCommands(ctx, &tg.SetMyCommandsParams{Commands: want, LanguageCode: code})
	return err
}

func (e *Ears) tellDescription(ctx context.Context, l subscriptions.Language, code string) error {
	want := cut(e.Profile.Description[l], maxDescription)
	is, err := e.channel.key.Load().api.GetMyDescription(ctx, &tg.GetMyDescriptionParams{LanguageCode: code})
	if err != nil || is.Description == want {
		return err
	}
	_, err = e.channel.key.Load().api.SetMyDescription(ctx, &tg.SetMyDescriptionParams{Description: want, LanguageCode: code})
	return err
}

func (e *Ears) tellShort(ctx context.Context, l subscriptions.Language, code string) error {
	want := cut(e.Profile.Short[l], maxShort)
	is, err := e.channel.key.Load().api.GetMyShortDescription(ctx, &tg.GetMyShortDescriptionParams{LanguageCode: code})
	if err != nil || is.ShortDescription == want {
		return err
	}
	_, err = e.channel.key.Load().api.SetMyShortDescription(ctx, &tg.SetMyShortDescriptionParams{ShortDescription: want, LanguageCode: code})
	return err
}

// cut shortens to at most n characters, counted in UTF-16 units to be safe, and
// never inside one.
func cut(s string, n int) string {
	units := 0
	for i, r := range s {
		if units += max(1, utf16.RuneLen(r)); units > n {
			return s[:i]
		}
	}
	return s
}
