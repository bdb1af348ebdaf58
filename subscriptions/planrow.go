package subscriptions

import (
	"reflect"
	"slices"
	"time"
)

func (r Row) equal(o Row) bool { return reflect.DeepEqual(r, o) }

// Supersede takes a row out of its lane. What was told stays told: such a row
// goes back to sent or unknown, with the services that were said.
func (r Row) Supersede(by SupersededBy) Row {
	r.LeaseUntil, r.NextAt, r.More = time.Time{}, time.Time{}, nil
	switch r.Told {
	case SurelyTold:
		r.State, r.Services = Sent, slices.Concat(r.Ends, r.Owed)
	case MaybeTold:
		r.State = Unknown
	default:
		r.State, r.By = Superseded, by
	}
	return r
}

// told notes that the row has, or may have, arrived.
func (r Row) told(how Told) Row {
	r.Told = max(r.Told, how)
	if slices.Contains(r.Left, LeftAll) {
		r.Owed = nil
		return r
	}
	// What an earlier form of the row told stays owed, though it may have ended
	// and been left out since.
	r.Owed = without(appendNew(r.Owed, without(r.Services, r.Ends)), r.Left)
	return r
}

// Fit makes a row say what is true now, right before it is leased: services that
// do not fail any more are left out, and ends of services that fail again. A row
// that has nothing left to say is superseded; v is the answer to "still true?".
func (p *Planner) Fit(r Row, v Verdict) Row {
	switch {
	case !v.Send:
		return r.Supersede(v.By)
	case !r.chain():
		return r
	case r.NoticeKind == Restored:
		ends := p.ended(r.Ends)
		if len(ends) == 0 {
			return r.Supersede(ByReopen)
		}
		r.Services, r.Ends = without(r.Services, without(r.Ends, ends)), ends
	case len(r.Services) > 0:
		services := keep(r.Services, func(id ServiceID) bool { return p.failing[id] || slices.Contains(r.Ends, id) })
		if len(p.still(services)) == 0 && len(r.Ends) == 0 {
			return r.Supersede(ByRestored)
		}
		r.Services = services
	}
	return r
}

// back returns a leased row to its lane, unless its person left meanwhile.
func (r Row) back(next time.Time) Row {
	r.LeaseUntil = time.Time{}
	if slices.Contains(r.Left, LeftAll) {
		return r.Supersede(ByLeaving)
	}
	if len(r.Left) > 0 {
		r.Services, r.Ends = without(r.Services, r.Left), without(r.Ends, r.Left)
		r.Left = nil
	}
	r.Services, r.More = appendNew(r.Services, r.More), nil
	r.State, r.NextAt = Pending, next
	return r
}

