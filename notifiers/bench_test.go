package notifiers_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// receiver accepts everything at once and counts.
type receiver struct {
	lane subscriptions.LaneID
	n    atomic.Int64
	done chan struct{} // rung at every messages-th
	each int64
}

func (r *receiver) Name() subscriptions.LaneID { return r.lane }
func (r *receiver) Send(context.Context, notifiers.Message) (notifiers.Receipt, error) {
	if r.n.Add(1)%r.each == 0 {
		r.done <- struct{}{}
	}
	return notifiers.Receipt{Message: "1"}, nil
}

// counted is a store that counts what a lane asks of it.
type counted struct {
	subscriptions.Store
	leases, finishes atomic.Int64
}

func (c *counted) Lease(ctx context.Context, t subscriptions.Tenure, max int, now time.Time) ([]subscriptions.Delivery, error) {
	rows, err := c.Store.Lease(ctx, t, max, now)
	if len(rows) > 0 {
		c.leases.Add(1)
	}
	return rows, err
}

func (c *counted) Finish(ctx context.Context, rs []subscriptions.Result) error {
	c.finishes.Add(1)
	return c.Store.Finish(ctx, rs)
}

// BenchmarkDispatcher measures messages a second from publish to the last
// message, over SQLite, with a network that costs no time.
func BenchmarkDispatcher(b *testing.B) {
	h := newHouse(b)
	h.log = slog.New(slog.DiscardHandler)
	const citizens = 5000
	for i := range citizens {
		h.recipient(laneA, subscriptions.Person, fmt.Sprint(i), tax)
	}
	network := &receiver{lane: laneA, done: make(chan struct{}, 1), each: citizens}
	store := &counted{Store: h.store}
	_, stop := h.serve("bench", func(c *notifiers.Config) { c.Outbox = store },
		notifiers.Lane{Channel: network, Rate: 1e6, InFlight: 256})
	defer stop()
	for b.Loop() {
		i, outage := h.publish(h.incident(tax), subscriptions.Outage, true)
		<-network.done
		b.StopTimer()
		h.settled(outage)
		restored := h.restore(i, outage.ID)
		<-network.done
		h.settled(restored)
		b.StartTimer()
	}
	rows := float64(network.n.Load())
	b.ReportMetric(float64(citizens*b.N)/b.Elapsed().Seconds(), "messages/s")
	b.ReportMetric(rows/float64(store.leases.Load()), "rows/lease")
	b.ReportMetric(rows/float64(store.finishes.Load()), "rows/finish")
}
