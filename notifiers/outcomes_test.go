package notifiers_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// panicking is a speaker that cannot make the cards of one service.
type panicking struct{ notifiers.Speaker }

func (p panicking) Card(s subscriptions.Sheet, sel wording.Selection) wording.Card {
	if strings.Contains(s.Words["en"].Title, string(tax)) {
		panic("no words")
	}
	return p.Speaker.Card(s, sel)
}

// Each outcome of the wire becomes a row that says what happened.
func TestOutcomesAreRecorded(t *testing.T) {
	t.Parallel()
	once := func(a answer) func(*network) func(wire) *answer {
		return func(n *network) func(wire) *answer {
			return func(q wire) *answer {
				if q.Method != "send" {
					return nil
				}
				n.fault = nil
				return &a
			}
		}
	}
	tests := []struct {
		name   string
		fault  func(*network) func(wire) *answer
		finder bool
		kind   subscriptions.Kind
		state  subscriptions.DeliveryState
		times  int // how often it arrived
	}{
		{"blocked", once(answer{status: 403}), false, subscriptions.Outage, subscriptions.Failed, 0},
		{"refused", once(answer{status: 400}), false, subscriptions.Outage, subscriptions.Failed, 0},
		{"a hiccup", once(answer{status: 500}), false, subscriptions.Outage, subscriptions.Sent, 1},
		{"too fast", once(answer{status: 429, after: 50 * time.Millisecond}), false, subscriptions.Outage, subscriptions.Sent, 1},
		{"it arrived, the answer did not: an outage is sent again", once(answer{cut: true, accept: true}), false, subscriptions.Outage, subscriptions.Sent, 2},
		{"it arrived, the answer did not: a maintenance is not", once(answer{cut: true, accept: true}), false, subscriptions.Maintenance, subscriptions.Unknown, 1},
		{"it arrived, and the network can be asked", once(answer{cut: true, accept: true}), true, subscriptions.Outage, subscriptions.Sent, 1},
		{"it did not arrive, and the network can be asked", once(answer{cut: true}), true, subscriptions.Maintenance, subscriptions.Sent, 1},
		{"no answer", once(answer{hang: true}), false, subscriptions.Outage, subscriptions.Sent, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h, n := newHouse(t), newNetwork(t)
			h.recipient(laneA, subscriptions.Person, "one", tax)
			n.failing(tt.fault(n))
			var channel notifiers.Channel = newMessenger(laneA, n)
			if tt.finder {
				channel = finding{newMessenger(laneA, n)}
			}
			h.serve("a", func(c *notifiers.Config) { c.Tenure, c.Timeout = 20*time.Second, 300*time.Millisecond },
				notifiers.Lane{Channel: channel, Rate: 100})
			_, notice := h.publish(h.incident(tax), tt.kind, true)
			p := h.settled(notice)
			if p.Count(tt.state) != 1 {
				t.Errorf("got %v, want 1 %s", p.ByLane, tt.state)
			}
			if got := told(n.entries(), tt.kind)["one"]; got != tt.times {
				t.Errorf("it arrived %d times, want %d", got, tt.times)
			}
		})
	}
}

// What may have arrived is not sent again while the network cannot be asked.
func TestAnUnknownWaitsUntilItIsAsked(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]answer{"in trouble": {status: 500}, "asked too often": {status: 429, after: 20 * time.Millisecond}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, n := newHouse(t), newNetwork(t)
			h.recipient(laneA, subscriptions.Channel, "one", tax)
			asked := 0
			n.failing(func(q wire) *answer {
				if q.Method == "find" {
					if asked++; asked > 3 {
						return nil
					}
					return &refusal
				}
				if asked == 0 {
					return &answer{cut: true, accept: true}
				}
				return nil
			})
			h.serve("a", nil, notifiers.Lane{Channel: finding{newMessenger(laneA, n)}, Rate: 100})
			_, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
			h.settled(outage)
			if got := told(n.entries(), subscriptions.Outage)["one"]; got != 1 {
				t.Errorf("it arrived %d times, want once", got)
			}
			if asked < 4 {
				t.Errorf("asked %d times, want until there was an answer", asked)
			}
		})
	}
}

