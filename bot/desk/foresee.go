package desk

import (
	"context"
	"time"

	"arifa/subscriptions"
)

// unstored stands for the number of an incident that nobody has opened yet.
const unstored subscriptions.IncidentID = -1

// PreviewOpen shows the first notice of an incident that is not opened yet: an
// officer on the phone sees the words before anything is stored.
func (d *Desk) PreviewOpen(ctx context.Context, a Actor, open OpenInput, in DraftInput, now time.Time) (Preview, error) {
	w := deed{actor: a, act: ActOpen, agency: open.Agency, subject: join(open.Platforms) + join(open.Services), now: now}
	p, err := d.previewOpen(ctx, &w, open, in)
	return p, d.settle(ctx, w, err)
}

func (d *Desk) previewOpen(ctx context.Context, w *deed, open OpenInput, in DraftInput) (Preview, error) {
	var err error
	if w.agency, err = d.agencyFor(ctx, w.actor, open.Agency); err != nil {
		return Preview{}, err
	}
	if err = d.begin(ctx, w); err != nil {
		return Preview{}, err
	}
	s, err := d.look(ctx, subscriptions.Notice{}, w.now)
	if err != nil {
		return Preview{}, err
	}
	c := open.claim(w.agency, w.now)
	i, r := newIncident(s.nation, c, open, w.now)
	if r == nil {
		r = c.taken(s.others)
	}
	if r != nil {
		return Preview{}, r
	}
	i.ID = unstored
	s.incident = i
	return d.previewIn(ctx, s, subscriptions.Notice{
		Incident: unstored, Round: 1, Kind: in.Kind, Agency: w.agency, State: subscriptions.Draft, Slots: typed(in.Slots), Author: w.actor.Officer.ID,
	})
}

// PreviewAnswer shows what Answer would say, and to whom.
func (d *Desk) PreviewAnswer(ctx context.Context, a Actor, in AnswerInput, now time.Time) (Preview, error) {
	w := deed{actor: a, act: ActOf(subscriptions.Correction), agency: in.Agency, subject: subjectOf("incident", in.Incident), now: now}
	var err error
	if w.agency, err = d.agencyFor(ctx, a, in.Agency); err == nil {
		err = d.begin(ctx, &w)
	}
	var end pledge
	if err == nil {
		end, err = d.owedEnd(ctx, &w, in)
	}
	if err != nil {
		return Preview{}, d.settle(ctx, w, err)
	}
	slots := end.with(in, w.now)
	slots.Free = in.Free
	p, err := d.preview(ctx, subscriptions.Notice{
		Incident: in.Incident, Kind: subscriptions.Correction, Agency: w.agency, State: subscriptions.Draft, Slots: slots,
		Corrects: end.notice.ID, Author: w.actor.Officer.ID,
	}, w.now)
	return p, d.settle(ctx, w, err)
}

// Asked is one officer who was called for a thing.
type Asked struct {
	Name   string
	Chats  int       // that the officer has linked
	SentAt time.Time // when the first of them took the call; zero = not yet
	SeenAt time.Time // when the officer opened what it is about
}

// Asked lists who was called to approve a notice as it was submitted last, and who
// has opened it, so that its author knows whom to ring up.
func (d *Desk) Asked(ctx context.Context, n subscriptions.Notice) ([]Asked, error) {
	calls, err := d.Store.CallsAbout(ctx, subjectOf("notice", n.ID))
	if err != nil {
		return nil, err
	}
	all, err := d.Store.Officers(ctx)
	if err != nil {
		return nil, err
	}
	var out []Asked
	for _, o := range all {
		a := Asked{Name: o.Name, Chats: len(chatsOf(o))}
		asked := false
		for _, c := range calls {
			if c.Officer != o.ID || c.Kind != string(EventApprove) || c.At.Before(n.SubmittedAt) {
				continue
			}
			asked = true
			a.SentAt, a.SeenAt = earlier(a.SentAt, c.SentAt), earlier(a.SeenAt, c.SeenAt)
		}
		if asked {
			out = append(out, a)
		}
	}
	return out, nil
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Seen notes that an officer opened what she was called for.
func (d *Desk) Seen(ctx context.Context, a Actor, id subscriptions.NoticeID, now time.Time) error {
	return d.Store.SeeCalls(ctx, a.Officer.ID, subjectOf("notice", id), cut(now))
}
