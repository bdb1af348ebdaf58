package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"arifa/subscriptions"
)

// mostMarks is how many complaints one look reads, the newest: enough to believe
// anything, however many complain at once.
const mostMarks = 5000

// Signal stores what a machine says of a platform: a lead. It becomes a draft for
// officers at the next look, never a notice. changed is false when it said nothing
// new.
func (d *Desk) Signal(ctx context.Context, s subscriptions.Signal, now time.Time) (stored subscriptions.Signal, changed bool, err error) {
	p, ok := d.Config.Nation().Platform(s.Platform)
	switch {
	case !ok || p.Retired:
		return s, false, no(0, "look it up in the catalogue", "there is no platform %q", s.Platform)
	case s.Source == "" || s.Key == "" || len(s.Source) > 100 || len(s.Key) > 300:
		return s, false, no(0, "give the source and its own id of the trouble", "the signal does not say whose it is")
	}
	s.At = cut(now)
	if s.Since.IsZero() || s.Since.After(now) {
		s.Since = s.At
	}
	return d.Store.PutSignal(ctx, s)
}

// usual keeps the usual level of complaints for an hour: it is made of weeks.
type usual struct {
	mu   sync.Mutex
	hour time.Time
	is   *subscriptions.Usual
}

func (d *Desk) usualLevel(ctx context.Context, now time.Time) (*subscriptions.Usual, error) {
	d.usual.mu.Lock()
	defer d.usual.mu.Unlock()
	if hour := subscriptions.HourOf(now); d.usual.is == nil || !d.usual.hour.Equal(hour) {
		counts, err := d.Store.Hours(ctx, now.Add(-subscriptions.HoursFor))
		if err != nil {
			return nil, err
		}
		d.usual.hour, d.usual.is = hour, subscriptions.NewUsual(counts)
	}
	return d.usual.is, nil
}

// evidence reads what detection looks at.
func (d *Desk) evidence(ctx context.Context, now time.Time) (e subscriptions.Evidence, err error) {
	e = subscriptions.Evidence{Now: now, Nation: d.Config.Nation()}
	since := now.Add(-subscriptions.DetectBack)
	if e.Usual, err = d.usualLevel(ctx, now); err != nil {
		return e, err
	}
	if e.Marks, err = d.Store.Marks(ctx, since, mostMarks); err != nil {
		return e, err
	}
	if e.Signals, err = d.Store.Signals(ctx, since); err != nil {
		return e, err
	}
	e.Incidents, err = d.Store.Incidents(ctx, since)
	return e, err
}

// Watch looks at what citizens and machines say and calls officers where nobody has
// spoken: a new suspicion wakes the duty officer, one that nobody answers the next
// person and then the head. It asks again when "watching" has lapsed, closes what
// went quiet or was told meanwhile, asks whether something is restored, and picks
// who is asked whether it works. It may be called at any time, by any number of
// processes; what one has done another one finds done.
func (d *Desk) Watch(ctx context.Context, now time.Time) error {
	now = cut(now)
	e, err := d.evidence(ctx, now)
	if err != nil {
		return fmt.Errorf("watch: %w", err)
	}
	found := subscriptions.Detect(e)
	var errs []error
	for _, s := range found.Suspected {
		errs = append(errs, settled("suspicion", d.raise(ctx, e, s, now)))
	}
	live, err := d.Store.Alarms(ctx, now)
	if err != nil {
		return fmt.Errorf("watch: %w", err)
	}
	for _, a := range live {
		if a.Live() {
			errs = append(errs, settled(subjectOf("alarm", a.ID), d.attend(ctx, e, a, now)))
		}
	}
	for _, i := range e.Incidents {
		errs = append(errs, settled(subjectOf("incident", i.ID), d.follow(ctx, e, i, now)))
	}
	return orNil(errs)
}

// settled leaves out that somebody else was quicker: the next look sees it.
func settled(what string, err error) error {
	if err == nil || isConflict(err) || errors.Is(err, subscriptions.ErrExists) {
		return nil
	}
	return fmt.Errorf("watch: %s: %w", what, err)
}

// byProgram is the audit line of what the program does about an alarm.
func byProgram(act Act, a subscriptions.Alarm, detail string, now time.Time) subscriptions.AuditLine {
	w := deed{actor: Actor{Via: "clock"}, act: act, agency: a.Agency, subject: aboutAlarm(a), now: now}
	return w.line(detail)
}

func aboutAlarm(a subscriptions.Alarm) string {
	if a.ID == 0 {
		return "alarm"
	}
	return subjectOf("alarm", a.ID)
}

