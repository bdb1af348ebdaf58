package telegram

import (
	"encoding/json"
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

// escape makes text safe in HTML mode, which knows these three characters only;
// Markdown would need nineteen.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// text joins a card in HTML mode.
func text(c wording.Card) string {
	var b strings.Builder
	if c.Title != "" {
		b.WriteString("<b>" + escape.Replace(c.Title) + "</b>")
	}
	for _, l := range c.Lines {
		newline(&b)
		b.WriteString(escape.Replace(l))
	}
	if len(c.Footer) > 0 {
		newline(&b)
		for _, l := range c.Footer {
			newline(&b)
			b.WriteString("<i>" + escape.Replace(l) + "</i>")
		}
	}
	return b.String()
}

func newline(b *strings.Builder) {
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
}

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
type body struct{ tail []byte } // shared: never written to after it is made

// Prepare renders a card once for many recipients. A card that no Telegram chat
// would take is Poison.
func (c *Channel) Prepare(card wording.Card) (any, error) {
	return prepare(card)
}

func prepare(card wording.Card) (*body, error) {
	words := plain(card)
	if n := utf16Len(words); strings.TrimSpace(words) == "" || n > maxText {
		return nil, notifiers.Poison{Err: fmt.Errorf("%d characters, not 1 to %d", n, maxText)}
	}
	rows, err := keyboard(card)
	if err != nil {
		return nil, notifiers.Poison{Err: err}
	}
	type tail struct {
		Text    string          `json:"text"`
		Mode    string          `json:"parse_mode"`
		Preview map[string]bool `json:"link_preview_options"`
		Markup  *markup         `json:"reply_markup,omitempty"`
	}
	t := tail{Text: text(card), Mode: "HTML", Preview: map[string]bool{"is_disabled": true}}
	if len(rows) > 0 {
		t.Markup = &markup{rows}
	}
	data, err := json.Marshal(t)
	if err != nil {
		return nil, notifiers.Poison{Err: err}
	}
	if buttons, err := json.Marshal(t.Markup); err != nil || len(buttons) > maxKeyboard {
		return nil, notifiers.Poison{Err: fmt.Errorf("a keyboard of %d bytes, more than %d", len(buttons), maxKeyboard)}
	}
	return &body{tail: data[1:]}, nil
}

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
