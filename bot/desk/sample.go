package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"arifa/subscriptions"
)

// SampleResult is what people answered to "does it work for you now?".
type SampleResult struct {
	Incident subscriptions.IncidentID
	Round    int
	Counts   []subscriptions.SampleCount
	Verdict  subscriptions.SampleVerdict
}

// SampleAnswers counts what people answered in the incident's present round; once it
// has ended, what those answered who were asked after the end.
func (d *Desk) SampleAnswers(ctx context.Context, id subscriptions.IncidentID) (SampleResult, error) {
	i, err := d.Store.Incident(ctx, id)
	if err != nil {
		return SampleResult{}, err
	}
	counts, err := d.Store.SampleCounts(ctx, id, i.Round, i.EndedAt)
	return SampleResult{Incident: id, Round: i.Round, Counts: counts, Verdict: subscriptions.JudgeSample(counts)}, err
}

// Reported sums up what citizens report of an incident: from a little before it is
// said to have begun, for people are quicker than officers, to now or its end.
func (d *Desk) Reported(ctx context.Context, i subscriptions.Incident, now time.Time) (subscriptions.ReportSummary, error) {
	if i.Reported != nil {
		return *i.Reported, nil
	}
	from := i.Since.Add(-sooner)
	if !i.FirstReport.IsZero() && i.FirstReport.Before(from) {
		from = i.FirstReport
	}
	until := now.Add(time.Millisecond)
	if !i.EndedAt.IsZero() {
		until = i.EndedAt.Add(time.Millisecond)
	}
	return d.Store.Reported(ctx, servicesOf(i), from, until)
}

// sooner is how long before the time that an officer gives people may have
// reported the same trouble.
const sooner = 30 * time.Minute

func servicesOf(i subscriptions.Incident) []subscriptions.ServiceID {
	out := []subscriptions.ServiceID{}
	for _, s := range i.Services {
		out = append(out, s.Service)
	}
	return out
}

// askWithin is how long after an end people are chosen to be asked.
const askWithin = time.Hour

// follow does what is due for an incident beside its promises: people are asked
// whether it works, a low share is said, and machines or silence ask for the end.
func (d *Desk) follow(ctx context.Context, e subscriptions.Evidence, i subscriptions.Incident, now time.Time) error {
	if i.FirstNotice == 0 && i.FirstWord.IsZero() {
		return nil
	}
	if err := d.pick(ctx, i, now); err != nil {
		return err
	}
	if err := d.lowSample(ctx, i, now); err != nil {
		return err
	}
	if i.State.Over() {
		return nil
	}
	return d.recovered(ctx, e, i, now)
}

// The moments at which people are asked, beside the states of being watched: after an
// end, and after an end of some services while others go on failing.
const (
	momentEnd  = "end"
	momentPart = "part"
)

// asksAbout says what it is a moment to ask about; nothing while all fails.
func asksAbout(i subscriptions.Incident) (services []subscriptions.ServiceID, moment string) {
	if i.State == subscriptions.Monitoring || i.State == subscriptions.Verifying {
		return i.Failing(), string(i.State)
	}
	moment = momentPart
	if i.State.Over() {
		moment = momentEnd
	}
	for _, s := range i.Services {
		if s.Round == i.Round && s.Confirmed && (i.State.Over() || !s.Failing) {
			services = append(services, s.Service)
		}
	}
	return services, moment
}

// pick chooses once for each moment whom to ask.
func (d *Desk) pick(ctx context.Context, i subscriptions.Incident, now time.Time) error {
	services, moment := asksAbout(i)
	late := i.State.Over() && now.Sub(i.EndedAt) >= askWithin
	if d.Config.SampleSize <= 0 || len(services) == 0 || late {
		return nil
	}
	at := i.EndedAt
	if at.IsZero() {
		at = i.OpenedAt
	}
	mine, err := d.Store.Claim(ctx, fmtTick("sample", moment, i.ID, i.Round), at)
	if err != nil || !mine {
		return err
	}
	n, err := d.Store.PickSample(ctx, subscriptions.SampleWish{Incident: i.ID, Round: i.Round, Services: services, Since: roundSince(i), Most: d.Config.SampleSize}, now)
	if err != nil || n == 0 {
		return err
	}
	w := deed{actor: Actor{Via: "clock"}, act: ActSamplePick, agency: i.Owner, subject: subjectOf("incident", i.ID), now: now}
	_, err = d.Store.Append(ctx, w.line(fmt.Sprintf("%s asked whether it works (%s)", count(n, "person"), moment)))
	return err
}

// roundSince is from when on reports belong to the present round.
func roundSince(i subscriptions.Incident) time.Time {
	since := i.Since.Add(-sooner)
	if i.Round == 1 && !i.FirstReport.IsZero() && i.FirstReport.Before(since) {
		return i.FirstReport
	}
	return since
}

