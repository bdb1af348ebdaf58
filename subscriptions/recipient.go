package subscriptions

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// LaneID names all sending through one credential: "telegram:<bot id>",
// "slack:<team id>", "webchat". Rotating a token keeps the lane.
type LaneID string

// Network is the part before the colon.
func (l LaneID) Network() string {
	n, _, _ := strings.Cut(string(l), ":")
	return n
}

// Address is where a lane reaches one recipient (a chat id, a channel id). It
// hides its value from every log and every fmt verb; Reveal is for the lane and
// the store alone.
type Address struct{ value string }

const hidden = "[address]"

// AddressOf wraps a network's own id; surrounding space is cut.
func AddressOf(s string) Address { return Address{strings.TrimSpace(s)} }

// Reveal returns the network's own id.
func (a Address) Reveal() string               { return a.value }
func (a Address) IsZero() bool                 { return a.value == "" }
func (a Address) String() string               { return hidden }
func (a Address) LogValue() slog.Value         { return slog.StringValue(hidden) }
func (a Address) MarshalJSON() ([]byte, error) { return json.Marshal(hidden) }
func (a Address) Format(s fmt.State, _ rune)   { _, _ = io.WriteString(s, hidden) }

type RecipientID int64

// RecipientKind says who reads at an address.
type RecipientKind string

const (
	Person  RecipientKind = "person"  // a subscriber: one private chat, number or browser
	Group   RecipientKind = "group"   // a group of people; its administrators choose what it follows
	Channel RecipientKind = "channel" // a public channel: a channel post
)

// Recipient is a subscriber or a channel post, unique on (Lane, Address).
type Recipient struct {
	ID       RecipientID
	Lane     LaneID
	Address  Address
	Kind     RecipientKind
	Language Language // empty until chosen
	// Languages of a channel post; empty means every language of the catalogue.
	Languages []Language
	Title     string // of a channel, for officers; empty for people
	Silent    bool   // the person asked for messages without sound
	Talk      Talk
	AskedAt   time.Time // last time this person asked about anything; zero if never
	CreatedAt time.Time
	// GoneAt is set when the network says that the address is dead (blocked,
	// kicked, deleted); nothing is sent to it until its owner comes back.
	GoneAt time.Time
}

// Talk is where a conversation stands, kept between two messages.
type Talk struct {
	State string            `json:"state,omitempty"` // names of package bot; empty = nothing asked
	Slots map[string]string `json:"slots,omitempty"`
	At    time.Time         `json:"at,omitzero"`
}

// Scope is what a recipient follows: everything, an agency, a platform or a
// service. Its text form is the key in the stores: "all", "agency:kra",
// "platform:mpesa", "service:kra-pay-tax".
type Scope string

const ScopeAll Scope = "all"

func ScopeAgency(id AgencyID) Scope     { return Scope("agency:" + string(id)) }
func ScopePlatform(id PlatformID) Scope { return Scope("platform:" + string(id)) }
func ScopeService(id ServiceID) Scope   { return Scope("service:" + string(id)) }

// Split returns the kind ("all", "agency", "platform", "service") and the id.
func (s Scope) Split() (kind, id string) {
	kind, id, _ = strings.Cut(string(s), ":")
	return kind, id
}

// Service returns the service of a service scope.
func (s Scope) Service() (ServiceID, bool) {
	k, id := s.Split()
	return ServiceID(id), k == "service" && id != ""
}

// Follow is one scope of one recipient. With Incident set it is a watch: "tell
// me when it ends", for that incident's round only; with Until set it ends by
// itself: "tell me if something is announced" for 24 h.
type Follow struct {
	Scope    Scope
	Incident IncidentID
	Until    time.Time
	Since    time.Time
	Consent  string // which words were agreed to, e.g. "follow/en/1"
}

// Counts reports whether the follow counts for incident id at now.
func (f Follow) Counts(id IncidentID, now time.Time) bool {
	return (f.Incident == 0 || f.Incident == id) && (f.Until.IsZero() || now.Before(f.Until))
}

// Reach is a frozen audience: for each scope, the services of the notice that
// a follower of that scope is told about. Rule 3.
type Audience map[Scope][]ServiceID

// AudienceOf lists everyone who hears about services: their followers, those of
// their agencies, of platforms (which get all services) and of everything.
func AudienceOf(n *Nation, services []ServiceID, platforms []PlatformID) Audience {
	a := Audience{ScopeAll: slices.Clone(services)}
	for _, id := range services {
		a[ScopeService(id)] = []ServiceID{id}
		if s, ok := n.Service(id); ok {
			ag := ScopeAgency(s.Agency)
			a[ag] = append(a[ag], id)
		}
	}
	for _, p := range platforms {
		a[ScopePlatform(p)] = slices.Clone(services)
	}
	return a
}

// Match returns the services that these scopes hear about, each once, in the
// order of a's "all" list; nil means: not in the audience.
func (a Audience) Match(scopes []Scope) []ServiceID {
	hit := map[ServiceID]bool{}
	for _, s := range scopes {
		for _, id := range a[s] {
			hit[id] = true
		}
	}
	var out []ServiceID
	for _, id := range a[ScopeAll] {
		if hit[id] {
			out = append(out, id)
		}
	}
	return out
}
