package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"arifa/bot/desk"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

type noticeCmd struct {
	Draft    noticeDraftCmd    `cmd:"" help:"Write a notice from facts; nothing is sent."`
	Preview  noticePreviewCmd  `cmd:"" help:"Show the words on every network and in every language, who is told, and how long it takes."`
	Submit   noticeSubmitCmd   `cmd:"" help:"Freeze the words and ask another officer to approve them."`
	Approve  noticeApproveCmd  `cmd:"" help:"Approve and publish what another officer submitted; asks for six digits."`
	Return   noticeReturnCmd   `cmd:"" help:"Give a submitted notice back with a reason."`
	Publish  noticePublishCmd  `cmd:"" help:"Publish what one officer may say alone."`
	Nochange noticeNochangeCmd `cmd:"" name:"no-change" help:"Nothing is new: keep the promise and name the next time."`
	Activate noticeActivateCmd `cmd:"" help:"Tell a ready alternative, approved in advance, for at most four hours; again renews it."`
	Discard  noticeDiscardCmd  `cmd:"" help:"Lay a draft aside for good; nobody has read it."`
	Restore  noticeRestoreCmd  `cmd:"" help:"It works again: whole, by platform or by service."`
	Answer   noticeAnswerCmd   `cmd:"" help:"Give the answers that a restored notice promised, also when the incident is over."`
	Correct  noticeCorrectCmd  `cmd:"" help:"Say what circulating words are false (two officers)."`
	Withdraw noticeWithdrawCmd `cmd:"" help:"Our own notice was wrong: take it back with a fixed sentence."`
	Stop     noticeStopCmd     `cmd:"" help:"Stop sending a notice now."`
	List     noticeListCmd     `cmd:"" help:"List notices."`
	Show     noticeShowCmd     `cmd:"" help:"Show one notice with its words."`
	Progress noticeProgressCmd `cmd:"" help:"How far a notice has gone, by lane and state."`
}

type noticeDraftCmd struct{ factFlags }

func (c *noticeDraftCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		in, err := c.draft(o)
		if err != nil {
			return err
		}
		n, err := o.desk.Draft(a.ctx, o.actor, in, o.now)
		if err != nil {
			return err
		}
		// What a preview refuses stays a draft all the same: it says why when it is asked for.
		p, perr := o.desk.Preview(a.ctx, o.actor, n.ID, o.now)
		return a.print(n, func(w io.Writer) {
			fmt.Fprintf(w, "Draft %s. See the words:  arifa notice preview %[1]s\n", desk.Nickname(n.ID))
			switch {
			case perr != nil || len(p.Findings) > 0:
				fmt.Fprintf(w, "It cannot be published like this: %s. Not wanted: arifa notice discard %s\n", whyNot(perr, p.Findings), desk.Nickname(n.ID))
			case len(p.TwoOfficers) > 0:
				fmt.Fprintf(w, "Then:                     arifa notice submit %s   (a second officer approves: %s)\n", desk.Nickname(n.ID), strings.Join(p.TwoOfficers, "; "))
				o.showEnrol(w)
			default:
				fmt.Fprintf(w, "Then:                     arifa notice publish %s\n", desk.Nickname(n.ID))
			}
		})
	})
}

// whyNot says in a line what keeps a draft from being published.
func whyNot(err error, findings []subscriptions.Finding) string {
	var all []string
	var refusal *desk.Refusal
	switch {
	case errors.As(err, &refusal):
		all, findings = append(all, refusal.Why), slices.Concat(refusal.Findings, findings)
	case err != nil:
		return "the preview says why"
	}
	for _, f := range findings {
		all = append(all, fmt.Sprintf("%q: %s", f.Piece, f.Advice))
	}
	return strings.Join(all, "; ")
}

type noticePreviewCmd struct {
	Notice string `arg:"" help:"Number of a draft, or of a submitted notice such as 2025-0103-1."`
}

func (c *noticePreviewCmd) Run(a *app) error {
	return a.onNotice(c.Notice, func(o *office, n subscriptions.Notice) error {
		p, err := o.desk.Preview(a.ctx, o.actor, n.ID, o.now)
		if err != nil {
			return err
		}
		return a.print(p, func(w io.Writer) {
			o.showPreview(w, p)
			o.showHash(w, p.Notice)
		})
	})
}

func (o *office) showPreview(w io.Writer, p desk.Preview) {
	for _, n := range p.Networks {
		showText(w, n, "")
	}
	for _, n := range p.Texts {
		showText(w, n, " (to copy; not sent by Arifa)")
	}
	for _, l := range o.nation.Languages {
		fmt.Fprintf(w, "── at most 160 characters, %s ──\n%s\n\n", l, p.Short[l])
	}
	o.showAudience(w, p.Audience)
	o.showFinish(w, p)
}

