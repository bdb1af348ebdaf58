package wording_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// The order of speaking: what and since, what to do, next, free, others, who,
// cause, PIN.
func TestSlotsComeInTheOrderOfSpeaking(t *testing.T) {
	t.Parallel()
	place := map[subscriptions.Slot]int{}
	for i, slot := range []subscriptions.Slot{
		subscriptions.SlotDeadline, subscriptions.SlotNext, subscriptions.SlotFree, subscriptions.SlotSays,
		subscriptions.SlotWho, subscriptions.SlotCause, subscriptions.SlotPIN,
	} {
		place[slot] = i
	}
	for _, g := range goldens {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			f := g.facts(s)
			f.Statements = []wording.Statement{{Agency: "kfs", At: s.at(9, 0), Kind: subscriptions.Outage}}
			f.Notice.Slots.Cause = subscriptions.CausePower
			for l, words := range s.sheet(f).Words {
				var got []int
				for _, line := range words.Tail {
					at, ok := place[line.Slot]
					if !ok {
						t.Errorf("%s: slot %s in the tail", l, line.Slot)
					}
					got = append(got, at)
				}
				if !slices.IsSorted(got) {
					t.Errorf("%s: tail %v is out of order", l, words.Tail)
				}
				if last := words.Tail[len(words.Tail)-1]; last.Slot != subscriptions.SlotPIN {
					t.Errorf("%s: got %s last, want pin", l, last.Slot)
				}
				for _, line := range words.Head {
					if line.Text == "" || strings.Contains(line.Text, "<no value>") {
						t.Errorf("%s: empty or broken line %q", l, line)
					}
				}
			}
		})
	}
}

// "If your money has already left, do not pay again" stands before any service.
func TestMoneyComesFirst(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for _, kind := range []subscriptions.Kind{subscriptions.Outage, subscriptions.AlternativeNotice, subscriptions.Update} {
		words := s.sheet(s.facts(kind, s.trouble("ecitizen-payments"))).Words
		for l, want := range map[subscriptions.Language]string{
			"en": "If your money has already left, do not pay again.",
			"sw": "Kama pesa zako tayari zimetoka, usilipe tena.",
		} {
			if !slices.Contains(words[l].Head, subscriptions.Line{Slot: subscriptions.SlotMoney, Text: want}) {
				t.Errorf("%s %s: got head %v, want %q in it", kind, l, words[l].Head, want)
			}
		}
	}
}

