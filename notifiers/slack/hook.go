package slack

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Where Slack calls.
const (
	EventsPath       = "/slack/events"
	CommandsPath     = "/slack/commands"
	InteractionsPath = "/slack/interactions"
)

const (
	hookBytes = 1 << 20
	// skewMost is how far Slack's clock and ours may differ; an older request is a
	// replay.
	skewMost = 5 * time.Minute
)

// Hook answers Slack's calls at the three paths. Nothing of a request is parsed
// before its signature holds. What was not stored is never answered with 200.
func (e *Ears) Hook() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST "+EventsPath, e.signed(e.event))
	mux.Handle("POST "+CommandsPath, e.signed(e.command))
	mux.Handle("POST "+InteractionsPath, e.signed(e.interaction))
	return mux
}

func (e *Ears) signed(next func(context.Context, http.ResponseWriter, []byte)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, hookBytes))
		var large *http.MaxBytesError
		switch {
		case errors.As(err, &large):
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
			return
		case err != nil:
			http.Error(w, "not read", http.StatusBadRequest)
			return
		}
		if why := e.forged(r.Header, body); why != "" {
			e.forgedOnce(why)
			http.Error(w, "not signed by Slack", http.StatusUnauthorized)
			return
		}
		if n := r.Header.Get("X-Slack-Retry-Num"); n != "" {
			e.log.Info("slack tells something again", "attempt", codeOnly(n), "reason", codeOnly(r.Header.Get("X-Slack-Retry-Reason")))
		}
		next(r.Context(), w, body)
	})
}

// forged says why a request is not Slack's, "" when it is: v0:<time>:<raw body>
// under the secret, compared in constant time, and not older than five minutes.
// Whether the same one came before is for the inbox to know.
func (e *Ears) forged(h http.Header, body []byte) string {
	stamp := h.Get("X-Slack-Request-Timestamp")
	got, ok := strings.CutPrefix(h.Get("X-Slack-Signature"), "v0=")
	mac := hmac.New(sha256.New, []byte(e.Secret))
	_, _ = io.WriteString(mac, "v0:"+stamp+":")
	_, _ = mac.Write(body)
	given, err := hex.DecodeString(got)
	if !hmac.Equal(given, mac.Sum(nil)) || !ok || err != nil || e.Secret == "" {
		return "signature"
	}
	at, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || e.now().Sub(time.Unix(at, 0)).Abs() > skewMost {
		return "timestamp"
	}
	return ""
}

// forgedOnce notes a refused request; of many within a minute only the first.
func (e *Ears) forgedOnce(why string) {
	if !e.forgery.first(why, e.now()) {
		return
	}
	e.log.Warn("a request that is not Slack's is refused", "why", why)
	if e.OnForged != nil {
		e.OnForged(why)
	}
}

// throttle lets one of a kind through each minute.
type throttle struct {
	mu   sync.Mutex
	last map[string]time.Time
}

func (t *throttle) first(kind string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Sub(t.last[kind]) < time.Minute {
		return false
	}
	if t.last == nil {
		t.last = map[string]time.Time{}
	}
	t.last[kind] = now
	return true
}

func (e *Ears) event(ctx context.Context, w http.ResponseWriter, body []byte) {
	if !json.Valid(body) {
		http.Error(w, "no JSON", http.StatusBadRequest)
		return
	}
	h := read(kindEvent, body)
	switch h.Type {
	case "url_verification":
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"challenge": h.Challenge})
		return
	case "app_rate_limited":
		e.log.Warn("slack drops events: more than 30,000 an hour")
		return
	}
	answer(w, e.inOrder(ctx, kindEvent, body))
}

// command turns the form into the object that Socket Mode sends.
func (e *Ears) command(ctx context.Context, w http.ResponseWriter, body []byte) {
	form, err := url.ParseQuery(string(body))
	if err != nil || form.Get("command") == "" {
		http.Error(w, "no command", http.StatusBadRequest)
		return
	}
	fields := map[string]string{}
	for key := range form {
		fields[key] = form.Get(key)
	}
	payload, err := json.Marshal(fields)
	if err != nil {
		http.Error(w, "no command", http.StatusBadRequest)
		return
	}
	answer(w, e.inOrder(ctx, kindCommand, payload))
}

// interaction reads the payload from the signed body alone: what stands in the
// address is under no signature.
func (e *Ears) interaction(ctx context.Context, w http.ResponseWriter, body []byte) {
	form, err := url.ParseQuery(string(body))
	payload := []byte(form.Get("payload"))
	if err != nil || !json.Valid(payload) {
		http.Error(w, "no payload", http.StatusBadRequest)
		return
	}
	answer(w, e.inOrder(ctx, kindInteraction, payload))
}

func (e *Ears) inOrder(ctx context.Context, kind string, payload []byte) taken {
	before, through := e.chains.join(read(kind, payload).chat())
	defer through()
	<-before
	return e.take(ctx, kind, payload)
}

func answer(w http.ResponseWriter, t taken) {
	switch {
	case !t.ok:
		w.Header().Set("Retry-After", "1")
		http.Error(w, "not stored", http.StatusServiceUnavailable)
	case t.answer != nil:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(t.answer)
	}
}
