package wording_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// situations makes facts of every kind on one service: its own trouble, and for
// each platform below it the trouble of that platform, with every way that hangs
// on the service.
func (s scene) situations(svc subscriptions.Service, n *subscriptions.Nation) []wording.Facts {
	incidents := []subscriptions.Incident{s.own(svc.ID)}
	for _, p := range svc.DependsOn {
		incidents = append(incidents, s.trouble(p))
	}
	var all []wording.Facts
	for _, i := range incidents {
		for _, a := range svc.Alternatives {
			i.Ways = append(i.Ways, subscriptions.Way{Alternative: a, Agency: svc.Agency, Services: ids{svc.ID}, Until: s.at(16, 0)})
		}
		for _, kind := range subscriptions.Kinds {
			if kind == subscriptions.Restored {
				i = s.over(i)
			}
			f := s.facts(kind, i)
			f.Nation = n
			f.Notice.Agency = svc.Agency
			f.Notice.Slots.Services = ids{svc.ID}
			switch kind {
			case subscriptions.Correction:
				f.Notice.Slots.False = subscriptions.FalsePayment
			case subscriptions.Maintenance:
				f.Notice.Slots.StartsAt, f.Notice.Slots.EndsAt, f.Notice.Slots.State = s.at(22, 0), s.at(28, 0), subscriptions.Scheduled
			case subscriptions.Update:
				f.Notice.Slots.Deadline = &subscriptions.Deadline{Service: svc.ID, Old: s.at(23, 59), New: s.at(24*5+17, 0)}
			}
			all = append(all, f)
		}
	}
	return all
}

var (
	numberLike = regexp.MustCompile(`[*#]?\d[\d*#]*(?:[- ]?\d+)*#?`)
	linkLike   = regexp.MustCompile(`(?i)\b(?:https?://|www\.)\S+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)+\b`)
	times      = regexp.MustCompile(`\d{1,2}:\d{2}|\bsaa \d{1,2}|\bdakika \d{1,2}|\d{1,2} [A-Z][a-z]+ 20\d\d|\d{1,2} [A-Z][a-z]{2}\b|\+\d+ (more|zaidi)`)
)

// known removes from text everything that a card may name: values of the sheet's
// entries, names of the service and of platforms, the number and code, times,
// dates, counts and our own host.
func known(s scene, f wording.Facts, sh subscriptions.Sheet, svc subscriptions.Service, text string) string {
	for _, w := range f.Incident.Ways {
		a, _ := f.Nation.Alternative(w.Alternative)
		for _, words := range a.Text { // its own digits, such as those of a menu, were judged by the catalogue
			resolved, used, err := subscriptions.ResolveText(words, f.Nation)
			if err == nil && !slices.ContainsFunc(used, func(id subscriptions.EntryID) bool { return !slices.Contains(sh.Entries, id) }) {
				text = strings.ReplaceAll(text, resolved, "")
			}
		}
	}
	for _, id := range sh.Entries {
		e, _ := f.Nation.Entry(id)
		text = strings.ReplaceAll(text, e.Value, "")
	}
	for _, p := range f.Nation.Platforms {
		for _, i := range p.Identifiers {
			if slices.Contains(f.Incident.Platforms(), p.ID) || len(f.Incident.Platforms()) == 0 {
				text = strings.ReplaceAll(text, i.Value, "")
			}
		}
	}
	text = strings.NewReplacer(
		sh.Key.Short(), "", sh.Code, "", sh.Host, "",
		strings.TrimSuffix(svc.Name["en"], ")"), "", strings.TrimSuffix(svc.Name["sw"], ")"), "",
	).Replace(text)
	return times.ReplaceAllString(text, "")
}

