package notifiers_test

import (
	"strings"
	"testing"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// A correction takes the place of every message that it corrects, through the id that
// was recorded, and is heard as a message of its own; who cannot be edited gets the
// message all the same.
func TestACorrectionEditsWhatWasSaid(t *testing.T) {
	t.Parallel()
	const people = 30
	h, n := newHouse(t), newNetwork(t)
	h.citizens(laneA, people)
	h.serve("a", nil, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 2000, ChatEvery: time.Millisecond})
	i, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
	h.settled(outage)
	sent := map[string]string{}
	for _, e := range n.entries() {
		sent[e.Message] = e.To
	}
	lost := n.entries()[0].Message // its reader has deleted the chat: it cannot be edited
	n.mu.Lock()
	delete(n.texts, lost)
	n.mu.Unlock()

	h.settled(h.correct(i, outage))

	if got := told(n.entries(), subscriptions.Correction); len(got) != people || doubles(got) != 0 {
		t.Errorf("%d people heard the correction with %d doubles, want %d and 0", len(got), doubles(got), people)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for id := range sent {
		text, there := n.texts[id]
		switch {
		case id == lost && there:
			t.Error("the message that was gone is there again")
		case id != lost && !strings.HasPrefix(text, string(subscriptions.Correction)):
			t.Errorf("a delivered message still says %q", strings.SplitN(text, "\n", 2)[0])
		}
	}
}

// Words that people have only by an edit are taken back in the edited message, and are
// heard as a message all the same; where newer words stand by now, these stay.
func TestACorrectionOfAnEdit(t *testing.T) {
	t.Parallel()
	const people = 20
	h, n := newHouse(t), newNetwork(t)
	h.citizens(laneA, people)
	h.serve("a", nil, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 2000, ChatEvery: time.Millisecond})
	i, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
	h.settled(outage)
	first := n.entries()
	i, wrong := h.publish(i, subscriptions.Update, false)
	h.settled(wrong)
	says := func() (heads map[string]int) {
		heads = map[string]int{}
		n.mu.Lock()
		defer n.mu.Unlock()
		for _, e := range first {
			head, _, _ := strings.Cut(n.texts[e.Message], " ")
			heads[head]++
		}
		return heads
	}
	if got := says(); got[string(subscriptions.Update)] != people {
		t.Fatalf("before the correction the messages say %v", got)
	}
	h.settled(h.correct(i, outage))
	if got := says(); got[string(subscriptions.Update)] != people {
		t.Errorf("the first notice is corrected, and its message, which says the update by now, says %v", got)
	}
	h.settled(h.correct(i, wrong))
	if got := says(); got[string(subscriptions.Correction)] != people {
		t.Errorf("the update is corrected, and the messages that were edited to say it say %v", got)
	}
	if got := told(n.entries(), subscriptions.Correction); len(got) != people || doubles(got) != people {
		t.Errorf("%d people heard %d corrections more than once, want each of %d to hear two", len(got), doubles(got), people)
	}
}

// correct takes a notice back.
func (h *house) correct(i subscriptions.Incident, wrong subscriptions.Notice) subscriptions.Notice {
	at := now()
	c, err := h.store.Commit(h.ctx, subscriptions.Change{Day: "2025-0103", Line: line("notice.correct"), Now: at, Notices: []subscriptions.Notice{{
		Incident: i.ID, Round: i.Round, Kind: subscriptions.Correction, Agency: "ecitizen", State: subscriptions.Published, Sound: true, Money: true,
		Corrects: wrong.ID, Slots: subscriptions.Slots{Withdraws: true}, Audience: subscriptions.Audience{subscriptions.ScopeAll: []subscriptions.ServiceID{tax}},
		Sheet: sheet(subscriptions.Correction, tax), CreatedAt: at, SubmittedAt: at, PublishedAt: at, ExpiresAt: at.Add(time.Hour)}}})
	h.must(err)
	return c.Notices[0]
}

// A correction overtakes the wrong words that are on their way: what we hold already is
// given back, and nobody who knows of the trouble hears them any more. Who has read them
// hears the correction after.
func TestACorrectionHaltsWrongWords(t *testing.T) {
	t.Parallel()
	const people, inFlight = 300, 60
	h, n := newHouse(t), newNetwork(t)
	h.citizens(laneA, people)
	h.serve("a", nil, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 4000, InFlight: inFlight, Senders: 2, ChatEvery: time.Millisecond})
	n.failing(func(q wire) *answer {
		if strings.HasPrefix(q.Text, string(subscriptions.Update)) {
			time.Sleep(40 * time.Millisecond) // most of what is in flight waits in our hands, for two seconds
		}
		return nil
	})
	i, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
	h.settled(outage)
	i, wrong := h.publish(i, subscriptions.Update, true, outage.ID)
	h.wait("some wrong words", func() bool { return h.progress(wrong).Count(subscriptions.Sent) > 30 })
	c := h.correct(i, wrong)
	corrected := time.Now()
	h.settled(c)
	h.settled(wrong)
	last := map[string]string{}
	for _, e := range n.entries() {
		head, _, _ := strings.Cut(e.Text, " ")
		if late := e.Begun.Sub(corrected); head == string(subscriptions.Update) && late > time.Second {
			t.Errorf("wrong words began %s after their correction", late)
		}
		if e.Method == "send" {
			last[e.To] = head
		}
	}
	for _, head := range last {
		if head == string(subscriptions.Update) {
			t.Error("somebody has read the wrong words last")
		}
	}
	halted := people - len(told(n.entries(), subscriptions.Update))
	if halted < people/3 {
		t.Errorf("%d of %d were spared: too few to prove anything", halted, people)
	}
	if p := h.progress(wrong); p.Superseded[subscriptions.ByNewer] != halted {
		t.Errorf("got %v superseded, want %d", p.Superseded, halted)
	}
}

// Stop halts every replica within two seconds: each asks before each request.
func TestStopHaltsEveryReplica(t *testing.T) {
	t.Parallel()
	h, n := newHouse(t), newNetwork(t)
	h.citizens(laneA, 400)
	h.citizens(laneB, 400)
	h.serve("a", nil, notifiers.Lane{Channel: newMessenger(laneA, n), Rate: 60, InFlight: 8})
	h.serve("b", nil, notifiers.Lane{Channel: newMessenger(laneB, n), Rate: 60, InFlight: 8})
	_, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
	h.wait("both waves", func() bool {
		p := h.progress(outage)
		return p.ByLane[laneA][subscriptions.Sent] > 20 && p.ByLane[laneB][subscriptions.Sent] > 20
	})
	outage.State, outage.StoppedAt = subscriptions.Stopped, now()
	_, err := h.store.Commit(h.ctx, subscriptions.Change{Notices: []subscriptions.Notice{outage}, Line: line("notice.stop"), Now: now()})
	h.must(err)
	stopped := time.Now()
	h.settled(outage)
	time.Sleep(2*time.Second + 200*time.Millisecond - time.Since(stopped)) // what must not happen has this long to happen
	if len(n.entries()) == 800 {
		t.Fatal("the wave was over before the stop: nothing is proved")
	}
	for _, e := range n.entries() {
		if late := e.Begun.Sub(stopped); late > 2*time.Second {
			t.Fatalf("a message began %s after the stop", late)
		}
	}
}
