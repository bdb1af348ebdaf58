package desk_test

import (
	"context"
	"testing"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// quicker is a store in which somebody else does something right before the first
// notice turns public.
type quicker struct {
	desk.Store
	does func()
}

func (q *quicker) Commit(ctx context.Context, ch subscriptions.Change) (subscriptions.Change, error) {
	if does := q.does; does != nil && len(ch.Notices) > 0 && ch.Notices[0].State == subscriptions.Published {
		q.does = nil
		does()
	}
	return q.Store.Commit(ctx, ch)
}

// A publish that loses a race decides again on what is there now: what somebody
// stopped or laid aside meanwhile stays unpublished, and what was published is
// not frozen anew.
func TestPublish_that_loses_a_race(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		does  func(b *bundle, n subscriptions.Notice) error
		state subscriptions.NoticeState
	}{
		{"with who lays it aside", func(b *bundle, n subscriptions.Notice) error {
			_, err := b.desk.Discard(ctx, b.ecAuthor.actor, n.ID, b.now)
			return err
		}, subscriptions.Stopped},
		{"with who stops it", func(b *bundle, n subscriptions.Notice) error {
			_, err := b.desk.Stop(ctx, b.ecApprover.actor, n.ID, b.now)
			return err
		}, subscriptions.Stopped},
		{"with who submits it", func(b *bundle, n subscriptions.Notice) error {
			_, err := b.desk.Submit(ctx, b.ecAuthor.actor, n.ID, desk.SubmitInput{}, b.now)
			return err
		}, subscriptions.Submitted},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			i, err := b.desk.Open(ctx, b.ecAuthor.actor, desk.OpenInput{Platforms: []subscriptions.PlatformID{"ecitizen-payments"}}, b.now)
			b.must(err)
			n, err := b.desk.Draft(ctx, b.ecAuthor.actor, desk.DraftInput{Incident: i.ID, Kind: subscriptions.Outage}, b.now)
			b.must(err)
			other := b.desk.Config
			other.Store = &quicker{b.store, func() { b.must(c.does(b, n)) }}
			slow, err := desk.New(other)
			b.must(err)
			_, err = slow.Publish(ctx, b.ecAuthor.actor, desk.PublishInput{Notice: n.ID}, b.now)
			b.refused(err, 2, "already")
			if n, err = b.store.Notice(ctx, n.ID); err != nil || n.State != c.state {
				t.Errorf("the notice is %s (%v), want %s", n.State, err, c.state)
			}
		})
	}
}
