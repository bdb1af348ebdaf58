package desk

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"arifa/subscriptions"
)

// AnswerInput gives the answers that an end promised.
type AnswerInput struct {
	Incident                subscriptions.IncidentID
	Agency                  subscriptions.AgencyID
	Notice                  subscriptions.NoticeID // which end; 0 = the one whose promise falls due first
	Landed, PayAgain, Moved subscriptions.Answer   // what is left out stays as it was said
	Free                    subscriptions.Text
	DropFree                bool
	Request                 string
}

// Answer says what an end had promised to say: to everybody who got that end, and
// to nobody else, also when the incident is over. "Pay again: yes", or a deadline
// that moved, is submitted for a second officer instead. What stays open keeps its
// promise, or gets a new one within two hours.
func (d *Desk) Answer(ctx context.Context, a Actor, in AnswerInput, now time.Time) (Outcome, error) {
	w := deed{actor: a, act: ActOf(subscriptions.Correction), agency: in.Agency, subject: subjectOf("incident", in.Incident), asked: askedOf(in), now: now}
	out, err := d.answer(ctx, &w, in)
	return out, d.settle(ctx, w, err)
}

func (d *Desk) answer(ctx context.Context, w *deed, in AnswerInput) (Outcome, error) {
	var err error
	if w.agency, err = d.agencyFor(ctx, w.actor, in.Agency); err != nil {
		return Outcome{}, err
	}
	if err = d.begin(ctx, w); err != nil {
		return Outcome{}, err
	}
	before, ok, err := d.seen(ctx, w, w.actor.request("answer.draft", in.Request))
	if err != nil {
		return Outcome{}, err
	}
	if ok && len(before.Notices) > 0 {
		if n, err := d.Store.Notice(ctx, before.Notices[0].ID); err != nil || n.State == subscriptions.Published {
			return d.answered(ctx, n, err)
		} else if n.State == subscriptions.Submitted {
			return Outcome{Notice: n, Repeated: true}, nil
		}
	}
	end, err := d.owedEnd(ctx, w, in)
	if err != nil {
		return Outcome{}, err
	}
	slots := end.with(in, cut(w.now))
	slots.Free = in.Free
	two := slots.PayAgain.Value == "yes" || slots.Moved.Value == "yes"
	n, err := d.draft(ctx, w, DraftInput{
		Incident: in.Incident, Kind: subscriptions.Correction, Agency: w.agency, Corrects: end.notice.ID, Slots: slots,
		Request: in.Request, dropFree: in.DropFree, forTwo: two,
	}, "answer.draft")
	if err != nil {
		return Outcome{Notice: n}, err
	}
	if two {
		n, err = d.submit(ctx, w, n, SubmitInput{DropFree: in.DropFree})
		return Outcome{Notice: n}, err
	}
	return d.say(ctx, w, n, in.DropFree, in.Request)
}

func (d *Desk) answered(ctx context.Context, n subscriptions.Notice, err error) (Outcome, error) {
	if err != nil {
		return Outcome{}, asRefusal(err)
	}
	return d.repeated(ctx, n)
}

// owedEnd finds the end whose answers are given.
func (d *Desk) owedEnd(ctx context.Context, w *deed, in AnswerInput) (pledge, error) {
	if in.Landed == (subscriptions.Answer{}) && in.PayAgain == in.Landed && in.Moved == in.Landed {
		return pledge{}, no(6, "say whether payments landed, whether to pay again, or whether a deadline moved", "nothing is answered")
	}
	if _, err := d.Store.Incident(ctx, in.Incident); err != nil {
		return pledge{}, asRefusal(err)
	}
	all, err := d.Store.Notices(ctx, in.Incident)
	if err != nil {
		return pledge{}, err
	}
	ends := pledges(all)
	if in.Notice != 0 {
		for _, p := range ends {
			if p.notice.ID == in.Notice && p.notice.Agency == w.agency {
				return p, nil
			}
		}
		return pledge{}, no(6, "name a restored notice of your agency", "notice id %d is no end that %s has said in incident %d", in.Notice, w.agency, in.Incident)
	}
	if p, ok := dueFirst(ends, w.agency); ok {
		return p, nil
	}
	return pledge{}, no(6, "name the restored notice whose answers have changed", "%s owes no answers in incident %d", w.agency, in.Incident)
}

// pledge is an end with what is answered by now.
type pledge struct {
	notice                  subscriptions.Notice
	landed, payAgain, moved subscriptions.Answer
}

// promise is by when the first open answer is promised; zero = none is open.
func (p pledge) promise() time.Time {
	return openPromise(subscriptions.Slots{Landed: p.landed, PayAgain: p.payAgain, Moved: p.moved})
}

