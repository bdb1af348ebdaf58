package main

import (
	"bytes"
	"errors"
	"os"
	"strconv"
	"strings"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// failing is a database that fails under a broadcast, and the one program that lives
// through it.
type failing struct {
	*crash
	program *program
	open    subscriptions.Incident
	said    int    // notices that were acknowledged
	other   string // incident of which nobody is ever told, for every try is refused
}

// storeFault is a way in which a database fails. begin returns how it ends.
type storeFault struct {
	name  string
	begin func() (end func())
	lasts time.Duration // with what is refused meanwhile; 0 = it ends at once
	kind  error         // what the desk of an officer refuses with meanwhile; nil = that desk is not touched
	words []string      // what a command says that publishes meanwhile
	// command runs a command under the fault; nil = as any other.
	command func(args ...string) (code int, said string)
	// blind: the service cannot tell that it cannot store; small writes go through.
	blind bool
	twice int // how many may be told twice
}

func newFailing(c *crash, more ...string) *failing {
	c.t.Helper()
	now := c.app.now()
	other, err := c.office.desk.Open(c.t.Context(), c.office.actor, desk.OpenInput{Agency: "ecitizen", Services: []subscriptions.ServiceID{"ecitizen-login"}, Since: now}, now)
	if err != nil {
		c.t.Fatal(err)
	}
	return &failing{crash: c, program: serveProgram(c.t, c.net, c.database, more...), other: strconv.FormatInt(int64(other.ID), 10)}
}

// meet has a fault in the middle of a broadcast, and judges the broadcast.
func (s *failing) meet(round int, f storeFault) {
	s.t.Helper()
	n := s.say(&s.open, s.said)
	s.said++
	s.waitFirst(n)
	end := f.begin()
	if f.lasts > 0 {
		s.refused(f)
	}
	end()
	back := time.Now()
	s.waitDone(n)
	missed, twice := s.verdict(n)
	s.t.Logf("round %d, %s: %d missed, %d twice; told all %s after its end", round, f.name, missed, twice, time.Since(back).Round(10*time.Millisecond))
	if missed > 0 || twice > f.twice {
		s.t.Errorf("round %d, %s: %d missed, %d twice, want 0 and at most %d", round, f.name, missed, twice, f.twice)
	}
}

// refused publishes while the database cannot be used, by the desk and by the command:
// both are refused with the reason and with what to do, and the service answers and says
// that it is not ready.
func (s *failing) refused(f storeFault) {
	s.t.Helper()
	begun := time.Now()
	if f.kind != nil {
		if _, err := s.publish(&s.open, s.said); !errors.Is(err, f.kind) {
			s.t.Errorf("%s: publish: %v, want %v", f.name, err, f.kind)
		}
	}
	command := f.command
	if command == nil {
		command = s.command
	}
	code, said := command("notice", "publish", "--database", s.database, "--agency", "ecitizen", "--incident", s.other, "--kind", "outage")
	if code != exitNo {
		s.t.Errorf("%s: a command publishes: exit %d, %q", f.name, code, said)
	}
	for _, w := range f.words {
		if !strings.Contains(said, w) {
			s.t.Errorf("%s: a command that publishes says %q, want %q in it", f.name, said, w)
		}
	}
	if !f.blind {
		until(s.t, "not ready", func() bool {
			code, body := s.program.get("/readyz")
			return code == 503 && strings.Contains(body, "database")
		})
	}
	if code, _ := s.program.get("/healthz"); code != 200 {
		s.t.Errorf("%s: /healthz says %d: nobody must restart the program for that", f.name, code)
	}
	wait(s.t, f.lasts-time.Since(begun))
}

// end looks at what is left: the program is well, and every notice that was
// acknowledged is there, and none besides.
func (s *failing) end() {
	s.t.Helper()
	until(s.t, "ready again", func() bool { code, _ := s.program.get("/readyz"); return code == 200 })
	all, err := s.office.store.Notices(s.t.Context(), 0, subscriptions.Published)
	if err != nil || len(all) != s.said {
		s.t.Errorf("%d notices are published (%v), want the %d that were acknowledged", len(all), err, s.said)
	}
	if err := s.program.stop(); err != nil {
		s.t.Errorf("it does not stop cleanly: %v", err)
	}
}

// command runs one command as the officer.
func (c *crash) command(args ...string) (code int, said string) {
	c.t.Helper()
	p := process(c.t, args...)
	p.Env = append(os.Environ(), "ARIFA_OFFICER_KEY="+c.key)
	var out bytes.Buffer
	p.Stdout, p.Stderr = &out, &out
	_ = p.Run()
	return p.ProcessState.ExitCode(), out.String()
}
