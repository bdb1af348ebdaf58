package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

type noticeNochangeCmd struct {
	Incident   subscriptions.IncidentID `arg:"" help:"Number of the incident."`
	NextUpdate string                   `default:"+2h" placeholder:"TIME" help:"The next promise."`
	whoFlags
}

func (c *noticeNochangeCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		agency, err := o.agency(c.Agency)
		if err != nil {
			return err
		}
		next, err := o.when("next-update", c.NextUpdate)
		if err != nil {
			return err
		}
		out, err := o.desk.NoChange(a.ctx, o.actor, desk.NoChangeInput{Incident: c.Incident, Agency: agency, NextUpdate: next, Request: c.Request}, o.now)
		if err != nil {
			return err
		}
		return a.published(o, out)
	})
}

type noticeActivateCmd struct {
	Incident    subscriptions.IncidentID    `arg:"" help:"Number of the incident."`
	Alternative subscriptions.AlternativeID `arg:"" help:"Id of the ready alternative; \"arifa registry list\" shows them."`
	For         time.Duration               `default:"4h" help:"How long it is told, at most 4h; again renews it."`
	whoFlags
}

func (c *noticeActivateCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		agency, err := o.agency(c.Agency)
		if err != nil {
			return err
		}
		out, err := o.desk.Activate(a.ctx, o.actor, desk.ActivateInput{Incident: c.Incident, Agency: agency, Alternative: c.Alternative,
			Services: c.Services, For: c.For, Request: c.Request}, o.now)
		if err != nil {
			return err
		}
		return a.published(o, out)
	})
}

type noticeRestoreCmd struct{ endFlags }

func (c *noticeRestoreCmd) Run(a *app) error { return c.by(a, (*desk.Desk).Restore) }

type noticeAnswerCmd struct {
	Incident subscriptions.IncidentID `arg:"" help:"Number of the incident."`
	Agency   string                   `placeholder:"ID" help:"Agency you speak for (default: your only one)."`
	Notice   string                   `placeholder:"NUMBER" help:"Which restored notice (default: the one whose answers are due first)."`
	questionFlags
	Free    map[string]string `placeholder:"LANG=TEXT" help:"One short free text for each language."`
	Request string            `placeholder:"KEY" help:"Idempotency key."`
}

func (c *noticeAnswerCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		in := desk.AnswerInput{Incident: c.Incident, Request: c.Request}
		var err error
		if in.Agency, err = o.agency(c.Agency); err != nil {
			return err
		}
		if in.Landed, in.PayAgain, in.Moved, err = c.answers(o, true); err != nil {
			return err
		}
		if in.Free, err = o.free(c.Free); err != nil {
			return err
		}
		if c.Notice != "" {
			n, err := a.find(o, c.Notice)
			if err != nil {
				return err
			}
			in.Notice = n.ID
		}
		out, err := o.desk.Answer(a.ctx, o.actor, in, o.now)
		if err != nil {
			return err
		}
		return a.published(o, out)
	})
}

type noticeDiscardCmd struct {
	Notice string `arg:"" help:"The draft, such as d28, or the number of a notice that was returned."`
}

func (c *noticeDiscardCmd) Run(a *app) error {
	return a.onNotice(c.Notice, func(o *office, n subscriptions.Notice) error {
		n, err := o.desk.Discard(a.ctx, o.actor, n.ID, o.now)
		if err != nil {
			return err
		}
		return a.print(n, func(w io.Writer) { fmt.Fprintf(w, "Discarded %s. Nobody has read it.\n", key(n)) })
	})
}

type noticeCorrectCmd struct {
	Notice   string                   `placeholder:"NUMBER" help:"Our own notice that is corrected, if it is one."`
	Incident subscriptions.IncidentID `placeholder:"N" help:"Incident around which the false words circulate."`
	False    subscriptions.FalseClaim `required:"" enum:"payment,number,link,news" help:"What is false: payment, number, link or news. The fake is never quoted."`
	Free     map[string]string        `placeholder:"LANG=TEXT" help:"One short free text for each language."`
	whoFlags
}

