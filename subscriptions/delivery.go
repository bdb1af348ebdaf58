package subscriptions

import "time"

type DeliveryID int64

// DeliveryState is where one notice stands with one recipient.
type DeliveryState string

const (
	Pending    DeliveryState = "pending" // owed; leased rows are pending with an owner
	Sent       DeliveryState = "sent"    // the network accepted it
	Failed     DeliveryState = "failed"  // the network refused it for good
	Unknown    DeliveryState = "unknown" // it may have arrived
	Superseded DeliveryState = "superseded"
)

// SupersededBy says why a delivery was never sent.
type SupersededBy string

const (
	ByNewer    SupersededBy = "newer"    // a newer notice of the incident reaches this person
	ByRestored SupersededBy = "restored" // nothing that this person follows fails any more
	ByStop     SupersededBy = "stopped"
	ByWithdraw SupersededBy = "withdrawn"
	ByLeaving  SupersededBy = "left" // the person left, was blocked or erased
	ByExpiry   SupersededBy = "expired"
	ByReopen   SupersededBy = "reopened" // an end that is no longer true
)

// Mode is how the delivery speaks.
type Mode string

const (
	AsMessage Mode = "message" // a new message; a reply to the first of the incident where there is one
	AsEdit    Mode = "edit"    // in place of the live message
)

// Classes of rule 8, in order.
const (
	ClassPost  = 0 // channel posts
	ClassAsked = 1 // people who asked in the last two hours
	ClassRest  = 2
)

// HourlyCap is how many messages a person gets within an hour (rule 13); ends and
// corrections do not count.
const HourlyCap = 6

// AskedWindow is how long somebody who asked is told before the rest.
const AskedWindow = 2 * time.Hour

// Ranks of rule 8: lower goes first in a lane.
const (
	RankMoney       = 0 // withdrawal and correction of money
	RankRestored    = 1
	RankHighHarm    = 2 // first outage of high-harm services
	RankAlternative = 3
	RankBlocked     = 4
	RankDegraded    = 5
	RankMaintenance = 6
	RankEdit        = 7
)

// Delivery is one leased row: everything that a lane needs to speak to one
// recipient without asking again.
type Delivery struct {
	ID        DeliveryID
	Notice    NoticeID
	Incident  IncidentID
	Round     int
	Rank      int
	Mode      Mode
	Services  []ServiceID // of this recipient, in catalogue order
	Recipient RecipientID
	Lane      LaneID
	Kind      RecipientKind
	Address   Address
	Language  Language
	Languages []Language // of a channel post
	Silent    bool       // the recipient's own wish
	Asked     bool       // it is an answer: the person asked, and follows nothing of it
	ReplyTo   string     // the network's id of the first message of this round, or empty
	Edit      string     // the network's id of the live message, for AsEdit
	// Read are the messages that still say it in this person's chat, by their notice,
	// also where they were edited to say it; of a correction.
	Read    map[NoticeID]string
	Attempt int // 1 at the first
	// Repeat is set when an earlier attempt may have arrived.
	Repeat bool
	// Recent counts the new messages to this recipient within the last hour that
	// count against the hourly cap.
	Recent int
	// OldestRecent is when the first of them was sent.
	OldestRecent time.Time
}

// Result is what became of one leased delivery.
type Result struct {
	ID    DeliveryID
	Fence int64
	State DeliveryState // Pending = again at NextAt; Unknown with NextAt = again, with Repeat; Superseded carries By
	By    SupersededBy
	// Message is the network's id of what was sent or edited.
	Message string
	NextAt  time.Time
	Reason  string // short and without any text of a citizen, e.g. "403 blocked"
	// Counted is false when the attempt never reached the network.
	Counted bool
	Gone    bool    // the address is dead: its debts end
	MovedTo Address // the recipient lives at a new address
	At      time.Time
}

// Progress counts the deliveries of one notice.
type Progress struct {
	Notice     NoticeID
	Expanded   bool
	ByLane     map[LaneID]map[DeliveryState]int
	Superseded map[SupersededBy]int
	InFlight   int
	Edits      int // sent deliveries that were edits
	FirstSent  time.Time
	LastSent   time.Time
}

// Count of one state over all lanes.
func (p Progress) Count(s DeliveryState) int {
	n := 0
	for _, m := range p.ByLane {
		n += m[s]
	}
	return n
}

// View is what "still true?" is asked of, read in one go. It is small: live
// incidents and the notices that still have something to send.
type View struct {
	Generation int64 // raised by every Commit
	Notices    map[NoticeID]Notice
	Incidents  map[IncidentID]Incident
}

// Verdict is the answer to "still true?".
type Verdict struct {
	Send bool
	By   SupersededBy // why not
}

// StillTrue decides right before each request whether a delivery may go: pure.
func (v View) StillTrue(d Delivery, now time.Time) Verdict {
	n, ok := v.Notices[d.Notice]
	switch {
	case !ok, n.Overtaken != 0:
		return Verdict{By: ByNewer}
	case n.State == Stopped:
		return Verdict{By: ByStop}
	case n.State == Withdrawn:
		return Verdict{By: ByWithdraw}
	case !n.Live(now):
		return Verdict{By: ByExpiry}
	}
	if n.Incident == 0 || n.Kind == Correction || n.Kind == Advisory {
		return Verdict{Send: true}
	}
	i, ok := v.Incidents[n.Incident]
	if !ok {
		return Verdict{By: ByRestored}
	}
	if n.Kind == Restored {
		if i.Round != n.Round && !someWork(i, d.Services, n.Audience[ScopeAll]) {
			return Verdict{By: ByReopen}
		}
		return Verdict{Send: true}
	}
	if i.Round != n.Round || i.State.Over() {
		return Verdict{By: ByRestored}
	}
	for _, id := range d.Services {
		if s, ok := i.Service(id); ok && s.Failing {
			return Verdict{Send: true}
		}
	}
	if len(d.Services) == 0 {
		return Verdict{Send: true}
	}
	return Verdict{By: ByRestored}
}

// someWork reports whether an end of an earlier round is still true of some of
// these services, or of the notice's where there are none: the incident may have
// been reopened for others.
func someWork(i Incident, services, ofNotice []ServiceID) bool {
	if len(services) == 0 {
		services = ofNotice
	}
	for _, id := range services {
		if s, ok := i.Service(id); ok && !s.Failing {
			return true
		}
	}
	return false
}

// RankOf orders a delivery in its lane (rule 8).
func RankOf(n Notice, m Mode, worst Impact, highHarm bool) int {
	switch {
	case n.Money && m == AsMessage:
		return RankMoney
	case n.Kind == Restored && m == AsMessage:
		return RankRestored
	case m == AsEdit:
		return RankEdit
	case n.Kind == Outage && highHarm:
		return RankHighHarm
	case n.Kind == AlternativeNotice:
		return RankAlternative
	case n.Kind == Maintenance:
		return RankMaintenance
	case worst == Degraded:
		return RankDegraded
	}
	return RankBlocked
}

// Resend reports whether an unknown outcome is sent again where the network
// cannot be asked: missing these is worse than reading them twice.
func (k Kind) Resend() bool {
	switch k {
	case Outage, AlternativeNotice, Restored, Correction:
		return true
	}
	return false
}
