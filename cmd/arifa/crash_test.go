package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
	"arifa/subscriptions/postgres/postgrestest"
)

const (
	crashPeople = 400
	crashCap    = 16  // --telegram-in-flight
	crashRate   = 600 // messages a second
)

var noticeNumber = regexp.MustCompile(`\b\d{4}-\d+\b`)

// TestG1G2KilledInMidBroadcast is G1 and G2: the real program is killed with SIGKILL
// again and again at random moments of a broadcast. Nobody is missed, and after each
// kill at most the in-flight cap of people read the notice twice, each of them at
// most once more. The verdict is the network's own ledger.
func TestG1G2KilledInMidBroadcast(t *testing.T) {
	t.Parallel()
	inWorlds(t, rounds(5, 200), 10, func(t *testing.T, database string, n int) { killLoop(newCrash(t, database), n) })
}

// onBothStores runs a test on an empty database of each store, side by side.
func onBothStores(t *testing.T, run func(t *testing.T, database string)) {
	t.Helper()
	for _, s := range stores() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			run(t, s.database(t))
		})
	}
}

// aStore makes empty databases of its kind.
type aStore struct {
	name     string
	database func(t *testing.T) string
}

func stores() []aStore {
	return []aStore{
		{"sqlite", func(t *testing.T) string { return filepath.Join(t.TempDir(), "arifa.db") }},
		{"postgresql", func(t *testing.T) string { return postgrestest.Database(t) }},
	}
}

type crash struct {
	t        *testing.T
	net      *telegramtest.Server
	database string
	people   int
	patience time.Duration
	office   *office
	key      string // of the officer
	app      *app
	process  *exec.Cmd
	log      *safeBuffer
}

// newCrash is so many people that a kill falls among them.
func newCrash(t *testing.T, database string) *crash {
	return newCrowd(t, database, crashPeople)
}

// emptyCrash is a database with an officer, a network, and nobody who follows anything.
func emptyCrash(t *testing.T, database string) *crash {
	c := bareCrash(t, database)
	c.openDesk(migrated)
	c.officer()
	return c
}

// bareCrash is a network, and a database that nothing was done to.
func bareCrash(t *testing.T, database string) *crash {
	c := &crash{t: t, database: database, log: &safeBuffer{}, patience: 90 * time.Second}
	// On a busy machine the answer of a 429 may reach the program late; it asks for a second.
	c.net = telegramtest.Start(t, telegramtest.Config{KeepLast: telegramtest.KeepNone, Limits: &telegramtest.Limits{Grace: 500 * time.Millisecond},
		Tag: func(text string) string { return noticeNumber.FindString(text) }})
	s := &settings{Database: database, TelegramToken: c.net.Token(), TelegramAPI: c.net.URL(), TelegramRate: crashRate, TelegramInFlight: crashCap, TelegramMode: "poll", Tenure: 30 * time.Second, LogLevel: "info"}
	c.app = &app{world: world{Now: time.Now}, settings: s, ctx: t.Context(), log: discard(), now: utc(time.Now)}
	t.Cleanup(c.kill)
	return c
}

// openDesk opens the desk on the database.
func (c *crash) openDesk(how opening) {
	c.t.Helper()
	st, err := open(c.t.Context(), c.database, how, discard())
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = st.Close() })
	if c.office, err = c.app.deskOn(st); err != nil {
		c.t.Fatal(err)
	}
}

func (c *crash) officer() {
	roles := []subscriptions.Grant{{Role: subscriptions.Admin}, {Role: subscriptions.Author, Agency: "ecitizen"}}
	n, err := c.office.desk.AddOfficer(c.t.Context(), desk.Actor{Via: "cli"}, desk.AddOfficer{Name: "Amina Otieno", Roles: roles}, c.app.now())
	if err != nil {
		c.t.Fatal(err)
	}
	c.key = n.Key
	if c.office.actor, err = c.office.desk.Authenticate(c.t.Context(), n.Key, "cli"); err != nil {
		c.t.Fatal(err)
	}
}

