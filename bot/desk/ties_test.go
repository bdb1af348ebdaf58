package desk_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// platform changes one platform of a catalogue.
func platform(n *subscriptions.Nation, id subscriptions.PlatformID, f func(p *subscriptions.Platform)) {
	n.Platforms = slices.Clone(n.Platforms)
	for k := range n.Platforms {
		if n.Platforms[k].ID == id {
			f(&n.Platforms[k])
		}
	}
}

// ties are the changes of ties that wait or cool.
func (b *bundle) ties() []subscriptions.RegistryChange {
	b.Helper()
	all, err := b.desk.Changes(ctx)
	b.must(err)
	return slices.DeleteFunc(all, func(c subscriptions.RegistryChange) bool {
		return c.Kind != subscriptions.ChangeTies || c.State == subscriptions.ChangeRefused || c.State == subscriptions.ChangeDone
	})
}

func (b *bundle) inForce() *subscriptions.Nation {
	b.Helper()
	n, err := b.desk.Nation(ctx)
	b.must(err)
	return n
}

// Who speaks for whom, and where a service is paid, is not changed by one import:
// those who have it decide.
func TestOneImportTiesNothing(t *testing.T) {
	t.Parallel()
	tokens := func(f func(s *subscriptions.Service)) func(n *subscriptions.Nation) {
		return func(n *subscriptions.Nation) { service(n, "kplc-tokens", f) }
	}
	for _, c := range []struct {
		name   string
		change func(n *subscriptions.Nation)
		agency subscriptions.AgencyID // that decides; "" = nothing waits
	}{
		{"a paybill as a keyword", tokens(func(s *subscriptions.Service) { s.Keywords = append(slices.Clone(s.Keywords), "222222") }), "kplc"},
		{"a paybill that the registry does not know yet", tokens(func(s *subscriptions.Service) { s.Keywords = append(slices.Clone(s.Keywords), "864 209") }), "kplc"},
		{"a platform whose names are places to pay", tokens(func(s *subscriptions.Service) { s.DependsOn = append(slices.Clone(s.DependsOn), "ecitizen-payments") }), "kplc"},
		{"a platform whose operator could tick", tokens(func(s *subscriptions.Service) {
			s.DependsOn = append(slices.Clone(s.DependsOn), "ecitizen-payments")
			s.DependencyVerify = append(slices.Clone(s.DependencyVerify), "ecitizen-payments")
		}), "kplc"},
		{"a dependency less", tokens(func(s *subscriptions.Service) { s.DependsOn = nil }), "kplc"},
		{"another agency's service", tokens(func(s *subscriptions.Service) { s.Agency = "ecitizen" }), "kplc"},
		{"a service that takes its followers over", func(n *subscriptions.Nation) {
			s, _ := n.Service("kplc-tokens")
			s.ID, s.Agency, s.Replaces = "tokens", "ecitizen", "kplc-tokens"
			service(n, "kplc-tokens", func(s *subscriptions.Service) { s.Retired = true })
			n.Services = append(n.Services, s)
		}, "kplc"},
		{"another operator", func(n *subscriptions.Nation) {
			platform(n, "kplc-vending", func(p *subscriptions.Platform) { p.Operator = "ecitizen" })
		}, "kplc"},
		{"a platform that stands on another", func(n *subscriptions.Nation) {
			platform(n, "kplc-vending", func(p *subscriptions.Platform) { p.DependsOn = append(slices.Clone(p.DependsOn), "ecitizen-payments") })
		}, "kplc"},
		{"a word as a keyword", tokens(func(s *subscriptions.Service) { s.Keywords = append(slices.Clone(s.Keywords), "stima leo") }), ""},
		{"a code less", tokens(func(s *subscriptions.Service) {
			s.Keywords = slices.DeleteFunc(slices.Clone(s.Keywords), subscriptions.IsCode)
		}), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			before := b.inForce()
			importing(b, c.change)
			waits := b.ties()
			if c.agency == "" {
				if len(waits) != 0 {
					t.Errorf("waits: %+v", waits)
				}
				return
			}
			if len(waits) != 1 || waits[0].Agency != c.agency {
				t.Fatalf("waits: %+v", waits)
			}
			n := b.inForce()
			for _, id := range ids("kplc-tokens", "tokens") {
				if s, ok := n.Service(id); ok {
					was, _ := before.Service("kplc-tokens")
					if got, want := subscriptions.TiesOf(s), subscriptions.TiesOf(was); !got.Equal(want) {
						t.Errorf("%s: %+v, want %+v", id, got, want)
					}
				}
			}
			was, _ := before.Platform("kplc-vending")
			if p, _ := n.Platform("kplc-vending"); !subscriptions.TiesOfPlatform(p).Equal(subscriptions.TiesOfPlatform(was)) {
				t.Errorf("the platform: %+v", subscriptions.TiesOfPlatform(p))
			}
			lines := b.audit()
			line := lines[len(lines)-1].Detail
			for _, part := range []string{"sha256 " + fmt.Sprintf("%x", sha256.Sum256([]byte("next"))), "changes: ", "kplc-", " ties:"} {
				if !contains(line, part) {
					t.Errorf("the record says %q, without %q", line, part)
				}
			}
			// A second import brings it no nearer.
			importing(b, func(n *subscriptions.Nation) {
				service(n, "kplc-tokens", func(s *subscriptions.Service) { s.Description = "Units." })
			})
			if again := b.ties(); len(again) != 1 {
				t.Errorf("asked again: %+v", again)
			}
		})
	}
}

