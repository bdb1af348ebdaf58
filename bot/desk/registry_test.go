package desk_test

import (
	"slices"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// importing returns a copy of the catalogue that f has changed, and imports it.
func importing(b *bundle, f func(n *subscriptions.Nation)) *subscriptions.Nation {
	b.Helper()
	if _, _, err := b.store.CatalogueInForce(ctx); err != nil {
		_, err := b.desk.Import(ctx, b.admin.actor, desk.ImportInput{YAML: []byte("first"), After: b.nation}, b.now)
		b.must(err)
	}
	_, revision, err := b.store.CatalogueInForce(ctx)
	b.must(err)
	next := *b.nation
	next.Registry, next.Alternatives, next.Services = slices.Clone(b.nation.Registry), slices.Clone(b.nation.Alternatives), slices.Clone(b.nation.Services)
	f(&next)
	_, err = b.desk.Import(ctx, b.admin.actor, desk.ImportInput{YAML: []byte("next"), Revision: revision, Before: b.nation, After: &next}, b.now)
	b.must(err)
	b.nation = &next
	return &next
}

// A freshly imported destination or payment text reaches nobody.
func TestFreshImportReachesNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.desk.Import(ctx, b.kraAuthor.actor, desk.ImportInput{YAML: []byte("x"), After: b.nation}, b.now)
	b.refused(err, 4, "admin")
	id := b.outage().Incident.ID
	importing(b, func(n *subscriptions.Nation) {
		n.Registry = append(n.Registry, subscriptions.Entry{ID: "dest-evil", Destination: true, Agency: "kra", Type: "mpesa-paybill", Value: "571571", Publishable: true})
		n.Alternatives = append(n.Alternatives, subscriptions.Alternative{ID: "alt-evil", Agency: "kra", Payment: true,
			Text: subscriptions.Text{"en": "Pay {dest:dest-evil}.", "sw": "Lipa {dest:dest-evil}."}})
		for k, a := range n.Alternatives {
			if a.ID == "alt-bank-or-pdq" {
				n.Alternatives[k].Text = subscriptions.Text{"en": "Give the cash to the officer.", "sw": "Mpe afisa pesa."}
			}
		}
		for k, s := range n.Services {
			if s.ID == "kra-pay-tax" {
				n.Services[k].Alternatives = append(slices.Clone(s.Alternatives), "alt-evil")
			}
		}
	})
	effective, err := b.desk.Nation(ctx)
	b.must(err)
	if e, ok := effective.Entry("dest-evil"); !ok || e.Publishable {
		t.Errorf("the new destination: %+v", e)
	}
	if s, _ := effective.Service("kra-pay-tax"); has(s.Alternatives, "alt-evil") {
		t.Error("the new payment text hangs on a service")
	}
	if a, _ := effective.Alternative("alt-bank-or-pdq"); contains(a.Text["en"], "cash") {
		t.Error("the changed payment text is in force")
	}
	for _, slots := range []subscriptions.Slots{
		{Services: ids("kra-pay-tax"), Alternatives: alts("alt-evil")},
		{Free: subscriptions.Text{"en": "Pay {dest:dest-evil}"}},
		{Free: subscriptions.Text{"en": "Pay 571571"}},
	} {
		_, err := b.approved(b.kraAuthor, b.kraApprover, desk.DraftInput{Incident: id, Kind: subscriptions.Update, Slots: slots})
		b.refused(err, 5, "")
	}
	out, err := b.approved(b.kraAuthor, b.kraApprover, desk.DraftInput{Incident: id, Kind: subscriptions.AlternativeNotice,
		Slots: subscriptions.Slots{Services: ids("kra-pay-tax"), Alternatives: alts("alt-bank-or-pdq")}})
	b.must(err)
	for _, l := range out.Notice.Sheet.Words["en"].Services[0].Lines {
		if contains(l, "cash") {
			t.Errorf("citizens read %q", l)
		}
	}
}

