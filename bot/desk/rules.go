package desk

import (
	"slices"
	"strings"

	"arifa/subscriptions"
)

// Act is one kind of deed; it is the action of the audit line.
type Act string

const (
	ActDraft    Act = "notice.draft"
	ActSubmit   Act = "notice.submit"
	ActApprove  Act = "notice.approve"
	ActReturn   Act = "notice.return"
	ActDiscard  Act = "notice.discard"
	ActPosted   Act = "notice.posted"
	ActStop     Act = "notice.stop"
	ActWithdraw Act = "notice.withdraw"
	ActActivate Act = "alternative.activate"

	ActOpen    Act = "incident.open"
	ActJoin    Act = "incident.join"
	ActHold    Act = "incident.hold"
	ActRelease Act = "incident.release"
	ActConfirm Act = "incident.confirm"
	ActResolve Act = "incident.resolve"
	ActReopen  Act = "incident.reopen"
	ActAdvance Act = "incident.advance"

	ActReadyAsk      Act = "alternative.ready"
	ActEntryAsk      Act = "registry.confirm"
	ActChangeApprove Act = "registry.approve"
	ActChangeRefuse  Act = "registry.refuse"
	ActTiesApprove   Act = "registry.approve.admin"
	ActTiesRefuse    Act = "registry.refuse.admin"
	ActImport        Act = "catalogue.import"

	ActOfficerAdd     Act = "officer.add"
	ActRolesAsk       Act = "officer.roles"
	ActRolesApprove   Act = "officer.roles.approve"
	ActRolesRefuse    Act = "officer.roles.refuse"
	ActOfficerDisable Act = "officer.disable"
	ActOfficerFreeze  Act = "officer.freeze"
	ActAgencyFreeze   Act = "agency.freeze"
	ActUnfreeze       Act = "officer.unfreeze"
	ActOfficerLink    Act = "officer.link"
	ActNewKey         Act = "officer.key"
	ActNewSecret      Act = "officer.digits"
	ActRenew          Act = "officer.renew"
	ActDuty           Act = "officer.duty"
	ActOfficerUnlink  Act = "officer.unlink"
	ActVisitsEnd      Act = "officer.sign-out"
	ActSignIn         Act = "officer.sign-in"
	ActTurnAway       Act = "turn-away"
	ActCode           Act = "officer.code"

	ActAlarmPublish Act = "alarm.publish"
	ActAlarmAnswer  Act = "alarm.answer"
	ActAlarmSeen    Act = "alarm.seen"

	// These are the program's alone.
	ActAlarmOpen       Act = "alarm.open"
	ActAlarmGrow       Act = "alarm.grow"
	ActAlarmCall       Act = "alarm.call"
	ActAlarmEnd        Act = "alarm.end"
	ActAlarmUnofficial Act = "alarm.unofficial"
	ActSamplePick      Act = "sample.pick"
	ActIncidentKeep    Act = "incident.keep"

	ActChannelAdd    Act = "channel.add"
	ActChannelRemove Act = "channel.remove"
)

// ActOf is the act of publishing a kind of notice.
func ActOf(k subscriptions.Kind) Act { return Act("notice.publish." + string(k)) }

// rule is one row of rule 4's table.
type rule struct {
	two    bool                 // a second officer decides
	roles  []subscriptions.Role // any of these, for the agency concerned
	admin  bool                 // an admin may, whatever the agency
	second subscriptions.Role   // of the second officer
	why    string               // why two are asked
}

var (
	authors  = []subscriptions.Role{subscriptions.Author}
	anyOne   = []subscriptions.Role{subscriptions.Author, subscriptions.Approver}
	approver = []subscriptions.Role{subscriptions.Approver}
)

// table is rule 4: who may say what. An act without a row is nobody's.
var table = map[Act]rule{
	ActOf(subscriptions.Outage):            {roles: authors},
	ActOf(subscriptions.Update):            {roles: authors},
	ActOf(subscriptions.Maintenance):       {roles: authors},
	ActOf(subscriptions.Restored):          {roles: authors},
	ActOf(subscriptions.AlternativeNotice): {roles: authors},
	ActOf(subscriptions.Correction):        {roles: authors, two: true, second: subscriptions.Approver, why: "it is a correction"},
	ActOf(subscriptions.Advisory):          {roles: authors, two: true, second: subscriptions.Approver, why: "it is an advisory"},

	ActDraft:    {roles: authors},
	ActSubmit:   {roles: authors},
	ActApprove:  {roles: approver},
	ActReturn:   {roles: approver},
	ActDiscard:  {roles: authors},
	ActPosted:   {roles: anyOne},
	ActStop:     {roles: anyOne, admin: true},
	ActWithdraw: {roles: anyOne},
	ActActivate: {roles: authors},

	ActOpen:    {roles: authors},
	ActJoin:    {roles: authors},
	ActHold:    {roles: anyOne},
	ActRelease: {roles: authors},
	ActConfirm: {roles: anyOne},
	ActResolve: {roles: authors},
	ActReopen:  {roles: authors},
	ActAdvance: {roles: authors},

	ActReadyAsk:      {roles: authors, two: true, second: subscriptions.Approver, why: "it is made ready for 90 days"},
	ActEntryAsk:      {roles: anyOne, two: true, second: subscriptions.Approver, why: "it becomes a place to pay"},
	ActChangeApprove: {roles: approver},
	ActChangeRefuse:  {roles: anyOne},
	ActTiesApprove:   {admin: true},
	ActTiesRefuse:    {admin: true},
	ActImport:        {admin: true},

	ActOfficerAdd:     {admin: true, two: true, second: subscriptions.Admin, why: "roles are given by two"},
	ActRolesAsk:       {admin: true, two: true, second: subscriptions.Admin, why: "roles are given by two"},
	ActRolesApprove:   {admin: true},
	ActRolesRefuse:    {roles: approver, admin: true},
	ActOfficerDisable: {admin: true},
	ActOfficerFreeze:  {roles: anyOne, admin: true},
	ActAgencyFreeze:   {roles: anyOne, admin: true},
	ActUnfreeze:       {admin: true},
	ActRenew:          {admin: true},
	ActDuty:           {roles: approver, admin: true},

	ActAlarmPublish: {roles: authors},
	ActAlarmAnswer:  {roles: anyOne},
	ActAlarmSeen:    {roles: anyOne},

	ActChannelAdd:    {roles: authors, admin: true},
	ActChannelRemove: {roles: authors, admin: true},
}

