package desk_test

import (
	"fmt"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// TestRuleFour is rule 4's table: every kind and act × role × whose agency.
// "one" acts alone, "first" is the first of two, "no" is refused.
func TestRuleFour(t *testing.T) {
	t.Parallel()
	const (
		author   = "author"
		approver = "approver"
		admin    = "admin"
		nobody   = "none"
	)
	everyone := []string{author, approver, admin, nobody}
	rows := []struct {
		act desk.Act
		two bool
		who []string // who of the own agency; admins whatever the agency
	}{
		{desk.ActOf(subscriptions.Outage), false, []string{author}},
		{desk.ActOf(subscriptions.AlternativeNotice), false, []string{author}},
		{desk.ActOf(subscriptions.Update), false, []string{author}},
		{desk.ActOf(subscriptions.Restored), false, []string{author}},
		{desk.ActOf(subscriptions.Maintenance), false, []string{author}},
		{desk.ActOf(subscriptions.Correction), true, []string{author}},
		{desk.ActOf(subscriptions.Advisory), true, []string{author}},
		{desk.ActDraft, false, []string{author}}, {desk.ActSubmit, false, []string{author}},
		{desk.ActDiscard, false, []string{author}}, {desk.ActPosted, false, []string{author, approver}},
		{desk.ActApprove, false, []string{approver}}, {desk.ActReturn, false, []string{approver}},
		{desk.ActStop, false, []string{author, approver, admin}}, {desk.ActWithdraw, false, []string{author, approver}},
		{desk.ActActivate, false, []string{author}},
		{desk.ActOpen, false, []string{author}}, {desk.ActJoin, false, []string{author}},
		{desk.ActHold, false, []string{author, approver}}, {desk.ActRelease, false, []string{author}},
		{desk.ActConfirm, false, []string{author, approver}}, {desk.ActResolve, false, []string{author}},
		{desk.ActReopen, false, []string{author}}, {desk.ActAdvance, false, []string{author}},
		{desk.ActReadyAsk, true, []string{author}}, {desk.ActEntryAsk, true, []string{author, approver}},
		{desk.ActChangeApprove, false, []string{approver}}, {desk.ActChangeRefuse, false, []string{author, approver}},
		{desk.ActImport, false, []string{admin}}, {desk.ActOfficerAdd, true, []string{admin}},
		{desk.ActRolesAsk, true, []string{admin}}, {desk.ActRolesApprove, false, []string{admin}}, {desk.ActRolesRefuse, false, []string{approver, admin}},
		{desk.ActOfficerDisable, false, []string{admin}}, {desk.ActUnfreeze, false, []string{admin}}, {desk.ActRenew, false, []string{admin}},
		{desk.ActOfficerFreeze, false, []string{author, approver, admin}}, {desk.ActAgencyFreeze, false, []string{author, approver, admin}},
		{desk.ActDuty, false, []string{approver, admin}},
		{desk.ActAlarmPublish, false, []string{author}}, {desk.ActAlarmAnswer, false, []string{author, approver}}, {desk.ActAlarmSeen, false, []string{author, approver}},
		{desk.ActChannelAdd, false, []string{author, admin}}, {desk.ActChannelRemove, false, []string{author, admin}},
		{desk.Act("invented.act"), false, nil},
	}
	covered := map[desk.Act]bool{}
	for _, row := range rows {
		covered[row.act] = true
		if got := desk.NeedsTwo(row.act); got != row.two {
			t.Errorf("%s: two officers %v, want %v", row.act, got, row.two)
		}
		for _, role := range everyone {
			for _, agency := range []subscriptions.AgencyID{"kra", "ecitizen", "kws"} { // own, the platform's operator, a stranger's
				for _, state := range []string{"active", "disabled", "frozen"} {
					o := officer(role, "kra", state)
					want := state == "active" && has(row.who, role) && (agency == "kra" || role == admin)
					name := fmt.Sprintf("%s by %s of kra (%s) for %s", row.act, role, state, agency)
					r := desk.May(o, row.act, agency)
					if (r == nil) != want {
						t.Errorf("%s: got %v, want allowed %v", name, r, want)
					}
					if r != nil && (r.Rule != 4 || r.Why == "") {
						t.Errorf("%s: refusal names no rule: %+v", name, r)
					}
				}
			}
		}
	}
	for _, act := range desk.Acts() {
		if !covered[act] {
			t.Errorf("%s is in the code's table and not in this one", act)
		}
	}
	if desk.May(subscriptions.Officer{}, desk.ActOpen, "kra") == nil {
		t.Error("nobody at all may open an incident")
	}
}

func officer(role string, agency subscriptions.AgencyID, state string) subscriptions.Officer {
	o := subscriptions.Officer{ID: 1, Name: "Somebody"}
	switch role {
	case "admin":
		o.Roles = []subscriptions.Grant{{Role: subscriptions.Admin}}
	case "none":
	default:
		o.Roles = []subscriptions.Grant{{Role: subscriptions.Role(role), Agency: agency}}
	}
	switch state {
	case "disabled":
		o.DisabledAt = time.Unix(1, 0)
	case "frozen":
		o.FrozenAt = time.Unix(1, 0)
	}
	return o
}

// TestSlotsThatNeedTwo: what in a one-officer kind asks for a second officer.
func TestSlotsThatNeedTwo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.outage().Incident.ID
	at := b.now.Add(48 * time.Hour)
	for _, c := range []struct {
		name  string
		slots subscriptions.Slots
		two   bool
	}{
		{"nothing special", subscriptions.Slots{}, false},
		{"no change", subscriptions.Slots{NoChange: true}, false},
		{"a cause", subscriptions.Slots{Cause: subscriptions.CauseNetwork}, false},
		{"plain free text", subscriptions.Slots{Free: subscriptions.Text{"en": "Engineers are at work.", "sw": "Wahandisi wako kazini."}}, false},
		{"a money word", subscriptions.Slots{Free: subscriptions.Text{"en": "Do not send anything to an agent."}}, true},
		{"a Swahili money word", subscriptions.Slots{Free: subscriptions.Text{"sw": "Usilipe kwa wakala."}}, true},
		{"a digit", subscriptions.Slots{Free: subscriptions.Text{"en": "Counters open at 9."}}, true},
		{"a deadline", subscriptions.Slots{Services: ids("ecitizen-pay"), Deadline: &subscriptions.Deadline{Service: "ecitizen-pay", Old: b.now, New: at}}, true},
		{"pay again", subscriptions.Slots{PayAgain: subscriptions.Answer{Value: "yes"}}, true},
	} {
		p, err := b.desk.PreviewDraft(ctx, b.ecAuthor.actor, desk.DraftInput{Incident: id, Kind: subscriptions.Update, Slots: c.slots}, b.now)
		b.must(err)
		if got := len(p.TwoOfficers) > 0; got != c.two {
			t.Errorf("%s: two officers %v (%v), want %v", c.name, got, p.TwoOfficers, c.two)
		}
	}
	way := subscriptions.Slots{Alternatives: alts("alt-land-registry")}
	if p, err := b.desk.PreviewDraft(ctx, b.ecAuthor.actor, desk.DraftInput{Incident: id, Kind: subscriptions.Correction, Slots: subscriptions.Slots{False: subscriptions.FalseLink}}, b.now); err != nil || len(p.TwoOfficers) == 0 {
		t.Errorf("a correction: %v, %v", p.TwoOfficers, err)
	}
	_, err := b.desk.PreviewDraft(ctx, b.ecAuthor.actor, desk.DraftInput{Incident: id, Kind: subscriptions.AlternativeNotice, Slots: way}, b.now)
	b.refused(err, 4, "publishes it")
}
