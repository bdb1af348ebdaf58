package telegram

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"net/http"

	"arifa/subscriptions"
)

// WebhookPath is where the webhook listens.
const WebhookPath = "/telegram/webhook"

// webhookBytes bounds an update: text is at most 4,096 characters, and a message
// with everything around it stays far below.
const webhookBytes = 1 << 20

// Hook answers Telegram's calls. A wrong secret is 401 and nothing is read;
// an update is answered with 200 only after it is stored; trouble of ours is 503,
// so that Telegram tries again.
func (e *Ears) Hook() http.Handler { return http.HandlerFunc(e.webhook) }

func (e *Ears) webhook(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "only POST", http.StatusMethodNotAllowed)
		return
	}
	if !sameSecret(r.Header.Get("X-Telegram-Bot-Api-Secret-Token"), e.Secret) {
		http.Error(w, "wrong secret", http.StatusUnauthorized)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, webhookBytes))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		http.Error(w, "not read", http.StatusBadRequest)
		return
	}
	in, err := e.incoming(body)
	if err != nil {
		http.Error(w, "not an update", http.StatusBadRequest)
		return
	}
	fresh, err := e.Inbox.PutIncoming(r.Context(), []subscriptions.Incoming{in})
	if err != nil {
		e.log.Error("update not stored, so not acknowledged", "error", err)
		w.Header().Set("Retry-After", "1")
		http.Error(w, "not stored", http.StatusServiceUnavailable)
		return
	}
	e.intake.Stored(r.Context(), fresh, in)
	w.WriteHeader(http.StatusOK)
}

// sameSecret compares in constant time, whatever the lengths. An empty secret
// never matches.
func sameSecret(got, want string) bool {
	a, b := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && want != ""
}
