package console

import (
	"errors"
	"strconv"

	"arifa/bot/web"
	"arifa/subscriptions"
)

// recordView is a page of the record of everything that officers did.
type recordView struct {
	Lines        []subscriptions.AuditLine // newest first
	Older, Newer int64                     // where the next pages begin; 0 = there is none
	Whole        int64                     // lines that were verified just now; 0 = not asked
	Head         string
	Broken       string
}

const recordPage = 50

func showRecord(a *ask) error {
	after := int64(-1)
	if text := a.Val("after"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return subscriptions.ErrNotFound
		}
		after = n
	}
	lines, err := a.c.Desk.Record(a.ctx, a.actor, after, recordPage)
	if err != nil {
		return err
	}
	v := recordView{}
	if a.Val("verify") != "" {
		if err := a.verify(&v); err != nil {
			return err
		}
	}
	for i := len(lines) - 1; i >= 0; i-- {
		v.Lines = append(v.Lines, lines[i])
	}
	if len(lines) > 0 {
		if first := lines[0].Seq; first > 1 {
			v.Older = max(0, first-1-recordPage)
			if v.Older == 0 {
				v.Older = -1 // from the very first
			}
		}
		if after >= 0 && len(lines) == recordPage {
			v.Newer = lines[len(lines)-1].Seq
		}
	}
	return a.render(a.status(), "record", "Record", v)
}

// verify walks the whole chain.
func (a *ask) verify(v *recordView) error {
	if wait := a.c.looks.Take(textOf(a.me().ID), a.now); wait > 0 {
		return web.TooMany(wait)
	}
	n, err := a.c.Desk.AuditVerify(a.ctx)
	var fault subscriptions.AuditFault
	if errors.As(err, &fault) {
		v.Broken = fault.Error()
		return nil
	}
	if err != nil {
		return err
	}
	last, err := a.c.Desk.Record(a.ctx, a.actor, max(0, n-1), 1)
	if len(last) > 0 {
		v.Whole, v.Head = n, last[0].Hash
	}
	return err
}

// From is the address of the older page.
func (v recordView) From() int64 { return max(0, v.Older) }
