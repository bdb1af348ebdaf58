package telegram_test

import (
	"encoding/json"
	"strings"
	"testing"

	"arifa/notifiers"
	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions/wording"
)

// shown sends a card to a reader of the strict server and returns what stands there.
func shown(t *testing.T, card wording.Card) telegramtest.Message {
	t.Helper()
	srv := telegramtest.Start(t, telegramtest.Config{Token: token})
	srv.AddUser(5, "en")
	must[int](t)(srv.Start(5, ""))
	m := message(5)
	m.Card = card
	if _, err := channelTo(t, srv.URL(), &logged{}).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	last, ok := srv.Last(5)
	if !ok {
		t.Fatal("nothing stands in the chat")
	}
	return last
}

func TestHostileLettersArriveAsTheyWereTyped(t *testing.T) {
	t.Parallel()
	got := shown(t, wording.Card{
		Title:  `<b>KRA</b> & "friends" &lt;`,
		Lines:  []string{`</i></b><a href="tg://user?id=1">x</a>`, "a<b>c&amp;d &#39; &nbsp; ]]>", "*_~`[x](y) \\ \u202egnp\u200b", "", "tail <"},
		Footer: []string{"<tg-spoiler>KRA</tg-spoiler> 020 & 4"},
	})
	want := `<b>KRA</b> & "friends" &lt;` + "\n" + `</i></b><a href="tg://user?id=1">x</a>` + "\na<b>c&amp;d &#39; &nbsp; ]]>\n*_~`[x](y) \\ \u202egnp\u200b\n\ntail <\n\n<tg-spoiler>KRA</tg-spoiler> 020 & 4"
	if got.Text != want {
		t.Errorf("got  %q\nwant %q", got.Text, want)
	}
	for _, e := range got.Entities {
		if e.Type != "bold" && e.Type != "italic" {
			t.Errorf("a %s that nobody asked for", e.Type)
		}
	}
}

func TestTheLimitCountsUTF16(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		text string
		ok   bool
	}{
		{"4096 letters", strings.Repeat("a", 4096), true},
		{"4097 letters", strings.Repeat("a", 4097), false},
		{"4096 Swahili and Arabic letters", strings.Repeat("ʼش", 2048), true},
		{"2048 emoji", strings.Repeat("🚌", 2048), true},
		{"2049 emoji", strings.Repeat("🚌", 2049), false},
		{"hidden by tags", strings.Repeat("<", 4096), true}, // &lt; counts as one
		{"nothing", "", false},
		{"only space", " \n ", false},
	} {
		_, err := nowhere(t).Prepare(wording.Card{Lines: []string{c.text}})
		if c.ok && err != nil || !c.ok && !as[notifiers.Poison](err) {
			t.Errorf("%s: got %v, want taken: %v", c.name, err, c.ok)
		}
		if c.ok {
			if got := shown(t, wording.Card{Lines: []string{c.text}}).Text; got != c.text {
				t.Errorf("%s: it arrives changed", c.name)
			}
		}
	}
}

func TestWhatTelegramWouldNotShowIsPoison(t *testing.T) {
	t.Parallel()
	many := func(n, bytes int) (rows [][]wording.Choice) {
		for range n {
			rows = append(rows, []wording.Choice{{Label: "x", Data: strings.Repeat("d", bytes)}})
		}
		return rows
	}
	for name, c := range map[string]wording.Card{
		"65 bytes of choice":        {Choices: many(1, 65)},
		"33 letters of two bytes":   {Choices: [][]wording.Choice{{{Label: "x", Data: strings.Repeat("é", 33)}}}},
		"an empty choice":           {Choices: many(1, 0)},
		"a button without words":    {Choices: [][]wording.Choice{{{Label: " ", Data: "home"}}}},
		"101 buttons":               {Choices: many(101, 1)},
		"more than 10 KB":           {Choices: many(99, 64), Links: []wording.Link{{Label: strings.Repeat("l", 3000), URL: "https://arifa.go.ke"}}},
		"257 letters to copy":       {Copy: []wording.Copy{{Label: "Copy", Value: strings.Repeat("1", 257)}}},
		"nothing to copy":           {Copy: []wording.Copy{{Label: "Copy"}}},
		"a copy button, no words":   {Copy: []wording.Copy{{Value: "1"}}},
		"a link button, no words":   {Links: []wording.Link{{URL: "https://arifa.go.ke"}}},
		"129 emoji of two units":    {Copy: []wording.Copy{{Label: "Copy", Value: strings.Repeat("🚌", 129)}}},
		"a text that is only space": {Title: " "},
	} {
		if c.Title == "" {
			c.Lines = []string{"words"}
		}
		_, err := nowhere(t).Prepare(c)
		if !as[notifiers.Poison](err) {
			t.Errorf("%s: got %v, want poison", name, err)
		}
		m := message(5)
		m.Card = c
		if _, err := nowhere(t).Send(t.Context(), m); !as[notifiers.Poison](err) {
			t.Errorf("%s, sent: got %v, want poison", name, err)
		}
	}
}

func TestTheKeyboardStandsInOrder(t *testing.T) {
	t.Parallel()
	got := shown(t, wording.Card{Lines: []string{"x"},
		Choices: [][]wording.Choice{{{Label: "Follow", Data: "follow kra-pay-tax"}, {Label: "Browse", Data: "agencies 1"}}, {}, {{Label: "Stop", Data: "stop"}}},
		Copy:    []wording.Copy{{Label: "Copy 572572", Value: "572572"}},
		Links: []wording.Link{{Label: "Page", URL: "https://arifa.go.ke/n/0103-1"}, {Label: "Here", URL: "http://localhost:8080/"},
			{Label: "Odd", URL: "javascript:alert(1)"}, {Label: "Me", URL: "https://me@arifa.go.ke"}, {Label: "Broken", URL: "https://a b.ke"}}})
	want := [][]telegramtest.Button{
		{{Text: "Follow", Data: "follow kra-pay-tax"}, {Text: "Browse", Data: "agencies 1"}},
		{{Text: "Stop", Data: "stop"}},
		{{Text: "Copy 572572", Copy: "572572"}},
		{{Text: "Page", URL: "https://arifa.go.ke/n/0103-1"}},
	}
	if a, b := asJSON(t, got.Buttons), asJSON(t, want); a != b {
		t.Errorf("got  %s\nwant %s", a, b)
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPreviewCountsAsTelegramDoes(t *testing.T) {
	t.Parallel()
	got := nowhere(t).Preview(wording.Card{Title: "A", Lines: []string{"🚌 & <"}, Footer: []string{"f"}}, "en")
	if got.Text != "A\n🚌 & <\n\nf" || got.Chars != 11 || got.Limit != 4096 || got.Parts != 1 || got.Network != "telegram" || got.Language != "en" {
		t.Errorf("got %+v", got)
	}
}