// G14: no number and no link reaches a citizen that is not in the registry.
func TestG14EveryNumberAndLinkIsKnown(t *testing.T) {
	t.Parallel()
	s := setup(t)
	cards := 0
	for _, n := range []*subscriptions.Nation{s.nation, s.confirmed()} {
		for _, svc := range s.nation.Services {
			if n != s.nation && len(svc.Alternatives) == 0 {
				continue // it names no destination
			}
			for _, f := range s.situations(svc, n) {
				sh := s.sheet(f)
				for _, l := range s.speaker.Languages() {
					card := s.speaker.Card(sh, wording.Selection{Language: l, Services: ids{svc.ID}})
					for _, text := range []string{visible(card), sh.Words[l].Short} {
						cards++
						rest := known(s, f, sh, svc, text)
						if bad := append(numberLike.FindAllString(rest, -1), linkLike.FindAllString(rest, -1)...); len(bad) > 0 {
							t.Fatalf("%s %s %s: %q in\n%s\nentries %v", svc.ID, f.Notice.Kind, l, bad, text, sh.Entries)
						}
					}
					for _, c := range card.Copy {
						i := slices.IndexFunc(n.Registry, func(e subscriptions.Entry) bool { return e.Value == c.Value && e.Destination })
						if i < 0 || n.Registry[i].Verify || !n.Registry[i].Publishable {
							t.Fatalf("%s: %q may be copied and is no confirmed destination", svc.ID, c.Value)
						}
					}
				}
			}
		}
	}
	if cards < 3000 {
		t.Errorf("got %d texts, want at least 3000", cards)
	}
}

// One SMS, whatever the service, the kind and the language; the number stays.
func TestShortIsOneSMS(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for _, svc := range s.nation.Services {
		for _, f := range s.situations(svc, s.confirmed()) {
			for l, words := range s.sheet(f).Words {
				n, ok := wording.GSM7(words.Short)
				if !ok || n > wording.ShortLimit {
					t.Errorf("%s %s %s: %d places, GSM %v: %q", svc.ID, f.Notice.Kind, l, n, ok, words.Short)
				}
				if !strings.Contains(words.Short, " 0103-1") {
					t.Errorf("%s %s %s: no number in %q", svc.ID, f.Notice.Kind, l, words.Short)
				}
				if strings.Contains(words.Short, "...") {
					t.Errorf("%s %s %s: a real name was cut: %q", svc.ID, f.Notice.Kind, l, words.Short)
				}
			}
		}
	}
}

// Names of other countries may be longer than a whole SMS and hold any sign.
func TestShortOfLongNames(t *testing.T) {
	t.Parallel()
	s := setup(t)
	n := *s.nation
	n.Services = slices.Clone(n.Services)
	long := strings.Repeat("Überprüfung “ganz” langer Namen – ", 9) + "Ende"
	at := slices.IndexFunc(n.Services, func(svc subscriptions.Service) bool { return svc.ID == "dl-renewal" })
	n.Services[at].Name = subscriptions.Text{"en": long, "sw": strings.Repeat("x", 300)}
	f := s.facts(subscriptions.Outage, s.own("dl-renewal"))
	f.Nation = &n
	for l, words := range s.sheet(f).Words {
		places, ok := wording.GSM7(words.Short)
		if !ok || places > wording.ShortLimit || !strings.Contains(words.Short, "0103-1") {
			t.Errorf("%s: %d places, GSM %v: %q", l, places, ok, words.Short)
		}
		if strings.Contains(words.Short, "–") || strings.Contains(words.Short, "“") {
			t.Errorf("%s: signs outside the alphabet in %q", l, words.Short)
		}
	}
}

