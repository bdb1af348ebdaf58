package desk

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"arifa/subscriptions"
)

// DraftInput is a notice as an officer types it.
type DraftInput struct {
	Incident subscriptions.IncidentID // 0 = none: advisory or correction
	Kind     subscriptions.Kind
	Agency   subscriptions.AgencyID // empty = the officer's only one
	Slots    subscriptions.Slots
	Corrects subscriptions.NoticeID
	Request  string // idempotency key; empty = none

	// Of a deed in one call: without its free text, and given to a second officer.
	dropFree, forTwo bool
}

// Draft stores a notice that nobody reads yet, with what was left out filled in.
func (d *Desk) Draft(ctx context.Context, a Actor, in DraftInput, now time.Time) (subscriptions.Notice, error) {
	w := deed{actor: a, act: ActDraft, agency: in.Agency, subject: subjectOf("incident", in.Incident), asked: askedOf(in), now: now}
	n, err := d.draft(ctx, &w, in, string(ActDraft))
	return n, d.settle(ctx, w, err)
}

// draft inserts the notice; with a request that was seen before it returns what
// that one made, as it is now.
func (d *Desk) draft(ctx context.Context, w *deed, in DraftInput, act string) (subscriptions.Notice, error) {
	var none subscriptions.Notice
	var err error
	if w.agency, err = d.agencyFor(ctx, w.actor, in.Agency); err != nil {
		return none, err
	}
	if err = d.begin(ctx, w); err != nil {
		return none, err
	}
	if _, known := table[ActOf(in.Kind)]; !known {
		return none, no(0, "use outage, alternative, update, restored, maintenance, correction or advisory", "there is no kind %q", in.Kind)
	}
	n := subscriptions.Notice{
		Incident: in.Incident, Kind: in.Kind, Agency: w.agency, State: subscriptions.Draft, Slots: typed(in.Slots),
		Corrects: in.Corrects, Author: w.actor.Officer.ID, CreatedAt: w.now,
	}
	if n.Incident != 0 {
		i, err := d.Store.Incident(ctx, n.Incident)
		if err != nil {
			return none, asRefusal(err)
		}
		n.Round, n.Slots = i.Round, withDefaults(n, i, w.now)
	}
	request := w.actor.request(act, in.Request)
	if act != string(ActDraft) {
		if err := d.trial(ctx, n, in, request, w.now); err != nil {
			return none, err
		}
	}
	return d.insert(ctx, w, n, request)
}

// trial plans and words what is published or submitted in one call before
// anything is stored: a refusal leaves no draft behind. What was done before is
// not asked again.
func (d *Desk) trial(ctx context.Context, n subscriptions.Notice, in DraftInput, request string, now time.Time) error {
	if _, done, _ := d.seen(ctx, &deed{}, request); done { // what was asked is compared when it is stored
		return nil
	}
	if in.dropFree {
		n.Slots.Free = nil
	}
	s, err := d.look(ctx, n, now)
	if err != nil {
		return err
	}
	n.Slots = withDefaults(n, s.incident, now)
	if r := checkSlots(s, n); r != nil {
		return r
	}
	p, r := planFor(s, n)
	if r != nil {
		return r
	}
	if n, err = d.freeze(s, p, n); err != nil {
		return err
	}
	if len(n.TwoOfficers) > 0 && !in.forTwo {
		return needsTwo(s, n)
	}
	if in.forTwo {
		o, err := d.Store.Officer(ctx, n.Author)
		if err != nil {
			return asRefusal(err)
		}
		return d.herOwn(ctx, o)
	}
	return nil
}

// insert stores a new draft; with a request seen before it returns what that one
// made, as it is now.
func (d *Desk) insert(ctx context.Context, w *deed, n subscriptions.Notice, request string) (subscriptions.Notice, error) {
	line := w.line(string(n.Kind))
	line.Action = string(ActDraft)
	c, err := d.commit(ctx, w, subscriptions.Change{Request: request, Notices: []subscriptions.Notice{n}, Line: line, Now: w.now})
	if err != nil {
		return n, asRefusal(err)
	}
	w.subject = subjectOf("notice", c.Notices[0].ID)
	if c.Repeated {
		return d.Store.Notice(ctx, c.Notices[0].ID)
	}
	return c.Notices[0], nil
}

// Edit replaces the slots of a draft or of a returned notice.
func (d *Desk) Edit(ctx context.Context, a Actor, id subscriptions.NoticeID, slots subscriptions.Slots, now time.Time) (subscriptions.Notice, error) {
	w := deed{actor: a, act: ActDraft, subject: subjectOf("notice", id), now: now}
	n, err := d.edit(ctx, &w, id, slots)
	return n, d.settle(ctx, w, err)
}

