package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// limited is a network that takes 50 ms a message, and asks the whole lane for pauses.
type limited struct {
	mu     sync.Mutex
	pauses map[int]time.Duration // at which message
	sent   int
	begun  time.Time // of the last pause
	until  time.Time
	last   time.Time
	inside int // requests that came inside a pause
}

func (n *limited) Name() subscriptions.LaneID { return "fake:1" }

func (n *limited) Send(context.Context, notifiers.Message) (notifiers.Receipt, error) {
	time.Sleep(50 * time.Millisecond)
	n.mu.Lock()
	defer n.mu.Unlock()
	if left := time.Until(n.until); left > 0 {
		n.inside++
		return notifiers.Receipt{}, notifiers.Later{After: left, Scope: notifiers.PauseLane, Err: errors.New("429")}
	}
	if d := n.pauses[n.sent]; d > 0 {
		delete(n.pauses, n.sent)
		n.begun = time.Now()
		n.until = n.begun.Add(d)
		return notifiers.Receipt{}, notifiers.Later{After: d, Scope: notifiers.PauseLane, Err: errors.New("429")}
	}
	n.sent++
	n.last = time.Now()
	return notifiers.Receipt{Message: fmt.Sprint(n.sent), At: n.last}, nil
}

func (n *limited) count() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.sent
}

// The finishing time that progress tells of a real wave of the real dispatcher comes true
// within 5 % at every point of it: from the third second on, through the pauses that a
// network asks for as long as they last, and after an operator changed the pace.
func TestTheFinishingTimeOfAWaveComesTrue(t *testing.T) {
	t.Parallel()
	const people = 800
	for _, c := range []struct {
		name   string
		pauses map[int]time.Duration
		slower int // so many were told when an operator halves the pace
	}{
		{"steady", nil, 0},
		{"429s", map[int]time.Duration{150: 20 * time.Second, 300: 7 * time.Second}, 0},
		{"another pace", nil, 300},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { foretold(t, people, &limited{pauses: c.pauses}, c.slower) })
		})
	}
}

// foresight is what progress said, and what was known when it did.
type foresight struct {
	at, done time.Time
	sent     int
}

func foretold(t *testing.T, people int, n *limited, slower int) {
	const rate = 20.0
	st, err := open(t.Context(), filepath.Join(t.TempDir(), "arifa.db"), migrated, discard())
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	notice := waveOf(t, st, people)
	speaker, err := wording.NewSpeaker()
	if err != nil {
		t.Fatal(err)
	}
	d, err := notifiers.New(notifiers.Config{Outbox: st, Lanes: st, Speaker: speaker, Languages: []subscriptions.Language{"en"}, Zone: time.UTC, Owner: "one",
		Log: slog.New(slog.DiscardHandler), Channels: []notifiers.Lane{{Channel: n, Rate: rate}}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()

	var seen progressSeen
	var said []foresight
	for end := time.Now().Add(time.Hour); n.count() < people; time.Sleep(time.Second) {
		if time.Now().After(end) {
			t.Fatalf("%d of %d were told in an hour", n.count(), people)
		}
		if slower > 0 && n.count() >= slower {
			slower, said = 0, nil // what was said before knew nothing of it
			if err := st.SetRate(ctx, n.Name(), rate/2); err != nil {
				t.Fatal(err)
			}
		}
		p, err := st.Progress(ctx, notice)
		if err != nil {
			t.Fatal(err)
		}
		lanes, err := st.LaneList(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range seen.look(p, lanes, func(subscriptions.LaneID) float64 { return rate }, time.Now()) {
			if l.Measured && !l.Done.IsZero() {
				said = append(said, foresight{time.Now(), l.Done, n.count()})
			}
		}
	}
	judge(t, n, said)
}

// judge compares what was said since the last pause began, before which nobody could know
// of it, with what came.
func judge(t *testing.T, n *limited, said []foresight) {
	worst, judged := 0.0, 0
	for _, f := range said {
		if f.at.Before(n.begun) {
			continue
		}
		judged++
		left, off := n.last.Sub(f.at), n.last.Sub(f.done).Abs()
		if off > left/20+2*time.Second { // it is told in whole seconds, and looked at each second
			t.Errorf("with %d told it said %s, which came true %s off, of %s that were left", f.sent, f.done.Format(time.TimeOnly), off, left)
		}
		if left > 20*time.Second {
			worst = max(worst, off.Seconds()/left.Seconds())
		}
	}
	t.Logf("%d times it said when, at most %.1f %% off", judged, 100*worst)
	if judged < 20 {
		t.Errorf("only %d times it said when", judged)
	}
}

// waveOf publishes one notice that so many people follow.
func waveOf(t *testing.T, st store, people int) subscriptions.NoticeID {
	t.Helper()
	now := time.Now().UTC()
	const pays subscriptions.ServiceID = "kra-pay-tax"
	for from := 0; from < people; from += 500 {
		var posts []subscriptions.Post
		for k := from; k < min(from+500, people); k++ {
			posts = append(posts, subscriptions.Post{Recipient: subscriptions.Recipient{Lane: "fake:1", Address: subscriptions.AddressOf(fmt.Sprint("n", k)), Kind: subscriptions.Person, Language: "en", CreatedAt: now},
				Follows: []subscriptions.Follow{{Scope: subscriptions.ScopeService(pays), Since: now.Add(-time.Hour), Consent: "paper"}}})
		}
		if err := st.(subscriptions.Importer).ImportRecipients(t.Context(), posts, now); err != nil {
			t.Fatal(err)
		}
	}
	i := subscriptions.Incident{State: subscriptions.Investigating, Round: 1, Owner: "ecitizen", OpenedAt: now, Since: now,
		Services: []subscriptions.ServiceState{{Service: pays, Impact: subscriptions.Blocked, Confirmed: true, Failing: true, Since: now, Round: 1}}}
	words := subscriptions.Words{Title: "Paying fails", Services: []subscriptions.ServiceLines{{Service: pays, Agency: "kra", Name: "Paying tax", Label: "Paying tax", State: "blocked"}}, More: "and %d more", Why: "You follow %s"}
	out, err := st.Commit(t.Context(), subscriptions.Change{Incident: &i, Day: "2025-0103", Now: now, Line: subscriptions.AuditLine{At: now, Action: "test", Outcome: "done"},
		Notices: []subscriptions.Notice{{Round: 1, Kind: subscriptions.Outage, Agency: "ecitizen", State: subscriptions.Published, Sound: true, CreatedAt: now, PublishedAt: now, ExpiresAt: now.Add(12 * time.Hour),
			Audience: subscriptions.Audience{subscriptions.ScopeAll: {pays}, subscriptions.ScopeService(pays): {pays}},
			Sheet:    subscriptions.Sheet{Version: 1, Kind: subscriptions.Outage, Words: map[subscriptions.Language]subscriptions.Words{"en": words}}}}})
	if err != nil {
		t.Fatal(err)
	}
	return out.Notices[0].ID
}
