package desk

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// Preview is what a notice would say, how it would look, and whom it would reach.
type Preview struct {
	Notice   subscriptions.Notice // with its sheet; without a number until it is submitted
	Networks []wording.Preview    // every network in every language, as a channel post
	Texts    []wording.Preview    // SMS, X, WhatsApp and radio in every language
	Short    map[subscriptions.Language]string
	Audience []subscriptions.LaneCount
	Finish   subscriptions.Finish
	// Deadline is when it comes too late for something that it says; Late of its
	// people would hear it after that.
	Deadline time.Time `json:",omitzero"`
	Late     int       `json:",omitempty"`
	// Stage is how many are told first, a minute before the others, because it moves
	// money; 0 = all at once.
	Stage int `json:",omitempty"`
	// TwoOfficers says why a second officer is needed; empty = one is enough.
	TwoOfficers []string
	Findings    []subscriptions.Finding
	Missing     []subscriptions.Language    // the free text is not written in these: the line is left out there
	Left        []subscriptions.ServiceID   // a notice beside this one tells these
	Ends        bool                        // the incident ends with it
	Unconfirmed []subscriptions.ServiceID   // wait for a tick and are not told
	Overtakes   []subscriptions.NoticeID    // older notices that it replaces
	Why         SoundReason                 // why it is heard, or is an edit
	State       subscriptions.IncidentState // of the incident after it
}

// Preview shows a stored notice: a submitted one exactly as it was frozen.
func (d *Desk) Preview(ctx context.Context, a Actor, id subscriptions.NoticeID, now time.Time) (Preview, error) {
	w := deed{actor: a, act: ActDraft, subject: subjectOf("notice", id), now: cut(now)}
	n, err := d.readable(ctx, &w, id)
	if err != nil {
		return Preview{}, d.settle(ctx, w, err)
	}
	p, err := d.preview(ctx, n, w.now)
	return p, d.settle(ctx, w, err)
}

// PreviewDraft shows a notice that is not stored.
func (d *Desk) PreviewDraft(ctx context.Context, a Actor, in DraftInput, now time.Time) (Preview, error) {
	w := deed{actor: a, act: ActDraft, agency: in.Agency, subject: subjectOf("incident", in.Incident), now: now}
	var err error
	if w.agency, err = d.agencyFor(ctx, a, in.Agency); err == nil {
		err = d.begin(ctx, &w)
	}
	if err != nil {
		return Preview{}, d.settle(ctx, w, err)
	}
	p, err := d.preview(ctx, subscriptions.Notice{
		Incident: in.Incident, Kind: in.Kind, Agency: w.agency, State: subscriptions.Draft, Slots: typed(in.Slots),
		Corrects: in.Corrects, Author: w.actor.Officer.ID,
	}, w.now)
	return p, d.settle(ctx, w, err)
}

// readable admits every officer of the notice's agency.
func (d *Desk) readable(ctx context.Context, w *deed, id subscriptions.NoticeID) (subscriptions.Notice, error) {
	n, err := d.Store.Notice(ctx, id)
	if err != nil {
		return n, asRefusal(err)
	}
	if w.actor, err = d.fresh(ctx, w.actor); err != nil {
		return n, err
	}
	w.agency = n.Agency
	if err := d.unlocked(ctx, w.actor, w.now); err != nil {
		return n, err
	}
	if !w.actor.Officer.Active() || !slices.Contains(w.actor.Officer.SpeaksFor(), n.Agency) {
		return n, no(4, "ask an officer of that agency", "the notice is %s's", n.Agency)
	}
	return n, nil
}

func (d *Desk) preview(ctx context.Context, n subscriptions.Notice, now time.Time) (Preview, error) {
	s, err := d.look(ctx, n, now)
	if err != nil {
		return Preview{Notice: n, TwoOfficers: n.TwoOfficers}, err
	}
	return d.previewIn(ctx, s, n)
}

