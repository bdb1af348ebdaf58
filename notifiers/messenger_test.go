package notifiers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"arifa/notifiers"
	"arifa/notifiers/notifiertest"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// messenger is the Channel of network: what a network's package looks like, at
// its smallest.
type messenger struct {
	lane   subscriptions.LaneID
	base   string
	client *http.Client
}

var (
	_ notifiers.Channel  = (*messenger)(nil)
	_ notifiers.Editor   = (*messenger)(nil)
	_ notifiers.Preparer = (*messenger)(nil)
	_ notifiers.Pinner   = (*messenger)(nil)
	_ notifiers.Finder   = (*finding)(nil)
)

func newMessenger(lane subscriptions.LaneID, n *network) *messenger {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	return &messenger{lane: lane, base: n.server.URL, client: client}
}

func (m *messenger) Name() subscriptions.LaneID { return m.lane }

func (m *messenger) Send(ctx context.Context, msg notifiers.Message) (notifiers.Receipt, error) {
	return m.call(ctx, "send", msg)
}

func (m *messenger) Edit(ctx context.Context, msg notifiers.Message) (notifiers.Receipt, error) {
	return m.call(ctx, "edit", msg)
}

func (m *messenger) Prepare(c wording.Card) (any, error) {
	if c.Title == "panic" {
		panic("a card that cannot be made")
	}
	return textOf(c), nil
}

func textOf(c wording.Card) string {
	return strings.Join(append(append([]string{c.Title}, c.Lines...), c.Footer...), "\n")
}

func (m *messenger) Pin(ctx context.Context, to notifiers.Target, message string) error {
	_, err := m.call(ctx, "pin", notifiers.Message{To: to, Edit: message})
	return err
}

func (m *messenger) Unpin(ctx context.Context, to notifiers.Target, message string) error {
	_, err := m.call(ctx, "unpin", notifiers.Message{To: to, Edit: message})
	return err
}

// finding is a messenger that can be asked whether something arrived.
type finding struct{ *messenger }

func (f finding) Find(ctx context.Context, msg notifiers.Message) (notifiers.Receipt, bool, error) {
	r, err := f.call(ctx, "find", msg)
	return r, r.Message != "", err
}

func (m *messenger) call(ctx context.Context, method string, msg notifiers.Message) (notifiers.Receipt, error) {
	text, ok := msg.Prepared.(string)
	if !ok {
		text = textOf(msg.Card)
	}
	body, err := json.Marshal(wire{
		Key: strconv.FormatInt(int64(msg.ID), 10), To: msg.To.Address.Reveal(), Text: text,
		Reply: msg.ReplyTo, Edit: msg.Edit, Silent: msg.Silent,
	})
	if err != nil {
		return notifiers.Receipt{}, notifiers.Poison{Err: err}
	}
	wrote := false
	trace := &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { wrote = true }}
	r, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodPost, m.base+"/"+method, bytes.NewReader(body))
	if err != nil {
		return notifiers.Receipt{}, err
	}
	r.GetBody = nil // a request that was written is never written again unasked
	resp, err := m.client.Do(r)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err
		}
		if wrote {
			return notifiers.Receipt{}, notifiers.Unknown{Err: err}
		}
		return notifiers.Receipt{}, err
	}
	defer resp.Body.Close()
	return outcome(resp, msg)
}

func outcome(resp *http.Response, msg notifiers.Message) (notifiers.Receipt, error) {
	cause := fmt.Errorf("answer %d", resp.StatusCode)
	if resp.StatusCode == http.StatusNotModified {
		return notifiers.Receipt{Message: msg.Edit}, nil
	}
	var a reply
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
		return notifiers.Receipt{}, notifiers.Unknown{Err: fmt.Errorf("%w: not readable", cause)}
	}
	switch resp.StatusCode {
	case http.StatusOK:
		return notifiers.Receipt{Message: a.Message}, nil
	case http.StatusTooManyRequests:
		scope := notifiers.PauseChat
		if a.Lane {
			scope = notifiers.PauseLane
		}
		return notifiers.Receipt{}, notifiers.Later{After: a.After, Scope: scope, Err: cause}
	case http.StatusForbidden:
		return notifiers.Receipt{}, notifiers.Gone{Err: cause}
	case http.StatusMisdirectedRequest:
		return notifiers.Receipt{}, notifiers.Moved{To: subscriptions.AddressOf(a.To), Err: cause}
	case http.StatusUnprocessableEntity:
		return notifiers.Receipt{}, notifiers.Poison{Err: cause}
	case http.StatusBadRequest:
		return notifiers.Receipt{}, notifiers.Never{Err: cause}
	case http.StatusUnauthorized:
		return notifiers.Receipt{}, notifiers.Halt{Err: cause}
	case http.StatusGone:
		return notifiers.Receipt{}, notifiers.Uneditable{Err: cause}
	}
	return notifiers.Receipt{}, cause
}

// harness lets the contract's suite play with the messenger.
type harness struct {
	*messenger
	n *network
}

func (h harness) Channel() notifiers.Channel { return h.messenger }
func (h harness) Secrets() []string          { return nil }
func (h harness) Target() notifiers.Target {
	return notifiers.Target{Address: subscriptions.AddressOf("chat-4711"), Kind: subscriptions.Person}
}

func (h harness) Fail(f notifiertest.Fault) bool {
	a, known := map[notifiertest.Fault]answer{
		notifiertest.TooFast:        {status: 429, after: notifiertest.Wait},
		notifiertest.LaneTooFast:    {status: 429, after: notifiertest.Wait, lane: true},
		notifiertest.Blocked:        {status: 403},
		notifiertest.Migrated:       {status: 421, to: "chat-4712"},
		notifiertest.BadCard:        {status: 422},
		notifiertest.Refused:        {status: 400},
		notifiertest.DeadCredential: {status: 401},
		notifiertest.ServerError:    {status: 500},
		notifiertest.Garbage:        {status: 200, body: "<html>"},
		notifiertest.Reset:          {cut: true},
		notifiertest.Hang:           {hang: true},
		notifiertest.NotModified:    {status: 304},
		notifiertest.EditGone:       {status: 410},
	}[f]
	if known {
		h.n.once(a)
	}
	return known // a connection that is refused needs another server: left out
}

func (h harness) Erase(message string) {
	h.n.mu.Lock()
	defer h.n.mu.Unlock()
	delete(h.n.texts, message)
}

func (h harness) Seen() (out []notifiertest.Seen) {
	for _, e := range h.n.entries() {
		out = append(out, notifiertest.Seen{Message: e.Message, Text: e.Text, ReplyTo: e.Reply, Edited: e.Method == "edit", Silent: e.Silent})
	}
	return out
}

// The suite is held to a channel that keeps the contract.
func TestMessengerKeepsTheContract(t *testing.T) {
	t.Parallel()
	notifiertest.Run(t, func(t *testing.T) notifiertest.Harness {
		n := newNetwork(t)
		return harness{newMessenger("fake:1", n), n}
	})
}
