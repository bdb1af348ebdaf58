package talk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// composed shows what is put together: the words in every language, who hears it
// and how long that takes, and what can be changed or done with it.
func (u *turn) composed(ctx context.Context, w work) ([]page, error) {
	pv, err := u.preview(ctx, w)
	if err != nil {
		return nil, err
	}
	w.Hash = pv.Notice.Hash
	pages := u.previewPages(pv, "Preview: "+kindWord(pv.Notice))
	p := &pages[len(pages)-1]
	p.work = w
	if w.Incident != 0 {
		i, err := u.Desk.Incident(ctx, w.Incident)
		if err != nil {
			return nil, err
		}
		p.was = since(i)
	}
	p.rows = append(u.deeds(w, pv), u.adjustments(w)...)
	p.rows = append(p.rows, u.back(w.Incident)...)
	return pages, nil
}

func (u *turn) preview(ctx context.Context, w work) (desk.Preview, error) {
	switch {
	case w.Answer != nil:
		return u.Desk.PreviewAnswer(ctx, u.actor, *w.Answer, u.now)
	case w.Restore != nil:
		return u.Desk.PreviewDraft(ctx, u.actor, restored(*w.Restore), u.now)
	case w.Open != nil:
		return u.Desk.PreviewOpen(ctx, u.actor, *w.Open, *w.Draft, u.now)
	}
	return u.Desk.PreviewDraft(ctx, u.actor, *w.Draft, u.now)
}

// deeds are the buttons that say it, or give it to a second officer.
func (u *turn) deeds(w work, pv desk.Preview) [][]button {
	label, how := "Publish now", "alone"
	if len(pv.TwoOfficers) > 0 {
		label, how = "Submit to a second officer", "two"
	}
	if len(pv.Findings) > 0 { // what stops it is left out of the words above
		label, how = label+" without this line", how+" drop"
	}
	rows := [][]button{{{label, "say", how}}}
	if w.Draft != nil && len(w.Draft.Slots.Free) > 0 && len(pv.TwoOfficers) > 0 && len(pv.Findings) == 0 {
		rows = append(rows, []button{{"Look at it without the sentence", "unsay", ""}})
	}
	return rows
}

// adjustments are the buttons that change the draft.
func (u *turn) adjustments(w work) [][]button {
	if w.Draft == nil {
		return nil
	}
	var rows [][]button
	if w.Open != nil && !w.Open.Maintenance {
		rows = append(rows, []button{{"Since now", "since", "0"}, {"−30 min", "since", "30"}, {"−1 h", "since", "60"}, {"Since …", "type", "since"}})
	}
	if k := w.Draft.Kind; k == subscriptions.Outage || k == subscriptions.Update || k == subscriptions.AlternativeNotice {
		rows = append(rows, []button{{"Next word +1 h", "next", "1"}, {"+2 h", "next", "2"}, {"+4 h", "next", "4"}, {"At …", "type", "next"}})
	}
	label := "Add a sentence"
	if len(w.Draft.Slots.Free) > 0 {
		label = "Write the sentence anew"
	}
	return append(rows, []button{{label, "type", "free"}})
}

func (u *turn) setSince(ctx context.Context, w work, arg string) ([]page, error) {
	var minutes int
	_, _ = fmt.Sscan(arg, &minutes)
	w.Open.Since = u.now.Add(-time.Duration(minutes) * time.Minute)
	w.Open.SinceApprox = true
	return u.composed(ctx, w)
}

func (u *turn) setNext(ctx context.Context, w work, arg string) ([]page, error) {
	var hours int
	_, _ = fmt.Sscan(arg, &hours)
	w.Draft.Slots.NextUpdate = u.now.Add(time.Duration(hours) * time.Hour)
	return u.composed(ctx, w)
}

func (u *turn) unsay(ctx context.Context, w work, _ string) ([]page, error) {
	w.Draft.Slots.Free = nil
	return u.composed(ctx, w)
}

// typing asks for a text: a time, or the free sentence in one language after the
// other.
func (u *turn) typing(_ context.Context, w work, arg string) ([]page, error) {
	w.Typing = arg
	p := page{work: w, asks: asksTime, rows: [][]button{{{"Leave it as it was", "compose", ""}}}}
	switch arg {
	case "since":
		p.title, p.lines = "Since when?", []string{"Write " + desk.Moments + "."}
	case "next":
		p.title, p.lines = "When do you speak next?", []string{"Write " + desk.Moments + "."}
	default:
		w.Draft.Slots.Free = nil
		p.work = w
		return u.askFree(w)
	}
	return one(p), nil
}

func (u *turn) typedTime(ctx context.Context, w work, text string) ([]page, error) {
	at, err := desk.Moment(text, u.now, u.nation.Location())
	switch {
	case err != nil:
		p, _ := u.typing(ctx, w, w.Typing)
		p[0].lines = append([]string{"That is no time."}, p[0].lines...)
		return p, nil
	case w.Typing == "since":
		w.Open.Since, w.Open.SinceApprox = at, false
	default:
		w.Draft.Slots.NextUpdate = at
	}
	return u.composed(ctx, w)
}

// askFree asks for the sentence in the next language that has none.
func (u *turn) askFree(w work) ([]page, error) {
	for _, l := range u.nation.Languages {
		if _, asked := w.Draft.Slots.Free[l]; asked {
			continue
		}
		w.Typing = string(l)
		p := page{title: "The sentence in " + languageName(l), work: w, asks: asksFree,
			lines: []string{"At most 280 letters, as people will read it. It is not translated by a machine: where you leave it out, readers of that language do not see it."}}
		p.rows = [][]button{{{"Leave it out in " + languageName(l), "skip", ""}}, {{"No sentence", "unsay", ""}}}
		return one(p), nil
	}
	return nil, nil
}

func (u *turn) typedFree(ctx context.Context, w work, text string) ([]page, error) {
	if w.Draft.Slots.Free == nil {
		w.Draft.Slots.Free = subscriptions.Text{}
	}
	w.Draft.Slots.Free[subscriptions.Language(w.Typing)] = text
	if next, err := u.askFree(w); err != nil || next != nil {
		return next, err
	}
	for l, said := range w.Draft.Slots.Free {
		if said == "" {
			delete(w.Draft.Slots.Free, l)
		}
	}
	return u.composed(ctx, w)
}

func (u *turn) skipFree(ctx context.Context, w work, _ string) ([]page, error) {
	return u.typedFree(ctx, w, "")
}

func (u *turn) compose(ctx context.Context, w work, _ string) ([]page, error) {
	return u.composed(ctx, w)
}

func languageName(l subscriptions.Language) string {
	switch l {
	case "en":
		return "English"
	case "sw":
		return "Kiswahili"
	}
	return strings.ToUpper(string(l))
}