func (d *Desk) edit(ctx context.Context, w *deed, id subscriptions.NoticeID, slots subscriptions.Slots) (subscriptions.Notice, error) {
	n, err := d.mine(ctx, w, id)
	if err != nil {
		return n, err
	}
	if n.State != subscriptions.Draft && n.State != subscriptions.Returned {
		return n, no(2, "draft a new notice", "notice %s is %s: its words are frozen", show(n), n.State)
	}
	// Who changes the words is their author: an approver who edits may not approve.
	n.Slots, n.Author, n.Beside = typed(slots), w.actor.Officer.ID, nil
	c, err := d.Store.Commit(ctx, subscriptions.Change{Notices: []subscriptions.Notice{n}, Line: w.line("slots changed"), Now: w.now})
	if err != nil {
		return n, asRefusal(err)
	}
	return c.Notices[0], nil
}

// Discard lays a draft aside for good: it can never be submitted or published.
func (d *Desk) Discard(ctx context.Context, a Actor, id subscriptions.NoticeID, now time.Time) (subscriptions.Notice, error) {
	w := deed{actor: a, act: ActDiscard, subject: subjectOf("notice", id), now: now}
	n, err := d.discard(ctx, &w, id)
	return n, d.settle(ctx, w, err)
}

func (d *Desk) discard(ctx context.Context, w *deed, id subscriptions.NoticeID) (subscriptions.Notice, error) {
	n, err := d.mine(ctx, w, id)
	switch {
	case err != nil:
		return n, err
	case Discarded(n):
		return n, nil
	case n.State == subscriptions.Submitted:
		return n, no(2, "stop it, or let an approver return it first", "notice %s waits for an approver", show(n))
	case n.State != subscriptions.Draft && n.State != subscriptions.Returned:
		return n, no(2, "stop or withdraw it", "notice %s is %s: people may have read it", show(n), n.State)
	}
	n.State, n.StoppedAt = subscriptions.Stopped, w.now
	c, err := d.Store.Commit(ctx, subscriptions.Change{Notices: []subscriptions.Notice{n}, Line: w.line("nobody has read it"), Now: w.now})
	if err != nil {
		return n, asRefusal(err)
	}
	return c.Notices[0], nil
}

// Discarded reports whether a notice was laid aside before anybody could read it.
func Discarded(n subscriptions.Notice) bool {
	return n.State == subscriptions.Stopped && n.PublishedAt.IsZero()
}

// mine reads a notice and asks whether the officer may do the deed with it.
func (d *Desk) mine(ctx context.Context, w *deed, id subscriptions.NoticeID) (subscriptions.Notice, error) {
	n, err := d.Store.Notice(ctx, id)
	if err != nil {
		return n, asRefusal(err)
	}
	w.agency, w.subject = n.Agency, "notice "+show(n)
	return n, d.begin(ctx, w)
}

// show names a notice to an officer.
func show(n subscriptions.Notice) string {
	if n.Key != "" {
		return string(n.Key)
	}
	return Nickname(n.ID)
}

// Nickname is what a draft is called, which has no number yet: "d28". It can be
// taken for no notice's number.
func Nickname(id subscriptions.NoticeID) string { return fmt.Sprintf("d%d", id) }

// Notice finds a notice by its number ("2025-0103-1", "0103-1": the newest) or a
// draft by its nickname; subscriptions.ErrNotFound. A bare number is refused: 33
// may mean the day's 33rd notice, or another one's row.
func (d *Desk) Notice(ctx context.Context, name string) (subscriptions.Notice, error) {
	name = strings.TrimSpace(name)
	if strings.Contains(name, "-") {
		found, err := d.Store.NoticesByKey(ctx, name)
		if err != nil {
			return subscriptions.Notice{}, err
		}
		if len(found) == 0 {
			return subscriptions.Notice{}, subscriptions.ErrNotFound
		}
		return found[0], nil
	}
	if _, err := strconv.ParseUint(name, 10, 64); err == nil {
		return subscriptions.Notice{}, no(0, fmt.Sprintf("type a notice's whole number, which ends in -%s, or d%s for a draft", name, name), "%s alone names no notice", name)
	}
	row, drafted := strings.CutPrefix(strings.ToLower(name), "d")
	id, err := strconv.ParseInt(row, 10, 64)
	if err != nil || !drafted {
		return subscriptions.Notice{}, subscriptions.ErrNotFound
	}
	return d.NoticeByID(ctx, subscriptions.NoticeID(id))
}

// NoticeByID finds a notice by the id that a face keeps; subscriptions.ErrNotFound.
func (d *Desk) NoticeByID(ctx context.Context, id subscriptions.NoticeID) (subscriptions.Notice, error) {
	return d.Store.Notice(ctx, id)
}
