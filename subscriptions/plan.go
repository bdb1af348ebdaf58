package subscriptions

import (
	"slices"
	"time"
)

// Told says how sure we are that a recipient has read a row.
type Told int

const (
	NotTold   Told = iota
	MaybeTold      // unknown, or its lease lapsed: it may have arrived
	SurelyTold
)

// Row is one delivery as the stores keep it: what the planning functions read
// and write. They return whole rows; a store writes back every field but ID,
// Notice, Sequence, Incident, Round, NoticeKind and Recipient.
type Row struct {
	ID         DeliveryID
	Notice     NoticeID
	Sequence   int64 // order of publication of the notice
	Incident   IncidentID
	Round      int
	NoticeKind Kind
	Recipient  RecipientID
	Lane       LaneID

	State    DeliveryState
	By       SupersededBy
	Mode     Mode
	Rank     int
	Class    int
	Asked    bool
	Services []ServiceID // what it says, ends included
	Ends     []ServiceID // the services whose end it says
	More     []ServiceID // added by Subscribe while it was leased
	Left     []ServiceID // left while it was leased; LeftAll = everything
	// Carried is set when the row took over what an older one had still to say.
	// If it is superseded with its notice, a store's Sweep owes that anew.
	Carried bool
	Told    Told
	Owed    []ServiceID // told services whose end is still owed

	Fence      int64
	LeaseUntil time.Time // zero = not leased
	Attempt    int       // counted attempts
	Repeat     bool
	NextAt     time.Time // zero = due
	Message    string
	MessageAt  time.Time // when it went out as a new message
	SentAt     time.Time
	Reason     string
}

// LeftAll in Row.Left means that nothing of the row is owed any more.
const LeftAll ServiceID = "*"

// Leased reports whether a lane holds the row.
func (r Row) Leased() bool { return r.State == Pending && !r.LeaseUntil.IsZero() }

// Unsent reports whether the row waits in a lane and nobody holds it.
func (r Row) Unsent() bool { return r.State == Pending && r.LeaseUntil.IsZero() }

// Chain reports whether a kind tells the state of an incident. Of these a
// recipient has at most one unsent row an incident; corrections and advisories
// stand beside them.
func (k Kind) Chain() bool {
	switch k {
	case Outage, AlternativeNotice, Update, Restored, Maintenance:
		return true
	}
	return false
}

func (r Row) chain() bool { return r.Incident != 0 && r.NoticeKind.Chain() }

// Bulletin is a published notice with what the planning of its deliveries needs.
type Bulletin struct {
	Notice   Notice
	Sequence int64    // order of publication
	Incident Incident // as it is now; zero for a notice without one
	HighHarm []ServiceID
	// Corrected is set when a correction is read instead of it. Until Waits one of
	// these is still looking for its recipients, and nothing of the notice is sent.
	Corrected bool
	Waits     time.Time
	// Stops is set of a correction while what it corrects is still being sent.
	Stops bool
}

// Fact is what a store knows of one recipient before it plans.
type Fact struct {
	Recipient RecipientID
	Lane      LaneID
	Kind      RecipientKind
	AskedAt   time.Time
	Gone      bool
	Follows   []Follow
	Also      []ServiceID // of Subscribe: what other live notices of the incident tell this person
	Rows      []Row       // of the same incident, every round; for a correction also the corrected notice's
}

// PlanReason names why a plan is as it is.
type PlanReason string

const (
	PlanSend      PlanReason = "send"
	PlanGrown     PlanReason = "grown"
	PlanHasRow    PlanReason = "has a row already"
	PlanGone      PlanReason = "the address is dead"
	PlanOutside   PlanReason = "not in the audience"
	PlanNotTold   PlanReason = "was not told, or has had the end"
	PlanEnded     PlanReason = "nothing of theirs fails any more"
	PlanNewer     PlanReason = "a newer notice says it"
	PlanReopened  PlanReason = "it tells of a former round"
	PlanCorrected PlanReason = "a correction is read instead"
)

// Plan is what a store has to write for one recipient.
type Plan struct {
	Why    PlanReason
	Insert *Row
	Update []Row
}

// Planner plans the deliveries of one notice; it is read-only after it is made.
type Planner struct {
	b        Bulletin
	failing  map[ServiceID]bool
	impact   map[ServiceID]Impact
	order    map[ServiceID]int
	ends     map[ServiceID]bool // of a restored notice
	highHarm map[ServiceID]bool
}

