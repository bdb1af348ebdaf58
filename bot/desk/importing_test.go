package desk_test

import (
	"slices"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

func service(n *subscriptions.Nation, id subscriptions.ServiceID, f func(s *subscriptions.Service)) {
	for k := range n.Services {
		if n.Services[k].ID == id {
			f(&n.Services[k])
		}
	}
}

func named(en, sw string) subscriptions.Text { return subscriptions.Text{"en": en, "sw": sw} }

// Every way of bringing a number or a call to pay before citizens by one import
// waits: in a name, in a platform's names, in an alternative whatever its mark.
func TestOneImportTellsNobodyWhereToPay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(n *subscriptions.Nation)
		waits  int
	}{
		{"a number in a service's name, held by a new identifier", func(n *subscriptions.Nation) {
			n.Platforms = slices.Clone(n.Platforms)
			for k, p := range n.Platforms {
				if p.ID == "ecitizen-payments" {
					n.Platforms[k].Identifiers = append(slices.Clone(p.Identifiers), subscriptions.Identifier{Type: "mpesa-paybill", Value: "864209"})
				}
			}
			service(n, "kra-pay-tax", func(s *subscriptions.Service) { s.Name = named("Paying tax (now use paybill 864209)", "Kulipa ushuru") })
		}, 2},
		{"words of money in one language", func(n *subscriptions.Nation) {
			service(n, "kra-pay-tax", func(s *subscriptions.Service) { s.Name = named("Paying tax", "Kulipa ushuru (tuma kwa wakala Juma)") })
		}, 1},
		{"a number of an entry that waits too", func(n *subscriptions.Nation) {
			n.Registry = append(n.Registry, subscriptions.Entry{ID: "contact-evil", Agency: "kra", Type: "hotline", Value: "0799 864209", Publishable: true})
			service(n, "kra-pay-tax", func(s *subscriptions.Service) { s.Name = named("Paying tax (call 0799 864209)", "Kulipa ushuru") })
		}, 2},
		{"an agency's short name", func(n *subscriptions.Nation) {
			n.Agencies = slices.Clone(n.Agencies)
			for k, a := range n.Agencies {
				if a.ID == "kra" {
					n.Agencies[k].Short = "KRA, till 864209"
				}
			}
		}, 1},
		{"a platform's name", func(n *subscriptions.Nation) {
			n.Platforms = slices.Clone(n.Platforms)
			for k, p := range n.Platforms {
				if p.ID == "ecitizen-payments" {
					n.Platforms[k].Name = named("eCitizen payments (use 864209)", "Malipo ya eCitizen (tumia 864209)")
				}
			}
		}, 1},
		{"a new service", func(n *subscriptions.Nation) {
			s, _ := n.Service("kra-pay-tax")
			s.ID, s.Name = "kra-new", named("Tax by agent 864209", "Ushuru kwa wakala 864209")
			n.Services = append(n.Services, s)
		}, 2}, // its name, and its ties
		{"an alternative that says it moves no money", func(n *subscriptions.Nation) {
			n.Alternatives = append(n.Alternatives, subscriptions.Alternative{ID: "alt-juma", Agency: "kra", UseWhenDown: platforms("ecitizen-payments"),
				Text: named("Send the money through agent Juma at the gate; two, again four, again six.", "Lipa kwa wakala Juma langoni.")})
			service(n, "kra-pay-tax", func(s *subscriptions.Service) { s.Alternatives = append(slices.Clone(s.Alternatives), "alt-juma") })
		}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			importing(b, c.change)
			all, err := b.desk.Changes(ctx)
			b.must(err)
			waits := 0
			for _, x := range all {
				if x.Kind != desk.ChangeRoles && x.State == subscriptions.ChangeWaiting {
					waits++
				}
			}
			if waits != c.waits {
				t.Errorf("%d changes wait, want %d: %+v", waits, c.waits, all)
			}
			out := b.outage()
			words := out.Notice.Sheet.Words
			for _, l := range b.nation.Languages {
				text := words[l].Title + words[l].Short
				for _, line := range append(slices.Clone(words[l].Head), words[l].Tail...) {
					text += line.Text
				}
				for _, s := range words[l].Services {
					text += s.Name + s.Label
				}
				if contains(text, "864209") || contains(text, "Juma") {
					t.Errorf("citizens read in %s: %s", l, text)
				}
			}
			if has(told(out.Notice), subscriptions.ServiceID("kra-new")) {
				t.Error("the new service is there")
			}
			_, err = b.approved(b.kraAuthor, b.kraApprover, desk.DraftInput{Incident: out.Incident.ID, Kind: subscriptions.AlternativeNotice,
				Slots: subscriptions.Slots{Services: ids("kra-pay-tax"), Alternatives: alts("alt-juma")}})
			b.refused(err, 5, "")
		})
	}
}