// raise opens an alarm for a suspicion, or widens the one that it belongs to.
func (d *Desk) raise(ctx context.Context, e subscriptions.Evidence, s subscriptions.Suspicion, now time.Time) error {
	known, err := d.Store.Alarms(ctx, now.Add(-restAfterNo))
	if err != nil {
		return err
	}
	for _, a := range known {
		if a.Live() && belongs(e.Nation, a, s) {
			return d.widen(ctx, e.Nation, a, s, now)
		}
	}
	if rests(e.Nation, known, s) {
		return nil
	}
	a := subscriptions.Alarm{
		State: subscriptions.AlarmOpen, Agency: s.Agency, Platform: s.Platform, Also: s.Also, Services: s.Services, Since: s.Since, OpenedAt: now, AskedAt: now,
		Reason: s.Reason, Kinds: s.Kinds, Reports: s.Reports, Known: s.Known, Asks: s.Asks, Machines: s.Machines, Asked: []subscriptions.AgencyID{s.Agency},
	}
	_, err = d.Store.PutAlarm(ctx, a, byProgram(ActAlarmOpen, a, described(s), now))
	return err
}

func described(s subscriptions.Suspicion) string {
	of := string(s.Platform)
	if of == "" {
		of = join(s.Services)
	}
	return fmt.Sprintf("%s: %s, %s (%d known), %s, %s", of, s.Reason, count(s.Reports, "report"), s.Known, count(s.Asks, "question"), count(s.Machines, "machine"))
}

// restAfterNo is how long an alarm that nobody took for theirs is not raised anew,
// unless twice as many complain.
const restAfterNo = time.Hour

func rests(n *subscriptions.Nation, known []subscriptions.Alarm, s subscriptions.Suspicion) bool {
	return slices.ContainsFunc(known, func(a subscriptions.Alarm) bool {
		no := slices.ContainsFunc(a.Answers, func(x subscriptions.AlarmAnswer) bool { return x.Says == subscriptions.SaysNotUs })
		return a.State == subscriptions.AlarmClosed && no && belongs(n, a, s) && s.Reports < 2*a.Reports
	})
}

// belongs reports whether a suspicion is the trouble of an alarm: the same platform,
// one that explains the other, or services of the alarm where it has no platform.
func belongs(n *subscriptions.Nation, a subscriptions.Alarm, s subscriptions.Suspicion) bool {
	switch {
	case a.Platform != "" && s.Platform != "":
		return a.Platform == s.Platform || slices.Contains(a.Also, s.Platform) || hangsOn(n, a.Platform, s.Platform) || hangsOn(n, s.Platform, a.Platform)
	case a.Platform != "":
		return len(minus(s.Services, reachOf(n, a.Platform))) == 0
	case s.Platform != "":
		return len(intersect(a.Services, reachOf(n, s.Platform))) > 0
	}
	return len(intersect(a.Services, s.Services)) > 0
}

// hangsOn reports whether platform p cannot do without q.
func hangsOn(n *subscriptions.Nation, p, q subscriptions.PlatformID) bool {
	of, _ := n.Platform(p)
	return slices.ContainsFunc(of.DependsOn, func(on subscriptions.PlatformID) bool { return on == q || hangsOn(n, on, q) })
}

// reachOf lists the services that depend on a platform, confirmed or not.
func reachOf(n *subscriptions.Nation, p subscriptions.PlatformID) (out []subscriptions.ServiceID) {
	for _, r := range n.Reach(map[subscriptions.PlatformID]subscriptions.Impact{p: subscriptions.Blocked}, nil) {
		out = append(out, r.Service)
	}
	return out
}

// widen brings an alarm up to what is suspected now: its platform where that became
// clear, and who is asked then. Small growth is not written down.
func (d *Desk) widen(ctx context.Context, n *subscriptions.Nation, a subscriptions.Alarm, s subscriptions.Suspicion, now time.Time) error {
	before := a
	wider := s.Platform != "" && s.Platform != a.Platform && !slices.Contains(a.Also, s.Platform) && (a.Platform == "" || hangsOn(n, a.Platform, s.Platform))
	if wider {
		a.Platform, a.Also = s.Platform, nil
		if s.Agency != a.Agency {
			a.Agency, a.AskedAt, a.State, a.Until = s.Agency, now, subscriptions.AlarmOpen, time.Time{}
			a.Asked = add(a.Asked, s.Agency)
		}
	}
	for _, p := range s.Also {
		if p != a.Platform {
			a.Also = add(a.Also, p)
		}
	}
	if fresh := minus(s.Services, a.Services); wider || 2*len(fresh) > len(a.Services) || a.Platform == "" && len(fresh) > 0 {
		a.Services = inOrder(n, append(slices.Clone(a.Services), fresh...))
	}
	grown := s.Reports >= 2*a.Reports && s.Reports > 0 || s.Known >= 2*a.Known && s.Known > 0 || s.Machines > a.Machines
	if !wider && !grown && len(a.Services) == len(before.Services) && len(a.Also) == len(before.Also) {
		return nil
	}
	for _, k := range s.Kinds {
		a.Kinds = add(a.Kinds, k)
	}
	a.Reason, a.Reports, a.Known, a.Asks, a.Machines = s.Reason, max(a.Reports, s.Reports), max(a.Known, s.Known), max(a.Asks, s.Asks), s.Machines
	if s.Since.Before(a.Since) {
		a.Since = s.Since
	}
	_, err := d.Store.PutAlarm(ctx, a, byProgram(ActAlarmGrow, a, described(s), now))
	return err
}

func add[T comparable](list []T, x T) []T {
	if slices.Contains(list, x) {
		return list
	}
	return append(slices.Clone(list), x)
}
