package telegram_test

import (
	"strings"
	"testing"
	"time"

	"arifa/notifiers/telegram"
)

// One broken answer must not end hearing or sending: a retry_after that makes no
// sense is an hour, one that does is obeyed to the second.
func TestANonsensicalRetryAfterEnds(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[int]time.Duration{1: time.Second, 3600: time.Hour, 86400: 24 * time.Hour, 86401: time.Hour, 9_000_000_000: time.Hour,
		9_300_000_000: time.Hour, 1 << 62: time.Hour, 0: 0, -5: 0} {
		if got := telegram.PauseOf(seconds); got != want {
			t.Errorf("retry_after %d: %v, want %v", seconds, got, want)
		}
	}
}

// What the network says may echo what we sent, so only phrases that we know reach a
// log or the inbox's reason.
func TestARefusalEchoesNothing(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Bad Request: chat not found": "telegram: 400 chat not found",
		"Bad Request: can't parse entities: Unsupported start tag \"amina\" at 4":  "telegram: 400 can't parse entities",
		"Bad Request: invalid request {'chat_id':501,'text':'Payments to 222222'}": "telegram: 400 (a refusal that we do not know)",
		"chat 5300000001 said: nimelipa":                                           "telegram: 400 (a refusal that we do not know)",
	} {
		if got := telegram.RefusalText(400, text); got != want || strings.Contains(got, "501") {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
