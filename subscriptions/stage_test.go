package subscriptions_test

import (
	"testing"
	"time"

	. "arifa/subscriptions"
)

func TestStageOf(t *testing.T) {
	t.Parallel()
	for people, want := range map[int]int{0: 0, 50: 0, 51: 50, 5_000: 50, 20_000: 200, 49_950: 500, 1_000_000: 500} {
		if got := StageOf(people); got != want {
			t.Errorf("of %d people %d are told first, want %d", people, got, want)
		}
	}
}

func TestAStageHoldsAMinuteAfterItsLast(t *testing.T) {
	t.Parallel()
	full := time.Date(2025, 1, 3, 10, 0, 0, 0, time.UTC)
	after := func(d time.Duration) time.Time { return full.Add(d) }
	for _, c := range []struct {
		name  string
		at    StageAt
		stage int
		now   time.Time
		want  int
	}{
		{"no stage", StageAt{}, 0, full, 200},
		{"it begins", StageAt{}, 500, full, 200},
		{"its end", StageAt{Made: 450}, 500, full, 25},
		{"its last row", StageAt{Made: 499}, 500, full, 1},
		{"some wait to be told", StageAt{Made: 500, Full: full, Waiting: true}, 500, after(2 * time.Minute), 0},
		{"the last was told a moment ago", StageAt{Made: 500, Full: full, Last: after(30 * time.Second)}, 500, after(80 * time.Second), 0},
		{"a minute after the last", StageAt{Made: 500, Full: full, Last: after(30 * time.Second)}, 500, after(90 * time.Second), 200},
		{"the others wait to be told", StageAt{Made: 700, Full: full, Waiting: true, Over: true}, 500, after(2 * time.Minute), 200},
		{"nobody could be told", StageAt{Made: 500, Full: full}, 500, after(time.Minute), 200},
		{"a lane stands still", StageAt{Made: 500, Full: full, Waiting: true}, 500, after(StageMost), 200},
	} {
		if got := c.at.Room(c.stage, 200, c.now); got != c.want {
			t.Errorf("%s: room for %d, want %d", c.name, got, c.want)
		}
	}
}