func (c *crash) start() {
	c.process = process(c.t, "serve", "--database", c.database, "--telegram-token", c.net.Token(), "--telegram-api", c.net.URL(),
		"--telegram-rate", strconv.Itoa(crashRate), "--telegram-in-flight", strconv.Itoa(crashCap), "--tenure", "3s", "--request-timeout", "1s", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0")
	c.process.Stderr = c.log
	if err := c.process.Start(); err != nil {
		c.t.Fatal(err)
	}
}

func (c *crash) kill() {
	if c.process == nil {
		return
	}
	_ = c.process.Process.Kill()
	_ = c.process.Wait()
	c.process = nil
}

func killLoop(c *crash, n int) {
	c.start()
	var open subscriptions.Incident
	for round := range n {
		said := c.say(&open, round)
		// The moment is counted from the first message, so that it falls into the wave.
		c.waitFirst(said)
		after := time.Duration(rand.IntN(int(time.Second * crashPeople / crashRate)))
		wait(c.t, after)
		c.kill()
		c.start()
		c.waitDone(said)
		c.judge(said, round, after)
	}
}

// say publishes an outage in even rounds and its end in odd ones. What was opened and
// not told, because publishing was refused, is told next.
func (c *crash) say(open *subscriptions.Incident, round int) subscriptions.Notice {
	c.t.Helper()
	n, err := c.publish(open, round)
	if err != nil {
		c.t.Fatalf("round %d: %v", round, err)
	}
	return n
}

func (c *crash) publish(open *subscriptions.Incident, round int) (subscriptions.Notice, error) {
	ctx, now, o := c.t.Context(), c.app.now(), c.office
	var out desk.Outcome
	var err error
	if round%2 == 0 {
		if open.ID == 0 {
			*open, err = o.desk.Open(ctx, o.actor, desk.OpenInput{Agency: "ecitizen", Platforms: []subscriptions.PlatformID{"ecitizen-payments"}, Since: now}, now)
		}
		if err == nil {
			out, err = o.desk.Publish(ctx, o.actor, desk.PublishInput{Draft: &desk.DraftInput{Incident: open.ID, Kind: subscriptions.Outage, Agency: "ecitizen"}}, now)
		}
	} else {
		out, err = o.desk.Restore(ctx, o.actor, desk.RestoreInput{Incident: open.ID, Agency: "ecitizen",
			Landed: subscriptions.Answer{Value: "yes"}, PayAgain: subscriptions.Answer{Value: "no"}, Moved: subscriptions.Answer{Value: "no"}}, now)
		if err == nil {
			*open = subscriptions.Incident{}
		}
	}
	return out.Notice, err
}

func (c *crash) waitFirst(n subscriptions.Notice) { c.waitTold(n, 1) }

// waitTold waits until a notice has reached so many.
func (c *crash) waitTold(n subscriptions.Notice, people int) {
	c.until(fmt.Sprintf("%d messages of %s", people, n.Key), func() bool {
		told := 0
		for e := range c.net.Entries() {
			if e.Tag == n.Key.Short() {
				told++
			}
		}
		return told >= people
	})
}

func (c *crash) waitDone(n subscriptions.Notice) {
	c.until("the end of "+string(n.Key), func() bool {
		p, err := c.office.desk.Progress(c.t.Context(), n.ID)
		return err == nil && p.Expanded && p.Count(subscriptions.Pending) == 0
	})
}

func (c *crash) until(what string, ok func() bool) {
	ctx, cancel := context.WithTimeout(c.t.Context(), c.patience)
	defer cancel()
	look := max(20*time.Millisecond, time.Duration(c.people)*20*time.Microsecond) // it costs more among more people
	for !ok() {
		select {
		case <-ctx.Done():
			c.t.Fatalf("waited too long for %s; the program said:\n%s", what, c.log.String())
		case <-time.After(look):
		}
	}
}

// judge reads the ledger: who got this notice as a new message, and how often.
func (c *crash) judge(n subscriptions.Notice, round int, after time.Duration) {
	c.t.Helper()
	c.judgeKill(n, fmt.Sprintf("round %d, %s, killed %s after the first message", round, n.Kind, after.Round(time.Millisecond)))
}

func (c *crash) judgeKill(n subscriptions.Notice, what string) {
	c.t.Helper()
	got := c.readers(n)
	missed, duplicates, worst := 0, 0, 0
	for i := range c.people {
		k := got[c.chat(i)]
		if k == 0 {
			missed++
		}
		duplicates += max(0, k-1)
		worst = max(worst, k)
	}
	c.t.Logf("%s: %d missed, %d twice", what, missed, duplicates)
	if missed > 0 {
		c.t.Errorf("%s: %d people were never told", what, missed)
	}
	if duplicates > crashCap {
		c.t.Errorf("%s: %d people read it twice, more than the cap of %d", what, duplicates, crashCap)
	}
	if worst > 2 {
		c.t.Errorf("%s: one person read it %d times", what, worst)
	}
}

func wait(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}
