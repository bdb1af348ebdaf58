package webchat_test

import (
	"context"
	"strconv"
	"testing"

	"arifa/notifiers"
	"arifa/notifiers/notifiertest"
	"arifa/notifiers/webchat"
	"arifa/notifiers/webchat/webchattest"
	"arifa/subscriptions"
)

func TestContract(t *testing.T) {
	t.Parallel()
	notifiertest.Run(t, func(t *testing.T) notifiertest.Harness { return newHarness(t) })
}

// harness is the channel with one real browser on a real socket.
type harness struct {
	*stage
	browser *webchattest.Browser
	mend    func() // after the next request
}

// failing is the channel whose browser is mended after one failure.
type failing struct {
	*webchat.Channel
	h *harness
}

func (f failing) Send(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
	defer f.h.mended()
	return f.Channel.Send(ctx, m)
}

func (f failing) Edit(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
	defer f.h.mended()
	return f.Channel.Edit(ctx, m)
}

func (h *harness) mended() {
	if mend := h.mend; mend != nil {
		h.mend = nil
		mend()
	}
}

func newHarness(t *testing.T) *harness {
	h := &harness{stage: setup(t)}
	h.browser = h.open()
	return h
}

func (h *harness) Channel() notifiers.Channel { return failing{h.channel, h} }
func (h *harness) Secrets() []string          { return []string{h.browser.Cookie()} }

func (h *harness) Target() notifiers.Target {
	return notifiers.Target{Address: h.addressOf(h.browser), Kind: subscriptions.Person}
}

// Fail: what a browser can do. It has no limits, no servers and no credentials.
func (h *harness) Fail(f notifiertest.Fault) bool {
	switch f {
	case notifiertest.Blocked: // away for longer than anybody waits
		h.browser.Close()
		h.until("the page is closed", func() bool { return webchat.Open(h.channel) == 0 })
		h.skip(h.waits.Gone)
		h.mend = func() { h.must(h.browser.Open(h.Context(), 0)) }
	case notifiertest.Hang:
		h.browser.Mute(true)
		h.mend = func() { h.browser.Mute(false) }
	case notifiertest.Reset:
		h.browser.Cut(true)
		h.mend = func() {
			h.browser.Cut(false)
			h.browser.Close()
			h.must(h.browser.Open(h.Context(), 0))
		}
	case notifiertest.EditGone:
		h.Erase("")
	case notifiertest.NotModified:
	default:
		return false
	}
	return true
}

// Erase forgets the whole talk: a reader cannot delete one message of it.
func (h *harness) Erase(string) { h.forget(h.addressOf(h.browser)) }

// Seen leaves out the greeting with which the talk began.
func (h *harness) Seen() []notifiertest.Seen {
	var out []notifiertest.Seen
	for _, s := range h.browser.Shown() {
		if s.ID == h.first {
			continue
		}
		one := notifiertest.Seen{Message: strconv.FormatInt(s.ID, 10), Text: s.Text, Edited: s.Edited, Silent: s.Silent}
		if s.About != 0 {
			one.ReplyTo = strconv.FormatInt(s.About, 10)
		}
		out = append(out, one)
	}
	return out
}