func appendNew(ids, more []ServiceID) []ServiceID {
	out := slices.Clone(ids)
	for _, id := range more {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// PlanResult applies what a lane reports about a row. A report of its holder is
// applied in full; a late one, from a former holder, is evidence that can only
// raise what we know.
func PlanResult(r Row, res Result) Row {
	if !r.Leased() || r.Fence != res.Fence {
		return r.evidence(res)
	}
	if res.Counted {
		r.Attempt++
	}
	r.Reason = res.Reason
	switch res.State {
	case Sent:
		return r.arrived(res)
	case Unknown:
		return r.perhaps(res)
	case Pending:
		return r.back(res.NextAt)
	case Superseded:
		return r.Supersede(res.By)
	}
	r.LeaseUntil, r.More = time.Time{}, nil
	if r.Told == SurelyTold { // an edit was refused: what was told before stands
		return r.Supersede("")
	}
	r.State = Failed
	return r
}

func (r Row) arrived(res Result) Row {
	r.LeaseUntil, r.NextAt, r.State, r.SentAt, r.Repeat = time.Time{}, time.Time{}, Sent, res.At, false
	r.By, r.Carried = "", false // what it carried is said
	if res.Message != "" {
		r.Message = res.Message
	}
	if r.Mode == AsMessage {
		r.MessageAt = res.At
	}
	r = r.told(SurelyTold)
	return r.grown()
}

// grown turns what Subscribe added during the flight into an edit.
func (r Row) grown() Row {
	more := without(r.More, r.Services)
	r.More = nil
	if len(more) == 0 || slices.Contains(r.Left, LeftAll) {
		return r
	}
	r.State, r.Mode, r.Rank = Pending, AsEdit, RankEdit
	if r.Message == "" {
		r.Mode, r.Rank = AsMessage, RankBlocked
	}
	r.Services = appendNew(r.Services, more)
	return r
}

func (r Row) perhaps(res Result) Row {
	sure := r.Told == SurelyTold
	if r.Mode == AsMessage {
		r.MessageAt = res.At
	}
	r = r.told(MaybeTold)
	switch {
	case !res.NextAt.IsZero() && !slices.Contains(r.Left, LeftAll):
		r.Repeat = true
		return r.back(res.NextAt)
	case sure:
		r.State = Sent
	default:
		r.State = Unknown
	}
	r.LeaseUntil, r.NextAt = time.Time{}, time.Time{}
	return r.grown()
}

// evidence is a late report: the row is not the reporter's any more.
func (r Row) evidence(res Result) Row {
	switch {
	case r.Told == SurelyTold:
	case res.State == Sent:
		return r.arrived(res)
	case res.State == Unknown && r.Told == NotTold:
		r = r.told(MaybeTold)
		if r.State == Pending {
			r.Repeat = true
		} else {
			r.State = Unknown
		}
	}
	return r
}

// PlanLapse decides about a row whose lease ended without a report: it may have
// arrived. live says whether its notice may still be sent.
func PlanLapse(r Row, live bool) Row {
	sure := r.Told == SurelyTold
	r = r.told(MaybeTold)
	if live && r.NoticeKind.Resend() && !slices.Contains(r.Left, LeftAll) {
		r.Repeat = true
		return r.back(time.Time{})
	}
	r.LeaseUntil, r.State = time.Time{}, Unknown
	if sure {
		r.State = Sent
	}
	return r.grown()
}

// PlanRelease returns a row that its holder gives back without having begun.
func PlanRelease(r Row) Row { return r.back(r.NextAt) }

// Leaving lists the services of an incident that nothing explains any more when
// the removed scopes are gone: those that a removed scope heard of in one of the
// incident's notices and no remaining one does.
func Leaving(heard []Audience, removed, remaining []Scope) []ServiceID {
	var gone, kept []ServiceID
	for _, a := range heard {
		for _, s := range removed {
			gone = appendNew(gone, a[s])
		}
		for _, s := range remaining {
			kept = append(kept, a[s]...)
		}
	}
	return without(gone, kept)
}

// PlanLeave ends the debts of a row for the services in gone, or with all set
// for everything: what waits is taken out of the lane, what was told is no longer
// owed an end, and a row in flight is not sent a second time.
func PlanLeave(r Row, gone []ServiceID, all bool) Row {
	kept := func(ids []ServiceID) []ServiceID {
		return keep(ids, func(id ServiceID) bool { return !all && !slices.Contains(gone, id) })
	}
	none := all || len(r.Services)+len(r.More) > 0 && len(kept(slices.Concat(r.Services, r.More))) == 0
	switch {
	case !none && len(without(gone, slices.Concat(r.Services, r.More, r.Owed))) == len(gone):
		return r
	case r.State == Pending && none:
		r.Left, r.More, r.Owed = []ServiceID{LeftAll}, nil, nil
		if r.Unsent() {
			said := r.Services
			r = r.Supersede(ByLeaving)
			r.Services = said // for the record
		}
	case r.Leased():
		r.Left, r.More, r.Owed = appendNew(r.Left, keep(r.Services, func(id ServiceID) bool { return slices.Contains(gone, id) })), kept(r.More), kept(r.Owed)
	case r.State == Pending:
		r.Services, r.Ends, r.Owed = kept(r.Services), kept(r.Ends), kept(r.Owed)
		if r.Told == SurelyTold && len(without(without(r.Services, r.Owed), r.Ends)) == 0 {
			r = r.Supersede(ByLeaving)
		}
	case r.Told > NotTold:
		r.Owed = kept(r.Owed)
		if none {
			r.Left = []ServiceID{LeftAll}
		}
	}
	return r
}

// After puts right what a report or a lapse changed for the recipient's other
// rows: at is the row that changed, already in rows. A row that returned to its
// lane gives way to a newer one that waits; an end that arrived is taken out of
// those that wait. It returns the rows to write, at included.
func (p *Planner) After(rows []Row, at int) []Row {
	r := rows[at]
	var out []Row
	for i, o := range rows {
		if i == at || !o.chain() || !r.chain() || !o.Unsent() {
			continue
		}
		if r.Unsent() && o.Sequence > r.Sequence {
			out = append(out, p.carry(o, r, Owing(rows)))
			r = p.overtake(r)
		} else if r.Unsent() && o.Sequence < r.Sequence {
			r = p.carry(r, o, Owing(rows))
			out = append(out, p.overtake(o))
		} else if r.Told == SurelyTold && len(r.Ends) > 0 {
			if o, changed := dropEnds(o, r.Ends); changed {
				out = append(out, o)
			}
		}
	}
	if p.b.Corrected && r.Unsent() {
		r = p.unsaid(r, rows)
	}
	return append(out, r)
}

func dropEnds(o Row, ended []ServiceID) (Row, bool) {
	ends := without(o.Ends, ended)
	if len(ends) == len(o.Ends) {
		return o, false
	}
	dropped := without(o.Ends, ends)
	o.Ends, o.Services = ends, without(o.Services, dropped)
	if len(o.Services) == 0 {
		o.Services = dropped
		o = o.Supersede(ByNewer)
	}
	return o, true
}