// A name waits for two officers and a day, and for the number that it holds; what
// is said of money by nobody does not wait.
func TestANameWaits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	approver := b.add("Third", subscriptions.Grant{Role: subscriptions.Approver, Agency: "kra"})
	name := func() string {
		n, err := b.desk.Nation(ctx)
		b.must(err)
		s, _ := n.Service("kra-pay-tax")
		return s.Name["en"]
	}
	waiting := func(k subscriptions.ChangeKind) subscriptions.ChangeID {
		all, err := b.desk.Changes(ctx)
		b.must(err)
		for _, c := range all {
			if c.Kind == k {
				return c.ID
			}
		}
		b.Fatalf("no change of kind %s", k)
		return 0
	}
	approve := func(id subscriptions.ChangeID, p person) error {
		b.pass(time.Minute)
		_, err := b.desk.ApproveChange(ctx, p.actor, desk.ApproveChangeInput{ID: id, Code: b.code(p)}, b.now)
		return err
	}
	rename := func(en string) {
		importing(b, func(n *subscriptions.Nation) {
			service(n, "kra-pay-tax", func(s *subscriptions.Service) { s.Name = named(en, "Kulipa ushuru") })
		})
	}
	importing(b, func(n *subscriptions.Nation) {
		n.Registry = append(n.Registry, subscriptions.Entry{ID: "contact-tax", Agency: "kra", Type: "hotline", Value: "0799 864209", Publishable: true})
	})
	number := waiting(subscriptions.ChangeEntry)
	rename("Paying tax (0799 864209)")
	id := waiting(subscriptions.ChangeName)
	if name() != "Paying tax" {
		t.Fatalf("it is %q", name())
	}
	b.refused(approve(id, b.kraApprover), 5, "approve the number first")
	b.must(approve(number, b.kraApprover))
	b.must(approve(number, approver))
	b.refused(approve(id, b.kraApprover), 5, "approve the number first") // it cools
	b.pass(25 * time.Hour)
	b.must(b.desk.Tick(ctx, b.now))
	b.must(approve(id, b.kraApprover))
	b.must(approve(id, approver))
	b.must(b.desk.Tick(ctx, b.now))
	if name() != "Paying tax" {
		t.Error("it did not cool")
	}
	// Another import that says nothing new about it asks nobody again.
	importing(b, func(n *subscriptions.Nation) {
		service(n, "kra-customs", func(s *subscriptions.Service) { s.Description = "Goods." })
	})
	if waiting(subscriptions.ChangeName) != id {
		t.Error("it was asked twice")
	}
	b.pass(25 * time.Hour)
	b.must(b.desk.Tick(ctx, b.now))
	if name() != "Paying tax (0799 864209)" {
		t.Errorf("after all that it is %q", name())
	}
	rename("Tax") // no number, no word of money
	if name() != "Tax" {
		t.Errorf("a harmless name waits: %q", name())
	}
	rename("Tax at agent Juma's")
	if name() != "Tax" {
		t.Errorf("it is %q", name())
	}
	// Clean words in the other language bring the waiting ones nowhere.
	importing(b, func(n *subscriptions.Nation) {
		service(n, "kra-pay-tax", func(s *subscriptions.Service) { s.Name = named("Tax at agent Juma's", "Ushuru") })
	})
	if name() != "Tax" {
		t.Errorf("it is %q", name())
	}
}
