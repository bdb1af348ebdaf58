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
		copied("x", l, xText(words, card), xLimit),
		copied("whatsapp", l, whatsAppText(card), whatsAppLimit),
		copied("radio", l, radioText(words), 0),
	}
}

func copied(network string, l subscriptions.Language, text string, limit int) Preview {
	return Preview{Network: network, Language: l, Text: text, Chars: utf8.RuneCountInString(text), Limit: limit, Parts: 1}
}

// xText takes lines in the order of speaking as long as they and the line with
// the number fit.
func xText(words subscriptions.Words, card Card) string {
	number := ""
	if len(card.Footer) > 0 {
		number = card.Footer[0]
	}
	text := words.Title
	for _, l := range card.Lines {
		longer := text + "\n" + l
		if utf8.RuneCountInString(longer)+1+utf8.RuneCountInString(number) > xLimit {
			break
		}
		text = longer
	}
	if longer := text + "\n" + number; number != "" && utf8.RuneCountInString(longer) <= xLimit {
		return longer
	}
	if utf8.RuneCountInString(text) <= xLimit {
		return text
	}
	return words.Short
}

// whatsAppText shows the title in bold, as that network writes it.
func whatsAppText(card Card) string {
	lines := append([]string{"*" + strings.ReplaceAll(card.Title, "*", "∗") + "*"}, card.Lines...)
	return strings.Join(append(append(lines, ""), card.Footer...), "\n")
}

// radioText is read aloud: what everybody hears, without the services.
func radioText(words subscriptions.Words) string {
	parts := []string{words.Title}
	for _, l := range append(append([]subscriptions.Line{}, words.Head...), words.Tail...) {
		parts = append(parts, l.Text)
	}
	return strings.Join(parts, "\n")
}
