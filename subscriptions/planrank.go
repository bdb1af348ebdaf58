package subscriptions

import "time"

func (p *Planner) rank(r Row) int { return p.rankAs(p.b.Notice, r) }

func (p *Planner) rankAs(n Notice, r Row) int {
	worst, harm := Impact(""), false
	for _, id := range r.Services {
		if p.impact[id].Worse(worst) {
			worst = p.impact[id]
		}
		harm = harm || p.highHarm[id]
	}
	return RankOf(n, r.Mode, worst, harm)
}

// NoticeRank orders notices for Expand, by the first rank that a row of theirs
// may have. What a correction takes back stands still until it has found everybody.
func (p *Planner) NoticeRank() int {
	if p.b.Notice.Unsays() {
		return RankMoney
	}
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
