package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"arifa/bot/desk"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// sureFlag is of every command that sends words: an officer on a terminal reads
// them and their audience first, and says yes. A script is not asked.
type sureFlag struct {
	Yes bool `help:"Do not show the words and ask first. Without a terminal nobody is asked."`
}

// errNotSaid ends a command whose question was answered with no.
var errNotSaid = errors.New("not published; nothing was stored")

// sure shows an officer on a terminal what a command is about to say, and to whom,
// and asks. What the desk refuses, it refuses in its own words; a repeated request
// is not refused, so it is left to the desk too.
func (f sureFlag) sure(a *app, o *office, request string, foresee func() (desk.Preview, error)) error {
	if f.Yes || !a.Terminal {
		return nil
	}
	p, err := foresee()
	var refusal *desk.Refusal
	switch {
	case errors.As(err, &refusal) && request != "":
		return nil
	case err != nil:
		return err
	case len(p.Notice.Sheet.Words) == 0 || len(p.Findings) > 0: // nobody is told
		return nil
	}
	o.showWords(a.Err, p.Notice)
	o.showAudience(a.Err, p.Audience)
	o.showFinish(a.Err, p)
	question := "Publish these words now?"
	if len(p.TwoOfficers) > 0 {
		question = "Submit these words to a second officer?"
	}
	if !a.ask(question) {
		return errNotSaid
	}
	return nil
}

// foreseen shows a stored draft, or one that the flags make, as it would go out.
func (c *noticePublishCmd) foreseen(a *app, o *office, in desk.PublishInput) (desk.Preview, error) {
	if in.Draft != nil {
		d := *in.Draft
		if c.DropFree {
			d.Slots.Free = nil
		}
		return o.desk.PreviewDraft(a.ctx, o.actor, d, o.now)
	}
	n, err := o.desk.NoticeByID(a.ctx, in.Notice)
	if err != nil {
		return desk.Preview{}, err
	}
	switch {
	case n.State != subscriptions.Draft && n.State != subscriptions.Returned:
		return desk.Preview{}, nil // the desk says why not
	case c.DropFree && len(n.Slots.Free) > 0:
		n.Slots.Free = nil
		return o.desk.PreviewDraft(a.ctx, o.actor, desk.DraftInput{Incident: n.Incident, Kind: n.Kind, Agency: n.Agency, Slots: n.Slots, Corrects: n.Corrects}, o.now)
	}
	p, err := o.desk.Preview(a.ctx, o.actor, n.ID, o.now)
	if len(p.TwoOfficers) > 0 {
		return desk.Preview{}, err // one officer cannot publish it: the desk says so
	}
	return p, err
}

// showWords prints what a notice says, as everybody's post, in every language.
func (o *office) showWords(w io.Writer, n subscriptions.Notice) {
	for _, l := range o.nation.Languages {
		words, ok := n.Sheet.Words[l]
		if !ok {
			continue
		}
		// As everybody's post, so that what is said of many services is said once.
		card := o.speaker.Card(n.Sheet, wording.Selection{Language: l, Post: true, MaxServices: max(1, len(words.Services))})
		fmt.Fprintf(w, "\n── %s ──\n%s\n", l, strings.Join(slices.Concat([]string{card.Title}, card.Lines, card.Footer), "\n"))
	}
}
