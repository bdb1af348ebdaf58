package desk_test

import (
	"slices"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// One admin makes no host official: two approvers and a day do; of a domain
// suffix, approvers of any agencies.
func TestANewHostWaits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	third := b.add("Third", subscriptions.Grant{Role: subscriptions.Approver, Agency: "kra"})
	add := func(n *subscriptions.Nation) {
		n.OfficialHosts = append(slices.Clone(n.OfficialHosts), subscriptions.OfficialHost{Host: "tax.example", Agency: "kra"})
		n.DomainSuffixes = append(slices.Clone(n.DomainSuffixes), ".example")
	}
	official := func(host string) bool {
		n, err := b.desk.Nation(ctx)
		b.must(err)
		return n.OfficialHost(host)
	}
	importing(b, add)
	if official("tax.example") || official("pay.example") || !official("kra.go.ke") {
		t.Fatal("the old list does not stand")
	}
	// Said for another agency, it is asked anew and does not slip through.
	importing(b, func(n *subscriptions.Nation) {
		n.OfficialHosts = slices.Clone(n.OfficialHosts)
		n.OfficialHosts[len(n.OfficialHosts)-1].Agency = "ecitizen"
	})
	if official("tax.example") {
		t.Error("another agency's name lets it through")
	}
	importing(b, func(n *subscriptions.Nation) {
		n.OfficialHosts = slices.Clone(n.OfficialHosts)
		n.OfficialHosts[len(n.OfficialHosts)-1].Agency = "kra"
	})
	approve := func(of subscriptions.Scope, p person) {
		b.Helper()
		all, err := b.desk.Changes(ctx)
		b.must(err)
		at := slices.IndexFunc(all, func(c subscriptions.RegistryChange) bool { return c.Scope == of })
		if at < 0 {
			t.Fatalf("%s does not wait", of)
		}
		b.pass(time.Minute)
		_, err = b.desk.ApproveChange(ctx, p.actor, desk.ApproveChangeInput{ID: all[at].ID, Code: b.code(p)}, b.now)
		b.must(err)
	}
	approve(subscriptions.ScopeHost("tax.example"), b.kraApprover)
	approve(subscriptions.ScopeHost("tax.example"), third)
	b.must(b.desk.Tick(ctx, b.now))
	if official("tax.example") {
		t.Error("it did not cool")
	}
	b.pass(25 * time.Hour)
	b.must(b.desk.Tick(ctx, b.now))
	if !official("tax.example") || official("pay.example") {
		t.Error("the host is not let through, or the suffix is")
	}
	approve(subscriptions.ScopeSuffix(".example"), b.ecApprover)
	approve(subscriptions.ScopeSuffix(".example"), b.kraApprover)
	b.pass(25 * time.Hour)
	b.must(b.desk.Tick(ctx, b.now))
	if !official("pay.example") {
		t.Error("the suffix is not let through")
	}
	// What goes and comes back is asked again.
	importing(b, func(n *subscriptions.Nation) { n.DomainSuffixes = n.DomainSuffixes[:len(n.DomainSuffixes)-1] })
	importing(b, func(n *subscriptions.Nation) { n.DomainSuffixes = append(slices.Clone(n.DomainSuffixes), ".example") })
	if official("pay.example") {
		t.Error("it came back by one")
	}
}
