package bot

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longest is the most bytes of a message that are read; no service is named
// that far behind.
const longest = 4096

// longestRow is the most letters that are read as one word. No name of a host is
// longer, and to look for one in a row of thousands costs a second.
const longestRow = 253

// clip cuts a text to what is read of it, and the bytes that are no text.
func clip(text string) string {
	read, _ := reading(text)
	return read
}

// reading is what is read of a text, and whether something behind it is not. What
// takes room and says nothing does not count: a true notice with four thousand
// spaces behind it, and then a false number, must not be judged without the number.
func reading(text string) (read string, more bool) {
	read = tight(text)
	if len(read) <= longest {
		return read, false
	}
	read = read[:longest]
	for len(read) > 0 && !utf8.RuneStart(read[len(read)-1]) {
		read = read[:len(read)-1]
	}
	return strings.TrimSpace(strings.ToValidUTF8(read, "")), true
}

// tight writes each run of spaces and of what cannot be seen as one of them, keeps
// the ends of lines, and parts rows that no word is as long as.
func tight(text string) string {
	var b strings.Builder
	row, gap, unseen, line := 0, false, false, false
	for _, r := range strings.TrimSpace(strings.ToValidUTF8(text, "")) {
		switch {
		case unicode.IsSpace(r):
			gap, line = true, line || r == '\n'
			continue
		case unicode.Is(unicode.Cf, r):
			if unseen {
				continue
			}
			unseen = true
		default:
			unseen = false
		}
		if row++; row > longestRow {
			gap = true
		}
		switch {
		case line:
			b.WriteByte('\n')
		case gap:
			b.WriteByte(' ')
		}
		if gap {
			row, gap, line = 0, false, false
		}
		b.WriteRune(r)
	}
	return b.String()
}
