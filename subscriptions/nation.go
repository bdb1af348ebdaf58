package subscriptions

import (
	"strings"
	"time"
)

// Identifiers. Those of the catalogue are lower-case words joined by hyphens,
// at most 40 bytes, and are never reused.
type (
	AgencyID      string
	PlatformID    string
	ServiceID     string
	AlternativeID string
	// EntryID names one entry of the registry: a payment destination or a contact.
	EntryID string
	// Language is an IETF tag of two letters: "en", "sw".
	Language string
)

// Text is one sentence or name in every language of the catalogue.
type Text map[Language]string

// In returns the text in l, or in the first of fallback that has one.
func (t Text) In(l Language, fallback ...Language) string {
	if s := t[l]; s != "" {
		return s
	}
	for _, f := range fallback {
		if s := t[f]; s != "" {
			return s
		}
	}
	return ""
}

// Impact says how a service suffers while a platform is down.
type Impact string

const (
	Blocked  Impact = "blocked"  // no way is known
	Degraded Impact = "degraded" // another way stays open: shown as "limited", with the way that fails
)

// Worse reports whether i hurts more than j; the empty impact hurts least.
func (i Impact) Worse(j Impact) bool { return i.weight() > j.weight() }

func (i Impact) weight() int {
	switch i {
	case Blocked:
		return 2
	case Degraded:
		return 1
	}
	return 0
}

// Nation is the parsed catalogue: one country, its agencies, platforms,
// services, documented alternatives and registry. It is read-only after it is made.
type Nation struct {
	Country         string
	Timezone        string
	Languages       []Language // the first is the default where none is known
	DefaultLanguage Language
	Currency        string
	DomainSuffixes  []string // ".go.ke"
	OfficialHosts   []OfficialHost
	Counties        []County // of the country, for where a report comes from; may be empty

	Platforms    []Platform
	Agencies     []Agency
	Alternatives []Alternative
	Registry     []Entry
	Services     []Service
	Sources      map[string]Source
}

type OfficialHost struct {
	Host   string
	Agency AgencyID
	Verify bool
}

// County is a part of the country, by its number in ISO 3166-2: {"30", "Nairobi City"}.
type County struct{ ID, Name string }

type Source struct{ URL, Label string }

// Platform is a thing that breaks and that services depend on.
type Platform struct {
	ID          PlatformID
	Name        Text
	Operator    AgencyID
	Kind        string
	DependsOn   []PlatformID
	Impact      map[PlatformID]Impact // absent means Blocked
	Identifiers []Identifier
	Probes      []Probe // what we ask it ourselves, where the operator has turned that on
	Note        string
	Src         []string
	Verify      bool
	Retired     bool
	Replaces    PlatformID
}

// Identifier is a public name of a platform that may be called broken: a
// paybill, a phone code, an address.
type Identifier struct{ Type, Value string }

// Agency is the body that answers for a service or operates a platform.
type Agency struct {
	ID              AgencyID
	Name            Text
	Short           string
	Kind            string
	URL             string
	URLVerify       bool
	PaidViaECitizen string
	Note            string
	Src             []string
	Verify, Retired bool
}

// Alternative is another way for named services while a platform is down. Its
// text names numbers only as {dest:ID} and {contact:ID}.
type Alternative struct {
	ID          AlternativeID
	Agency      AgencyID
	Text        Text
	UseWhenDown []PlatformID
	Payment     bool // it moves money
	Note        string
	Src         []string
	Verify      bool
	Retired     bool
}

// Entry is one entry of the registry.
type Entry struct {
	ID          EntryID
	Destination bool // a place where money may be sent; else a contact
	Agency      AgencyID
	Type        string // mpesa-paybill, ussd, bank-account, url, hotline, sms
	Value       string
	ExpectName  string // the receiver's name that the payer's phone shows; confirmed
	// ExpectNameUnconfirmed is for officers only.
	ExpectNameUnconfirmed string
	OperatorName          string
	Purpose               string
	Publishable           bool // false: must never reach a citizen
	Verify                bool // true: not a place to pay until two officers confirm it
	Note                  string
	Src                   []string
	Retired               bool
}

// Service is what a citizen follows.
type Service struct {
	ID               ServiceID
	Agency           AgencyID
	Name             Text
	Description      string
	Keywords         []string
	URL              string
	Fee              string
	PaidViaECitizen  string
	DependsOn        []PlatformID
	Impact           map[PlatformID]Impact // absent means Blocked
	DependencyVerify []PlatformID          // unconfirmed: waits for an officer's tick
	Alternatives     []AlternativeID
	HighHarm         bool
	Status           string
	Note             string
	Src              []string
	Verify           bool
	Retired          bool
	Replaces         ServiceID
}

// Location returns the catalogue's time zone; the catalogue check has proved it.
func (n *Nation) Location() *time.Location {
	loc, err := time.LoadLocation(n.Timezone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// County finds one by its id.
func (n *Nation) County(id string) (County, bool) {
	for _, c := range n.Counties {
		if c.ID == id {
			return c, true
		}
	}
	return County{}, false
}

func (n *Nation) Platform(id PlatformID) (Platform, bool) {
	for _, p := range n.Platforms {
		if p.ID == id {
			return p, true
		}
	}
	return Platform{}, false
}

func (n *Nation) Agency(id AgencyID) (Agency, bool) {
	for _, a := range n.Agencies {
		if a.ID == id {
			return a, true
		}
	}
	return Agency{}, false
}

func (n *Nation) Service(id ServiceID) (Service, bool) {
	for _, s := range n.Services {
		if s.ID == id {
			return s, true
		}
	}
	return Service{}, false
}

func (n *Nation) Alternative(id AlternativeID) (Alternative, bool) {
	for _, a := range n.Alternatives {
		if a.ID == id {
			return a, true
		}
	}
	return Alternative{}, false
}

func (n *Nation) Entry(id EntryID) (Entry, bool) {
	for _, e := range n.Registry {
		if e.ID == id {
			return e, true
		}
	}
	return Entry{}, false
}

// OfficialHost reports whether host belongs to a body of the catalogue.
func (n *Nation) OfficialHost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, h := range n.OfficialHosts {
		if host == h.Host {
			return true
		}
	}
	for _, s := range n.DomainSuffixes {
		if strings.HasSuffix(host, s) {
			return true
		}
	}
	return false
}
