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
