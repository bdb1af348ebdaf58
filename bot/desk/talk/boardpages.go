package talk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// roomPage is a page whose buttons begin at something, for every officer.
type roomPage struct {
	page
	starts [][]startButton
}

type startButton struct {
	label string
	start Start
}

func (p *roomPage) row(buttons ...startButton) {
	p.starts = append(p.starts, buttons)
	var labels []button // so that the digest knows them
	for _, b := range buttons {
		labels = append(labels, button{label: b.label})
	}
	p.rows = append(p.rows, labels)
}

func (p roomPage) card() wording.Card {
	c := wording.Card{Title: p.title, Lines: p.lines, Footer: p.foot}
	for _, row := range p.starts {
		var choices []wording.Choice
		for _, b := range row {
			choices = append(choices, wording.Choice{Label: b.label, Data: b.start.Data()})
		}
		c.Choices = append(c.Choices, choices)
	}
	return c
}

// allWords are the words of a notice in every language.
func (u *turn) allWords(n subscriptions.Notice) (lines []string) {
	for _, l := range u.nation.Languages {
		if _, ok := n.Sheet.Words[l]; ok {
			lines = append(append(lines, u.words(n, l)...), "")
		}
	}
	return lines
}

// approval is the request for a second officer: the words, who hears them, and what
// has changed since they were returned.
func (u *turn) approval(ctx context.Context, c subscriptions.Call, f facts) (p roomPage, over bool, err error) {
	n, err := u.noticeOf(ctx, c)
	if err != nil {
		return p, false, err
	}
	head := fmt.Sprintf("%s by %s, submitted by %s.", upper(kindWord(n)), u.agency(n.Agency), u.Desk.NameOf(ctx, n.Submitter))
	if n.State != subscriptions.Submitted || !n.SubmittedAt.Equal(f.Submitted) {
		p.title, p.lines = show(n)+" "+u.became(ctx, n, f), []string{head}
		if n.State == subscriptions.Returned {
			p.lines = append(p.lines, "Reason: "+n.Return)
		}
		p.row(startButton{"Read it", Start{Do: "notice", Notice: n.ID}})
		return p, true, nil
	}
	pv, err := u.Desk.Show(ctx, n.ID, u.now)
	if err != nil {
		return p, false, err
	}
	p.title = show(n) + " waits for a second officer"
	p.lines = append([]string{head}, u.marked(ctx, c, f)...)
	p.lines = append(p.lines, u.previewFacts(pv)...)
	p.row(startButton{"Approve", Start{Do: "approve", Notice: n.ID, Hash: n.Hash}}, startButton{"Return", Start{Do: "return", Notice: n.ID, Hash: n.Hash}},
		startButton{"Stop", Start{Do: "stop", Notice: n.ID}}, startButton{"Read it", Start{Do: "notice", Notice: n.ID}})
	p.foot = []string{"Another person than its author approves it, with six digits, and exactly these words: " + n.Hash[:min(8, len(n.Hash))] + "."}
	return p, false, nil
}

// became says what has become of a round that waits no more.
func (u *turn) became(ctx context.Context, n subscriptions.Notice, f facts) string {
	switch {
	case n.State == subscriptions.Submitted:
		return "was submitted anew"
	case n.State == subscriptions.Published && n.Approver != 0:
		return "was approved by " + u.Desk.NameOf(ctx, n.Approver) + " and is published"
	}
	return "is " + stateWord(n)
}

// marked are the words of this round. Where an earlier round was returned, lines
// that are new are marked, and those that are gone are told.
func (u *turn) marked(ctx context.Context, c subscriptions.Call, f facts) []string {
	all, err := u.Calls.CallsAbout(ctx, c.About)
	if err != nil {
		return f.Words
	}
	var before *facts
	for _, o := range all {
		var old facts
		if o.Kind == boardApprove && o.Chat == c.Chat && json.Unmarshal(o.Facts, &old) == nil && old.Submitted.Before(f.Submitted) {
			before = &old
		}
	}
	if before == nil {
		return f.Words
	}
	var out []string
	for _, line := range f.Words {
		if line != "" && !slices.Contains(before.Words, line) {
			line = "CHANGED: " + line
		}
		out = append(out, line)
	}
	for _, line := range before.Words {
		if line != "" && !slices.Contains(f.Words, line) {
			out = append(out, "NO MORE: "+line)
		}
	}
	return out
}

