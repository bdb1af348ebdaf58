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
)

type officerCmd struct {
	Add      officerAddCmd      `cmd:"" help:"Add an officer; prints the key and the secret for the six digits, once."`
	List     officerListCmd     `cmd:"" help:"List officers, their roles, links and duty."`
	Roles    officerRolesCmd    `cmd:"" help:"Change an officer's roles (two admins)."`
	SignIn   officerSignInCmd   `cmd:"" name:"sign-in" help:"Make a one-time link into the desk in a browser, for yourself."`
	Link     officerLinkCmd     `cmd:"" help:"Make a one-time code that ties a chat or account to an officer."`
	Key      officerKeyCmd      `cmd:"" help:"Replace your own key; the old one stops at once."`
	Digits   officerDigitsCmd   `cmd:"" help:"Replace your own secret for the six digits; asks for the old ones."`
	Enrol    officerEnrolCmd    `cmd:"" help:"Replace both the key and the digits that you were handed; nobody is a second officer before that."`
	Renew    officerRenewCmd    `cmd:"" help:"Give another officer a new key and secret: a lost phone (admin)."`
	Disable  officerDisableCmd  `cmd:"" help:"End an officer's powers."`
	Freeze   officerFreezeCmd   `cmd:"" help:"Stop an officer, or everybody of an agency, at once: a lost phone, a stolen key."`
	Unfreeze officerUnfreezeCmd `cmd:"" help:"Lift a freeze (admin)."`
	Duty     officerDutyCmd     `cmd:"" help:"Show who is on duty for an agency, when, and its head; or change it."`
}

type officerAddCmd struct {
	Name string   `arg:"" help:"Name of the person."`
	Role []string `required:"" placeholder:"ROLE" help:"admin, author:AGENCY or approver:AGENCY; may be repeated."`
}

func (c *officerAddCmd) Run(a *app) error {
	grants, err := grants(c.Role)
	if err != nil {
		return err
	}
	return a.acting(func(o *office) error {
		n, err := o.desk.AddOfficer(a.ctx, o.actor, desk.AddOfficer{Name: c.Name, Roles: grants}, o.now)
		if err != nil {
			return err
		}
		return a.print(n, func(w io.Writer) {
			fmt.Fprintf(w, "Officer %d, %s.\n\nShown once, hand it over in person:\n", n.Officer.ID, n.Officer.Name)
			fmt.Fprintf(w, "  key:             %s\n  six digits from: %s\n  (as a link:      %s)\n", n.Key, n.Secret, n.URL)
			fmt.Fprintf(w, "\nThe key acts on the command line:  export OFFICER_KEY=%s\n", "…")
			if !n.Officer.Enrolled() {
				fmt.Fprintf(w, "You have seen both, so %s replaces them before anything for two:  arifa officer enrol --code ……\n", n.Officer.Name)
			}
			if n.Waiting != 0 {
				fmt.Fprintf(w, "%s cannot act yet: the roles wait (arifa registry list shows for whom or until when; another admin: arifa registry approve %d --code ……).\n", n.Officer.Name, n.Waiting)
			}
		})
	})
}

func grants(roles []string) ([]subscriptions.Grant, error) {
	var out []subscriptions.Grant
	for _, r := range roles {
		role, agency, _ := strings.Cut(r, ":")
		g := subscriptions.Grant{Role: subscriptions.Role(role), Agency: subscriptions.AgencyID(agency)}
		switch {
		case g.Role == subscriptions.Admin && agency == "":
		case (g.Role == subscriptions.Author || g.Role == subscriptions.Approver) && agency != "":
		default:
			return nil, usagef("--role %s: write admin, author:AGENCY or approver:AGENCY", r)
		}
		out = append(out, g)
	}
	return out, nil
}

type officerListCmd struct{}

func (c *officerListCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		list, err := o.desk.Officers(a.ctx, o.actor)
		if err != nil {
			return err
		}
		return a.print(list, func(w io.Writer) {
			t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
			fmt.Fprintln(t, "OFFICER\tNAME\tSTATE\tROLES\tCHAT\tSIGNS IN WITH\tDUTY")
			waits := false
			for _, f := range list {
				waits = waits || officerState(f) == notEnrolled
				fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", f.ID, f.Name, officerState(f), roleWords(f.Roles), chatWords(f), signsInWith(f), dutyWords(f))
			}
			_ = t.Flush()
			if waits {
				fmt.Fprintln(w, "Who is not enrolled says alone what one officer may, and is no second officer:  arifa officer enrol --code ……, with the own key")
			}
		})
	})
}

