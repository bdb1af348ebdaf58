package console

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// officersView lists everybody who may act.
type officersView struct {
	All      []subscriptions.Officer
	Admin    bool
	Agencies []subscriptions.AgencyID // for which roles may be given
	Freezes  []subscriptions.AgencyID // that the officer may freeze
	// Made is a new officer, with what is shown once.
	Made *desk.NewOfficer
}

func showOfficers(a *ask) error {
	all, err := a.c.Desk.Officers(a.ctx, a.actor)
	if err != nil {
		return err
	}
	return a.render(a.status(), "officers", "Officers", a.officersView(all))
}

func (a *ask) officersView(all []subscriptions.Officer) officersView {
	v := officersView{All: all, Admin: a.me().Has(subscriptions.Admin, "")}
	for _, g := range a.nation.Agencies {
		if !g.Retired {
			v.Agencies = append(v.Agencies, g.ID)
			if desk.May(a.me(), desk.ActAgencyFreeze, g.ID) == nil {
				v.Freezes = append(v.Freezes, g.ID)
			}
		}
	}
	return v
}

// Standing says whether an officer may act.
func (a *ask) Standing(o subscriptions.Officer) string {
	switch {
	case !o.DisabledAt.IsZero():
		return "disabled"
	case !o.FrozenAt.IsZero():
		return "frozen"
	case o.Tryout:
		return "of the try-out"
	case !o.Enrolled():
		return "not enrolled"
	}
	return "active"
}

// Roles says them.
func (a *ask) Roles(gs []subscriptions.Grant) string {
	if s := desk.RolesText(gs, a.nation); s != "" {
		return s
	}
	return "none"
}

