package subscriptions

import (
	"slices"
	"time"
)

// Unsays reports whether a notice takes back words of ours: these do not go out any
// more once it is published, but to who would not hear of the trouble otherwise, and
// it stands in their place where they were read.
func (n Notice) Unsays() bool {
	return n.Kind == Correction && n.Corrects != 0 && n.State == Published && !n.Answers()
}

// ToldOnly reports whether a notice takes another one back, which says something to
// nobody but who was told that one.
func (n Notice) ToldOnly() bool {
	return n.Kind == Correction && n.Corrects != 0 && n.Slots.Withdraws
}

// UnsaidBy notes what the published corrections of the notice mean for it.
func (b Bulletin) UnsaidBy(corrections []Notice) Bulletin {
	for _, c := range corrections {
		if !c.Unsays() || c.Corrects != b.Notice.ID {
			continue
		}
		b.Corrected = true
		if c.ExpandedAt.IsZero() && c.ExpiresAt.After(b.Waits) {
			b.Waits = c.ExpiresAt
		}
	}
	return b
}

// Alters reports whether a plan that was made for o is not good for b.
func (b Bulletin) Alters(o Bulletin) bool {
	return b.Notice.Revision != o.Notice.Revision || b.Incident.Revision != o.Incident.Revision ||
		b.Corrected != o.Corrected || b.Stops != o.Stops || !b.Waits.Equal(o.Waits)
}

// Waits reports whether nothing of the notice may be sent yet: a correction of it is
// being written down, and says of each row that waits whether it is still needed.
func (p *Planner) Waits(now time.Time) bool { return now.Before(p.b.Waits) }

// alone plans a correction, an advisory or anything without an incident. Who is told
// the start of the trouble by the corrected notice, for nothing else tells it, hears
// the correction behind it.
func (p *Planner) alone(f Fact, now time.Time) Plan {
	said, member, asked := p.match(f, now)
	var plan Plan
	var start, wrong Row
	n := p.b.Notice
	if n.ToldOnly() {
		said, member, asked = nil, false, false
	}
	for _, r := range f.Rows {
		if n.Kind != Correction || n.Corrects == 0 || r.Notice != n.Corrects {
			continue
		}
		if (r.Told > NotTold || r.Leased()) && !slices.Contains(r.Left, LeftAll) {
			said, member, asked = p.union(said, r.Services), true, asked || r.Asked
			wrong = r
		}
		if !r.Unsent() || n.Answers() || !p.b.Stops {
			continue
		}
		if start = p.unsaid(r, f.Rows); !start.equal(r) {
			plan.Update = append(plan.Update, start)
		}
	}
	if !member {
		plan.Why = PlanOutside
		return plan
	}
	row := p.row(f, said, now)
	row.Asked = asked
	switch {
	case start.Unsent():
		row.Rank, row.Class = max(row.Rank, start.Rank), max(row.Class, start.Class)
	case wrong.Told > NotTold && wrong.spokenAt().After(n.PublishedAt):
		row.Rank = p.behind(row, wrong)
	}
	plan.Why, plan.Insert = PlanSend, &row
	if p.b.Corrected && n.Kind == Advisory {
		plan.Why, row.State, row.By = PlanCorrected, Superseded, ByNewer
	}
	return plan
}

// again plans for who has a row of the correction already, and reads, or may read, the
// wrong words after it: they were in flight, or were the start of the trouble. What
// waits goes at once; what was sent is said once more.
func (p *Planner) again(f Fact) Plan {
	n := p.b.Notice
	at := slices.IndexFunc(f.Rows, func(r Row) bool { return r.Notice == n.Corrects })
	row := f.Rows[slices.IndexFunc(f.Rows, func(r Row) bool { return r.Notice == n.ID })]
	if at < 0 || f.Rows[at].Told == NotTold || n.Answers() || slices.Contains(f.Rows[at].Left, LeftAll) {
		return Plan{Why: PlanHasRow}
	}
	wrong := f.Rows[at]
	row.Services = p.union(row.Services, wrong.Services)
	rank := p.behind(row, wrong)
	switch {
	case row.Unsent() && row.Rank > rank:
	case (row.State == Sent || row.State == Unknown) && !wrong.spokenAt().Before(row.spokenAt()):
		row.State, row.NextAt, row.Mode = Pending, time.Time{}, AsMessage
	default:
		return Plan{Why: PlanHasRow}
	}
	row.Rank = rank
	return Plan{Why: PlanGrown, Update: []Row{row}}
}

// behind is the rank of a correction for who reads the wrong words after it was
// published: it goes before all others who are told them, not after.
func (p *Planner) behind(row, wrong Row) int { return min(p.rank(row), wrong.Rank-1) }

func (r Row) spokenAt() time.Time {
	if r.MessageAt.After(r.SentAt) {
		return r.MessageAt
	}
	return r.SentAt
}

// unsaid makes of a row that waits with corrected words what is still needed of it: of
// what fails now, that of which its recipient has heard nothing, and the ends. Of that
// nobody else tells; it is a message, for an edit would put the wrong words in place of
// right ones. Where there is nothing the row is superseded.
func (p *Planner) unsaid(r Row, rows []Row) Row {
	switch {
	case r.NoticeKind == Restored, r.NoticeKind == Correction:
		return r // an end is owed, and so is what takes other words back
	case !r.chain():
		return r.Supersede(ByNewer)
	}
	others := slices.DeleteFunc(slices.Clone(rows), func(o Row) bool { return o.Notice == r.Notice && r.Told != SurelyTold })
	known := without(Owing(others), p.over(others))
	news := without(p.still(without(r.Services, r.Ends)), known)
	heard := slices.ContainsFunc(others, func(o Row) bool { return o.chain() && o.Round == r.Round && o.Told > NotTold })
	if len(r.Ends)+len(news) == 0 && (len(r.Services) > 0 || heard) {
		return p.overtake(r)
	}
	r.Services = p.union(r.Ends, news)
	if r.Mode != AsMessage {
		n := Notice{Kind: r.NoticeKind}
		if r.Notice == p.b.Notice.ID {
			n = p.b.Notice
		}
		r.Mode = AsMessage
		r.Rank = p.rankAs(n, r)
	}
	return r
}

// SaidMore reports whether a changed row has told its recipient, or may have, something
// that what was published since is about.
func SaidMore(before, after Row) bool {
	return after.Told > before.Told || len(after.Owed) > len(before.Owed) || after.spokenAt().After(before.spokenAt())
}
