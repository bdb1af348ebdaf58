package desk

import (
	"context"
	"slices"
	"time"

	"arifa/subscriptions"
)

// copiedBy are the networks whose texts officers copy by hand.
var copiedBy = []string{"sms", "x", "whatsapp", "radio"}

// PostedInput says that the text for a network was posted by hand.
type PostedInput struct {
	Notice   subscriptions.NoticeID
	Network  string // sms, x, whatsapp or radio
	Language subscriptions.Language
	At       time.Time // zero = now
}

// Posted notes on the record, and on the notice, that an officer has put its text
// out by hand where the program does not send.
func (d *Desk) Posted(ctx context.Context, a Actor, in PostedInput, now time.Time) (subscriptions.Notice, error) {
	w := deed{actor: a, act: ActPosted, subject: subjectOf("notice", in.Notice), now: now}
	var n subscriptions.Notice
	var err error
	for range 5 { // sending changes the notice meanwhile
		if n, err = d.posted(ctx, &w, in); !isConflict(err) {
			break
		}
	}
	return n, d.settle(ctx, w, asRefusal(err))
}

func (d *Desk) posted(ctx context.Context, w *deed, in PostedInput) (subscriptions.Notice, error) {
	n, err := d.mine(ctx, w, in.Notice)
	if err != nil {
		return n, err
	}
	if in.At = cut(in.At); in.At.IsZero() {
		in.At = w.now
	}
	p := subscriptions.Posting{Network: in.Network, Language: in.Language, At: in.At, By: w.actor.Officer.ID}
	switch {
	case n.PublishedAt.IsZero():
		return n, no(2, "publish it first", "notice %s is %s: nobody may read it yet", show(n), n.State)
	case !slices.Contains(copiedBy, in.Network):
		return n, no(0, "use "+join(copiedBy), "%q has no text to copy", in.Network)
	case n.Sheet.Words[in.Language].Title == "":
		return n, no(0, "choose a language of the notice", "notice %s has no words in %q", show(n), in.Language)
	case in.At.After(w.now.Add(5 * time.Minute)):
		return n, no(0, "say when it was posted", "that time lies in the future")
	case in.At.Before(n.PublishedAt.Truncate(time.Minute)):
		return n, no(0, "say when it was posted", "that is before the notice was published")
	case slices.Contains(n.Posted, p):
		return n, nil
	}
	n.Posted = append(slices.Clone(n.Posted), p)
	c, err := d.Store.Commit(ctx, subscriptions.Change{
		Notices: []subscriptions.Notice{n}, Now: w.now, Line: w.line(in.Network + " in " + string(in.Language) + ", posted at " + in.At.Format(time.RFC3339)),
	})
	if err != nil {
		return n, err
	}
	return c.Notices[0], nil
}
