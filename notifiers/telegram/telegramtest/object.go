package telegramtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// readObject reads the top level of a JSON object; nested values stay JSON.
func readObject(raw []byte) (params, error) {
	if !utf8.Valid(raw) {
		return nil, errors.New("strings must be encoded in UTF-8")
	}
	raw = bytes.TrimLeft(raw, " \t\r\n")
	if len(raw) == 0 || raw[0] != '{' || !json.Valid(raw) {
		return nil, errors.New("can't parse JSON object")
	}
	all := make(params, 0, 8)
	for rest := skipSpace(raw[1:]); rest[0] != '}'; {
		end := valueEnd(rest)
		key := unquote(rest[:end])
		rest = skipSpace(skipSpace(rest[end:])[1:]) // the colon
		end = valueEnd(rest)
		if value := rest[:end]; string(value) != "null" {
			all = append(all, param{key, plain(value)})
		}
		if rest = skipSpace(rest[end:]); rest[0] == ',' {
			rest = skipSpace(rest[1:])
		}
	}
	return all, nil
}

func plain(value []byte) string {
	if value[0] == '"' {
		return unquote(value)
	}
	return string(value)
}

// unquote decodes a string of valid JSON; json.Unmarshal would check it again.
func unquote(value []byte) string {
	value = value[1 : len(value)-1]
	if bytes.IndexByte(value, '\\') < 0 {
		return string(value)
	}
	out := make([]byte, 0, len(value))
	for len(value) > 0 {
		i := bytes.IndexByte(value, '\\')
		if i < 0 {
			out = append(out, value...)
			break
		}
		out = append(out, value[:i]...)
		out, value = appendEscape(out, value[i+1:])
	}
	return string(out)
}

// appendEscape decodes the escape whose backslash is before rest.
func appendEscape(out, rest []byte) (longer, after []byte) {
	switch rest[0] {
	case 'b':
		return append(out, '\b'), rest[1:]
	case 'f':
		return append(out, '\f'), rest[1:]
	case 'n':
		return append(out, '\n'), rest[1:]
	case 'r':
		return append(out, '\r'), rest[1:]
	case 't':
		return append(out, '\t'), rest[1:]
	case 'u':
		r := hex4(rest[1:])
		rest = rest[5:]
		if utf16.IsSurrogate(r) {
			second := rune(utf8.RuneError)
			if len(rest) >= 6 && rest[0] == '\\' && rest[1] == 'u' {
				second = hex4(rest[2:])
			}
			if r = utf16.DecodeRune(r, second); r != utf8.RuneError {
				rest = rest[6:]
			}
		}
		return utf8.AppendRune(out, r), rest
	}
	return append(out, rest[0]), rest[1:]
}

func hex4(digits []byte) rune {
	n, _ := strconv.ParseUint(string(digits[:4]), 16, 16)
	return rune(n)
}

func skipSpace(b []byte) []byte { return bytes.TrimLeft(b, " \t\r\n") }

// valueEnd is the length of the value at the start of valid JSON.
func valueEnd(b []byte) int {
	depth, inString := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			if inString = !inString; !inString && depth == 0 {
				return i + 1
			}
		case inString:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth == 0 {
				return i // a bare number or word that ends its object
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case depth == 0 && (c == ',' || c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == ':'):
			return i
		}
	}
	return len(b)
}