func roleWords(gs []subscriptions.Grant) string {
	var out []string
	for _, g := range gs {
		out = append(out, strings.TrimSuffix(string(g.Role)+":"+string(g.Agency), ":"))
	}
	return strings.Join(out, " ")
}

// chatWords names the networks in which the officer is called.
func chatWords(f subscriptions.Officer) string {
	return orDash(providers(f, func(p string) bool { return p == "telegram" || p == "slack" }))
}

// signsInWith names everything else that is tied to the officer.
func signsInWith(f subscriptions.Officer) string {
	return orDash(providers(f, func(p string) bool { return p != "telegram" && p != "slack" }))
}

func providers(f subscriptions.Officer, of func(string) bool) (out []string) {
	for _, i := range f.Identities {
		if of(i.Provider) && !slices.Contains(out, i.Provider) {
			out = append(out, i.Provider)
		}
	}
	return out
}

// dutyWords are the officer's turns, and of which agencies she is the head.
func dutyWords(f subscriptions.Officer) string {
	var out []string
	for _, d := range f.Duty {
		out = append(out, fmt.Sprintf("%s %s %s–%s", d.Agency, dayNames(d.Days), clockOf(d.From), clockOf(d.To)))
	}
	for _, a := range f.Heads {
		out = append(out, "head of "+string(a))
	}
	return orDash(out)
}

func orDash(words []string) string {
	if len(words) == 0 {
		return "–"
	}
	return strings.Join(words, ", ")
}

// notEnrolled is the state of who still has the key or the digits that were handed over.
const notEnrolled = "not enrolled"

func officerState(f subscriptions.Officer) string {
	switch {
	case !f.DisabledAt.IsZero():
		return "disabled"
	case !f.FrozenAt.IsZero():
		return "frozen"
	case f.Tryout:
		return "of the try-out"
	case !f.Enrolled():
		return notEnrolled
	}
	return "active"
}

type officerRolesCmd struct {
	Officer subscriptions.OfficerID `arg:"" help:"Number of the officer."`
	Role    []string                `required:"" placeholder:"ROLE" help:"All roles the officer is to have: admin, author:AGENCY, approver:AGENCY."`
}

func (c *officerRolesCmd) Run(a *app) error {
	grants, err := grants(c.Role)
	if err != nil {
		return err
	}
	return a.acting(func(o *office) error {
		f, waiting, err := o.desk.SetRoles(a.ctx, o.actor, c.Officer, grants, o.now)
		if err != nil {
			return err
		}
		return a.print(map[string]any{"officer": f, "waiting": waiting}, func(w io.Writer) {
			if waiting != 0 {
				fmt.Fprintf(w, "Waits for a second admin:  arifa registry approve %d --code ……\n", waiting)
				return
			}
			fmt.Fprintf(w, "%s is now %s.\n", f.Name, roleWords(f.Roles))
		})
	})
}

type officerLinkCmd struct {
	Officer subscriptions.OfficerID `arg:"" help:"Number of the officer."`
}

func (c *officerLinkCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		code, err := o.desk.StartLink(a.ctx, o.actor, c.Officer, o.now)
		if err != nil {
			return err
		}
		return a.print(map[string]string{"code": code}, func(w io.Writer) {
			fmt.Fprintf(w, "Within 15 minutes, write this to the bot in your own chat with it:\n  /link %s\n", code)
		})
	})
}

type officerKeyCmd struct{}

func (c *officerKeyCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		k, err := o.desk.NewKey(a.ctx, o.actor, o.now)
		if err != nil {
			return err
		}
		return a.print(k, func(w io.Writer) { fmt.Fprintf(w, "Your new key, shown once: %v\n", k) })
	})
}

type officerDigitsCmd struct {
	Code string `placeholder:"DIGITS" help:"Your present six digits (asked for when left out)."`
}

func (c *officerDigitsCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		code, err := a.sixDigits(c.Code)
		if err != nil {
			return err
		}
		secret, link, err := o.desk.NewDigits(a.ctx, o.actor, code, o.now)
		if err != nil {
			return err
		}
		return a.print(map[string]string{"secret": secret, "url": link}, func(w io.Writer) {
			fmt.Fprintf(w, "New secret for the six digits, shown once: %s\n%s\n", secret, link)
		})
	})
}

