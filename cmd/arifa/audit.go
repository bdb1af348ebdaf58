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
	After int64 `help:"Lines after this number instead of the newest ones."`
	Limit int   `default:"100" help:"How many."`
}

func (c *auditListCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		after := c.After
		if after == 0 {
			last, err := o.desk.AuditVerify(a.ctx)
			if err != nil {
				return fmt.Errorf("the audit record is broken (look with --after): %w", err)
			}
			after = max(0, last-int64(c.Limit))
		}
		lines, err := o.store.AuditLines(a.ctx, after, c.Limit)
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

type auditVerifyCmd struct {
	Lines int64  `placeholder:"N" help:"How many lines there were at an earlier time; fewer now is a fault."`
	Head  string `placeholder:"HASH" help:"Hash of line --lines, as it was printed then: whoever deleted or rewrote the record cannot make it."`
}

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
		if err := c.kept(a, o, n); err != nil {
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
			fmt.Fprintf(w, "The audit record is whole: %d lines.\nKeep this elsewhere; it proves later that nothing was cut off:\n  arifa audit verify --lines %d --head %s\n", n, n, head)
		})
	})
}

// kept compares with what was written down elsewhere.
func (c *auditVerifyCmd) kept(a *app, o *office, n int64) error {
	if c.Lines == 0 {
		return nil
	}
	if n < c.Lines {
		return fmt.Errorf("the audit record is broken: it had %d lines and has %d", c.Lines, n)
	}
	at, err := o.store.AuditLines(a.ctx, c.Lines-1, 1)
	if err != nil {
		return err
	}
	if c.Head != "" && (len(at) != 1 || at[0].Hash != c.Head) {
		return fmt.Errorf("the audit record is broken: line %d is not the one that was there", c.Lines)
	}
	return nil
}
