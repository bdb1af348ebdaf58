package telegram_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"arifa/bot"
	"arifa/notifiers/telegram"
	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// silent hears and says nothing.
func silent(bot.Heard) ([]wording.Card, error) { return nil, nil }

func TestWhatAPersonSays(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(silent))
	w.srv.AddUser(5, "SW-ke")
	must[int](t)(w.srv.Start(5, "kra-pay-tax"))
	long := strings.Repeat("🚌", 2048)
	for _, text := range []string{"/START notice-2025-0103-1", "/start@ArifaTestBot agency-kra", "/status@arifatestbot kra", "/status@OtherBot", "Ninaomba 👋🏾 stima", "@ArifaTestBot", "mail me@x.ke", long} {
		w.says(t, 5, text)
	}
	must[int](t)(w.srv.Forward(5, "Pay 0700 now"))
	must[int64](t)(w.srv.RawUpdate(`{"message":{"message_id":9,"date":1,"from":{"id":5},"chat":{"id":5,"type":"private"},"caption":"/status kra","photo":[]}}`))
	must[int64](t)(w.srv.RawUpdate(`{"message":{"message_id":9,"date":1,"from":{"id":5},"chat":{"id":5,"type":"private"},"sticker":{}}}`))
	must[int64](t)(w.srv.RawUpdate(`{"message":{"message_id":9,"date":1,"from":{"id":6,"is_bot":true},"chat":{"id":5,"type":"private"},"text":"a bot"}}`))
	w.listen(t)
	heard := w.talk.waitFor(t, 11)
	w.settled(t)
	type said struct {
		text, start string
		forwarded   bool
	}
	var got []said
	for _, h := range heard {
		got = append(got, said{h.Text, h.Start, h.Forwarded})
		if h.Kind != subscriptions.Person || h.Address.Reveal() != "5" || h.Lane != w.ch.Name() || h.Title != "" || h.At.IsZero() || h.Choice != "" || h.Named {
			t.Errorf("%q: heard as %+v", h.Text, h)
		}
	}
	want := []said{{"", "kra-pay-tax", false}, {"", "notice-2025-0103-1", false}, {"", "agency-kra", false}, {"/status kra", "", false},
		{"Ninaomba 👋🏾 stima", "", false}, {"@ArifaTestBot", "", false}, {"mail me@x.ke", "", false}, {long, "", false},
		{"Pay 0700 now", "", true}, {"/status kra", "", false}, {"", "", false}}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if heard[0].Language != "sw" || heard[10].Language != "" {
		t.Errorf("got languages %q and %q, want sw and none", heard[0].Language, heard[10].Language)
	}
	hides(t, w.log.String(), "Ninaomba", "0700")
}

func TestNobodyWaitsForWhoWeAre(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(silent))
	w.srv.Inject(telegramtest.Fault{Do: telegramtest.Hang, Methods: []string{"getMe"}})
	w.start(t, 5)
	w.says(t, 5, "STOP")
	w.listen(t)
	begun := time.Now()
	w.talk.waitFor(t, 2)
	if took := time.Since(begun); took > 9*time.Second {
		t.Errorf("STOP was heard after %v", took)
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	const owner, admin, member = 50, 51, 52
	w := setup(t, newTalk(silent), func(c *telegramtest.Config) { c.ReadsAll = true })
	w.srv.AddGroup(groupID, owner, admin)
	w.srv.AddMember(groupID, member)
	w.srv.SetTitle(groupID, "Wazee wa Jiji")
	sent := must[telegramMessage](t)(w.sent(t, groupID, "a notice"))
	for _, c := range []struct {
		by   int64
		text string
		to   int
	}{
		{member, "we talk among ourselves", 0}, {member, "/status", 0}, {admin, "/follow kra", 0}, {owner, "@ArifaTestBot stima", 0},
		{member, "and when?", sent.id}, {member, "/status@OtherBot", 0}, {owner, "/stop@ArifaTestBot", 0},
	} {
		w.says(t, groupID, c.text, telegramtest.By(c.by), telegramtest.ReplyTo(c.to))
	}
	w.listen(t)
	heard := w.talk.waitFor(t, 6)
	w.settled(t)
	type said struct {
		text         string
		named, admin bool
	}
	var got []said
	for _, h := range w.talk.all() {
		got = append(got, said{h.Text, h.Named, h.Admin})
	}
	want := []said{{"we talk among ourselves", false, false}, {"/status", false, false}, {"/follow kra", false, true}, {"stima", true, true},
		{"and when?", true, false}, {"/stop", true, true}}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if h := heard[0]; h.Kind != subscriptions.Group || h.Title != "Wazee wa Jiji" || h.Address.Reveal() != fmt.Sprint(groupID) {
		t.Errorf("got %+v", h)
	}
}

type telegramMessage struct{ id int }

// sent sends as the bot and returns the message's number.
func (w *world) sent(t *testing.T, chat int64, text string) (telegramMessage, error) {
	receipt, err := w.ch.Send(t.Context(), message(chat, text))
	var id int
	_, _ = fmt.Sscan(receipt.Message, &id)
	return telegramMessage{id}, err
}