// Somebody who moved is told at the new address.
func TestMovedIsFollowed(t *testing.T) {
	t.Parallel()
	h, n := newHouse(t), newNetwork(t)
	h.recipient(laneA, subscriptions.Group, "old", tax)
	n.failing(func(q wire) *answer {
		if q.To == "old" {
			return &answer{status: 421, to: "new"}
		}
		return nil
	})
	h.serve("a", nil, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 100})
	_, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
	h.settled(outage)
	if got := told(n.entries(), subscriptions.Outage); got["new"] != 1 || got["old"] != 0 {
		t.Errorf("got %v, want one message at the new address", got)
	}
	if _, err := h.store.Recipient(h.ctx, laneA, subscriptions.AddressOf("new")); err != nil {
		t.Errorf("the new address is not remembered: %v", err)
	}
}

// A dead credential pauses the lane, loses nothing, and a mended one resumes it
// without anybody's doing.
func TestHaltResumesByItself(t *testing.T) {
	t.Parallel()
	const flight = 8
	h, n := newHouse(t), newNetwork(t)
	h.citizens(laneA, 30)
	n.failing(func(wire) *answer { return &answer{status: 401} })
	d, _ := h.serve("a", nil, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 500, InFlight: flight})
	_, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
	h.wait("the halt", func() bool { return h.hasTrouble(notifiers.TroubleHalted) == 1 && lanePaused(h, laneA) })
	_, err := d.Reply(h.ctx, laneA, notifiers.Message{To: notifiers.Target{Address: subscriptions.AddressOf("x"), Kind: subscriptions.Person}})
	if halt := (notifiers.Halt{}); !errors.As(err, &halt) {
		t.Errorf("reply on a halted lane: got %v, want halt", err)
	}
	if got := len(n.requests()); got > 2*flight+2 { // a request may begin while the first answer is read
		t.Errorf("got %d requests with a dead credential, want those in flight and a probe now and then", got)
	}
	n.failing(nil)
	p := h.settled(outage)
	if p.Count(subscriptions.Sent) != 30 || h.hasTrouble(notifiers.TroubleResumed) != 1 || lanePaused(h, laneA) {
		t.Errorf("got %d sent, resumed %d, paused %t, want 30, 1, false", p.Count(subscriptions.Sent), h.hasTrouble(notifiers.TroubleResumed), lanePaused(h, laneA))
	}
}

// Who may have been told gets the end, though the start stayed unknown.
func TestUnknownGetsTheEnd(t *testing.T) {
	t.Parallel()
	h, n := newHouse(t), newNetwork(t)
	h.recipient(laneA, subscriptions.Person, "one", tax)
	n.failing(func(q wire) *answer {
		if strings.HasPrefix(q.Text, string(subscriptions.Outage)) {
			return &answer{cut: true, accept: true}
		}
		return nil
	})
	h.serve("a", func(c *notifiers.Config) { c.Tenure, c.Timeout = 20*time.Second, 300*time.Millisecond },
		notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 100})
	i, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
	h.wait("the alert", func() bool { return len(n.entries()) > 0 })
	restored := h.restore(i, outage.ID)
	h.wait("the end", func() bool { return told(n.entries(), subscriptions.Restored)["one"] == 1 })
	h.settled(restored)
}