// NewPlanner prepares the planning of b.
func NewPlanner(b Bulletin) *Planner {
	p := &Planner{b: b, failing: map[ServiceID]bool{}, impact: map[ServiceID]Impact{},
		order: map[ServiceID]int{}, ends: map[ServiceID]bool{}, highHarm: map[ServiceID]bool{}}
	for _, s := range b.Incident.Services {
		p.failing[s.Service], p.impact[s.Service] = s.Failing, s.Impact
		p.order[s.Service] = len(p.order)
	}
	for _, id := range b.Notice.Audience[ScopeAll] {
		if _, known := p.order[id]; !known {
			p.order[id] = len(p.order)
		}
		p.ends[id] = b.Notice.Kind == Restored && !p.failing[id]
	}
	for _, id := range b.HighHarm {
		p.highHarm[id] = true
	}
	return p
}

// Delivery decides what this recipient gets of the notice, if anything, and
// which older rows give way to it.
func (p *Planner) Delivery(f Fact, now time.Time) Plan {
	n := p.b.Notice
	switch {
	case f.Gone:
		return Plan{Why: PlanGone}
	case slices.ContainsFunc(f.Rows, func(r Row) bool { return r.Notice == n.ID }):
		return p.more(f)
	case n.Incident == 0 || !n.Kind.Chain():
		return p.alone(f, now)
	case n.Kind == Restored:
		return p.restored(f, now)
	case n.Round != p.b.Incident.Round:
		return Plan{Why: PlanReopened}
	}
	return p.alert(f, now)
}

// restored ends, for one person, what this person was told and nobody has
// ended yet. Who never heard of the trouble does not hear of its end: a row that
// is in flight for the first time may still be stopped right before its request,
// so its end is written when it finishes as sent or unknown.
func (p *Planner) restored(f Fact, now time.Time) Plan {
	ends := p.owedEnds(f)
	if len(ends) == 0 {
		return Plan{Why: PlanNotTold}
	}
	row := p.row(f, p.union(ends, nil), now)
	row.Ends = row.Services
	_, _, row.Asked = p.match(f, now)
	return p.place(f, row)
}

// Owes reports whether a recipient has no row of this end, and would get one to be sent.
func (p *Planner) Owes(f Fact, now time.Time) bool {
	plan := p.Delivery(f, now)
	return plan.Why == PlanSend && plan.Insert != nil && plan.Insert.State == Pending
}

func (p *Planner) owedEnds(f Fact) []ServiceID {
	heard := slices.DeleteFunc(slices.Clone(f.Rows), func(r Row) bool { return r.Leased() && r.Told == NotTold })
	return keep(Owing(heard), func(id ServiceID) bool { return p.ends[id] })
}

// more plans for who has a row already. It is left alone, but for what was told
// after it: a start that was in flight is owed its end, a lie its correction.
func (p *Planner) more(f Fact) Plan {
	switch n := p.b.Notice; {
	case n.Kind == Restored:
		return p.moreEnds(f)
	case n.Corrects != 0:
		return p.again(f)
	}
	return Plan{Why: PlanHasRow}
}

// moreEnds plans an end that came to be owed after the row was written. What waits
// says that end too; what was sent is followed by it.
func (p *Planner) moreEnds(f Fact) Plan {
	row := f.Rows[slices.IndexFunc(f.Rows, func(r Row) bool { return r.Notice == p.b.Notice.ID })]
	more := without(p.owedEnds(f), row.Ends)
	switch {
	case len(more) == 0:
		return Plan{Why: PlanHasRow}
	case row.Unsent():
		row.Services = p.union(row.Services, more)
	case row.State == Sent:
		row.Services, row.State, row.NextAt, row.Mode, row.Rank = more, Pending, time.Time{}, AsMessage, RankRestored
	default:
		return Plan{Why: PlanHasRow}
	}
	row.Ends = p.union(row.Ends, more)
	return Plan{Why: PlanGrown, Update: []Row{row}}
}

func (p *Planner) alert(f Fact, now time.Time) Plan {
	said, member, asked := p.match(f, now)
	if !member {
		return Plan{Why: PlanOutside}
	}
	row := p.row(f, p.still(said), now)
	if row.Mode == AsEdit { // the live message that it takes the place of goes on saying what others said there
		row.Services = p.union(row.Services, p.still(Owing(f.Rows)))
	}
	row.Asked, row.Carried = asked, len(f.Also) > 0
	plan := p.place(f, row)
	if r := plan.Insert; len(said) > 0 && len(r.Services) == 0 && r.State == Pending {
		// The row is written all the same, so that everybody in the audience is
		// accounted for.
		plan.Why, r.State, r.By, r.Services = PlanEnded, Superseded, ByRestored, said
	}
	if r := plan.Insert; p.b.Corrected && r.State == Pending {
		if *r = p.unsaid(*r, f.Rows); r.State != Pending {
			plan.Why = PlanCorrected
		}
	}
	return plan
}

