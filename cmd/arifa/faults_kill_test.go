package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

// Whoever publishes and whoever sends are killed at once with SIGKILL, in turn 50 to 900 ms
// after the officer's command was started and up to 900 ms after it said "published": while
// it publishes, while the audience is written down, while it is sent to, while what was sent
// is recorded. The command is repeated with its key: there is one notice, nobody is missed,
// and a kill repeats at most the cap.
func TestFaultsKilledFromPublishToRecording(t *testing.T) {
	t.Parallel()
	inWorlds(t, rounds(2, 200), 5, killedAnywhere)
}

func killedAnywhere(t *testing.T, database string, rounds int) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	people, pace := size(1000, 3000), size(1500, 3000)
	c := newCrowd(t, database, people)
	c.net.Inject(telegramtest.Fault{Delay: 5 * time.Millisecond}) // so that some fly
	start := func() *program {
		p := c.serves("--telegram-rate", strconv.Itoa(pace), "--telegram-in-flight", strconv.Itoa(crashCap), "--tenure", "2s", "--request-timeout", "1s")
		p.get("/healthz")
		return p
	}
	sender := start()
	for round := range rounds {
		publisher := c.publishes(fmt.Sprintf("round-%d", round))
		words, err := publisher.StdoutPipe()
		if err == nil {
			err = publisher.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		after, of := 50*time.Millisecond+time.Duration(r.Int64N(int64(850*time.Millisecond))), "the command"
		if round%2 == 0 {
			after, of = time.Duration(r.Int64N(int64(900*time.Millisecond))), "its answer"
			_, _ = words.Read(make([]byte, 1))
		}
		wait(t, after)
		_ = publisher.Process.Kill()
		_ = sender.cmd.Process.Kill()
		_, _ = publisher.Wait(), sender.cmd.Wait()
		at := c.phase()
		sender = start()

		again := c.publishes(fmt.Sprintf("round-%d", round))
		if out, err := again.CombinedOutput(); err != nil {
			t.Fatalf("seed %d, round %d: said again: %v\n%s", seed, round, err, out)
		}
		n := c.newest(round + 1)
		c.waitDone(n)
		c.judgeKill(n, fmt.Sprintf("seed %d, round %d, killed %s after %s, %s", seed, round, after.Round(time.Millisecond), of, at))
		i, err := c.office.store.Incident(t.Context(), n.Incident)
		if err != nil {
			t.Fatal(err)
		}
		c.waitDone(c.works(i).Notice)
	}
	if err := sender.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// publishes is the officer's command, with an idempotency key.
func (c *crash) publishes(request string) *exec.Cmd {
	p := process(c.t, "incident", "open", "--database", c.database, "--agency", "ecitizen", "--platforms", "ecitizen-payments", "--publish", "--json", "--request", request)
	p.Env = append(os.Environ(), "ARIFA_OFFICER_KEY="+c.key)
	return p
}

// outages are those that were published.
func (c *crash) outages() (all []subscriptions.Notice) {
	c.t.Helper()
	published, err := c.office.store.Notices(c.t.Context(), 0, subscriptions.Published)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, n := range published {
		if n.Kind == subscriptions.Outage {
			all = append(all, n)
		}
	}
	return all
}

// newest is the newest outage of so many.
func (c *crash) newest(want int) subscriptions.Notice {
	c.t.Helper()
	all := c.outages()
	if len(all) != want {
		c.t.Fatalf("%d outages were published in %d rounds", len(all), want)
	}
	return all[want-1]
}

// phase says how far the newest outage had come when everybody was killed.
func (c *crash) phase() string {
	c.t.Helper()
	all := c.outages()
	if len(all) == 0 {
		return "before it was published"
	}
	n := all[len(all)-1]
	p, err := c.office.desk.Progress(c.t.Context(), n.ID)
	if err != nil {
		c.t.Fatal(err)
	}
	written := 0
	for _, s := range []subscriptions.DeliveryState{subscriptions.Pending, subscriptions.Sent, subscriptions.Unknown, subscriptions.Failed} {
		written += p.Count(s)
	}
	i, err := c.office.store.Incident(c.t.Context(), n.Incident)
	switch {
	case err != nil:
		c.t.Fatal(err)
	case i.State.Over():
		return "before it was published"
	case !p.Expanded:
		return fmt.Sprintf("%d of %d written down, %d recorded as sent", written, c.people, p.Count(subscriptions.Sent))
	}
	return fmt.Sprintf("all written down, %d of %d recorded as sent, %d received", p.Count(subscriptions.Sent), c.people, c.sent(n))
}
