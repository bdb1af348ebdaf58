package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

type registryCmd struct {
	List    registryListCmd    `cmd:"" help:"List changes that wait, and ready alternatives."`
	Approve registryApproveCmd `cmd:"" help:"Approve a waiting change; asks for six digits. Money words take effect 24 hours after the second approval."`
	Refuse  registryRefuseCmd  `cmd:"" help:"Refuse a waiting change."`
	Confirm registryConfirmCmd `cmd:"" help:"Propose that an unconfirmed destination is a place to pay."`
	Ready   registryReadyCmd   `cmd:"" help:"Propose an alternative as ready: two approve it now, one may tell it later."`
}

type registryListCmd struct{}

func (c *registryListCmd) Run(a *app) error {
	return a.reading(func(o *office) error {
		changes, err := o.desk.Changes(a.ctx)
		if err != nil {
			return err
		}
		ready, err := o.desk.ReadyWays(a.ctx)
		if err != nil {
			return err
		}
		return a.print(map[string]any{"changes": changes, "ready": ready}, func(w io.Writer) { o.showRegistry(w, changes, ready) })
	})
}

func (o *office) showRegistry(w io.Writer, changes []subscriptions.RegistryChange, ready []subscriptions.ReadyWay) {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "CHANGE\tKIND\tOF\tAGENCY\tSTATE\tAPPROVALS\tTAKES EFFECT")
	for _, c := range changes {
		fmt.Fprintf(t, "%d\t%s\t%s%s\t%s\t%s\t%d\t%s\n", c.ID, c.Kind, c.Entry, c.Alternative, c.Agency, c.State, len(c.Approvals), o.local(c.EffectiveAt))
	}
	if len(changes) == 0 {
		fmt.Fprintln(t, "nothing waits\t\t\t\t\t\t")
	}
	fmt.Fprintln(t, "\t\t\t\t\t\t\nREADY\tAGENCY\tSERVICES\tUNTIL\t\t\t")
	for _, r := range ready {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t\t\t\n", r.Alternative, r.Agency, joinIDs(r.Services), o.local(r.Until))
	}
	_ = t.Flush()
	for _, c := range changes {
		if c.State == subscriptions.ChangeWaiting || c.State == subscriptions.ChangeCooling {
			fmt.Fprintf(w, "\n%d was: %s\n%d now: %s\n", c.ID, c.Old, c.ID, c.New)
		}
	}
}

type registryApproveCmd struct {
	Change subscriptions.ChangeID `arg:"" help:"Number of the change."`
	Code   string                 `placeholder:"DIGITS" help:"Your six digits (asked for when left out)."`
}

func (c *registryApproveCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		code, err := a.sixDigits(c.Code)
		if err != nil {
			return err
		}
		ch, err := o.desk.ApproveChange(a.ctx, o.actor, desk.ApproveChangeInput{ID: c.Change, Code: code}, o.now)
		return a.changed(o, ch, err)
	})
}

func (a *app) changed(o *office, c subscriptions.RegistryChange, err error) error {
	if err != nil {
		return err
	}
	return a.print(c, func(w io.Writer) {
		switch c.State {
		case subscriptions.ChangeWaiting:
			fmt.Fprintf(w, "Change %d has %d approvals and waits for another officer:  arifa registry approve %d --code ……\n", c.ID, len(c.Approvals), c.ID)
		case subscriptions.ChangeCooling:
			fmt.Fprintf(w, "Change %d is approved and takes effect %s.\n", c.ID, o.local(c.EffectiveAt))
		default:
			fmt.Fprintf(w, "Change %d is %s.\n", c.ID, c.State)
		}
	})
}

type registryRefuseCmd struct {
	Change subscriptions.ChangeID `arg:"" help:"Number of the change."`
	Reason string                 `required:"" help:"Why."`
}

func (c *registryRefuseCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		ch, err := o.desk.RefuseChange(a.ctx, o.actor, c.Change, c.Reason, o.now)
		return a.changed(o, ch, err)
	})
}

type registryConfirmCmd struct {
	Entry      subscriptions.EntryID `arg:"" help:"Id of the destination."`
	ExpectName string                `placeholder:"NAME" help:"The receiver's name that the payer's phone shows."`
}

func (c *registryConfirmCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		ch, err := o.desk.ProposeConfirm(a.ctx, o.actor, c.Entry, c.ExpectName, o.now)
		return a.changed(o, ch, err)
	})
}

type registryReadyCmd struct {
	Alternative subscriptions.AlternativeID `arg:"" help:"Id of the alternative."`
	Services    []subscriptions.ServiceID   `required:"" placeholder:"ID,…" help:"For which services."`
	Agency      string                      `placeholder:"ID" help:"Agency you speak for."`
}

func (c *registryReadyCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		agency, err := o.agency(c.Agency)
		if err != nil {
			return err
		}
		ch, err := o.desk.ProposeReady(a.ctx, o.actor, c.Alternative, agency, c.Services, o.now)
		return a.changed(o, ch, err)
	})
}
