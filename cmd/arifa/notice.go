package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
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
	Restore  noticeRestoreCmd  `cmd:"" help:"It works again: whole, by platform or by service."`
	Correct  noticeCorrectCmd  `cmd:"" help:"Say what circulating words are false (two officers)."`
	Withdraw noticeWithdrawCmd `cmd:"" help:"Our own notice was wrong: take it back with a fixed sentence."`
	Stop     noticeStopCmd     `cmd:"" help:"Stop sending a notice now."`
	List     noticeListCmd     `cmd:"" help:"List notices."`
	Show     noticeShowCmd     `cmd:"" help:"Show one notice with its words."`
	Progress noticeProgressCmd `cmd:"" help:"How far a notice has gone, by lane and state."`
}

// factFlags are the slots of a notice.
type factFlags struct {
	Incident     subscriptions.IncidentID      `placeholder:"N" help:"Number of the incident (0 = none, for an advisory)."`
	Kind         subscriptions.Kind            `default:"update" enum:"outage,alternative,update,maintenance,advisory" help:"${enum}."`
	Since        string                        `placeholder:"TIME" help:"Since when."`
	About        bool                          `help:"The time is approximate."`
	State        subscriptions.IncidentState   `placeholder:"STATE" help:"identified, monitoring, in_progress, verifying …"`
	NextUpdate   string                        `placeholder:"TIME" help:"When the next update comes (default +2h)."`
	Alternatives []subscriptions.AlternativeID `name:"alternative" placeholder:"ID,…" help:"Other ways, by id."`
	Until        string                        `placeholder:"TIME" help:"When the other ways expire."`
	Starts       string                        `placeholder:"TIME" help:"Planned start."`
	Ends         string                        `placeholder:"TIME" help:"Planned end."`
	NotBefore    bool                          `help:"The end is not known, only that it is not before."`
	DeadlineFor  subscriptions.ServiceID       `placeholder:"ID" help:"Service whose deadline moves."`
	DeadlineOld  string                        `placeholder:"TIME" help:"Deadline until now."`
	DeadlineNew  string                        `placeholder:"TIME" help:"New deadline."`
	FineWaived   bool                          `help:"No fine is charged."`
	Cause        subscriptions.Cause           `placeholder:"CAUSE" help:"Only if confirmed: network, power, provider, load, attack, change, system."`
	Free         map[string]string             `placeholder:"LANG=TEXT" help:"One short free text for each language, e.g. --free en=…;sw=…"`
	whoFlags
}

func (f *factFlags) draft(o *office) (desk.DraftInput, error) {
	in := desk.DraftInput{Incident: f.Incident, Kind: f.Kind, Request: f.Request}
	var err error
	if in.Agency, err = o.agency(f.Agency); err != nil {
		return in, err
	}
	s := subscriptions.Slots{Services: f.Services, Platforms: f.Platforms, SinceApprox: f.About, State: f.State,
		Alternatives: f.Alternatives, EndsNotBefore: f.NotBefore, Cause: f.Cause}
	var old, fresh time.Time
	for _, t := range []struct {
		flag, text string
		into       *time.Time
	}{{"since", f.Since, &s.Since}, {"next-update", f.NextUpdate, &s.NextUpdate}, {"until", f.Until, &s.Until},
		{"starts", f.Starts, &s.StartsAt}, {"ends", f.Ends, &s.EndsAt}, {"deadline-old", f.DeadlineOld, &old}, {"deadline-new", f.DeadlineNew, &fresh}} {
		if *t.into, err = o.when(t.flag, t.text); err != nil {
			return in, err
		}
	}
	if f.DeadlineFor != "" || !old.IsZero() || !fresh.IsZero() || f.FineWaived {
		s.Deadline = &subscriptions.Deadline{Service: f.DeadlineFor, Old: old, New: fresh, FineWaived: f.FineWaived}
	}
	s.Free, err = o.free(f.Free)
	in.Slots = s
	return in, err
}

// free keeps texts of languages that the catalogue has.
func (o *office) free(texts map[string]string) (subscriptions.Text, error) {
	var out subscriptions.Text
	for l, text := range texts {
		if !slices.Contains(o.nation.Languages, subscriptions.Language(l)) {
			return nil, usagef("--free %s=…: the languages are %s", l, joinIDs(o.nation.Languages))
		}
		if out == nil {
			out = subscriptions.Text{}
		}
		out[subscriptions.Language(l)] = text
	}
	return out, nil
}

