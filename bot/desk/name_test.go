package desk_test

import (
	"errors"
	"fmt"
	"testing"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// A notice is called by its number or, before it has one, by its nickname: a bare
// number may mean the day's 33rd notice, and the row 33 is another one's.
func TestWhatANoticeIsCalled(t *testing.T) {
	t.Parallel()
	b := setup(t)
	out := b.outage()
	draft, err := b.desk.Draft(ctx, b.ecAuthor.actor, desk.DraftInput{Incident: out.Incident.ID, Kind: subscriptions.Update}, b.now)
	b.must(err)
	key := string(out.Notice.Key)
	for name, want := range map[string]subscriptions.NoticeID{
		key: out.Notice.ID, key[len("2025-"):]: out.Notice.ID, desk.Nickname(draft.ID): draft.ID, desk.Nickname(out.Notice.ID): out.Notice.ID,
	} {
		if n, err := b.desk.Notice(ctx, name); err != nil || n.ID != want {
			t.Errorf("%s: got %d, %v; want %d", name, n.ID, err, want)
		}
	}
	for _, name := range []string{fmt.Sprint(draft.ID), fmt.Sprint(out.Notice.ID), "33"} {
		var r *desk.Refusal
		if _, err := b.desk.Notice(ctx, name); !errors.As(err, &r) || !contains(r.Error(), "d"+name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for _, name := range []string{"33abc", "d33abc", "", "d", "2025-0103-99"} {
		if _, err := b.desk.Notice(ctx, name); !errors.Is(err, subscriptions.ErrNotFound) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
