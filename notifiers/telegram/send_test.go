package telegram_test

import (
	"errors"
	"strconv"
	"testing"

	"arifa/notifiers"
	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

const (
	groupID   = -4200
	channelID = -1001000000001
)

func network(t *testing.T) (*telegramtest.Server, func(notifiers.Message) (notifiers.Receipt, error)) {
	t.Helper()
	srv := telegramtest.Start(t, telegramtest.Config{Token: token, Limits: &telegramtest.Limits{}})
	srv.AddUser(5, "en")
	must[int](t)(srv.Start(5, ""))
	ch := channelTo(t, srv.URL(), &logged{})
	return srv, func(m notifiers.Message) (notifiers.Receipt, error) {
		if m.Edit != "" {
			return ch.Edit(t.Context(), m)
		}
		return ch.Send(t.Context(), m)
	}
}

func TestOutcomesOfRealChats(t *testing.T) {
	t.Parallel()
	srv, send := network(t)
	srv.AddUser(6, "")
	srv.AddGroup(groupID, 5)
	srv.AddGroup(-4300, 5)
	srv.AddChannel(channelID, telegramtest.Rights{Admin: true}, 0)
	srv.AddChannel(channelID-1, telegramtest.FullRights(), 0)
	srv.Kick(channelID - 1)
	srv.DeleteGroup(-4300)
	for name, c := range map[string]struct {
		chat int64
		want string
	}{
		"a started chat":            {5, "sent"},
		"never started":             {6, "gone"},
		"nobody":                    {7, "gone"},
		"a group":                   {groupID, "sent"},
		"a deleted group":           {-4300, "gone"},
		"no right to post":          {channelID, "never"},
		"put out of a channel":      {channelID - 1, "gone"},
		"an address of another net": {0, "never"},
	} {
		m := message(c.chat, "x")
		if c.chat == 0 {
			m.To.Address = subscriptions.AddressOf(`5,"text":"x"`)
		}
		_, err := send(m)
		if got := outcome(err); got != c.want {
			t.Errorf("%s: got %s (%v), want %s", name, got, err, c.want)
		}
	}
	srv.Block(5)
	if _, err := send(message(5, "x")); !as[notifiers.Gone](err) {
		t.Errorf("blocked: got %v, want gone", err)
	}
	srv.Unblock(5)
	if _, err := send(message(5, "x")); err != nil {
		t.Errorf("unblocked: got %v, want sent", err)
	}
}

func TestAMigratedGroupIsFollowed(t *testing.T) {
	t.Parallel()
	srv, send := network(t)
	srv.AddGroup(groupID, 5)
	to := srv.Migrate(groupID)
	_, err := send(message(groupID, "x"))
	var moved notifiers.Moved
	if !errors.As(err, &moved) || moved.To.Reveal() != strconv.FormatInt(to, 10) {
		t.Fatalf("got %v, want moved to the supergroup", err)
	}
	m := message(groupID, "x")
	m.To.Address = moved.To
	if _, err := send(m); err != nil {
		t.Errorf("at its new address: got %v, want sent", err)
	}
}

func TestRepliesAndEdits(t *testing.T) {
	t.Parallel()
	srv, send := network(t)
	first, err := send(message(5, "Payments fail"))
	if err != nil {
		t.Fatal(err)
	}
	m := message(5, "It works")
	for _, to := range []string{first.Message, "999", "no message", "-1"} {
		m.ReplyTo = to
		if _, err := send(m); err != nil {
			t.Errorf("reply to %q: got %v, want sent", to, err)
		}
		last, _ := srv.Last(5)
		if got := strconv.Itoa(last.ReplyTo); (got == to) != (to == first.Message) {
			t.Errorf("reply to %q: stands under %s", to, got)
		}
	}
	m = message(5, "Payments fail; banks work")
	m.Edit = first.Message
	for i := range 2 { // the second changes nothing, which is success
		if receipt, err := send(m); err != nil || receipt.Message != first.Message {
			t.Errorf("edit %d: got %+v, %v, want message %s", i, receipt, err, first.Message)
		}
	}
	for _, at := range []string{"999", "x", "0", "-4"} {
		m.Edit = at
		if _, err := send(m); !as[notifiers.Uneditable](err) {
			t.Errorf("edit %q: got %v, want uneditable", at, err)
		}
	}
}

func TestPinAndUnpin(t *testing.T) {
	t.Parallel()
	srv, send := network(t)
	srv.AddChannel(channelID, telegramtest.FullRights(), 0)
	first, err := send(message(channelID, "Payments fail"))
	if err != nil {
		t.Fatal(err)
	}
	ch, to := channelTo(t, srv.URL(), &logged{}), message(channelID).To
	pinned := func() bool { last, _ := srv.Last(channelID); return last.Pinned }
	for i := range 2 { // twice is harmless: after a restart it happens
		if err := ch.Pin(t.Context(), to, first.Message); err != nil || !pinned() {
			t.Errorf("pin %d: got %v, pinned %v", i, err, pinned())
		}
	}
	for i := range 2 {
		if err := ch.Unpin(t.Context(), to, first.Message); err != nil || pinned() {
			t.Errorf("unpin %d: got %v, pinned %v", i, err, pinned())
		}
	}
	if err := ch.Pin(t.Context(), to, "x"); !as[notifiers.Never](err) {
		t.Errorf("pin nothing: got %v, want never", err)
	}
	srv.SetRights(channelID, telegramtest.Rights{Admin: true, Post: true})
	if err := ch.Pin(t.Context(), to, first.Message); !as[notifiers.Never](err) {
		t.Errorf("pin without the right: got %v, want never", err)
	}
}

func TestSilence(t *testing.T) {
	t.Parallel()
	srv, send := network(t)
	for _, silent := range []bool{true, false} {
		m := message(5, "x")
		m.Silent = silent
		if _, err := send(m); err != nil {
			t.Fatal(err)
		}
		if last, _ := srv.Last(5); last.Silent != silent {
			t.Errorf("got silent %v, want %v", last.Silent, silent)
		}
	}
}
