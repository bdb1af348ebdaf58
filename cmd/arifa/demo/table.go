package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// line is one line of the verdict in words.
type line struct {
	what  string
	count int
	good  bool
	words string
}

// lines puts the verdict into words.
func (r Result) lines() []line {
	zero := func(what string, n int, words string) line { return line{what, n, n == 0, words} }
	return []line{
		zero("missed", r.Missed, "owed a notice and never told, late joiners included"),
		zero("duplicates", r.Duplicates, "got the same notice twice as a new message"),
		zero("strangers", r.Strangers, "told without following it, or after leaving"),
		zero("stale", r.Stale, "alerts begun more than 1 s after restored"),
		zero("no_end", r.NoEnd, "heard the start, never the end"),
		zero("false_wakeups", r.FalseWakeups, "officers woken about what did not fail"),
	}
}

// verdict ends one incident: who heard nothing, the table, and what went wrong.
func (s *screen) verdict(r *rehearsal, v Result) {
	s.phones(r)
	if i := r.crowd.shown[2]; i >= 0 && s.read[2] == 0 {
		s.print("\n         %s\n", s.dim(r.reader(2)))
		s.print("         (nothing came: this service does not depend on what failed)\n")
		s.drawing.silent = r.reader(2)
	}
	s.print("\n%s\n", s.bold("The verdict, from the network's own ledger"))
	s.print("%s\n", strings.Repeat("─", columns))
	for _, l := range v.lines() {
		mark := "ok"
		if !l.good {
			mark = s.bold("!!")
		}
		s.print("  %s %-13s %7s  %s\n", mark, l.what, thousands(l.count), l.words)
	}
	s.print("%s\n", strings.Repeat("─", columns))
	for _, l := range v.figures() {
		s.print("     %s\n", l)
	}
	for _, example := range v.Violations {
		for k, l := range wrap(example, columns-6) {
			s.print("  %s %s\n", [...]string{"!!", "  "}[min(k, 1)], l)
		}
	}
	conclusion := "Passed: every promise was kept."
	if !v.Passed() {
		conclusion = "Failed: a promise was broken."
	}
	s.print("\n%s\n", s.bold(conclusion))
	if s.picture != nil {
		s.drawing.result, s.drawing.conclusion = v, conclusion
		_, _ = s.picture.Write(s.drawing.svg()) // the caller closes the file and tells
	}
}

// figures are what is worth knowing beside the verdict.
func (r Result) figures() []string {
	out := []string{
		fmt.Sprintf("%s citizens on %s: %s messages and %s silent edits, %s made needless by newer words", thousands(r.Citizens), r.Store, thousands(r.Sent), thousands(r.Edited), thousands(r.Superseded)),
		fmt.Sprintf("followers of %d services heard, of %d rightly heard nothing", r.Hear, r.NotHear),
		fmt.Sprintf("first message %d ms after the officer's tap; peak memory %d MiB, the simulated network included; %.1f s", r.FirstMessageMS, r.PeakRSSMiB, r.Seconds),
	}
	if r.FirstWordSeconds != nil {
		text := fmt.Sprintf("first official word %s after the first complaint", (time.Duration(*r.FirstWordSeconds) * time.Second).String())
		if r.DetectedSeconds != nil {
			text += fmt.Sprintf("; officers called %s the tenth", fromThen(time.Duration(*r.DetectedSeconds*float64(time.Second))))
		}
		out = append(out, text)
	}
	if r.PerSecond > 0 {
		out = slices.Insert(out, 2, fmt.Sprintf("fastest wave: %s messages a second", thousands(int(r.PerSecond))))
	}
	return out
}
