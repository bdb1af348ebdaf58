package subscriptions

import (
	"context"
	"time"
)

// Store is everything that Arifa remembers. A consumer takes one role of it,
// never the whole. Every method is one transaction, safe to repeat, and safe for
// many goroutines and many processes. Times go in and come out in UTC, cut to
// milliseconds. The sentences below are the contract; package storetest proves
// each of them over every store.
type Store interface {
	Catalogue
	Register
	Officers
	Bulletins
	Audit
	Outbox
	Lanes
	Inbox
	Ticks
	Complaints
	Alarms
	Samples
	Chats
	Calls
	Archive
	Sessions
	WebTalk
	Close() error
}

// Catalogue remembers the catalogue in force, waiting changes and ready ways.
type Catalogue interface {
	// CatalogueInForce returns the YAML in force and its revision; ErrNotFound
	// before the first import.
	CatalogueInForce(ctx context.Context) (yaml []byte, revision int64, err error)
	// ReplaceCatalogue puts yaml in force if revision is still the current one
	// (0 = none yet), else ErrConflict; stores the changes as waiting; moves
	// follows of replaced services (old → new) and removes follows of retired
	// scopes that nothing replaces, returning how many recipients that touched.
	// Who is moved to a service with a live incident is owed its current notice.
	ReplaceCatalogue(ctx context.Context, r CatalogueReplacement) (touched int, err error)
	// Changes lists the registry changes, newest first.
	Changes(ctx context.Context) ([]RegistryChange, error)
	// PutChange stores a decision on a change if its Revision is the stored one,
	// else ErrConflict. ID 0 inserts. The audit line commits with it.
	PutChange(ctx context.Context, c RegistryChange, line AuditLine) (RegistryChange, error)
	// ReadyWays lists the ready alternatives, lapsed ones included.
	ReadyWays(ctx context.Context) ([]ReadyWay, error)
	// PutReadyWay stores one, unique on (Alternative, Agency); the audit line
	// commits with it.
	PutReadyWay(ctx context.Context, w ReadyWay, line AuditLine) error
}

// CatalogueReplacement is one import.
type CatalogueReplacement struct {
	YAML     []byte
	Revision int64
	Changes  []RegistryChange
	Replaced map[Scope]Scope // retired → its replacement
	Retired  []Scope         // retired without a replacement
	Line     AuditLine
	At       time.Time
}

// Register remembers who follows what.
type Register interface {
	// Recipient finds one by lane and address; ErrNotFound.
	Recipient(ctx context.Context, lane LaneID, a Address) (Recipient, error)
	// SaveRecipient inserts (ID 0) or changes language, languages, title, silent,
	// talk, asked time, kind, gone time and address. Inserting an existing (lane,
	// address) returns the stored one with ErrExists. Moving to an address that
	// another recipient holds merges the two: follows are united, and the older id
	// stays. Clearing GoneAt brings the follows back to life.
	SaveRecipient(ctx context.Context, r Recipient) (Recipient, error)
	// Subscribe adds follows and, in the same transaction and under the lock that
	// Publish takes exclusively, makes this recipient owe-d the current notice of
	// every live incident (newest published, neither overtaken nor restored) whose
	// audience its follows match: nobody falls between. It is absolute: a second
	// time changes nothing. A recipient who has that notice already gets no second
	// row: a pending row's services grow; a sent one becomes a pending AsEdit row
	// with the grown services and still counts as told. It returns what is owed.
	Subscribe(ctx context.Context, id RecipientID, f []Follow, now time.Time) ([]Owed, error)
	// Leave removes the follows of these scopes (nil = all, watches too) and ends
	// the debts that no remaining follow explains: unsent rows become superseded
	// (ByLeaving), told ones no longer get an end. Who leaves everything is not asked
	// whether something works again either. It returns the scopes removed
	// and how many live incidents the recipient will now not hear the end of.
	Leave(ctx context.Context, id RecipientID, scopes []Scope, now time.Time) (Left, error)
	// Follows lists the follows of a recipient, oldest first, lapsed ones left out.
	Follows(ctx context.Context, id RecipientID, now time.Time) ([]Follow, error)
	// Forget erases the recipient, its follows, talk and address at once; its
	// deliveries, reports and answers stay as counts without any person in them.
	Forget(ctx context.Context, id RecipientID, now time.Time) error
	// Retain does the housekeeping of time: lapsed follows removed; deliveries of
	// incidents that ended more than 30 days before now turned into counts;
	// recipients that follow nothing and are not owed anything in a live round
	// erased 30 days after they were gone or left; handled inbox rows older than
	// 48 h removed. Of reports it erases the words, and who said them, so that a
	// nightly Retain keeps neither longer than ReportTextFor; it makes counts of
	// hours of the marks that are older than MarkFor, and forgets whose they were;
	// counts and reports without anybody go after HoursFor; who was asked whether it
	// works is forgotten like who reported. It works page by page and returns what it
	// did.
	Retain(ctx context.Context, now time.Time) (Retained, error)
	// Count tells how many recipients an audience reaches, per lane and kind.
	Count(ctx context.Context, a Audience, now time.Time) ([]LaneCount, error)
}

