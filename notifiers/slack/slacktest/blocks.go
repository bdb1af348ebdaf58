package slacktest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Where blocks stand.
type surface string

const (
	onMessage surface = "message"
	onModal   surface = "modal"
	onHome    surface = "home"
)

// block is one block with what this server knows of it.
type block struct {
	Type      string          `json:"type"`
	BlockID   string          `json:"block_id"`
	Text      *text           `json:"text"`
	Fields    []*text         `json:"fields"`
	Accessory *element        `json:"accessory"`
	Elements  []*element      `json:"elements"`
	Element   *element        `json:"element"`
	Label     *text           `json:"label"`
	Hint      *text           `json:"hint"`
	Optional  bool            `json:"optional"`
	Dispatch  bool            `json:"dispatch_action"`
	Expand    bool            `json:"expand"`
	Level     json.RawMessage `json:"level"`
}

// text is a text object.
type text struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Emoji    *bool  `json:"emoji"`
	Verbatim *bool  `json:"verbatim"`
}

// element is an interactive element, or a text in a context block.
type element struct {
	Type     string          `json:"type"`
	ActionID string          `json:"action_id"`
	RawText  json.RawMessage `json:"text"` // a text object of a button, a string in a context
	Text     *text           `json:"-"`
	Value    string          `json:"value"`
	URL      string          `json:"url"`
	Style    string          `json:"style"`
	Label    string          `json:"accessibility_label"`
	Confirm  *confirm        `json:"confirm"`

	Placeholder    *text     `json:"placeholder"`
	Options        []*option `json:"options"`
	InitialOption  *option   `json:"initial_option"`
	InitialOptions []*option `json:"initial_options"`
	MaxSelected    int       `json:"max_selected_items"`
	InitialValue   string    `json:"initial_value"`
	Multiline      bool      `json:"multiline"`
	MinLength      int       `json:"min_length"`
	MaxLength      int       `json:"max_length"`
	InitialTime    int64     `json:"initial_date_time"`
	Focus          bool      `json:"focus_on_load"`
	Emoji          *bool     `json:"emoji"`
	Verbatim       *bool     `json:"verbatim"`
}

type option struct {
	Text        *text  `json:"text"`
	Value       string `json:"value"`
	Description *text  `json:"description"`
}

type confirm struct {
	Title   *text  `json:"title"`
	Text    *text  `json:"text"`
	Confirm *text  `json:"confirm"`
	Deny    *text  `json:"deny"`
	Style   string `json:"style"`
}

// checker gathers what is wrong with blocks, as the Web API reports it.
type checker struct {
	faults []string
	chars  int
	at     string
}

func (c *checker) fault(format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf("[ERROR] "+format+" [json-pointer:"+c.at+"]", args...))
}

// parseBlocks reads and judges blocks; chars counts their texts.
func parseBlocks(raw json.RawMessage, where surface) (blocks []block, faults []string, chars int) {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return nil, []string{"[ERROR] blocks is no list"}, 0
	}
	c := &checker{}
	ids := map[string]bool{}
	for i, one := range list {
		c.at = fmt.Sprintf("/blocks/%d", i)
		var b block
		dec := json.NewDecoder(bytes.NewReader(one))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&b); err != nil {
			c.fault("invalid additional property or type: %v", err)
			continue
		}
		if b.BlockID != "" && ids[b.BlockID] {
			c.fault("block_id already exists: %s", b.BlockID)
		}
		if ids[b.BlockID] = true; b.BlockID == "" {
			b.BlockID = fmt.Sprintf("auto%d", i)
		}
		c.block(&b, where)
		blocks = append(blocks, b)
	}
	return blocks, c.faults, c.chars
}