func showText(w io.Writer, n wording.Preview, note string) {
	size := count(n.Chars, "character")
	switch {
	case n.Encoding != "":
		size = fmt.Sprintf("%s, %d SMS (%s)", size, n.Parts, n.Encoding)
	case n.Limit > 0:
		size = fmt.Sprintf("%d of %d characters", n.Chars, n.Limit)
	}
	fmt.Fprintf(w, "── %s, %s: %s%s ──\n%s\n\n", n.Network, n.Language, size, note, n.Text)
}

func (o *office) showAudience(w io.Writer, audience []subscriptions.LaneCount) {
	if len(audience) == 0 {
		return
	}
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "LANE\tWHO\tHOW MANY\tASKED IN THE LAST TWO HOURS")
	for _, c := range audience {
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\n", c.Lane, c.Kind, c.Count, c.Asked)
	}
	_ = t.Flush()
}

func (o *office) showFinish(w io.Writer, p desk.Preview) {
	switch f := p.Finish; {
	case f.People == 0:
		fmt.Fprintln(w, "Nobody follows this yet.")
	case f.Certain:
		fmt.Fprintf(w, "%s; the last one reads it after %s.\n", count(f.People, "recipient"), f.Takes)
	default:
		fmt.Fprintf(w, "%s; how long it takes is not certain (a lane is paused, or its pace is not known).\n", count(f.People, "recipient"))
	}
	for _, m := range p.Mind(o.local) {
		fmt.Fprintf(w, "%s.\n", m)
	}
	switch {
	case p.Why == desk.Silent || p.Why == "" && !p.Notice.Sound:
		fmt.Fprintln(w, "Without sound: an edit of what people have, where they have it.")
	case p.Why == "":
		fmt.Fprintln(w, "Heard: a new message.")
	default:
		fmt.Fprintf(w, "Heard: a new message, because %s.\n", p.Why)
	}
	if len(p.Unconfirmed) > 0 {
		fmt.Fprintf(w, "Not told, because nobody has confirmed that they are affected: %s\n", joinIDs(p.Unconfirmed))
	}
	showMissing(w, p.Missing)
	for _, why := range p.TwoOfficers {
		fmt.Fprintf(w, "Needs a second officer: %s\n", why)
	}
	if len(p.TwoOfficers) > 0 {
		o.showEnrol(w)
	}
	for _, f := range p.Findings {
		fmt.Fprintf(w, "Cannot be published with %q: %s\n", f.Piece, f.Advice)
	}
}

type noticeSubmitCmd struct {
	Notice   string `arg:"" help:"The draft, such as d28."`
	DropFree bool   `help:"Submit without the free text."`
	Request  string `placeholder:"KEY" help:"Idempotency key."`
}

func (c *noticeSubmitCmd) Run(a *app) error {
	return a.onNotice(c.Notice, func(o *office, n subscriptions.Notice) error {
		n, err := o.desk.Submit(a.ctx, o.actor, n.ID, desk.SubmitInput{DropFree: c.DropFree, Request: c.Request}, o.now)
		if err != nil {
			return err
		}
		return a.submitted(o, n)
	})
}

// submitted says how another officer comes to approve. It shows no hash: what
// proves that the words were read is printed below the words.
func (a *app) submitted(o *office, n subscriptions.Notice) error {
	return a.print(n, func(w io.Writer) {
		fmt.Fprintf(w, "Submitted as %s. Its words are frozen and nobody has been told yet.\n", n.Key)
		showMissing(w, desk.Missing(o.nation, n.Slots.Free))
		fmt.Fprintf(w, "Another officer of the agency reads and approves it:  arifa notice show %s\n", n.Key)
	})
}

func showMissing(w io.Writer, missing []subscriptions.Language) {
	for _, l := range missing {
		fmt.Fprintf(w, "The free text is missing in %s: readers of it do not see that line.\n", l)
	}
}

func (a *app) find(o *office, idOrKey string) (subscriptions.Notice, error) {
	n, err := o.desk.Notice(a.ctx, idOrKey)
	if errors.Is(err, subscriptions.ErrNotFound) {
		return n, fmt.Errorf("no notice %s; \"arifa notice list\" shows them", idOrKey)
	}
	return n, err
}

type noticeReturnCmd struct {
	Notice string `arg:"" help:"Number of the notice."`
	Reason string `required:"" help:"What should change."`
}

func (c *noticeReturnCmd) Run(a *app) error {
	return a.onNotice(c.Notice, func(o *office, n subscriptions.Notice) error {
		n, err := o.desk.Return(a.ctx, o.actor, n.ID, c.Reason, o.now)
		if err != nil {
			return err
		}
		return a.print(n, func(w io.Writer) { fmt.Fprintf(w, "Returned %s to its author.\n", key(n)) })
	})
}

