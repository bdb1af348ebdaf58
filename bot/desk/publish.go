package desk

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"arifa/subscriptions"
)

// PublishInput names a stored draft, or brings a new one.
type PublishInput struct {
	Notice   subscriptions.NoticeID
	Draft    *DraftInput
	DropFree bool
	Request  string
}

// Outcome is what a published notice led to.
type Outcome struct {
	Notice   subscriptions.Notice
	Beside   *subscriptions.Notice  // the notice to those whom Notice leaves out, if any
	Others   []subscriptions.Notice // more such, where several agencies hold services
	Incident subscriptions.Incident
	Ping     []subscriptions.OfficerID // who were asked "Wrong: stop it"
	Repeated bool                      // the request had been carried out before
}

// Publish submits and publishes in one call what one officer may say alone.
func (d *Desk) Publish(ctx context.Context, a Actor, in PublishInput, now time.Time) (Outcome, error) {
	w := deed{actor: a, act: ActSubmit, subject: subjectOf("notice", in.Notice), asked: askedOf(in), now: now}
	out, err := d.publish(ctx, &w, in)
	return out, d.settle(ctx, w, err)
}

func (d *Desk) publish(ctx context.Context, w *deed, in PublishInput) (Outcome, error) {
	n, err := d.toPublish(ctx, w, in)
	if err != nil {
		return Outcome{Notice: n}, err
	}
	if n.State == subscriptions.Published && in.Request != "" {
		return d.repeated(ctx, n)
	}
	return d.say(ctx, w, n, in.DropFree, in.Request)
}

func (d *Desk) toPublish(ctx context.Context, w *deed, in PublishInput) (subscriptions.Notice, error) {
	if in.Draft == nil {
		n, err := d.mine(ctx, w, in.Notice)
		w.act = ActOf(n.Kind)
		return n, err
	}
	draft := *in.Draft
	draft.Request, draft.dropFree = in.Request, in.DropFree
	w.act, w.agency, w.subject = ActOf(draft.Kind), draft.Agency, subjectOf("incident", draft.Incident)
	return d.draft(ctx, w, draft, "publish.draft")
}

func (d *Desk) repeated(ctx context.Context, n subscriptions.Notice) (Outcome, error) {
	out := Outcome{Notice: n, Repeated: true}
	if n.Incident == 0 {
		return out, nil
	}
	var err error
	out.Incident, err = d.Store.Incident(ctx, n.Incident)
	return out, err
}

// say publishes a draft that one officer may publish. Somebody else's change
// meanwhile is read and the decision made again.
func (d *Desk) say(ctx context.Context, w *deed, n subscriptions.Notice, dropFree bool, request string) (Outcome, error) {
	if r := May(w.actor.Officer, ActOf(n.Kind), n.Agency); r != nil {
		return Outcome{Notice: n}, r
	}
	w.act = ActOf(n.Kind)
	for try := 0; ; try++ {
		// Asked each time: what somebody else has stopped, published or submitted
		// meanwhile stays so.
		if n.State != subscriptions.Draft && n.State != subscriptions.Returned {
			if _, done, err := d.seen(ctx, w, w.actor.request("publish", request)); done && err == nil {
				return d.repeated(ctx, n)
			}
			return Outcome{Notice: n}, no(2, "draft a new notice", "notice %s is %s already", show(n), n.State)
		}
		if dropFree {
			n.Slots.Free = nil
		}
		frozen, s, p, err := d.prepare(ctx, w, n)
		if err == nil && len(frozen.TwoOfficers) > 0 {
			err = needsTwo(s, frozen)
		}
		if err != nil {
			return Outcome{Notice: frozen}, err
		}
		frozen.SubmittedAt = w.now
		out, err := d.release(ctx, w, frozen, s, p, request)
		if !errors.Is(err, subscriptions.ErrConflict) || try == 3 {
			return out, asRefusal(err)
		}
		if n, err = d.Store.Notice(ctx, n.ID); err != nil {
			return out, asRefusal(err)
		}
	}
}

func needsTwo(s situation, n subscriptions.Notice) *Refusal {
	r := no(4, "submit it: another officer of the agency approves with six digits", "two officers are needed: %s", strings.Join(n.TwoOfficers, "; "))
	for _, l := range s.nation.Languages {
		if two, found := subscriptions.FreeTextNeedsTwo(n.Slots.Free[l], s.nation); two {
			r.Findings = append(r.Findings, found...)
		}
	}
	if len(r.Findings) > 0 {
		r.Do = "publish without this line, or " + r.Do
	}
	return r
}

