package wording_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

var update = flag.Bool("update", false, "rewrite testdata/golden; read the diff")

type ids = []subscriptions.ServiceID

// golden is one card that an officer should be able to read and judge.
type golden struct {
	name   string
	facts  func(s scene) wording.Facts
	follow ids
	asked  bool
	post   bool
	group  string // the post is in a group, where this account alone speaks for us
}

var nine = ids{"kra-pay-tax", "kra-vat-paye", "kra-customs", "kra-mservice", "dl-renewal", "passport-new", "kws-nairobi-np", "good-conduct", "birth-certificate"}

func seed(s scene) wording.Facts {
	return s.facts(subscriptions.Outage, s.trouble("ecitizen-payments"))
}

// joined is the same trouble after KRA has put its own word and way into it.
func joined(s scene) subscriptions.Incident {
	i := s.trouble("ecitizen-payments")
	i.State = subscriptions.Identified
	i.Ways = []subscriptions.Way{{Alternative: "alt-bank-or-pdq", Agency: "kra", Services: ids{"kra-pay-tax"}, Until: s.at(16, 0), At: s.at(12, 0)}}
	return i
}

func restored(s scene, landed, pay, moved subscriptions.Answer) wording.Facts {
	f := s.facts(subscriptions.Restored, s.over(s.trouble("ecitizen-payments")))
	f.Now = s.at(15, 2)
	f.Notice.Key = "2025-0103-4"
	f.Notice.Slots = subscriptions.Slots{Landed: landed, PayAgain: pay, Moved: moved, Cause: subscriptions.CauseNetwork}
	return f
}

func work(s scene, state subscriptions.IncidentState, now time.Time) wording.Facts {
	i := s.trouble("kplc-vending")
	i.Maintenance, i.State = true, state
	i.StartsAt, i.EndsAt = s.at(22, 0), s.at(28, 0)
	f := s.facts(subscriptions.Maintenance, i)
	f.Now = now
	f.Notice.Slots = subscriptions.Slots{StartsAt: i.StartsAt, EndsAt: i.EndsAt, State: state}
	if state.Over() {
		f.Incident = s.over(i)
		f.Incident.State, f.Incident.EndedAt = state, s.at(27, 30)
	}
	return f
}

func correction(s scene, slots subscriptions.Slots) wording.Facts {
	f := s.facts(subscriptions.Correction, joined(s))
	f.Notice.Agency, f.Notice.Key, f.Now = "kra", "2025-0103-3", s.at(12, 40)
	f.Notice.Slots = slots
	return f
}

func answer(v string) subscriptions.Answer { return subscriptions.Answer{Value: v} }

// answered gives at 17:00 the answers that the end of 15:00 promised.
func answered(s scene, landed, pay, moved subscriptions.Answer) wording.Facts {
	by := subscriptions.Answer{By: s.at(18, 0)}
	end := restored(s, by, by, by)
	sheet := s.sheet(end)
	f := s.facts(subscriptions.Correction, end.Incident)
	f.Notice.Key, f.Now = "2025-0103-4", s.at(17, 0)
	f.Notice.Slots = subscriptions.Slots{Landed: landed, PayAgain: pay, Moved: moved}
	f.Corrected = &subscriptions.Notice{Key: "2025-0103-3", Kind: subscriptions.Restored, Slots: end.Notice.Slots, Sheet: sheet}
	return f
}

