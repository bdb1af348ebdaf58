package subscriptions

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

type ReportID int64

// Tried is how somebody paid or tried when it failed.
type Tried string

const (
	TriedUnsaid    Tried = ""           // not said
	TriedMpesaApp  Tried = "mpesa-app"  // the M-PESA app
	TriedMpesaMenu Tried = "mpesa-menu" // M-PESA by the phone's menu, paybill
	TriedAirtel    Tried = "airtel"     // another mobile money
	TriedCard      Tried = "card"
	TriedBank      Tried = "bank"
	TriedUSSD      Tried = "ussd"    // a phone code of the service
	TriedWebsite   Tried = "website" // the service's website or app, without paying
	TriedCounter   Tried = "counter"
	TriedOther     Tried = "other"
)

// AllTried lists what can be answered, in the order in which it is offered.
var AllTried = []Tried{TriedMpesaApp, TriedMpesaMenu, TriedAirtel, TriedCard, TriedBank, TriedUSSD, TriedWebsite, TriedCounter, TriedOther}

// Limits of what is kept of a report.
const (
	// ReportEvery is how often one source counts for one service.
	ReportEvery = time.Hour
	// ReportTextFor is how long the words of a report are kept, and who said them.
	// They are read by officers only and never published.
	ReportTextFor = 7 * 24 * time.Hour
	// ReportTextErase is from when on a nightly Retain erases them, so that the last
	// goes in time.
	ReportTextErase = ReportTextFor - 25*time.Hour
	// ReportTextMost is the most letters of a report's words that are kept.
	ReportTextMost = 500
	// MarkFor is how long an ask is kept before it is a count of its hour: longer
	// than anything that detection looks back on.
	MarkFor = 24 * time.Hour
	// HoursFor is how long counts of hours are kept, and reports that nobody's
	// name hangs on any more: ten weeks make the usual level of an hour.
	HoursFor = 10 * 7 * 24 * time.Hour
	// KnownAfter is how long a source must have been known to us to weigh fully.
	KnownAfter = 24 * time.Hour
)

// Report is one "it fails for me": a lead for officers, never a notice. A source is
// a person, or a group with everybody in it.
type Report struct {
	ID        ReportID
	Recipient RecipientID // who is asked later whether it works; erased with the recipient
	Lane      LaneID
	Address   Address // with Lane: the source; only its digest is stored
	Kind      RecipientKind
	Service   ServiceID
	Tried     Tried
	County    string // id of one of the catalogue's counties, "30"; empty = not said
	Text      string // at most ReportTextMost letters, erased after ReportTextFor
	At        time.Time
}

// With returns the report with what another one of the same source within the hour
// says anew.
func (r Report) With(next Report) Report {
	if next.Tried != TriedUnsaid {
		r.Tried = next.Tried
	}
	if next.County != "" {
		r.County = next.County
	}
	if next.Text != "" {
		r.Text = next.Text
	}
	if next.Recipient != 0 {
		r.Recipient = next.Recipient
	}
	return r
}

// Ask is one question for the state of a service: the quieter kind of complaint.
type Ask struct {
	Lane    LaneID
	Address Address
	Kind    RecipientKind
	Service ServiceID
	At      time.Time
}

// MarkKind tells reports from asks.
type MarkKind string

const (
	MarkReport MarkKind = "report"
	MarkAsk    MarkKind = "ask"
)

// Mark is a report or an ask without anything of the person: what detection reads.
type Mark struct {
	Kind    MarkKind
	Service ServiceID
	Source  string // digest: equal for the same person or group, says nothing else
	Group   bool   // the source is a group
	New     bool   // we have known the source for less than KnownAfter
	At      time.Time
}

// HourCount is how many sources complained of a service within one hour of the
// clock: what the usual level is made of.
type HourCount struct {
	Service       ServiceID
	Hour          time.Time // its beginning, UTC
	Reports, Asks int
}