// with lays what an officer answers over what is answered already. A promise that
// has passed is given anew: the notice must say when the answer comes.
func (p pledge) with(in AnswerInput, now time.Time) subscriptions.Slots {
	lay := func(was, is subscriptions.Answer) subscriptions.Answer {
		if is == (subscriptions.Answer{}) {
			is = was
		}
		if is.Value == "" && !is.By.After(now) {
			is.By = cut(now.Add(PromiseAfter))
		}
		return is
	}
	return subscriptions.Slots{Landed: lay(p.landed, in.Landed), PayAgain: lay(p.payAgain, in.PayAgain), Moved: lay(p.moved, in.Moved)}
}

// pledges lists the ends among notices, oldest first, with what later answers
// made of their open questions. What a stopped answer said is not said again, and
// what a stopped end said is open again until the same agency says the end anew.
func pledges(all []subscriptions.Notice) []pledge {
	var out []pledge
	for _, n := range all {
		told := !n.PublishedAt.IsZero() && n.State != subscriptions.Withdrawn
		switch {
		case !told:
		case n.Kind == subscriptions.Restored:
			out = slices.DeleteFunc(out, func(p pledge) bool { return saysAnew(n, p.notice) })
			out = append(out, pledge{n, stands(n, n.Slots.Landed), stands(n, n.Slots.PayAgain), stands(n, n.Slots.Moved)})
		case n.Answers() && n.State != subscriptions.Stopped:
			for k := range out {
				if out[k].notice.ID == n.Corrects {
					out[k].landed, out[k].payAgain, out[k].moved = n.Slots.Landed, n.Slots.PayAgain, n.Slots.Moved
				}
			}
		}
	}
	return out
}

// saysAnew reports whether an end says all of one that was stopped: it is owed to
// everybody who got that one, and answers for both.
func saysAnew(n, stopped subscriptions.Notice) bool {
	return stopped.State == subscriptions.Stopped && n.Agency == stopped.Agency && n.Round == stopped.Round &&
		len(minus(stopped.Audience[subscriptions.ScopeAll], n.Audience[subscriptions.ScopeAll])) == 0
}

// stands is what is left of an end's answer: a stopped one is promised anew.
func stands(end subscriptions.Notice, a subscriptions.Answer) subscriptions.Answer {
	if end.State == subscriptions.Stopped && a.Value != "" {
		return subscriptions.Answer{By: cut(end.StoppedAt.Add(PromiseAfter))}
	}
	return a
}

// dueFirst finds the end whose open answers are due first, of one agency or of
// any (empty).
func dueFirst(all []pledge, agency subscriptions.AgencyID) (pledge, bool) {
	var first pledge
	for _, p := range all {
		by := p.promise()
		if by.IsZero() || agency != "" && p.notice.Agency != agency {
			continue
		}
		if first.notice.ID == 0 || by.Before(first.promise()) {
			first = p
		}
	}
	return first, first.notice.ID != 0
}

// planAnswer leaves the audience empty: nobody but those who got the end is told.
func planAnswer(s situation, n subscriptions.Notice) (plan, *Refusal) {
	p := plan{after: clone(s.incident), slots: n.Slots}
	switch end := s.corrected; {
	case end == nil || end.Kind != subscriptions.Restored || end.PublishedAt.IsZero() || end.State == subscriptions.Withdrawn:
		return p, no(6, "name a restored notice", "only an end that was published promises answers")
	case end.Agency != n.Agency:
		return p, no(4, "that agency answers", "the end is %s's word", end.Agency)
	case s.incident.ID != end.Incident:
		return p, no(0, "name its own incident", "the end belongs to incident %d", end.Incident)
	}
	if r := onlyAnswers(n.Slots); r != nil {
		return p, r
	}
	for _, a := range []subscriptions.Answer{n.Slots.Landed, n.Slots.PayAgain, n.Slots.Moved} {
		if a.Value == "" && !a.By.After(s.now) {
			return p, no(6, "give a later time, or the answer", "an answer that stays open needs a time that has not passed")
		}
	}
	if s.incident.State.Over() {
		p.after.NextUpdate = time.Time{}
		n.PublishedAt = s.now
		if first, ok := dueFirst(pledges(append(slices.Clone(s.told), n)), ""); ok {
			p.after.NextUpdate = first.promise()
		}
	}
	return p, nil
}

// onlyAnswers refuses whatever else is typed into an answer: it reaches those who
// got an end, and one officer may say it, so it carries no way, cause or promise
// of another kind, also none that a later version of the program knows.
func onlyAnswers(rest subscriptions.Slots) *Refusal {
	rest.Landed, rest.PayAgain, rest.Moved, rest.Free = subscriptions.Answer{}, subscriptions.Answer{}, subscriptions.Answer{}, nil
	if b, err := json.Marshal(rest); err != nil || string(b) != "{}" {
		return no(6, "say only the answers, and say the rest in a notice of its own", "an answer holds nothing but answers")
	}
	return nil
}
