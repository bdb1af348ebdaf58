package telegram_test

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"arifa/notifiers"
	"arifa/notifiers/notifiertest"
	"arifa/notifiers/telegram"
	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

// reader is whom the contract's cases write to.
const reader = 4100001

func TestContract(t *testing.T) {
	t.Parallel()
	notifiertest.Run(t, func(t *testing.T) notifiertest.Harness { return newHarness(t) })
}

// TestContract_broadcast is the same for cards that were prepared, which go over
// connections of their own.
func TestContract_broadcast(t *testing.T) {
	t.Parallel()
	notifiertest.Run(t, func(t *testing.T) notifiertest.Harness { return broadcasting{newHarness(t)} })
}

type broadcasting struct{ *harness }

func (b broadcasting) Channel() notifiers.Channel { return preparing{b.ch} }

// preparing prepares every card before it is sent.
type preparing struct{ *telegram.Channel }

func (p preparing) prepared(m notifiers.Message) (_ notifiers.Message, err error) {
	if m.Prepared == nil {
		m.Prepared, err = p.Prepare(m.Card)
	}
	return m, err
}

func (p preparing) Send(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
	m, err := p.prepared(m)
	if err != nil {
		return notifiers.Receipt{}, err
	}
	return p.Channel.Send(ctx, m)
}

func (p preparing) Edit(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
	m, err := p.prepared(m)
	if err != nil {
		return notifiers.Receipt{}, err
	}
	return p.Channel.Edit(ctx, m)
}

type harness struct {
	t    *testing.T
	srv  *telegramtest.Server
	ch   *telegram.Channel
	mu   sync.Mutex
	seen []notifiertest.Seen
	says string // in place of the next answer
}

func newHarness(t *testing.T) *harness {
	h := &harness{t: t}
	h.srv = telegramtest.Start(t, telegramtest.Config{Token: token, Limits: &telegramtest.Limits{}, Heard: h.heard})
	h.srv.AddUser(reader, "en")
	must[int](t)(h.srv.Start(reader, ""))
	h.ch = answering(t, h.between)
	return h
}

// between hands every request on to the server, unless it is to be answered here.
func (h *harness) between(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	says := h.says
	h.says = ""
	h.mu.Unlock()
	if says == "" {
		h.srv.ServeHTTP(w, r)
		return
	}
	_, _ = io.WriteString(w, says)
}

func (h *harness) heard(m telegramtest.Message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := notifiertest.Seen{Message: strconv.Itoa(m.ID), Text: m.Text, Edited: m.Edited, Silent: m.Silent}
	if m.ReplyTo != 0 {
		s.ReplyTo = strconv.Itoa(m.ReplyTo)
	}
	h.seen = append(h.seen, s)
}

func (h *harness) Channel() notifiers.Channel { return h.ch }
func (h *harness) Secrets() []string          { return []string{token, strings.SplitN(token, ":", 2)[1]} }

func (h *harness) Target() notifiers.Target {
	return notifiers.Target{Address: subscriptions.AddressOf(strconv.Itoa(reader)), Kind: subscriptions.Person}
}

// Seen are what was accepted: the server tells of each right behind its answer.
func (h *harness) Seen() []notifiertest.Seen {
	eventually(h.t, "everything accepted was told", func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return int64(len(h.seen)) == h.srv.Stats().Accepted-h.deleted()
	})
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]notifiertest.Seen{}, h.seen...)
}

func (h *harness) deleted() (n int64) {
	for e := range h.srv.Entries() {
		if e.Kind == telegramtest.Delete {
			n++
		}
	}
	return n
}

func (h *harness) Erase(message string) {
	resp, err := http.Get(h.srv.URL() + "/bot" + token + "/deleteMessage?chat_id=" + strconv.Itoa(reader) + "&message_id=" + message)
	if err != nil {
		h.t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		h.t.Fatalf("erase message %s: status %d", message, resp.StatusCode)
	}
}

func (h *harness) Fail(f notifiertest.Fault) bool {
	once := func(fault telegramtest.Fault) bool {
		fault.Times = 1
		h.srv.Inject(fault)
		return true
	}
	say := func(answer string) bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.says = answer
		return true
	}
	refuse := func(code int, text string) bool {
		return once(telegramtest.Fault{Do: telegramtest.Fail, Code: code, Text: text})
	}
	switch f {
	case notifiertest.TooFast:
		return say(`{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}`)
	case notifiertest.Migrated:
		return say(`{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1002147483648}}`)
	case notifiertest.Unreachable:
		h.ch.LoseConnection()
		return true
	case notifiertest.Blocked:
		return refuse(403, "Forbidden: bot was blocked by the user")
	case notifiertest.BadCard:
		return refuse(400, "Bad Request: can't parse entities: Unsupported start tag \"x\" at byte offset 0")
	case notifiertest.Refused:
		return refuse(400, "Bad Request: a refusal of next year")
	case notifiertest.DeadCredential:
		h.srv.Revoke()
		return true
	case notifiertest.ServerError:
		return once(telegramtest.Fault{Do: telegramtest.Fail})
	case notifiertest.Garbage:
		return once(telegramtest.Fault{Do: telegramtest.BadGateway})
	case notifiertest.Reset:
		return once(telegramtest.Fault{Do: telegramtest.CutReply})
	case notifiertest.Hang:
		return once(telegramtest.Fault{Do: telegramtest.HangReply})
	case notifiertest.NotModified:
		return refuse(400, "Bad Request: message is not modified: specified new message content and reply markup are exactly the same")
	case notifiertest.EditGone:
		return refuse(400, "Bad Request: message to edit not found")
	}
	// Telegram never says that a limit is the whole credential's.
	return false
}
