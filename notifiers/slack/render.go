package slack

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	lib "github.com/slack-go/slack"

	"arifa/bot/desk/talk"
	"arifa/notifiers"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// Limits of Block Kit, docs.slack.dev/reference/block-kit, in characters. The
// limit of a whole message is what a server was seen to refuse
// (github.com/slackapi/bolt-js/issues/2509), a little below.
const (
	maxHeader   = 150
	maxSection  = 3000
	maxBlocks   = 50
	maxActions  = 25
	maxLabel    = 75
	maxValue    = 2000
	maxURL      = 3000
	maxMessage  = 12_500
	maxFallback = 3_900  // 4,000 are advised
	maxText     = 39_000 // 40,000 are cut
)

// plainText is text that nobody reads as markup: what an asterisk or a bracket of a
// citizen's or an officer's words is stays what it is.
func plainText(s string) *lib.TextBlockObject {
	off := false
	return &lib.TextBlockObject{Type: lib.PlainTextType, Text: s, Emoji: &off}
}

func mrkdwn(s string) *lib.TextBlockObject {
	return &lib.TextBlockObject{Type: lib.MarkdownType, Text: s}
}

// escape makes words safe in mrkdwn, which knows these three characters only.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// body is a rendered card: everything of the request but where it goes.
type body struct {
	blocks []lib.Block
	words  string // all of it, for a message without blocks
}

// fallback is what notifications and screen readers get beside the blocks.
func (b *body) fallback() string { return clip(b.words, maxFallback) }

// Prepare renders a card once for many recipients. A card that no channel of Slack
// would take is Poison.
func (c *Channel) Prepare(card wording.Card) (any, error) { return prepare(card) }

func prepare(card wording.Card) (*body, error) {
	b := &body{words: plain(card)}
	if n := utf8.RuneCountInString(b.words); strings.TrimSpace(b.words) == "" || n > maxText {
		return nil, notifiers.Poison{Err: fmt.Errorf("%d characters, not 1 to %d", n, maxText)}
	}
	if card.Title != "" {
		b.blocks = append(b.blocks, title(card.Title))
	}
	b.blocks = append(b.blocks, sections(card.Lines)...)
	b.blocks = append(b.blocks, copies(card.Copy)...)
	rows, err := buttonsOf(card, "")
	if err != nil {
		return nil, notifiers.Poison{Err: err}
	}
	b.blocks = append(b.blocks, rows...)
	for _, text := range pieces(card.Footer) {
		b.blocks = append(b.blocks, lib.NewContextBlock("", plainText(text)))
	}
	n := utf8.RuneCountInString(b.words)
	if len(b.blocks) > maxBlocks || n > maxMessage {
		return nil, notifiers.Poison{Err: fmt.Errorf("%d blocks and %d characters, more than %d and %d", len(b.blocks), n, maxBlocks, maxMessage)}
	}
	return b, nil
}

func title(s string) lib.Block {
	if utf8.RuneCountInString(s) > maxHeader {
		return lib.NewSectionBlock(plainText(clip(s, maxSection)), nil, nil)
	}
	return lib.NewHeaderBlock(plainText(s))
}

// sections joins lines into as few blocks as hold them; an empty line begins
// another block.
func sections(lines []string) (out []lib.Block) {
	for _, text := range pieces(lines) {
		out = append(out, lib.NewSectionBlock(plainText(text), nil, nil))
	}
	return out
}

func pieces(lines []string) (out []string) {
	var b strings.Builder
	flush := func() {
		if text := strings.TrimSpace(b.String()); text != "" {
			out = append(out, text)
		}
		b.Reset()
	}
	for _, line := range lines {
		if line == "" {
			flush()
			continue
		}
		for _, part := range chopped(line) {
			if utf8.RuneCountInString(b.String())+utf8.RuneCountInString(part)+1 > maxSection {
				flush()
			}
			if b.Len() > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(part)
		}
	}
	flush()
	return out
}

// chopped cuts a line that is longer than a block, between words where it can.
func chopped(line string) (out []string) {
	for utf8.RuneCountInString(line) > maxSection {
		head := string([]rune(line)[:maxSection])
		if at := strings.LastIndexByte(head, ' '); at > 0 {
			head = head[:at]
		}
		out, line = append(out, head), strings.TrimPrefix(line[len(head):], " ")
	}
	return append(out, line)
}

// copies shows working destinations in a form that is marked whole by one click;
// Slack has no button that copies.
func copies(all []wording.Copy) []lib.Block {
	if len(all) == 0 {
		return nil
	}
	var elements []lib.MixedElement
	for _, cp := range all[:min(4, len(all))] {
		elements = append(elements, mrkdwn("`"+escape.Replace(strings.ReplaceAll(cp.Value, "`", ""))+"`"))
		if name := strings.TrimSpace(strings.TrimPrefix(cp.Label, cp.Value)); name != "" {
			elements = append(elements, plainText(name))
		}
	}
	return []lib.Block{lib.NewContextBlock("", elements...)}
}

// Action ids say what a button is for.
const (
	talkAction = "talk." // a choice of the conversation; its data is the value
	linkAction = "link." // opens an address, and tells us nothing
)

// buttonsOf: choices as they stand, then links. Those of the desk open a window. ids
// keeps the action ids of several cards on one surface apart.
func buttonsOf(c wording.Card, ids string) (out []lib.Block, err error) {
	for i, row := range c.Choices {
		var elements []lib.BlockElement
		for k, ch := range row {
			if strings.TrimSpace(ch.Label) == "" || ch.Data == "" || len(ch.Data) > maxValue {
				return nil, errors.New("a choice without a word on it, or with too much behind it")
			}
			action := talkAction
			if talk.IsButton(ch.Data) {
				action = openAction
			}
			elements = append(elements, lib.NewButtonBlockElement(fmt.Sprintf("%s%s%d.%d", action, ids, i, k), ch.Data, plainText(clip(ch.Label, maxLabel))))
		}
		out = append(out, actionRows(elements)...)
	}
	var links []lib.BlockElement
	for i, l := range c.Links {
		if opens(l.URL) && strings.TrimSpace(l.Label) != "" {
			b := lib.NewButtonBlockElement(fmt.Sprintf("%s%s%d", linkAction, ids, i), "", plainText(clip(l.Label, maxLabel)))
			b.URL = l.URL
			links = append(links, b)
		}
	}
	return append(out, actionRows(links)...), nil
}

func actionRows(elements []lib.BlockElement) (out []lib.Block) {
	for len(elements) > 0 {
		n := min(maxActions, len(elements))
		out = append(out, lib.NewActionBlock("", elements[:n]...))
		elements = elements[n:]
	}
	return out
}

// opens reports whether Slack opens an address: anything else would lose the whole
// message, and the words matter more.
func opens(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && len(address) <= maxURL &&
		!strings.ContainsAny(address, " \t\n")
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

// clip shortens to at most n characters, with a sign that something is left out.
func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// Preview shows a card as Slack counts it.
func (c *Channel) Preview(card wording.Card, l subscriptions.Language) wording.Preview {
	return Preview(card, l)
}

// Preview is that of any workspace.
func Preview(card wording.Card, l subscriptions.Language) wording.Preview {
	t := plain(card)
	n := utf8.RuneCountInString(t)
	return wording.Preview{Network: "slack", Language: l, Text: t, Chars: n, Limit: maxMessage, Parts: (n + maxMessage - 1) / maxMessage}
}
