package main

import (
	"strconv"
	"syscall"
	"testing"
	"time"

	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
	"arifa/subscriptions/postgres/postgrestest"
)

// Replicas on one PostgreSQL are started and ended in turn under load, by SIGTERM and by
// SIGKILL. A graceful stop leaves no unknown; whoever owned the lane and died is replaced
// within five seconds; nobody is missed, and a kill repeats no more than the cap.
func TestFaultsOfReplicasInTurn(t *testing.T) {
	t.Parallel()
	const pace = 100
	turns, every := rounds(2, 60), 1500*time.Millisecond
	if size(0, 1) == 1 {
		every = 20 * time.Second
	}
	people := int((every+2*time.Second)*time.Duration(turns)/time.Second) * pace
	c := newCrowd(t, postgrestest.Database(t), people)
	c.net.Inject(telegramtest.Fault{Delay: 80 * time.Millisecond}) // so that some fly when the owner ends
	start := func() *program {
		p := c.serves("--telegram-rate", strconv.Itoa(pace), "--telegram-in-flight", strconv.Itoa(crashCap), "--request-timeout", "1s")
		p.get("/healthz")
		return p
	}
	owner := start()
	var open subscriptions.Incident
	said := c.fails(&open)
	c.waitFirst(said.Notice)
	kills := 0
	for turn := range turns {
		next := start()
		wait(t, every)
		if turn%2 == 0 {
			c.until("what a kill left unknown to be sent again", func() bool { return c.count(said.Notice, subscriptions.Unknown) == 0 })
		}
		if c.count(said.Notice, subscriptions.Pending) == 0 {
			t.Errorf("turn %d: the wave is over: nothing is proved", turn)
		}
		of := c.owner()
		if turn%2 == 0 {
			if err := owner.stop(); err != nil {
				t.Errorf("turn %d: the stop ended with %v", turn, err)
			}
			if n := c.count(said.Notice, subscriptions.Unknown); n != 0 {
				t.Errorf("turn %d: %d are unknown after a graceful stop", turn, n)
			}
			after, _ := c.replaced(of)
			t.Logf("turn %d: stopped; another owned the lane %s later", turn, after.Round(time.Millisecond))
		} else {
			kills++
			if err := owner.cmd.Process.Signal(syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			after, late := c.replaced(of)
			_ = owner.cmd.Wait()
			t.Logf("turn %d: killed; another owned the lane %s later", turn, after.Round(time.Millisecond))
			if after > 5*time.Second+2*late {
				t.Errorf("turn %d: nobody owned the lane for %s, want at most 5 s (this machine was %s late)", turn, after, late)
			}
		}
		owner = next
	}
	c.waitDone(said.Notice)
	missed, twice := c.verdict(said.Notice)
	t.Logf("%d people, %d stops, %d kills: %d missed, %d twice", people, turns-kills, kills, missed, twice)
	if missed > 0 || twice > kills*crashCap {
		t.Errorf("want nobody missed, and at most %d twice", kills*crashCap)
	}
	if worst := c.worst(said.Notice); worst > 1+kills {
		t.Errorf("one person read it %d times over %d kills", worst, kills)
	}
}

func (c *crash) count(n subscriptions.Notice, s subscriptions.DeliveryState) int {
	c.t.Helper()
	p, err := c.office.desk.Progress(c.t.Context(), n.ID)
	if err != nil {
		c.t.Fatal(err)
	}
	return p.Count(s)
}

func (c *crash) owner() string {
	c.t.Helper()
	all, err := c.office.store.LaneList(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	for _, l := range all {
		if l.ID == c.lane() {
			return l.Tenure.Owner
		}
	}
	return ""
}

// replaced waits until another than this one owns the lane. It tells after how long, and
// how late this machine let us look in the meantime.
func (c *crash) replaced(was string) (after, late time.Duration) {
	c.t.Helper()
	begun, last := time.Now(), time.Now()
	c.until("another owner", func() bool {
		late, last = max(late, time.Since(last)-20*time.Millisecond), time.Now()
		now := c.owner()
		return now != "" && now != was
	})
	return time.Since(begun), late
}

// worst is how often one person read a notice.
func (c *crash) worst(n subscriptions.Notice) (most int) {
	got := map[int64]int{}
	for e := range c.net.Entries() {
		if e.Tag == n.Key.Short() && e.Kind == telegramtest.Send {
			got[e.Chat]++
			most = max(most, got[e.Chat])
		}
	}
	return most
}
