package desk

import (
	"context"
	"slices"
	"time"

	"arifa/subscriptions"
)

// PreviewRestore shows what Restore would say, and to whom.
func (d *Desk) PreviewRestore(ctx context.Context, a Actor, in RestoreInput, now time.Time) (Preview, error) {
	if in.DropFree {
		in.Free = nil
	}
	return d.PreviewDraft(ctx, a, in.draft(), now)
}

// PreviewRelease shows what Release would say; without words where something else
// makes the services fail, so that nobody is told.
func (d *Desk) PreviewRelease(ctx context.Context, a Actor, in RestoreInput, now time.Time) (Preview, error) {
	i, err := d.Store.Incident(ctx, in.Incident)
	if err != nil {
		return Preview{}, asRefusal(err)
	}
	if in.Agency, err = d.agencyFor(ctx, a, in.Agency); err != nil {
		return Preview{}, err
	}
	end, open := heldBy(i, in.Agency, in.Services)
	if len(end) == 0 || len(open) > 0 {
		return Preview{}, nil
	}
	in.Services, in.Platforms = end, nil
	return d.PreviewRestore(ctx, a, in, now)
}

// PreviewNoChange shows what NoChange would say, and to whom.
func (d *Desk) PreviewNoChange(ctx context.Context, a Actor, in NoChangeInput, now time.Time) (Preview, error) {
	return d.PreviewDraft(ctx, a, in.draft(), now)
}

// PreviewActivate shows what Activate would say, and to whom.
func (d *Desk) PreviewActivate(ctx context.Context, a Actor, in ActivateInput, now time.Time) (Preview, error) {
	w := deed{actor: a, act: ActActivate, agency: in.Agency, subject: string(in.Alternative), now: cut(now)}
	draft, err := d.activation(ctx, &w, in)
	if err != nil {
		return Preview{}, d.settle(ctx, w, err)
	}
	return d.PreviewDraft(ctx, w.actor, draft, now)
}

// PreviewWithdraw shows the fixed sentence that Withdraw would say, and to whom.
func (d *Desk) PreviewWithdraw(ctx context.Context, a Actor, id subscriptions.NoticeID, now time.Time) (Preview, error) {
	w := deed{actor: a, act: ActWithdraw, subject: subjectOf("notice", id), now: cut(now)}
	n, err := d.mine(ctx, &w, id)
	if err != nil {
		return Preview{}, d.settle(ctx, w, err)
	}
	p, err := d.preview(ctx, withdrawal(n, w), w.now)
	return p, d.settle(ctx, w, err)
}

// PreviewConfirm shows what Confirm would say to followers of services that were
// not told yet; without words where nobody is.
func (d *Desk) PreviewConfirm(ctx context.Context, a Actor, in ConfirmInput, now time.Time) (Preview, error) {
	w := deed{actor: a, act: ActConfirm, agency: in.Agency, subject: subjectOf("incident", in.Incident), now: cut(now)}
	p, err := d.previewConfirm(ctx, &w, in)
	return p, d.settle(ctx, w, err)
}

func (d *Desk) previewConfirm(ctx context.Context, w *deed, in ConfirmInput) (Preview, error) {
	var err error
	if w.agency, err = d.agencyFor(ctx, w.actor, in.Agency); err != nil {
		return Preview{}, err
	}
	if err = d.begin(ctx, w); err != nil {
		return Preview{}, err
	}
	s, err := d.look(ctx, subscriptions.Notice{Incident: in.Incident}, w.now)
	if err != nil {
		return Preview{}, err
	}
	s.incident = clone(s.incident)
	fresh, r := tick(s.nation, &s.incident, in, w)
	if r != nil {
		return Preview{}, r
	}
	if !in.Affected || s.incident.State.Over() {
		return Preview{}, nil
	}
	n, tells := late(s, w, intersect(fresh, s.incident.Failing()))
	if !tells {
		return Preview{}, nil
	}
	return d.previewIn(ctx, s, n)
}

// PreviewAlarm shows what "publish" would say on an alarm, and to whom.
func (d *Desk) PreviewAlarm(ctx context.Context, a Actor, in AnswerAlarmInput, now time.Time) (Preview, error) {
	w := deed{actor: a, act: ActAlarmPublish, subject: subjectOf("alarm", in.Alarm), now: cut(now)}
	p, err := d.previewAlarm(ctx, &w, in)
	return p, d.settle(ctx, w, err)
}

func (d *Desk) previewAlarm(ctx context.Context, w *deed, in AnswerAlarmInput) (Preview, error) {
	alarm, err := d.alarmFor(ctx, w, in.Alarm)
	if err != nil {
		return Preview{}, err
	}
	if in.Agency != "" {
		w.agency = in.Agency
	}
	if !alarm.Live() {
		return Preview{}, tooLate(alarm)
	}
	s, r := d.speechFor(ctx, alarm, w.agency, in.NextUpdate, w.now)
	if r == nil {
		r = May(w.actor.Officer, w.act, w.agency)
	}
	if r != nil {
		return Preview{}, r
	}
	return d.rehearse(ctx, s, w.actor.Officer.ID, w.now)
}

// heldBy lists what an agency holds of an incident: what ends with its word, and
// what other claims make fail too.
func heldBy(i subscriptions.Incident, agency subscriptions.AgencyID, of []subscriptions.ServiceID) (end, open []subscriptions.ServiceID) {
	for _, h := range i.Holds {
		asked := len(of) == 0 || slices.Contains(of, h.Service)
		if h.Agency != agency || !h.ReleasedAt.IsZero() || !asked {
			continue
		}
		if s, _ := i.Service(h.Service); s.Held {
			end = append(end, h.Service)
		} else {
			open = append(open, h.Service)
		}
	}
	return end, open
}
