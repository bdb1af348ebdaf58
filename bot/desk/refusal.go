package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"arifa/subscriptions"
)

// Refusal is a deed that the rules do not allow. It is on the audit record when
// the caller reads it.
type Refusal struct {
	Rule     int    // of the design's rules of speaking; 0 = a plain matter of input or state
	Why      string // one sentence, for the officer
	Do       string // what the officer can do instead
	Findings []subscriptions.Finding
}

func (r *Refusal) Error() string {
	s := r.Why
	if r.Rule != 0 {
		s = fmt.Sprintf("rule %d: %s", r.Rule, r.Why)
	}
	for _, f := range r.Findings {
		s += fmt.Sprintf("; %q: %s", f.Piece, f.Advice)
	}
	if r.Do != "" {
		s += "; " + r.Do
	}
	return s
}

func no(rule int, do, why string, args ...any) *Refusal {
	return &Refusal{Rule: rule, Why: fmt.Sprintf(why, args...), Do: do}
}

// deed is what is being attempted: it becomes the audit line.
type deed struct {
	actor   Actor
	act     Act
	agency  subscriptions.AgencyID
	subject string
	asked   string // digest of the input, for its request key
	note    string // how it was proved, where not with six digits
	now     time.Time
}

func (d deed) line(detail string) subscriptions.AuditLine {
	return subscriptions.AuditLine{
		At: d.now, Officer: d.actor.Officer.ID, Agency: d.agency, Action: string(d.act),
		Subject: OneLine(d.subject), Outcome: "done", Detail: OneLine(joined(detail, d.note)), Via: d.actor.Via,
	}
}

// OneLine puts a space in the place of what cannot be seen: a line of the record that
// breaks, or moves the cursor of who reads it, could look like another one.
func OneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, s)
}

// settle puts a refusal on the audit record and returns it. Other errors pass.
func (d *Desk) settle(ctx context.Context, w deed, err error) error {
	var r *Refusal
	if !errors.As(err, &r) {
		return err
	}
	if r.Why == gone && w.subject != "" {
		r.Why = w.subject + " does not exist"
	}
	if w.actor.Officer.ID == 0 && slices.Contains(fromOutside, w.act) && d.strangers.over(w.now) {
		d.Log.Warn("refused, and not recorded: too many strangers", "act", string(w.act), "via", w.actor.Via)
		return r
	}
	line := w.line(r.Why)
	line.Outcome, line.Rule = "refused", strconv.Itoa(r.Rule)
	// The officer's deed is refused whether or not the caller still waits.
	if _, err := d.Store.Append(context.WithoutCancel(ctx), line); err != nil {
		return fmt.Errorf("%w (and the refusal could not be recorded: %w)", r, err)
	}
	return r
}

// fromOutside are the deeds at which people come who are no officers.
var fromOutside = []Act{ActOfficerLink, ActSignIn, ActTurnAway}

// strangers counts their refusals. A line of the record stays for ever, and on an open
// page anybody may guess under ever new names.
type strangers struct {
	mu   sync.Mutex
	from time.Time
	n    int
}

const (
	strangersMost  = 100
	strangersEvery = 15 * time.Minute
)

func (s *strangers) over(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if age := now.Sub(s.from); age >= strangersEvery || age < 0 {
		s.from, s.n = now, 0
	}
	s.n++
	return s.n > strangersMost
}

// gone is said of what the store does not find; settle names it.
const gone = "it does not exist"

// asRefusal turns the store's sentinels into what an officer can act on.
func asRefusal(err error) error {
	switch {
	case errors.Is(err, subscriptions.ErrConflict):
		return no(2, "read it again and repeat the decision", "somebody else changed it meanwhile")
	case errors.Is(err, subscriptions.ErrNotFound):
		return no(0, "look it up in the list", gone)
	}
	return err
}

func subjectOf[T ~int64](what string, id T) string { return fmt.Sprintf("%s %d", what, id) }

// count says how many there are: "1 service", "2 services".
func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
