package catalogue

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	s "arifa/subscriptions"
)

// Diff is what a new catalogue changes in the one in force.
type Diff struct {
	Added   []Change `json:"added"`
	Changed []Change `json:"changed"`
	Retired []Change `json:"retired"`
	// Removed are ids that vanished, Revived ids that were retired and are used
	// again. Both are forbidden: Err says so, and an import with them is refused.
	Removed []Change `json:"removed"`
	Revived []Change `json:"revived"`
	// Destinations and Payments hold the new or changed places to pay and ask at,
	// and the new or changed texts that move money or speak of it; Names the new or
	// changed names that hold a number, a link or a word of money, Identifiers the
	// platforms with new identifiers. Each stands also in Added,
	// Changed or Revived, and waits for two officers of its agency and 24 hours; until then
	// the old state holds. What only takes away (retired, not publishable any
	// more, unconfirmed again) does not wait.
	Destinations []Change `json:"destinations"`
	Payments     []Change `json:"payments"`
	Names        []Change `json:"names"`
	Identifiers  []Change `json:"identifiers"`
	// Ties are services and platforms that would be another body's, would depend on
	// something else, or would be found by another code. These wait for who has them.
	Ties []Change `json:"ties"`
	// Touched are the services whose followers the changes touch, in the new
	// catalogue's order, removed ones last.
	Touched []s.ServiceID `json:"touched"`
}

// Change is one entry that is not the same in both catalogues.
type Change struct {
	Kind   string     `json:"kind"` // catalogue, platform, agency, alternative, destination, contact, service
	ID     string     `json:"id"`
	Name   string     `json:"name"` // for people: the name in the default language, or the value
	Agency s.AgencyID `json:"agency,omitempty"`
	// Replaces is the retired entry whose followers move to this one.
	Replaces string  `json:"replaces,omitempty"`
	Facts    []Facts `json:"facts,omitempty"` // of a changed or revived entry, in the file's order
}

// Facts is one key of an entry before and after.
type Facts struct {
	Key string `json:"key"`
	Old string `json:"old"`
	New string `json:"new"`
}

// Compare tells what next changes in old. A nil old is an empty catalogue.
func Compare(old, next *s.Nation) Diff {
	var before []entry
	if old != nil {
		before = entriesOf(old)
	}
	after := entriesOf(next)
	known := make(map[string]entry, len(before))
	for _, e := range before {
		known[e.key()] = e
	}
	var d Diff
	kept := map[string]bool{}
	for _, e := range after {
		kept[e.key()] = true
		was, ok := known[e.key()]
		if !ok && e.Replaces != "" {
			was.ties = known[e.Kind+" "+e.Replaces].ties
		}
		d.enter(was, e, ok)
	}
	for _, e := range before {
		if !kept[e.key()] {
			d.Removed = append(d.Removed, e.Change)
		}
	}
	d.Touched = touched(d, old, next)
	return d
}

func (d *Diff) enter(was, e entry, known bool) {
	c := e.Change
	if !known {
		d.Added = append(d.Added, c)
		d.wait(was, e, c)
		return
	}
	if c.Facts = changes(was.facts, e.facts); len(c.Facts) == 0 {
		return
	}
	switch {
	case e.retired && !was.retired:
		d.Retired = append(d.Retired, c)
		return
	case was.retired && !e.retired:
		d.Revived = append(d.Revived, c)
	default:
		d.Changed = append(d.Changed, c)
	}
	d.wait(was, e, c)
}

// wait lists what two officers must let through first. An alternative whose
// payment mark is taken off waits too: else the mark would be the way round.
func (d *Diff) wait(was, e entry, c Change) {
	if e.retired {
		return
	}
	switch {
	case (e.Kind == "destination" || e.Kind == "contact") && e.publishable && e.opens(was):
		d.Destinations = append(d.Destinations, c)
	case e.Kind == "alternative" && (e.moves || was.moves) && e.speech != was.speech:
		d.Payments = append(d.Payments, c)
	}
	d.tie(was, e, c)
	for key, text := range e.names {
		if text != was.names[key] && tempts(text) {
			d.Names = append(d.Names, c)
			break
		}
	}
	for _, code := range e.codes {
		if !slices.Contains(was.codes, code) {
			d.Identifiers = append(d.Identifiers, c)
			break
		}
	}
}

