//lint:file-ignore ST1005 These are the words of the real server, as it writes them.

package telegramtest

import (
	"fmt"
	"strings"
)

// attributes reads up to the ">" of a start tag and returns the one argument that
// means something for that tag.
func (p *htmlParser) attributes(tag string, begin int) (argument string, err error) {
	for {
		p.space()
		if p.end() {
			return "", fmt.Errorf("Unclosed start tag at byte offset %d", begin)
		}
		if p.src[p.pos] == '>' {
			return argument, nil
		}
		name := p.word(p.pos, "=>")
		if name == "" {
			return "", fmt.Errorf("Empty attribute name in the tag \"%s\" at byte offset %d", tag, begin)
		}
		p.space()
		if !p.end() && p.src[p.pos] != '=' && tag == "blockquote" && name == "expandable" {
			argument = "1"
			continue
		}
		if p.end() || p.src[p.pos] != '=' {
			return "", fmt.Errorf("Expected equal sign in declaration of an attribute of the tag \"%s\" at byte offset %d", tag, begin)
		}
		p.pos++
		value, err := p.attributeValue(begin)
		if err != nil {
			return "", err
		}
		if meant, ok := meaning(tag, name, value); ok {
			argument = meant
		}
	}
}

func meaning(tag, name, value string) (string, bool) {
	switch tag + " " + name {
	case "a href", "tg-emoji emoji-id":
		return value, true
	case "code class":
		return strings.CutPrefix(value, "language-")
	case "span class":
		return strings.CutPrefix(value, "tg-")
	}
	return "", false
}

func (p *htmlParser) attributeValue(begin int) (string, error) {
	p.space()
	if p.end() {
		return "", fmt.Errorf("Unclosed start tag at byte offset %d", begin)
	}
	quote := p.src[p.pos]
	if quote != '"' && quote != '\'' {
		return p.nameToken()
	}
	p.pos++
	length := strings.IndexByte(p.src[p.pos:], quote)
	if length < 0 {
		return "", fmt.Errorf("Unclosed start tag at byte offset %d", begin)
	}
	raw := p.src[p.pos : p.pos+length]
	p.pos += length + 1
	return decodeAll(raw), nil
}

// nameToken reads an unquoted value: letters, digits, dots and hyphens only.
func (p *htmlParser) nameToken() (string, error) {
	begin := p.pos
	for !p.end() && (isLetter(p.src[p.pos]) || isDigit(p.src[p.pos], 10) || p.src[p.pos] == '.' || p.src[p.pos] == '-') {
		p.pos++
	}
	if p.end() || (!isSpace(p.src[p.pos]) && p.src[p.pos] != '>') {
		return "", fmt.Errorf("Unexpected end of name token at byte offset %d", begin)
	}
	return strings.ToLower(p.src[begin:p.pos]), nil
}

func decodeAll(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); {
		if s[i] == '&' {
			if r, size := decodeEntity(s[i:]); size > 0 {
				out.WriteRune(r)
				i += size
				continue
			}
		}
		out.WriteByte(s[i])
		i++
	}
	return out.String()
}

// word reads from pos up to a space or one of the stops.
func (p *htmlParser) word(pos int, stops string) string {
	p.pos = pos
	for !p.end() && !isSpace(p.src[p.pos]) && strings.IndexByte(stops, p.src[p.pos]) < 0 {
		p.pos++
	}
	return p.src[pos:p.pos]
}

func (p *htmlParser) space() {
	for !p.end() && isSpace(p.src[p.pos]) {
		p.pos++
	}
}

func (p *htmlParser) end() bool { return p.pos >= len(p.src) }

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0 || c == '\v'
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isDigit(c byte, base int) bool {
	return c >= '0' && c <= '9' || base == 16 && c|0x20 >= 'a' && c|0x20 <= 'f'
}

func runeUnits(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// utf16Len is the length of s as the Bot API counts it.
func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n += runeUnits(r)
	}
	return n
}
