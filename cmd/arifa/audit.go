package main

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"arifa/subscriptions"
)

type auditCmd struct {
	List   auditListCmd   `cmd:"" help:"List what officers did, newest last."`
	Verify auditVerifyCmd `cmd:"" help:"Check that no line was changed, dropped or put in."`
}

type auditListCmd struct {
	After int64 `help:"Lines after this number."`
	Limit int   `default:"100" help:"How many."`
}

func (c *auditListCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		lines, err := o.store.AuditLines(a.ctx, c.After, c.Limit)
		if err != nil {
			return err
		}
		return a.print(lines, func(w io.Writer) {
			t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
			fmt.Fprintln(t, "LINE\tWHEN\tOFFICER\tAGENCY\tDID\tTO\tOUTCOME\tVIA\tDETAIL")
			for _, l := range lines {
				fmt.Fprintf(t, "%d\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\n", l.Seq, o.local(l.At), l.Officer, l.Agency, l.Action, l.Subject, l.Outcome, l.Via, l.Detail)
			}
			_ = t.Flush()
		})
	})
}

type auditVerifyCmd struct{}

func (c *auditVerifyCmd) Run(a *app) error {
	return a.reading(func(o *office) error {
		n, err := o.desk.AuditVerify(a.ctx)
		var fault subscriptions.AuditFault
		if errors.As(err, &fault) {
			return fmt.Errorf("the audit record is broken: %w", err)
		}
		if err != nil {
			return err
		}
		lines, err := o.store.AuditLines(a.ctx, max(0, n-1), 1)
		if err != nil {
			return err
		}
		head := ""
		if len(lines) == 1 {
			head = lines[0].Hash
		}
		return a.print(map[string]any{"lines": n, "head": head}, func(w io.Writer) {
			fmt.Fprintf(w, "The audit record is whole: %d lines.\nIts head, to be kept elsewhere: %s\n", n, head)
		})
	})
}
