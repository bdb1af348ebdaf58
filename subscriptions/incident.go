package subscriptions

import (
	"slices"
	"time"
)

type IncidentID int64

// IncidentState is the state of a trouble or of a maintenance; forward jumps
// are allowed, backward only by Reopen, which starts a new round.
type IncidentState string

const (
	Investigating IncidentState = "investigating"
	Identified    IncidentState = "identified"
	Monitoring    IncidentState = "monitoring"
	Resolved      IncidentState = "resolved"

	Scheduled  IncidentState = "scheduled"
	InProgress IncidentState = "in_progress"
	Verifying  IncidentState = "verifying"
	Completed  IncidentState = "completed"
)

// Over reports whether the incident has ended.
func (s IncidentState) Over() bool { return s == Resolved || s == Completed }

// Incident is one trouble or one maintenance, told by one or several agencies.
// Services is derived from Claims, Ticks and Holds by Derive and stored with it.
type Incident struct {
	ID          IncidentID
	Maintenance bool
	State       IncidentState
	Round       int   // 1 at first; reopening starts the next
	Revision    int64 // raised by every stored change
	Owner       AgencyID
	OpenedAt    time.Time
	Since       time.Time // when it began; with SinceApprox "about"
	SinceApprox bool
	StartsAt    time.Time // planned, maintenance only
	EndsAt      time.Time // planned, maintenance only
	NextUpdate  time.Time // the promise that stands; zero = none
	EndedAt     time.Time
	Claims      []Claim
	Ticks       []Tick
	Holds       []Hold
	Ways        []Way
	Services    []ServiceState
	FirstNotice NoticeID
	LastNotice  NoticeID
	// From the first complaint to the first official word, noted when its first
	// notice is published; zero where there was none.
	FirstReport time.Time `json:",omitzero"`
	FirstSignal time.Time `json:",omitzero"`
	FirstWord   time.Time `json:",omitzero"`
	// Reported is what citizens reported of it, kept once it has ended: the reports
	// themselves do not stay.
	Reported *ReportSummary `json:",omitempty"`
}

// Claim is what one agency says is broken: one of its platforms or one of its
// services. Suspected platforms are named as suspected only, never as down.
type Claim struct {
	Agency    AgencyID
	Platform  PlatformID `json:",omitempty"`
	Service   ServiceID  `json:",omitempty"`
	Impact    Impact
	Suspected PlatformID `json:",omitempty"` // with Service: the platform its agency suspects
	At        time.Time
	Since     time.Time
	Round     int
	EndedAt   time.Time // zero = still claimed
}

// Tick is an officer's word on an unconfirmed dependency: affected or not.
type Tick struct {
	Service  ServiceID
	Affected bool
	By       OfficerID
	At       time.Time
}

// Hold is an agency's "still failing here" against a restored claim.
type Hold struct {
	Service    ServiceID
	Agency     AgencyID
	At         time.Time
	ReleasedAt time.Time
}

// Way is an alternative that is told for services of this incident.
type Way struct {
	Alternative AlternativeID
	Agency      AgencyID
	Services    []ServiceID
	Until       time.Time // expiry; zero = until the incident ends
	At          time.Time
	Notice      NoticeID
	EndedAt     time.Time
}

// ServiceState is the present state of one service in one incident.
type ServiceState struct {
	Service   ServiceID
	Impact    Impact
	Confirmed bool // false: waits for a tick, told to nobody, /status says "not known"
	Via       []PlatformID
	Failing   bool // false: ended in this round
	Held      bool // failing only because its agency holds it
	Since     time.Time
	Round     int // the round in which it last failed
}

