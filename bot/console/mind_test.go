package console_test

import (
	"fmt"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// What a notice costs, who hears it too late, and that it goes to a few first are said
// before it goes out, and that it is at that stage afterwards.
func TestWhatToWeighBeforeANoticeThatMovesMoney(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.desk.Config.Pace = func(subscriptions.LaneID) float64 { return 0.01 }
	b.desk.Config.Fee = func(subscriptions.LaneID) subscriptions.Fee {
		return subscriptions.Fee{Free: 0.005, Each: 0.1, Unit: "Stars"}
	}
	id := b.outage().Incident.ID
	var posts []subscriptions.Post
	for k := range 80 {
		posts = append(posts, subscriptions.Post{Recipient: subscriptions.Recipient{Lane: "telegram:1", Address: subscriptions.AddressOf(fmt.Sprint(k + 1)), Kind: subscriptions.Person, Language: "en", CreatedAt: b.now},
			Follows: []subscriptions.Follow{{Scope: "service:kra-pay-tax", Since: b.now, Consent: "paper"}}})
	}
	b.must(b.store.ImportRecipients(ctx, posts, b.clock()))
	n, err := b.desk.Draft(ctx, b.kraAuthor.actor, desk.DraftInput{Incident: id, Agency: "kra", Kind: subscriptions.AlternativeNotice, Slots: subscriptions.Slots{
		Services: []subscriptions.ServiceID{"kra-pay-tax"}, Alternatives: []subscriptions.AlternativeID{"alt-bank-or-pdq"}, Until: b.now.Add(time.Hour)}}, b.clock())
	b.must(err)
	n, err = b.desk.Submit(ctx, b.kraAuthor.actor, n.ID, desk.SubmitInput{}, b.clock())
	b.must(err)
	w := b.comes(b.kraSecond)
	page := w.get(path("/notices/%d", n.ID))
	for _, part := range []string{"It moves money: 50 recipients first, then a minute in which it can be stopped, then all",
		"would hear it after the deadline of ", "Price: about 4 Stars for telegram:1 at 0.01 a second"} {
		w.want(page, 200, part)
	}
	b.pass(time.Minute) // for other digits than she came in with
	_, err = b.desk.Approve(ctx, b.kraSecond.actor, desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: b.code(b.kraSecond)}, b.clock())
	b.must(err)
	for range 20 {
		_, err = b.store.Expand(ctx, 100, b.clock())
		b.must(err)
	}
	w.want(w.get(path("/notices/%d", n.ID)), 200, "it moves money, so 50 recipients first, then a minute in which it can be stopped")
}
