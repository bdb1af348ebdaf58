package subscriptions_test

import (
	"testing"

	"arifa/subscriptions"
)

func TestJudgeSample(t *testing.T) {
	t.Parallel()
	count := func(tried subscriptions.Tried, asked, works, fails int) subscriptions.SampleCount {
		return subscriptions.SampleCount{Service: "a", Tried: tried, Asked: asked, Works: works, Fails: fails}
	}
	for _, c := range []struct {
		name   string
		counts []subscriptions.SampleCount
		want   subscriptions.SampleReason
		mostly subscriptions.Tried
	}{
		{"nobody was asked", nil, subscriptions.SampleNone, ""},
		{"nobody has answered", []subscriptions.SampleCount{count("", 40, 0, 0)}, subscriptions.SampleFew, ""},
		{"seven answers are too few, even if all fail", []subscriptions.SampleCount{count("", 40, 0, 7)}, subscriptions.SampleFew, ""},
		{"eight are enough", []subscriptions.SampleCount{count("", 40, 0, 8)}, subscriptions.SampleLow, ""},
		{"two of three are one too few", []subscriptions.SampleCount{count("", 9, 6, 0), count(subscriptions.TriedCard, 3, 0, 3)}, subscriptions.SampleLow, subscriptions.TriedCard},
		{"seven of ten are most", []subscriptions.SampleCount{count("", 7, 7, 0), count(subscriptions.TriedCard, 3, 0, 3)}, subscriptions.SampleWorks, subscriptions.TriedCard},
		{"services are summed up, and the most frequent way is named", []subscriptions.SampleCount{count("", 4, 4, 0), count(subscriptions.TriedCard, 2, 0, 2), count(subscriptions.TriedMpesaApp, 3, 0, 3)},
			subscriptions.SampleLow, subscriptions.TriedMpesaApp},
	} {
		if v := subscriptions.JudgeSample(c.counts); v.Reason != c.want || v.Mostly != c.mostly {
			t.Errorf("%s: got %q mostly %q, want %q mostly %q", c.name, v.Reason, v.Mostly, c.want, c.mostly)
		}
	}
}
