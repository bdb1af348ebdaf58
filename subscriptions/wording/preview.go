package wording

import (
	"strings"
	"unicode/utf8"

	"arifa/subscriptions"
)

// Sizes of an SMS, 3GPP TS 23.040, and of what is copied by hand.
const (
	smsSeptets, smsSeptetsOfPart = 160, 153
	smsUnits, smsUnitsOfPart     = 70, 67
	xLimit                       = 280
	whatsAppLimit                = 4096
)

// SMSPreview shows the short text of words as an SMS.
func SMSPreview(l subscriptions.Language, words subscriptions.Words) Preview {
	return smsPreview(l, words.Short)
}

func smsPreview(l subscriptions.Language, text string) Preview {
	p := Preview{Network: "sms", Language: l, Text: text, Limit: smsSeptets, Encoding: "GSM-7"}
	whole, part := smsSeptets, smsSeptetsOfPart
	n, ok := GSM7(text)
	if !ok {
		n = 0
		for _, r := range text {
			n += len(string(r)) / 4 // characters outside the first plane take two units
			n++
		}
		p.Encoding, p.Limit, whole, part = "UCS-2", smsUnits, smsUnits, smsUnitsOfPart
	}
	p.Chars, p.Parts = n, 1
	if n > whole {
		p.Parts = (n + part - 1) / part
	}
	return p
}

// Texts are the versions of a sheet that an officer copies by hand: SMS, X,
// WhatsApp and a radio reader's, in one language.
func (s *Speaker) Texts(sh subscriptions.Sheet, l subscriptions.Language) []Preview {
	words := s.wordsOf(sh, l)
	card := s.Card(sh, Selection{Language: l, Post: true})
	return []Preview{
		SMSPreview(l, words),
		copied("x", l, xText(sh, words), xLimit),
		copied("whatsapp", l, whatsAppText(card), whatsAppLimit),
		copied("radio", l, radioText(sh, words), 0),
	}
}

func copied(network string, l subscriptions.Language, text string, limit int) Preview {
	return Preview{Network: network, Language: l, Text: text, Chars: utf8.RuneCountInString(text), Limit: limit, Parts: 1}
}

// xText takes the title, the number and whether to pay again, of another way that
// way too, and then as many of the other lines as fit, in the order of speaking.
// What must be read and does not fit makes it the text of the SMS.
func xText(sh subscriptions.Sheet, words subscriptions.Words) string {
	lines := xLines(sh, words)
	for _, number := range xNumbers(sh, words) {
		left := xLimit - utf8.RuneCountInString(words.Title) - 1 - utf8.RuneCountInString(number)
		kept := map[int]bool{}
		for _, must := range []bool{true, false} {
			for i, l := range lines {
				if n := utf8.RuneCountInString(l.text) + 1; l.must == must && (n <= left || must) {
					kept[i], left = true, left-n
				}
			}
			if left < 0 {
				break
			}
		}
		if left < 0 {
			continue
		}
		parts := []string{words.Title}
		for i, l := range lines {
			if kept[i] {
				parts = append(parts, l.text)
			}
		}
		return strings.Join(append(parts, number), "\n")
	}
	return words.Short
}

// xLine is a line that fits or not; one that must be read is never left out alone.
type xLine struct {
	text string
	must bool
}

func xLines(sh subscriptions.Sheet, words subscriptions.Words) []xLine {
	var lines []xLine
	for _, l := range words.Head {
		lines = append(lines, xLine{l.Text, l.Slot == subscriptions.SlotMoney})
	}
	if sh.Kind == subscriptions.AlternativeNotice {
		for _, text := range wayTexts(words) {
			lines = append(lines, xLine{text, true})
		}
	} else {
		for _, text := range grouped(nil, words.More, named(&words), Selection{Post: true}) {
			lines = append(lines, xLine{text: text})
		}
	}
	for _, l := range words.Tail {
		if l.Slot != subscriptions.SlotWho {
			lines = append(lines, xLine{text: l.Text})
		}
	}
	return lines
}

// xNumbers are the line with who says it and the number, and the number alone.
func xNumbers(sh subscriptions.Sheet, words subscriptions.Words) []string {
	for _, l := range words.Tail {
		if l.Slot != subscriptions.SlotWho {
			continue
		}
		if at := strings.Index(l.Text, sh.Key.Short()); sh.Key != "" && at > 0 {
			if dot := strings.LastIndex(l.Text[:at], ". "); dot > 0 {
				return []string{l.Text, l.Text[dot+2:]}
			}
		}
		return []string{l.Text}
	}
	return []string{""}
}

// named are the services that a post without a selection of its own names.
func named(words *subscriptions.Words) []*subscriptions.ServiceLines {
	return chosenOf(nil, words, Selection{Post: true})
}

// wayTexts says the ways that a notice of another way brings: the way alone where
// all of its services have the same, for the title has named them; else each group
// with its names.
func wayTexts(words subscriptions.Words) []string {
	all := named(&words)
	if len(all) > 0 && alike(all) {
		return []string{join(all[0].Lines...)}
	}
	return grouped(nil, words.More, all, Selection{Post: true, MaxServices: len(all)})
}

// whatsAppText shows the title in bold, as that network writes it.
func whatsAppText(card Card) string {
	lines := append([]string{"*" + strings.ReplaceAll(card.Title, "*", "∗") + "*"}, card.Lines...)
	return strings.Join(append(append(lines, ""), card.Footer...), "\n")
}

// radioText is read aloud: what everybody hears, without the services, but never
// without the way that the notice is about.
func radioText(sh subscriptions.Sheet, words subscriptions.Words) string {
	parts := []string{words.Title}
	for _, l := range words.Head {
		parts = append(parts, l.Text)
	}
	if sh.Kind == subscriptions.AlternativeNotice {
		parts = append(parts, wayTexts(words)...)
	}
	for _, l := range words.Tail {
		parts = append(parts, l.Text)
	}
	return strings.Join(parts, "\n")
}