// answerFlags are the three questions at the end.
type answerFlags struct {
	Landed     string              `placeholder:"yes|no|TIME" help:"Did payments that left arrive? yes, no, or by when you will say."`
	PayAgain   string              `placeholder:"yes|no|TIME" help:"Should people pay again? yes (needs a second officer), no, or by when you will say."`
	Moved      string              `placeholder:"yes|no|TIME" help:"Did a deadline move? yes, no, or by when you will say."`
	Cause      subscriptions.Cause `placeholder:"CAUSE" help:"Only if confirmed."`
	Free       map[string]string   `placeholder:"LANG=TEXT" help:"One short free text for each language."`
	NextUpdate string              `placeholder:"TIME" help:"When open answers come."`
}

func (f *answerFlags) restore(o *office, id subscriptions.IncidentID, who whoFlags) (desk.RestoreInput, error) {
	in := desk.RestoreInput{Incident: id, Platforms: who.Platforms, Services: who.Services, Cause: f.Cause, Request: who.Request}
	var err error
	if in.Agency, err = o.agency(who.Agency); err != nil {
		return in, err
	}
	for _, q := range []struct {
		flag, text string
		into       *subscriptions.Answer
	}{{"landed", f.Landed, &in.Landed}, {"pay-again", f.PayAgain, &in.PayAgain}, {"moved", f.Moved, &in.Moved}} {
		if q.text == "yes" || q.text == "no" {
			q.into.Value = q.text
		} else if q.into.By, err = o.when(q.flag, q.text); err != nil {
			return in, err
		}
	}
	if in.NextUpdate, err = o.when("next-update", f.NextUpdate); err != nil {
		return in, err
	}
	in.Free, err = o.free(f.Free)
	return in, err
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
		return a.print(n, func(w io.Writer) {
			fmt.Fprintf(w, "Draft %d. See the words:  arifa notice preview %d\n", n.ID, n.ID)
			fmt.Fprintf(w, "Then:                     arifa notice publish %d   (one officer)  or  arifa notice submit %d   (two)\n", n.ID, n.ID)
		})
	})
}

type noticePreviewCmd struct {
	Notice subscriptions.NoticeID `arg:"" help:"Number of the draft."`
}

func (c *noticePreviewCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		p, err := o.desk.Preview(a.ctx, o.actor, c.Notice, o.now)
		if err != nil {
			return err
		}
		return a.print(p, func(w io.Writer) { o.showPreview(w, p) })
	})
}

func (o *office) showPreview(w io.Writer, p desk.Preview) {
	for _, n := range slices.Concat(p.Networks, p.Texts) {
		count := fmt.Sprintf("%d characters", n.Chars)
		if n.Limit > 0 {
			count = fmt.Sprintf("%d of %d characters", n.Chars, n.Limit)
		}
		if n.Encoding != "" {
			count = fmt.Sprintf("%d characters, %d SMS (%s)", n.Chars, n.Parts, n.Encoding)
		}
		fmt.Fprintf(w, "── %s, %s: %s ──\n%s\n\n", n.Network, n.Language, count, n.Text)
	}
	for _, l := range o.nation.Languages {
		fmt.Fprintf(w, "── at most 160 characters, %s ──\n%s\n\n", l, p.Short[l])
	}
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "LANE\tWHO\tHOW MANY\tASKED IN THE LAST TWO HOURS")
	for _, c := range p.Audience {
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\n", c.Lane, c.Kind, c.Count, c.Asked)
	}
	_ = t.Flush()
	o.showFinish(w, p)
}

func (o *office) showFinish(w io.Writer, p desk.Preview) {
	switch f := p.Finish; {
	case f.People == 0:
		fmt.Fprintln(w, "Nobody follows this yet.")
	case f.Certain:
		fmt.Fprintf(w, "%d recipients; the last one reads it after %s.\n", f.People, f.Takes)
	default:
		fmt.Fprintf(w, "%d recipients; how long it takes is not certain (a lane is paused, or its pace is not known).\n", f.People)
	}
	fmt.Fprintf(w, "Heard as: %s.\n", p.Why)
	if len(p.Unconfirmed) > 0 {
		fmt.Fprintf(w, "Not told, because nobody has confirmed that they are affected: %s\n", joinIDs(p.Unconfirmed))
	}
	for _, l := range p.Missing {
		fmt.Fprintf(w, "The free text is missing in %s: readers of it will not see that line.\n", l)
	}
	for _, why := range p.TwoOfficers {
		fmt.Fprintf(w, "Needs a second officer: %s\n", why)
	}
	for _, f := range p.Findings {
		fmt.Fprintf(w, "Cannot be published with %q: %s\n", f.Piece, f.Advice)
	}
}

