package subscriptions

import "time"

func (p *Planner) rank(r Row) int {
	worst, harm := Impact(""), false
	for _, id := range r.Services {
		if p.impact[id].Worse(worst) {
			worst = p.impact[id]
		}
		harm = harm || p.highHarm[id]
	}
	return RankOf(p.b.Notice, r.Mode, worst, harm)
}

// NoticeRank orders notices for Expand, by the first rank that a row of theirs
// may have.
func (p *Planner) NoticeRank() int {
	r := Row{Mode: AsMessage, Services: p.b.Notice.Audience[ScopeAll]}
	if n := p.b.Notice; !n.Sound && !n.Money && (n.Kind == Update || n.Kind == AlternativeNotice) {
		r.Mode = AsEdit
	}
	return p.rank(r)
}

// ClassOf is the order within a rank (rule 8).
func ClassOf(k RecipientKind, asked, now time.Time) int {
	switch {
	case k != Person:
		return ClassPost
	case !asked.IsZero() && asked.After(now.Add(-AskedWindow)):
		return ClassAsked
	}
	return ClassRest
}
