package notifiers_test

import (
	"slices"
	"testing"

	"arifa/notifiers"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

func TestLanguagesOfARecipient(t *testing.T) {
	t.Parallel()
	type languages = []subscriptions.Language
	both := subscriptions.Sheet{Words: map[subscriptions.Language]subscriptions.Words{"en": {}, "sw": {}}}
	english := subscriptions.Sheet{Words: map[subscriptions.Language]subscriptions.Words{"en": {}}}
	tests := []struct {
		name  string
		row   subscriptions.Delivery
		sheet subscriptions.Sheet
		want  languages
	}{
		{"a person reads one", subscriptions.Delivery{Kind: subscriptions.Person, Language: "sw"}, both, languages{"sw"}},
		{"who chose none reads the first", subscriptions.Delivery{Kind: subscriptions.Person}, both, languages{"en"}},
		{"a missing language falls back", subscriptions.Delivery{Kind: subscriptions.Person, Language: "sw"}, english, languages{"en"}},
		{"a public channel reads all", subscriptions.Delivery{Kind: subscriptions.Channel, Language: "en"}, both, languages{"en", "sw"}},
		{"a public channel in the order that it names", subscriptions.Delivery{Kind: subscriptions.Channel, Languages: languages{"sw", "en"}}, both, languages{"sw", "en"}},
		{"a public channel in one", subscriptions.Delivery{Kind: subscriptions.Channel, Languages: languages{"sw"}}, both, languages{"sw"}},
		{"a public channel leaves out what is missing", subscriptions.Delivery{Kind: subscriptions.Channel}, english, languages{"en"}},
		{"a group reads its own", subscriptions.Delivery{Kind: subscriptions.Group, Language: "sw"}, both, languages{"sw"}},
	}
	for _, tt := range tests {
		if got := notifiers.LanguagesOf(&tt.row, tt.sheet, languages{"en", "sw"}); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

// In a group the alert itself says who alone speaks for us there; where our name is
// not known, and everywhere else, it says why one reads it.
func TestGroupsReadWhoSpeaksForUs(t *testing.T) {
	t.Parallel()
	speaker, err := wording.NewSpeaker()
	if err != nil {
		t.Fatal(err)
	}
	sheet := subscriptions.Sheet{Words: map[subscriptions.Language]subscriptions.Words{"en": {Title: "Fails", WhyPost: "for everyone", WhyGroup: "only %s speaks for us here"}}}
	for _, c := range []struct {
		kind          subscriptions.RecipientKind
		account, want string
	}{
		{subscriptions.Group, "arifa_bot", "only @arifa_bot speaks for us here"},
		{subscriptions.Group, "", "for everyone"},
		{subscriptions.Channel, "arifa_bot", "for everyone"},
	} {
		card := speaker.Card(sheet, notifiers.SelectionOf(&subscriptions.Delivery{Kind: c.kind}, "en", c.account))
		if !slices.Equal(card.Footer, []string{c.want}) {
			t.Errorf("%s, %q: got %q, want %q", c.kind, c.account, card.Footer, c.want)
		}
	}
}

// A card is found again by what it says, wherever the list of services lies; nobody
// reads another's where two lists have one hash.
func TestACardIsItsServices(t *testing.T) {
	t.Parallel()
	type services = []subscriptions.ServiceID
	for _, c := range []struct {
		name     string
		a, b     services
		sameHash bool
		want     bool
	}{
		{"equal lists", services{tax, "licence"}, services{tax, "licence"}, false, true},
		{"no services", nil, services{}, false, true},
		{"one more", services{tax}, services{tax, "licence"}, false, false},
		{"another order", services{"licence", tax}, services{tax, "licence"}, false, false},
		{"another list with the same hash", services{tax}, services{"licence"}, true, false},
	} {
		if got := notifiers.Found(c.a, c.b, c.sameHash); got != c.want {
			t.Errorf("%s: found %v, want %v", c.name, got, c.want)
		}
	}
}

// Joining never writes into the cards that it joins: they are shared.
func TestJoinedCards(t *testing.T) {
	t.Parallel()
	lines := make([]string, 1, 8)
	lines[0] = "fails"
	en := wording.Card{Title: "Outage", Lines: lines, Footer: []string{"KRA", "because"}}
	sw := wording.Card{Title: "Hitilafu", Lines: []string{"haifanyi kazi"}, Footer: []string{"KRA", "kwa sababu"}}
	got := notifiers.Joined(en, sw)
	if want := []string{"fails", "", "Hitilafu", "haifanyi kazi"}; got.Title != "Outage" || !slices.Equal(got.Lines, want) {
		t.Errorf("got %q, %q, want %q", got.Title, got.Lines, want)
	}
	if want := []string{"KRA", "because", "kwa sababu"}; !slices.Equal(got.Footer, want) {
		t.Errorf("got footer %q, want %q", got.Footer, want)
	}
	if lines[:2][1] != "" {
		t.Error("the first card's lines were written into")
	}
}

func TestPins(t *testing.T) {
	t.Parallel()
	live := subscriptions.Incident{ID: 1, State: subscriptions.Identified, Services: []subscriptions.ServiceState{{Service: tax, Failing: true, Confirmed: true}}}
	over := live
	over.State = subscriptions.Resolved
	notice := func(k subscriptions.Kind) subscriptions.Notice { return subscriptions.Notice{Incident: 1, Kind: k} }
	withdrawal := subscriptions.Notice{Incident: 1, Kind: subscriptions.Correction, Slots: subscriptions.Slots{Withdraws: true}}
	tests := []struct {
		name     string
		kind     subscriptions.RecipientKind
		notice   subscriptions.Notice
		incident subscriptions.Incident
		live     bool
		want     any
	}{
		{"an outage", subscriptions.Channel, notice(subscriptions.Outage), live, true, notifiers.PinFirst},
		{"an update, after a restart", subscriptions.Channel, notice(subscriptions.Update), live, true, notifiers.PinFirst},
		{"a part is restored", subscriptions.Channel, notice(subscriptions.Restored), live, true, notifiers.PinNothing},
		{"all is restored", subscriptions.Channel, notice(subscriptions.Restored), over, true, notifiers.UnpinFirst},
		{"all is restored and out of the view", subscriptions.Channel, notice(subscriptions.Restored), subscriptions.Incident{}, false, notifiers.UnpinFirst},
		{"withdrawn", subscriptions.Channel, withdrawal, live, true, notifiers.UnpinFirst},
		{"an outage that is over already", subscriptions.Channel, notice(subscriptions.Outage), over, true, notifiers.PinNothing},
		{"a person", subscriptions.Person, notice(subscriptions.Outage), live, true, notifiers.PinNothing},
		{"an advisory of no incident", subscriptions.Channel, subscriptions.Notice{Kind: subscriptions.Advisory}, subscriptions.Incident{}, false, notifiers.PinNothing},
	}
	for _, tt := range tests {
		if got := notifiers.PinsFor(tt.kind, tt.notice, tt.incident, tt.live); any(got) != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}