// ReportSummary counts what citizens reported of some services in a span.
type ReportSummary struct {
	Reports  int            `json:"reports"`        // one for each source and service and hour
	First    time.Time      `json:"first,omitzero"` // of the first report; zero = none
	Last     time.Time      `json:"last,omitzero"`
	ByTried  map[Tried]int  `json:"by_tried,omitempty"` // without those that did not say
	ByCounty map[string]int `json:"by_county,omitempty"`
}

// Add counts n more reports that were tried like this in this county.
func (s *ReportSummary) Add(tried Tried, county string, n int, first, last time.Time) {
	s.Reports += n
	if tried != TriedUnsaid {
		s.ByTried[tried] += n
	}
	if county != "" {
		s.ByCounty[county] += n
	}
	if s.First.IsZero() || first.Before(s.First) {
		s.First = first
	}
	if last.After(s.Last) {
		s.Last = last
	}
}

// Mostly is how most of those who said it tried; empty where fewer than two said so.
func (s ReportSummary) Mostly() Tried {
	best := TriedUnsaid
	for _, t := range AllTried {
		if n := s.ByTried[t]; n > 1 && n > s.ByTried[best] {
			best = t
		}
	}
	return best
}

// Signal is what a machine says of a platform: an alert, a monitor, a probe. It is
// a lead as well: it becomes a draft, never a notice.
type Signal struct {
	ID       int64
	Source   string // "alertmanager", "uptime-kuma", "statuspage", "json", "probe", with the configured name after a colon
	Key      string // the source's own id of the trouble: unique with Source
	Platform PlatformID
	Firing   bool      // false = it says that it works again
	Summary  string    // for officers, cut to SignalSummaryMost letters; never published
	Since    time.Time // when the source says that it began
	At       time.Time // when the last word of it came
	EndedAt  time.Time // zero while it fires
	Count    int       // how often it was said
}

// Said is a signal after its source has said something more, and whether that was
// news: a repetition is none, nor an end of what never began, nor a beginning that
// is older than the end that we know (it was sent late).
func (s Signal) Said(next Signal) (Signal, bool) {
	next.Summary = Clip(next.Summary, SignalSummaryMost)
	if next.Since.IsZero() {
		next.Since = next.At
	}
	next.Since, next.At = cutTime(next.Since), cutTime(next.At)
	switch {
	case s.ID == 0 && next.Firing:
		next.ID, next.EndedAt, next.Count = 0, time.Time{}, 1
		return next, true
	case s.ID == 0:
		return next, false
	case next.Firing && s.Firing:
		changed := next.Platform != s.Platform
		s.Platform, s.Summary, s.At, s.Count = next.Platform, next.Summary, next.At, s.Count+1
		return s, changed
	case next.Firing && !next.Since.After(s.Since):
		return s, false
	case next.Firing:
		s.Firing, s.Platform, s.Summary, s.Since, s.At, s.EndedAt, s.Count = true, next.Platform, next.Summary, next.Since, next.At, time.Time{}, s.Count+1
		return s, true
	case s.Firing:
		s.Firing, s.At, s.EndedAt, s.Count = false, next.At, next.At, s.Count+1
		return s, true
	}
	return s, false
}

// SignalSummaryMost is the most letters of a signal's summary that are kept.
const SignalSummaryMost = 200

// SourceKeyBytes is the length of a database's key for digests of sources.
const SourceKeyBytes = 32

// SourceDigest tells sources apart without saying who they are: it is made with a
// random key that a database makes once and keeps, so that the digests of two
// databases cannot be compared, nor computed from a list of chat ids.
func SourceDigest(key []byte, lane LaneID, a Address) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(lane))
	h.Write([]byte{0})
	h.Write([]byte(a.Reveal()))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// HourOf is the beginning of the hour of the clock in which t lies.
func HourOf(t time.Time) time.Time { return t.UTC().Truncate(time.Hour) }

func cutTime(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}

// Clip cuts a text to most letters, without bytes that are none.
func Clip(s string, most int) string {
	n := 0
	for i := range s {
		if n == most {
			return s[:i]
		}
		n++
	}
	return s
}