func TestAnonymousAdministratorsAndChannelsInAGroup(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(silent))
	w.srv.AddGroup(groupID, 50)
	const body = `{"message":{"message_id":9,"date":1,"from":{"id":1087968824,"is_bot":true},"sender_chat":{"id":%d,"type":"%s"},"chat":{"id":%d,"type":"group"},"text":"/follow kra"}}`
	must[int64](t)(w.srv.RawUpdate(fmt.Sprintf(body, groupID, "group", groupID)))
	must[int64](t)(w.srv.RawUpdate(fmt.Sprintf(body, channelID, "channel", groupID)))
	w.listen(t)
	heard := w.talk.waitFor(t, 2)
	if !heard[0].Admin || heard[1].Admin {
		t.Errorf("got admin %v for the group itself and %v for a channel, want true and false", heard[0].Admin, heard[1].Admin)
	}
}

func TestWhoAdministratesIsAskedOnceAMinuteAndAgainAfterAChange(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(silent), func(c *telegramtest.Config) { c.ReadsAll = true })
	w.srv.AddGroup(groupID, 50)
	w.listen(t)
	w.says(t, groupID, "/status", telegramtest.By(50))
	w.talk.waitFor(t, 1)
	w.settled(t)
	w.srv.Inject(telegramtest.Fault{Do: telegramtest.Fail, Methods: []string{"getChatMember"}})
	w.says(t, groupID, "/status", telegramtest.By(50))
	if heard := w.talk.waitFor(t, 2); !heard[1].Admin {
		t.Error("what was answered a moment ago is asked again")
	}
	w.settled(t)
	w.srv.SetRights(groupID, telegramtest.Rights{Admin: true, Pin: true}) // something changed in the group
	w.says(t, groupID, "/status", telegramtest.By(50))
	eventually(t, "the failed question is told", func() bool { return strings.Contains(w.log.String(), "update not handled") })
	w.srv.ClearFaults()
	if heard := w.talk.waitFor(t, 3); !heard[2].Admin {
		t.Error("could not ask became no")
	}
}

func TestBlockedAndBack(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(silent))
	w.srv.AddChannel(channelID, telegramtest.FullRights(), 0)
	w.start(t, 5)
	w.listen(t)
	w.srv.Block(5)
	w.talk.wait(t, func(k *talk) bool { return slices.Equal(k.left, []string{"5"}) })
	w.srv.Unblock(5)
	w.talk.wait(t, func(k *talk) bool { return slices.Equal(k.back, []string{"5"}) })
	w.srv.Kick(channelID)
	w.talk.wait(t, func(k *talk) bool { return len(k.left) == 2 && k.left[1] == fmt.Sprint(channelID) })
	w.srv.SetRights(channelID, telegramtest.Rights{Admin: true})
	w.talk.wait(t, func(k *talk) bool { return len(k.back) == 2 && k.back[1] == fmt.Sprint(channelID) })
	eventually(t, "the missing rights are told", func() bool { return strings.Contains(w.log.String(), "may not post or edit") })
	if len(w.talk.all()) != 1 {
		t.Errorf("got %q, want the start alone: nothing is said in a channel", words(w.talk.all()))
	}
}

func TestWhoIsIn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ before, after, want string }{
		{`"status":"member"`, `"status":"kicked","until_date":0`, "left"},
		{`"status":"member"`, `"status":"left"`, "left"},
		{`"status":"member"`, `"status":"restricted","is_member":true`, "back"},
		{`"status":"member"`, `"status":"restricted","is_member":false`, "left"},
		{`"status":"restricted","is_member":false`, `"status":"member"`, "back and /start"},
		{`"status":"left"`, `"status":"administrator"`, "back and /start"},
		{`"status":"kicked"`, `"status":"restricted","is_member":true`, "back and /start"},
		{`"status":"a status of next year"`, `"status":"member"`, "back"},
		{`"status":"member"`, `"status":"a status of next year"`, "laid aside"},
	} {
		talk := newTalk(silent)
		ears := deaf(t, talk)
		in := must[subscriptions.Incoming](t)(ears.Take([]byte(fmt.Sprintf(
			`{"update_id":1,"my_chat_member":{"chat":{"id":-4,"type":"group"},"from":{"id":5},"old_chat_member":{%s},"new_chat_member":{%s}}}`, c.before, c.after))))
		err := ears.Apply(t.Context(), in)
		got := strings.Repeat("left", len(talk.left)) + strings.Repeat("back", len(talk.back))
		for _, text := range words(talk.heard) {
			got += " and " + text
		}
		if errors.Is(err, telegram.ErrUndecodable) {
			got += "laid aside"
		}
		if got != c.want {
			t.Errorf("%s, then %s: got %q (%v), want %q", c.before, c.after, got, err, c.want)
		}
	}
}

