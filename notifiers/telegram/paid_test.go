package telegram_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"arifa/notifiers"
	"arifa/notifiers/telegram"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// What may cost Stars says so in each new message, whichever way it goes, and in no
// edit, for an edit costs nothing; without the operator's word nothing does.
func TestPaidBroadcastIsAskedForInMessagesOnly(t *testing.T) {
	t.Parallel()
	for _, paid := range []bool{true, false} {
		var mu sync.Mutex
		got := map[string][]string{}
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			mu.Lock()
			method := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
			got[method] = append(got[method], string(b))
			mu.Unlock()
			_, _ = io.WriteString(w, `{"ok":true,"result":{"message_id":7}}`)
		}))
		t.Cleanup(srv.Close)
		ch, err := telegram.New(telegram.Config{Token: token, API: srv.URL, Paid: paid, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		card := wording.Card{Title: "0103-1"}
		prepared, err := ch.Prepare(card)
		if err != nil {
			t.Fatal(err)
		}
		to := notifiers.Target{Address: subscriptions.AddressOf("77"), Kind: subscriptions.Person}
		for _, m := range []notifiers.Message{{To: to, Card: card}, {To: to, Card: card, Prepared: prepared}} {
			if _, err := ch.Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			m.Edit = "7"
			if _, err := ch.Edit(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
		mu.Lock()
		for method, bodies := range got {
			for _, b := range bodies {
				if asks := strings.Contains(b, `"allow_paid_broadcast":true`); asks != (paid && method == "sendMessage") {
					t.Errorf("paid %t: %s says %s", paid, method, b)
				}
			}
		}
		if len(got["sendMessage"]) != 2 || len(got["editMessageText"]) != 2 {
			t.Errorf("got %d messages and %d edits, want 2 and 2", len(got["sendMessage"]), len(got["editMessageText"]))
		}
		mu.Unlock()
	}
}
