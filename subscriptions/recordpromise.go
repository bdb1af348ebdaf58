package subscriptions

import (
	"cmp"
	"slices"
	"time"
)

// promises judges the time of the next word that each notice gave by the next word
// about any of the same services, and what an end left open by the answers to it.
func (r *Record) promises(said []Notice) {
	for k, n := range said {
		if by := n.Slots.NextUpdate; !by.IsZero() && n.Kind.Chain() {
			r.promise(RecordPromise{Notice: n.Key, Agency: n.Agency, By: by}, said[k+1:], func(m Notice) bool {
				return m.Round == n.Round && m.Kind.Chain() && m.PublishedAt.After(n.PublishedAt) && sharesService(m, n)
			})
		}
		if by := openUntil(n.Slots); n.Kind == Restored && !by.IsZero() {
			r.promise(RecordPromise{Notice: n.Key, Agency: n.Agency, By: by, Answers: true}, said[k+1:], func(m Notice) bool {
				return m.Answers() && m.Corrects == n.ID && m.State != Stopped
			})
		}
	}
}

func (r *Record) promise(p RecordPromise, later []Notice, keeps func(Notice) bool) {
	p.State = PromiseOpen
	for _, m := range later {
		if !keeps(m) {
			continue
		}
		p.State, p.At, p.Key = PromiseKept, m.PublishedAt, m.Key
		if m.PublishedAt.After(p.By) {
			p.State = PromiseLate
		}
		break
	}
	r.Promises = append(r.Promises, p)
}

func sharesService(a, b Notice) bool {
	of := a.Audience[ScopeAll]
	return slices.ContainsFunc(b.Audience[ScopeAll], func(id ServiceID) bool { return slices.Contains(of, id) })
}

// openUntil is by when the first answer that an end left open is promised.
func openUntil(s Slots) (by time.Time) {
	for _, a := range []Answer{s.Landed, s.PayAgain, s.Moved} {
		if a.Value == "" && !a.By.IsZero() && (by.IsZero() || a.By.Before(by)) {
			by = a.By
		}
	}
	return by
}

// ways lists the other ways; one that was renewed is one.
func (r *Record) ways(ways []Way, said []Notice) {
	key := map[NoticeID]NoticeKey{}
	for _, n := range said {
		key[n.ID] = n.Key
	}
	for _, w := range ways {
		r.Alternatives = append(r.Alternatives, RecordAlternative{Alternative: w.Alternative, Agency: w.Agency, Services: append([]ServiceID{}, w.Services...), From: w.At, To: w.EndedAt, Notice: key[w.Notice]})
	}
}

// timeline puts everything that happened into one list.
func (r *Record) timeline() {
	var all []Moment
	add := func(m Moment) {
		if !m.At.IsZero() {
			all = append(all, m)
		}
	}
	add(Moment{At: r.Since, What: MomentSince, Agency: r.Owner})
	add(Moment{At: r.FirstReport, What: MomentReport})
	add(Moment{At: r.FirstSignal, What: MomentSignal})
	for _, c := range r.WakeUps {
		add(Moment{At: c.At, What: MomentWake, Agency: c.Agency, Detail: string(c.Step)})
		add(Moment{At: c.Seen, What: MomentSeen, Agency: c.Agency})
	}
	for _, a := range r.Answers {
		add(Moment{At: a.At, What: MomentAnswer, Agency: a.Agency, Detail: string(a.Says)})
	}
	add(Moment{At: r.Opened, What: MomentOpened, Agency: r.Owner})
	for k, n := range r.Notices {
		what := MomentNotice
		if k == 0 {
			what = MomentFirstWord
		}
		add(Moment{At: n.At, What: what, Agency: n.Agency, Key: n.Key, Detail: string(n.Kind)})
		if n.State == Stopped || n.State == Withdrawn {
			add(Moment{At: n.StoppedAt, What: MomentStopped, Agency: n.Agency, Key: n.Key, Detail: string(n.State)})
		}
	}
	for _, p := range r.Promises {
		if p.State == PromiseLate {
			add(Moment{At: p.By, What: MomentMissed, Agency: p.Agency, Key: p.Notice})
		}
	}
	for _, w := range r.Alternatives {
		add(Moment{At: w.From, What: MomentAlternative, Agency: w.Agency, Key: w.Notice, Detail: string(w.Alternative)})
		add(Moment{At: w.To, What: MomentWayEnds, Agency: w.Agency, Detail: string(w.Alternative)})
	}
	add(Moment{At: r.Ended, What: MomentEnded, Agency: r.Owner, Detail: string(r.State)})
	slices.SortStableFunc(all, func(a, b Moment) int { return cmp.Or(a.At.Compare(b.At)) })
	r.Timeline = all
}