// An update without sound edits the live message; where that is gone it comes as
// a new one, without sound.
func TestEditsAndWhatCannotBeEdited(t *testing.T) {
	t.Parallel()
	h, n := newHouse(t), newNetwork(t)
	h.recipient(laneA, subscriptions.Person, "keeps", tax)
	h.recipient(laneA, subscriptions.Person, "erased", tax)
	h.serve("a", nil, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 100})
	i, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
	h.settled(outage)
	first := map[string]string{}
	for _, e := range n.entries() {
		first[e.To] = e.Message
	}
	harness{n: n}.Erase(first["erased"])
	i, update := h.publish(i, subscriptions.Update, false, outage.ID)
	h.settled(update)
	for _, e := range n.entries()[2:] {
		switch {
		case e.To == "keeps" && (e.Method != "edit" || e.Message != first["keeps"]):
			t.Errorf("got %s of message %s, want the first edited", e.Method, e.Message)
		case e.To == "erased" && (e.Method != "send" || !e.Silent):
			t.Errorf("got %s, silent %t, want a new message without sound", e.Method, e.Silent)
		}
	}
	restored := h.restore(i, update.ID)
	h.settled(restored)
	for _, e := range n.entries()[4:] {
		if e.Method != "send" || e.To == "keeps" && e.Reply != first["keeps"] {
			t.Errorf("the end: got %s in reply to %q, want a new message under the first", e.Method, e.Reply)
		}
	}
}

// A public channel reads every language in one message, and has the live
// incident pinned until its end.
func TestChannelPostsArePinned(t *testing.T) {
	t.Parallel()
	h, n := newHouse(t), newNetwork(t)
	h.recipient(laneA, subscriptions.Channel, "public", tax)
	h.serve("a", nil, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 100})
	i, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
	h.settled(outage)
	post := n.entries()[0]
	if !strings.Contains(post.Text, " en") || !strings.Contains(post.Text, " sw") {
		t.Errorf("got %q, want both languages", post.Text)
	}
	h.wait("the pin", func() bool { return n.pinnedIn("public") == post.Message })
	h.settled(h.restore(i, outage.ID))
	h.wait("the unpin", func() bool { return n.pinnedIn("public") == "" })
}

// A conversation is answered in the middle of a broadcast, within one budget.
func TestReplyInMidWave(t *testing.T) {
	t.Parallel()
	h, n := newHouse(t), newNetwork(t)
	h.citizens(laneA, 200)
	d, stop := h.serve("a", nil, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 50, InFlight: 8})
	h.publish(h.incident(tax), subscriptions.Outage, true)
	h.wait("the wave", func() bool { return len(n.entries()) > 10 })
	m := notifiers.Message{To: notifiers.Target{Address: subscriptions.AddressOf("asks"), Kind: subscriptions.Person}, Card: wording.Card{Title: "answer"}}
	asked := time.Now()
	if _, err := d.Reply(h.ctx, laneA, m); err != nil {
		t.Fatal(err)
	}
	before := 0
	for _, e := range n.entries() {
		if e.To == "asks" {
			break
		}
		if e.Begun.After(asked) {
			before++
		}
	}
	if before > 8+1 {
		t.Errorf("%d broadcasts went before the reply, want at most those in flight", before)
	}
	if _, err := d.Reply(h.ctx, "fake:unknown", m); !errors.Is(err, subscriptions.ErrNotFound) {
		t.Errorf("unknown lane: got %v, want not found", err)
	}
	stop()
	if _, err := d.Reply(h.ctx, laneA, m); !errors.Is(err, notifiers.ErrNotOwner) {
		t.Errorf("after the end: got %v, want not owner", err)
	}
}

// What runs only with the lane runs on one replica at a time.
func TestOwnRunsOnce(t *testing.T) {
	t.Parallel()
	h, n := newHouse(t), newNetwork(t)
	var mu sync.Mutex
	running, most := 0, 0
	lane := notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 50, Own: func(ctx context.Context) error {
		mu.Lock()
		running++
		most = max(most, running)
		mu.Unlock()
		<-ctx.Done()
		mu.Lock()
		running--
		mu.Unlock()
		return nil
	}}
	now := func() int { mu.Lock(); defer mu.Unlock(); return running }
	_, stopA := h.serve("a", nil, lane)
	_, stopB := h.serve("b", nil, lane)
	h.wait("one to listen", func() bool { return now() == 1 })
	stopA()
	h.wait("the other to listen", func() bool { return now() == 1 })
	stopB()
	if now() != 0 || most != 1 {
		t.Errorf("got %d still running and %d at once, want 0 and 1", now(), most)
	}
}