func (c *checker) block(b *block, where surface) {
	c.longest("block_id", b.BlockID, 255)
	switch b.Type {
	case "header":
		c.text(b.Text, 150, "plain_text")
	case "divider":
	case "section":
		c.section(b)
	case "context":
		c.many("elements", len(b.Elements), 1, 10)
		for _, e := range b.Elements {
			c.contextText(e)
		}
	case "actions":
		c.many("elements", len(b.Elements), 1, 25)
		c.elements(b.Elements, where)
	case "input":
		if where == onMessage {
			c.fault("input blocks of messages are not simulated")
		}
		c.text(b.Label, 2000, "plain_text")
		if b.Hint != nil {
			c.text(b.Hint, 2000, "plain_text")
		}
		if b.Element == nil || b.Element.Type == "button" {
			c.fault("an input needs an element")
			return
		}
		c.element(b.Element, where)
	default:
		c.fault("unsupported type: %s", b.Type)
	}
}

func (c *checker) section(b *block) {
	if b.Text == nil && len(b.Fields) == 0 {
		c.fault("a section needs text or fields")
	}
	if b.Text != nil {
		c.text(b.Text, 3000)
	}
	c.many("fields", len(b.Fields), 0, 10)
	for _, f := range b.Fields {
		c.text(f, 2000)
	}
	if b.Accessory != nil {
		c.element(b.Accessory, onMessage)
	}
}

// text judges a text object; kinds are those allowed, none = both.
func (c *checker) text(t *text, most int, kinds ...string) {
	switch {
	case t == nil:
		c.fault("missing required field: text")
		return
	case t.Type != "plain_text" && t.Type != "mrkdwn", len(kinds) > 0 && !slices.Contains(kinds, t.Type):
		c.fault("unsupported type: %s", t.Type)
	case t.Type == "mrkdwn" && t.Emoji != nil, t.Type == "plain_text" && t.Verbatim != nil:
		c.fault("invalid additional property: emoji or verbatim")
	case t.Text == "":
		c.fault("must be more than 0 characters")
	}
	c.chars += utf8.RuneCountInString(t.Text)
	c.longest("text", t.Text, most)
}

func (c *checker) contextText(e *element) {
	var words string
	if json.Unmarshal(e.RawText, &words) != nil {
		c.fault("a context holds texts")
		return
	}
	e.Text = &text{Type: e.Type, Text: words, Emoji: e.Emoji, Verbatim: e.Verbatim}
	c.text(e.Text, 3000)
}

func (c *checker) longest(what, s string, most int) {
	if n := utf8.RuneCountInString(s); n > most {
		c.fault("%s must be less than %d characters, not %d", what, most+1, n)
	}
}

func (c *checker) many(what string, n, least, most int) {
	if n < least || n > most {
		c.fault("%s: %d to %d items allowed, not %d", what, least, most, n)
	}
}

// plain is what a reader sees of a block.
func (b block) plain() []string {
	var out []string
	if b.Text != nil {
		out = append(out, b.Text.plain())
	}
	for _, f := range b.Fields {
		out = append(out, f.plain())
	}
	if b.Type == "context" {
		for _, e := range b.Elements {
			out = append(out, e.Text.plain())
		}
	}
	if b.Label != nil {
		out = append(out, b.Label.plain())
	}
	if b.Hint != nil {
		out = append(out, b.Hint.plain())
	}
	return out
}

func (t *text) plain() string {
	if t.Type == "mrkdwn" {
		return marked(t.Text)
	}
	return t.Text
}

func buttonsOf(blocks []block) (out []Button) {
	for _, b := range blocks {
		for _, e := range append(slices.Clone(b.Elements), b.Accessory) {
			if e != nil && e.Type == "button" {
				out = append(out, Button{e.Text.plain(), b.BlockID, e.ActionID, e.Value, e.URL, e.Style})
			}
		}
	}
	return out
}

// Button finds a button by the beginning of its label.
func (m Message) Button(label string) (Button, bool) { return buttonIn(m.Buttons, label) }

// Has reports whether a button's label begins like this.
func (v View) Has(label string) bool {
	_, ok := buttonIn(v.Buttons, label)
	return ok
}

func buttonIn(all []Button, label string) (Button, bool) {
	for _, b := range all {
		if strings.HasPrefix(b.Label, label) {
			return b, true
		}
	}
	return Button{}, false
}
