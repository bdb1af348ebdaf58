package main

import (
	"path/filepath"
	"strings"
	"testing"

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
