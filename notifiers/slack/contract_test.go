package slack_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"arifa/notifiers"
	"arifa/notifiers/notifiertest"
	"arifa/notifiers/slack"
	"arifa/notifiers/slack/slacktest"
)

func TestContract(t *testing.T) {
	t.Parallel()
	for _, to := range []string{news, wanja} {
		t.Run(to, func(t *testing.T) {
			t.Parallel()
			notifiertest.Run(t, func(t *testing.T) notifiertest.Harness { return newHarness(t, to) })
		})
	}
}

type harness struct {
	t   *testing.T
	to  string
	srv *slacktest.Server
	ch  *slack.Channel

	mu      sync.Mutex
	limited bool // the next answer is a 429
	looks   int  // at the clock until it jumps
	later   time.Duration
	seen    []notifiertest.Seen
}

func newHarness(t *testing.T, to string) *harness {
	h := &harness{t: t, to: to, srv: workspace(t)}
	between := httptest.NewServer(http.HandlerFunc(h.between))
	t.Cleanup(between.Close)
	h.ch = channelTo(t, between.URL+"/api/", &logged{}, func(c *slack.Config) { c.Uptime = h.uptime })
	return h
}

// uptime jumps behind a window once it was opened: the next message must pass.
func (h *harness) uptime() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.looks--; h.looks == 0 {
		h.later += 8 * time.Second
	}
	return time.Now().Add(h.later)
}

// between hands every request on to the server, unless it is to be limited.
func (h *harness) between(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	limited := h.limited
	if h.limited = false; limited {
		h.looks = 2 // one to open the window
	}
	h.mu.Unlock()
	if !limited {
		h.srv.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Retry-After", "7")
	w.WriteHeader(http.StatusTooManyRequests)
	_ = http.NewResponseController(w).Flush()
}

func (h *harness) Channel() notifiers.Channel { return h.ch }
func (h *harness) Target() notifiers.Target   { return message(h.to).To }
func (h *harness) Secrets() []string          { return []string{token, "simulatedForTestsOnly"} }

// Seen joins the ledger, which knows the order, with the messages, which know the
// words.
func (h *harness) Seen() []notifiertest.Seen {
	h.mu.Lock()
	defer h.mu.Unlock()
	words := map[string]string{}
	for _, m := range h.srv.Messages(h.to) {
		words[m.TS] = m.Text
	}
	var entries []slacktest.Entry
	for _, e := range h.srv.Entries() {
		if e.Kind == slacktest.Send || e.Kind == slacktest.Edit {
			entries = append(entries, e)
		}
	}
	for _, e := range entries[len(h.seen):] {
		s := notifiertest.Seen{Message: e.Channel + "/" + e.TS, Text: words[e.TS], Edited: e.Kind == slacktest.Edit}
		if e.Thread != "" {
			s.ReplyTo = e.Channel + "/" + e.Thread
		}
		h.seen = append(h.seen, s)
	}
	return append([]notifiertest.Seen{}, h.seen...)
}

func (h *harness) Erase(message string) {
	channel, ts, _ := strings.Cut(message, "/")
	h.Seen()
	h.srv.Erase(channel, ts)
}

func (h *harness) Fail(f notifiertest.Fault) bool {
	once := func(fault slacktest.Fault) bool {
		fault.Times = 1
		h.srv.Inject(fault)
		return true
	}
	refuse := func(code string, times int) bool {
		h.srv.Inject(slacktest.Fault{Do: slacktest.Fail, Code: code, Times: times})
		return true
	}
	switch f {
	case notifiertest.LaneTooFast:
		h.mu.Lock()
		defer h.mu.Unlock()
		h.limited = true
		return true
	case notifiertest.Unreachable:
		h.ch.LoseConnection()
		return true
	case notifiertest.Blocked:
		return refuse("channel_not_found", 1)
	case notifiertest.BadCard:
		return refuse("invalid_blocks", 2) // with its blocks, and as its words alone
	case notifiertest.Refused:
		return refuse("a_refusal_of_next_year", 1)
	case notifiertest.DeadCredential:
		h.srv.Revoke("token_revoked")
		return true
	case notifiertest.ServerError:
		return once(slacktest.Fault{Do: slacktest.Fail})
	case notifiertest.Garbage:
		return once(slacktest.Fault{Do: slacktest.BadGateway})
	case notifiertest.Reset:
		return once(slacktest.Fault{Do: slacktest.CutReply})
	case notifiertest.Hang:
		return once(slacktest.Fault{Do: slacktest.HangReply})
	case notifiertest.EditGone:
		return refuse("message_not_found", 1)
	}
	// Slack does not say that a limit is one channel's, nor that an edit changes
	// nothing, and a channel that moves is told of by an event.
	return false
}
