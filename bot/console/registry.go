package console

import (
	"fmt"
	"slices"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// registryView is where money may be sent and whom to ask, what waits to change
// that, and the ready alternatives.
type registryView struct {
	Waiting []changeView
	Past    []changeView
	Entries []entryGroup
	Ready   []readyWay
	Ways    []subscriptions.Alternative // of the officer's agencies, that could be made ready
	Own     []subscriptions.AgencyID
}

// changeView is a change with what it would do, fact by fact.
type changeView struct {
	subscriptions.RegistryChange
	Title   string
	Facts   []factView
	Decides bool // it waits for this officer
	Refuses bool // she may end it
}

type factView struct {
	Name, Value, Before string
	Fresh               bool // there was nothing before
}

type entryGroup struct {
	Agency  subscriptions.AgencyID
	Entries []subscriptions.Entry
}

const pastChanges = 20

func showRegistry(a *ask) error {
	all, err := a.c.Desk.Changes(a.ctx)
	if err != nil {
		return err
	}
	v := registryView{Own: a.own()}
	for _, c := range all {
		switch w := a.changeOf(c); {
		case c.State == subscriptions.ChangeWaiting || c.State == subscriptions.ChangeCooling:
			v.Waiting = append(v.Waiting, w)
		case len(v.Past) < pastChanges:
			v.Past = append(v.Past, w)
		}
	}
	for _, e := range a.nation.Registry {
		if e.Retired {
			continue
		}
		at := slices.IndexFunc(v.Entries, func(g entryGroup) bool { return g.Agency == e.Agency })
		if at < 0 {
			v.Entries, at = append(v.Entries, entryGroup{Agency: e.Agency}), len(v.Entries)
		}
		v.Entries[at].Entries = append(v.Entries[at].Entries, e)
	}
	ready, err := a.c.Desk.ReadyWays(a.ctx)
	if err != nil {
		return err
	}
	for _, w := range ready {
		v.Ready = append(v.Ready, readyWay{ReadyWay: w, Services: w.Services, Open: a.now.Before(w.Until)})
	}
	for _, w := range a.nation.Alternatives {
		if !w.Retired && a.author(w.Agency) {
			v.Ways = append(v.Ways, w)
		}
	}
	return a.render(a.status(), "registry", "Registry", v)
}

func (a *ask) changeOf(c subscriptions.RegistryChange) changeView {
	w := changeView{RegistryChange: c, Title: changeTitle(c.Kind), Decides: a.decides(c)}
	open := c.State == subscriptions.ChangeWaiting || c.State == subscriptions.ChangeCooling
	w.Refuses = open && (c.Agency != "" && a.anyOf(c.Agency) || a.me().Has(subscriptions.Admin, "") || c.State == subscriptions.ChangeCooling && c.Kind == desk.ChangeRoles)
	before := map[string]string{}
	for _, f := range desk.FactsOf(c, c.Old, a.nation) {
		before[f.Name] = f.Value
	}
	for _, f := range desk.FactsOf(c, c.New, a.nation) {
		x := factView{Name: f.Name, Value: f.Value}
		if was, ok := before[f.Name]; c.Old != "" && was != f.Value {
			x.Before, x.Fresh = was, !ok
		}
		w.Facts = append(w.Facts, x)
	}
	return w
}

func changeTitle(k subscriptions.ChangeKind) string {
	switch k {
	case subscriptions.ChangeEntry:
		return "A new or changed destination or contact"
	case subscriptions.ChangeConfirm:
		return "A destination becomes a place to pay"
	case subscriptions.ChangeAlternative:
		return "A new or changed other way"
	case subscriptions.ChangeName:
		return "A name that holds a number, a link or a money word"
	case subscriptions.ChangeIdentifiers:
		return "New names of a platform: its paybill, code or address"
	case subscriptions.ChangeTies:
		return "Whose a service or platform is, what it depends on, or the codes it is found by"
	case subscriptions.ChangeHost:
		return "A new official host"
	case desk.ChangeRoles:
		return "Roles of an officer"
	case desk.ChangeReady:
		return "Another way is made ready for one officer to tell"
	}
	return string(k)
}

// Needs says how many approvals a change takes.
func (w changeView) Needs() int {
	switch w.Kind {
	case desk.ChangeRoles, desk.ChangeReady, subscriptions.ChangeConfirm:
		return 1
	}
	return 2
}

func (a *ask) change() (subscriptions.ChangeID, error) {
	id, err := a.number("id")
	return subscriptions.ChangeID(id), err
}

func doApproveChange(a *ask) (string, error) {
	id, err := a.change()
	if err != nil {
		return "", err
	}
	p, err := a.proof()
	if err != nil {
		return "", err
	}
	c, err := a.c.Desk.ApproveChange(a.ctx, a.actor, desk.ApproveChangeInput{ID: id, Code: p.Code, Passkey: p.Passkey}, a.now)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s/registry?done=%s", Base, changeDone(c)), a.proved()
}

func changeDone(c subscriptions.RegistryChange) string {
	switch c.State {
	case subscriptions.ChangeWaiting:
		return "approved-one"
	case subscriptions.ChangeCooling:
		return "approved-cooling"
	}
	return "approved"
}

func doRefuseChange(a *ask) (string, error) {
	id, err := a.change()
	if err != nil {
		return "", err
	}
	if a.Val("reason") == "" {
		return "", input("a refusal needs a reason", "say why, for whoever asked for it")
	}
	_, err = a.c.Desk.RefuseChange(a.ctx, a.actor, id, a.Val("reason"), a.now)
	return Base + "/registry?done=refused", err
}

func doConfirmEntry(a *ask) (string, error) {
	_, err := a.c.Desk.ProposeConfirm(a.ctx, a.actor, subscriptions.EntryID(a.Val("entry")), a.Val("name"), a.now)
	return Base + "/registry?done=proposed", err
}

func doReady(a *ask) (string, error) {
	id := subscriptions.AlternativeID(a.Val("alternative"))
	w, _ := a.nation.Alternative(id)
	_, err := a.c.Desk.ProposeReady(a.ctx, a.actor, id, w.Agency, list[subscriptions.ServiceID](a, "services"), a.now)
	return Base + "/registry?done=proposed", err
}