// previewIn shows a notice in a situation.
func (d *Desk) previewIn(ctx context.Context, s situation, n subscriptions.Notice) (Preview, error) {
	out := Preview{Notice: n, TwoOfficers: n.TwoOfficers}
	out.Unconfirmed = s.incident.Unconfirmed()
	if n.State == subscriptions.Draft || n.State == subscriptions.Returned {
		if err := d.previewDraft(s, &out); err != nil {
			return out, err
		}
	}
	out.Missing = Missing(s.nation, out.Notice.Slots.Free)
	d.show(s.nation, &out)
	var err error
	if out.Audience, err = d.Audience(ctx, out.Notice, s.now); err != nil {
		return out, err
	}
	if out.Finish, err = d.finish(ctx, out.Audience, s.now); err != nil {
		return out, err
	}
	if SendsMoney(s.nation, out.Notice) {
		out.Stage = subscriptions.StageOf(out.Finish.People)
	}
	if out.Deadline = out.Notice.Slots.UsefulUntil(s.now); !out.Deadline.IsZero() {
		out.Late = out.Finish.Late(out.Deadline.Sub(s.now))
	}
	return out, nil
}

// previewDraft plans and words a draft as submitting it now would.
func (d *Desk) previewDraft(s situation, out *Preview) error {
	n := out.Notice
	n.Slots = withDefaults(n, s.incident, s.now)
	if r := checkSlots(s, n); r != nil {
		if len(r.Findings) == 0 {
			return r
		}
		out.Findings, n.Slots.Free = r.Findings, nil // shown without the line that stops it
	}
	p, r := planFor(s, n)
	if r != nil {
		return r
	}
	n, err := d.freeze(s, p, n)
	if err != nil {
		return err
	}
	_, out.Why = Sound(s.incident, p.after, newest(s.told), n, p.services)
	out.Notice, out.TwoOfficers, out.Left = n, n.TwoOfficers, p.left
	out.Ends, out.State = n.Kind == subscriptions.Restored && p.after.State.Over(), p.after.State
	out.Overtakes = overtaken(s.told, n, p.after)
	return nil
}

// show lets every network and every copied version render the sheet.
func (d *Desk) show(n *subscriptions.Nation, out *Preview) {
	out.Short = map[subscriptions.Language]string{}
	for _, l := range n.Languages {
		words, ok := out.Notice.Sheet.Words[l]
		if !ok {
			continue
		}
		out.Short[l] = words.Short
		out.Texts = append(out.Texts, d.Config.Speaker.Texts(out.Notice.Sheet, l)...)
		if d.Config.Previewer != nil {
			card := d.Config.Speaker.Card(out.Notice.Sheet, wording.Selection{Language: l, Post: true})
			out.Networks = append(out.Networks, d.Config.Previewer.Previews(card, l)...)
		}
	}
}

// Audience counts whom a notice would reach now, by lane: who follows what it is
// about, or, of answers, who was told the end that promised them.
func (d *Desk) Audience(ctx context.Context, n subscriptions.Notice, now time.Time) ([]subscriptions.LaneCount, error) {
	if !n.Answers() {
		return d.Store.Count(ctx, n.Audience, now)
	}
	p, err := d.Store.Progress(ctx, n.Corrects)
	if err != nil {
		return nil, err
	}
	var out []subscriptions.LaneCount
	for _, lane := range slices.Sorted(maps.Keys(p.ByLane)) {
		if told := p.ByLane[lane][subscriptions.Sent] + p.ByLane[lane][subscriptions.Unknown]; told > 0 {
			out = append(out, subscriptions.LaneCount{Lane: lane, Kind: subscriptions.Person, Count: told})
		}
	}
	return out, nil
}

// Missing lists the languages in which a free text is not written: readers of
// these do not see it.
func Missing(n *subscriptions.Nation, free subscriptions.Text) []subscriptions.Language {
	var out []subscriptions.Language
	for _, l := range n.Languages {
		if len(free) > 0 && free[l] == "" {
			out = append(out, l)
		}
	}
	return out
}

