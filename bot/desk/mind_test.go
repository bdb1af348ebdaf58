package desk_test

import (
	"slices"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

func TestMind(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 1, 3, 9, 0, 0, 0, time.UTC)
	lane := subscriptions.LaneFinish{Lane: "telegram:1", PerSecond: 1000, Price: 9700, Unit: "Stars"}
	for _, c := range []struct {
		name string
		p    desk.Preview
		want []string
	}{
		{"nothing", desk.Preview{Finish: subscriptions.Finish{Lanes: []subscriptions.LaneFinish{{Lane: "slack:T"}}}}, nil},
		{"all", desk.Preview{Stage: 500, Late: 1, Deadline: at, Finish: subscriptions.Finish{Lanes: []subscriptions.LaneFinish{{Lane: "slack:T"}, lane}}}, []string{
			"It moves money: 500 recipients first, then a minute in which it can be stopped, then all",
			"1 recipient would hear it after the deadline of 09:00", "Price: about 9700 Stars for telegram:1 at 1000 a second"}},
	} {
		if got := c.p.Mind(func(t time.Time) string { return t.Format("15:04") }); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestFirstFew(t *testing.T) {
	t.Parallel()
	rows := func(n int, expanded bool) subscriptions.Progress {
		return subscriptions.Progress{Expanded: expanded, ByLane: map[subscriptions.LaneID]map[subscriptions.DeliveryState]int{"telegram:1": {subscriptions.Sent: n - n/2, subscriptions.Pending: n / 2}}}
	}
	for _, c := range []struct {
		name  string
		stage int
		p     subscriptions.Progress
		want  int
	}{
		{"no stage", 0, rows(3, false), 0},
		{"no stage and nobody yet", 0, rows(0, false), 0},
		{"in it", 50, rows(12, false), 50},
		{"one more", 50, rows(51, false), 50},
		{"the others follow", 50, rows(60, false), 0},
		{"all are found", 50, rows(40, true), 0},
	} {
		if got := desk.FirstFew(subscriptions.Notice{Stage: c.stage}, c.p); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}