// Derive works out Services from claims, ticks and holds: pure. What failed
// before and no longer does is kept as ended. Order: the catalogue's.
func (i Incident) Derive(n *Nation) []ServiceState {
	platforms, services := i.open()
	states := map[ServiceID]ServiceState{}
	for _, s := range i.Services {
		s.Failing, s.Held = false, false
		states[s.Service] = s
	}
	for _, r := range n.Reach(platforms, services) {
		s := states[r.Service]
		confirmed, denied := r.Confirmed, false
		for _, t := range i.Ticks {
			if t.Service == r.Service && !r.Confirmed {
				confirmed, denied = t.Affected, !t.Affected
			}
		}
		if denied {
			continue
		}
		if s.Since.IsZero() || !i.failedBefore(r.Service) {
			s.Since = i.sinceOf(r)
		}
		s.Service, s.Impact, s.Confirmed, s.Via = r.Service, r.Impact, confirmed, r.Via
		s.Failing, s.Round = true, i.Round
		states[r.Service] = s
	}
	for _, h := range i.Holds {
		s, ok := states[h.Service]
		if ok && h.ReleasedAt.IsZero() && !s.Failing && s.Round == i.Round {
			s.Failing, s.Held = true, true
			states[h.Service] = s
		}
	}
	var out []ServiceState
	for _, svc := range n.Services {
		if s, ok := states[svc.ID]; ok {
			out = append(out, s)
		}
	}
	return out
}

func (i Incident) open() (map[PlatformID]Impact, map[ServiceID]Impact) {
	platforms, services := map[PlatformID]Impact{}, map[ServiceID]Impact{}
	for _, c := range i.Claims {
		switch {
		case !c.EndedAt.IsZero():
		case c.Platform != "":
			if c.Impact.Worse(platforms[c.Platform]) {
				platforms[c.Platform] = c.Impact
			}
		case c.Service != "":
			if c.Impact.Worse(services[c.Service]) {
				services[c.Service] = c.Impact
			}
		}
	}
	return platforms, services
}

func (i Incident) failedBefore(id ServiceID) bool {
	return slices.ContainsFunc(i.Services, func(s ServiceState) bool { return s.Service == id && s.Failing && s.Round == i.Round })
}

func (i Incident) sinceOf(r Reach) time.Time {
	since := i.Since
	for _, c := range i.Claims {
		hit := c.Service == r.Service || c.Platform != "" && slices.Contains(r.Via, c.Platform)
		if hit && c.EndedAt.IsZero() && !c.Since.IsZero() && c.Since.After(since) {
			since = c.Since
		}
	}
	return since
}

// Failing lists the services that followers are told about now: confirmed and
// not ended, held ones included.
func (i Incident) Failing() []ServiceID {
	var out []ServiceID
	for _, s := range i.Services {
		if s.Failing && s.Confirmed {
			out = append(out, s.Service)
		}
	}
	return out
}

// Impacts counts the services that fail and of which that is confirmed: those that
// cannot be used, and those that are only limited.
func (i Incident) Impacts() (blocked, limited int) {
	for _, s := range i.Services {
		switch {
		case !s.Failing || !s.Confirmed:
		case s.Impact == Degraded:
			limited++
		default:
			blocked++
		}
	}
	return blocked, limited
}

// Unconfirmed lists the services that wait for a tick.
func (i Incident) Unconfirmed() []ServiceID {
	var out []ServiceID
	for _, s := range i.Services {
		if s.Failing && !s.Confirmed {
			out = append(out, s.Service)
		}
	}
	return out
}

// State of one service in this incident.
func (i Incident) Service(id ServiceID) (ServiceState, bool) {
	for _, s := range i.Services {
		if s.Service == id {
			return s, true
		}
	}
	return ServiceState{}, false
}

// Claimed is what a live incident has for itself alone while it claims p: one
// trouble and one maintenance may stand on a platform. Planned work must not stop
// the first word about what breaks before it, or during it.
func (i Incident) Claimed(p PlatformID) string {
	if i.Maintenance {
		return "maintenance:" + string(p)
	}
	return string(p)
}

// Platforms lists the platforms that are claimed broken now.
func (i Incident) Platforms() []PlatformID {
	var out []PlatformID
	for _, c := range i.Claims {
		if c.EndedAt.IsZero() && c.Platform != "" && !slices.Contains(out, c.Platform) {
			out = append(out, c.Platform)
		}
	}
	return out
}