// Forecast tells how long it would take to tell whoever breaking these platforms
// reaches, without any notice.
func (d *Desk) Forecast(ctx context.Context, broken []subscriptions.PlatformID, now time.Time) ([]subscriptions.LaneCount, subscriptions.Finish, error) {
	nation, err := d.Nation(ctx)
	if err != nil {
		return nil, subscriptions.Finish{}, err
	}
	impact := map[subscriptions.PlatformID]subscriptions.Impact{}
	for _, p := range broken {
		if _, known := nation.Platform(p); !known {
			return nil, subscriptions.Finish{}, no(2, "arifa catalogue search "+string(p), "there is no platform %q", p)
		}
		impact[p] = subscriptions.Blocked
	}
	var reached []subscriptions.ServiceID
	for _, r := range nation.Reach(impact, nil) {
		if r.Confirmed {
			reached = append(reached, r.Service)
		}
	}
	counts, err := d.Store.Count(ctx, subscriptions.AudienceOf(nation, reached, broken), now)
	if err != nil {
		return nil, subscriptions.Finish{}, err
	}
	f, err := d.finish(ctx, counts, now)
	return counts, f, err
}

// finish asks how fast the lanes are and what they owe already.
func (d *Desk) finish(ctx context.Context, counts []subscriptions.LaneCount, now time.Time) (subscriptions.Finish, error) {
	lanes, err := d.Store.LaneList(ctx)
	if err != nil {
		return subscriptions.Finish{}, err
	}
	waiting, err := d.waiting(ctx)
	if err != nil {
		return subscriptions.Finish{}, err
	}
	known := map[subscriptions.LaneID]bool{}
	var paces []subscriptions.LanePace
	for _, l := range lanes {
		known[l.ID] = true
		paces = append(paces, subscriptions.LanePace{
			Lane: l.ID, PerSecond: d.pace(l), Waiting: waiting[l.ID], Paused: l.Held || l.PausedUntil.After(now), Fee: d.Config.Fee(l.ID),
		})
	}
	for _, c := range counts {
		if !known[c.Lane] {
			known[c.Lane] = true
			paces = append(paces, subscriptions.LanePace{Lane: c.Lane, PerSecond: d.Config.Pace(c.Lane), Waiting: waiting[c.Lane], Fee: d.Config.Fee(c.Lane)})
		}
	}
	return subscriptions.Forecast(counts, paces), nil
}

// pace is what an operator set, or what the settings say.
func (d *Desk) pace(l subscriptions.Lane) float64 {
	if l.Rate > 0 {
		return l.Rate
	}
	return d.Config.Pace(l.ID)
}

// waiting counts what each lane owes of notices that are being sent now.
func (d *Desk) waiting(ctx context.Context) (map[subscriptions.LaneID]int, error) {
	out := map[subscriptions.LaneID]int{}
	view, _, err := d.Store.View(ctx, 0)
	if err != nil {
		return nil, err
	}
	for id := range view.Notices {
		p, err := d.Store.Progress(ctx, id)
		if errors.Is(err, subscriptions.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for lane, states := range p.ByLane {
			out[lane] += states[subscriptions.Pending]
		}
	}
	return out, nil
}

// Show is Preview for a room that officers read together: nobody asks in person.
func (d *Desk) Show(ctx context.Context, id subscriptions.NoticeID, now time.Time) (Preview, error) {
	n, err := d.Store.Notice(ctx, id)
	if err != nil {
		return Preview{}, err
	}
	return d.preview(ctx, n, cut(now))
}

// NameOf is an officer's name, for a room that officers read together.
func (d *Desk) NameOf(ctx context.Context, id subscriptions.OfficerID) string {
	o, err := d.Store.Officer(ctx, id)
	if err != nil {
		return "an officer"
	}
	return o.Name
}
