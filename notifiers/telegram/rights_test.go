package telegram_test

import (
	"strconv"
	"strings"
	"testing"

	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

func TestAChannelMustLetUsPostEditAndNobodyComment(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		rights telegramtest.Rights
		linked int64
		faults []string
	}{
		{"everything", telegramtest.FullRights(), 0, nil},
		{"comments", telegramtest.FullRights(), groupID, []string{"can comment"}},
		{"no post", telegramtest.Rights{Admin: true, Edit: true}, 0, []string{"may not post"}},
		{"no edit", telegramtest.Rights{Admin: true, Post: true}, 0, []string{"may not edit"}},
		{"nothing, and comments", telegramtest.Rights{Admin: true}, groupID, []string{"can comment", "may not post", "may not edit"}},
		{"no administrator", telegramtest.Rights{}, 0, []string{"no administrator"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			srv := telegramtest.Start(t, telegramtest.Config{Token: token})
			srv.AddChannel(channelID, c.rights, c.linked)
			srv.SetUsername(channelID, "ArifaKenya")
			srv.SetTitle(channelID, "Arifa Kenya")
			for _, name := range []string{"@arifakenya", strconv.Itoa(channelID)} {
				p, err := channelTo(t, srv.URL(), &logged{}).Place(t.Context(), name)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if p.Address.Reveal() != strconv.Itoa(channelID) || p.Kind != subscriptions.Channel || p.Title != "Arifa Kenya" || p.Link != "@ArifaKenya" {
					t.Errorf("%s: got %+v", name, p)
				}
				if len(p.Faults) != len(c.faults) {
					t.Fatalf("%s: got %q, want %q", name, p.Faults, c.faults)
				}
				for i, want := range c.faults {
					if !strings.Contains(p.Faults[i], want) || !strings.Contains(p.Faults[i], ":") {
						t.Errorf("%s: got %q, want %q and what to do", name, p.Faults[i], want)
					}
				}
			}
		})
	}
}

func TestOtherPlaces(t *testing.T) {
	t.Parallel()
	srv := telegramtest.Start(t, telegramtest.Config{Token: token})
	srv.AddUser(5, "en")
	must[int](t)(srv.Start(5, ""))
	srv.AddGroup(groupID, 5)
	srv.AddChannel(channelID, telegramtest.FullRights(), 0)
	srv.SetUsername(channelID, "ArifaKenya")
	srv.Kick(channelID)
	ch := channelTo(t, srv.URL(), &logged{})
	if p, err := ch.Place(t.Context(), strconv.Itoa(groupID)); err != nil || p.Kind != subscriptions.Group || len(p.Faults) != 0 {
		t.Errorf("a group: got %+v, %v", p, err)
	}
	if p, err := ch.Place(t.Context(), "@ArifaKenya"); err != nil || len(p.Faults) != 1 {
		t.Errorf("a public channel that put us out: got %+v, %v, want a fault", p, err)
	}
	for name, want := range map[string]string{"@nobody": "administrator first", "-100999": "administrator first", "5": "private chat", "arifa": "neither @name nor an id", "": "neither"} {
		if _, err := ch.Place(t.Context(), name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", name, err, want)
		}
	}
	srv.Revoke()
	if _, err := ch.Place(t.Context(), "@ArifaKenya"); err == nil || strings.Contains(err.Error(), "administrator") {
		t.Errorf("a dead token: got %v; could not ask is not no", err)
	}
}
