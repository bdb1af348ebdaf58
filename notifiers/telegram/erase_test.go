package telegram_test

import (
	"strings"
	"testing"

	"arifa/bot"
	"arifa/notifiers"
	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// What held a secret is taken out of the chat, also from one who writes too much to
// be answered; everything else stays, and no button takes a message away.
func TestWhatHeldASecretIsTakenAway(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(func(h bot.Heard) ([]wording.Card, error) {
		secret := strings.HasPrefix(h.Text, "12") || h.Choice != ""
		return []wording.Card{{Title: "heard " + h.Text + h.Choice, Erase: secret, Choices: [][]wording.Choice{{{Label: "Again", Data: "again"}}}}}, nil
	}))
	w.srv.AddUser(5, "en")
	w.srv.KeepText(5)
	must[int](t)(w.srv.Start(5, ""))
	w.listen(t)
	w.says(t, 5, "good morning")
	w.says(t, 5, "123456")
	m := w.reads(t, 5, "heard 123456")
	must[string](t)(w.srv.Press(5, m.ID, "again"))
	w.reads(t, 5, "heard again")
	for range 45 {
		w.says(t, 5, "hello")
	}
	w.says(t, 5, "127777")
	w.settled(t)
	eventually(t, "the secrets are gone", func() bool {
		return !strings.Contains(said(w.srv.Messages(5)), "|123456|") && !strings.Contains(said(w.srv.Messages(5)), "|127777|")
	})
	if got := said(w.srv.Messages(5)); !strings.Contains(got, "|good morning|") || !strings.Contains(got, "|heard 123456|") {
		t.Errorf("more than the secrets was taken away: %s", got)
	}
	hides(t, w.log.String(), "123456", "127777")
}

func said(ms []telegramtest.Message) string {
	out := "|"
	for _, m := range ms {
		out += m.Text + "|"
	}
	return out
}

// A message that is gone already is taken away; one that Telegram keeps is an error.
func TestErase(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(silent))
	w.start(t, 5)
	to := notifiers.Target{Address: subscriptions.AddressOf("5"), Kind: subscriptions.Person}
	sent := must[notifiers.Receipt](t)(w.ch.Send(t.Context(), message(5, "hello")))
	for range 2 {
		if err := w.ch.Erase(t.Context(), to, sent.Message); err != nil {
			t.Errorf("erase: %v", err)
		}
	}
	if err := w.ch.Erase(t.Context(), to, "x"); err == nil {
		t.Error("a message without a number was erased")
	}
	w.srv.Inject(telegramtest.Fault{Do: telegramtest.Fail, Code: 400, Text: "Bad Request: message can't be deleted for everyone", Methods: []string{"deleteMessage"}})
	if err := w.ch.Erase(t.Context(), to, "3"); err == nil {
		t.Error("what Telegram refused to take away counts as gone")
	}
}
