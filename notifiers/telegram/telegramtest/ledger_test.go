package telegramtest_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"testing"
	"time"

	"arifa/notifiers/telegram/telegramtest"
)

func TestLedger(t *testing.T) {
	t.Parallel()
	number := regexp.MustCompile(`\d{4}-\d`)
	clock := newClock()
	var streamed bytes.Buffer
	cfg := telegramtest.Config{
		Limits: &telegramtest.Limits{}, Clock: clock.Now, KeepLast: telegramtest.KeepNone, LedgerTo: &streamed,
		Tag: func(text string) string { return number.FindString(text) },
	}
	srv := setup(t, cfg)
	citizen(t, srv, 5)
	before := time.Since(srv.Epoch())
	first := must(t, srv, "sendMessage", fields{"chat_id": 5, "text": "<b>0103-1</b> payments fail", "parse_mode": "HTML"})
	clock.Add(time.Minute)
	second := must(t, srv, "sendMessage", fields{"chat_id": 5, "text": "0103-2 restored", "disable_notification": true, "reply_parameters": fields{"message_id": first}})
	must(t, srv, "editMessageText", fields{"chat_id": 5, "message_id": first, "text": "0103-2 restored"})
	must(t, srv, "pinChatMessage", fields{"chat_id": 5, "message_id": second})
	must(t, srv, "deleteMessage", fields{"chat_id": 5, "message_id": first})
	call(t, srv, "sendMessage", fields{"chat_id": 99, "text": "refused"})
	all := entries(srv)
	start := newClock().Now()
	want := []telegramtest.Entry{
		{Kind: telegramtest.Send, Message: first, At: start, Hash: telegramtest.Hash("0103-1 payments fail"), Tag: "0103-1"},
		{Kind: telegramtest.Send, Message: second, At: start.Add(time.Minute), ReplyTo: first, Silent: true, Hash: telegramtest.Hash("0103-2 restored"), Tag: "0103-2"},
		{Kind: telegramtest.Edit, Message: first, At: start.Add(time.Minute), Hash: telegramtest.Hash("0103-2 restored"), Tag: "0103-2"},
		{Kind: telegramtest.Pin, Message: second, At: start.Add(time.Minute), ReplyTo: first, Silent: true},
		{Kind: telegramtest.Delete, Message: first, At: start.Add(time.Minute)},
	}
	if len(all) != len(want) {
		t.Fatalf("entries: got %d, want %d: %+v", len(all), len(want), all)
	}
	for i, got := range all {
		if got.Begun < before-time.Millisecond || got.Accepted < got.Begun {
			t.Errorf("entry %d: got begun %v and accepted %v after %v", i, got.Begun, got.Accepted, before)
		}
		before = got.Begun
		expected := want[i]
		expected.Seq, expected.Chat, expected.Begun, expected.Accepted = int64(i+1), 5, got.Begun, got.Accepted
		if got != expected {
			t.Errorf("entry %d: got %+v, want %+v", i, got, expected)
		}
	}
	var written bytes.Buffer
	if err := srv.WriteLedger(&written); err != nil {
		t.Fatal(err)
	}
	if written.String() != streamed.String() {
		t.Errorf("the stream differs from the ledger:\n%s\n%s", streamed.String(), written.String())
	}
	answer, err := http.Get(srv.URL() + "/ledger?after=3")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var kinds []string
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		var line struct{ Kind, Hash, Tag string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		kinds = append(kinds, line.Kind)
	}
	if len(kinds) != 2 || kinds[0] != "pin" || kinds[1] != "delete" {
		t.Errorf("/ledger?after=3: got %q, want pin and delete", kinds)
	}
}

func TestHeardComesAfterTheAnswerAndMayPress(t *testing.T) {
	t.Parallel()
	pressed := make(chan error, 1)
	var srv *telegramtest.Server
	cfg := noLimits()
	cfg.Heard = func(m telegramtest.Message) {
		b, _ := m.Button("Follow")
		_, err := srv.Press(m.Chat, m.ID, b.Data)
		pressed <- err
	}
	srv = setup(t, cfg)
	citizen(t, srv, 5)
	must(t, srv, "sendMessage", fields{"chat_id": 5, "text": "x", "reply_markup": inline(fields{"text": "Follow", "callback_data": "f:1"})})
	if err := <-pressed; err != nil {
		t.Fatal(err)
	}
	got := poll(t, srv, nil)
	if len(got) != 2 || got[1].Query.Data != "f:1" {
		t.Errorf("updates: got %+v, want the start and the press", got)
	}
}