// Accounts names the linked ones.
func (a *ask) Accounts(o subscriptions.Officer) string {
	var out []string
	for _, i := range o.Identities {
		if name := provider(i); !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return strings.Join(out, ", ")
}

func provider(i subscriptions.Identity) string {
	names := map[string]string{desk.ProviderKey: "key", subscriptions.ProviderPasskey: "passkey", providerSSO: "single sign-on", "telegram": "Telegram", "slack": "Slack"}
	if n, ok := names[i.Provider]; ok {
		return n
	}
	return i.Provider
}

// grants reads roles from a form: "admin", "author:kra".
func (a *ask) grants() ([]subscriptions.Grant, error) {
	var out []subscriptions.Grant
	for _, text := range list[string](a, "role") {
		role, agency, _ := strings.Cut(text, ":")
		g := subscriptions.Grant{Role: subscriptions.Role(role), Agency: subscriptions.AgencyID(agency)}
		if !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	for k := range 3 { // the rows of the form: a role and an agency each
		role, agency := subscriptions.Role(a.Val(fmt.Sprint("role", k))), subscriptions.AgencyID(a.Val(fmt.Sprint("agency", k)))
		if role == "" {
			continue
		}
		if role == subscriptions.Admin {
			agency = ""
		}
		if g := (subscriptions.Grant{Role: role, Agency: agency}); !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	return out, nil
}

// doAddOfficer shows key and secret once, in the answer itself: they are in no
// address and in no session.
func doAddOfficer(a *ask) (string, error) {
	roles, err := a.grants()
	if err != nil {
		return "", err
	}
	made, err := a.c.Desk.AddOfficer(a.ctx, a.actor, desk.AddOfficer{Name: a.Val("name"), Roles: roles}, a.now)
	if err != nil {
		return "", err
	}
	return a.shown("Added: "+made.Officer.Name, made)
}

// officerView is one officer.
type officerView struct {
	subscriptions.Officer
	Admin    bool
	Self     bool
	Freezes  bool
	Duties   []subscriptions.AgencyID // for which the officer who asks sets duty
	Agencies []subscriptions.AgencyID
}

func (a *ask) officer() (subscriptions.Officer, error) {
	id, err := a.number("id")
	if err != nil {
		return subscriptions.Officer{}, err
	}
	all, err := a.c.Desk.Officers(a.ctx, a.actor)
	if err != nil {
		return subscriptions.Officer{}, err
	}
	for _, o := range all {
		if o.ID == subscriptions.OfficerID(id) {
			return o, nil
		}
	}
	return subscriptions.Officer{}, subscriptions.ErrNotFound
}

func showOfficer(a *ask) error {
	o, err := a.officer()
	if err != nil {
		return err
	}
	v := officerView{Officer: o, Admin: a.me().Has(subscriptions.Admin, ""), Self: o.ID == a.me().ID}
	v.Freezes = v.Admin && !v.Self
	for _, g := range o.SpeaksFor() {
		v.Freezes = v.Freezes || !v.Self && a.anyOf(g)
		if desk.May(a.me(), desk.ActDuty, g) == nil {
			v.Duties = append(v.Duties, g)
		}
	}
	for _, g := range a.nation.Agencies {
		if !g.Retired {
			v.Agencies = append(v.Agencies, g.ID)
		}
	}
	return a.render(a.status(), "officer", o.Name, v)
}

// onOfficer does a deed on the officer of the path and comes back to her page.
func (a *ask) onOfficer(done string, do func(id subscriptions.OfficerID) error) (string, error) {
	o, err := a.officer()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s/officers/%d?done=%s", Base, o.ID, done), do(o.ID)
}

func doRoles(a *ask) (string, error) {
	roles, err := a.grants()
	if err != nil {
		return "", err
	}
	var waits subscriptions.ChangeID
	to, err := a.onOfficer("roles", func(id subscriptions.OfficerID) error {
		_, waits, err = a.c.Desk.SetRoles(a.ctx, a.actor, id, roles, a.now)
		return err
	})
	if waits != 0 {
		to = Base + "/registry?done=roles-wait"
	}
	return to, err
}

func doRenew(a *ask) (string, error) {
	o, err := a.officer()
	if err != nil {
		return "", err
	}
	made, err := a.c.Desk.Renew(a.ctx, a.actor, o.ID, a.now)
	if err != nil {
		return "", err
	}
	return a.shown("Renewed: "+o.Name, made)
}

func doDisable(a *ask) (string, error) {
	return a.onOfficer("disabled", func(id subscriptions.OfficerID) error {
		_, err := a.c.Desk.Disable(a.ctx, a.actor, id, a.now)
		return err
	})
}

func doFreeze(a *ask) (string, error) {
	return a.onOfficer("frozen", func(id subscriptions.OfficerID) error {
		_, err := a.c.Desk.Freeze(a.ctx, a.actor, id, a.now)
		return err
	})
}

func doUnfreeze(a *ask) (string, error) {
	return a.onOfficer("unfrozen", func(id subscriptions.OfficerID) error {
		_, err := a.c.Desk.Unfreeze(a.ctx, a.actor, id, a.now)
		return err
	})
}

func doFreezeAgency(a *ask) (string, error) {
	g, ok := a.nation.Agency(subscriptions.AgencyID(a.r.PathValue("id")))
	if !ok {
		return "", subscriptions.ErrNotFound
	}
	_, err := a.c.Desk.FreezeAgency(a.ctx, a.actor, g.ID, a.now)
	return Base + "/officers?done=frozen", err
}

// doDuty adds one weekly turn, or takes those of an agency away.
func doDuty(a *ask) (string, error) {
	return a.onOfficer("duty", func(id subscriptions.OfficerID) error {
		o, err := a.officer()
		if err != nil {
			return err
		}
		turn := subscriptions.Duty{Agency: subscriptions.AgencyID(a.Val("agency"))}
		turns := slices.Clone(o.Duty)
		if a.Val("clear") != "" {
			turns = slices.DeleteFunc(turns, func(t subscriptions.Duty) bool { return t.Agency == turn.Agency })
		} else {
			if turn.From, err = minutes(a.Val("from")); err == nil {
				turn.To, err = minutes(a.Val("to"))
			}
			if err != nil {
				return err
			}
			for _, d := range list[string](a, "days") {
				n, err := strconv.Atoi(d)
				if err != nil || n < 0 || n > 6 {
					return input("no such day", "choose days of the list")
				}
				turn.Days = append(turn.Days, time.Weekday(n))
			}
			turns = append(turns, turn)
		}
		_, err = a.c.Desk.SetDuty(a.ctx, a.actor, id, turns, a.now)
		return err
	})
}

func minutes(s string) (int, error) {
	if s == "24:00" {
		return 24 * 60, nil
	}
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, input("“"+s+"” is no time of day", "write 06:00")
	}
	return t.Hour()*60 + t.Minute(), nil
}

// Turn says a weekly turn.
func (a *ask) Turn(d subscriptions.Duty) string {
	var days []string
	for _, w := range d.Days {
		days = append(days, w.String()[:3])
	}
	if len(days) == 7 {
		days = []string{"every day"}
	}
	return fmt.Sprintf("%s, %02d:%02d to %02d:%02d", strings.Join(days, " "), d.From/60, d.From%60, d.To/60, d.To%60)
}

// Weekdays from Monday.
func (a *ask) Weekdays() []time.Weekday {
	return []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}
}

// Rows are those of the form of roles.
func (a *ask) Rows() []int { return []int{0, 1, 2} }
