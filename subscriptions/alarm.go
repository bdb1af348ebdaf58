package subscriptions

import "time"

type AlarmID int64

// AlarmState: open → (watching ↔ open)* → spoken, or closed without a word.
type AlarmState string

const (
	AlarmOpen     AlarmState = "open"     // nobody has answered: officers are called, one after the other
	AlarmWatching AlarmState = "watching" // an officer looks into it; asked again when Until has passed
	AlarmSpoken   AlarmState = "spoken"   // a notice was published
	AlarmClosed   AlarmState = "closed"   // "not us" and nobody else's, or it went quiet by itself
)

// Alarm is one suspicion for which officers are woken with a ready draft: from the
// first complaint to the first official word. At most one is live (open or
// watching) for a platform, or for a service that no platform explains.
type Alarm struct {
	ID       AlarmID
	Revision int64
	State    AlarmState
	Agency   AgencyID    // who is asked to speak now
	Platform PlatformID  // what explains the complaints; empty = the services alone
	Services []ServiceID // that people complained of
	Since    time.Time   // of the first report or signal
	OpenedAt time.Time   // when it was detected
	Reason   string      // of Detect: why it was believed
	Kinds    []string    // of signals: "report", "ask", "machine"
	Reports  int         // sources that reported, newest count
	Asks     int
	Machines int // sources of signals that fire
	Asked    []AgencyID
	Calls    []AlarmCall
	Answers  []AlarmAnswer
	Until    time.Time // watching: asked again then
	// Unofficial is since when pages and answers say "many reports, no official
	// word yet"; zero = they do not.
	Unofficial time.Time
	Incident   IncidentID // that spoke
	EndedAt    time.Time
}

// Live reports whether officers still owe a word.
func (a Alarm) Live() bool { return a.State == AlarmOpen || a.State == AlarmWatching }

// AlarmCall is one wake-up of one officer.
type AlarmCall struct {
	Officer OfficerID
	Agency  AgencyID
	Step    AlarmStep
	At      time.Time
	SeenAt  time.Time `json:",omitzero"` // when the officer opened it
}

// AlarmStep names who is called: the duty officer first, the next person after a
// quarter of an hour, the agency's head after half an hour.
type AlarmStep string

const (
	StepDuty AlarmStep = "duty"
	StepNext AlarmStep = "next"
	StepHead AlarmStep = "head"
)

// When the next step of an alarm that nobody answers is called, after OpenedAt (or
// after it was passed to the agency).
const (
	NextAfter = 15 * time.Minute
	HeadAfter = 30 * time.Minute
)

// AlarmSays is what an officer answers to an alarm.
type AlarmSays string

const (
	SaysPublish  AlarmSays = "publish"
	SaysNotUs    AlarmSays = "not-us"
	SaysWatching AlarmSays = "watching"
)

// AlarmAnswer is one officer's answer.
type AlarmAnswer struct {
	Officer OfficerID
	Agency  AgencyID
	Says    AlarmSays
	Whose   AgencyID `json:",omitempty"` // "not us": whose it is, as far as the officer knows
	At      time.Time
}

// Sample is one person who is asked whether it works for them.
type Sample struct {
	Incident   IncidentID
	Round      int
	Recipient  RecipientID
	Lane       LaneID
	Address    Address
	Kind       RecipientKind
	Language   Language
	Service    ServiceID
	PickedAt   time.Time
	AskedAt    time.Time
	Works      bool
	Tried      Tried
	AnsweredAt time.Time // zero = no answer yet
}

// SampleCount is what a sample answered of one service and way of paying.
type SampleCount struct {
	Service             ServiceID
	Tried               Tried
	Asked, Works, Fails int
}
