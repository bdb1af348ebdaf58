package main

import (
	"path/filepath"
	"strings"
	"testing"

	"arifa/notifiers/telegram/telegramtest"
)

// A public channel of Telegram: one where people may comment, or where we may not
// post, is refused; one that is sound gets what is open, once; doctor looks again.
func TestTelegramChannels(t *testing.T) {
	t.Parallel()
	const channel, group, at = -1002100000001, -1002100000002, "@arifa_news"
	srv := newNetwork(t)
	srv.AddGroup(group)
	srv.AddChannel(channel, telegramtest.FullRights(), group)
	srv.SetUsername(channel, "arifa_news")
	srv.SetTitle(channel, "Arifa News")
	database := filepath.Join(t.TempDir(), "arifa.db")
	key := ""
	must := func(want int, args ...string) string {
		t.Helper()
		args = append(args, "--database", database, "--telegram-token", srv.Token(), "--telegram-api", srv.URL())
		if key != "" {
			args = append(args, "--officer-key", key)
		}
		code, out, errs := cmd(t, "", args...)
		if code != want {
			t.Fatalf("arifa %s: exit %d, want %d\n%s%s", args, code, want, out, errs)
		}
		return out + errs
	}
	must(exitDone, "migrate")
	out := must(exitDone, "officer", "add", "Amina Otieno", "--role", "admin", "--role", "author:ecitizen")
	_, after, _ := strings.Cut(out, "key:")
	key = strings.Fields(after)[0]
	must(exitDone, "incident", "open", "--agency", "ecitizen", "--platforms", "ecitizen-payments", "--publish", "--yes")

	add := []string{"channel", "add", "telegram", at, "--follow", "all"}
	if said := must(exitNo, add...); !strings.Contains(said, "can comment") {
		t.Errorf("a channel with comments: %s", said)
	}
	srv.SetLinked(channel, 0)
	srv.SetRights(channel, telegramtest.Rights{Admin: true, Edit: true})
	if said := must(exitNo, add...); !strings.Contains(said, "may not post") {
		t.Errorf("a channel where we may not post: %s", said)
	}
	if said := must(exitDone, "channel", "list"); strings.Contains(said, "Arifa News") {
		t.Errorf("a refused channel is listed: %s", said)
	}
	srv.SetRights(channel, telegramtest.FullRights())
	if said := must(exitDone, add...); !strings.Contains(said, "1 notice, sent once") {
		t.Errorf("a sound channel: %s", said)
	}
	if said := must(exitDone, add...); !strings.Contains(said, "0 notices") {
		t.Errorf("added twice: %s", said)
	}
	if said := must(exitNo, "doctor"); !strings.Contains(said, "Arifa News: we may post and edit, nobody comments") {
		t.Errorf("doctor does not like it: %s", said)
	}
	srv.SetLinked(channel, group)
	if said := must(exitNo, "doctor"); !strings.Contains(said, "Arifa News is not safe") || !strings.Contains(said, "comment") {
		t.Errorf("doctor does not see the comments: %s", said)
	}
	srv.SetLinked(channel, 0)

	serveProgram(t, srv, database)
	post, err := srv.WaitFor(t.Context(), channel, func(m telegramtest.Message) bool { return strings.Contains(m.Text, "222222") })
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(post.Text, "more") {
		t.Errorf("all services stand on one card: %s", post.Text)
	}
	must(exitDone, "notice", "restore", "1", "--landed", "yes", "--pay-again", "no", "--moved", "no", "--yes")
	if _, err := srv.WaitFor(t.Context(), channel, func(m telegramtest.Message) bool { return strings.Contains(m.Text, "work again") }); err != nil {
		t.Fatal(err)
	}
	kinds := map[telegramtest.Kind]int{}
	until(t, "the channel to be unpinned", func() bool {
		clear(kinds)
		for e := range srv.Entries() {
			if e.Chat == channel {
				kinds[e.Kind]++
			}
		}
		return kinds[telegramtest.Unpin] == 1
	})
	if kinds[telegramtest.Send] != 2 || kinds[telegramtest.Pin] != 1 {
		t.Errorf("the channel got %v, want the notice that was open and its end, one pin and one unpin", kinds)
	}
	if said := must(exitNo, "channel", "remove", "Arifa Nowhere"); !strings.Contains(said, "no channel Arifa Nowhere") {
		t.Errorf("said %q", said)
	}
	must(exitDone, "channel", "remove", "arifa news")
	if said := must(exitDone, "channel", "list"); strings.Contains(said, "live") {
		t.Errorf("it is still there: %s", said)
	}
}
