package notifiers_test

import (
	"testing"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

func TestSilentHours(t *testing.T) {
	t.Parallel()
	nairobi := time.FixedZone("EAT", 3*3600)
	for clock, want := range map[string]bool{
		"21:59": false, "22:00": true, "23:59": true, "00:00": true, "04:59": true, "05:00": false, "12:00": false,
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", "2025-01-03 "+clock, nairobi)
		if err != nil {
			t.Fatal(err)
		}
		if got := notifiers.SilentHour(at.UTC(), nairobi); got != want {
			t.Errorf("%s in Nairobi: got silent %t, want %t", clock, got, want)
		}
	}
}

// A person gets at most six messages an hour; ends, corrections and answers are
// never held back.
func TestHourlyCap(t *testing.T) {
	t.Parallel()
	old := noon.Add(-20 * time.Minute)
	row := func(change func(*subscriptions.Delivery)) subscriptions.Delivery {
		d := subscriptions.Delivery{Mode: subscriptions.AsMessage, Kind: subscriptions.Person, Recent: 6, OldestRecent: old}
		if change != nil {
			change(&d)
		}
		return d
	}
	tests := []struct {
		name  string
		row   subscriptions.Delivery
		kind  subscriptions.Kind
		asNew bool
		over  bool
	}{
		{"the seventh", row(nil), subscriptions.Outage, false, true},
		{"the sixth", row(func(d *subscriptions.Delivery) { d.Recent = 5 }), subscriptions.Outage, false, false},
		{"restored", row(nil), subscriptions.Restored, false, false},
		{"correction", row(nil), subscriptions.Correction, false, false},
		{"what takes an end back", row(nil), subscriptions.Update, false, false},
		{"an edit", row(func(d *subscriptions.Delivery) { d.Mode = subscriptions.AsEdit }), subscriptions.Update, false, false},
		{"an edit that became a message", row(func(d *subscriptions.Delivery) { d.Mode = subscriptions.AsEdit }), subscriptions.Update, true, true},
		{"an answer", row(func(d *subscriptions.Delivery) { d.Asked = true }), subscriptions.Outage, false, false},
		{"a public channel", row(func(d *subscriptions.Delivery) { d.Kind = subscriptions.Channel }), subscriptions.Outage, false, false},
		{"a group", row(func(d *subscriptions.Delivery) { d.Kind = subscriptions.Group }), subscriptions.Outage, false, true},
		{"the first is an hour old", row(func(d *subscriptions.Delivery) { d.OldestRecent = noon.Add(-time.Hour) }), subscriptions.Outage, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			until, over := notifiers.OverCap(tt.row, &subscriptions.Notice{Kind: tt.kind, Money: tt.name == "what takes an end back"}, tt.asNew, noon)
			if over != tt.over {
				t.Fatalf("got over %t, want %t", over, tt.over)
			}
			if over && !until.Equal(old.Add(time.Hour)) {
				t.Errorf("got until %s, want %s", until, old.Add(time.Hour))
			}
		})
	}
}

// Trouble of the whole lane is probed one row at a time and costs no row an
// attempt.
func TestGate(t *testing.T) {
	t.Parallel()
	var g notifiers.Gate
	now := noon
	for i := range 9 {
		if g.Failed(now) {
			t.Fatalf("broke after %d failures, want 10", i+1)
		}
	}
	if got := g.Room(3, 8, now); got != 5 {
		t.Errorf("open: got room %d, want 5", got)
	}
	if !g.Failed(now) || g.Counts() {
		t.Fatal("the tenth failure in a row did not break the lane")
	}
	if got := g.Room(0, 8, now); got != 0 {
		t.Errorf("just broken: got room %d, want 0", got)
	}
	now = now.Add(time.Second)
	if got := g.Room(1, 8, now); got != 0 {
		t.Errorf("others in flight: got room %d, want 0", got)
	}
	if got := g.Room(0, 8, now); got != 1 {
		t.Errorf("probe: got room %d, want 1", got)
	}
	g.Failed(now)
	if got := g.Room(0, 8, now.Add(1900*time.Millisecond)); got != 0 {
		t.Errorf("second probe too early: got room %d, want 0", got)
	}
	if got := g.Room(0, 8, now.Add(2*time.Second)); got != 1 {
		t.Errorf("second probe: got room %d, want 1", got)
	}
	if g.Answered() {
		t.Error("got resumed, want only broken before")
	}
	if got := g.Room(0, 8, now); got != 8 || !g.Counts() {
		t.Errorf("answered: got room %d, want 8", got)
	}
	if !g.Halt(now) || g.Halt(now) {
		t.Error("a halt is news once")
	}
	if !g.Answered() || g.Answered() {
		t.Error("the end of a halt is news once")
	}
}

// A sender trusts its tenure for three quarters of it, by the monotonic and by the wall
// clock.
func TestTenancyEndsByBothClocks(t *testing.T) {
	t.Parallel()
	begun := time.Now()
	h := notifiers.NewTenancy(30*time.Second, begun)
	tests := []struct {
		name string
		now  time.Time
		want bool
	}{
		{"young", begun.Add(22 * time.Second), true},
		{"its last quarter", begun.Add(23 * time.Second), false},
		{"the wall clock went on while the machine slept", begun.Round(0).Add(time.Minute), false},
		{"the wall clock was set back", begun.Round(0).Add(-time.Minute), true},
	}
	for _, tt := range tests {
		if got := h.Valid(tt.now); got != tt.want {
			t.Errorf("%s: got valid %t, want %t", tt.name, got, tt.want)
		}
	}
}
