package talk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// question is one of the three at the end. Its answer "open" promises one.
type question struct {
	key, ask, yes, no string
}

var questions = []question{
	{"landed", "Did payments that had left arrive?", "Yes, they arrived", "No"},
	{"again", "Should people pay again?", "Yes: a second officer agrees", "No"},
	{"moved", "Did a deadline move?", "Yes: a second officer agrees", "No"},
}

// restore opens the three questions.
func (u *turn) restore(ctx context.Context, w work, _ string) ([]page, error) {
	w.Restore = &desk.RestoreInput{Incident: w.Incident, Agency: w.Agency}
	return u.asking(ctx, w, 0)
}

// release is the agency's own end of what it held.
func (u *turn) release(ctx context.Context, w work, _ string) ([]page, error) {
	i, err := u.Desk.Incident(ctx, w.Incident)
	if err != nil {
		return nil, err
	}
	w.Restore, w.Release = &desk.RestoreInput{Incident: w.Incident, Agency: w.Agency, Services: u.heldBy(i, w.Agency)}, true
	return u.asking(ctx, w, 0)
}

// answerNow opens the questions that an end had left open.
func (u *turn) answerNow(ctx context.Context, w work, _ string) ([]page, error) {
	w.Answer = &desk.AnswerInput{Incident: w.Incident, Agency: w.Agency}
	return u.asking(ctx, w, 0)
}

// asking shows question k.
func (u *turn) asking(_ context.Context, w work, k int) ([]page, error) {
	q := questions[k]
	title := "It works again"
	if w.Answer != nil {
		title = "What was promised"
	}
	p := page{title: fmt.Sprintf("%s: question %d of %d", title, k+1, len(questions)), lines: []string{q.ask}, work: w, was: u.card.Was}
	p.rows = [][]button{{{q.no, "answered", q.key + " no"}}, {{q.yes, "answered", q.key + " yes"}}, {{"Not known yet: we say within 2 hours", "answered", q.key + " open"}}}
	if w.Answer != nil {
		p.rows[2] = []button{{"As it was said before", "answered", q.key + " open"}}
	}
	p.rows = append(p.rows, u.back(w.Incident)...)
	return one(p), nil
}

// answered takes one answer and asks the next; after the last one the words, the
// services and the people are shown.
func (u *turn) answered(ctx context.Context, w work, arg string) ([]page, error) {
	key, value, _ := strings.Cut(arg, " ")
	a := subscriptions.Answer{}
	if value != "open" {
		a.Value = value
	}
	k := slices.IndexFunc(questions, func(q question) bool { return q.key == key })
	into := w.answers()[max(0, k)]
	*into = a
	if k+1 < len(questions) {
		return u.asking(ctx, w, k+1)
	}
	return u.ending(ctx, w)
}

func (w work) answers() []*subscriptions.Answer {
	if w.Answer != nil {
		return []*subscriptions.Answer{&w.Answer.Landed, &w.Answer.PayAgain, &w.Answer.Moved}
	}
	return []*subscriptions.Answer{&w.Restore.Landed, &w.Restore.PayAgain, &w.Restore.Moved}
}

// restored is the draft that an end makes, for its preview.
func restored(in desk.RestoreInput) desk.DraftInput {
	return desk.DraftInput{Incident: in.Incident, Agency: in.Agency, Kind: subscriptions.Restored, Slots: subscriptions.Slots{
		Platforms: in.Platforms, Services: in.Services, Landed: in.Landed, PayAgain: in.PayAgain, Moved: in.Moved}}
}

// ending names the services and the people before an end goes.
func (u *turn) ending(ctx context.Context, w work) ([]page, error) {
	pages, err := u.composed(ctx, w)
	if err != nil || w.Restore == nil {
		return pages, err
	}
	pv, err := u.preview(ctx, w)
	if err != nil {
		return nil, err
	}
	p := &pages[len(pages)-1]
	ends := pv.Notice.Audience[subscriptions.ScopeAll]
	lines := []string{fmt.Sprintf("You say that %s again: %s.", works(len(ends)), u.names(ends, 10))}
	if len(pv.Left) > 0 {
		lines = append(lines, "These go on failing, and their followers read why: "+u.names(pv.Left, 6)+".")
	}
	if pv.Ends {
		lines = append(lines, "The incident ends with it.")
	}
	p.lines = append(p.lines, lines...)
	p.rows[0][0].label = strings.Replace(p.rows[0][0].label, "Publish now", fmt.Sprintf("Yes: %s again", works(len(ends))), 1)
	if !w.Release {
		only := []button{{"Only some services …", "some", ""}}
		p.rows = append(p.rows[:1], append([][]button{only}, p.rows[1:]...)...)
	}
	return pages, nil
}

func works(n int) string {
	if n == 1 {
		return "1 service works"
	}
	return fmt.Sprintf("%d services work", n)
}

// some picks the services that come back alone.
func (u *turn) some(ctx context.Context, w work, _ string) ([]page, error) {
	w.Restore.Services, w.Restore.Platforms = nil, nil
	pv, err := u.preview(ctx, w)
	if err != nil {
		return nil, err
	}
	w.Pick, w.Services, w.Page, w.Typing = pv.Notice.Audience[subscriptions.ScopeAll], nil, 0, "restore"
	return u.picking(ctx, w)
}