// A change needs two approvers who did not propose it, and 24 hours; it freezes
// while its platform has an incident.
func TestRegistryChange(t *testing.T) {
	t.Parallel()
	b := setup(t)
	third := b.add("Third", subscriptions.Grant{Role: subscriptions.Approver, Agency: "kplc"})
	fourth := b.add("Fourth", subscriptions.Grant{Role: subscriptions.Approver, Agency: "kplc"})
	importing(b, func(n *subscriptions.Nation) {
		for k, e := range n.Registry {
			if e.ID == "dest-kplc-prepaid" {
				n.Registry[k].Value = "888881"
			}
		}
	})
	value := func() string {
		n, err := b.desk.Nation(ctx)
		b.must(err)
		e, _ := n.Entry("dest-kplc-prepaid")
		return e.Value
	}
	all, err := b.desk.Changes(ctx)
	b.must(err)
	c := all[0]
	if c.Kind != subscriptions.ChangeEntry || c.Agency != "kplc" || value() != "888880" {
		t.Fatalf("change %+v, value %s", c, value())
	}
	yes := func(p person) error {
		b.pass(time.Minute)
		_, err := b.desk.ApproveChange(ctx, p.actor, desk.ApproveChangeInput{ID: c.ID, Code: b.code(p)}, b.now)
		return err
	}
	b.refused(yes(b.kplc), 4, "not approver")
	b.refused(yes(b.kraApprover), 4, "not approver of kplc")
	b.must(yes(third))
	b.refused(yes(third), 4, "already")
	if value() != "888880" {
		t.Error("one approval changed it")
	}
	i, err := b.desk.Open(ctx, b.kplc.actor, desk.OpenInput{Platforms: platforms("kplc-vending")}, b.now)
	b.must(err)
	b.refused(yes(fourth), 5, "frozen")
	_, err = b.desk.Resolve(ctx, b.kplc.actor, desk.RestoreInput{Incident: i.ID}, b.now)
	b.must(err)
	b.must(yes(fourth))
	b.pass(23 * time.Hour)
	b.must(b.desk.Tick(ctx, b.now))
	if value() != "888880" {
		t.Error("it did not cool")
	}
	b.pass(2 * time.Hour)
	i, err = b.desk.Open(ctx, b.kplc.actor, desk.OpenInput{Platforms: platforms("kplc-vending")}, b.now)
	b.must(err)
	b.must(b.desk.Tick(ctx, b.now))
	if value() != "888880" {
		t.Error("it changed in the middle of an outage")
	}
	_, err = b.desk.Resolve(ctx, b.kplc.actor, desk.RestoreInput{Incident: i.ID}, b.now)
	b.must(err)
	b.must(b.desk.Tick(ctx, b.now))
	if value() != "888881" {
		t.Errorf("after all that it is %s", value())
	}
	_, err = b.desk.RefuseChange(ctx, fourth.actor, c.ID, "late", b.now)
	b.refused(err, 0, "done")
}

// A destination that is not confirmed becomes a place to pay by two officers.
func TestConfirmDestination(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.desk.ProposeConfirm(ctx, b.kraApprover.actor, "dest-222222", "", b.now)
	b.refused(err, 4, "of ecitizen")
	_, err = b.desk.ProposeConfirm(ctx, b.ecAuthor.actor, "dest-old-206206", "", b.now)
	b.refused(err, 5, "must not reach")
	_, err = b.desk.ProposeConfirm(ctx, b.ecAuthor.actor, "dest-222222", "Pay 571571", b.now)
	b.refused(err, 5, "holds a number")
	c, err := b.desk.ProposeConfirm(ctx, b.ecAuthor.actor, "dest-222222", "Government of Kenya", b.now)
	b.must(err)
	_, err = b.desk.ProposeConfirm(ctx, b.ecAuthor.actor, "dest-222222", "Somebody else", b.now)
	b.refused(err, 5, "waits already")
	n, _ := b.desk.Nation(ctx)
	if e, _ := n.Entry("dest-222222"); !e.Verify {
		t.Error("one officer confirmed it")
	}
	b.pass(time.Minute)
	_, err = b.desk.ApproveChange(ctx, b.ecApprover.actor, desk.ApproveChangeInput{ID: c.ID, Code: b.code(b.ecApprover)}, b.now)
	b.must(err)
	n, _ = b.desk.Nation(ctx)
	if e, _ := n.Entry("dest-222222"); e.Verify || e.ExpectName != "Government of Kenya" {
		t.Errorf("confirmed: %+v", e)
	}
	if e, _ := b.nation.Entry("dest-222222"); !e.Verify {
		t.Error("the overlay changed the catalogue itself")
	}
}

func TestChannels(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.outage()
	in := desk.ChannelInput{Lane: "telegram:1", Address: subscriptions.AddressOf("-100"), Kind: subscriptions.Channel, Title: "KRA news",
		Scopes: []subscriptions.Scope{subscriptions.ScopeAgency("kra")}}
	_, _, err := b.desk.AddChannel(ctx, b.kws.actor, in, b.now)
	b.refused(err, 4, "of kra")
	all := in
	all.Scopes = []subscriptions.Scope{subscriptions.ScopeAll}
	_, _, err = b.desk.AddChannel(ctx, b.kraAuthor.actor, all, b.now)
	b.refused(err, 4, "any agency")
	bad := in
	bad.Scopes = []subscriptions.Scope{"agency:nobody"}
	_, _, err = b.desk.AddChannel(ctx, b.admin.actor, bad, b.now)
	b.refused(err, 0, "no scope")
	r, owed, err := b.desk.AddChannel(ctx, b.kraAuthor.actor, in, b.now)
	b.must(err)
	if r.ID == 0 || len(owed) != 1 {
		t.Errorf("what is open went there %d times", len(owed))
	}
	_, owed, err = b.desk.AddChannel(ctx, b.kraAuthor.actor, in, b.now)
	b.must(err)
	if len(owed) != 0 {
		t.Errorf("adding it twice sends %v", owed)
	}
	posts, err := b.desk.Channels(ctx)
	b.must(err)
	if len(posts) != 1 {
		t.Errorf("channels: %v", posts)
	}
	b.refused(b.desk.RemoveChannel(ctx, b.kws.actor, in.Lane, in.Address, b.now), 4, "of kra")
	b.must(b.desk.RemoveChannel(ctx, b.admin.actor, in.Lane, in.Address, b.now))
	if posts, _ = b.desk.Channels(ctx); len(posts) != 0 {
		t.Error("it is still there")
	}
}
