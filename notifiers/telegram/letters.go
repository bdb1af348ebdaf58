package telegram

import "unicode/utf8"

// appendLine adds a line as it stands inside a JSON string, in HTML mode, which knows
// three characters only; Markdown would need nineteen. It returns how many characters
// Telegram counts: UTF-16 units, as entities are. Most lines of a wave are read by
// few, so each is written straight into its request.
func appendLine(out []byte, s string) (_ []byte, units int) {
	from := 0 // what is before it was written
	for i := 0; i < len(s); units++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c != '&' && c != '<' && c != '>' && c < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r >= utf8.RuneSelf && r != '\u2028' && r != '\u2029' && (r != utf8.RuneError || size > 1) {
			if i += size; r >= 0x10000 {
				units++
			}
			continue
		}
		out = append(out, s[from:i]...)
		i += size
		from = i
		switch r {
		case '&':
			out = append(out, `\u0026amp;`...)
		case '<':
			out = append(out, `\u0026lt;`...)
		case '>':
			out = append(out, `\u0026gt;`...)
		default:
			out = appendRare(out, r)
		}
	}
	return append(out, s[from:]...), units
}

// appendRare adds a letter that JSON does not take as it is. What is no letter at all
// becomes the sign for that.
func appendRare(out []byte, r rune) []byte {
	const hex = "0123456789abcdef"
	switch r {
	case '"', '\\':
		return append(out, '\\', byte(r))
	case '\n':
		return append(out, `\n`...)
	case '\r':
		return append(out, `\r`...)
	case '\t':
		return append(out, `\t`...)
	case '\b':
		return append(out, `\b`...)
	case '\f':
		return append(out, `\f`...)
	}
	return append(out, '\\', 'u', hex[r>>12&0xf], hex[r>>8&0xf], hex[r>>4&0xf], hex[r&0xf])
}
