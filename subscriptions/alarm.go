package subscriptions

import (
	"slices"
	"time"
)

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
	Agency   AgencyID   // who is asked to speak now
	Platform PlatformID // what explains the complaints; empty = the services alone
	// Also are further platforms of the same operator that machines say fail.
	Also     []PlatformID `json:",omitempty"`
	Services []ServiceID  // that people complained of
	Since    time.Time    // of the first report or signal
	OpenedAt time.Time    // when it was detected
	// AskedAt is since when Agency is asked: the steps of the clock count from here.
	AskedAt  time.Time
	Reason   Reason     // of Detect: why it was believed
	Kinds    []LeadKind // of signals
	Reports  int        // sources that reported, newest count
	Known    int        // of these: not new to us
	Asks     int
	Machines int        // sources of signals that fire
	Asked    []AgencyID // all that were asked
	Calls    []AlarmCall
	Answers  []AlarmAnswer
	Until    time.Time // watching: asked again then
	// Unofficial is since when pages and answers say "many reports, no official
	// word yet"; zero = they do not.
	Unofficial time.Time
	Incident   IncidentID // that spoke
	EndedAt    time.Time
}

// Subjects are what a live alarm has for itself alone: its platform, or each of its
// services where no platform explains them.
func (a Alarm) Subjects() []Scope {
	if a.Platform != "" {
		return []Scope{ScopePlatform(a.Platform)}
	}
	out := make([]Scope, len(a.Services))
	for i, id := range a.Services {
		out[i] = ScopeService(id)
	}
	return out
}

// Cut brings the times into the form in which both databases keep them.
func (a Alarm) Cut() Alarm {
	for _, t := range []*time.Time{&a.Since, &a.OpenedAt, &a.AskedAt, &a.Until, &a.Unofficial, &a.EndedAt} {
		*t = cutTime(*t)
	}
	a.Calls, a.Answers = slices.Clone(a.Calls), slices.Clone(a.Answers)
	for k := range a.Calls {
		a.Calls[k].At, a.Calls[k].SeenAt = cutTime(a.Calls[k].At), cutTime(a.Calls[k].SeenAt)
	}
	for k := range a.Answers {
		a.Answers[k].At = cutTime(a.Answers[k].At)
	}
	return a
}

// Unofficial reports since when many report a service without an official word, where
// the deployment shows that: pure.
func Unofficial(alarms []Alarm, id ServiceID) (since time.Time, ok bool) {
	for _, a := range alarms {
		if a.Live() && !a.Unofficial.IsZero() && slices.Contains(a.Services, id) {
			return a.Since, true
		}
	}
	return since, false
}

// Live reports whether officers still owe a word.
func (a Alarm) Live() bool { return a.State == AlarmOpen || a.State == AlarmWatching }

// AlarmCall is one wake-up of one officer.
type AlarmCall struct {
	Officer OfficerID // 0 = there was nobody to call
	Agency  AgencyID
	Step    AlarmStep
	At      time.Time
	SeenAt  time.Time `json:",omitzero"` // when the officer opened it
}

// AlarmStep names who is called: the duty officer first, the next person after a
// quarter of an hour, the agency's head after half an hour, and then everybody
// again while nobody answers.
type AlarmStep string

const (
	StepDuty AlarmStep = "duty"
	StepNext AlarmStep = "next"
	StepHead AlarmStep = "head"

	StepAgain AlarmStep = "again"
)

// When the next step of an alarm that nobody answers is called, after the agency
// was asked; how long "watching" rests.
const (
	NextAfter = 15 * time.Minute
	HeadAfter = 30 * time.Minute
	WatchFor  = 30 * time.Minute

	AgainAfter = time.Hour // after the last call
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
