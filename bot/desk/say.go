package desk

import (
	"context"
	"time"

	"arifa/subscriptions"
)

// RestoreInput says what works again. With neither platforms nor services it is
// everything that the agency claims.
type RestoreInput struct {
	Incident                subscriptions.IncidentID
	Agency                  subscriptions.AgencyID
	Platforms               []subscriptions.PlatformID
	Services                []subscriptions.ServiceID
	Landed, PayAgain, Moved subscriptions.Answer // open ones are promised within two hours
	Cause                   subscriptions.Cause
	Free                    subscriptions.Text
	NextUpdate              time.Time // where something goes on failing
	DropFree                bool
	Request                 string
}

// two reports whether a second officer must agree.
func (in RestoreInput) two() bool { return in.PayAgain.Value == "yes" || in.Moved.Value == "yes" }

func (in RestoreInput) draft() DraftInput {
	return DraftInput{Incident: in.Incident, Kind: subscriptions.Restored, Agency: in.Agency, Request: in.Request, dropFree: in.DropFree, forTwo: in.two(), Slots: subscriptions.Slots{
		Platforms: in.Platforms, Services: in.Services, Landed: in.Landed, PayAgain: in.PayAgain, Moved: in.Moved,
		Cause: in.Cause, Free: in.Free, NextUpdate: in.NextUpdate,
	}}
}

// Restore says that something works again, to everyone who was told in this
// round. With "pay again: yes", or a deadline that moved, it is submitted for a
// second officer instead: Outcome.Notice.State tells.
func (d *Desk) Restore(ctx context.Context, a Actor, in RestoreInput, now time.Time) (Outcome, error) {
	w := deed{actor: a, act: ActOf(subscriptions.Restored), agency: in.Agency, subject: subjectOf("incident", in.Incident), asked: askedOf(in), now: now}
	out, err := d.restore(ctx, &w, in)
	return out, d.settle(ctx, w, err)
}

func (d *Desk) restore(ctx context.Context, w *deed, in RestoreInput) (Outcome, error) {
	n, err := d.draft(ctx, w, in.draft(), "restore.draft")
	if err != nil {
		return Outcome{Notice: n}, err
	}
	switch {
	case n.State == subscriptions.Published && in.Request != "":
		return d.repeated(ctx, n)
	case n.State == subscriptions.Submitted && in.Request != "":
		return Outcome{Notice: n, Repeated: true}, nil
	case in.two():
		n, err = d.submit(ctx, w, n, SubmitInput{DropFree: in.DropFree})
		return Outcome{Notice: n}, err
	}
	out, err := d.say(ctx, w, n, in.DropFree, in.Request)
	if err == nil && !out.Repeated {
		err = d.releaseWaiting(ctx, w.now)
	}
	return out, err
}

// NoChangeInput keeps a promise when nothing is new.
type NoChangeInput struct {
	Incident   subscriptions.IncidentID
	Agency     subscriptions.AgencyID
	NextUpdate time.Time // zero = in two hours
	Request    string
}

// NoChange publishes that nothing is new, and when the next word comes.
func (d *Desk) NoChange(ctx context.Context, a Actor, in NoChangeInput, now time.Time) (Outcome, error) {
	draft := in.draft()
	return d.Publish(ctx, a, PublishInput{Request: in.Request, Draft: &draft}, now)
}

func (in NoChangeInput) draft() DraftInput {
	return DraftInput{Incident: in.Incident, Agency: in.Agency, Kind: subscriptions.Update, Slots: subscriptions.Slots{NoChange: true, NextUpdate: in.NextUpdate}}
}

// CorrectInput says that something is false: one of our own notices, or what
// others spread.
type CorrectInput struct {
	Notice   subscriptions.NoticeID   // ours; 0 = what others spread
	Incident subscriptions.IncidentID // 0 = none, or that of Notice
	Agency   subscriptions.AgencyID
	Services []subscriptions.ServiceID // empty = all of the agency's
	False    subscriptions.FalseClaim
	Free     subscriptions.Text
	DropFree bool
	Request  string
}

// Correct submits a correction for a second officer.
func (d *Desk) Correct(ctx context.Context, a Actor, in CorrectInput, now time.Time) (subscriptions.Notice, error) {
	w := deed{actor: a, act: ActOf(subscriptions.Correction), agency: in.Agency, subject: subjectOf("notice", in.Notice), asked: askedOf(in), now: now}
	n, err := d.correct(ctx, &w, in)
	return n, d.settle(ctx, w, err)
}

