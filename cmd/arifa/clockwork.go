package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"arifa/subscriptions"
)

// job is something that the clock does, once for each time of its schedule,
// whatever the replicas, and once at start when a time was missed.
type job struct {
	name string
	spec string // five fields of cron in the catalogue's zone, or six: with seconds first
	run  func(ctx context.Context, now time.Time) error
	// calm is how long after a start it is done when its time was missed. What looks at
	// everybody has time: a start in the middle of a wave goes on with the wave.
	calm time.Duration
}

// clockwork runs jobs by the catalogue's zone. The runner of robfig/cron is one
// process's; a row of the database decides which process does the tick.
type clockwork struct {
	ticks subscriptions.Ticks
	zone  *time.Location
	jobs  []job
	now   func() time.Time
	log   *slog.Logger
	later sync.WaitGroup // missed ticks that wait for calm
}

// schedules reads the times of jobs.
var schedules = cron.NewParser(cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// missedFor is how far back a start looks for a tick that nobody did.
const missedFor = 26 * time.Hour

func (c *clockwork) Run(ctx context.Context) error {
	runner, err := c.begin(ctx)
	if err != nil {
		return err
	}
	runner.Start()
	<-ctx.Done()
	<-runner.Stop().Done()
	c.later.Wait()
	return nil
}

// begin does what was missed, and returns the runner of what comes.
func (c *clockwork) begin(ctx context.Context) (*cron.Cron, error) {
	runner := cron.New(cron.WithLocation(c.zone), cron.WithChain(cron.SkipIfStillRunning(cron.DiscardLogger)))
	for _, j := range c.jobs {
		schedule, err := schedules.Parse(j.spec)
		if err != nil {
			return nil, fmt.Errorf("job %s: %w", j.name, err)
		}
		c.missed(ctx, j, latest(schedule, c.now().In(c.zone)))
		runner.Schedule(schedule, cron.FuncJob(func() { c.tick(ctx, j, latest(schedule, c.now().In(c.zone))) }))
	}
	return runner, nil
}

// latest is the newest time of a schedule that is not after now; zero if none
// is within missedFor.
func latest(s cron.Schedule, now time.Time) time.Time {
	var last time.Time
	span := missedFor
	// A schedule of minutes has its newest time close by: no need to walk a day.
	if next := s.Next(now); next.Sub(now) <= 2*time.Minute {
		span = 10 * time.Minute
	}
	for t := s.Next(now.Add(-span)); !t.IsZero() && !t.After(now); t = s.Next(t) {
		last = t
	}
	return last
}

// missed does a tick that this start finds undone.
func (c *clockwork) missed(ctx context.Context, j job, at time.Time) {
	if j.calm <= 0 {
		c.tick(ctx, j, at)
		return
	}
	c.later.Go(func() {
		t := time.NewTimer(j.calm)
		defer t.Stop()
		select {
		case <-t.C:
			c.tick(ctx, j, at)
		case <-ctx.Done():
		}
	})
}

func (c *clockwork) tick(ctx context.Context, j job, at time.Time) {
	if at.IsZero() {
		return
	}
	mine, err := c.ticks.Claim(ctx, j.name, at.UTC())
	if err == nil && mine {
		err = j.run(ctx, c.now())
	}
	if err != nil && ctx.Err() == nil {
		c.log.Error("job failed", "job", j.name, "error", err)
	}
}