// One screen of a cheap phone, 700 characters, for somebody who follows up to
// three services. Swahili says its clock in words and digits, which costs 60 more.
func TestCardFitsOneScreen(t *testing.T) {
	t.Parallel()
	s := setup(t)
	most := map[subscriptions.Language]int{"en": 700, "sw": 760}
	const outlier = 60 // three of the longest names at once
	for _, platform := range []subscriptions.PlatformID{"ecitizen-payments", "ecitizen-platform", "mpesa", "ntsa-portal", "sha-systems"} {
		sh := s.sheet(s.facts(subscriptions.Outage, s.trouble(platform)))
		all := sh.Words["en"].Services
		sum, cards := map[subscriptions.Language]int{}, 0
		for i := range len(all) - 2 {
			cards++
			for l := range maps.Keys(sh.Words) {
				three := ids{all[i].Service, all[i+1].Service, all[i+2].Service}
				group := s.speaker.Card(sh, wording.Selection{Language: l, Services: three, Post: true, Account: "@arifa_kenya_bot"})
				if n := utf8.RuneCountInString(visible(group)); n > most[l]+outlier || !strings.Contains(visible(group), "@arifa_kenya_bot") {
					t.Errorf("%s %s, in a group: %d characters, want at most %d, with the account:\n%s", platform, l, n, most[l]+outlier, visible(group))
				}
				card := s.speaker.Card(sh, wording.Selection{Language: l, Services: three})
				n := utf8.RuneCountInString(visible(card))
				if sum[l] += n; n > most[l]+outlier {
					t.Errorf("%s %s: %d characters, want at most %d:\n%s", platform, l, n, most[l]+outlier, visible(card))
				}
			}
		}
		for l, total := range sum {
			if mean := total / cards; mean > most[l]-40 {
				t.Errorf("%s %s: %d characters on average, want at most %d", platform, l, mean, most[l]-40)
			}
		}
	}
}

// Swahili verbs agree with what stands before them, for every platform and kind.
func TestSwahiliAgreesEverywhere(t *testing.T) {
	t.Parallel()
	s := setup(t)
	subjects := regexp.MustCompile(`(Malipo kwa|Mfumo|Mifumo|Tovuti ya|Tovuti za|Akaunti na|Huduma za|M-PESA)\b.* (ha|bado ha)?(\w*?)(fanyi|tafanya|nafanya) kazi`)
	class := map[string]string{"Malipo kwa": "ya", "Mfumo": "u", "Mifumo": "i", "Tovuti ya": "i", "Tovuti za": "zi", "Akaunti na": "zi", "Huduma za": "zi", "M-PESA": "i", "Ardhisasa": "i"}
	seen := 0
	for _, p := range s.nation.Platforms {
		for _, kind := range subscriptions.Kinds {
			f := s.facts(kind, s.trouble(p.ID))
			if kind == subscriptions.Restored {
				f.Incident = s.over(f.Incident)
			}
			m := subjects.FindStringSubmatch(s.sheet(f).Words["sw"].Title)
			if m == nil {
				continue
			}
			if seen++; m[3] != class[m[1]] {
				t.Errorf("%s %s: %q: got %q, want %q", p.ID, kind, m[0], m[3], class[m[1]])
			}
		}
	}
	if seen < 60 {
		t.Errorf("got %d sentences, want at least 60", seen)
	}
}

// "Limited" always says which way fails, and nothing is ever "partly working".
func TestLimitedSaysWhichWayFails(t *testing.T) {
	t.Parallel()
	s := setup(t)
	limited := 0
	for _, p := range s.nation.Platforms {
		sh := s.sheet(s.facts(subscriptions.Outage, s.trouble(p.ID)))
		for _, sl := range sh.Words["en"].Services {
			rest, is := strings.CutPrefix(sl.State, "limited: ")
			if is && !regexp.MustCompile(`^(payments through .+ fail|what goes through .+ fails)$`).MatchString(rest) {
				t.Errorf("%s: %q does not say which way fails", sl.Service, sl.State)
			}
			if is {
				limited++
			}
		}
	}
	if limited < 50 {
		t.Errorf("got %d limited services, want at least 50", limited)
	}
}

// Dates are never "today": a card read on another day must be as true.
func TestTimesHaveADate(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for _, g := range goldens {
		f := g.facts(s)
		f.Now = f.Now.Add(26 * time.Hour) // sent on another day than it began
		card := s.speaker.Card(s.sheet(f), wording.Selection{Language: "en", Services: g.follow, Post: g.post})
		if text := visible(card); !strings.Contains(text, "January 2025") {
			t.Errorf("%s: no date in\n%s", g.name, text)
		}
		if g.name == "outage-driver" && !strings.Contains(visible(card), "on 4 January 2025") {
			t.Errorf("%s: the day on which it was said is missing in\n%s", g.name, visible(card))
		}
	}
}