// boardIncident is one incident with the newest word and how far that has come.
func (u *turn) boardIncident(ctx context.Context, c subscriptions.Call) (p roomPage, over bool, err error) {
	var id int64
	if _, err := fmt.Sscanf(c.About, "incident %d", &id); err != nil {
		return p, true, ErrOver
	}
	i, err := u.Desk.Incident(ctx, subscriptions.IncidentID(id))
	if err != nil {
		return p, false, err
	}
	name := fmt.Sprintf("Incident %d: %s", i.ID, u.what(i))
	p.title = clip(name, 140)
	p.lines = []string{u.stateLine(i), u.promise(i)}
	over = i.State.Over() && i.NextUpdate.IsZero()
	if i.LastNotice == 0 {
		p.lines = append(p.lines, "Nobody has been told yet.")
		p.row(startButton{"Say the first word", Start{Do: "first", Incident: i.ID}}, startButton{"Open it", Start{Do: "incident", Incident: i.ID}})
		return p, over, nil
	}
	n, err := u.notice(ctx, i.LastNotice)
	if err != nil {
		return p, false, err
	}
	lines, done, err := u.reached(ctx, n)
	if err != nil {
		return p, false, err
	}
	for _, line := range lines {
		if !slices.Contains(p.lines, line) { // the promise is told once
			p.lines = append(p.lines, line)
		}
	}
	over = over && done
	if i.State.Over() {
		if !over && !i.NextUpdate.IsZero() {
			p.row(startButton{"Answer what was promised", Start{Do: "answer", Incident: i.ID}})
		}
		p.row(startButton{"Correct", Start{Do: "correct", Notice: n.ID}}, startButton{"Open it", Start{Do: "incident", Incident: i.ID}})
		return p, over, nil
	}
	p.row(startButton{"Restored", Start{Do: "restore", Incident: i.ID}}, startButton{"Update", Start{Do: "update", Incident: i.ID}}, startButton{"No change +2 h", Start{Do: "no-change", Incident: i.ID}},
		startButton{"Correct", Start{Do: "correct", Notice: n.ID}}, startButton{"Stop", Start{Do: "stop", Notice: n.ID}}, startButton{"Open it", Start{Do: "incident", Incident: i.ID}})
	return p, false, nil
}

// reached says what was said last, and who has been told.
func (u *turn) reached(ctx context.Context, n subscriptions.Notice) (lines []string, over bool, err error) {
	lines = []string{fmt.Sprintf("%s %s by %s at %s, %s: %s", show(n), kindWord(n), u.agency(n.Agency), u.clock(n.PublishedAt), stateWord(n), n.Sheet.Words[english].Title)}
	if n.State != subscriptions.Published {
		return lines, true, nil
	}
	var p page
	if over, err = u.goingOut(ctx, n, &p, ""); err != nil {
		return lines, false, err
	}
	for _, line := range p.lines {
		if line != "" && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines, over, nil
}

// due is said in the incident's thread.
func (u *turn) due(ctx context.Context, c subscriptions.Call, f facts) (p roomPage, err error) {
	var id int64
	_, _ = fmt.Sscanf(c.About, "incident %d", &id)
	i, err := u.Desk.Incident(ctx, subscriptions.IncidentID(id))
	if err != nil {
		return p, err
	}
	if !i.NextUpdate.Equal(f.Due) {
		return p, ErrOver // it was kept meanwhile
	}
	p.title = "The word promised for " + u.clock(f.Due) + " falls due"
	if f.Overdue {
		p.title = "The word promised for " + u.clock(f.Due) + " is OVERDUE"
	}
	if i.State.Over() {
		p.row(startButton{"Answer what was promised", Start{Do: "answer", Incident: i.ID}})
		return p, nil
	}
	p.row(startButton{"No change +2 h", Start{Do: "no-change", Incident: i.ID}}, startButton{"Update", Start{Do: "update", Incident: i.ID}}, startButton{"Restored", Start{Do: "restore", Incident: i.ID}})
	return p, nil
}
