package subscriptions

import (
	"cmp"
	"slices"
	"time"
)

// place fits a fresh row among the recipient's other rows of the incident, so
// that at most one of them is unsent and nothing that one of them owed is lost.
func (p *Planner) place(f Fact, row Row) Plan {
	plan := Plan{Why: PlanSend}
	owing := Owing(f.Rows)
	rows := bySequence(f.Rows)
	for _, o := range rows {
		if o.chain() && o.Unsent() && o.Sequence < row.Sequence {
			row = p.carry(row, o, owing)
			plan.Update = append(plan.Update, p.overtake(o))
		}
	}
	var newer *Row
	said := false
	for i, o := range rows {
		if !o.chain() || o.Sequence <= row.Sequence || !o.speaks() {
			continue
		}
		said = true
		row.Ends = without(row.Ends, o.Ends)
		row.Services = without(row.Services, without(slices.Concat(o.Services, o.More), o.Ends))
		row.Services = without(row.Services, o.Ends)
		if o.Unsent() {
			newer = &rows[i]
		}
	}
	switch {
	case said && len(row.Services) == 0:
		plan.Why, row.State, row.By, row.Carried = PlanNewer, Superseded, ByNewer, false
	case newer != nil:
		plan.Why = PlanNewer
		plan.Update = append(plan.Update, p.carry(*newer, row, owing))
		row.State, row.By, row.Carried = Superseded, ByNewer, false
	}
	plan.Insert = &row
	return plan
}

// speaks reports whether the recipient has heard or will hear the row.
func (r Row) speaks() bool {
	return r.State == Pending || r.State == Sent || r.State == Unknown
}

// carry moves what the unsent row o still had to say into row. A message stays
// a message: what was to be heard is not turned into a silent edit.
func (p *Planner) carry(row, o Row, owing []ServiceID) Row {
	ends := p.ended(o.Ends)
	failing := p.still(slices.Concat(without(o.Services, o.Ends), o.More))
	if row.NoticeKind == Restored {
		failing = without(failing, owing) // this person knows of these
	}
	if len(ends) == 0 && len(failing) == 0 {
		return row
	}
	row.Ends = p.union(row.Ends, ends)
	row.Services = p.union(row.Services, slices.Concat(ends, failing))
	row.Carried = true
	row.Asked = row.Asked && o.Asked
	if o.Mode != AsMessage || o.Told == SurelyTold {
		return row
	}
	row.Mode, row.Rank = AsMessage, min(row.Rank, o.Rank)
	if row.Notice == p.b.Notice.ID {
		row.Rank = min(row.Rank, p.rank(row))
	}
	return row
}

// overtake takes an older unsent row, of which everything was carried, out of the
// lane and says why.
func (p *Planner) overtake(o Row) Row {
	o.Carried = false
	switch {
	case o.NoticeKind == Restored && len(p.ended(o.Ends)) == 0:
		return o.Supersede(ByReopen)
	case o.NoticeKind != Restored && len(o.Services) > 0 && len(p.still(o.Services)) == 0:
		return o.Supersede(ByRestored)
	}
	return o.Supersede(ByNewer)
}

// Grow plans for a recipient who follows more while there is a row of the
// notice already (Subscribe). There is never a second row: a waiting one grows,
// a leased one grows when it comes back, a told one becomes an edit.
func (p *Planner) Grow(f Fact, now time.Time) Plan {
	said, member, asked := p.match(f, now)
	at := slices.IndexFunc(f.Rows, func(r Row) bool { return r.Notice == p.b.Notice.ID })
	if at < 0 || !member || f.Gone {
		return Plan{Why: PlanOutside}
	}
	row := f.Rows[at]
	elsewhere := p.saidElsewhere(f, row)
	services := without(p.still(said), elsewhere)
	add := without(without(services, row.Services), row.More)
	before := row
	if len(f.Also) > 0 && (row.State != Superseded || len(services) > 0) {
		row.Carried = true // but of who hears nothing more nothing is to be owed anew, again and again
	}
	switch {
	case row.Leased():
		row.Left = without(row.Left, append(slices.Clone(services), LeftAll))
		row.More = p.union(row.More, add)
	case row.Unsent():
		row.Services, row.Asked = p.union(row.Services, add), row.Asked && asked
		row.Rank = min(row.Rank, p.rank(row))
	case row.Told > NotTold:
		row = p.growTold(row, services, add)
	case len(services) > 0 || len(said) == 0:
		row.Services, row.Ends, row.Asked = p.union(services, nil), nil, asked
		row.State, row.By, row.NextAt, row.Mode, row.Left, row.Reason = Pending, "", time.Time{}, p.mode(f), nil, ""
		row.Rank, row.Class = p.rank(row), ClassOf(f.Kind, f.AskedAt, now)
		return p.revive(f, row)
	}
	if row.equal(before) {
		return Plan{Why: PlanHasRow}
	}
	if !row.Unsent() || before.Unsent() {
		return Plan{Why: PlanGrown, Update: []Row{row}}
	}
	rows := slices.Clone(f.Rows)
	rows[at] = row
	return Plan{Why: PlanGrown, Update: p.After(rows, at)}
}