// May reports whether o may do act for agency, alone or as the first of two;
// nil = yes. An admin's power over officers and the registry is no power to
// speak for an agency.
func May(o subscriptions.Officer, act Act, agency subscriptions.AgencyID) *Refusal {
	r, known := table[act]
	switch {
	case !known:
		return no(4, "", "%s is nobody's to do", act)
	case o.ID == 0:
		return no(4, "act with your own key", "nobody is signed in")
	case !o.DisabledAt.IsZero():
		return no(4, "ask an admin", "%s is disabled", o.Name)
	case !o.FrozenAt.IsZero():
		return no(4, "ask an admin to unfreeze", "%s is frozen", o.Name)
	case r.admin && o.Has(subscriptions.Admin, ""):
		return nil
	case slices.ContainsFunc(r.roles, func(role subscriptions.Role) bool { return o.Has(role, agency) }):
		return nil
	case len(r.roles) == 0:
		return no(4, "ask an admin", "%s needs an admin", act)
	}
	return no(4, "ask an officer of that agency", "%s is not %s of %s", o.Name, named(r.roles), orNobody(agency))
}

func named(roles []subscriptions.Role) string {
	if len(roles) == 1 {
		return string(roles[0])
	}
	return "an officer"
}

func orNobody(a subscriptions.AgencyID) string {
	if a == "" {
		return "any agency"
	}
	return string(a)
}

// twoOfficers lists why a notice needs a second officer; empty = one is enough.
// ready are the alternatives that two approved in advance and one may activate.
func twoOfficers(n *subscriptions.Nation, notice subscriptions.Notice, ready map[subscriptions.AlternativeID]bool) []string {
	var why []string
	s := notice.Slots
	if r := table[ActOf(notice.Kind)]; r.two && !(s.Withdraws && notice.Corrects != 0) && !notice.Answers() {
		why = append(why, r.why)
	}
	for _, id := range s.Alternatives {
		if a, _ := n.Alternative(id); movesMoney(n, a) && !ready[id] {
			why = append(why, "it names another way to pay: "+string(id))
		}
	}
	if s.PayAgain.Value == "yes" {
		why = append(why, "it tells people to pay again")
	}
	if s.Deadline != nil || s.Moved.Value == "yes" {
		why = append(why, "it speaks of a deadline or fine")
	}
	for _, l := range n.Languages {
		if two, found := subscriptions.FreeTextNeedsTwo(s.Free[l], n); two {
			why = append(why, "the free text holds "+plain(found[0])+" in "+string(l))
		} else if strings.Contains(s.Free[l], "{") {
			why = append(why, "the free text names an entry of the registry in "+string(l))
		}
	}
	return why
}

// plain says to an officer what the scan found.
func plain(f subscriptions.Finding) string {
	what := "what looks like a number, a link or an account"
	switch f.Reason {
	case subscriptions.ScanMoneyWord:
		what = "a word about money"
	case subscriptions.ScanDigit, subscriptions.ScanNumber, subscriptions.ScanMoneyNumber, subscriptions.ScanSpoken:
		what = "a number"
	case subscriptions.ScanLink:
		what = "a link"
	case subscriptions.ScanHandle, subscriptions.ScanEmail:
		what = "an @"
	case subscriptions.ScanPerson:
		what = "somebody, or something, that people are sent to"
	case subscriptions.ScanSecret:
		what = "a code or a caller"
	}
	return what + " (\"" + f.Piece + "\")"
}

// NeedsTwo reports whether an act always needs a second officer; slots may ask
// for one besides.
func NeedsTwo(act Act) bool { return table[act].two }

// Acts lists every act of the table, in no order.
func Acts() []Act {
	var out []Act
	for a := range table {
		out = append(out, a)
	}
	return out
}