func (c *noticeCorrectCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		in := desk.CorrectInput{Incident: c.Incident, Services: c.Services, False: c.False, Request: c.Request}
		var err error
		if in.Agency, err = o.agency(c.Agency); err != nil {
			return err
		}
		if in.Free, err = o.free(c.Free); err != nil {
			return err
		}
		if c.Notice != "" {
			n, err := a.find(o, c.Notice)
			if err != nil {
				return err
			}
			in.Notice = n.ID
		}
		n, err := o.desk.Correct(a.ctx, o.actor, in, o.now)
		if err != nil {
			return err
		}
		return a.submitted(o, n)
	})
}

type noticeWithdrawCmd struct {
	Notice  string `arg:"" help:"Number of the notice."`
	Request string `placeholder:"KEY" help:"Idempotency key."`
}

func (c *noticeWithdrawCmd) Run(a *app) error {
	return a.onNotice(c.Notice, func(o *office, n subscriptions.Notice) error {
		out, err := o.desk.Withdraw(a.ctx, o.actor, n.ID, c.Request, o.now)
		if err != nil {
			return err
		}
		return a.published(o, out)
	})
}

type noticeStopCmd struct {
	Notice string `arg:"" help:"Number of the notice."`
}

func (c *noticeStopCmd) Run(a *app) error {
	return a.onNotice(c.Notice, func(o *office, n subscriptions.Notice) error {
		n, err := o.desk.Stop(a.ctx, o.actor, n.ID, o.now)
		if err != nil {
			return err
		}
		return a.print(n, func(w io.Writer) {
			fmt.Fprintf(w, "Stopped %s. Nobody else is told; whoever read it keeps it until you correct or withdraw it.\n", key(n))
		})
	})
}

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
	for _, l := range o.nation.Languages {
		words, ok := n.Sheet.Words[l]
		if !ok {
			continue
		}
		// As everybody's post, so that what is said of many services is said once.
		card := o.speaker.Card(n.Sheet, wording.Selection{Language: l, Post: true, MaxServices: max(1, len(words.Services))})
		fmt.Fprintf(w, "\n── %s ──\n%s\n", l, strings.Join(slices.Concat([]string{card.Title}, card.Lines, card.Footer), "\n"))
	}
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

type noticeProgressCmd struct {
	Notice string `arg:"" help:"Number of the notice."`
	Follow bool   `help:"Go on showing it until everybody is told."`
}

func (c *noticeProgressCmd) Run(a *app) error {
	return a.reading(func(o *office) error {
		n, err := a.find(o, c.Notice)
		if err != nil {
			return err
		}
		for {
			p, err := o.desk.Progress(a.ctx, n.ID)
			if err != nil {
				return err
			}
			if err := a.print(p, func(w io.Writer) { showProgress(w, key(n), p) }); err != nil {
				return err
			}
			if !c.Follow || p.Expanded && p.Count(subscriptions.Pending) == 0 {
				return nil
			}
			if idle, err := o.nobodySends(a); err != nil || idle {
				return errors.Join(err, errNobodySends)
			}
			if !a.wait(time.Second) {
				return nil
			}
		}
	})
}

// errNobodySends ends a wait that would have no end.
var errNobodySends = errors.New("nobody is sending: start \"arifa serve\" on this database; what is owed stays owed")

// nobodySends reports whether no process owns a lane.
func (o *office) nobodySends(a *app) (bool, error) {
	lanes, err := o.store.LaneList(a.ctx)
	for _, l := range lanes {
		if l.Tenure.Owner != "" && l.Tenure.Until.After(a.now().Add(-5*time.Second)) {
			return false, err
		}
	}
	return true, err
}

// wait returns false when the user stops the program meanwhile.
func (a *app) wait(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-a.Stop:
		return false
	case <-a.ctx.Done():
		return false
	}
}

func showProgress(w io.Writer, name string, p subscriptions.Progress) {
	total := 0
	states := []subscriptions.DeliveryState{subscriptions.Sent, subscriptions.Pending, subscriptions.Failed, subscriptions.Unknown, subscriptions.Superseded}
	for _, s := range states {
		total += p.Count(s)
	}
	fmt.Fprintf(w, "%s: %d of %d sent", name, p.Count(subscriptions.Sent), total)
	if !p.Expanded {
		fmt.Fprint(w, " (still finding recipients)")
	}
	fmt.Fprintln(w)
	for lane, m := range p.ByLane {
		fmt.Fprintf(w, "  %s:", lane)
		for _, s := range states {
			fmt.Fprintf(w, " %s %d", s, m[s])
		}
		fmt.Fprintln(w)
	}
}
