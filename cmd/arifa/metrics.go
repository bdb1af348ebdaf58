package main

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// meters are what ADMIN_LISTEN shows. No label holds anything of a citizen.
type meters struct {
	registry                   *prometheus.Registry
	requests                   *prometheus.CounterVec
	took                       *prometheus.HistogramVec
	inFlight                   *prometheus.GaugeVec
	expanded, swept            prometheus.Counter
	unaccounted, live, overdue prometheus.Gauge
	endings                    sync.Map // of [2]string to ending
	waiting, dead              *prometheus.GaugeVec
	owed                       *prometheus.GaugeVec
	first, last                *prometheus.HistogramVec
	spans                      waveSpans
}

var _ notifiers.Metrics = (*meters)(nil)

func newMeters() *meters {
	m := &meters{registry: prometheus.NewRegistry(),
		requests:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "arifa_requests_total", Help: "Requests to networks by outcome."}, []string{"lane", "outcome"}),
		took:        prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "arifa_request_seconds", Help: "How long requests to networks take.", Buckets: prometheus.ExponentialBuckets(0.001, 2.5, 12)}, []string{"lane"}),
		inFlight:    prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "arifa_in_flight", Help: "Deliveries begun and not durably recorded."}, []string{"lane"}),
		expanded:    prometheus.NewCounter(prometheus.CounterOpts{Name: "arifa_expanded_rows_total", Help: "Deliveries made for recipients."}),
		swept:       prometheus.NewCounter(prometheus.CounterOpts{Name: "arifa_swept_rows_total", Help: "Deliveries rewritten in the background."}),
		unaccounted: prometheus.NewGauge(prometheus.GaugeOpts{Name: "arifa_unaccounted", Help: "Recipients who are owed something and have no delivery: must be 0."}),
		live:        prometheus.NewGauge(prometheus.GaugeOpts{Name: "arifa_live_incidents", Help: "Incidents that are not over."}),
		overdue:     prometheus.NewGauge(prometheus.GaugeOpts{Name: "arifa_overdue_promises", Help: "Live incidents whose promised update is overdue."}),
		waiting:     prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "arifa_inbox_waiting", Help: "Updates stored and not handled."}, []string{"lane"}),
		owed:        prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "arifa_deliveries", Help: "Deliveries of the notices that are being sent, by lane and state."}, []string{"lane", "state"}),
		first:       prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "arifa_publish_to_first_seconds", Help: "From publishing a notice to its first message.", Buckets: prometheus.ExponentialBuckets(0.025, 2, 12)}, []string{"kind"}),
		last:        prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "arifa_publish_to_last_seconds", Help: "From publishing a notice to its last delivery.", Buckets: prometheus.ExponentialBuckets(1, 2.5, 13)}, []string{"kind"}),
		dead:        prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "arifa_inbox_dead", Help: "Updates laid aside for an operator."}, []string{"lane"}),
	}
	m.registry.MustRegister(m.requests, m.took, m.inFlight, m.expanded, m.swept, m.unaccounted, m.live, m.overdue, m.waiting, m.dead, m.owed, m.first, m.last,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// ending is where the requests of one lane with one outcome are counted; looking it
// up by its labels costs more than counting.
type ending struct {
	requests prometheus.Counter
	took     prometheus.Observer
}

func (m *meters) Ended(l subscriptions.LaneID, outcome string, took time.Duration) {
	k := [2]string{string(l), outcome}
	e, ok := m.endings.Load(k)
	if !ok {
		e, _ = m.endings.LoadOrStore(k, ending{m.requests.WithLabelValues(k[:]...), m.took.WithLabelValues(k[0])})
	}
	e.(ending).requests.Inc()
	e.(ending).took.Observe(took.Seconds())
}

func (m *meters) InFlight(l subscriptions.LaneID, n int) {
	m.inFlight.WithLabelValues(string(l)).Set(float64(n))
}
func (m *meters) Expanded(rows int) { m.expanded.Add(float64(rows)) }
func (m *meters) Swept(rows int)    { m.swept.Add(float64(rows)) }

// look reads the standing figures from the store, and says how many people were
// skipped.
func (m *meters) look(ctx context.Context, st subscriptions.Store, lanes []subscriptions.LaneID, now time.Time) (skipped int, err error) {
	n, err := st.Unaccounted(ctx, now)
	if err != nil {
		return 0, err
	}
	m.unaccounted.Set(float64(n))
	incidents, err := st.Incidents(ctx, now)
	if err != nil {
		return n, err
	}
	live, overdue := 0, 0
	for _, i := range incidents {
		if i.State.Over() {
			continue
		}
		live++
		if !i.NextUpdate.IsZero() && i.NextUpdate.Before(now) {
			overdue++
		}
	}
	m.live.Set(float64(live))
	m.overdue.Set(float64(overdue))
	for _, l := range lanes {
		s, err := st.InboxState(ctx, l)
		if err != nil {
			return n, err
		}
		m.waiting.WithLabelValues(string(l)).Set(float64(s.Waiting))
		m.dead.WithLabelValues(string(l)).Set(float64(s.Dead))
	}
	return n, nil
}