// row is a fresh pending row of the notice, before older rows are considered.
func (p *Planner) row(f Fact, services []ServiceID, now time.Time) Row {
	n := p.b.Notice
	r := Row{Notice: n.ID, Sequence: p.b.Sequence, Incident: n.Incident, Round: n.Round, NoticeKind: n.Kind,
		Recipient: f.Recipient, Lane: f.Lane, State: Pending, Mode: p.mode(f), Class: ClassOf(f.Kind, f.AskedAt, now), Services: services}
	r.Rank = p.rank(r)
	return r
}

// mode is an edit where the notice has no sound and there is a live message to
// edit, or one is on its way. Whoever was told that it works again hears that it
// fails, whatever the others do.
func (p *Planner) mode(f Fact) Mode {
	n := p.b.Notice
	if n.Sound || p.b.Corrected || (n.Kind != Update && n.Kind != AlternativeNotice) || p.undoes(f.Rows) {
		return AsMessage
	}
	for _, r := range f.Rows {
		if r.chain() && r.Round == n.Round && (r.Leased() || r.Told > NotTold && r.Message != "") {
			return AsEdit
		}
	}
	return AsMessage
}

// undoes reports whether the notice says that something fails of which the last that
// this person has, or may have, read in this round is the end.
func (p *Planner) undoes(rows []Row) bool {
	said := p.b.Notice.Audience[ScopeAll]
	return slices.ContainsFunc(p.over(rows), func(id ServiceID) bool { return p.failing[id] && slices.Contains(said, id) })
}

// over lists of what this person has, or may have, read the end last in this round.
func (p *Planner) over(rows []Row) (over []ServiceID) {
	for _, r := range bySequence(rows) {
		if r.chain() && r.Round == p.b.Notice.Round && (r.Told > NotTold || r.Leased()) {
			over = append(without(over, r.Services), r.Ends...)
		}
	}
	return over
}

// match returns what the follows hear of the notice, whether they are in the
// audience at all, and whether only watches are.
func (p *Planner) match(f Fact, now time.Time) (said []ServiceID, member, asked bool) {
	asked = true
	for _, fo := range f.Follows {
		services, hit := p.b.Notice.Audience[fo.Scope]
		if !hit || !fo.Counts(p.b.Notice.Incident, now) {
			continue
		}
		member = true
		asked = asked && (fo.Incident != 0 || !fo.Until.IsZero())
		said = append(said, services...)
	}
	if len(f.Also) > 0 {
		member, said = true, append(said, f.Also...)
	}
	return p.union(said, nil), member, member && asked
}

// union joins two lists, each service once, in catalogue order.
func (p *Planner) union(a, b []ServiceID) []ServiceID {
	out := slices.Concat(a, b)
	slices.SortStableFunc(out, func(x, y ServiceID) int {
		i, known := p.order[x]
		j, other := p.order[y]
		switch {
		case known && other:
			return i - j
		case known:
			return -1
		case other:
			return 1
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	return slices.Compact(out)
}

// still keeps what fails now.
func (p *Planner) still(ids []ServiceID) []ServiceID {
	return keep(ids, func(id ServiceID) bool { return p.failing[id] })
}

func (p *Planner) ended(ids []ServiceID) []ServiceID {
	return keep(ids, func(id ServiceID) bool { return !p.failing[id] })
}

func keep(ids []ServiceID, ok func(ServiceID) bool) []ServiceID {
	var out []ServiceID
	for _, id := range ids {
		if ok(id) {
			out = append(out, id)
		}
	}
	return out
}

func without(ids, gone []ServiceID) []ServiceID {
	if len(gone) == 0 {
		return ids
	}
	return keep(ids, func(id ServiceID) bool { return !slices.Contains(gone, id) })
}

// Hears returns what a recipient's follows hear of the notice now and whether
// they are in its audience at all.
func (p *Planner) Hears(f Fact, now time.Time) (services []ServiceID, member bool) {
	said, member, _ := p.match(f, now)
	return said, member
}

// OwedBy says what a plan of Subscribe made the recipient owed; false where it
// changed nothing that will be heard. Of several rows the one that waits counts.
func OwedBy(p Plan) (Owed, bool) {
	rows := p.Update
	if p.Insert != nil {
		rows = append([]Row{*p.Insert}, rows...)
	}
	var best *Row
	for i, r := range rows {
		if r.State == Pending && (best == nil || best.State != Pending) || best == nil && r.State != Superseded {
			best = &rows[i]
		}
	}
	if best == nil {
		return Owed{}, false
	}
	return Owed{Notice: best.Notice, Mode: best.Mode, Told: best.Told > NotTold}, true
}