func TestFixedSentences(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for _, c := range []struct{ name, got, want string }{
		{"silence en", s.speaker.Silence("en"), "No trouble announced. That does not mean it works."},
		{"silence sw", s.speaker.Silence("sw"), "Hakuna tatizo lililotangazwa. Hii haimaanishi inafanya kazi."},
		{"no way", s.speaker.NoWay("en"), "No other way is confirmed yet; do not pay anyone who offers one."},
		{"as of", s.speaker.AsOf("en", s.at(11, 0)), "As of 11:00 am on 3 January 2025."},
		{"end passed", s.speaker.EndPassed("en", s.at(4, 0)), "The planned end, 4:00 am on 3 January 2025, has passed; not confirmed yet."},
		{"overdue", s.speaker.Overdue("en", s.at(11, 0)), "The update promised for 11:00 am on 3 January 2025 is overdue."},
		{"withdrawn", s.speaker.Withdrawn("en", "2025-0103-2"), "Notice 0103-2 is withdrawn: it was wrong."},
		{"unknown", s.speaker.Unknown("en"), "not known whether this service is affected; check before you pay"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
	card := s.speaker.Withdrawal(s.sheet(seed(s)), "sw")
	if card.Title != "Notisi 0103-1 imeondolewa: haikuwa sahihi." || len(card.Copy)+len(card.Links) != 0 {
		t.Errorf("got %+v, want the fixed words and no button", card)
	}
}

// A notice of one agency takes the place of a live message that may say what others
// said: whoever was told that too reads on, and nobody else does.
func TestOneLiveMessageOfSeveralAgencies(t *testing.T) {
	t.Parallel()
	s := setup(t)
	f := s.facts(subscriptions.AlternativeNotice, s.trouble("mpesa"))
	f.Notice.Agency, f.Notice.Slots.Services = "kra", ids{"kra-pay-tax"}
	sheet, err := s.speaker.Sheet(f)
	if err != nil {
		t.Fatal(err)
	}
	read := func(sel wording.Selection) string {
		sel.Language = "en"
		card := s.speaker.Card(sheet, sel)
		return card.Title + "\n" + strings.Join(card.Lines, "\n")
	}
	if got := read(wording.Selection{Services: ids{"kra-pay-tax", "ecitizen-pay"}}); !strings.Contains(got, "Paying tax (KRA)") || !strings.Contains(got, "Paying with 222222 (eCitizen)") {
		t.Errorf("who was told both reads\n%s", got)
	}
	for name, sel := range map[string]wording.Selection{"a follower of KRA": {Services: ids{"kra-pay-tax"}}, "a reader of the notice": {Post: true}} {
		if got := read(sel); strings.Contains(got, "Paying with 222222") {
			t.Errorf("%s reads\n%s", name, got)
		}
	}
}

// What no citizen may read must not become a sheet.
func TestSheetRefuses(t *testing.T) {
	t.Parallel()
	s := setup(t)
	bring := func(id subscriptions.AlternativeID, free string) wording.Facts {
		f := s.facts(subscriptions.AlternativeNotice, s.trouble("mpesa"))
		f.Notice.Agency = "ecitizen"
		f.Notice.Slots.Services = ids{"ecitizen-pay"}
		if id != "" {
			f.Notice.Slots.Alternatives = []subscriptions.AlternativeID{id}
		}
		if free != "" {
			f.Notice.Slots.Free = subscriptions.Text{"sw": free}
		}
		return f
	}
	for _, c := range []struct {
		name  string
		facts wording.Facts
		want  error
	}{
		{"destination that two officers have not confirmed", bring("alt-equity-route", ""), subscriptions.ErrRefused},
		{"unknown alternative", bring("alt-none", ""), subscriptions.ErrNotFound},
		{"retired paybill in a free text", bring("", "Lipa {dest:dest-old-206206}"), subscriptions.ErrRefused},
		{"mistyped reference", bring("", "Piga {dset:dest-222222}"), subscriptions.ErrReference},
		{"no catalogue", wording.Facts{}, subscriptions.ErrNotFound},
	} {
		if _, err := s.speaker.Sheet(c.facts); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
	f := bring("alt-equity-route", "")
	f.Nation = s.confirmed()
	if _, err := s.speaker.Sheet(f); err != nil {
		t.Errorf("confirmed destination: got %v, want a sheet", err)
	}
}

// A way that may not be told any more leaves the safe sentence in its place.
func TestWaysThatEnded(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for _, c := range []struct {
		name string
		way  subscriptions.Way
		want bool
	}{
		{"in force", subscriptions.Way{Alternative: "alt-bank-or-pdq", Agency: "kra", Services: ids{"kra-pay-tax"}, Until: s.at(16, 0)}, true},
		{"without an end", subscriptions.Way{Alternative: "alt-bank-or-pdq", Agency: "kra", Services: ids{"kra-pay-tax"}}, true},
		{"expired this minute", subscriptions.Way{Alternative: "alt-bank-or-pdq", Agency: "kra", Services: ids{"kra-pay-tax"}, Until: s.at(6, 4)}, false},
		{"ended", subscriptions.Way{Alternative: "alt-bank-or-pdq", Agency: "kra", Services: ids{"kra-pay-tax"}, EndedAt: s.at(6, 0)}, false},
		{"of another service", subscriptions.Way{Alternative: "alt-bank-or-pdq", Agency: "kra", Services: ids{"kra-customs"}}, false},
		{"unconfirmed destination", subscriptions.Way{Alternative: "alt-equity-route", Agency: "ecitizen", Services: ids{"kra-pay-tax"}}, false},
		{"unknown", subscriptions.Way{Alternative: "alt-none", Agency: "kra", Services: ids{"kra-pay-tax"}}, false},
	} {
		f := seed(s)
		f.Incident.Ways = []subscriptions.Way{c.way}
		text := strings.Join(linesOf(s.sheet(f), "kra-pay-tax"), " ")
		if got := strings.Contains(text, "Other way"); got != c.want {
			t.Errorf("%s: got %q, told %v, want %v", c.name, text, got, c.want)
		}
		if !c.want && text != s.speaker.NoWay("en") {
			t.Errorf("%s: got %q, want the safe sentence", c.name, text)
		}
	}
}

// KRA's way is for KRA's services, even where somebody lists others.
func TestNobodySpeaksForAnother(t *testing.T) {
	t.Parallel()
	s := setup(t)
	f := seed(s)
	f.Incident.Ways = []subscriptions.Way{{Alternative: "alt-bank-or-pdq", Agency: "kra", Services: ids{"kra-pay-tax", "kws-nairobi-np"}}}
	sh := s.sheet(f)
	if got := linesOf(sh, "kws-nairobi-np"); !slices.Equal(got, []string{s.speaker.NoWay("en")}) {
		t.Errorf("park entry: got %q, want the safe sentence", got)
	}
}

func linesOf(sh subscriptions.Sheet, id subscriptions.ServiceID) []string {
	for _, sl := range sh.Words["en"].Services {
		if sl.Service == id {
			return sl.Lines
		}
	}
	return nil
}

func TestCopyOnlyWhatWorks(t *testing.T) {
	t.Parallel()
	s := setup(t)
	n := s.confirmed()
	bring := func(platform subscriptions.PlatformID, way subscriptions.AlternativeID, service subscriptions.ServiceID) subscriptions.Sheet {
		f := s.facts(subscriptions.Outage, s.trouble(platform))
		f.Nation = n
		f.Incident.Ways = []subscriptions.Way{{Alternative: way, Agency: "ecitizen", Services: ids{service}}}
		return s.sheet(f)
	}
	down := bring("ecitizen-payments", "alt-check-222", "ecitizen-pay")
	if got := down.Copy["ecitizen-pay"]; len(got) != 0 {
		t.Errorf("222222 is down: got %v to copy, want nothing", got)
	}
	up := bring("mpesa", "alt-equity-route", "ecitizen-pay")
	got := up.Copy["ecitizen-pay"]
	want := subscriptions.CopyValue{Entry: "dest-222222", Value: "222222", Name: "Government of Kenya eCitizen"}
	if len(got) != 2 || got[0] != want {
		t.Errorf("M-PESA is down: got %v to copy, want %v first of two", got, want)
	}
	airtel := bring("mpesa", "alt-airtel-money", "ecitizen-pay")
	if got := airtel.Copy["ecitizen-pay"]; len(got) != 0 {
		t.Errorf("*334# is also a name of M-PESA, which is down: got %v to copy, want nothing", got)
	}
	card := s.speaker.Card(up, wording.Selection{Language: "en", Services: ids{"ecitizen-pay"}})
	if len(card.Copy) != 2 || card.Copy[0].Value != "222222" {
		t.Errorf("got %v on the card, want 222222 first", card.Copy)
	}
	card = s.speaker.Card(up, wording.Selection{Language: "en", Services: ids{"kra-pay-tax"}})
	if len(card.Copy) != 0 {
		t.Errorf("another service's follower got %v to copy", card.Copy)
	}
}

// A platform is named as suspected only until its operator has joined.
func TestSuspicion(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.own("kra-pay-tax")
	i.Claims[0].Suspected = "ecitizen-payments"
	text := headText(s.sheet(s.facts(subscriptions.Outage, i)))
	if !strings.Contains(text, "KRA suspects eCitizen payment services (paybill 222222); eCitizen has not confirmed this.") {
		t.Errorf("got %q, want the suspicion", text)
	}
	if strings.Contains(text, "Payments to 222222") || strings.Contains(text, "working on it") {
		t.Errorf("got %q: nobody has said that 222222 is down", text)
	}
	i.Claims = append(i.Claims, subscriptions.Claim{Agency: "ecitizen", Platform: "ecitizen-payments", Impact: subscriptions.Blocked, Round: 1})
	i.Services = i.Derive(s.nation)
	text = headText(s.sheet(s.facts(subscriptions.Update, i)))
	if strings.Contains(text, "suspects") || !strings.Contains(text, "Payments to 222222 (eCitizen) are still not working.") {
		t.Errorf("after joining: got %q, want the platform as down", text)
	}
}

func headText(sh subscriptions.Sheet) string {
	w := sh.Words["en"]
	parts := []string{w.Title}
	for _, l := range w.Head {
		parts = append(parts, l.Text)
	}
	return strings.Join(parts, "\n")
}

// An unconfirmed dependency is not told, and said to be unknown where somebody
// names it.
func TestUnconfirmedServices(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.trouble("ecitizen-payments")
	waiting := i.Unconfirmed()
	if len(waiting) == 0 {
		t.Fatal("the catalogue has no unconfirmed dependency on 222222 any more")
	}
	sh := s.sheet(s.facts(subscriptions.Outage, i))
	for _, sl := range sh.Words["en"].Services {
		if slices.Contains(waiting, sl.Service) {
			t.Errorf("%s waits for a tick and is in the sheet", sl.Service)
		}
	}
	f := s.facts(subscriptions.Outage, i)
	f.Notice.Slots.Services = waiting[:1]
	if got := s.sheet(f).Words["en"].Services[0].State; got != s.speaker.Unknown("en") {
		t.Errorf("got %q, want %q", got, s.speaker.Unknown("en"))
	}
}

// A desk that still holds the incident as it was must not publish an end that
// says "not working".
func TestRestoredFromTheIncidentAsItWas(t *testing.T) {
	t.Parallel()
	s := setup(t)
	f := s.facts(subscriptions.Restored, s.trouble("ecitizen-payments"))
	f.Notice.Slots = subscriptions.Slots{State: subscriptions.Resolved}
	w := s.sheet(f).Words["en"]
	if want := "eCitizen says: Payments to 222222 (eCitizen) work again."; w.Title != want {
		t.Errorf("got title %q, want %q", w.Title, want)
	}
	for _, sl := range w.Services {
		if sl.State != "works again" {
			t.Errorf("%s: got %q, want works again", sl.Service, sl.State)
		}
	}
}

func TestSheetIsDeterministicAndDoesNotTouchFacts(t *testing.T) {
	t.Parallel()
	for _, g := range goldens {
		s := setup(t)
		f := g.facts(s)
		before := f.Notice.Digest()
		n := subscriptions.Notice{Sheet: s.sheet(f)}
		for range 3 {
			if again := (subscriptions.Notice{Sheet: s.sheet(f)}); again.Digest() != n.Digest() {
				t.Errorf("%s: two sheets of the same facts differ", g.name)
			}
		}
		if f.Notice.Digest() != before {
			t.Errorf("%s: the facts were changed", g.name)
		}
	}
}

func TestLinksAndHost(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for _, c := range []struct{ public, host, url string }{
		{"", "", ""},
		{"arifa.go.ke", "arifa.go.ke", "https://arifa.go.ke/n/2025-0103-1"},
		{"https://arifa.go.ke/", "arifa.go.ke", "https://arifa.go.ke/n/2025-0103-1"},
		{"http://localhost:8080", "localhost:8080", "http://localhost:8080/n/2025-0103-1"},
		{"https://ke.example/arifa", "ke.example", "https://ke.example/arifa/n/2025-0103-1"},
	} {
		f := seed(s)
		f.Host = c.public
		sh := s.sheet(f)
		url := ""
		if len(sh.Links) > 0 {
			url = sh.Links[0].URL
		}
		if sh.Host != c.host || url != c.url {
			t.Errorf("%q: got %q %q, want %q %q", c.public, sh.Host, url, c.host, c.url)
		}
		text := visible(s.speaker.Card(sh, wording.Selection{Language: "en", Services: ids{"kws-nairobi-np"}}))
		if !strings.Contains(text, "Notice 0103-1, code K7QF2M") || strings.Contains(text, "check it at") != (c.host != "") {
			t.Errorf("%q: got %q", c.public, text)
		}
		if regexp.MustCompile(`https?://`).MatchString(text) {
			t.Errorf("%q: a link stands inline in %q", c.public, text)
		}
	}
}

// A draft that names nothing yet, and a catalogue that has lost what the incident
// names, still give words and no panic.
func TestSheetOfLittle(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for _, kind := range subscriptions.Kinds {
		for _, i := range []subscriptions.Incident{
			{},
			{ID: 1, Round: 1, Claims: []subscriptions.Claim{{Agency: "gone", Platform: "gone", Round: 1}, {Agency: "gone", Service: "gone", Suspected: "gone", Round: 1}},
				Services: []subscriptions.ServiceState{{Service: "gone", Failing: true, Confirmed: true, Round: 1}}},
		} {
			f := wording.Facts{Nation: s.nation, Incident: i, Now: s.at(6, 4), Notice: subscriptions.Notice{Kind: kind, Agency: "kra"}}
			sh := s.sheet(f)
			for l, words := range sh.Words {
				if words.Title == "" || words.Short == "" || len(words.Tail) == 0 {
					t.Errorf("%s %s: got %+v, want a title, a short text and a tail", kind, l, words)
				}
			}
		}
	}
}

// An operator may end single services while its platform is still broken; the
// title must not say that the platform works.
func TestRestoredOfServicesOnly(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.trouble("ecitizen-payments")
	for n := range i.Services {
		i.Services[n].Failing = i.Services[n].Service != "kfs-karura"
	}
	f := s.facts(subscriptions.Restored, i)
	f.Notice.Slots = subscriptions.Slots{Services: ids{"kfs-karura"}}
	sh := s.sheet(f)
	if want := "Works again, says eCitizen: Karura Forest entry (KFS)."; sh.Words["en"].Title != want {
		t.Errorf("got title %q, want %q", sh.Words["en"].Title, want)
	}
	for _, sl := range sh.Words["en"].Services {
		if want := sl.Service == "kfs-karura"; (sl.State == "works again") != want {
			t.Errorf("%s: got %q, works again is to be %v", sl.Service, sl.State, want)
		}
	}
}
