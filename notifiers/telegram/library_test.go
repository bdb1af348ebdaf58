package telegram_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"arifa/notifiers/telegram"
)

// What the library does not unwrap is understood all the same, wrapped or not.
func TestTheLibrarysErrorsAreUnderstood(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err       error
		code      int
		seconds   int
		migrateTo int64
	}{
		{&tg.TooManyRequestsError{Message: "x", RetryAfter: 31}, 429, 31, 0},
		{&tg.MigrateError{Message: "x", MigrateToChatID: -1001234567890}, 400, 0, -1001234567890},
		{fmt.Errorf("%w, chat not found", tg.ErrorBadRequest), 400, 0, 0},
		{fmt.Errorf("%w, bot was blocked by the user", tg.ErrorForbidden), 403, 0, 0},
		{fmt.Errorf("%w, x", tg.ErrorUnauthorized), 401, 0, 0},
		{fmt.Errorf("%w, x", tg.ErrorNotFound), 404, 0, 0},
		{fmt.Errorf("%w, x", tg.ErrorConflict), 409, 0, 0},
	} {
		for _, err := range []error{c.err, fmt.Errorf("outer: %w", fmt.Errorf("inner: %w", c.err))} {
			code, seconds, to := telegram.RetryAfterOf(telegram.Asked(err, token))
			if code != c.code || seconds != c.seconds || to != c.migrateTo {
				t.Errorf("%v: got %d, %d, %d, want %d, %d, %d", err, code, seconds, to, c.code, c.seconds, c.migrateTo)
			}
		}
	}
	if telegram.Asked(nil, token) != nil {
		t.Error("no error became one")
	}
}

// These are the reasons for asked and for update types of our own. When one fails
// after an upgrade of the library, the code that it explains may go.
func TestTheLibrarysTrapsStillStand(t *testing.T) {
	t.Parallel()
	if errors.Is(&tg.TooManyRequestsError{}, tg.ErrorTooManyRequests) {
		t.Error("limit errors unwrap now")
	}
	if tg.IsTooManyRequestsError(fmt.Errorf("x: %w", &tg.TooManyRequestsError{})) {
		t.Error("wrapped limit errors are seen now")
	}
	if tg.IsMigrateError(fmt.Errorf("x: %w", &tg.MigrateError{})) {
		t.Error("wrapped migration errors are seen now")
	}
	var u models.Update
	if json.Unmarshal([]byte(`{"update_id":1,"message":{"message_id":1,"date":1,"chat":{"id":1,"type":"private"},"text":"STOP","reply_to_message":`+
		`{"message_id":2,"date":1,"chat":{"id":1,"type":"private"},"paid_media":{"star_count":1,"paid_media":[{"type":"newer_than_us"}]}}}}`), &u) == nil {
		t.Error("kinds newer than the library no longer spoil an update")
	}
}

func TestTheLibrarysErrorsRepeatNoPage(t *testing.T) {
	t.Parallel()
	ch := answering(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(502)
		_, _ = io.WriteString(w, "<html>"+r.URL.Path+" and what was sent</html>")
	})
	_, err := ch.Me(t.Context())
	if err == nil {
		t.Fatal("got no error")
	}
	hides(t, err.Error(), "html", "what was sent")
}