// Owed is one delivery that Subscribe made or grew.
type Owed struct {
	Notice NoticeID
	Mode   Mode
	Told   bool // it had been told already; only its services grew
}

// Left is what Leave did.
type Left struct {
	Scopes []Scope
	// Unended counts live incidents that this person was told of and will not
	// hear the end of.
	Unended int
}

// Retained is what Retain did.
type Retained struct {
	Follows, Deliveries, Recipients, Inbox int
	Leads                                  int // reports, questions and answers that were erased or counted out
}

// LaneCount is how many recipients of a kind a lane would reach.
type LaneCount struct {
	Lane  LaneID
	Kind  RecipientKind
	Asked int // of Count: asked within AskedWindow
	Count int
}

// Officers remembers who may act.
type Officers interface {
	// Officers lists all, disabled ones included.
	Officers(ctx context.Context) ([]Officer, error)
	// Officer finds one by id; ErrNotFound.
	Officer(ctx context.Context, id OfficerID) (Officer, error)
	// OfficerBy finds one by a linked identity; ErrNotFound.
	OfficerBy(ctx context.Context, i Identity) (Officer, error)
	// PutOfficer inserts (ID 0) or stores if Revision is the stored one, else
	// ErrConflict; an identity that belongs to another officer is ErrExists. The
	// audit line commits with it; a zero Officer in the line means the officer put.
	PutOfficer(ctx context.Context, o Officer, line AuditLine) (Officer, error)
	// UseCode marks a time step of the six digits as used; ErrConflict when this
	// or a later one was used before.
	UseCode(ctx context.Context, id OfficerID, step int64) error
	// PutLinkCode stores a one-time code; TakeLinkCode finds and removes it;
	// ErrNotFound when unknown, used or expired.
	PutLinkCode(ctx context.Context, c LinkCode) error
	TakeLinkCode(ctx context.Context, hash string, now time.Time) (LinkCode, error)
}

// Bulletins remembers incidents and notices.
type Bulletins interface {
	// Commit stores one decision of the desk in one transaction: incident (ID 0 =
	// insert), notices (ID 0 = insert), overtaken marks and the audit line.
	//
	//   - Revision of incident and notices must be the stored ones, else
	//     ErrConflict and nothing is stored. Stored revisions are one higher.
	//   - A second live incident that claims a platform of a live one is ErrExists;
	//     a trouble and a maintenance stand beside each other.
	//   - Request, when set, is an idempotency key: a repeated Commit with the same
	//     key changes nothing and returns what the first one stored.
	//   - A notice that comes with a Day gets the next number of that day as its
	//     Key; numbers are never reused.
	//   - A notice whose State turns Published takes the lock that Subscribe and
	//     Expand share, becomes its incident's LastNotice (and FirstNotice of the
	//     round), sets Overtaken on the notices listed in Overtakes, and becomes
	//     due for Expand. What the caller reads after Commit is durable.
	//   - A listed notice that still owes somebody what the new one does not say
	//     is not marked (func Overtakes): nobody who waits for it is skipped, and
	//     Lease leaves out what has ended. So the desk may list every older
	//     notice of the incident.
	//   - Notices without an Incident that come with a new incident get its id. A
	//     published notice without ExpiresAt expires 12 h after PublishedAt, and
	//     one without PublishedAt was published at Now. Overtaken and ExpandedAt
	//     belong to the store: a put never clears them.
	//   - The calls of Summons are stored as PutCalls stores them; those about nothing
	//     are about the incident of the change.
	//   - Every Commit raises the generation of View.
	Commit(ctx context.Context, c Change) (Change, error)
	// Incident and Notice find one; ErrNotFound.
	Incident(ctx context.Context, id IncidentID) (Incident, error)
	Notice(ctx context.Context, id NoticeID) (Notice, error)
	// NoticesByKey finds notices by full key ("2025-0103-1") or by short key
	// ("0103-1": every year's, newest first).
	NoticesByKey(ctx context.Context, key string) ([]Notice, error)
	// Incidents lists: live ones always, ended ones whose end is after since;
	// newest first.
	Incidents(ctx context.Context, since time.Time) ([]Incident, error)
	// Notices lists those of one incident (0 = all) in any of the states (none =
	// all), oldest first.
	Notices(ctx context.Context, incident IncidentID, states ...NoticeState) ([]Notice, error)
	// FollowUps returns what a recipient was told: its told deliveries of
	// incidents that are live or ended after since, newest first.
	Told(ctx context.Context, id RecipientID, since time.Time) ([]ToldNotice, error)
}

