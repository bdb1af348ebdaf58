package subscriptions

import (
	"context"
	"time"
)

// Outbox is the truth about deliveries: one row per notice and recipient.
type Outbox interface {
	// View reads what "still true?" is asked of when its generation is above
	// since; ok is false, and View empty, when nothing changed.
	View(ctx context.Context, since int64) (v View, ok bool, err error)
	// Expand writes the next page (at most limit rows) of the published notice
	// that is first in rule 8's order and not fully expanded, under the shared
	// lock, in the order posts, asked, rest.
	//
	//   - Recipients: whose follows match the notice's audience (Follow.Counts),
	//     each once, with their services; gone ones left out. For Update and
	//     AlternativeNotice without Sound: told ones as AsEdit, the others as
	//     messages, and so who read last in this round that it works again.
	//   - Restored: everybody with a delivery of this round that is told (sent or
	//     unknown) whose services include one that this notice ends (its Audience)
	//     and who got no end for it in this round; nobody else. A row that is leased
	//     for the first time may still be stopped before its request: its end is
	//     written when it finishes as sent or unknown.
	//   - Correction: everybody who was told the notice it corrects, as a message or
	//     as an edit, and, unless it takes that back (ToldOnly), its audience. What waits with the corrected words, or is
	//     written down later, becomes superseded (ByNewer) but for ends and for what
	//     the recipient knows of from nobody else: that goes out as a message, and the
	//     correction behind it.
	//   - An older unsent row of the same recipient and incident becomes superseded
	//     (ByNewer) and its still failing services move into the new row, so that
	//     a recipient has at most one unsent message per incident; so does an end
	//     that was not sent yet. The sheet of a notice of an incident therefore
	//     has lines for every service that fails in it or ended in this round. A
	//     leased row stays; the new one waits for it. Corrections and advisories
	//     stand beside: they supersede no message, nor are they superseded.
	//   - A notice with a Stage: so many first, and the others only when StageAt.Room
	//     lets them; other notices go on meanwhile.
	//   - An end that was never sent is owed in the next round too (func Owing).
	//   - Who is in the audience but has nothing left that fails gets a row that
	//     is superseded (ByRestored) from the start: everybody is accounted for.
	//   - An existing (notice, recipient) row is left alone.
	Expand(ctx context.Context, limit int, now time.Time) (Expansion, error)
	// Lease hands out up to max due rows of a lane in rule 8's order (rank, class,
	// age), fenced: ErrFenced when t is not the lane's tenure any more. Rows of
	// overtaken, stopped, withdrawn or expired notices are never handed out, nor a
	// row whose recipient and incident have another row leased, nor those of a notice
	// that a correction takes back which is not fully expanded. Services that do
	// not fail any more are left out of it. A correction carries the message that
	// still says what it corrects, if one does (Delivery.Read): one in which a newer
	// notice stands by now is left as it is. A paused or held lane gets nothing.
	// Leases end at t.Until, which the caller may set later than its tenure's: a row
	// stays its own for as long as a request may take. The rows are the caller's to
	// keep: no later call writes into them.
	Lease(ctx context.Context, t Tenure, max int, now time.Time) ([]Delivery, error)
	// Finish records results in one transaction. It is evidence, so it is accepted
	// late and from a former owner: it may raise pending or unknown to sent, never
	// lower sent. A row that finishes as sent or unknown after its incident's round
	// was restored gets its restored row in the same transaction; one that finishes
	// after its correction, that correction: once more, where it was sent before.
	// Unknown with a
	// NextAt makes the row pending again with Repeat. Gone ends the recipient's
	// debts on that lane; MovedTo moves the recipient.
	Finish(ctx context.Context, rs []Result) error
	// Sweep does up to limit rows of the slow work: rows of overtaken, stopped,
	// withdrawn, expired notices become superseded; leases that lapsed, or whose
	// fence is older than the lane's, become pending again with Repeat (kinds with
	// Resend, still live) or unknown; what a superseded row had carried for older
	// rows is owed anew. It returns how many rows it changed.
	Sweep(ctx context.Context, limit int, now time.Time) (int, error)
	// Progress counts one notice's deliveries by lane and state.
	Progress(ctx context.Context, id NoticeID) (Progress, error)
	// Unaccounted counts recipients who follow what a live, fully expanded notice
	// tells, have followed since before it was published, and have no row for it
	// nor for a newer one of the incident; and those who are owed the end that such
	// a notice says and have no row for it. It must be zero. One call looks at a
	// stretch of a large audience (Looks), and counts what earlier ones found.
	Unaccounted(ctx context.Context, now time.Time) (int, error)
	// Deliveries lists up to limit rows of a notice in a state after an id,
	// without addresses.
	Deliveries(ctx context.Context, n NoticeID, s DeliveryState, after DeliveryID, limit int) ([]Delivery, error)
}

// Expansion is one page of Expand.
type Expansion struct {
	Notice NoticeID // 0 = nothing to expand
	Added  int
	Done   bool     // this notice is fully expanded
	Lanes  []LaneID // that got rows
}

// Tenure is the ownership of a lane for a while, by the database's clock.
type Tenure struct {
	Lane  LaneID
	Owner string // one per process
	Fence int64  // grows with every new owner
	Until time.Time
	// Now is the database's clock when the tenure was given or renewed.
	Now time.Time
}

// Lane is the state of a lane.
type Lane struct {
	ID          LaneID
	Tenure      Tenure
	PausedUntil time.Time // zero = not paused; far future = until an operator resumes
	PausedWhy   string
	Held        bool // serve --hold: nothing goes until the operator releases it
	// Rate is what an operator set, in messages a second; 0 = as the settings say.
	Rate float64
}

// Lanes gives each lane one owner at a time. Only it reads the database's clock.
type Lanes interface {
	// Acquire makes owner the lane's owner for ttl, or returns ErrFenced with the
	// present tenure while another owner's has not ended. Acquiring one's own
	// again renews it; after its end it begins a new one with a new fence.
	Acquire(ctx context.Context, id LaneID, owner string, ttl time.Duration) (Tenure, error)
	// Renew prolongs t; ErrFenced when it was lost.
	Renew(ctx context.Context, t Tenure, ttl time.Duration) (Tenure, error)
	// Release ends t at once and returns its unsent leased rows to pending.
	Release(ctx context.Context, t Tenure) error
	// LaneList lists the known lanes.
	LaneList(ctx context.Context) ([]Lane, error)
	// SetPause pauses a lane until a time (zero = resume) for a reason; rows stay
	// pending.
	SetPause(ctx context.Context, id LaneID, until time.Time, why string) error
	// SetRate sets a lane's messages a second (0 = as the settings say) for its
	// present owner and every later one.
	SetRate(ctx context.Context, id LaneID, rate float64) error
	// SetHold holds or releases every lane.
	SetHold(ctx context.Context, held bool) error
	// Posts lists channel posts and groups with their follows.
	Posts(ctx context.Context) ([]Post, error)
}

// Post is a channel post or group with what it follows.
type Post struct {
	Recipient Recipient
	Follows   []Follow
}
