package desk

import (
	"slices"
	"time"

	"arifa/subscriptions"
)

// EventKind names why officers are called.
type EventKind string

const (
	EventBroken     EventKind = "broken"      // this notice was stopped: a network cannot show it, or it told a way that another agency stopped
	EventStopIt     EventKind = "stop-it"     // one officer published: "Wrong: stop it"
	EventApprove    EventKind = "approve"     // a notice waits for a second officer
	EventReminder   EventKind = "reminder"    // a promised update falls due
	EventOverdue    EventKind = "overdue"     // a promise was not kept
	EventConfirm    EventKind = "confirm"     // unconfirmed dependencies wait for a tick
	EventSuspected  EventKind = "suspected"   // an agency suspects your platform: "It is ours: join"
	EventExpired    EventKind = "expired"     // another way ended by itself
	EventChange     EventKind = "change"      // a change of the registry or of roles waits, or took effect
	EventAlone      EventKind = "one-admin"   // the only admin left changes roles: refuse it if it is wrong
	EventPlannedEnd EventKind = "planned-end" // a maintenance should be over: confirm it
	EventReturned   EventKind = "returned"    // a notice went back to its author: by an approver, or because the incident has ended

	EventCanary  EventKind = "canary"  // a lane's canary was not told, so this notice waits there
	EventSkipped EventKind = "skipped" // people are owed something and have no delivery: to admins
	EventHalted  EventKind = "halted"  // a network refuses our credential, or the app was taken away: to admins
	EventLost    EventKind = "lost"    // a public channel takes nothing any more: to admins

	EventAlarm      EventKind = "alarm"       // many complain and nobody has spoken: a draft is ready
	EventAlarmAgain EventKind = "alarm-again" // the same, to somebody who was called before
	EventAlarmOver  EventKind = "alarm-over"  // it was told, went quiet, or is nobody's: to all who were called
	EventRecovered  EventKind = "recovered"   // machines say that it works, or nobody reports any more: is it restored?
	EventSampleLow  EventKind = "sample-low"  // people who were asked say that it does not work: resolve, hold, or back to identified
)

// Event calls officers. It carries facts; the face makes the words.
type Event struct {
	Kind     EventKind
	Agency   subscriptions.AgencyID
	To       []subscriptions.OfficerID // on duty where there is a duty list, else all of the agency
	Incident subscriptions.IncidentID
	Notice   subscriptions.NoticeID
	Key      subscriptions.NoticeKey
	Change   subscriptions.ChangeID
	Platform subscriptions.PlatformID
	Services []subscriptions.ServiceID
	Alarm    subscriptions.AlarmID
	Step     subscriptions.AlarmStep // of an alarm: why this officer
	Works    float64                 // of a sample: the share that says that it works
	Lane     subscriptions.LaneID    // of a canary, or one that is halted
	Channel  string                  // that was lost, by its title
	Why      string                  // a lane is halted or a channel lost, without any address
	People   int                     // of those who were skipped
	Round    int                     // of a sample
	// Since is when what waits began to wait, Again how much later it is asked
	// again, Before how long before Due a reminder comes.
	Since         time.Time
	Again, Before time.Duration
	Due           time.Time
	At            time.Time
}

// audienceOf lists whom an event calls.
func (d *Desk) audienceOf(all []subscriptions.Officer, e Event, except []subscriptions.OfficerID) []subscriptions.OfficerID {
	if e.Kind == EventSkipped || e.Kind == EventHalted || e.Kind == EventLost {
		var admins []subscriptions.OfficerID
		for _, o := range all {
			if o.Active() && o.Has(subscriptions.Admin, "") {
				admins = append(admins, o.ID)
			}
		}
		return admins
	}
	if e.Kind == EventReturned { // its author, and who submitted it
		return slices.Compact(e.To)
	}
	var everyone, onDuty []subscriptions.OfficerID
	local := e.At.In(d.Config.Nation().Location())
	for _, o := range all {
		if slices.Contains(except, o.ID) || !o.Active() || !slices.Contains(o.SpeaksFor(), e.Agency) {
			continue
		}
		if e.Kind == EventApprove && !o.Has(subscriptions.Approver, e.Agency) {
			continue
		}
		everyone = append(everyone, o.ID)
		if slices.ContainsFunc(o.Duty, func(t subscriptions.Duty) bool { return t.Agency == e.Agency && t.On(local) }) {
			onDuty = append(onDuty, o.ID)
		}
	}
	// A wrong notice is stopped by whoever is awake, so all are asked.
	if len(onDuty) > 0 && e.Kind != EventStopIt && e.Kind != EventBroken && e.Kind != EventApprove && e.Kind != EventCanary {
		return onDuty
	}
	return everyone
}
