package telegram

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"

	"arifa/notifiers"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// Limits of a message, core.telegram.org/bots/api#sendmessage and
// #inlinekeyboardbutton: characters after parsing, counted in UTF-16 units as
// entities are; bytes of callback data; characters of a copied text. Buttons and
// bytes of a keyboard are what the server was seen to accept.
const (
	maxText     = 4096
	maxCallback = 64
	maxCopy     = 256
	maxButtons  = 100
	maxKeyboard = 10_000
)

func itoa(id int64) string { return strconv.FormatInt(id, 10) }

// plain is what a reader sees, and what the limit counts.
func plain(c wording.Card) string {
	parts := append([]string{}, c.Lines...)
	if c.Title != "" {
		parts = append([]string{c.Title}, parts...)
	}
	if len(c.Footer) > 0 {
		parts = append(append(parts, ""), c.Footer...)
	}
	return strings.Join(parts, "\n")
}

// body is a rendered card: everything of the request but the chat, the reply and
// the sound.
type body struct {
	tail []byte // shared: never written to after it is made
	paid bool   // it may cost something; an edit cannot
}

// usualTail is room for most notices: tails are made in a place that is used again,
// and kept at their length.
const usualTail = 2048

// Prepare renders a card once for many recipients. A card that no Telegram chat
// would take is Poison.
func (c *Channel) Prepare(card wording.Card) (any, error) {
	return c.prepare(card)
}

func (c *Channel) prepare(card wording.Card) (*body, error) {
	room := c.tails.Get().(*[]byte)
	defer c.tails.Put(room)
	tail, units := appendText(append((*room)[:0], `"text":"`...), card)
	*room = tail
	if units == 0 || units > maxText {
		return nil, notifiers.Poison{Err: fmt.Errorf("%d characters, not 1 to %d", units, maxText)}
	}
	tail = append(tail, `","parse_mode":"HTML","link_preview_options":{"is_disabled":true}`...)
	buttons, err := c.keyboards.of(card)
	if err != nil {
		return nil, notifiers.Poison{Err: err}
	}
	if len(buttons) > maxKeyboard {
		return nil, notifiers.Poison{Err: fmt.Errorf("a keyboard of %d bytes, more than %d", len(buttons), maxKeyboard)}
	}
	if buttons != "" {
		tail = append(append(tail, `,"reply_markup":`...), buttons...)
	}
	*room = append(tail, '}')
	return &body{tail: bytes.Clone(*room), paid: c.paid}, nil
}

// appendText joins a card in HTML mode and returns how many characters a reader sees; 0
// where there is nothing but space.
func appendText(out []byte, card wording.Card) (_ []byte, units int) {
	space := true
	line := func(before, l, after string) {
		if units > 0 || !space {
			out = append(out, `\n`...)
			units++
		}
		var n int
		out, n = appendLine(append(out, before...), l)
		out = append(out, after...)
		units += n
		space = space && strings.TrimSpace(l) == ""
	}
	if card.Title != "" {
		line(tagBold, card.Title, tagBoldEnd)
	}
	for _, l := range card.Lines {
		line("", l, "")
	}
	if len(card.Footer) > 0 {
		line("", "", "")
		for _, l := range card.Footer {
			line(tagSmall, l, tagSmallEnd)
		}
	}
	if space {
		return out, 0
	}
	return out, units
}

// Tags as they stand in a JSON string of encoding/json.
const (
	tagBold, tagBoldEnd   = `\u003cb\u003e`, `\u003c/b\u003e`
	tagSmall, tagSmallEnd = `\u003ci\u003e`, `\u003c/i\u003e`
)

// send is the request for one recipient: its head is spliced before the shared tail.
func (b *body) send(m notifiers.Message, reply bool) []byte {
	return append(b.head(make([]byte, 0, len(b.tail)+120), m, reply), b.tail...)
}

// head is what stands before the tail.
func (b *body) head(out []byte, m notifiers.Message, reply bool) []byte {
	out = append(out, `{"chat_id":`...)
	out = append(out, m.To.Address.Reveal()...)
	if m.Silent {
		out = append(out, `,"disable_notification":true`...)
	}
	if b.paid {
		out = append(out, `,"allow_paid_broadcast":true`...)
	}
	if reply && digits(m.ReplyTo) {
		out = append(out, `,"reply_parameters":{"message_id":`...)
		out = append(out, m.ReplyTo...)
		out = append(out, `,"allow_sending_without_reply":true}`...)
	}
	return append(out, ',')
}

func (b *body) edit(m notifiers.Message) []byte {
	return append(b.editHead(make([]byte, 0, len(b.tail)+80), m), b.tail...)
}

func (b *body) editHead(out []byte, m notifiers.Message) []byte {
	out = append(out, `{"chat_id":`...)
	out = append(out, m.To.Address.Reveal()...)
	out = append(out, `,"message_id":`...)
	out = append(out, m.Edit...)
	return append(out, ',')
}

// Preview shows a card as Telegram counts it.
func (c *Channel) Preview(card wording.Card, l subscriptions.Language) wording.Preview {
	t := plain(card)
	n := utf16Len(t)
	return wording.Preview{Network: "telegram", Language: l, Text: t, Chars: n, Limit: maxText, Parts: (n + maxText - 1) / maxText}
}

func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}