// Ties take two officers of the body that has them and a day, and freeze while
// what they would tie to has an incident.
func TestTiesAreApproved(t *testing.T) {
	t.Parallel()
	b := setup(t)
	third := b.add("Third", subscriptions.Grant{Role: subscriptions.Approver, Agency: "kplc"})
	fourth := b.add("Fourth", subscriptions.Grant{Role: subscriptions.Approver, Agency: "kplc"})
	importing(b, func(n *subscriptions.Nation) {
		service(n, "kplc-tokens", func(s *subscriptions.Service) { s.DependsOn = append(slices.Clone(s.DependsOn), "ecitizen-payments") })
	})
	c := b.ties()[0]
	yes := func(p person) error {
		b.pass(time.Minute)
		_, err := b.desk.ApproveChange(ctx, p.actor, desk.ApproveChangeInput{ID: c.ID, Code: b.code(p)}, b.now)
		return err
	}
	depends := func() bool {
		s, _ := b.inForce().Service("kplc-tokens")
		return has(s.DependsOn, subscriptions.PlatformID("ecitizen-payments"))
	}
	b.refused(yes(b.ecApprover), 4, "not approver of kplc")
	b.refused(yes(b.second), 4, "not approver of kplc")
	out := b.outage()
	if has(told(out.Notice), subscriptions.ServiceID("kplc-tokens")) {
		t.Error("eCitizen speaks for tokens")
	}
	b.refused(yes(third), 5, "frozen")
	_, err := b.publish(b.ecAuthor, desk.DraftInput{Incident: out.Incident.ID, Kind: subscriptions.Restored})
	b.must(err)
	b.must(yes(third))
	b.must(yes(fourth))
	b.must(b.desk.Tick(ctx, b.now))
	if depends() {
		t.Error("it did not cool")
	}
	b.pass(25 * time.Hour)
	b.must(b.desk.Tick(ctx, b.now))
	if !depends() {
		t.Error("two approved it a day ago")
	}
}

// Where the body that loses has no approver, another admin is the second of two.
func TestTiesOfABodyWithoutApprovers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	importing(b, func(n *subscriptions.Nation) {
		service(n, "kplc-tokens", func(s *subscriptions.Service) { s.Agency = "ecitizen" })
	})
	c := b.ties()[0]
	yes := func(p person) error {
		b.pass(time.Minute)
		_, err := b.desk.ApproveChange(ctx, p.actor, desk.ApproveChangeInput{ID: c.ID, Code: b.code(p)}, b.now)
		return err
	}
	b.refused(yes(b.admin), 4, "own proposal")
	b.refused(yes(b.ecApprover), 4, "admin")
	b.must(yes(b.second))
	whose := func() subscriptions.AgencyID {
		s, _ := b.inForce().Service("kplc-tokens")
		return s.Agency
	}
	if whose() != "kplc" {
		t.Error("it did not cool")
	}
	b.pass(25 * time.Hour)
	b.must(b.desk.Tick(ctx, b.now))
	if whose() != "ecitizen" {
		t.Error("two admins agreed a day ago")
	}
}
