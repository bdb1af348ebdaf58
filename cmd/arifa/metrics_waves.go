package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"arifa/subscriptions"
)

// waveSpans remembers which notices this process has measured already.
type waveSpans struct {
	mu          sync.Mutex
	begun       time.Time // what was published before is not ours to measure
	first, last map[subscriptions.NoticeID]bool
	open        map[subscriptions.NoticeID]subscriptions.Notice
}

// waves reads how the notices that are being sent stand, and measures from publishing
// to the first message and to the last delivery, once for each notice: by the process
// that claimed the tick.
func (m *meters) waves(ctx context.Context, st subscriptions.Outbox, now time.Time) error {
	view, _, err := st.View(ctx, 0)
	if err != nil {
		return err
	}
	s := &m.spans
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.first == nil {
		s.first, s.last, s.open = map[subscriptions.NoticeID]bool{}, map[subscriptions.NoticeID]bool{}, map[subscriptions.NoticeID]subscriptions.Notice{}
		s.begun = now.Add(-2 * time.Minute)
	}
	for id, n := range view.Notices {
		s.open[id] = n
	}
	m.owed.Reset()
	for id, n := range s.open {
		p, err := st.Progress(ctx, id)
		if err != nil && !errors.Is(err, subscriptions.ErrNotFound) {
			return err
		}
		for lane, states := range p.ByLane {
			for state, k := range states {
				m.owed.WithLabelValues(string(lane), string(state)).Add(float64(k))
			}
		}
		m.measure(n, p)
		if _, live := view.Notices[id]; !live {
			delete(s.open, id)
		}
	}
	return nil
}

// measure counts a notice where its first or last delivery is known; the caller holds
// the lock.
func (m *meters) measure(n subscriptions.Notice, p subscriptions.Progress) {
	s := &m.spans
	if n.PublishedAt.Before(s.begun) {
		return
	}
	if !p.FirstSent.IsZero() && !s.first[n.ID] {
		s.first[n.ID] = true
		m.first.WithLabelValues(string(n.Kind)).Observe(max(0, p.FirstSent.Sub(n.PublishedAt).Seconds()))
	}
	if p.Expanded && p.Count(subscriptions.Pending) == 0 && p.InFlight == 0 && !p.LastSent.IsZero() && !s.last[n.ID] {
		s.last[n.ID] = true
		m.last.WithLabelValues(string(n.Kind)).Observe(max(0, p.LastSent.Sub(n.PublishedAt).Seconds()))
	}
}
