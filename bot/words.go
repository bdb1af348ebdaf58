package bot

import (
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// mostNames is how many services one answer names (rule 3).
const mostNames = 5

// words are the frozen words of a story's present notice for these services.
// Where the clock is ahead of the next notice, a way that has expired is called
// so, and its destination can no longer be copied.
func (t *turn) words(s story, services []subscriptions.ServiceID, asked bool) wording.Card {
	card := t.Speaker.Card(s.notice.Sheet, wording.Selection{Language: t.l, Services: services, Asked: asked})
	card.Choices = nil // the answer has its own
	if s.answer.ID != 0 {
		said := t.sheetWords(s.answer)
		card.Lines = append(card.Lines, said.Title)
		for _, l := range said.Head {
			card.Lines = append(card.Lines, l.Text)
		}
	}
	for _, id := range services {
		if !s.incident.State.Over() && t.wayFell(s, id) {
			card.Lines = append(card.Lines, t.say("pay.expired"), t.Speaker.NoWay(t.l))
			card.Copy = nil
			break
		}
	}
	return card
}

// sheetWords are the frozen words in this language, or in the first of the
// catalogue's that they were written in.
func (t *turn) sheetWords(n subscriptions.Notice) subscriptions.Words {
	for _, l := range append([]subscriptions.Language{t.l, t.nation.DefaultLanguage}, t.nation.Languages...) {
		if w, ok := n.Sheet.Words[l]; ok {
			return w
		}
	}
	return subscriptions.Words{}
}

// states says how each of these services is: "Paying tax (KRA): not working".
func (t *turn) states(words subscriptions.Words, services []subscriptions.ServiceID) []string {
	var lines []string
	for _, id := range services {
		if line, ok := linesOf(words, id); ok {
			lines = append(lines, line.Label+": "+line.State+".")
		}
	}
	return t.few(lines)
}

// few cuts a list to what one screen holds and counts the rest.
func (t *turn) few(lines []string) []string {
	if n := len(lines) - mostNames; n > 1 {
		return append(lines[:mostNames:mostNames], t.count("status.more-services", n))
	}
	return lines
}

func linesOf(words subscriptions.Words, id subscriptions.ServiceID) (subscriptions.ServiceLines, bool) {
	for _, s := range words.Services {
		if s.Service == id {
			return s, true
		}
	}
	return subscriptions.ServiceLines{}, false
}

func slotLines(lines []subscriptions.Line, slot subscriptions.Slot) []string {
	var out []string
	for _, l := range lines {
		if l.Slot == slot {
			out = append(out, l.Text)
		}
	}
	return out
}

// moment says a time with its date.
func (t *turn) moment(at time.Time) string { return t.Speaker.DateTime(t.l, t.local(at)) }