// ToldNotice is one thing a recipient was told.
type ToldNotice struct {
	Notice   NoticeID
	Incident IncidentID
	Kind     Kind
	Services []ServiceID
	At       time.Time
}

// Change is one decision of the desk.
type Change struct {
	Request string
	// Asked is a digest of what the Request asked for; the answer to a repeated
	// one carries that of the first, so that the caller sees whether they differ.
	Asked     string `json:",omitempty"`
	Incident  *Incident
	Notices   []Notice
	Day       string     // "2025-0103": notices that need a number get the next of this day
	Overtakes []NoticeID // by the notice that is published in this change
	// HighHarm lists the high-harm services among those that the published
	// notice tells: the first outage of these goes first (rule 8). It is stored
	// with the notice.
	HighHarm []ServiceID
	// Summons are the calls of officers that commit with the decision; a repeated
	// one calls nobody again.
	Summons []Summons `json:"-"`
	Line    AuditLine
	Now     time.Time
	// Repeated is set in the answer when Request had been committed before.
	Repeated bool
}

// Audit is the append-only record.
type Audit interface {
	// Append seals the line to the record's end and returns it.
	Append(ctx context.Context, l AuditLine) (AuditLine, error)
	// AuditLines lists up to limit lines after seq, oldest first.
	AuditLines(ctx context.Context, after int64, limit int) ([]AuditLine, error)
}

// Incoming is one update of a network, stored before it is acknowledged.
type Incoming struct {
	Lane    LaneID
	ID      int64  // the network's update id
	Chat    string // order is kept within it; hidden from logs like an address
	Body    []byte // raw; erased when it is handled
	At      time.Time
	Attempt int
}

// Inbox remembers incoming updates until they are handled.
type Inbox interface {
	// PutIncoming stores updates, each (lane, id) once for ever; it returns how
	// many were new.
	PutIncoming(ctx context.Context, in []Incoming) (int, error)
	// NextIncoming returns up to max due updates, oldest first, at most one for
	// each chat: the oldest unhandled of that chat.
	NextIncoming(ctx context.Context, lane LaneID, max int, now time.Time) ([]Incoming, error)
	// DoneIncoming marks an update as handled and erases its body.
	DoneIncoming(ctx context.Context, lane LaneID, id int64, now time.Time) error
	// RetryIncoming tries an update again at a time; dead true lays it aside for
	// an operator, and the next of its chat goes on.
	RetryIncoming(ctx context.Context, lane LaneID, id int64, at time.Time, reason string, dead bool) error
	// InboxState returns the highest id ever stored for a lane (0 = none), and how
	// many wait and how many are dead.
	InboxState(ctx context.Context, lane LaneID) (InboxState, error)
}

type InboxState struct {
	Highest       int64
	Waiting, Dead int
}

// Ticks makes a job of the clock happen once, whatever the replicas.
type Ticks interface {
	// Claim reports whether this caller is the one to run job for the tick at. A tick
	// is forgotten by Retain when it is two days old and the job has a newer one.
	Claim(ctx context.Context, job string, at time.Time) (bool, error)
	// LastTick returns the newest claimed tick of a job; zero if none.
	LastTick(ctx context.Context, job string) (time.Time, error)
}
