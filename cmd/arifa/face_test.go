package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

// An officer ties her chat to herself with a one-time code, and is called there
// when a promise falls due; a stranger with a wrong code is not.
func TestOfficerLinksHerChat(t *testing.T) {
	t.Parallel()
	c := newCrash(t, filepath.Join(t.TempDir(), "arifa.db"))
	for _, id := range []int64{500, 501} {
		c.net.AddUser(id, "en")
		c.net.KeepText(id)
		if _, err := c.net.Start(id, ""); err != nil {
			t.Fatal(err)
		}
	}
	code, err := c.office.desk.StartLink(t.Context(), c.office.actor, c.office.actor.Officer.ID, c.app.now())
	if err != nil {
		t.Fatal(err)
	}
	p := serveProgram(t, c.net, c.database)
	say := func(id int64, text, want string) {
		t.Helper()
		if _, err := c.net.Say(id, text); err != nil {
			t.Fatal(err)
		}
		if _, err := c.net.WaitFor(t.Context(), id, func(m telegramtest.Message) bool { return strings.Contains(m.Text, want) }); err != nil {
			t.Fatalf("%q did not lead to %q: %v\n%s", text, want, err, p.log.String())
		}
	}
	say(501, "/link WRONG123", "Not linked")
	say(500, "/link "+code, "Linked")
	say(501, "/link "+code, "used")
	o, err := c.office.store.OfficerBy(t.Context(), subscriptions.Identity{Provider: "telegram", Subject: "500"})
	if err != nil || o.ID != c.office.actor.Officer.ID {
		t.Errorf("the chat belongs to officer %d (%v), want %d", o.ID, err, c.office.actor.Officer.ID)
	}
	if strings.Contains(p.log.String(), code) {
		t.Error("the one-time code is in the log")
	}
}

// Who guesses codes is stopped after a few, without a line on the audit record
// for each, and tried again later.
func TestGuessingLinkCodesIsStopped(t *testing.T) {
	t.Parallel()
	var tr tries
	chat, now := subscriptions.AddressOf("500"), time.Date(2025, 1, 3, 6, 0, 0, 0, time.UTC)
	for i := range linkTries {
		if tr.over(chat, now) {
			t.Fatalf("try %d was stopped, want %d allowed", i+1, linkTries)
		}
	}
	if !tr.over(chat, now.Add(time.Minute)) {
		t.Error("one try too many was let through")
	}
	if tr.over(subscriptions.AddressOf("501"), now) {
		t.Error("another chat was stopped")
	}
	if tr.over(chat, now.Add(time.Minute+linkWindow)) {
		t.Error("a quarter of an hour later it is still stopped")
	}
}

// Every call of an officer says what happened and what to type.
func TestEveryCallSaysWhatToDo(t *testing.T) {
	t.Parallel()
	c := newCrash(t, filepath.Join(t.TempDir(), "arifa.db"))
	v, err := newService(t.Context(), c.app.settings, c.office.store, discard(), c.app.now, tempo{owner: "test"})
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []desk.EventKind{desk.EventBroken, desk.EventStopIt, desk.EventApprove, desk.EventReminder, desk.EventOverdue,
		desk.EventConfirm, desk.EventSuspected, desk.EventExpired, desk.EventChange, desk.EventPlannedEnd, desk.EventAlone} {
		card := v.callCard(desk.Event{Kind: kind, Agency: "kra", Incident: 3, Key: "2025-0103-1", Due: time.Date(2025, 1, 3, 8, 0, 0, 0, time.UTC)})
		if card.Title == "" || len(card.Lines) == 0 || !strings.HasPrefix(card.Lines[0], "arifa ") {
			t.Errorf("%s: %+v does not say what to type", kind, card)
		}
	}
	card := v.callCard(desk.Event{Kind: desk.EventReminder, Incident: 3, Due: time.Date(2025, 1, 3, 8, 0, 0, 0, time.UTC)})
	if !strings.Contains(card.Title, "11:00") {
		t.Errorf("%q does not tell the time of Nairobi", card.Title)
	}
}
