package subscriptions

import (
	"cmp"
	"slices"
	"time"
)

// LeadKind is one kind of signal that something fails.
type LeadKind string

const (
	LeadReports LeadKind = "report"
	LeadAsks    LeadKind = "ask"
	LeadMachine LeadKind = "machine"
)

// Reason names why a suspicion is believed, or why it is not.
type Reason string

const (
	ReasonMany     Reason = "many reports"         // one kind, and strong
	ReasonTwoKinds Reason = "two kinds of signal"  // people report and ask, or a machine says so too
	ReasonMachine  Reason = "a machine says so"    // alone: a draft for the officer
	ReasonStorm    Reason = "one monitor says all" // not believed: it may be blind itself
	ReasonFew      Reason = "too few reports"
	ReasonNew      Reason = "mostly new accounts"
	ReasonUsual    Reason = "usual at this hour"
	ReasonTold     Reason = "announced already"
)

// DetectBack is how far back detection looks.
const DetectBack = 3 * time.Hour

// Evidence is everything that detection looks at.
type Evidence struct {
	Nation    *Nation
	Marks     []Mark     // of the last DetectBack
	Signals   []Signal   // that fire
	Incidents []Incident // live ones, and those that ended within DetectBack
	Usual     *Usual     // nil = nothing is known of other days
	Rollup    *Rollup    // of Nation; nil = it is made anew
	Now       time.Time
	// Thresholds; the zero value means DefaultThresholds.
	Thresholds Thresholds
}

// Thresholds are how much it takes. A known source weighs 1.
type Thresholds struct {
	Many    float64 // reports that are enough alone
	Few     float64 // reports that are enough beside another kind
	FewAsks float64 // questions that are another kind
	New     float64 // weight of a source that is new to us
	// Rare and Odd are how improbable as many must be at the usual level: of one kind
	// alone, and of each of two.
	Rare, Odd float64
}

// DefaultThresholds were chosen by replaying the incidents of the record and sixty
// quiet days: see TestDetectionCurve.
func DefaultThresholds() Thresholds {
	return Thresholds{Many: 7, Few: 4, FewAsks: 8, New: 0.1, Rare: 1e-6, Odd: 1e-3}
}

// Suspicion is what the signals mean, with the reason why it is believed or not.
type Suspicion struct {
	Agency   AgencyID     // that is asked to speak
	Platform PlatformID   // that explains the complaint; empty = the services alone
	Also     []PlatformID // of the same operator, that machines say fail too
	Services []ServiceID  // that people complain of, in the catalogue's order
	Since    time.Time    // of the first report or signal of it
	Kinds    []LeadKind
	Reports  int // sources that reported
	Known    int // of these: not new to us
	Asks     int // sources that only asked
	Machines int // sources of signals that fire
	Reason   Reason
}

// Detection is what the evidence says.
type Detection struct {
	Suspected []Suspicion // believed, the greatest first
	Doubted   []Suspicion // looked at, and not believed
}

// windows are the spans over which complaints are counted: the shortest in which
// something shows decides. Over the longest only many reports count: traffic that is
// higher than usual for hours looks like two kinds of signal.
var windows = []time.Duration{3 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, DetectBack}

// mostSuspicions bounds how much one look finds.
const mostSuspicions = 8

// Detect works out what complaints and machines mean: pure. Complaints are rolled
// up to what explains them best: a service, the services of one agency, or a shared
// platform, which is suspected only where services complain that have little else in
// common. It takes two kinds of signal, or one strong one; one person or one group
// is never enough, and accounts that are new to us weigh little. What is announced
// already is no silence, and is left out.
func Detect(e Evidence) Detection {
	d := newDetective(e)
	var out Detection
	for range mostSuspicions {
		c, ok := d.cause()
		if !ok {
			break
		}
		out.Suspected = append(out.Suspected, d.suspicion(c))
		d.explained(c)
	}
	out.Suspected, out.Doubted = d.machines(out.Suspected)
	out.Doubted = append(out.Doubted, d.doubts()...)
	slices.SortStableFunc(out.Suspected, func(a, b Suspicion) int { return cmp.Compare(b.Reports+b.Asks, a.Reports+a.Asks) })
	return out
}

// detective holds what one look needs.
type detective struct {
	Evidence
	told    told
	firing  map[PlatformID][]Signal
	reports map[ServiceID][]Mark // oldest first, without what is told
	asks    map[ServiceID][]Mark
	silent  []ServiceID // services that people complained of although it is told
	*Rollup
}

func newDetective(e Evidence) *detective {
	if e.Thresholds == (Thresholds{}) {
		e.Thresholds = DefaultThresholds()
	}
	if e.Usual == nil {
		e.Usual = NewUsual(nil)
	}
	if e.Rollup == nil {
		e.Rollup = NewRollup(e.Nation)
	}
	d := &detective{Evidence: e, Rollup: e.Rollup, told: toldOf(e), firing: map[PlatformID][]Signal{}, reports: map[ServiceID][]Mark{}, asks: map[ServiceID][]Mark{}}
	for _, s := range e.Signals {
		if s.Firing && !d.told.platform(e.Rollup, s.Platform) {
			d.firing[s.Platform] = append(d.firing[s.Platform], s)
		}
	}
	d.sort()
	return d
}

// sort lays the marks by service and leaves out what is told.
func (d *detective) sort() {
	for _, m := range d.Marks {
		switch {
		case m.At.After(d.Now) || d.Now.Sub(m.At) > DetectBack:
		case d.told.service(m.Service, m.At):
			if m.Kind == MarkReport && !slices.Contains(d.silent, m.Service) {
				d.silent = append(d.silent, m.Service)
			}
		case m.Kind == MarkReport:
			d.reports[m.Service] = append(d.reports[m.Service], m)
		default:
			d.asks[m.Service] = append(d.asks[m.Service], m)
		}
	}
}

// explained takes the complaints that a cause explains out of what is looked at.
func (d *detective) explained(c cause) {
	for _, id := range c.services {
		delete(d.reports, id)
		delete(d.asks, id)
	}
	delete(d.firing, c.platform)
}