type officerEnrolCmd struct {
	Code string `placeholder:"DIGITS" help:"Your present six digits (asked for when left out)."`
}

func (c *officerEnrolCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		code, err := a.sixDigits(c.Code)
		if err != nil {
			return err
		}
		linked := len(o.actor.Officer.Identities) - 1 // all but the key
		n, err := o.desk.Enrol(a.ctx, o.actor, code, o.now)
		if err != nil {
			return err
		}
		return a.print(n, func(w io.Writer) {
			fmt.Fprintf(w, "Yours alone now, shown once:\n  key:             %s\n  six digits from: %s\n  (as a link:      %s)\n", n.Key, n.Secret, n.URL)
			if linked > 0 {
				fmt.Fprintf(w, "What was linked before has ended (%d): link your own chat again with arifa officer link %d.\n", linked, n.Officer.ID)
			}
		})
	})
}

type officerRenewCmd struct {
	Officer subscriptions.OfficerID `arg:"" help:"Number of the officer."`
}

func (c *officerRenewCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		n, err := o.desk.Renew(a.ctx, o.actor, c.Officer, o.now)
		if err != nil {
			return err
		}
		return a.print(n, func(w io.Writer) {
			fmt.Fprintf(w, "Shown once, hand it over in person:\n  key:             %s\n  six digits from: %s\n  (as a link:      %s)\n", n.Key, n.Secret, n.URL)
		})
	})
}

type officerDisableCmd struct {
	Officer subscriptions.OfficerID `arg:"" help:"Number of the officer."`
	selfFlag
}

// selfFlag is of what an officer may do to herself by a wrong number.
type selfFlag struct {
	Yes bool `help:"Do not ask, also when it is yourself."`
}

// self asks an officer on a terminal who is about to shut herself out.
func (f selfFlag) self(a *app, o *office, hits bool, what string) error {
	if !hits || f.Yes || !a.Terminal || a.ask(what+" You can do nothing more then, not even undo it. Go on?") {
		return nil
	}
	return errors.New("nothing was changed")
}

func (c *officerDisableCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		if err := c.self(a, o, c.Officer == o.actor.Officer.ID, "This is yourself."); err != nil {
			return err
		}
		f, err := o.desk.Disable(a.ctx, o.actor, c.Officer, o.now)
		return a.officerNow(f, err)
	})
}

func (a *app) officerNow(f subscriptions.Officer, err error) error {
	if err != nil {
		return err
	}
	return a.print(f, func(w io.Writer) {
		if f.Active() {
			fmt.Fprintf(w, "%s is active.\n", f.Name)
			return
		}
		fmt.Fprintf(w, "%s is %s.\n", f.Name, officerState(f))
	})
}

type officerFreezeCmd struct {
	Officer subscriptions.OfficerID `arg:"" optional:"" help:"Number of the officer."`
	Agency  string                  `placeholder:"ID" help:"Everybody of this agency instead."`
	selfFlag
}

func (c *officerFreezeCmd) Run(a *app) error {
	if (c.Officer == 0) == (c.Agency == "") {
		return usagef("say an officer's number, or --agency ID")
	}
	return a.acting(func(o *office) error {
		mine := slices.Contains(o.actor.Officer.SpeaksFor(), subscriptions.AgencyID(c.Agency))
		if err := c.self(a, o, c.Officer == o.actor.Officer.ID || mine, map[bool]string{true: "You are one of them.", false: "This is yourself."}[mine]); err != nil {
			return err
		}
		if c.Officer != 0 {
			f, err := o.desk.Freeze(a.ctx, o.actor, c.Officer, o.now)
			return a.officerNow(f, err)
		}
		ids, err := o.desk.FreezeAgency(a.ctx, o.actor, subscriptions.AgencyID(c.Agency), o.now)
		if err != nil {
			return err
		}
		return a.print(ids, func(w io.Writer) { fmt.Fprintf(w, "%d officers of %s are frozen.\n", len(ids), c.Agency) })
	})
}

type officerUnfreezeCmd struct {
	Officer subscriptions.OfficerID `arg:"" help:"Number of the officer."`
}

func (c *officerUnfreezeCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		f, err := o.desk.Unfreeze(a.ctx, o.actor, c.Officer, o.now)
		return a.officerNow(f, err)
	})
}
