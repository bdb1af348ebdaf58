package sqlite

import (
	"database/sql"
	"strings"

	"arifa/subscriptions"
)

// Where most people follow and nothing else can be known of them, everybody of a stretch
// is read in the order of the ids, and so are their follows and who has a row: three plain
// walks, which are merged here. That is less work than joining them for each. Each is one
// value, as a page of keys is. Parameters: 1 and 2 bound the ids.
const (
	rowsOfStretch    = "SELECT group_concat(recipient_id, ' ') FROM delivery WHERE recipient_id > ?1 AND recipient_id <= ?2 AND notice_id = ?3"
	allOfStretch     = "SELECT group_concat(r.id || ' ' || octet_length(r.lane) || ' ' || r.lane || " + classKey + " || char(28), '') FROM recipient r WHERE r.id > ?1 AND r.id <= ?2 AND r.gone_at = 0"
	followsOfStretch = "SELECT group_concat(f.recipient_id || CASE WHEN f.incident_id <> 0 OR f.until <> 0 THEN '?' ELSE '=' END || f.scope, char(31)) FROM follow f WHERE f.recipient_id > ?1 AND f.recipient_id <= ?2 AND " + counts
)

// nothingElse is the text of what is known of people where nothing can be.
const nothingElse = "''"

// readNearlyAll reads what the keyed text of ofNearlyAll would.
func (w *wave) readNearlyAll(at cursor, to int64) (added int, err error) {
	var have, everybody, follows sql.NullString
	args := w.args(at.From, to)
	if err := w.c.one(rowsOfStretch, []any{args[0], args[1], args[3]}, &have); err != nil {
		return 0, err
	}
	if err := w.c.one(allOfStretch, args[:7], &everybody); err != nil {
		return 0, err
	}
	if err := w.c.one(followsOfStretch, args[:6], &follows); err != nil {
		return 0, err
	}
	written := map[subscriptions.RecipientID]bool{}
	for rest := have.String; rest != ""; {
		var id int64
		if id, rest, err = leadingID(rest); err != nil {
			return 0, err
		}
		written[subscriptions.RecipientID(id)] = true
		rest = strings.TrimPrefix(rest, " ")
	}
	f := following{rest: follows.String, audience: w.p.b.Notice.Audience}
	if err := f.next(); err != nil {
		return 0, err
	}
	for rest := everybody.String; rest != ""; {
		var one person
		if one, rest, err = w.c.nextPerson(rest); err != nil {
			return 0, err
		}
		key, err := w.keyOf(one, &f)
		if err != nil {
			return 0, err
		}
		if key != "" && !written[one.id] && !w.seen[one.id] {
			w.page = append(w.page, person{id: one.id, lane: one.lane, key: key})
			added++
		}
	}
	return added, nil
}

// keyOf writes somebody's key; "" = who follows nothing of the audience.
func (w *wave) keyOf(one person, f *following) (string, error) {
	text := w.text[:0]
	for ; f.id != 0 && f.id <= int64(one.id); f.skip() {
		if f.err != nil {
			return "", f.err
		}
		if f.id < int64(one.id) || !f.counts() {
			continue
		}
		if len(text) == 0 {
			text = append(append(text, one.key...), subscriptions.KeyPart...) // the class
		} else {
			text = append(text, subscriptions.KeyField...)
		}
		text = append(append(text, f.sort), f.scope...)
	}
	if len(text) == 0 || f.err != nil {
		return "", f.err
	}
	w.text = append(text, subscriptions.KeyPart...)
	key, known := w.keys[string(w.text)]
	if !known {
		key = string(w.text)
		w.keys[key] = key
	}
	return key, nil
}

// following is a walk over the follows of a stretch; id 0 = there are no more.
type following struct {
	rest     string
	audience subscriptions.Audience
	id       int64
	sort     byte // '=' or '?', as in a key
	scope    string
	err      error
}

func (f *following) counts() bool {
	_, in := f.audience[subscriptions.Scope(f.scope)]
	return in
}

func (f *following) skip() { f.err = f.next() }

func (f *following) next() (err error) {
	if f.rest == "" {
		f.id = 0
		return nil
	}
	var rest string
	if f.id, rest, err = leadingID(f.rest); err != nil || rest == "" || f.id == 0 {
		return errPage
	}
	f.sort = rest[0]
	f.scope, f.rest, _ = strings.Cut(rest[1:], subscriptions.KeyField)
	return nil
}

// leadingID cuts the number off that a text begins with.
func leadingID(text string) (id int64, rest string, err error) {
	n := 0
	for n < len(text) && n < 19 && text[n] >= '0' && text[n] <= '9' {
		id = 10*id + int64(text[n]-'0')
		n++
	}
	if n == 0 {
		return 0, text, errPage
	}
	return id, text[n:], nil
}
