//lint:file-ignore ST1005 These are the words of the real server, as it writes them.

package telegramtest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Entity is a stretch of a text with a meaning; offset and length are in UTF-16
// units, as the Bot API counts.
type Entity struct {
	Type     string `json:"type"`
	Offset   int    `json:"offset"`
	Length   int    `json:"length"`
	URL      string `json:"url,omitempty"`
	Language string `json:"language,omitempty"`
	EmojiID  string `json:"custom_emoji_id,omitempty"`
}

// parseHTML reads a text in parse_mode HTML the way Telegram does. Only the named
// entities lt, gt, amp and quot and numeric ones are decoded; any other "&" stays
// as it is, and a citizen would read it.
func parseHTML(source string) (string, []Entity, error) {
	if !strings.ContainsAny(source, "<&") {
		return source, nil, nil
	}
	p := htmlParser{src: source, out: make([]byte, 0, len(source))}
	for p.pos < len(p.src) {
		var err error
		switch c := p.src[p.pos]; {
		case c == '&':
			p.ampersand()
		case c != '<':
			p.character()
		case strings.HasPrefix(p.src[p.pos:], "</"):
			err = p.endTag()
		default:
			err = p.startTag()
		}
		if err != nil {
			return "", nil, err
		}
	}
	if n := len(p.open); n > 0 {
		return "", nil, fmt.Errorf("Can't find end tag corresponding to start tag \"%s\"", p.open[n-1].name)
	}
	for i := range p.entities {
		if p.entities[i].Type == "code" {
			p.entities[i].Language = "" // Only <pre><code class=…> has a language.
		}
	}
	slices.SortStableFunc(p.entities, func(a, b Entity) int {
		if a.Offset != b.Offset {
			return a.Offset - b.Offset
		}
		return b.Length - a.Length
	})
	return string(p.out), p.entities, nil
}

type htmlParser struct {
	src      string
	pos      int
	out      []byte
	units    int // UTF-16 units in out
	open     []openTag
	entities []Entity
}

type openTag struct {
	name, argument string
	offset, start  int // in UTF-16 units and in bytes of out
}

func (p *htmlParser) character() {
	r, size := utf8.DecodeRuneInString(p.src[p.pos:])
	p.emit(r)
	p.pos += size
}

func (p *htmlParser) emit(r rune) {
	p.out = utf8.AppendRune(p.out, r)
	p.units += runeUnits(r)
}

func (p *htmlParser) ampersand() {
	if r, size := decodeEntity(p.src[p.pos:]); size > 0 {
		p.emit(r)
		p.pos += size
		return
	}
	p.character()
}

// decodeEntity decodes the entity at the start of s; size 0 means there is none.
func decodeEntity(s string) (r rune, size int) {
	end := 1
	if strings.HasPrefix(s, "&#") {
		base, digits := 10, s[2:]
		if strings.HasPrefix(digits, "x") {
			base, digits = 16, digits[1:]
		}
		n := 0
		for n < len(digits) && isDigit(digits[n], base) {
			n++
		}
		code, err := strconv.ParseUint(digits[:n], base, 32)
		end = len(s) - len(digits) + n
		if err != nil || code == 0 || code >= 0x10ffff || end >= 10 {
			return 0, 0
		}
		r = rune(code)
	} else {
		for end < len(s) && isLetter(s[end]) {
			end++
		}
		named := map[string]rune{"lt": '<', "gt": '>', "amp": '&', "quot": '"'}
		if r = named[s[1:end]]; r == 0 {
			return 0, 0
		}
	}
	if end < len(s) && s[end] == ';' {
		end++
	}
	return r, end
}

// startTag reads "<name attribute=value …>".
func (p *htmlParser) startTag() error {
	begin := p.pos
	name := strings.ToLower(p.word(begin+1, ">"))
	if p.end() {
		return fmt.Errorf("Unclosed start tag at byte offset %d", begin)
	}
	if entityType(name) == "" {
		return fmt.Errorf("Unsupported start tag \"%s\" at byte offset %d", name, begin)
	}
	argument, err := p.attributes(name, begin)
	if err != nil {
		return err
	}
	if name == "span" && argument != "spoiler" {
		return fmt.Errorf("Tag \"span\" must have class \"tg-spoiler\" at byte offset %d", begin)
	}
	p.open = append(p.open, openTag{name, argument, p.units, len(p.out)})
	p.pos++
	return nil
}

// endTag reads "</name>" and makes the entity that it ends.
func (p *htmlParser) endTag() error {
	begin := p.pos
	if len(p.open) == 0 {
		return fmt.Errorf("Unexpected end tag at byte offset %d", begin)
	}
	name := strings.ToLower(p.word(begin+2, ">"))
	p.space()
	if p.end() || p.src[p.pos] != '>' {
		return fmt.Errorf("Unclosed end tag at byte offset %d", begin)
	}
	p.pos++
	tag := p.open[len(p.open)-1]
	if name != "" && name != tag.name {
		return fmt.Errorf("Unmatched end tag at byte offset %d, expected \"</%s>\", found \"</%s>\"", begin, tag.name, name)
	}
	p.open = p.open[:len(p.open)-1]
	if p.units > tag.offset {
		return p.close(tag)
	}
	return nil
}

func (p *htmlParser) close(tag openTag) error {
	e := Entity{Type: entityType(tag.name), Offset: tag.offset, Length: p.units - tag.offset}
	switch tag.name {
	case "a":
		target := or(tag.argument, string(p.out[tag.start:]))
		if checkURL(target) != nil {
			return nil // Telegram drops a link that it does not understand.
		}
		e.URL = target
	case "tg-emoji":
		if n, err := strconv.ParseInt(tag.argument, 10, 64); err != nil || n == 0 {
			return errors.New("Invalid custom emoji identifier specified")
		}
		e.EmojiID = tag.argument
	case "blockquote":
		if tag.argument != "" {
			e.Type = "expandable_blockquote"
		}
	case "code":
		e.Language = tag.argument
	case "pre":
		if n := len(p.entities); n > 0 && p.entities[n-1].Type == "code" && p.entities[n-1].Offset == e.Offset && p.entities[n-1].Length == e.Length {
			e.Language = p.entities[n-1].Language
			p.entities = p.entities[:n-1]
		}
	}
	p.entities = append(p.entities, e)
	return nil
}

func entityType(tag string) string {
	switch tag {
	case "b", "strong":
		return "bold"
	case "i", "em":
		return "italic"
	case "u", "ins":
		return "underline"
	case "s", "strike", "del":
		return "strikethrough"
	case "tg-spoiler", "span":
		return "spoiler"
	case "a":
		return "text_link"
	case "tg-emoji":
		return "custom_emoji"
	case "code", "pre", "blockquote":
		return tag
	}
	return ""
}