var goldens = []golden{
	{name: "outage-driver", facts: seed, follow: ids{"kws-nairobi-np"}},
	{name: "outage-three", facts: seed, follow: ids{"passport-new", "good-conduct", "kra-pay-tax"}},
	{name: "outage-nine", facts: seed, follow: nine},
	{name: "outage-asked", facts: seed, follow: ids{"dl-renewal"}, asked: true},
	{name: "outage-post", facts: seed, post: true},
	{name: "outage-group", facts: seed, post: true, follow: ids{"kws-nairobi-np"}, group: "@arifa_bot"},
	{name: "restored-group", post: true, follow: ids{"kws-nairobi-np"}, group: "@arifa_bot", facts: func(s scene) wording.Facts {
		return restored(s, answer("yes"), answer("no"), answer("no"))
	}},
	{name: "outage-taxpayer-way", follow: ids{"kra-pay-tax", "kws-nairobi-np"}, facts: func(s scene) wording.Facts {
		f := s.facts(subscriptions.Outage, joined(s))
		f.Now = s.at(12, 5)
		f.Statements = []wording.Statement{{Agency: "kra", At: s.at(10, 30), Kind: subscriptions.Update}}
		return f
	}},
	{name: "outage-suspected", follow: ids{"kra-pay-tax"}, facts: func(s scene) wording.Facts {
		i := s.own("kra-pay-tax")
		i.Claims[0].Suspected = "ecitizen-payments"
		f := s.facts(subscriptions.Outage, i)
		f.Now = s.at(7, 0)
		return f
	}},
	{name: "outage-own-service", follow: ids{"dl-renewal"}, facts: func(s scene) wording.Facts {
		return s.facts(subscriptions.Outage, s.own("dl-renewal"))
	}},
	{name: "outage-two-platforms", follow: ids{"kws-nairobi-np", "kplc-tokens", "kra-pay-tax"}, facts: func(s scene) wording.Facts {
		return s.facts(subscriptions.Outage, s.trouble("mpesa", "ecitizen-payments"))
	}},
	{name: "outage-some", follow: ids{"knec-results"}, facts: func(s scene) wording.Facts {
		i := s.trouble("knec-portals")
		i.Claims[0].Impact = subscriptions.Degraded
		i.Services = i.Derive(s.nation)
		return s.facts(subscriptions.Outage, i)
	}},
	{name: "outage-free", follow: ids{"kws-nairobi-np"}, facts: func(s scene) wording.Facts {
		f := seed(s)
		f.Notice.Agency = "kws"
		f.Notice.Slots.Services = ids{"kws-nairobi-np"}
		f.Notice.Slots.Free = subscriptions.Text{"en": "Rangers at the gate will help you."}
		return f
	}},
	{name: "alternative-taxpayer", follow: ids{"kra-pay-tax"}, facts: func(s scene) wording.Facts {
		f := s.facts(subscriptions.AlternativeNotice, s.trouble("ecitizen-payments"))
		f.Notice.Agency, f.Notice.Key, f.Now = "kra", "2025-0103-2", s.at(12, 0)
		f.Notice.Slots = subscriptions.Slots{Services: ids{"kra-pay-tax"}, Alternatives: []subscriptions.AlternativeID{"alt-bank-or-pdq"}, Until: s.at(16, 0), NextUpdate: s.at(14, 0)}
		return f
	}},
	{name: "alternative-confirmed-number", follow: ids{"ecitizen-pay"}, facts: func(s scene) wording.Facts {
		s.nation = s.confirmed()
		f := s.facts(subscriptions.AlternativeNotice, s.trouble("mpesa"))
		f.Notice.Agency, f.Now = "ecitizen", s.at(12, 0)
		f.Notice.Slots = subscriptions.Slots{Services: ids{"ecitizen-pay"}, Alternatives: []subscriptions.AlternativeID{"alt-equity-route"}, Until: s.at(16, 0)}
		return f
	}},
	{name: "update-nochange", follow: ids{"kws-nairobi-np"}, facts: func(s scene) wording.Facts {
		f := s.facts(subscriptions.Update, s.trouble("ecitizen-payments"))
		f.Notice.Slots = subscriptions.Slots{NoChange: true, NextUpdate: s.at(13, 0)}
		f.Now = s.at(11, 0)
		return f
	}},
	{name: "update-monitoring", follow: ids{"kws-nairobi-np"}, facts: func(s scene) wording.Facts {
		i := s.trouble("ecitizen-payments")
		i.State = subscriptions.Monitoring
		f := s.facts(subscriptions.Update, i)
		f.Notice.Slots = subscriptions.Slots{NextUpdate: s.at(15, 0)}
		f.Now = s.at(14, 0)
		return f
	}},
	{name: "update-end-taken-back", follow: ids{"kws-nairobi-np"}, facts: func(s scene) wording.Facts {
		i := s.trouble("ecitizen-payments")
		i.State = subscriptions.Monitoring
		f := s.facts(subscriptions.Update, i)
		f.Notice.Slots = subscriptions.Slots{NextUpdate: s.at(17, 0), TakesBack: "2025-0103-4"}
		f.Now = s.at(15, 10)
		return f
	}},
	{name: "update-deadline-moved", follow: ids{"kra-file-returns"}, facts: func(s scene) wording.Facts {
		f := s.facts(subscriptions.Update, s.trouble("kra-itax"))
		f.Notice.Slots = subscriptions.Slots{
			Services: ids{"kra-file-returns"}, NextUpdate: s.at(24*3+9, 0),
			Deadline: &subscriptions.Deadline{Service: "kra-file-returns", Old: s.at(23, 59), New: s.at(24*5+23, 59), FineWaived: true},
		}
		return f
	}},
	{name: "outage-deadline", follow: ids{"kra-nil-return"}, facts: func(s scene) wording.Facts {
		f := s.facts(subscriptions.Outage, s.trouble("kra-itax"))
		f.Notice.Slots.Deadline = &subscriptions.Deadline{Service: "kra-file-returns", Old: s.at(23, 59), New: s.at(24+23, 59)}
		return f
	}},
	// Announced days before: the promise of the day on which it ends has its date.
	{name: "maintenance-days-ahead", follow: ids{"kplc-tokens"}, facts: func(s scene) wording.Facts {
		f := work(s, subscriptions.Scheduled, s.at(-72, 0))
		f.Notice.Slots.NextUpdate = f.Incident.EndsAt
		return f
	}},
	{name: "update-deadline-stays", follow: ids{"kra-file-returns"}, facts: func(s scene) wording.Facts {
		f := s.facts(subscriptions.Update, s.trouble("kra-itax"))
		f.Notice.Slots = subscriptions.Slots{Services: ids{"kra-file-returns"}, Deadline: &subscriptions.Deadline{Service: "kra-file-returns", Old: s.at(17, 0)}}
		return f
	}},
	{name: "restored-known", follow: ids{"kws-nairobi-np"}, facts: func(s scene) wording.Facts {
		return restored(s, answer("yes"), answer("no"), answer("no"))
	}},
	{name: "restored-pay-again", follow: ids{"kws-nairobi-np", "kra-pay-tax"}, facts: func(s scene) wording.Facts {
		return restored(s, answer("no"), answer("yes"), answer("yes"))
	}},
	{name: "restored-unknown", follow: ids{"kws-nairobi-np"}, facts: func(s scene) wording.Facts {
		by := subscriptions.Answer{By: s.at(18, 0)}
		return restored(s, by, by, by)
	}},
	{name: "restored-some-unknown", follow: ids{"kws-nairobi-np"}, facts: func(s scene) wording.Facts {
		return restored(s, subscriptions.Answer{By: s.at(18, 0)}, answer("no"), subscriptions.Answer{By: s.at(24+9, 0)})
	}},
	{name: "restored-post", post: true, facts: func(s scene) wording.Facts {
		return restored(s, answer("yes"), answer("no"), answer("no"))
	}},
	{name: "restored-held", follow: ids{"kra-pay-tax", "kws-nairobi-np"}, facts: func(s scene) wording.Facts {
		f := restored(s, answer("yes"), answer("no"), answer("no"))
		f.Incident.Holds = []subscriptions.Hold{{Service: "kra-pay-tax", Agency: "kra", At: s.at(14, 50)}}
		f.Incident.Services = f.Incident.Derive(s.nation)
		return f
	}},
	{name: "update-held", follow: ids{"kra-pay-tax"}, facts: func(s scene) wording.Facts {
		i := s.trouble("ecitizen-payments")
		i.Claims[0].EndedAt = s.at(15, 0)
		i.Holds = []subscriptions.Hold{{Service: "kra-pay-tax", Agency: "kra", At: s.at(14, 50)}}
		i.Services = i.Derive(s.nation)
		f := s.facts(subscriptions.Update, i)
		f.Notice.Agency, f.Notice.Key, f.Now = "kra", "2025-0103-3", s.at(15, 0)
		f.Notice.Slots = subscriptions.Slots{Services: ids{"kra-pay-tax"}, NextUpdate: s.at(17, 0)}
		f.Statements = []wording.Statement{{Agency: "ecitizen", At: s.at(15, 0), Kind: subscriptions.Restored}}
		return f
	}},
	{name: "restored-at-once", follow: ids{"kws-nairobi-np"}, facts: func(s scene) wording.Facts {
		f := restored(s, answer("yes"), answer("no"), answer("no"))
		f.Notice.Slots.Since = f.Incident.EndedAt.Add(-20 * time.Second).Truncate(time.Minute)
		f.Incident.EndedAt = f.Notice.Slots.Since.Add(20 * time.Second)
		return f
	}},
	{name: "answers", follow: ids{"kws-nairobi-np"}, facts: func(s scene) wording.Facts {
		return answered(s, answer("yes"), answer("no"), answer("no"))
	}},
	{name: "answers-some", follow: ids{"kws-nairobi-np", "kra-pay-tax"}, facts: func(s scene) wording.Facts {
		return answered(s, answer("no"), answer("yes"), subscriptions.Answer{By: s.at(24+9, 0)})
	}},
	{name: "restored-partial", follow: ids{"kra-pay-tax"}, facts: func(s scene) wording.Facts {
		i := s.trouble("ecitizen-payments")
		for n := range i.Services {
			if i.Services[n].Service == "kra-pay-tax" {
				i.Services[n].Failing = false
			}
		}
		f := s.facts(subscriptions.Restored, i)
		f.Notice.Agency, f.Now = "kra", s.at(14, 0)
		f.Notice.Slots = subscriptions.Slots{Services: ids{"kra-pay-tax"}, Landed: answer("yes"), PayAgain: answer("no"), Moved: answer("no")}
		return f
	}},
	{name: "maintenance-scheduled", follow: ids{"kplc-tokens"}, facts: func(s scene) wording.Facts {
		return work(s, subscriptions.Scheduled, s.at(9, 0))
	}},
	{name: "maintenance-limited", follow: ids{"kra-pay-tax", "kplc-tokens"}, facts: func(s scene) wording.Facts {
		i := s.trouble("mpesa")
		i.Maintenance, i.State = true, subscriptions.Scheduled
		f := s.facts(subscriptions.Maintenance, i)
		f.Notice.Slots = subscriptions.Slots{StartsAt: s.at(22, 0), EndsAt: s.at(28, 0), EndsNotBefore: true, State: subscriptions.Scheduled}
		f.Incident.Ways = []subscriptions.Way{{Alternative: "alt-kplc-halls", Agency: "kplc", Services: ids{"kplc-tokens"}}}
		return f
	}},
	{name: "maintenance-begun", follow: ids{"kplc-tokens", "kplc-postpaid"}, facts: func(s scene) wording.Facts {
		return work(s, subscriptions.InProgress, s.at(22, 0))
	}},
	{name: "maintenance-overdue", follow: ids{"kplc-tokens"}, facts: func(s scene) wording.Facts {
		return work(s, subscriptions.InProgress, s.at(28, 10))
	}},
	{name: "maintenance-checking", follow: ids{"kplc-tokens"}, facts: func(s scene) wording.Facts {
		return work(s, subscriptions.Verifying, s.at(27, 0))
	}},
	{name: "maintenance-over", follow: ids{"kplc-tokens"}, facts: func(s scene) wording.Facts {
		f := work(s, subscriptions.Completed, s.at(27, 30))
		f.Notice.Slots.Landed, f.Notice.Slots.PayAgain, f.Notice.Slots.Moved = answer("yes"), answer("no"), answer("no")
		return f
	}},
	{name: "correction-payment", follow: ids{"kra-pay-tax"}, facts: func(s scene) wording.Facts {
		return correction(s, subscriptions.Slots{Services: ids{"kra-pay-tax"}, False: subscriptions.FalsePayment})
	}},
	{name: "correction-number", follow: ids{"knec-results"}, facts: func(s scene) wording.Facts {
		f := s.facts(subscriptions.Correction, s.trouble("knec-portals"))
		f.Notice.Slots = subscriptions.Slots{Services: ids{"knec-results"}, False: subscriptions.FalseNumber}
		return f
	}},
	{name: "correction-news-no-incident", post: true, facts: func(s scene) wording.Facts {
		f := s.facts(subscriptions.Correction, subscriptions.Incident{})
		f.Notice.Slots = subscriptions.Slots{Services: ids{"ecitizen-login"}, False: subscriptions.FalseNews}
		return f
	}},
	{name: "correction-link", follow: ids{"eta"}, facts: func(s scene) wording.Facts {
		f := s.facts(subscriptions.Correction, subscriptions.Incident{})
		f.Notice.Agency = "immigration"
		f.Notice.Slots = subscriptions.Slots{Services: ids{"eta"}, False: subscriptions.FalseLink}
		return f
	}},
	{name: "correction-withdraws", follow: ids{"kra-pay-tax"}, facts: func(s scene) wording.Facts {
		f := correction(s, subscriptions.Slots{Withdraws: true})
		f.Corrected = &subscriptions.Notice{Key: "2025-0103-2", Slots: subscriptions.Slots{Services: ids{"kra-pay-tax"}}}
		f.Incident.Ways = nil
		return f
	}},
	{name: "advisory", follow: ids{"inua-jamii"}, facts: func(s scene) wording.Facts {
		f := s.facts(subscriptions.Advisory, subscriptions.Incident{})
		f.Notice.Agency = "social-protection"
		f.Notice.Slots = subscriptions.Slots{Services: ids{"inua-jamii"}, Free: subscriptions.Text{
			"en": "Nobody will ask you for a fee to stay on the list.", "sw": "Hakuna atakayekuomba ada ili ubaki kwenye orodha.",
		}}
		return f
	}},
}