func (a *app) onNotice(idOrKey string, f func(*office, subscriptions.Notice) error) error {
	return a.acting(func(o *office) error {
		n, err := a.find(o, idOrKey)
		if err != nil {
			return err
		}
		return f(o, n)
	})
}

type noticePublishCmd struct {
	Notice   string `arg:"" optional:"" help:"A draft, such as d28; without it the flags below say what."`
	DropFree bool   `help:"Publish without the free text."`
	factFlags
	sureFlag
}

func (c *noticePublishCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		in := desk.PublishInput{DropFree: c.DropFree, Request: c.Request}
		if c.Notice != "" {
			n, err := a.find(o, c.Notice)
			if err != nil {
				return err
			}
			in.Notice = n.ID
		} else {
			if c.Incident == 0 && c.Kind != subscriptions.Advisory {
				return usagef("say which draft, or --incident N --kind KIND")
			}
			d, err := c.draft(o)
			if err != nil {
				return err
			}
			in.Draft = &d
		}
		if err := c.sure(a, o, c.Request, func() (desk.Preview, error) { return c.foreseen(a, o, in) }); err != nil {
			return err
		}
		out, err := o.desk.Publish(a.ctx, o.actor, in, o.now)
		if err != nil {
			return err
		}
		return a.published(o, out)
	})
}

// published says what went out, or what waits for a second officer.
func (a *app) published(o *office, out desk.Outcome) error {
	if out.Notice.State == subscriptions.Submitted {
		return a.submitted(o, out.Notice)
	}
	return a.print(out, func(w io.Writer) {
		switch {
		case out.Notice.ID == 0:
			fmt.Fprintf(w, "Recorded on incident %d; nobody needs to be told.\n", out.Incident.ID)
			return
		case out.Repeated:
			fmt.Fprintf(w, "This was done before: %s.\n", key(out.Notice))
		default:
			fmt.Fprintf(w, "Published %s (%s), check code %s.\n", key(out.Notice), kindWord(out.Notice), out.Notice.Code)
		}
		showMissing(w, desk.Missing(o.nation, out.Notice.Slots.Free))
		for _, n := range beside(out) {
			fmt.Fprintf(w, "Beside it:  %s, said by %s, to those whose services it leaves out.\n", key(n), n.Agency)
		}
		if len(out.Ping) > 0 {
			o.showPinged(a, w, out.Ping)
		}
		fmt.Fprintf(w, "Follow it:  arifa notice progress %s --follow\nStop it:    arifa notice stop %s\n", key(out.Notice), key(out.Notice))
		a.showSending(o, w, out.Notice)
		if out.Notice.Slots.Withdraws && out.Incident.ID != 0 && !out.Incident.State.Over() {
			fmt.Fprintf(w, "Still open: incident %d. If nothing fails, end it:  arifa incident resolve %d\n", out.Incident.ID, out.Incident.ID)
			return
		}
		o.showPromise(w, out.Incident)
	})
}

// showPinged says who else can stop what was published, and of whom nobody hears it:
// an officer without a linked chat is not told.
func (o *office) showPinged(a *app, w io.Writer, ping []subscriptions.OfficerID) {
	all, err := o.store.Officers(a.ctx)
	if err != nil {
		fmt.Fprintf(w, "Whether another officer hears of it could not be asked (%v).\n", err)
		return
	}
	told := 0
	for _, other := range all {
		if slices.Contains(ping, other.ID) && desk.Reached(other) {
			told++
		}
	}
	if told > 0 {
		fmt.Fprintf(w, "%s of the agency %s told and can stop it.\n", count(told, "other officer"), areOrIs(told))
	}
	if deaf := len(ping) - told; deaf > 0 {
		fmt.Fprintf(w, "%s of the agency can stop it and %s no linked chat to hear of it:  arifa officer link NUMBER, each with the own key\n",
			count(deaf, "other officer"), hasOrHave(deaf))
	}
}

func hasOrHave(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
}

func beside(out desk.Outcome) []subscriptions.Notice {
	if out.Beside == nil {
		return out.Others
	}
	return append([]subscriptions.Notice{*out.Beside}, out.Others...)
}

// showPromise says what the officer has promised, and how to keep it.
func (o *office) showPromise(w io.Writer, i subscriptions.Incident) {
	switch {
	case i.NextUpdate.IsZero():
	case i.State.Over():
		fmt.Fprintf(w, "Promised:   answers by %s. Give them:  arifa notice answer %d --landed … --pay-again … --moved …\n", o.local(i.NextUpdate), i.ID)
	default:
		fmt.Fprintf(w, "Promised:   next update by %s, even if nothing is new.\n", o.local(i.NextUpdate))
	}
}
