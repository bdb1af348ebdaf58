package subscriptions

import (
	"slices"
	"time"
)

type OfficerID int64

// Role of an officer in an agency.
type Role string

const (
	Author   Role = "author"
	Approver Role = "approver"
	Admin    Role = "admin" // of the whole deployment: officers, registry, lanes
)

// Officer is one person with linked identities and roles for agencies.
type Officer struct {
	ID    OfficerID
	Name  string
	Roles []Grant
	// WasAdmin stays true once the officer has been an admin: two admins that have
	// existed are never again a deployment that one may set up alone.
	WasAdmin   bool `json:",omitempty"`
	Identities []Identity
	TOTP       string // shared secret in base32; never printed after it was made
	// KeyHanded and DigitsHanded are set while somebody else has seen the key or the
	// secret of the six digits, because they made them. Until the officer has
	// replaced both, they are not a second officer: one person could be two.
	KeyHanded, DigitsHanded bool `json:",omitempty"`
	// Tryout marks an officer whom the program added for a try-out on one machine,
	// without key and six digits. Outside a try-out she is nobody.
	Tryout bool `json:",omitempty"`
	// LastCode is the time step of the last accepted six digits: each is used once.
	LastCode int64
	Duty     []Duty
	// Heads are the agencies whose head this is: called where nobody else answers.
	Heads     []AgencyID `json:",omitempty"`
	CreatedAt time.Time
	// DisabledAt ends every power of the officer; FrozenAt is the same, quick, by
	// one officer, until an admin lifts it.
	DisabledAt, FrozenAt time.Time
	// CodesEndedAt voids the one-time codes that were given until then: an officer
	// who was frozen, disabled or renewed is not joined by an account asked for before.
	CodesEndedAt time.Time `json:",omitzero"`
	Revision     int64
}

// Grant gives a role in one agency; Agency is empty for Admin.
type Grant struct {
	Role   Role
	Agency AgencyID
}

// Identity is how a network knows this person. Provider "key" carries the
// SHA-256 of the key, never the key.
type Identity struct {
	Provider string // key, telegram, slack, oidc
	Subject  string
}

// Duty is a weekly turn: the officer is on duty for the agency on Days between
// From and To (minutes after midnight in the catalogue's zone; To < From spans
// midnight).
type Duty struct {
	Agency   AgencyID
	Days     []time.Weekday
	From, To int
}

// Active reports whether the officer may act at all.
func (o Officer) Active() bool { return o.ID != 0 && o.DisabledAt.IsZero() && o.FrozenAt.IsZero() }

// Enrolled reports whether nobody else has seen what the officer signs in and
// approves with.
func (o Officer) Enrolled() bool { return !o.KeyHanded && !o.DigitsHanded && !o.Tryout }

// Has reports whether the officer holds the role for the agency (or, for Admin,
// at all).
func (o Officer) Has(r Role, a AgencyID) bool {
	return o.Active() && slices.ContainsFunc(o.Roles, func(g Grant) bool { return g.Role == r && (r == Admin || g.Agency == a) })
}

// EverAdmin reports whether the officer is, or once was, an admin, active or not.
func (o Officer) EverAdmin() bool { return o.WasAdmin || grantsAdmin(o.Roles) }

// Grant replaces the roles and keeps what must not be forgotten of the old ones.
func (o *Officer) Grant(roles []Grant) {
	o.WasAdmin = o.EverAdmin() || grantsAdmin(roles)
	o.Roles = roles
}

func grantsAdmin(roles []Grant) bool {
	return slices.ContainsFunc(roles, func(g Grant) bool { return g.Role == Admin })
}

// SpeaksFor lists the agencies in which the officer holds any role.
func (o Officer) SpeaksFor() []AgencyID {
	var out []AgencyID
	for _, g := range o.Roles {
		if g.Agency != "" && !slices.Contains(out, g.Agency) {
			out = append(out, g.Agency)
		}
	}
	return out
}

// On reports whether the turn covers t, given in the catalogue's zone.
func (d Duty) On(t time.Time) bool {
	m := t.Hour()*60 + t.Minute()
	if d.From <= d.To {
		return slices.Contains(d.Days, t.Weekday()) && m >= d.From && m < d.To
	}
	return m >= d.From && slices.Contains(d.Days, t.Weekday()) ||
		m < d.To && slices.Contains(d.Days, t.AddDate(0, 0, -1).Weekday())
}

// LinkCode is a one-time code that ties an identity to an officer.
type LinkCode struct {
	Hash    string // SHA-256 of the code
	Officer OfficerID
	Expires time.Time
}