// release makes a frozen notice public, in one transaction with its incident,
// the notices it overtakes and the audit line.
func (d *Desk) release(ctx context.Context, w *deed, n subscriptions.Notice, s situation, p plan, request string) (Outcome, error) {
	out := Outcome{}
	var err error
	if len(p.left) > 0 {
		if s, err = d.tellLeft(ctx, w, n, s, p, request, &out); err != nil {
			return out, err
		}
		if len(p.services) == 0 {
			return d.endQuietly(ctx, w, n, s, p, out)
		}
		if s, p, err = d.again(ctx, s, n); err != nil {
			return out, err
		}
	}
	if n.Incident != 0 {
		if err := d.noteFirst(ctx, &p.after, w.now); err != nil {
			return out, err
		}
	}
	n.State, n.PublishedAt, n.ExpiresAt = subscriptions.Published, w.now, expiry(n.Kind, w.now)
	if n.Stage, err = d.stage(ctx, s.nation, n, w.now); err != nil {
		return out, err
	}
	w.subject = "notice " + show(n)
	var asked []summoned
	if n.Approver == 0 {
		asked = append(asked, d.summon(ctx, Event{Kind: EventStopIt, Agency: n.Agency, Incident: n.Incident, Notice: n.ID, Key: n.Key, At: w.now}, n.Author))
	}
	c := subscriptions.Change{
		Request: w.actor.request("publish", request), Summons: rows(asked), Notices: []subscriptions.Notice{n},
		Overtakes: overtaken(s.told, n, p.after), HighHarm: highHarm(s.nation), Line: w.line(detailOf(n)), Now: w.now,
	}
	if n.Incident != 0 && (n.Kind != subscriptions.Correction || n.Answers()) {
		c.Incident = &p.after
	}
	c, err = d.commit(ctx, w, c)
	if err != nil {
		return out, err
	}
	out.Notice, out.Repeated = c.Notices[0], c.Repeated
	if c.Incident != nil {
		out.Incident = *c.Incident
	}
	d.Log.Info("notice published", "notice", string(out.Notice.Key), "kind", string(n.Kind), "agency", string(n.Agency), "services", len(p.services), "sound", n.Sound)
	if !c.Repeated {
		d.called(asked)
		for _, s := range asked {
			out.Ping = s.To
		}
		d.ended(ctx, out.Incident, w.now)
	}
	return out, nil
}

// again plans once more on the incident as the notice beside has left it.
func (d *Desk) again(ctx context.Context, s situation, n subscriptions.Notice) (situation, plan, error) {
	fresh, err := d.look(ctx, n, s.now)
	if err != nil {
		return s, plan{}, err
	}
	p, r := planFor(fresh, n)
	if r != nil {
		return fresh, p, r
	}
	if !sameSet(p.services, n.Audience[subscriptions.ScopeAll]) {
		return fresh, p, subscriptions.ErrConflict
	}
	return fresh, p, nil
}

// highHarm lists the services whose first outage goes before others (rule 8).
func highHarm(n *subscriptions.Nation) []subscriptions.ServiceID {
	var out []subscriptions.ServiceID
	for _, s := range n.Services {
		if s.HighHarm {
			out = append(out, s.ID)
		}
	}
	return out
}

func detailOf(n subscriptions.Notice) string {
	text := fmt.Sprintf("%s %s, %s", n.Kind, n.Hash, count(len(n.Audience[subscriptions.ScopeAll]), "service"))
	if n.Answers() {
		text = fmt.Sprintf("%s %s, the answers that notice id %d promised", n.Kind, n.Hash, n.Corrects)
	}
	if n.Sound {
		text += ", heard"
	}
	if len(n.Slots.Alternatives) > 0 {
		text += ", other ways " + join(n.Slots.Alternatives)
	}
	return text
}

// expiry is when what is still unsent is not worth sending: an end and a
// correction must arrive late rather than never, and whether an alert is still
// true is asked before each request anyway.
func expiry(k subscriptions.Kind, now time.Time) time.Time {
	if k == subscriptions.Advisory {
		return now.Add(12 * time.Hour)
	}
	return now.Add(7 * 24 * time.Hour)
}

// endQuietly stores what an end does when nobody's service ends with it: all go
// on failing, and the notice beside has told them why. The draft stays unpublished.
func (d *Desk) endQuietly(ctx context.Context, w *deed, n subscriptions.Notice, s situation, p plan, out Outcome) (Outcome, error) {
	i, err := d.Store.Incident(ctx, n.Incident)
	if err != nil {
		return out, err
	}
	p.after.Revision, p.after.LastNotice, p.after.FirstNotice = i.Revision, i.LastNotice, i.FirstNotice
	c, err := d.Store.Commit(ctx, subscriptions.Change{
		Incident: &p.after, Line: w.line("the claim ended; all of its services go on failing: " + join(p.left)), Now: w.now,
	})
	if err != nil {
		return out, err
	}
	out.Notice, out.Beside, out.Incident = *out.Beside, nil, *c.Incident
	if len(out.Others) > 0 {
		out.Beside, out.Others = &out.Others[0], out.Others[1:]
	}
	return out, nil
}

// stillPublishable is asked of a frozen notice right before it is published: does
// it still fit what is true, and may everything in it still be told?
func stillPublishable(s situation, p plan, n subscriptions.Notice) *Refusal {
	const again = "submit it again"
	if r := checkSlots(s, n); r != nil {
		return r
	}
	if !sameSet(p.services, n.Audience[subscriptions.ScopeAll]) {
		return no(2, again, "the incident changed since it was submitted: other services are affected now")
	}
	if n.Kind.Chain() && n.Round != s.incident.Round {
		return no(2, again, "the incident was reopened since it was submitted")
	}
	for _, t := range s.told {
		if n.Kind.Chain() && t.Kind == subscriptions.Restored && t.State == subscriptions.Published && t.PublishedAt.After(n.SubmittedAt) {
			return no(2, again, "notice %s has since said that something works again; these words do not know it", show(t))
		}
	}
	for _, id := range n.Sheet.Entries {
		if e, ok := s.nation.Entry(id); !ok || e.Retired || !e.Publishable {
			return no(5, again, "%s may not be told any more", id)
		}
	}
	for service, copies := range n.Sheet.Copy {
		for _, c := range copies {
			if e, _ := s.nation.Entry(c.Entry); e.Verify || e.Value != c.Value || e.ExpectName != c.Name {
				return no(5, again, "%s for %s is not what it was when it was submitted", c.Entry, service)
			}
		}
	}
	return nil
}
