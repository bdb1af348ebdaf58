package notifiers_test

import (
	"errors"
	"testing"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

var noon = time.Date(2025, time.January, 3, 9, 0, 0, 0, time.UTC)

// Every outcome has one consequence, and the row keeps enough to prove it.
func TestRule(t *testing.T) {
	t.Parallel()
	cause := errors.New("403 blocked")
	moved := subscriptions.AddressOf("-1001")
	type facts = notifiers.Facts
	tests := []struct {
		name    string
		err     error
		kind    subscriptions.Kind
		attempt int
		change  func(*facts)
		want    notifiers.Ruled
	}{
		{name: "accepted", change: func(f *facts) { f.SetReceipt(notifiers.Receipt{Message: "77"}) },
			want: notifiers.Ruled{Name: "sent", Result: subscriptions.Result{State: subscriptions.Sent, Message: "77", Counted: true}}},
		{name: "nothing arrived", err: cause,
			want: notifiers.Ruled{Name: "again", Trouble: true, Result: subscriptions.Result{State: subscriptions.Pending, NextAt: noon.Add(time.Second), Counted: true}}},
		{name: "nothing arrived, a broken lane costs no attempt", err: cause, attempt: 8, change: func(f *facts) { f.SetUncounted() },
			want: notifiers.Ruled{Name: "again", Trouble: true, Result: subscriptions.Result{State: subscriptions.Pending, NextAt: noon.Add(5 * time.Minute)}}},
		{name: "nothing arrived eight times", err: cause, attempt: 8,
			want: notifiers.Ruled{Name: "again", Trouble: true, Result: subscriptions.Result{State: subscriptions.Failed, Counted: true}}},
		{name: "eight times, but one may have arrived", err: cause, attempt: 8, change: func(f *facts) { f.SetRepeat() },
			want: notifiers.Ruled{Name: "again", Trouble: true, Result: subscriptions.Result{State: subscriptions.Unknown, Counted: true}}},
		{name: "later, this chat", err: notifiers.Later{After: 7 * time.Second, Err: cause}, attempt: 8,
			want: notifiers.Ruled{Name: "later", PauseChat: 7 * time.Second, Result: subscriptions.Result{State: subscriptions.Pending, NextAt: noon.Add(7 * time.Second)}}},
		{name: "later, the lane", err: notifiers.Later{After: 30 * time.Second, Scope: notifiers.PauseLane, Err: cause},
			want: notifiers.Ruled{Name: "later", PauseLane: 30 * time.Second, Result: subscriptions.Result{State: subscriptions.Pending, NextAt: noon.Add(30 * time.Second)}}},
		{name: "later, this message alone", err: notifiers.Later{After: 3 * time.Second, Scope: notifiers.PauseMessage, Err: cause}, attempt: 8,
			want: notifiers.Ruled{Name: "later", Result: subscriptions.Result{State: subscriptions.Pending, NextAt: noon.Add(3 * time.Second)}}},
		{name: "never", err: notifiers.Never{Err: cause},
			want: notifiers.Ruled{Name: "never", Result: subscriptions.Result{State: subscriptions.Failed, Counted: true}}},
		{name: "poison", err: notifiers.Poison{Err: cause},
			want: notifiers.Ruled{Name: "poison", Poison: true, Result: subscriptions.Result{State: subscriptions.Failed, Counted: true}}},
		{name: "gone", err: notifiers.Gone{Err: cause},
			want: notifiers.Ruled{Name: "gone", Result: subscriptions.Result{State: subscriptions.Failed, Gone: true, Counted: true}}},
		{name: "moved", err: notifiers.Moved{To: moved, Err: cause},
			want: notifiers.Ruled{Name: "moved", Result: subscriptions.Result{State: subscriptions.Pending, NextAt: noon, MovedTo: moved, Counted: true}}},
		{name: "moved in a circle", err: notifiers.Moved{To: moved, Err: cause}, attempt: 8,
			want: notifiers.Ruled{Name: "moved", Result: subscriptions.Result{State: subscriptions.Failed, MovedTo: moved, Counted: true}}},
		{name: "halt", err: notifiers.Halt{Err: cause}, attempt: 8,
			want: notifiers.Ruled{Name: "halt", Halt: true, Result: subscriptions.Result{State: subscriptions.Pending, NextAt: noon}}},
		{name: "refused for good, but an earlier one may have arrived", err: notifiers.Never{Err: cause}, change: func(f *facts) { f.SetRepeat() },
			want: notifiers.Ruled{Name: "never", Result: subscriptions.Result{State: subscriptions.Unknown, Counted: true}}},
		{name: "unknown outage is sent again", err: notifiers.Unknown{Err: cause}, kind: subscriptions.Outage,
			want: notifiers.Ruled{Name: "unknown", Trouble: true, Result: subscriptions.Result{State: subscriptions.Unknown, NextAt: noon.Add(time.Second), Counted: true}}},
		{name: "unknown outage, eight times", err: notifiers.Unknown{Err: cause}, kind: subscriptions.Outage, attempt: 8,
			want: notifiers.Ruled{Name: "unknown", Trouble: true, Result: subscriptions.Result{State: subscriptions.Unknown, Counted: true}}},
		{name: "unknown update is not repeated", err: notifiers.Unknown{Err: cause}, kind: subscriptions.Update,
			want: notifiers.Ruled{Name: "unknown", Trouble: true, Result: subscriptions.Result{State: subscriptions.Unknown, Counted: true}}},
		{name: "unknown, but the network says that nothing arrived", err: notifiers.Unknown{Err: cause}, kind: subscriptions.Update, change: func(f *facts) { f.SetAbsent() },
			want: notifiers.Ruled{Name: "again", Trouble: true, Result: subscriptions.Result{State: subscriptions.Pending, NextAt: noon.Add(time.Second), Counted: true}}},
		{name: "uneditable", err: notifiers.Uneditable{Err: cause},
			want: notifiers.Ruled{Name: "uneditable", AsNew: true, Result: subscriptions.Result{Counted: true}}},
		{name: "wrapped outcomes count", err: errors.Join(errors.New("send"), notifiers.Gone{Err: cause}),
			want: notifiers.Ruled{Name: "gone", Result: subscriptions.Result{State: subscriptions.Failed, Gone: true, Counted: true}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			row := subscriptions.Delivery{ID: 5, Attempt: max(1, tt.attempt)}
			f := notifiers.FactsOf(row, tt.kind, tt.err, noon)
			if tt.change != nil {
				f = f.With(tt.change)
			}
			got := notifiers.Rule(f)
			if tt.err != nil && got.Result.Reason == "" {
				t.Error("got no reason, want one")
			}
			got.Result.Reason = ""
			tt.want.Result.ID, tt.want.Result.At = 5, noon
			if got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestBackoffGrowsAndJitters(t *testing.T) {
	t.Parallel()
	want := []time.Duration{2 * time.Second, 8 * time.Second, 32 * time.Second, 128 * time.Second, 512 * time.Second, 10 * time.Minute, 10 * time.Minute, 10 * time.Minute}
	for i, most := range want {
		if got := notifiers.Backoff(i+1, 0.5); got != most/2 {
			t.Errorf("after attempt %d: got %s, want %s", i+1, got, most/2)
		}
		if got := notifiers.Backoff(i+1, 0); got != 0 {
			t.Errorf("after attempt %d without luck: got %s, want 0", i+1, got)
		}
	}
	if got := notifiers.Backoff(1000, 0.999); got > 10*time.Minute {
		t.Errorf("got %s, want at most ten minutes", got)
	}
}
