package telegram_test

import (
	"strings"
	"testing"
	"time"

	"arifa/bot"
	"arifa/notifiers/telegram"
	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

func TestTheProfileIsToldInEveryLanguage(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	var many []bot.Command
	for _, name := range []string{"status", "Not_ok", "", strings.Repeat("a", 33)} {
		many = append(many, bot.Command{Name: name, Description: "what it does"})
	}
	many = append(many, bot.Command{Name: "mine"}, bot.Command{Name: "pay", Description: strings.Repeat("🚌", 300)})
	for i := range 120 {
		many = append(many, bot.Command{Name: "c" + strings.Repeat("x", i%30) + string(rune('a'+i/30)), Description: "d"})
	}
	w.cfg.Profile = telegram.Profile{Languages: []subscriptions.Language{"en", "sw"},
		Commands: func(l subscriptions.Language) []bot.Command {
			if l == "en" {
				return many
			}
			return []bot.Command{{Name: "hali", Description: "hali ya huduma"}}
		},
		Description: map[subscriptions.Language]string{"en": strings.Repeat("é", 600), "sw": "Arifa"},
		Short:       map[subscriptions.Language]string{"en": "short", "sw": strings.Repeat("🚌", 100)}}
	w.srv.Inject(telegramtest.Fault{Do: telegramtest.Fail, Methods: []string{"setMyDescription"}, Times: 1})
	_, stop := w.listen(t)
	eventually(t, "all of it is told", func() bool { return w.srv.ProfileText("short_description", "sw") != "" })
	stop()
	en := w.srv.Commands("default", "")
	if len(en) != 100 || en[0].Command != "status" || en[1].Command != "pay" || en[1].Description != strings.Repeat("🚌", 128) {
		t.Errorf("got %d commands %+v", len(en), en[:2])
	}
	if sw := w.srv.Commands("default", "sw"); len(sw) != 1 || sw[0].Command != "hali" {
		t.Errorf("got %+v", sw)
	}
	for what, want := range map[string]string{"description ": strings.Repeat("é", 512), "description sw": "Arifa", "short_description ": "short", "short_description sw": strings.Repeat("🚌", 60)} {
		name, language, _ := strings.Cut(what, " ")
		if got := w.srv.ProfileText(name, language); got != want {
			t.Errorf("%s: got %d bytes, want %d", what, len(got), len(want))
		}
	}
	// Telegram lets a profile be changed a few times a day: a second start changes nothing.
	w.srv.Inject(telegramtest.Fault{Do: telegramtest.Fail, Methods: []string{"setMyCommands", "setMyDescription", "setMyShortDescription"}})
	before := len(w.log.String())
	_, stop = w.listen(t)
	time.Sleep(100 * time.Millisecond)
	stop()
	if log := w.log.String()[before:]; strings.Contains(log, "profile not set yet") {
		t.Errorf("what was set already is set again: %s", log)
	}
}

func TestCutNeverCutsALetter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		s, want string
		n       int
	}{{"abc", "abc", 3}, {"abcd", "abc", 3}, {"🚌🚌", "🚌", 3}, {"é\xff", "é\xff", 2}, {"", "", 0}} {
		if got := telegram.CutTo(c.s, c.n); got != c.want {
			t.Errorf("%q to %d: got %q, want %q", c.s, c.n, got, c.want)
		}
	}
}
