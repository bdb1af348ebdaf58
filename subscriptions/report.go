package subscriptions

import "time"

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
	// ReportTextFor is how long the words of a report are kept. They are read by
	// officers only and never published.
	ReportTextFor = 7 * 24 * time.Hour
	// ReportTextMost is the most letters of a report's words that are kept.
	ReportTextMost = 500
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
	County    string // ISO 3166-2 number of one of the catalogue country's counties, "30"; empty = not said
	Text      string // at most ReportTextMost letters, erased after ReportTextFor
	At        time.Time
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
	New     bool   // we have known the source for less than a day
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
	Reports  int // one for each source and service and hour
	Sources  int
	First    time.Time // of the first report; zero = none
	Last     time.Time
	ByTried  map[Tried]int
	ByCounty map[string]int
}

// Signal is what a machine says of a platform: an alert, a monitor, a probe. It is
// a lead as well: it becomes a draft, never a notice.
type Signal struct {
	ID       int64
	Source   string // "alertmanager", "uptime-kuma", "statuspage", "json", "probe", with the configured name after a colon
	Key      string // the source's own id of the trouble: unique with Source
	Platform PlatformID
	Firing   bool      // false = it says that it works again
	Summary  string    // for officers, cut to 200 letters; never published
	Since    time.Time // when the source says that it began
	At       time.Time // when the last word of it came
	EndedAt  time.Time // zero while it fires
	Count    int       // how often it was said
}
