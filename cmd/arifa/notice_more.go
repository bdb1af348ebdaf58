package main

import (
	"fmt"
	"io"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

type noticeNochangeCmd struct {
	Incident   subscriptions.IncidentID `arg:"" help:"Number of the incident."`
	NextUpdate string                   `default:"+2h" placeholder:"TIME" help:"The next promise."`
	whoFlags
	sureFlag
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
		in := desk.NoChangeInput{Incident: c.Incident, Agency: agency, NextUpdate: next, Request: c.Request}
		if err := c.sure(a, o, c.Request, func() (desk.Preview, error) { return o.desk.PreviewNoChange(a.ctx, o.actor, in, o.now) }); err != nil {
			return err
		}
		out, err := o.desk.NoChange(a.ctx, o.actor, in, o.now)
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
	sureFlag
}

func (c *noticeActivateCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		agency, err := o.agency(c.Agency)
		if err != nil {
			return err
		}
		in := desk.ActivateInput{Incident: c.Incident, Agency: agency, Alternative: c.Alternative, Services: c.Services, For: c.For, Request: c.Request}
		if err := c.sure(a, o, c.Request, func() (desk.Preview, error) { return o.desk.PreviewActivate(a.ctx, o.actor, in, o.now) }); err != nil {
			return err
		}
		out, err := o.desk.Activate(a.ctx, o.actor, in, o.now)
		if err != nil {
			return err
		}
		return a.published(o, out)
	})
}

type noticeRestoreCmd struct{ endFlags }

func (c *noticeRestoreCmd) Run(a *app) error {
	return c.by(a, (*desk.Desk).Restore, (*desk.Desk).PreviewRestore)
}

type noticeAnswerCmd struct {
	Incident subscriptions.IncidentID `arg:"" help:"Number of the incident."`
	Agency   string                   `placeholder:"ID" help:"Agency you speak for (default: your only one)."`
	Notice   string                   `placeholder:"NUMBER" help:"Which restored notice (default: the one whose answers are due first)."`
	questionFlags
	Free    map[string]string `placeholder:"LANG=TEXT" help:"One short free text for each language."`
	Request string            `placeholder:"KEY" help:"Idempotency key."`
	sureFlag
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
		if err := c.sure(a, o, c.Request, func() (desk.Preview, error) { return o.desk.PreviewAnswer(a.ctx, o.actor, in, o.now) }); err != nil {
			return err
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
	sureFlag
}

func (c *noticeWithdrawCmd) Run(a *app) error {
	return a.onNotice(c.Notice, func(o *office, n subscriptions.Notice) error {
		if err := c.sure(a, o, c.Request, func() (desk.Preview, error) { return o.desk.PreviewWithdraw(a.ctx, o.actor, n.ID, o.now) }); err != nil {
			return err
		}
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
