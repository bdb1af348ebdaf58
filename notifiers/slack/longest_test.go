package slack_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"arifa/notifiers"
	"arifa/notifiers/slack"
	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
	"arifa/subscriptions/wording"
)

// What is longest of all that Kenya's catalogue can say: every service that hangs on
// the payments, confirmed, named in full, with a sentence of the full length in each
// language. Slack takes it in every selection, with its blocks.
func TestTheLongestNoticesAreTaken(t *testing.T) {
	t.Parallel()
	nation := must[*subscriptions.Nation](t)(catalogue.Kenya())
	words := must[*wording.Speaker](t)(wording.NewSpeaker())
	s := workspace(t)
	ch := channelTo(t, s.URL(), &logged{})
	all, sheet := everything(t, nation, words)
	if len(all) != 84 {
		t.Errorf("%d services are affected, want all 84", len(all))
	}
	slices.SortFunc(all, func(a, b subscriptions.ServiceID) int { // the longest names first
		x, _ := nation.Service(a)
		y, _ := nation.Service(b)
		return cmp.Compare(utf8.RuneCountInString(y.Name["sw"]+y.Name["en"]), utf8.RuneCountInString(x.Name["sw"]+x.Name["en"]))
	})
	longest := 0
	for name, sel := range map[string]wording.Selection{
		"a channel":                 {Post: true},
		"a channel, all named":      {Post: true, MaxServices: 84},
		"a person with the usual":   {Services: all},
		"a person with six":         {Services: all[:6], MaxServices: 6},
		"a person, all named":       {Services: all, MaxServices: 84},
		"who asked for the longest": {Services: all[:1], Asked: true},
	} {
		var both []wording.Card
		for _, l := range []subscriptions.Language{"en", "sw"} {
			sel.Language = l
			both = append(both, words.Card(sheet, sel))
		}
		both = append(both, joined(both))
		for _, card := range both {
			m := message(news)
			m.Card = card
			if _, err := ch.Send(t.Context(), m); err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			blocks, text, err := slack.BlocksOf(card)
			if err != nil || blocks == 0 {
				t.Errorf("%s: %d blocks, %v", name, blocks, err)
			}
			longest = max(longest, utf8.RuneCountInString(text))
			if got := s.Messages(news); !strings.Contains(got[len(got)-1].Text, card.Title) || len(got[len(got)-1].Blocks) == 0 {
				t.Errorf("%s: the title or the blocks are missing", name)
			}
		}
	}
	t.Logf("the longest message has %d characters", longest)
	if refused := s.Refused(); len(refused) > 0 {
		t.Errorf("Slack refused %+v", refused)
	}
}

// joined is a card in both languages, as a channel that chose both reads it.
func joined(cards []wording.Card) wording.Card {
	out := cards[0]
	out.Lines = append(append(append(slices.Clone(out.Lines), ""), cards[1].Title), cards[1].Lines...)
	out.Footer = append(slices.Clone(out.Footer), cards[1].Footer...)
	return out
}

func everything(t *testing.T, nation *subscriptions.Nation, words *wording.Speaker) ([]subscriptions.ServiceID, subscriptions.Sheet) {
	t.Helper()
	now := time.Date(2025, 1, 3, 3, 4, 0, 0, time.UTC)
	i := subscriptions.Incident{ID: 1, State: subscriptions.Investigating, Round: 1, Owner: "ecitizen", OpenedAt: now, Since: now, SinceApprox: true, NextUpdate: now.Add(5 * time.Hour),
		Claims: []subscriptions.Claim{{Agency: "ecitizen", Platform: "ecitizen-payments", Impact: subscriptions.Blocked, At: now, Since: now, Round: 1}}}
	i.Services = i.Derive(nation)
	for k := range i.Services {
		i.Services[k].Confirmed = true
	}
	sentence := strings.TrimSpace(strings.Repeat("Keep the slip & <receipt>. ", 12))[:280]
	n := subscriptions.Notice{ID: 1, Key: "2025-0103-1", Code: "KQ7F2M", Kind: subscriptions.Outage, Agency: "ecitizen", Sound: true, Incident: 1, Round: 1, State: subscriptions.Submitted, CreatedAt: now, SubmittedAt: now,
		Audience: subscriptions.AudienceOf(nation, i.Failing(), i.Platforms()), Slots: subscriptions.Slots{Platforms: []subscriptions.PlatformID{"ecitizen-payments"},
			Since: now, SinceApprox: true, State: i.State, NextUpdate: i.NextUpdate, Free: subscriptions.Text{"en": sentence, "sw": sentence}}}
	sheet, err := words.Sheet(wording.Facts{Nation: nation, Incident: i, Notice: n, Host: "arifa.go.ke", Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return i.Failing(), sheet
}

// Nothing that a card may hold is cut without a sign, or makes Slack refuse it: the
// longest agency, service and platform as a button.
func TestTheLongestNamesFitOnButtons(t *testing.T) {
	t.Parallel()
	nation := must[*subscriptions.Nation](t)(catalogue.Kenya())
	s := workspace(t)
	ch := channelTo(t, s.URL(), &logged{})
	var rows [][]wording.Choice
	for _, v := range nation.Services {
		for _, l := range nation.Languages {
			rows = append(rows, []wording.Choice{{Label: "Not affected: " + v.Name[l] + " (" + string(v.Agency) + ")", Data: "s notice 1 1 0 " + strings.Repeat("f", 64)}})
		}
	}
	slices.SortFunc(rows, func(a, b []wording.Choice) int { return cmp.Compare(len(b[0].Label), len(a[0].Label)) })
	m := message(news)
	m.Card = wording.Card{Title: rows[0][0].Label, Choices: rows[:40]}
	if _, err := ch.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	for k, b := range s.Messages(news)[0].Buttons {
		if want := rows[k][0].Label; b.Label != want && !strings.HasSuffix(b.Label, "…") {
			t.Errorf("got %q of %q", b.Label, want)
		}
	}
	if refused := s.Refused(); len(refused) > 0 {
		t.Errorf("Slack refused %+v", refused)
	}
	m.Card.Choices = rows[:60]
	if _, err := ch.Prepare(m.Card); !as[notifiers.Poison](err) {
		t.Errorf("more than 50 blocks: got %v, want poison", err)
	}
}
