package wording_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// small is a sheet of n services whose lines are made by state.
func small(n int, state func(i int) (string, []string)) subscriptions.Sheet {
	words := subscriptions.Words{
		Title: "T.", Head: []subscriptions.Line{{Slot: subscriptions.SlotMoney, Text: "M."}},
		Tail: []subscriptions.Line{{Slot: subscriptions.SlotNext, Text: "N."}, {Slot: subscriptions.SlotWho, Text: "W."}, {Slot: subscriptions.SlotPIN, Text: "P."}},
		More: "+%d more", Why: "why %s", WhyAsked: "asked", WhyPost: "post",
	}
	for i := range n {
		sl := subscriptions.ServiceLines{Service: subscriptions.ServiceID(fmt.Sprint("s", i)), Name: fmt.Sprint("n", i), Label: fmt.Sprint("L", i)}
		sl.State, sl.Lines = state(i)
		words.Services = append(words.Services, sl)
	}
	return subscriptions.Sheet{Words: map[subscriptions.Language]subscriptions.Words{"en": words}}
}

func same(int) (string, []string) { return "off", []string{"none."} }

func first(n int) ids {
	var out ids
	for i := range n {
		out = append(out, subscriptions.ServiceID(fmt.Sprint("s", i)))
	}
	return out
}

func TestCard(t *testing.T) {
	t.Parallel()
	s := setup(t)
	twoStates := func(i int) (string, []string) { return []string{"off", "slow"}[i%2], []string{"none."} }
	twoWays := func(i int) (string, []string) { return "off", []string{[]string{"none.", "bank."}[i%2]} }
	for _, c := range []struct {
		name   string
		sheet  subscriptions.Sheet
		sel    wording.Selection
		lines  []string
		footer []string
	}{
		{"one", small(3, same), wording.Selection{Services: first(1)},
			[]string{"M.", "L0 – off. none.", "N."}, []string{"W.", "P.", "why n0"}},
		{"those who share their lines", small(3, same), wording.Selection{Services: first(2)},
			[]string{"M.", "L0; L1 – off. none.", "N."}, []string{"W.", "P.", "why n0; n1"}},
		{"the sheet's order, not the caller's", small(3, same), wording.Selection{Services: ids{"s2", "s0"}},
			[]string{"M.", "L0; L2 – off. none.", "N."}, []string{"W.", "P.", "why n0; n2"}},
		{"doubles and strangers", small(3, same), wording.Selection{Services: ids{"s0", "s0", "x"}},
			[]string{"M.", "L0 – off. none.", "N."}, []string{"W.", "P.", "why n0"}},
		{"two states, one way", small(3, twoStates), wording.Selection{Services: first(3)},
			[]string{"M.", "L0; L2 – off. L1 – slow. none.", "N."}, []string{"W.", "P.", "why n0…"}},
		{"two ways", small(3, twoWays), wording.Selection{Services: first(3)},
			[]string{"M.", "L0; L2 – off. none.", "L1 – off. bank.", "N."}, []string{"W.", "P.", "why n0…"}},
		{"six are named", small(9, same), wording.Selection{Services: first(6)},
			[]string{"M.", "L0; L1; L2; L3; L4; L5 – off. none.", "N."}, []string{"W.", "P.", "why n0…"}},
		{"of seven five are named", small(9, same), wording.Selection{Services: first(7)},
			[]string{"M.", "L0; L1; L2; L3; L4; +2 more – off. none.", "N."}, []string{"W.", "P.", "why n0…"}},
		{"the hidden may differ", small(9, func(i int) (string, []string) {
			if i == 8 {
				return "slow", nil
			}
			return same(i)
		}), wording.Selection{Services: first(9)},
			[]string{"M.", "L0; L1; L2; L3; L4 – off. none.", "+4 more", "N."}, []string{"W.", "P.", "why n0…"}},
		{"a post names eight", small(67, same), wording.Selection{Post: true},
			[]string{"M.", "L0; L1; L2; L3; L4; L5; L6; L7; +59 more – off. none.", "N."}, []string{"W.", "P.", "post"}},
		{"a post about some", small(9, same), wording.Selection{Post: true, Services: ids{"s1"}},
			[]string{"M.", "L1 – off. none.", "N."}, []string{"W.", "P.", "post"}},
		{"asked", small(2, same), wording.Selection{Services: first(1), Asked: true},
			[]string{"M.", "L0 – off. none.", "N."}, []string{"W.", "P.", "asked"}},
		{"nothing followed", small(2, same), wording.Selection{},
			[]string{"M.", "N."}, []string{"W.", "P."}},
		{"own limit", small(5, same), wording.Selection{Services: first(5), MaxServices: 2},
			[]string{"M.", "L0; L1; +3 more – off. none.", "N."}, []string{"W.", "P.", "why n0…"}},
		{"name alone", small(1, func(int) (string, []string) { return "", nil }), wording.Selection{Services: first(1)},
			[]string{"M.", "L0", "N."}, []string{"W.", "P.", "why n0"}},
		{"a language that the sheet lacks", small(1, same), wording.Selection{Language: "sw", Services: first(1)},
			[]string{"M.", "L0 – off. none.", "N."}, []string{"W.", "P.", "why n0"}},
	} {
		got := s.speaker.Card(c.sheet, c.sel)
		if !slices.Equal(got.Lines, c.lines) {
			t.Errorf("%s: got lines %q, want %q", c.name, got.Lines, c.lines)
		}
		if !slices.Equal(got.Footer, c.footer) {
			t.Errorf("%s: got footer %q, want %q", c.name, got.Footer, c.footer)
		}
	}
}

// Whatever is chosen, a card holds only what the sheet holds.
func FuzzCard(f *testing.F) {
	f.Add(uint64(1), 0, false, false, "en")
	f.Add(uint64(0xfff), 3, true, false, "sw")
	f.Add(^uint64(0), -1, false, true, "")
	f.Fuzz(func(t *testing.T, mask uint64, limit int, asked, post bool, language string) {
		s := setup(t)
		sh := s.sheet(seed(s))
		var chosen ids
		for i, sl := range sh.Words["en"].Services {
			if mask&(1<<(i%64)) != 0 {
				chosen = append(chosen, sl.Service)
			}
		}
		sel := wording.Selection{Language: subscriptions.Language(language), Services: chosen, Asked: asked, Post: post, MaxServices: limit}
		card := s.speaker.Card(sh, sel)
		if again := s.speaker.Card(sh, sel); visible(card) != visible(again) {
			t.Error("the same selection gave two cards")
		}
		l := sel.Language
		if !s.speaker.Speaks(l) {
			l = "en"
		}
		words := sh.Words[l]
		if card.Title != words.Title {
			t.Errorf("got title %q, want %q", card.Title, words.Title)
		}
		text := visible(card)
		for _, line := range append(append([]subscriptions.Line{}, words.Head...), words.Tail...) {
			if !strings.Contains(text, line.Text) {
				t.Errorf("the common line %q is missing", line.Text)
			}
		}
		for _, sl := range words.Services {
			if !slices.Contains(chosen, sl.Service) && !post && strings.Contains(text, sl.Label+" –") {
				t.Errorf("%s was not chosen", sl.Service)
			}
		}
	})
}