// lowSample calls the officers of the agency that spoke where too few say that it
// works. Answers from before an end say nothing of it. Nothing is reopened by itself.
func (d *Desk) lowSample(ctx context.Context, i subscriptions.Incident, now time.Time) error {
	services, moment := asksAbout(i)
	if d.Config.SampleSize <= 0 || len(services) == 0 {
		return nil
	}
	counts, err := d.Store.SampleCounts(ctx, i.ID, i.Round, i.EndedAt)
	if err != nil {
		return err
	}
	if moment == momentPart { // of what goes on failing nobody claims that it works
		counts = slices.DeleteFunc(counts, func(c subscriptions.SampleCount) bool { return !slices.Contains(services, c.Service) })
	}
	v := subscriptions.JudgeSample(counts)
	if v.Reason != subscriptions.SampleLow {
		return nil
	}
	at := i.EndedAt
	if at.IsZero() {
		at = i.OpenedAt
	}
	var failing []subscriptions.ServiceID
	for _, c := range counts {
		if c.Fails > 0 && !slices.Contains(failing, c.Service) {
			failing = append(failing, c.Service)
		}
	}
	d.call(ctx, Event{Kind: EventSampleLow, Agency: d.promiser(ctx, i), Incident: i.ID, Notice: i.LastNotice, Services: failing, Works: v.Share(), Round: i.Round, Since: at, At: now})
	return nil
}

// ceased is how long nobody may have reported any more before the officer is asked
// whether it is restored, and fewestCeased how many must have reported before.
const (
	ceased       = 30 * time.Minute
	fewestCeased = 10
)

// recovered asks the officers whether it is restored: machines that said that it
// fails say that it works, or many reported and nobody does any more. At most once
// in two hours; only an officer says that it works.
func (d *Desk) recovered(ctx context.Context, e subscriptions.Evidence, i subscriptions.Incident, now time.Time) error {
	if i.Maintenance || i.FirstWord.IsZero() || now.Sub(i.OpenedAt) < ceased {
		return nil
	}
	platform, why := healed(e, i)
	if why == "" {
		n, err := d.Reported(ctx, i, now)
		if err != nil || n.Reports < fewestCeased || now.Sub(n.Last) < ceased {
			return err
		}
		why = "reports"
	}
	agency := i.Owner
	if p, ok := e.Nation.Platform(platform); ok {
		agency = p.Operator
	}
	d.call(ctx, Event{Kind: EventRecovered, Agency: agency, Incident: i.ID, Platform: platform, Services: i.Failing(), Due: now.Truncate(2 * time.Hour), At: now})
	return nil
}

// healed reports whether machines that said that a platform of the incident fails
// all say that it works.
func healed(e subscriptions.Evidence, i subscriptions.Incident) (subscriptions.PlatformID, string) {
	was := subscriptions.PlatformID("")
	for _, s := range e.Signals {
		if !slices.Contains(i.Platforms(), s.Platform) {
			continue
		}
		if s.Firing {
			return "", ""
		}
		if s.EndedAt.After(i.OpenedAt) {
			was = s.Platform
		}
	}
	if was == "" {
		return "", ""
	}
	return was, "machines"
}

// keepReported writes down what was reported of an incident that has ended: the
// reports themselves do not stay.
func (d *Desk) keepReported(ctx context.Context, i subscriptions.Incident, now time.Time) error {
	if i.Reported != nil || now.Sub(i.EndedAt) < askWithin {
		return nil
	}
	sum, err := d.Reported(ctx, i, now)
	if err != nil {
		return err
	}
	i.Reported = &sum
	w := deed{actor: Actor{Via: "clock"}, act: ActIncidentKeep, agency: i.Owner, subject: subjectOf("incident", i.ID), now: now}
	_, err = d.Store.Commit(ctx, subscriptions.Change{Incident: &i, Line: w.line(count(sum.Reports, "report")), Now: now})
	return err
}

// noteFirst fills in when people and machines spoke first, when an incident's first
// notice is published.
func (d *Desk) noteFirst(ctx context.Context, i *subscriptions.Incident, now time.Time) error {
	if !i.FirstWord.IsZero() {
		return nil
	}
	if i.FirstWord = now; i.Maintenance { // it was said before it began
		return nil
	}
	n := d.Config.Nation()
	from := i.Since.Add(-sooner)
	alarms, err := d.Store.Alarms(ctx, now.Add(-alarmsBack))
	if err != nil {
		return err
	}
	for _, a := range alarms {
		about := a.Platform != "" && slices.Contains(i.Platforms(), a.Platform) || len(intersect(aboutServices(n, a), servicesOf(*i))) > 0
		if about && (a.Live() || a.EndedAt.After(from)) && a.Since.Before(from) {
			from = a.Since
		}
	}
	sum, err := d.Store.Reported(ctx, servicesOf(*i), from, now.Add(time.Millisecond))
	if err != nil {
		return err
	}
	i.FirstReport = sum.First
	signals, err := d.Store.Signals(ctx, from)
	for _, s := range signals {
		if slices.Contains(i.Platforms(), s.Platform) && !s.Since.Before(from) && (i.FirstSignal.IsZero() || s.Since.Before(i.FirstSignal)) {
			i.FirstSignal = s.Since
		}
	}
	return err
}
