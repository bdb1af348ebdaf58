package telegram_test

import (
	"slices"
	"testing"
	"time"

	"arifa/bot"
	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
	"arifa/subscriptions/wording"
)

// index finds in the real catalogue what people type.
type index struct{ *catalogue.Index }

func (x index) Search(query string, limit int) (found []bot.Found) {
	for _, h := range x.Index.Search(query, limit) {
		found = append(found, bot.Found{Service: h.Service, Agency: h.Agency, Platform: h.Platform, Score: h.Score})
	}
	return found
}

// real puts the real conversation and catalogue in place of the recording one.
func (w *world) real(t *testing.T) {
	t.Helper()
	nation := must[*subscriptions.Nation](t)(catalogue.Kenya())
	speaker := must[*wording.Speaker](t)(wording.NewSpeaker())
	w.cfg.Conversation = bot.New(bot.Config{Register: w.store, Bulletins: w.store, Nation: func() *subscriptions.Nation { return nation },
		Search: index{catalogue.NewIndex(nation)}, Speaker: speaker, BotName: func(subscriptions.LaneID) string { return w.srv.Username() }, Log: w.log.logger()})
}

func (w *world) presses(t *testing.T, chat int64, m telegramtest.Message, label string, how ...telegramtest.Option) {
	t.Helper()
	b, ok := m.Button(label)
	if !ok {
		t.Fatalf("no button %q under:\n%s\n%+v", label, m.Text, m.Buttons)
	}
	must[string](t)(w.srv.Press(chat, m.ID, b.Data, how...))
}

// follows are the scopes that a chat follows in the store.
func (w *world) follows(t *testing.T, chat int64) (scopes []subscriptions.Scope) {
	t.Helper()
	r := must[subscriptions.Recipient](t)(w.store.Recipient(t.Context(), w.ch.Name(), message(chat).To.Address))
	for _, f := range must[[]subscriptions.Follow](t)(w.store.Follows(t.Context(), r.ID, time.Now())) {
		scopes = append(scopes, f.Scope)
	}
	return scopes
}

func TestACitizenFollowsAndLeaves(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	w.real(t)
	w.start(t, 5)
	w.listen(t)
	w.presses(t, 5, w.reads(t, 5, "Karibu"), "Kiswahili")
	w.settled(t)
	w.says(t, 5, "stima")
	w.presses(t, 5, w.reads(t, 5, "Tokeni za umeme"), "Fuatilia")
	w.settled(t)
	if got := w.follows(t, 5); !slices.Equal(got, []subscriptions.Scope{"service:kplc-tokens"}) {
		t.Errorf("got %q followed, want the tokens", got)
	}
	gone := func() bool {
		r, err := w.store.Recipient(t.Context(), w.ch.Name(), message(5).To.Address)
		return err == nil && !r.GoneAt.IsZero()
	}
	w.srv.Block(5)
	eventually(t, "who blocked us is gone", gone)
	w.srv.Unblock(5)
	eventually(t, "who unblocked us is back", func() bool { return !gone() })
	must[int](t)(w.srv.Start(5, "kra-pay-tax"))
	w.reads(t, 5, "KRA")
	w.says(t, 5, "ONDOKA")
	w.reads(t, 5, "Tayari")
	w.settled(t)
	if got := w.follows(t, 5); len(got) != 0 {
		t.Errorf("got %q followed after ONDOKA", got)
	}
	hides(t, w.log.String(), "stima", "ONDOKA")
}

func TestAGroupFollowsWhatItsAdministratorsChoose(t *testing.T) {
	t.Parallel()
	const owner, member = 50, 52
	w := setup(t, newTalk(nil), func(c *telegramtest.Config) { c.ReadsAll = true })
	w.real(t)
	w.srv.AddGroup(groupID, owner)
	w.srv.AddMember(groupID, member)
	w.srv.Kick(groupID)
	w.srv.SetRights(groupID, telegramtest.Rights{})
	w.listen(t)
	w.reads(t, groupID, "Only @ArifaTestBot speaks for us here.")
	w.says(t, groupID, "good conduct", telegramtest.By(member))
	w.says(t, groupID, "/follow kra-pay-tax", telegramtest.By(member))
	w.reads(t, groupID, "Only an administrator of this group can change that")
	w.says(t, groupID, "/follow kra-pay-tax", telegramtest.By(owner))
	w.settled(t)
	if got := w.follows(t, groupID); !slices.Equal(got, []subscriptions.Scope{"service:kra-pay-tax"}) {
		t.Errorf("got %q followed, want what the owner chose", got)
	}
	if n := w.srv.Stats().Accepted; n != 3 {
		t.Errorf("got %d messages in the group, want 3: it may talk among itself", n)
	}
}