func (d *Desk) correct(ctx context.Context, w *deed, in CorrectInput) (subscriptions.Notice, error) {
	if in.Notice != 0 {
		old, err := d.Store.Notice(ctx, in.Notice)
		if err != nil {
			return old, asRefusal(err)
		}
		in.Incident = old.Incident
		if in.Agency == "" {
			in.Agency = old.Agency
		}
	}
	n, err := d.draft(ctx, w, DraftInput{
		Incident: in.Incident, Kind: subscriptions.Correction, Agency: in.Agency, Corrects: in.Notice, Request: in.Request, dropFree: in.DropFree, forTwo: true,
		Slots: subscriptions.Slots{Services: in.Services, False: in.False, Free: in.Free},
	}, "correct.draft")
	if err != nil || n.State != subscriptions.Draft {
		return n, err
	}
	return d.submit(ctx, w, n, SubmitInput{DropFree: in.DropFree})
}

// ActivateInput opens a ready alternative.
type ActivateInput struct {
	Incident    subscriptions.IncidentID
	Agency      subscriptions.AgencyID
	Alternative subscriptions.AlternativeID
	Services    []subscriptions.ServiceID // empty = all failing ones that were approved
	For         time.Duration             // at most and by default four hours
	NextUpdate  time.Time
	Request     string
}

// Activate opens an alternative that two officers made ready, by one officer,
// for at most four hours; doing it again renews it.
func (d *Desk) Activate(ctx context.Context, a Actor, in ActivateInput, now time.Time) (Outcome, error) {
	w := deed{actor: a, act: ActActivate, agency: in.Agency, subject: string(in.Alternative), asked: askedOf(in), now: now}
	out, err := d.activate(ctx, &w, in)
	return out, d.settle(ctx, w, err)
}

func (d *Desk) activate(ctx context.Context, w *deed, in ActivateInput) (Outcome, error) {
	draft, err := d.activation(ctx, w, in)
	if err != nil {
		return Outcome{}, err
	}
	n, err := d.draft(ctx, w, draft, "activate.draft")
	if err != nil {
		return Outcome{Notice: n}, err
	}
	if n.State == subscriptions.Published {
		return d.repeated(ctx, n)
	}
	return d.say(ctx, w, n, false, in.Request)
}

// activation is the notice that tells the ready way, for the services that may hear it.
func (d *Desk) activation(ctx context.Context, w *deed, in ActivateInput) (DraftInput, error) {
	var err error
	if w.agency, err = d.agencyFor(ctx, w.actor, in.Agency); err != nil {
		return DraftInput{}, err
	}
	if err = d.begin(ctx, w); err != nil {
		return DraftInput{}, err
	}
	if in.For == 0 {
		in.For = subscriptions.ReadyUse
	}
	until := cut(w.now.Add(in.For))
	services, err := d.readyServices(ctx, w, in, until)
	return DraftInput{
		Incident: in.Incident, Kind: subscriptions.AlternativeNotice, Agency: w.agency, Request: in.Request,
		Slots: subscriptions.Slots{Services: services, Alternatives: []subscriptions.AlternativeID{in.Alternative}, Until: until, NextUpdate: in.NextUpdate},
	}, err
}

// readyServices says why the way may not be activated, or for which services.
func (d *Desk) readyServices(ctx context.Context, w *deed, in ActivateInput, until time.Time) ([]subscriptions.ServiceID, error) {
	s, err := d.look(ctx, subscriptions.Notice{Incident: in.Incident}, w.now)
	if err != nil {
		return nil, err
	}
	for _, ready := range s.ready {
		if ready.Alternative != in.Alternative || ready.Agency != w.agency {
			continue
		}
		services := in.Services
		if len(services) == 0 {
			services = intersect(scopeOf(s.nation, s.incident, w.agency), ready.Services)
		}
		if len(services) == 0 {
			return nil, no(5, "join the incident with those services first", "none of the services of %s fails now", in.Alternative)
		}
		if r := readyNow(s.nation, ready, services, until, w.now); r != nil {
			return nil, r
		}
		return services, nil
	}
	return nil, no(5, "make it ready with two officers, or publish it with two", "%s was not made ready by %s", in.Alternative, w.agency)
}