// tie lists ties that wait.
func (d *Diff) tie(was, e entry, c Change) {
	if e.ties == nil {
		return
	}
	var before s.Ties
	if was.ties != nil {
		before = *was.ties
	}
	if before = e.ties.Before(before); e.ties.Waits(before) {
		c.Agency = before.Agency
		d.Ties = append(d.Ties, c)
	}
}

// tempts reports whether a second officer must read a text.
func tempts(text string) bool {
	two, _ := s.NeedsTwoOfficers(referenceForm.ReplaceAllString(text, " ; "))
	return two
}

// Waiting counts what waits for two officers.
func (d Diff) Waiting() int {
	return len(d.Destinations) + len(d.Payments) + len(d.Names) + len(d.Identifiers) + len(d.Ties)
}

// opens reports whether a publishable entry lets more reach a citizen than it did.
func (e entry) opens(was entry) bool {
	return e.speech != was.speech || !was.publishable || was.verify && !e.verify
}

// Empty reports whether nothing differs.
func (d Diff) Empty() bool {
	return len(d.Added)+len(d.Changed)+len(d.Retired)+len(d.Removed)+len(d.Revived) == 0
}

// Err is nil, or a Faults that says why the new catalogue cannot take the place
// of the old one. Its faults have line 1: what they name is not in the file.
func (d Diff) Err() error {
	var faults Faults
	for _, c := range d.Removed {
		faults = append(faults, Fault{1, section(c.Kind) + "." + c.ID, "the id vanished: its followers would hear nothing any more; retire it instead (keep the entry and write retired: true)"})
	}
	for _, c := range d.Revived {
		faults = append(faults, Fault{1, section(c.Kind) + "." + c.ID, "the id was retired and is used again: leave it retired and add an entry with a new id"})
	}
	if len(faults) == 0 {
		return nil
	}
	return faults
}

func section(kind string) string {
	switch kind {
	case "agency":
		return "agencies"
	case "destination":
		return "payment_destinations"
	}
	return kind + "s"
}

// Lines tells the difference to a person, one line each, always in one order.
func (d Diff) Lines() []string {
	var lines []string
	put := func(sign string, all []Change, tail func(Change) string) {
		for _, c := range all {
			lines = append(lines, fmt.Sprintf("%s %s %s: %s%s", sign, c.Kind, c.ID, c.Name, tail(c)))
		}
	}
	put("+", d.Added, func(c Change) string {
		if c.Replaces == "" {
			return ""
		}
		return "; takes over the followers of " + c.Replaces
	})
	put("~", d.Changed, described)
	put("-", d.Retired, func(Change) string { return "; retired" })
	put("!", d.Removed, func(Change) string { return "; vanished, which is not allowed: retire it instead" })
	put("!", d.Revived, func(Change) string { return "; was retired and cannot come back: use a new id" })
	wait := func(what string) func(Change) string {
		return func(c Change) string {
			return "; " + what + " for two officers of " + string(c.Agency) + " and 24 hours"
		}
	}
	put("?", d.Destinations, wait("waits"))
	put("?", d.Payments, wait("waits"))
	put("?", d.Names, wait("the name waits"))
	put("?", d.Identifiers, wait("the identifiers wait"))
	put("?", d.Ties, wait("whose it is, what it depends on or its codes wait"))
	if len(d.Touched) > 0 {
		lines = append(lines, fmt.Sprintf("= services touched: %d", len(d.Touched)))
	}
	return lines
}

func described(c Change) string {
	parts := make([]string, len(c.Facts))
	for i, f := range c.Facts {
		parts[i] = fmt.Sprintf("%s %s → %s", f.Key, shown(f.Old), shown(f.New))
	}
	return "; " + strings.Join(parts, "; ")
}

func shown(s string) string {
	if s == "" {
		return "nothing"
	}
	return strconv.Quote(s)
}

// changes pairs facts by key: a catalogue with one language more has more keys.
func changes(old, next []fact) []Facts {
	was := make(map[string]string, len(old))
	for _, f := range old {
		was[f.key] = f.value
	}
	var all []Facts
	for _, f := range next {
		if was[f.key] != f.value {
			all = append(all, Facts{f.key, was[f.key], f.value})
		}
		delete(was, f.key)
	}
	for _, f := range old { // a language that was taken away
		if value := was[f.key]; value != "" {
			all = append(all, Facts{f.key, value, ""})
		}
	}
	return all
}
