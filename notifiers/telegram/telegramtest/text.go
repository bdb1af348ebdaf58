package telegramtest

import (
	"encoding/binary"
	"encoding/json"
	"hash/fnv"
	"strings"
	"unicode/utf8"
)

const maxText = 4096 // UTF-16 units after entity parsing

// words are the checked text and buttons of one send or edit.
type words struct {
	text     string
	entities []Entity
	markup   markup
	hash     uint64 // of text
	rest     uint32 // of entities and markup: with hash it decides "not modified"
	tag      string
}

// Hash is the ledger's 64-bit hash (FNV-1a) of the plain text that people read.
func Hash(text string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for i := 0; i < len(text); i++ {
		h = (h ^ uint64(text[i])) * prime
	}
	return h
}

// readWords checks text, parse_mode, entities and reply_markup.
func (s *Server) readWords(p params) (words, *apiError) {
	text, entities, bad := readText(p)
	if bad != nil {
		return words{}, bad
	}
	w := words{text: text, entities: entities, hash: Hash(text), tag: s.cfg.Tag(text)}
	if w.markup, bad = s.markups.read(p.text("reply_markup")); bad != nil {
		return words{}, bad
	}
	w.rest = restHash(w.entities, w.markup)
	if raw := p.text("link_preview_options"); raw != "" && !isObject(raw) {
		return words{}, badRequest("can't parse link preview options JSON object")
	}
	return w, nil
}

func readText(p params) (string, []Entity, *apiError) {
	text := strings.ReplaceAll(p.text("text"), "\r", "")
	var entities []Entity
	switch mode := strings.ToLower(p.text("parse_mode")); mode {
	case "html":
		var err error
		if text, entities, err = parseHTML(text); err != nil {
			return "", nil, badRequest("can't parse entities: " + err.Error())
		}
	case "":
		if raw := p.text("entities"); raw != "" {
			if err := json.Unmarshal([]byte(raw), &entities); err != nil {
				return "", nil, badRequest("can't parse entities JSON object")
			}
			if entities = within(entities, utf16Len(text)); entities == nil {
				return "", nil, badRequest("can't parse entities: entity out of the text")
			}
		}
	default:
		return "", nil, badRequest("unsupported parse_mode")
	}
	text, entities = trim(text, entities)
	if text == "" {
		return "", nil, badRequest("message text is empty")
	}
	if len(text) > maxText && utf16Len(text) > maxText {
		return "", nil, badRequest("message is too long")
	}
	return text, entities, nil
}

// within returns the entities, or nil when one of them leaves a text of so many
// UTF-16 units.
func within(entities []Entity, units int) []Entity {
	for _, e := range entities {
		if e.Type == "" || e.Offset < 0 || e.Length < 1 || e.Offset > units || e.Length > units-e.Offset {
			return nil
		}
	}
	return append([]Entity{}, entities...)
}

// trim cuts blanks at both ends, as the real server does, and moves the entities.
func trim(text string, entities []Entity) (string, []Entity) {
	const blanks = " \n\t\v\u00a0"
	left := strings.TrimLeft(text, blanks)
	shift := utf16Len(text[:len(text)-len(left)])
	out := strings.TrimRight(left, blanks)
	if len(out) == len(text) || len(entities) == 0 {
		return out, entities
	}
	total, kept := utf16Len(out), entities[:0]
	for _, e := range entities {
		from, to := max(e.Offset-shift, 0), min(e.Offset-shift+e.Length, total)
		if from < to {
			e.Offset, e.Length = from, to-from
			kept = append(kept, e)
		}
	}
	return out, kept
}

func restHash(entities []Entity, m markup) uint32 {
	h := fnv.New64a()
	for _, e := range entities {
		var place [8]byte
		binary.LittleEndian.PutUint32(place[:], uint32(e.Offset))
		binary.LittleEndian.PutUint32(place[4:], uint32(e.Length))
		_, _ = h.Write(place[:])
		_, _ = h.Write([]byte(e.Type + "\x00" + e.URL + "\x00"))
	}
	_, _ = h.Write(m.raw)
	sum := h.Sum64()
	return uint32(sum) ^ uint32(sum>>32)
}

func isObject(raw string) bool {
	return strings.HasPrefix(strings.TrimSpace(raw), "{") && json.Valid([]byte(raw))
}

// commandEntities finds "/command" and "/command@bot" in what a person typed.
func commandEntities(text string) []Entity {
	var found []Entity
	offset, fresh := 0, true
	for i, r := range text {
		if r == '/' && fresh {
			if n := commandLength(text[i+1:]); n > 0 {
				found = append(found, Entity{Type: "bot_command", Offset: offset, Length: n + 1})
			}
		}
		fresh = r == ' ' || r == '\n'
		offset += runeUnits(r)
	}
	return found
}

func commandLength(s string) int {
	n := 0
	for n < len(s) && (s[n] == '_' || s[n] == '@' && n > 0 || isLetter(s[n]) || isDigit(s[n], 10)) {
		n++
	}
	if n < len(s) && s[n] >= utf8.RuneSelf {
		return 0
	}
	return n
}
