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
	Confirm registryConfirmCmd `cmd:"" help:"Propose that an unconfirmed destination is a place to pay. It waits, as long as it takes, for one other officer of its agency, an approver with six digits (registry approve); it holds from that moment. While its platform has an incident nobody can approve it. Until then no notice tells anybody to pay there."`
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
		return a.print(map[string]any{"changes": some(changes), "ready": some(ready)}, func(w io.Writer) { o.showRegistry(w, changes, ready) })
	})
}

func (o *office) showRegistry(w io.Writer, changes []subscriptions.RegistryChange, ready []subscriptions.ReadyWay) {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "CHANGE\tKIND\tOF\tAGENCY\tSTATE\tAPPROVALS\tTAKES EFFECT")
	for _, c := range changes {
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%d\t%s\n", c.ID, c.Kind, c.Of(), c.Agency, c.State, len(c.Approvals), o.local(c.EffectiveAt))
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
			o.showChange(w, c)
		}
	}
}

// showChange says what a waiting change would do, fact by fact, with what stands
// now where that differs.
func (o *office) showChange(w io.Writer, c subscriptions.RegistryChange) {
	fmt.Fprintf(w, "\n%d, %s, proposed %s:\n", c.ID, changeWord(c.Kind), o.local(c.ProposedAt))
	was := map[string]string{}
	for _, f := range desk.FactsOf(c, c.Old, o.nation) {
		was[f.Name] = f.Value
	}
	for _, f := range desk.FactsOf(c, c.New, o.nation) {
		before := was[f.Name]
		switch {
		case c.Old == "" || before == f.Value:
			fmt.Fprintf(w, "  %s: %s\n", f.Name, f.Value)
		case before == "":
			fmt.Fprintf(w, "  %s: %s   (new)\n", f.Name, f.Value)
		default:
			fmt.Fprintf(w, "  %s: %s   (now: %s)\n", f.Name, f.Value, before)
		}
	}
}

func changeWord(k subscriptions.ChangeKind) string {
	switch k {
	case subscriptions.ChangeEntry:
		return "a new or changed destination or contact"
	case subscriptions.ChangeConfirm:
		return "a destination becomes a place to pay"
	case subscriptions.ChangeAlternative:
		return "a new or changed other way"
	case subscriptions.ChangeTies:
		return "whose something is, what it depends on, or the codes it is found by"
	case desk.ChangeRoles:
		return "roles of an officer"
	case desk.ChangeReady:
		return "another way is made ready for one officer to tell"
	}
	return string(k)
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
			fmt.Fprintf(w, "Change %d has %s and waits for another officer:  arifa registry approve %d\n", c.ID, count(len(c.Approvals), "approval"), c.ID)
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
