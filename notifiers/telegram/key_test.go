package telegram_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"arifa/notifiers"
	"arifa/notifiers/telegram"
	"arifa/notifiers/telegram/telegramtest"
)

// A token that is refused is looked for where it came from. A new one of the same bot is
// used by everything at once, another bot's never, and neither is ever logged.
func TestARefusedTokenIsReplacedWithoutARestart(t *testing.T) {
	t.Parallel()
	const renewed, stranger = "7000000001:AAG-the-second-token-of-the-same-bot", "7000000009:AAH-a-token-of-another-bot-altogether"
	srv := telegramtest.Start(t, telegramtest.Config{Limits: &telegramtest.Limits{}, Token: token})
	srv.AddUser(5, "")
	if _, err := srv.Start(5, ""); err != nil {
		t.Fatal(err)
	}
	var file atomic.Value
	file.Store(token)
	var clock atomic.Int64
	log := &logged{}
	ch, err := telegram.New(telegram.Config{Token: token, API: srv.URL(), Connections: 8, Log: log.logger(),
		Now: func() time.Time { return time.Unix(1_735_873_440+clock.Add(2), 0) }, // so that each refusal looks again
		Fresh: func() (string, error) {
			if s := file.Load().(string); s != "" {
				return s, nil
			}
			return "", errors.New("no such file")
		}})
	if err != nil {
		t.Fatal(err)
	}
	send := func() error { _, err := ch.Send(t.Context(), message(5, "x")); return err }
	if err := send(); err != nil {
		t.Fatal(err)
	}
	if err := srv.Rotate(renewed); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, file string }{{"the old one", token}, {"no file", ""}, {"another bot's", stranger}, {"no token", "abc"}} {
		file.Store(c.file)
		for range 2 {
			if err := send(); !as[notifiers.Halt](err) {
				t.Errorf("%s: got %v, want a halt", c.name, err)
			}
		}
	}
	file.Store(renewed)
	if err := send(); !as[notifiers.Halt](err) {
		t.Errorf("the request that met the refusal: got %v, want a halt, which is probed", err)
	}
	if err := send(); err != nil {
		t.Errorf("with the new token: %v", err)
	}
	card := message(5, "many").Card
	many, err := ch.Prepare(card)
	if err != nil {
		t.Fatal(err)
	}
	m := message(5, "many")
	m.Prepared = many
	if _, err := ch.Send(t.Context(), m); err != nil {
		t.Errorf("a broadcast with the new token: %v", err)
	}
	if me, err := ch.Me(t.Context()); err != nil || me.Username != srv.Username() {
		t.Errorf("who we are: %v, %v", me, err)
	}
	for _, secret := range []string{token, renewed, stranger} {
		if strings.Contains(log.String(), secret[strings.IndexByte(secret, ':')+1:]) {
			t.Errorf("a token is in the log:\n%s", log.String())
		}
	}
}

// Who hears by polling hears again as soon as the new token lies where the old one came
// from, not when the pause after a refusal is over.
func TestHearingComesBackWithTheNewToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const renewed = "7000000001:AAG-the-second-token-of-the-same-bot"
		wire, file := newPipes(), atomic.Value{}
		file.Store(token)
		w := &world{log: &logged{}, store: open(t), talk: newTalk(nil)}
		w.srv = telegramtest.Start(t, telegramtest.Config{Limits: &telegramtest.Limits{}, Token: token, Listener: wire})
		w.ch = must[*telegram.Channel](t)(telegram.New(telegram.Config{Token: token, API: w.srv.URL(), Dial: wire.dial, Log: w.log.logger(),
			Fresh: func() (string, error) { return file.Load().(string), nil }}))
		w.cfg = telegram.EarsConfig{Inbox: w.store, Register: w.store, Conversation: w.talk, Reply: w.reply}
		run(t, w.ch.Ears(w.cfg))
		w.start(t, 5, 6)
		w.reads(t, 5, "heard")
		w.reads(t, 6, "heard")
		if err := w.srv.Rotate(renewed); err != nil {
			t.Fatal(err)
		}
		w.says(t, 5, "the poll under way ends, and the next ones are refused")
		time.Sleep(35*time.Second + 321*time.Millisecond)
		w.says(t, 6, "are you there") // the other chat waits for its answer
		file.Store(renewed)
		put := time.Now()
		w.reads(t, 6, "are you there")
		if took := time.Since(put); took > 2*time.Second {
			t.Errorf("it was heard %s after the new token was put in its place, want 2 s", took)
		}
		if n := strings.Count(w.log.String(), "refuses the token"); n < 1 || n > 5 {
			t.Errorf("the operator is told %d times in 40 s", n)
		}
		_ = wire.Close()
	})
}
