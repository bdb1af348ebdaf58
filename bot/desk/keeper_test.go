package desk_test

import (
	"testing"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// An officer or an administrator of the network chooses what a channel follows,
// whatever it is; nobody else, and every refusal is on the record.
func TestWhoKeepsAChannel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := desk.ChannelInput{Lane: "slack:T1", Address: subscriptions.AddressOf("C1"), Kind: subscriptions.Channel, Title: "#news",
		Scopes: []subscriptions.Scope{subscriptions.ScopeService("kra-pay-tax")}}
	out := b.outage()
	r, owed, err := b.desk.FollowIn(ctx, desk.Keeper{Actor: b.kws.actor}, in, b.now) // of another agency
	b.must(err)
	if len(owed) != 1 || owed[0].Notice != out.Notice.ID {
		t.Errorf("got %+v owed, want the open notice", owed)
	}
	_, again, err := b.desk.FollowIn(ctx, desk.Keeper{Admin: true}, in, b.now)
	b.must(err)
	if len(again) != 0 {
		t.Errorf("followed twice: got %+v owed again", again)
	}
	_, _, err = b.desk.FollowIn(ctx, desk.Keeper{}, in, b.now)
	b.refused(err, 4, "only an officer")
	in.Scopes = []subscriptions.Scope{"service:nothing"}
	_, _, err = b.desk.FollowIn(ctx, desk.Keeper{Admin: true}, in, b.now)
	b.refused(err, 0, "no scope")
	b.refused(b.desk.LeaveIn(ctx, desk.Keeper{}, in.Lane, in.Address, nil, b.now), 4, "only an officer")
	b.must(b.desk.LeaveIn(ctx, desk.Keeper{Admin: true}, in.Lane, in.Address, []subscriptions.Scope{subscriptions.ScopeService("kra-pay-tax")}, b.now))
	follows, err := b.store.Follows(ctx, r.ID, b.now)
	b.must(err)
	if len(follows) != 0 {
		t.Errorf("got %+v after leaving", follows)
	}
	b.must(b.desk.LeaveIn(ctx, desk.Keeper{Actor: b.kws.actor}, in.Lane, in.Address, nil, b.now))
	lines, err := b.store.AuditLines(ctx, 0, 1000)
	b.must(err)
	refused := 0
	for _, l := range lines {
		if l.Outcome == "refused" && (l.Action == "channel.add" || l.Action == "channel.remove") {
			refused++
		}
	}
	if refused != 3 {
		t.Errorf("got %d refusals on the record, want 3", refused)
	}
}
