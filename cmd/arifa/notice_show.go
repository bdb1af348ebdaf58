package main

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

type noticeListCmd struct {
	Incident subscriptions.IncidentID    `placeholder:"N" help:"Of one incident only."`
	State    []subscriptions.NoticeState `placeholder:"STATE,…" help:"draft, submitted, returned, published, stopped, withdrawn."`
}

func (c *noticeListCmd) Run(a *app) error {
	return a.reading(func(o *office) error {
		list, err := o.desk.Notices(a.ctx, c.Incident, c.State...)
		if err != nil {
			return err
		}
		return a.print(some(list), func(w io.Writer) {
			t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
			fmt.Fprintln(t, "NOTICE\tINCIDENT\tKIND\tAGENCY\tSTATE\tPUBLISHED\tWORDS")
			for _, n := range list {
				fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t%s\t%s\n", key(n), n.Incident, kindWord(n), n.Agency, stateWord(n), o.local(n.PublishedAt),
					n.Sheet.Words[o.nation.DefaultLanguage].Title)
			}
			_ = t.Flush()
		})
	})
}

type noticeShowCmd struct {
	Notice string `arg:"" help:"Number of the notice, or of a draft."`
}

func (c *noticeShowCmd) Run(a *app) error {
	return a.reading(func(o *office) error {
		n, err := a.find(o, c.Notice)
		if err != nil {
			return err
		}
		var whom error
		err = a.print(n, func(w io.Writer) {
			o.showNotice(w, n)
			whom = a.showWhom(o, w, n)
			o.showHash(w, n)
		})
		return errors.Join(err, whom)
	})
}

func (o *office) showNotice(w io.Writer, n subscriptions.Notice) {
	fmt.Fprintf(w, "%s: %s by %s, %s, incident %d round %d\n", key(n), kindWord(n), n.Agency, stateWord(n), n.Incident, n.Round)
	fmt.Fprintf(w, "submitted %s, published %s\n", o.local(n.SubmittedAt), o.local(n.PublishedAt))
	for _, why := range n.TwoOfficers {
		fmt.Fprintf(w, "needs a second officer: %s\n", why)
	}
	if n.Return != "" {
		fmt.Fprintf(w, "returned: %s\n", n.Return)
	}
	if len(n.Sheet.Words) == 0 {
		fmt.Fprintf(w, "It has no words yet:  arifa notice preview %s\n", desk.Nickname(n.ID))
	}
	o.showWords(w, n)
	if len(n.Sheet.Words) > 0 {
		showMissing(w, desk.Missing(o.nation, n.Slots.Free))
	}
}

func (a *app) showWhom(o *office, w io.Writer, n subscriptions.Notice) error {
	if n.State != subscriptions.Submitted {
		return nil
	}
	audience, err := o.desk.Audience(a.ctx, n, o.now)
	if err != nil {
		return err
	}
	total := 0
	for _, c := range audience {
		total += c.Count
	}
	fmt.Fprintf(w, "\nIt is about %s and would reach %s now.\n", count(len(n.Audience[subscriptions.ScopeAll]), "service"), count(total, "recipient"))
	o.showAudience(w, audience)
	return nil
}

// kindWord is the kind as an officer knows it: answers are stored as corrections.
func kindWord(n subscriptions.Notice) string {
	if n.Answers() {
		return "answers"
	}
	return string(n.Kind)
}

// stateWord is the state as an officer knows it.
func stateWord(n subscriptions.Notice) string {
	if desk.Discarded(n) {
		return "discarded"
	}
	return string(n.State)
}
