package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

// rehearsal is one incident, replayed.
type rehearsal struct {
	cfg      Config
	incident Incident
	crowd    *crowd
	world    *world
	clock    *Clock
	server   *telegramtest.Server
	slack    *workspace // nil = none: of the day itself there is one
	program  *Program
	office   *office
	screen   *screen
	pace     pace

	id      subscriptions.IncidentID // of the open incident; 0 = none yet
	said    []*said
	quiets  []quiet
	keys    map[subscriptions.NoticeKey]bool
	wave    subscriptions.NoticeID // the newest notice
	holds   int                    // between two stages of a notice that moves money
	fastest float64                // messages a second of the fastest wave
	arrived bool                   // the latecomers have come
	ways    []subscriptions.AlternativeID
	dawn    dawn
}

// rehearse replays one incident and judges it.
func rehearse(ctx context.Context, cfg Config, i Incident, s *screen) (Result, error) {
	begun := time.Now()
	a, err := newAtlas(cfg.Nation)
	if err != nil {
		return Result{}, err
	}
	r := &rehearsal{cfg: cfg, incident: i, crowd: populate(a, i, cfg.Citizens, cfg.Seed), world: &world{atlas: a}, screen: s,
		clock: NewClock(i.Replay[0].At.Add(-time.Hour)), pace: paceOf(cfg), keys: map[subscriptions.NoticeKey]bool{}}
	r.server = telegramtest.New(telegramtest.Config{Clock: r.clock.Now, Limits: r.pace.limits(), KeepLast: telegramtest.KeepNone, Tag: Tag,
		Name: "Arifa", Username: "ArifaDemoBot"})
	defer func() { _ = r.server.Close() }() // it writes no ledger to a file, so there is no error
	if i.Seed && !cfg.Web {
		r.slack = newWorkspace(r.pace, r.clock)
		defer func() { _ = r.slack.Close() }()
		r.slack.enter(r.crowd)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s.begin(i, r.crowd)
	if err := r.crowd.settle(r.server); err != nil {
		return Result{}, err
	}
	r.program, err = cfg.Start(ctx, Setting{Incident: i.ID, Token: r.server.Token(), API: r.server.URL(), Now: r.clock.Now, Rate: r.pace.rate,
		InFlight: r.pace.inFlight, ChatEvery: r.pace.chatEvery, GroupPerMinute: r.pace.groupPerMinute, Web: cfg.Web, Slack: r.slack.setting()})
	if err != nil {
		return Result{}, fmt.Errorf("start the program: %w", err)
	}
	go func() {
		select {
		case err := <-r.program.Failed:
			cancel(fmt.Errorf("the program ended by itself: %w", err))
		case <-ctx.Done():
		}
	}()
	result, err := r.day(ctx)
	if err == nil && cfg.Web {
		result.Seconds = float64(time.Since(begun).Milliseconds()) / 1000
		s.verdict(r, result)
		return result, errors.Join(r.linger(ctx), r.program.Stop())
	}
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	if stopErr := r.program.Stop(); err == nil {
		err = stopErr
	}
	if err != nil {
		return Result{}, err
	}
	result.Seconds = float64(time.Since(begun).Milliseconds()) / 1000
	s.verdict(r, result)
	return result, nil
}

// day is the whole replay: the evening before, the steps, the verdict.
func (r *rehearsal) day(ctx context.Context) (Result, error) {
	if err := r.prepare(ctx); err != nil {
		return Result{}, err
	}
	for k, step := range r.incident.Replay {
		if err := r.dawnBefore(ctx, k); err != nil {
			return Result{}, err
		}
		if err := r.reach(ctx, step); err != nil {
			return Result{}, err
		}
		if err := r.play(ctx, k, step); err != nil {
			return Result{}, fmt.Errorf("%s at %s: %w", step.Act, step.At.Format("2006-01-02 15:04"), err)
		}
		if err := r.dawnAt(ctx, k); err != nil {
			return Result{}, err
		}
		if err := r.sample(ctx, step); err != nil {
			return Result{}, err
		}
	}
	if err := r.settleDown(ctx, ""); err != nil {
		return Result{}, err
	}
	return r.result(ctx)
}

// prepare hires the officers, enters those who subscribed long ago and lets the
// others come by talking.
func (r *rehearsal) prepare(ctx context.Context) error {
	var err error
	if r.office, err = hire(ctx, r.program.Desk, r.cfg.Nation, r.incident, r.clock.Now()); err != nil {
		return err
	}
	if r.cfg.Web {
		if err := r.openWindow(ctx); err != nil {
			return err
		}
	}
	if err := r.phones(ctx); err != nil {
		return fmt.Errorf("officers' phones: %w", err)
	}
	if err := r.joinWorkspace(ctx); err != nil {
		return err
	}
	r.screen.bar.start("entering the register", len(r.crowd.people))
	if err := r.register(ctx); err != nil {
		return fmt.Errorf("register: %w", err)
	}
	r.screen.bar.stop()
	r.screen.bar.start("subscribing in the chat", 0)
	n, err := r.each(ctx, early, r.join)
	if err != nil {
		return err
	}
	groups, err := r.each(ctx, groupTalk, r.joinGroup)
	if err != nil {
		return err
	}
	r.screen.bar.stop()
	r.screen.say("", "%d citizens and %d groups subscribe by talking to the bot: language, a typed name or a link, one tap.", n, groups)
	return r.settleDown(ctx, "")
}

// result is the verdict with its figures.
func (r *rehearsal) result(ctx context.Context) (Result, error) {
	v := judge(evidence{crowd: r.crowd, incident: r.incident, said: r.said, quiets: r.quiets, ledger: r.ledger()})
	superseded, err := r.superseded(ctx)
	if err != nil {
		return Result{}, err
	}
	peak, err := peakRSS()
	if err != nil {
		return Result{}, err
	}
	out := Result{Incident: r.incident.ID, Store: r.program.Name, Missed: v.missed, Duplicates: v.duplicates, Strangers: v.strangers, Stale: v.stale,
		NoEnd: v.noEnd, Citizens: r.cfg.Citizens, Sent: v.sent, Edited: v.edited, Superseded: superseded, FirstMessageMS: v.first.Milliseconds(),
		PeakRSSMiB: peak, Holds: r.holds, PerSecond: float64(int(r.fastest)), Hear: v.hear, NotHear: v.notHear, Violations: v.examples}
	if out.FalseWakeups, err = r.falseWakeUps(ctx); err != nil {
		return Result{}, err
	}
	out.Complaints, out.FirstWordSeconds = r.dawn.complained, r.firstWordSeconds()
	if !r.dawn.woken.IsZero() {
		s := r.dawn.woken.Sub(r.dawn.tenth).Seconds()
		out.DetectedSeconds = &s
	}
	if n := len(r.server.Violations()); n > 0 {
		out.Violations = append(out.Violations, fmt.Sprintf("%d requests were sent inside a retry_after window", n))
	}
	if r.slack != nil {
		out.InSlack, out.Violations = r.slack.told(), append(out.Violations, r.slack.faults()...)
	}
	if out.Violations == nil {
		out.Violations = []string{}
	}
	return out, nil
}

// superseded counts the deliveries that something newer made needless, by the
// program's own account: it is a figure, no part of the verdict.
func (r *rehearsal) superseded(ctx context.Context) (int, error) {
	n := 0
	notices, err := r.program.Desk.Notices(ctx, 0)
	for _, one := range notices {
		p, perr := r.program.Desk.Progress(ctx, one.ID)
		n, err = n+p.Count(subscriptions.Superseded), errors.Join(err, perr)
	}
	return n, err
}
