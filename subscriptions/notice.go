package subscriptions

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

type NoticeID int64

// Kind of a notice.
type Kind string

const (
	Outage            Kind = "outage"
	AlternativeNotice Kind = "alternative"
	Update            Kind = "update"
	Restored          Kind = "restored"
	Maintenance       Kind = "maintenance"
	Correction        Kind = "correction"
	Advisory          Kind = "advisory"
)

// Kinds lists every kind, in the order of the design.
var Kinds = []Kind{Outage, AlternativeNotice, Update, Restored, Maintenance, Correction, Advisory}

// NoticeState: draft → submitted → (returned → submitted)* → approved →
// published; published may become stopped or withdrawn.
type NoticeState string

const (
	Draft     NoticeState = "draft"
	Submitted NoticeState = "submitted"
	Returned  NoticeState = "returned"
	Published NoticeState = "published"
	Stopped   NoticeState = "stopped"   // nobody else is told; those told keep it
	Withdrawn NoticeState = "withdrawn" // it was wrong; those told read the fixed sentence
)

// Notice is one thing said to the public.
type Notice struct {
	ID       NoticeID
	Key      NoticeKey // given at submit
	Code     string    // check code, given at submit
	Incident IncidentID
	Round    int
	Kind     Kind
	Agency   AgencyID
	State    NoticeState
	Revision int64 // raised by every stored change

	Slots Slots
	// Sheet, Hash, Audience, Sound and IncidentRevision are frozen at submit.
	Sheet            Sheet
	Hash             string
	Audience         Audience
	Sound            bool // rule 7: a new message; false: an edit in place
	Money            bool // it corrects or withdraws words about money: first in every lane
	IncidentRevision int64
	// Beside are the services that an outage tells by a notice beside it: their
	// followers know already.
	Beside []ServiceID `json:",omitempty"`

	Author      OfficerID
	Submitter   OfficerID `json:",omitempty"` // who gave it to a second officer; neither of the two approves it
	Approver    OfficerID // zero where one officer is enough
	TwoOfficers []string  // why rule 4 asks for two; empty = one
	Return      string    // the approver's reason
	Corrects    NoticeID

	CreatedAt, SubmittedAt, PublishedAt time.Time
	ExpiresAt                           time.Time // an unsent delivery is superseded then; zero = 12 h after publishing
	Overtaken                           NoticeID  // by this newer notice; its unsent deliveries are superseded
	StoppedAt                           time.Time
	ExpandedAt                          time.Time // every recipient has a row

	// Stage is how many are told first, of a notice that moves money; 0 = all at once.
	Stage int `json:",omitempty"`

	// Was is the sheet that an approver gave back, of a notice that was submitted
	// again: so that the next one sees what changed.
	Was *Sheet `json:",omitempty"`
	// Posted are the texts that officers have put out by hand elsewhere.
	Posted []Posting `json:",omitempty"`
}

// Posting is one text of a notice that an officer has posted by hand.
type Posting struct {
	Network  string // sms, x, whatsapp, radio
	Language Language
	At       time.Time
	By       OfficerID
}

// Live reports whether deliveries of the notice may still be sent.
func (n Notice) Live(now time.Time) bool {
	return n.State == Published && n.Overtaken == 0 && (n.ExpiresAt.IsZero() || now.Before(n.ExpiresAt))
}

// Closed reports whether a notice that was published is told to nobody else, for a newer
// word has overtaken it, or it was stopped or taken back.
func (n Notice) Closed() bool {
	return n.State == Stopped || n.State == Withdrawn || n.State == Published && n.Overtaken != 0
}

// Answers reports whether the notice gives the answers that an end promised. It
// is stored as a correction of that end: that kind reaches exactly those who were
// told it, whether or not the incident is over.
func (n Notice) Answers() bool {
	s := n.Slots
	return n.Kind == Correction && n.Corrects != 0 && !s.Withdraws && s.False == "" &&
		(s.Landed != (Answer{}) || s.PayAgain != (Answer{}) || s.Moved != (Answer{}))
}

// Slots are the facts of a notice, typed once; wording turns them into words.
type Slots struct {
	Services      []ServiceID     `json:",omitempty"` // of the notice; empty = all failing ones of the incident
	Platforms     []PlatformID    `json:",omitempty"`
	Since         time.Time       `json:",omitzero"`
	SinceApprox   bool            `json:",omitempty"`
	State         IncidentState   `json:",omitempty"` // the incident's after this notice
	NextUpdate    time.Time       `json:",omitzero"`
	NoChange      bool            `json:",omitempty"` // update: "nothing is new"
	Alternatives  []AlternativeID `json:",omitempty"`
	Until         time.Time       `json:",omitzero"` // expiry of the alternatives
	StartsAt      time.Time       `json:",omitzero"`
	EndsAt        time.Time       `json:",omitzero"`
	EndsNotBefore bool            `json:",omitempty"` // "not before", the end itself is not known
	Deadline      *Deadline       `json:",omitempty"`
	Cause         Cause           `json:",omitempty"`
	Landed        Answer          `json:",omitzero"`  // restored: did payments that left arrive?
	PayAgain      Answer          `json:",omitzero"`  // restored: pay again?
	Moved         Answer          `json:",omitzero"`  // restored: did a deadline move?
	False         FalseClaim      `json:",omitempty"` // correction: what circulates
	Withdraws     bool            `json:",omitempty"` // correction that takes our own notice back
	TakesBack     NoticeKey       `json:",omitempty"` // update: this end does not count; only the program says so
	Free          Text            `json:",omitempty"` // optional, short, one per language, never translated by machine
}

