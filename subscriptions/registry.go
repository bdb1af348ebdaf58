package subscriptions

import "time"

type ChangeID int64

// ChangeKind is what waits for two officers.
type ChangeKind string

const (
	ChangeEntry       ChangeKind = "entry"       // a new or changed destination or contact
	ChangeConfirm     ChangeKind = "confirm"     // a verify: true destination becomes a place to pay
	ChangeAlternative ChangeKind = "alternative" // a new or changed payment text
	ChangeName        ChangeKind = "name"        // a name that holds a number, a link or a money word
	ChangeIdentifiers ChangeKind = "identifiers" // new names of a platform: its paybill, code, address
	ChangeTies        ChangeKind = "ties"        // whose something is, what it depends on, the codes it is found by
	ChangeHost        ChangeKind = "host"        // a new official host or domain suffix: links to it are let through
)

// ChangeState of a waiting change.
type ChangeState string

const (
	ChangeWaiting ChangeState = "waiting" // needs Approvals of two officers of its agency
	ChangeCooling ChangeState = "cooling" // approved; takes effect at EffectiveAt
	ChangeRefused ChangeState = "refused"
	ChangeDone    ChangeState = "done"
)

// CoolingOff is how long an approved change of money words waits.
const CoolingOff = 24 * time.Hour

// RegistryChange is a change of a destination, a payment text, a name, a
// platform's identifiers or of ties that an import proposed. Until it is done the old value
// stands; a new one reaches nobody.
type RegistryChange struct {
	ID          ChangeID
	Kind        ChangeKind
	Agency      AgencyID
	Entry       EntryID       `json:",omitempty"`
	Alternative AlternativeID `json:",omitempty"`
	Scope       Scope         `json:",omitempty"` // of a name, identifiers or a host: "service:kra-pay-tax", "host:kra.go.ke", "suffix:.go.ke"
	Old, New    string        // JSON of what Kind names; Old is empty for a new one
	State       ChangeState
	ProposedBy  OfficerID
	ProposedAt  time.Time
	Approvals   []OfficerID
	EffectiveAt time.Time
	Reason      string // of a refusal
	Revision    int64
}

// ScopeHost and ScopeSuffix name what a change of kind ChangeHost is about. A
// suffix is no single agency's: the change has none.
func ScopeHost(host string) Scope     { return Scope("host:" + host) }
func ScopeSuffix(suffix string) Scope { return Scope("suffix:" + suffix) }

// Of names what the change is about, for people.
func (c RegistryChange) Of() string {
	return string(c.Entry) + string(c.Alternative) + string(c.Scope)
}

// Naming is what a change of kind ChangeName carries: all names of one agency,
// platform or service.
type Naming struct {
	Name  Text
	Short string `json:",omitempty"`
}

// Texts lists the names by a key that is the same in every Naming.
func (n Naming) Texts() map[string]string {
	all := map[string]string{"short": n.Short}
	for l, t := range n.Name {
		all["name."+string(l)] = t
	}
	return all
}

// ReadyWay is an alternative approved in advance by two for an agency's
// services: one officer may activate it for at most four hours at a time.
type ReadyWay struct {
	Alternative AlternativeID
	Agency      AgencyID
	Services    []ServiceID
	Author      OfficerID
	Approver    OfficerID
	At          time.Time
	Until       time.Time // 90 days after approval
	TextHash    string    // of the resolved text: a changed text is no longer ready
	Revision    int64
}

// ReadyFor is how long a ready alternative stays approved; ReadyUse is the
// longest one activation.
const (
	ReadyFor = 90 * 24 * time.Hour
	ReadyUse = 4 * time.Hour
)
