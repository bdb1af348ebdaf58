package desk_test

import (
	"testing"

	"arifa/subscriptions"
)

// Recipients are looked for until all are found, or until nobody is to be told any more.
func TestProgressEndsWithTheNotice(t *testing.T) {
	t.Parallel()
	const lane = "telegram:1"
	for _, c := range []struct {
		name string
		end  func(b *bundle, n subscriptions.Notice)
		over bool
	}{
		{"going on", func(*bundle, subscriptions.Notice) {}, false},
		{"all found", func(b *bundle, _ subscriptions.Notice) { b.send(lane) }, true},
		{"overtaken by its end", func(b *bundle, n subscriptions.Notice) { b.restores(b.ecAuthor, n.Incident) }, true},
		{"stopped", func(b *bundle, n subscriptions.Notice) {
			_, err := b.desk.Stop(ctx, b.ecAuthor.actor, n.ID, b.now)
			b.must(err)
		}, true},
		{"withdrawn", func(b *bundle, n subscriptions.Notice) {
			_, err := b.desk.Withdraw(ctx, b.ecAuthor.actor, n.ID, "", b.now)
			b.must(err)
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			for range 3 {
				b.follower(lane, "kra-pay-tax")
			}
			out := b.outage()
			if _, err := b.store.Expand(ctx, 1, b.now); err != nil {
				t.Fatal(err)
			}
			c.end(b, out.Notice)
			p, err := b.desk.Progress(ctx, out.Notice.ID)
			if err != nil || p.Expanded != c.over {
				t.Errorf("expanded %t (%v), want %t", p.Expanded, err, c.over)
			}
		})
	}
	b := setup(t)
	if _, err := b.desk.Progress(ctx, 999); err == nil {
		t.Error("a notice that is none has a progress")
	}
}