// UsefulUntil is the first time after now at which hearing the notice comes too late
// for something that it says: maintenance begins, a deadline passes, a way ends. Zero
// = nothing of it has an end.
func (s Slots) UsefulUntil(now time.Time) time.Time {
	times := []time.Time{s.StartsAt, s.Until}
	if d := s.Deadline; d != nil {
		times = append(times, d.New)
		if d.New.IsZero() {
			times = append(times, d.Old)
		}
	}
	var first time.Time
	for _, t := range times {
		if t.After(now) && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

// Deadline moved or stands.
type Deadline struct {
	Service    ServiceID
	Old, New   time.Time
	FineWaived bool
}

// Cause, told last and only when confirmed.
type Cause string

const (
	CauseUnknown  Cause = ""
	CauseNetwork  Cause = "network"
	CausePower    Cause = "power"
	CauseProvider Cause = "provider"
	CauseLoad     Cause = "load"
	CauseAttack   Cause = "attack"
	CauseChange   Cause = "change"
	CauseSystem   Cause = "system"
)

// FalseClaim says what a correction calls false; it never quotes the fake.
type FalseClaim string

const (
	FalsePayment FalseClaim = "payment" // a way to pay that is not ours
	FalseNumber  FalseClaim = "number"  // a number or code to call or text
	FalseLink    FalseClaim = "link"
	FalseNews    FalseClaim = "news"
)

// Answer to one of the three questions at the end.
type Answer struct {
	Value string    `json:",omitempty"` // "yes", "no", "" = not known yet
	By    time.Time `json:",omitzero"`  // with "": we will say by this time
}

// Slot names a line by its place in the order of speaking.
type Slot string

const (
	SlotWhat     Slot = "what"
	SlotSince    Slot = "since"
	SlotMoney    Slot = "money" // "if your money has already left, do not pay again"
	SlotDo       Slot = "do"
	SlotService  Slot = "service" // per service
	SlotDeadline Slot = "deadline"
	SlotNext     Slot = "next"
	SlotFree     Slot = "free"
	SlotWho      Slot = "who"
	SlotCause    Slot = "cause"
	SlotPIN      Slot = "pin"
	SlotWhy      Slot = "why"
	SlotSays     Slot = "says" // another agency's statement beside this one
)

// Line is one sentence or a few that belong together.
type Line struct {
	Slot Slot   `json:"slot"`
	Text string `json:"text"`
}

// ServiceLines are the lines that only followers of one service read.
type ServiceLines struct {
	Service ServiceID `json:"service"`
	Agency  AgencyID  `json:"agency"`
	Name    string    `json:"name"`  // "Paying tax"
	Label   string    `json:"label"` // "Paying tax (KRA)"
	State   string    `json:"state"` // what it is now, e.g. "limited: card payments fail"
	Lines   []string  `json:"lines"` // other ways or "no other way is confirmed yet…"
}

// Words of a sheet in one language. Head + the recipient's Services + Tail, in
// this order, is what a citizen reads; More, Why and Follow are formats with the
// verbs named beside them.
type Words struct {
	Title    string         `json:"title"`
	Head     []Line         `json:"head"`
	Services []ServiceLines `json:"services"`
	// Others are lines of what other agencies said of the incident: whoever was told
	// that too reads on in the one live message.
	Others   []ServiceLines `json:"others,omitempty"`
	Tail     []Line         `json:"tail"`
	More     string         `json:"more"` // "%d" = how many services are not named
	Why      string         `json:"why"`  // "%s" = names of what is followed
	WhyAsked string         `json:"why_asked"`
	WhyPost  string         `json:"why_post"`
	WhyGroup string         `json:"why_group,omitempty"` // "%s" = the account that alone speaks for us there
	Short    string         `json:"short"`               // at most 160 GSM-7 characters
}

// Sheet is a notice's frozen words. Preview, hash, approval, sending, pages and
// edits only select and join its lines.
type Sheet struct {
	Version int                `json:"version"`
	Key     NoticeKey          `json:"key"`
	Code    string             `json:"code"`
	Kind    Kind               `json:"kind"`
	Host    string             `json:"host"` // of PUBLIC_URL; empty = none is set
	At      time.Time          `json:"at"`   // "as of"
	Words   map[Language]Words `json:"words"`
	// Entries of the registry that the words name: the only numbers and links in them.
	Entries []EntryID `json:"entries"`
	// Ways that are working destinations, for a copy button: label → value.
	Copy map[ServiceID][]CopyValue `json:"copy,omitempty"`
	// Links may be shown as buttons, never inline.
	Links []SheetLink `json:"links,omitempty"`
}

// CopyValue is a working destination of one service.
type CopyValue struct {
	Entry EntryID `json:"entry"`
	Value string  `json:"value"`
	Name  string  `json:"name,omitempty"` // the receiver's name to expect
}

// SheetLink is a link on our own host or an official one.
type SheetLink struct {
	Rel string `json:"rel"` // "notice", "service"
	URL string `json:"url"`
}

// Digest is the SHA-256 of everything that an approval is bound to, in
// hexadecimal: the sheet in every language, who is told and how, whose words they
// are, and why a second officer reads them.
func (n Notice) Digest() string {
	b, err := json.Marshal(struct {
		Sheet    Sheet
		Audience Audience
		Kind     Kind
		Agency   AgencyID
		Incident IncidentID
		Round    int
		Slots    Slots
		Sound    bool
		Money    bool
		Key      NoticeKey
		Code     string
		Corrects NoticeID
		Author   OfficerID
		Second   OfficerID
		Why      []string
		Beside   []ServiceID
	}{n.Sheet, n.Audience, n.Kind, n.Agency, n.Incident, n.Round, n.Slots, n.Sound, n.Money, n.Key, n.Code, n.Corrects, n.Author, n.Submitter, n.TwoOfficers, n.Beside})
	if err != nil { // only maps, strings, numbers and times: cannot fail
		panic(err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
