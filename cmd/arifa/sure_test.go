package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"arifa/subscriptions"
)

// seat is an officer who types commands, in-process, on a database of her own.
type seat struct {
	*testing.T
	database, key string
	store         store
}

func newSeat(t *testing.T) *seat {
	t.Helper()
	s := &seat{T: t, database: filepath.Join(t.TempDir(), "arifa.db")}
	var err error
	if s.store, err = open(t.Context(), s.database, migrated, discard()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.store.Close() })
	out := s.done("", "officer", "add", "Amina Otieno", "--role", "admin", "--role", "author:ecitizen", "--role", "approver:ecitizen")
	s.key = regexp.MustCompile(`key: +(\S+)`).FindStringSubmatch(out)[1]
	return s
}

// at runs a command; on a terminal when in is not empty.
func (s *seat) at(in string, args ...string) (code int, out, errs string) {
	s.Helper()
	var o, e safeBuffer
	args = append(args, "--database", s.database)
	if s.key != "" {
		args = append(args, "--officer-key", s.key)
	}
	code = run(s.Context(), world{Args: args, In: strings.NewReader(in), Terminal: in != "", Out: &o, Err: &e, Now: time.Now, Program: asItself})
	return code, o.String(), e.String()
}

func (s *seat) done(in string, args ...string) string {
	s.Helper()
	code, out, errs := s.at(in, args...)
	if code != exitDone {
		s.Fatalf("arifa %s: %d\n%s%s", strings.Join(args, " "), code, out, errs)
	}
	return out
}

// recorded counts what is on the audit record: everything that is stored leaves a
// line there.
func (s *seat) recorded() int {
	s.Helper()
	lines, err := s.store.AuditLines(s.Context(), 0, 10000)
	if err != nil {
		s.Fatal(err)
	}
	return len(lines)
}

// On a terminal every command that sends words shows them with their audience and
// asks; no, or no answer, leaves nothing behind. A script is not asked.
func TestWordsAreShownBeforeTheyGo(t *testing.T) {
	t.Parallel()
	s := newSeat(t)
	no := []string{"n\n", "\n", "what\n"} // in turn
	for k, c := range []struct {
		name, words string
		args        []string
	}{
		{"the first word", "do not pay again", []string{"incident", "open", "--platforms", "ecitizen-payments", "--publish"}},
		{"nothing is new", "still", []string{"notice", "no-change", "1"}},
		{"an update", "Rangers at the gate help you.", []string{"notice", "publish", "--incident", "1", "--kind", "update", "--free", "en=Rangers at the gate help you."}},
		{"a late tick", "Ardhisasa", []string{"incident", "confirm", "1", "--services", "UNCONFIRMED"}},
		{"the end", "again", []string{"notice", "restore", "1", "--landed", "+3h", "--pay-again", "no", "--moved", "no"}},
		{"a promised answer", "arrived", []string{"notice", "answer", "1", "--landed", "yes"}},
		{"words that one takes back", "do not pay again", []string{"incident", "open", "--platforms", "ecitizen-platform", "--publish"}},
		{"the fixed sentence", "wrong", []string{"notice", "withdraw", "LAST"}},
	} {
		args := s.resolved(c.args)
		before := s.recorded()
		code, out, errs := s.at(no[k%len(no)], args...)
		if code != exitNo || out != "" || !strings.Contains(errs, "[y/N]") || !strings.Contains(errs, "nothing was stored") {
			t.Fatalf("%s, answered %q: %d\n%s%s", c.name, no[k%len(no)], code, out, errs)
		}
		if !strings.Contains(strings.ToLower(errs), strings.ToLower(c.words)) || !strings.Contains(errs, "── sw ──") || !strings.Contains(errs, "Nobody follows this yet.") {
			t.Errorf("%s: the words or their audience are not shown:\n%s", c.name, errs)
		}
		if after := s.recorded(); after != before {
			t.Fatalf("%s: no left %d lines on the record", c.name, after-before)
		}
		if out := s.done("y\n", args...); !strings.Contains(out, "Published") {
			t.Fatalf("%s: %s", c.name, out)
		}
	}
	if _, _, errs := s.at("n\n", "notice", "publish", "--incident", "0", "--kind", "advisory", "--free", "en=x", "--yes"); strings.Contains(errs, "[y/N]") {
		t.Errorf("--yes asks:\n%s", errs)
	}
	if code, out, errs := s.at("", "incident", "open", "--platforms", "ecitizen-payments", "--publish"); code != exitDone || strings.Contains(errs, "[y/N]") {
		t.Errorf("without a terminal: %d\n%s%s", code, out, errs)
	}
}

// resolved fills in what only the database knows.
func (s *seat) resolved(args []string) []string {
	s.Helper()
	var out []string
	for _, a := range args {
		switch a {
		case "UNCONFIRMED":
			i, err := s.store.Incident(s.Context(), 1)
			if err != nil {
				s.Fatal(err)
			}
			a = string(i.Unconfirmed()[0])
		case "LAST":
			a = s.newest(2)
		}
		out = append(out, a)
	}
	return out
}

// newest is the number of an incident's newest published notice.
func (s *seat) newest(of subscriptions.IncidentID) string {
	s.Helper()
	all, err := s.store.Notices(s.Context(), of, subscriptions.Published)
	if err != nil || len(all) == 0 {
		s.Fatalf("incident %d has no notice (%v)", of, err)
	}
	return string(all[len(all)-1].Key)
}

// An officer who names herself by mistake is asked before she is shut out.
func TestShuttingOneselfOutAsks(t *testing.T) {
	t.Parallel()
	s := newSeat(t)
	for _, args := range [][]string{{"officer", "freeze", "1"}, {"officer", "disable", "1"}, {"officer", "freeze", "--agency", "ecitizen"}} {
		if code, _, errs := s.at("n\n", args...); code != exitNo || !strings.Contains(errs, "not even undo it") || !strings.Contains(errs, "nothing was changed") {
			t.Errorf("%v: %d\n%s", args, code, errs)
		}
	}
	if o, err := s.store.Officer(t.Context(), 1); err != nil || !o.Active() {
		t.Fatalf("she was shut out: %+v (%v)", o.FrozenAt, err)
	}
	s.done("", "officer", "add", "Juma Kariuki", "--role", "admin")
	if code, _, errs := s.at("n\n", "officer", "freeze", "2"); code != exitDone || strings.Contains(errs, "[y/N]") {
		t.Errorf("another one is not asked about: %d\n%s", code, errs)
	}
}
