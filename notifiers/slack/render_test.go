package slack_test

import (
	"fmt"
	"strings"
	"testing"

	"arifa/notifiers"
	"arifa/notifiers/slack"
	"arifa/subscriptions/wording"
)

func TestACardIsShownWhole(t *testing.T) {
	t.Parallel()
	s := workspace(t)
	ch := channelTo(t, s.URL(), &logged{})
	m := message(news)
	m.Card = wording.Card{
		Title: "eCitizen: payments to 222222 do not work",
		Lines: []string{"Do not pay again.", "", "eCitizen: malipo kwa 222222 hayafanyi kazi", "Usilipe tena."},
		Choices: [][]wording.Choice{
			{{Label: "Follow", Data: "f:service:kra-pay-tax"}, {Label: "Not now", Data: "h"}},
			{{Label: strings.Repeat("A very long name of a service ", 4), Data: "x"}},
		},
		Copy:   []wording.Copy{{Label: "572572 (KRA *tax*)", Value: "572572"}},
		Links:  []wording.Link{{Label: "arifa.go.ke", URL: "https://arifa.go.ke/n/0103-1"}, {Label: "bad", URL: "javascript:alert(1)"}},
		Footer: []string{"eCitizen said it on 3 January at 06:04.", "0103-1, code KQ7"},
	}
	must[notifiers.Receipt](t)(ch.Send(t.Context(), m))
	got := s.Messages(news)[0]
	want := "eCitizen: payments to 222222 do not work\nDo not pay again.\neCitizen: malipo kwa 222222 hayafanyi kazi\nUsilipe tena.\n572572\n(KRA *tax*)\n" +
		"eCitizen said it on 3 January at 06:04.\n0103-1, code KQ7"
	if got.Text != want {
		t.Errorf("got  %q\nwant %q", got.Text, want)
	}
	if !strings.HasPrefix(got.Fallback, "eCitizen: payments to 222222 do not work\nDo not pay again.") {
		t.Errorf("a notification shows %q", got.Fallback)
	}
	var labels []string
	for _, b := range got.Buttons {
		labels = append(labels, b.Label+"|"+b.Value+b.URL)
	}
	if len(labels) != 4 || labels[0] != "Follow|f:service:kra-pay-tax" || labels[3] != "arifa.go.ke|https://arifa.go.ke/n/0103-1" {
		t.Errorf("got buttons %q", labels)
	}
}

func TestTheLimitsOfBlocksAreKept(t *testing.T) {
	t.Parallel()
	s := workspace(t)
	ch := channelTo(t, s.URL(), &logged{})
	var rows [][]wording.Choice
	for i := range 30 {
		rows = append(rows, []wording.Choice{{Label: "x", Data: fmt.Sprint(i)}})
	}
	var row []wording.Choice
	for i := range 60 {
		row = append(row, wording.Choice{Label: "x", Data: fmt.Sprint(i)})
	}
	long := strings.Repeat("word ", 1500)
	for name, card := range map[string]wording.Card{
		"a title of 149":       {Title: strings.Repeat("é", 149)},
		"a title of 400":       {Title: strings.Repeat("t", 400)},
		"a line of 7,500":      {Lines: []string{long}},
		"many lines":           {Lines: strings.Split(strings.Repeat("line of words\n", 500), "\n")},
		"a long footer":        {Title: "t", Footer: []string{long}},
		"30 rows of choices":   {Title: "t", Choices: rows},
		"60 choices in a row":  {Title: "t", Choices: [][]wording.Choice{row}},
		"brackets and accents": {Title: "<b>&é", Lines: []string{"<!channel> é"}, Footer: []string{"*"}},
	} {
		m := message(news)
		m.Card = card
		if _, err := ch.Send(t.Context(), m); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, card := range map[string]wording.Card{
		"nothing at all":      {},
		"50 rows of choices":  {Title: "t", Choices: append(append([][]wording.Choice{}, rows...), rows...)},
		"more than a message": {Lines: []string{strings.Repeat("w", 12_600)}},
		"a choice of nothing": {Title: "t", Choices: [][]wording.Choice{{{Label: " ", Data: "x"}}}},
	} {
		if _, err := ch.Prepare(card); !as[notifiers.Poison](err) {
			t.Errorf("%s: got %v, want poison", name, err)
		}
	}
	if refused := s.Refused(); len(refused) != 0 {
		t.Errorf("the network refused %+v", refused)
	}
}

func TestPreviewCountsAsSlackDoes(t *testing.T) {
	t.Parallel()
	p := slack.Preview(wording.Card{Title: "é", Lines: []string{"ab"}}, "sw")
	if p.Network != "slack" || p.Chars != 4 || p.Parts != 1 || p.Text != "é\nab" {
		t.Errorf("got %+v", p)
	}
}