type noticeSubmitCmd struct {
	Notice   subscriptions.NoticeID `arg:"" help:"Number of the draft."`
	DropFree bool                   `help:"Submit without the free text."`
	Request  string                 `placeholder:"KEY" help:"Idempotency key."`
}

func (c *noticeSubmitCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		n, err := o.desk.Submit(a.ctx, o.actor, c.Notice, desk.SubmitInput{DropFree: c.DropFree, Request: c.Request}, o.now)
		if err != nil {
			return err
		}
		return a.submitted(n)
	})
}

func (a *app) submitted(n subscriptions.Notice) error {
	return a.print(n, func(w io.Writer) {
		fmt.Fprintf(w, "Submitted as %s. Its words are frozen; another officer approves them:\n", n.Key)
		fmt.Fprintf(w, "  arifa notice show %s\n  arifa notice approve %s --hash %s --code ……\n", n.Key, n.Key, n.Hash)
	})
}

type noticeApproveCmd struct {
	Notice  string `arg:"" help:"Number of the notice, such as 2025-0103-1."`
	Hash    string `required:"" placeholder:"HASH" help:"As shown with the words: proves which words you approve."`
	Code    string `placeholder:"DIGITS" help:"Your six digits (asked for when left out)."`
	Request string `placeholder:"KEY" help:"Idempotency key."`
}

func (c *noticeApproveCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		n, err := a.find(o, c.Notice)
		if err != nil {
			return err
		}
		code, err := a.sixDigits(c.Code)
		if err != nil {
			return err
		}
		out, err := o.desk.Approve(a.ctx, o.actor, desk.ApproveInput{Notice: n.ID, Hash: c.Hash, Code: code, Request: c.Request}, o.now)
		if err != nil {
			return err
		}
		return a.published(o, out)
	})
}

func (a *app) sixDigits(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	fmt.Fprint(a.Err, "Six digits: ")
	var code string
	if _, err := fmt.Fscanln(a.In, &code); err != nil {
		return "", usagef("--code: give the six digits of your authenticator")
	}
	return code, nil
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
	Notice   subscriptions.NoticeID `arg:"" optional:"" help:"Number of a draft; without it the flags below say what."`
	DropFree bool                   `help:"Publish without the free text."`
	factFlags
}

func (c *noticePublishCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		in := desk.PublishInput{Notice: c.Notice, DropFree: c.DropFree, Request: c.Request}
		if c.Notice == 0 {
			if c.Incident == 0 && c.Kind != subscriptions.Advisory {
				return usagef("say which draft, or --incident N --kind KIND")
			}
			d, err := c.draft(o)
			if err != nil {
				return err
			}
			in.Draft = &d
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
		return a.submitted(out.Notice)
	}
	return a.print(out, func(w io.Writer) {
		switch {
		case out.Notice.ID == 0:
			fmt.Fprintf(w, "Recorded on incident %d; nobody needs to be told.\n", out.Incident.ID)
			return
		case out.Repeated:
			fmt.Fprintf(w, "This was done before: %s.\n", key(out.Notice))
		default:
			fmt.Fprintf(w, "Published %s (%s), check code %s.\n", key(out.Notice), out.Notice.Kind, out.Notice.Code)
		}
		if len(out.Ping) > 0 {
			fmt.Fprintf(w, "%d other officers of the agency are told and can stop it.\n", len(out.Ping))
		}
		fmt.Fprintf(w, "Follow it:  arifa notice progress %s --follow\nStop it:    arifa notice stop %s\n", key(out.Notice), key(out.Notice))
		if !out.Incident.NextUpdate.IsZero() && !out.Incident.State.Over() {
			fmt.Fprintf(w, "Promised:   next update by %s, even if nothing is new.\n", o.local(out.Incident.NextUpdate))
		}
	})
}