// Again plans an end that was taken out of the lane together with a row that had
// carried it: as Delivery, but a row that was superseded is put back. Stores call
// it from Sweep for the live restored notices of the incident, oldest first.
func (p *Planner) Again(f Fact, now time.Time) Plan {
	at := slices.IndexFunc(f.Rows, func(r Row) bool { return r.Notice == p.b.Notice.ID })
	if at < 0 || f.Gone {
		return p.Delivery(f, now)
	}
	row := f.Rows[at]
	if row.State != Superseded || row.Told > NotTold || slices.Contains(row.Left, LeftAll) {
		return Plan{Why: PlanHasRow}
	}
	f.Rows = slices.Delete(slices.Clone(f.Rows), at, at+1)
	plan := p.restored(f, now)
	if plan.Insert == nil {
		return plan
	}
	row.State, row.By, row.NextAt, row.Mode = plan.Insert.State, plan.Insert.By, time.Time{}, plan.Insert.Mode
	row.Services, row.Ends, row.Rank, row.Class, row.Carried = plan.Insert.Services, plan.Insert.Ends, plan.Insert.Rank, plan.Insert.Class, plan.Insert.Carried
	return Plan{Why: plan.Why, Update: append(plan.Update, row)}
}

// revive puts a row that was out of the lane back among the others, as place does
// with a fresh one.
func (p *Planner) revive(f Fact, row Row) Plan {
	f.Rows = slices.DeleteFunc(slices.Clone(f.Rows), func(r Row) bool { return r.ID == row.ID })
	plan := p.place(f, row)
	return Plan{Why: PlanGrown, Update: append(plan.Update, *plan.Insert)}
}

// growTold makes a told row owe the end again of what it said (the person may
// have left and come back), and an edit of what it did not say yet.
func (p *Planner) growTold(row Row, services, add []ServiceID) Row {
	row.Left = nil
	row.Owed = p.union(row.Owed, without(services, add))
	if len(add) == 0 {
		return row
	}
	row.Services = p.union(slices.Concat(row.Owed, row.Ends), add)
	row.State, row.Mode, row.NextAt = Pending, AsEdit, time.Time{}
	if row.Message == "" || p.b.Corrected {
		row.Mode = AsMessage
	}
	row.Rank = p.rank(row)
	return row
}

// saidElsewhere lists what other rows of the incident have said or will say of
// what fails, left ones excepted.
func (p *Planner) saidElsewhere(f Fact, row Row) []ServiceID {
	var out []ServiceID
	for _, o := range f.Rows {
		switch {
		case !o.chain() || o.Notice == row.Notice:
		case o.Told > NotTold && o.State != Pending:
			out = append(out, o.Owed...)
		case o.State == Pending && !slices.Contains(o.Left, LeftAll):
			out = append(out, without(without(slices.Concat(o.Services, o.More), o.Ends), o.Left)...)
		}
	}
	return out
}

// Owing lists the services whose end a recipient is still owed, given all rows
// of one incident: told, or perhaps being told right now, and not ended since.
// A debt outlives its round: somebody told in the first round whose end never
// left is owed it in the second. An unknown end is not held for an end: missing
// it is worse than reading it twice.
func Owing(rows []Row) []ServiceID {
	var out []ServiceID
	for _, r := range bySequence(rows) {
		if !r.chain() {
			continue
		}
		if r.Told == SurelyTold {
			out = without(out, r.Ends)
		}
		told := r.Owed
		if r.Leased() && !slices.Contains(r.Left, LeftAll) {
			told = append(slices.Clone(told), without(without(r.Services, r.Ends), r.Left)...)
		}
		for _, id := range told {
			if !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

func bySequence(rows []Row) []Row {
	out := slices.Clone(rows)
	slices.SortFunc(out, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Sequence, b.Sequence), cmp.Compare(a.Notice, b.Notice))
	})
	return out
}

// Overtakes decides whether publishing next really replaces old: only where
// next says, to each scope that old speaks to, everything that old still owes.
// Otherwise somebody who waits for old would be skipped; then both stay, and
// Lease takes what has ended out of old's rows.
func Overtakes(next, old Notice, i Incident) bool {
	if !old.Kind.Chain() {
		return true
	}
	for scope, services := range old.Audience {
		for _, id := range services {
			s, known := i.Service(id)
			owed := known && s.Failing
			if old.Kind == Restored {
				owed = !owed // an end stays true while the service works, in any round
			}
			if owed && !slices.Contains(next.Audience[scope], id) {
				return false
			}
		}
	}
	return true
}
