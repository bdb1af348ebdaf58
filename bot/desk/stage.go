package desk

import (
	"context"
	"slices"
	"time"

	"arifa/subscriptions"
)

// SendsMoney reports whether people may pay, or pay again, because of a notice.
// Corrections and withdrawals keep people from paying: they wait for nobody.
func SendsMoney(nation *subscriptions.Nation, n subscriptions.Notice) bool {
	switch {
	case n.Kind == subscriptions.Correction && !n.Answers():
		return false
	case n.Slots.PayAgain.Value == "yes", len(n.Sheet.Copy) > 0:
		return true
	}
	return slices.ContainsFunc(n.Slots.Alternatives, func(id subscriptions.AlternativeID) bool {
		a, ok := nation.Alternative(id)
		return ok && movesMoney(nation, a)
	})
}

// stage is how many are told first of a notice that is published now.
func (d *Desk) stage(ctx context.Context, nation *subscriptions.Nation, n subscriptions.Notice, now time.Time) (int, error) {
	if !SendsMoney(nation, n) {
		return 0, nil
	}
	audience, err := d.Audience(ctx, n, now)
	people := 0
	for _, c := range audience {
		people += c.Count
	}
	return subscriptions.StageOf(people), err
}
