package subscriptions_test

import (
	"testing"
	"time"

	. "arifa/subscriptions"
)

func TestForecast_names_the_slowest_lane(t *testing.T) {
	t.Parallel()
	counts := []LaneCount{
		{Lane: "telegram:1", Kind: Person, Count: 9990, Asked: 40}, {Lane: "telegram:1", Kind: Channel, Count: 10},
		{Lane: "slack:T", Kind: Channel, Count: 30}, {Lane: "webchat", Kind: Person},
	}
	for _, c := range []struct {
		name    string
		paces   []LanePace
		takes   time.Duration
		certain bool
	}{
		{"all known", []LanePace{{Lane: "telegram:1", PerSecond: 25}, {Lane: "slack:T", PerSecond: 1}}, 400 * time.Second, true},
		{"others wait already", []LanePace{{Lane: "telegram:1", PerSecond: 25, Waiting: 2500}, {Lane: "slack:T", PerSecond: 1}}, 500 * time.Second, true},
		{"rounded up", []LanePace{{Lane: "telegram:1", PerSecond: 9999}, {Lane: "slack:T", PerSecond: 20}}, 2 * time.Second, true},
		{"one pace is not known", []LanePace{{Lane: "telegram:1", PerSecond: 25}}, 400 * time.Second, false},
		{"one lane is paused", []LanePace{{Lane: "telegram:1", PerSecond: 25}, {Lane: "slack:T", PerSecond: 1, Paused: true}}, 400 * time.Second, false},
		{"nothing is known", nil, 0, false},
	} {
		f := Forecast(counts, c.paces)
		if f.Takes != c.takes || f.Certain != c.certain || f.People != 10030 || len(f.Lanes) != 2 {
			t.Errorf("%s: got %+v, want %v, certain %v", c.name, f, c.takes, c.certain)
		}
		if l := f.Lanes[1]; l.Lane != "telegram:1" || l.People != 10000 || l.Posts != 10 || l.Asked != 40 {
			t.Errorf("%s: telegram is %+v", c.name, l)
		}
	}
	if f := Forecast(nil, nil); f.People != 0 || !f.Certain || f.Takes != 0 {
		t.Errorf("nobody: %+v", f)
	}
}

// 100,000 people at 1,000 a second with 30 of them free: about 9,700 Stars.
func TestForecast_prices_what_goes_above_the_free_pace(t *testing.T) {
	t.Parallel()
	stars := Fee{Free: 30, Each: 0.1, Unit: "Stars"}
	for _, c := range []struct {
		name      string
		people    int
		perSecond float64
		fee       Fee
		price     float64
	}{
		{"paid", 100_000, 1000, stars, 9700},
		{"within the free pace", 100_000, 30, stars, 0},
		{"below it", 100_000, 28, stars, 0},
		{"a fraction of a Star is one", 7, 60, stars, 1},
		{"no fee is agreed to", 100_000, 1000, Fee{}, 0},
	} {
		f := Forecast([]LaneCount{{Lane: "telegram:1", Kind: Person, Count: c.people}}, []LanePace{{Lane: "telegram:1", PerSecond: c.perSecond, Fee: c.fee}})
		if got := f.Lanes[0].Price; got != c.price {
			t.Errorf("%s: got %v Stars, want %v", c.name, got, c.price)
		}
	}
}

func TestFinish_counts_who_would_hear_too_late(t *testing.T) {
	t.Parallel()
	counts := []LaneCount{{Lane: "a", Kind: Person, Count: 1000}, {Lane: "b", Kind: Person, Count: 50}}
	for _, c := range []struct {
		name  string
		paces []LanePace
		left  time.Duration
		late  int
	}{
		{"time for all", []LanePace{{Lane: "a", PerSecond: 10}, {Lane: "b", PerSecond: 1}}, 100 * time.Second, 0},
		{"one lane is too slow", []LanePace{{Lane: "a", PerSecond: 10}, {Lane: "b", PerSecond: 1}}, 60 * time.Second, 400},
		{"others go first", []LanePace{{Lane: "a", PerSecond: 10, Waiting: 500}, {Lane: "b", PerSecond: 1}}, 100 * time.Second, 500},
		{"a paused lane tells nobody", []LanePace{{Lane: "a", PerSecond: 100}, {Lane: "b", PerSecond: 1, Paused: true}}, time.Minute, 50},
		{"it is over already", []LanePace{{Lane: "a", PerSecond: 10}, {Lane: "b", PerSecond: 1}}, -time.Second, 1050},
	} {
		if got := Forecast(counts, c.paces).Late(c.left); got != c.late {
			t.Errorf("%s: got %d late, want %d", c.name, got, c.late)
		}
	}
	now := time.Date(2025, 1, 3, 6, 0, 0, 0, time.UTC)
	in := func(h int) time.Time { return now.Add(time.Duration(h) * time.Hour) }
	for _, c := range []struct {
		name  string
		slots Slots
		want  time.Time
	}{
		{"nothing ends", Slots{NextUpdate: in(1)}, time.Time{}},
		{"maintenance begins", Slots{StartsAt: in(3), EndsAt: in(5)}, in(3)},
		{"the moved deadline counts", Slots{Deadline: &Deadline{Old: in(1), New: in(9)}}, in(9)},
		{"the deadline stands", Slots{Deadline: &Deadline{Old: in(2)}}, in(2)},
		{"the first of several", Slots{Until: in(4), Deadline: &Deadline{Old: in(6)}}, in(4)},
		{"past ones do not", Slots{StartsAt: in(-1), Until: in(4)}, in(4)},
	} {
		if got := c.slots.UsefulUntil(now); !got.Equal(c.want) {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}
