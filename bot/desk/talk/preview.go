package talk

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf16"

	"arifa/bot/desk"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// pageMost is how long a card may be in the narrowest network's units (Telegram:
// 4,096), with room for what is added.
const pageMost = 3500

// previewPages shows the words of a notice in every language, and what an officer
// must know before it goes. What is too long for one card becomes several; the last
// one is for the buttons.
func (u *turn) previewPages(pv desk.Preview, title string) []page {
	facts := page{title: title, lines: u.previewFacts(pv)}
	var words []page
	for _, l := range u.nation.Languages {
		if _, ok := pv.Notice.Sheet.Words[l]; ok {
			words = append(words, page{lines: u.words(pv.Notice, l), apart: true})
		}
	}
	total := length(facts)
	for _, p := range words {
		total += length(p)
	}
	if total <= pageMost {
		var lines []string
		for _, p := range words {
			lines = append(append(lines, p.lines...), "")
		}
		facts.lines = append(lines, facts.lines...)
		return one(facts)
	}
	if len(words) > 0 {
		words[0].title, words[0].apart, facts.title, facts.apart = title, false, "Before it goes", true
	}
	return append(words, facts)
}

// words are those of a notice in one language, as a public channel shows them.
func (u *turn) words(n subscriptions.Notice, l subscriptions.Language) []string {
	card := u.Speaker.Card(n.Sheet, wording.Selection{Language: l, Post: true})
	out := []string{"— " + languageName(l) + " —", card.Title}
	out = append(out, card.Lines...)
	return append(out, card.Footer...)
}

func (u *turn) previewFacts(pv desk.Preview) []string {
	lines := []string{u.reach(pv)}
	if len(pv.Unconfirmed) > 0 {
		lines = append(lines, "Not told, because nobody has confirmed that they are affected: "+u.names(pv.Unconfirmed, 4)+".")
	}
	if pv.Why == desk.Silent || pv.Why == "" && !pv.Notice.Sound {
		lines = append(lines, "Without sound: it edits what people have.")
	}
	for _, l := range pv.Missing {
		lines = append(lines, "The sentence is missing in "+languageName(l)+": readers of it do not see that line.")
	}
	for _, f := range pv.Findings {
		lines = append(lines, fmt.Sprintf("It cannot go out with “%s”: %s. The words above are without that line.", f.Piece, strings.TrimSuffix(f.Advice, ".")))
	}
	for _, why := range pv.TwoOfficers {
		lines = append(lines, "Rule 4 asks for a second officer: "+why+".")
	}
	return lines
}

// reach says who hears it, and when the last one does.
func (u *turn) reach(pv desk.Preview) string {
	about := count(len(pv.Notice.Audience[subscriptions.ScopeAll]), "service")
	f := pv.Finish
	if pv.Notice.Answers() {
		return "It reaches those who read the end: " + count(f.People, "recipient") + "."
	}
	if f.People == 0 {
		return "It is about " + about + ". Nobody follows this yet."
	}
	posts := 0
	for _, l := range f.Lanes {
		posts += l.Posts
	}
	s := fmt.Sprintf("It is about %s and reaches %s", about, count(f.People, "recipient"))
	if posts > 0 {
		s += fmt.Sprintf(", %s first", count(posts, "public channel or group"))
	}
	switch {
	case !f.Certain:
		s += ". How long that takes is not certain: a lane is paused, or its pace is not known."
	case f.Takes < time.Minute:
		s += ", all within a minute."
	default:
		s += "; the last one reads it at about " + u.clock(u.now.Add(f.Takes)) + "."
	}
	for _, m := range pv.Mind(u.clock) {
		s += " " + m + "."
	}
	return s
}

func length(p page) int {
	n := len(utf16.Encode([]rune(p.title))) + 1
	for _, l := range append(p.lines, p.foot...) {
		n += len(utf16.Encode([]rune(l))) + 1
	}
	return n
}
