package hooks

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"
	"unicode"

	"arifa/subscriptions"
)

// word is one thing that a sender says: something is in trouble, or works again.
type word struct {
	key    string // the sender's own id of the trouble
	about  map[string][]string
	name   string // what it is about, for answers
	firing bool
	whole  bool      // not firing: ends everything whose key begins with this one
	quiet  bool      // says neither: a test, a maintenance, an attempt that is repeated
	when   time.Time // when it began or ended, by the sender's clock; zero = not said
	// resent is how long after an end the beginning of before is a call that came late.
	// After it, it is news: this sender gives a trouble that comes back the beginning
	// that it had. 0 = for ever.
	resent time.Duration
	say    string // for officers
	fault  string // why it cannot be read; then nothing else is set
}

// read turns a body into words. An error says what is wrong with the whole; a word
// with a fault leaves the others as they are.
func (s Source) read(body []byte) ([]word, error) {
	switch s.Kind {
	case Alertmanager:
		return readAlertmanager(body)
	case UptimeKuma:
		return readUptimeKuma(body)
	case Statuspage:
		return readStatuspage(body)
	}
	return readJSON(body)
}

// verdict is what judge decides on a word, by name.
type verdict string

const (
	begins   verdict = "begins"
	repeats  verdict = "repeats" // known, and still so
	ends     verdict = "ends"
	nothing  verdict = "nothing began"           // an end of what never fired here
	over     verdict = "over already"            // an end said again
	replayed verdict = "replayed"                // the beginning of what has ended since
	late     verdict = "ended before this began" // the end of an earlier trouble of the same key
)

// judge holds a word against what is known of its key. Times are compared only with
// times of the same sender's clock (Since of what it said before): ours may differ
// by minutes, and a trouble that is real must not be taken for an old one.
func judge(w word, known subscriptions.Signal, found bool, now time.Time) verdict {
	when := w.when.UTC().Truncate(time.Millisecond) // as stores keep it
	switch {
	case w.firing && !found:
		return begins
	case w.firing && known.Firing:
		return repeats
	case w.firing && w.old(known) && (w.resent == 0 || now.Sub(known.EndedAt) < w.resent):
		return replayed
	case w.firing:
		return begins
	case !found:
		return nothing
	case !known.Firing:
		return over
	case !w.when.IsZero() && when.Before(known.Since):
		return late
	}
	return ends
}

// old reports whether a beginning is not later than the one that we know.
func (w word) old(known subscriptions.Signal) bool {
	return !w.when.IsZero() && !w.when.UTC().Truncate(time.Millisecond).After(known.Since)
}

// oldest is how long ago a sender may say that something began or ended.
const oldest = 90 * 24 * time.Hour

// believed drops a time that no clock in order would give: then nothing is known of
// when, and nothing is decided by it. A sender whose clock stands in 1970 would
// otherwise never be heard when it says that something ended.
func believed(w word, now time.Time) word {
	if now.Sub(w.when) > oldest {
		w.when = time.Time{}
	}
	return w
}

// since is when a trouble began. A sender's clock that goes ahead says now. What had
// ended and fires with the beginning of before began a millisecond later: by the
// sender's clock, so that its end is not taken for an earlier one.
func since(w word, known subscriptions.Signal, now time.Time) time.Time {
	switch {
	case w.when.IsZero() || w.when.After(now):
		return now
	case known.Key != "" && !known.Firing && w.old(known):
		return known.Since.Add(time.Millisecond)
	}
	return w.when.UTC().Truncate(time.Millisecond)
}

// Lengths of what is kept of foreign text, in letters.
const (
	mostSummary = 200
	mostName    = 80
	mostKey     = 120
)

// clean makes foreign text fit to be shown to an officer: one line, nothing that
// cannot be seen or that turns the direction of reading, at most most letters.
func clean(s string, most int) string {
	var out []rune
	gap := false
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		if unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) {
			gap = len(out) > 0
			continue
		}
		if gap {
			out, gap = append(out, ' '), false
		}
		if out = append(out, r); len(out) >= most {
			break
		}
	}
	return strings.TrimSpace(string(out[:min(len(out), most)]))
}

// mostPart is the most bytes of one part of a key: three of them fit mostKey.
const mostPart = 40

// keyOf joins parts of a sender's ids. A part that is longer, stranger or could be
// taken for two is stood for by its digest.
func keyOf(parts ...string) string {
	for i, part := range parts {
		if part != clean(part, mostPart) || len(part) > mostPart || strings.Contains(part, "/") {
			parts[i] = fmt.Sprintf("%x", sha256.Sum256([]byte(part)))[:mostPart]
		}
	}
	return strings.Join(parts, "/")
}