func TestGolden(t *testing.T) {
	t.Parallel()
	written := map[string]bool{}
	for _, g := range goldens {
		for _, l := range []subscriptions.Language{"en", "sw"} {
			file := g.name + "-" + string(l) + ".txt"
			written[file] = true
			t.Run(file, func(t *testing.T) { // not parallel: -update writes and the check below reads
				s := setup(t)
				got := transcript(s, g, l)
				path := filepath.Join("testdata", "golden", file)
				if *update {
					if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(path)
				if err != nil {
					t.Fatalf("%v: run with -update and read the diff", err)
				}
				if got != string(want) {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
			})
		}
	}
	files, err := os.ReadDir(filepath.Join("testdata", "golden"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !written[f.Name()] {
			t.Errorf("testdata/golden/%s belongs to no case: remove it", f.Name())
		}
	}
}

// transcript writes a card as a person sees it, and the SMS below it.
func transcript(s scene, g golden, l subscriptions.Language) string {
	sh := s.sheet(g.facts(s))
	card := s.speaker.Card(sh, wording.Selection{Language: l, Services: g.follow, Asked: g.asked, Post: g.post, Account: g.group})
	var b strings.Builder
	fmt.Fprintln(&b, visible(card))
	fmt.Fprintln(&b)
	for _, c := range card.Copy {
		fmt.Fprintf(&b, "[copy %s: %s]\n", c.Label, c.Value)
	}
	for _, k := range card.Links {
		fmt.Fprintf(&b, "[%s: %s]\n", k.Label, k.URL)
	}
	p := wording.SMSPreview(l, sh.Words[l])
	fmt.Fprintf(&b, "[%d characters; SMS %d of %d, %s]\n%s\n", len([]rune(visible(card))), p.Chars, p.Limit, p.Encoding, p.Text)
	return b.String()
}

// visible is what every network shows of a card.
func visible(c wording.Card) string {
	parts := append([]string{c.Title}, c.Lines...)
	if len(c.Footer) > 0 {
		parts = append(append(parts, ""), c.Footer...)
	}
	return strings.Join(parts, "\n")
}