func TestIntroducedWhenAddedToAGroup(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(func(h bot.Heard) ([]wording.Card, error) {
		return []wording.Card{{Lines: []string{"only @ArifaTestBot speaks for us here; heard " + h.Text}}}, nil
	}))
	w.srv.AddGroup(groupID, 50)
	w.srv.Kick(groupID)
	w.srv.SetRights(groupID, telegramtest.Rights{})
	w.srv.SetRights(groupID, telegramtest.FullRights()) // a promotion says nothing
	w.listen(t)
	w.reads(t, groupID, "only @ArifaTestBot speaks for us here; heard /start")
	w.settled(t)
	if heard := w.talk.all(); len(heard) != 1 || heard[0].Kind != subscriptions.Group || heard[0].Title == "" || heard[0].Admin {
		t.Errorf("got %+v, want one start of the group", heard)
	}
}

func TestAGroupThatMoved(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	w.srv.AddGroup(groupID, 50)
	saved := w.remembers(t, groupID, subscriptions.Group)
	to := w.srv.Migrate(groupID)
	w.listen(t)
	eventually(t, "the recipient lives at the new address", func() bool {
		r, err := w.store.Recipient(t.Context(), w.ch.Name(), subscriptions.AddressOf(fmt.Sprint(to)))
		return err == nil && r.ID == saved.ID
	})
	w.settled(t)
}

func (w *world) remembers(t *testing.T, chat int64, kind subscriptions.RecipientKind) subscriptions.Recipient {
	t.Helper()
	return must[subscriptions.Recipient](t)(w.store.SaveRecipient(t.Context(), subscriptions.Recipient{
		Lane: w.ch.Name(), Address: subscriptions.AddressOf(fmt.Sprint(chat)), Kind: kind, Language: "en", CreatedAt: time.Now().UTC().Truncate(time.Millisecond)}))
}

func TestButtons(t *testing.T) {
	t.Parallel()
	card := func(line, data string, replace bool) wording.Card {
		return wording.Card{Lines: []string{line}, Choices: [][]wording.Choice{{{Label: "Next", Data: data}}}, Replace: replace}
	}
	w := setup(t, newTalk(func(h bot.Heard) ([]wording.Card, error) {
		switch h.Choice {
		case "agencies 1":
			return []wording.Card{card("page 2", "agencies 2", true)}, nil
		case "agencies 2":
			return []wording.Card{card("a new message", "home", false)}, nil
		}
		return []wording.Card{card("page 1", "agencies 1", false)}, nil
	}))
	w.start(t, 5)
	w.listen(t)
	first := w.reads(t, 5, "page 1")
	query := must[string](t)(w.srv.Press(5, first.ID, "agencies 1"))
	if second := w.reads(t, 5, "page 2"); second.ID != first.ID || !second.Edited {
		t.Errorf("the page was turned in message %d, want %d edited", second.ID, first.ID)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := w.srv.WaitForAnswer(ctx, query); err != nil {
		t.Errorf("the wheel still turns: %v", err)
	}
	must[string](t)(w.srv.Press(5, first.ID, "agencies 2"))
	if third := w.reads(t, 5, "a new message"); third.ID == first.ID {
		t.Error("what is no page was put in the place of one")
	}
	heard := w.talk.all()[1]
	if heard.Choice != "agencies 1" || !heard.Named || heard.Kind != subscriptions.Person || heard.Language != "sw" || heard.Address.Reveal() != "5" {
		t.Errorf("got %+v", heard)
	}
}

func TestAPageThatCannotBeTurnedIsANewMessage(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(func(bot.Heard) ([]wording.Card, error) {
		return []wording.Card{{Lines: []string{"page 2"}, Replace: true}}, nil
	}))
	w.start(t, 5)
	for i, pressed := range []string{
		`"message":{"message_id":999,"date":1,"chat":{"id":5,"type":"private"}},`, // deleted
		`"message":{"message_id":3,"date":0,"chat":{"id":5,"type":"private"}},`,   // inaccessible
		``, // a button of an inline message
	} {
		must[int64](t)(w.srv.RawUpdate(fmt.Sprintf(`{"callback_query":{"id":"1%d","from":{"id":5},%s"data":"agencies %d"}}`, i, pressed, i)))
	}
	w.listen(t)
	w.talk.waitFor(t, 4)
	w.settled(t)
	if n := len(w.srv.Messages(5)); n != 4 {
		t.Errorf("got %d messages, want the start's and 3 new ones", n)
	}
}

func TestButtonsInGroupsAndChannels(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(silent))
	w.srv.AddGroup(groupID, 50)
	w.srv.AddMember(groupID, 52)
	const body = `{"callback_query":{"id":"1","from":{"id":%d},"message":{"message_id":3,"date":1,"chat":{"id":%d,"type":"%s"}},"data":"follow kra"}}`
	must[int64](t)(w.srv.RawUpdate(fmt.Sprintf(body, 50, groupID, "group")))
	must[int64](t)(w.srv.RawUpdate(fmt.Sprintf(body, 52, groupID, "group")))
	must[int64](t)(w.srv.RawUpdate(fmt.Sprintf(body, 50, channelID, "channel")))
	w.listen(t)
	heard := w.talk.waitFor(t, 2)
	w.settled(t)
	if len(w.talk.all()) != 2 || !heard[0].Admin || heard[1].Admin || heard[0].Kind != subscriptions.Group {
		t.Errorf("got %+v, want an administrator and a member of the group", w.talk.all())
	}
}
