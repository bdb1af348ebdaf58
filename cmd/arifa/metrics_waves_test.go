package main

import (
	"context"
	"testing"
	"time"

	"arifa/subscriptions"
)

// wavesOf is an outbox that only tells how notices stand.
type wavesOf struct {
	subscriptions.Outbox
	view     subscriptions.View
	progress map[subscriptions.NoticeID]subscriptions.Progress
}

func (w *wavesOf) View(context.Context, int64) (subscriptions.View, bool, error) {
	return w.view, true, nil
}
func (w *wavesOf) Progress(_ context.Context, id subscriptions.NoticeID) (subscriptions.Progress, error) {
	return w.progress[id], nil
}

// Each notice is measured once from publishing to its first message, and once to its
// last delivery; one from before the start is not ours.
func TestWavesAreMeasuredOnce(t *testing.T) {
	t.Parallel()
	now := time.Date(2025, 1, 3, 6, 0, 0, 0, time.UTC)
	notice := func(id subscriptions.NoticeID, at time.Time) subscriptions.Notice {
		return subscriptions.Notice{ID: id, Kind: subscriptions.Outage, PublishedAt: at}
	}
	lane := func(sent, pending int) map[subscriptions.LaneID]map[subscriptions.DeliveryState]int {
		return map[subscriptions.LaneID]map[subscriptions.DeliveryState]int{"telegram:1": {subscriptions.Sent: sent, subscriptions.Pending: pending}}
	}
	w := &wavesOf{view: subscriptions.View{Notices: map[subscriptions.NoticeID]subscriptions.Notice{1: notice(1, now.Add(-time.Hour)), 2: notice(2, now)}},
		progress: map[subscriptions.NoticeID]subscriptions.Progress{1: {Expanded: true, FirstSent: now, LastSent: now}}}
	m := newMeters()
	look := func() map[string]float64 {
		t.Helper()
		if err := m.waves(t.Context(), w, now); err != nil {
			t.Fatal(err)
		}
		got := map[string]float64{}
		families, err := m.registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			for _, s := range f.GetMetric() {
				if h := s.GetHistogram(); h != nil {
					got[f.GetName()+" count"] += float64(h.GetSampleCount())
					got[f.GetName()+" sum"] += h.GetSampleSum()
				} else if f.GetName() == "arifa_deliveries" {
					got[s.GetLabel()[1].GetValue()] += s.GetGauge().GetValue()
				}
			}
		}
		return got
	}
	look()
	w.progress[2] = subscriptions.Progress{ByLane: lane(3, 7), FirstSent: now.Add(50 * time.Millisecond), LastSent: now.Add(time.Second)}
	look()
	got := look()
	if got["arifa_publish_to_first_seconds count"] != 1 || got["arifa_publish_to_first_seconds sum"] != 0.05 || got["arifa_publish_to_last_seconds count"] != 0 || got["pending"] != 7 || got["sent"] != 3 {
		t.Errorf("in the middle: %v", got)
	}
	w.progress[2] = subscriptions.Progress{Expanded: true, ByLane: lane(10, 0), FirstSent: now.Add(50 * time.Millisecond), LastSent: now.Add(40 * time.Second)}
	delete(w.view.Notices, 2) // it is settled, and leaves the view
	look()
	got = look()
	if got["arifa_publish_to_first_seconds count"] != 1 || got["arifa_publish_to_last_seconds count"] != 1 || got["arifa_publish_to_last_seconds sum"] != 40 {
		t.Errorf("at the end: %v", got)
	}
}
