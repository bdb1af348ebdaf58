package subscriptions

import (
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
	"time"
)

// A wave has many people and few combinations: what somebody gets of a notice
// follows from the place among others, the follows that count now, and what is
// known of one other delivery. A store writes that as a key in its own language
// and plans once for each. Everything that a plan looks at is in the key, because
// the fact is read back from it:
//
//	class PART follow FIELD follow … PART row
//
// A follow is its scope behind "=", or behind "?" where it is a watch. The row is
// empty, or notice, told (0 to 2), asked (0 or 1), services and left services of a
// delivery that is neither waiting nor in flight; of an incident's chain also mode,
// whether there is a message (0 or 1), ends, owed and added services.
const (
	KeyPart  = "\x1e" // stands in no name
	KeyField = "\x1f"
)

// ErrKey is returned for a key that no store of this release writes.
var ErrKey = errors.New("the key of a combination cannot be read")

// FactOf is somebody who has this key. of finds the bulletin of an older notice.
func (p *Planner) FactOf(key string, now time.Time, of func(NoticeID) (Bulletin, error)) (Fact, error) {
	var f Fact
	part := strings.Split(key, KeyPart)
	if len(part) != 3 {
		return f, ErrKey
	}
	switch f.Kind = Person; part[0] {
	case "0":
		f.Kind = Channel // or a group: a plan sees no difference
	case "1":
		f.AskedAt = now
	}
	for scope := range strings.SplitSeq(part[1], KeyField) {
		if scope == "" {
			continue
		}
		follow := Follow{Scope: Scope(scope[1:])}
		if scope[0] == '?' { // whether it ends with its incident or its time, it counts now
			follow.Incident, follow.Until = p.b.Notice.Incident, now.Add(time.Hour)
		}
		f.Follows = append(f.Follows, follow)
	}
	if part[2] == "" {
		return f, nil
	}
	row, err := keyRow(strings.Split(part[2], KeyField), of)
	f.Rows = []Row{row}
	return f, err
}

func keyRow(field []string, of func(NoticeID) (Bulletin, error)) (r Row, err error) {
	if len(field) != 5 && len(field) != 10 {
		return r, ErrKey
	}
	id, err := strconv.ParseInt(field[0], 10, 64)
	told, terr := strconv.Atoi(field[1])
	if err != nil || terr != nil {
		return r, ErrKey
	}
	b, err := of(NoticeID(id))
	if err != nil {
		return r, err
	}
	n := b.Notice
	r = Row{ID: -1, Notice: n.ID, Sequence: b.Sequence, Incident: n.Incident, Round: n.Round, NoticeKind: n.Kind, State: Sent, Told: Told(told),
		Asked: field[2] == "1", Services: keyServices(field[3]), Left: keyServices(field[4])}
	if len(field) == 10 {
		r.Mode = Mode(field[5])
		if field[6] == "1" {
			r.Message = "-" // there is one
		}
		r.Ends, r.Owed, r.More = keyServices(field[7]), keyServices(field[8]), keyServices(field[9])
	}
	return r, nil
}

func keyServices(s string) []ServiceID {
	if s == "" {
		return nil
	}
	var out []ServiceID
	for id := range strings.SplitSeq(s, ",") {
		out = append(out, ServiceID(id))
	}
	return out
}

// Fresh reports whether a plan is one row and nothing else, as a store can write it
// for many at once.
func (p Plan) Fresh() bool {
	if p.Insert == nil {
		return len(p.Update) == 0
	}
	r := p.Insert
	return len(p.Update) == 0 && len(r.More)+len(r.Left)+len(r.Owed) == 0 && r.Told == NotTold && r.NextAt.IsZero() && !r.Repeat
}

// PackIDs writes ascending ids as the first and the distances between them, as
// unsigned varints: ids that stand together take a byte each.
func PackIDs(ids []int64) []byte {
	out := make([]byte, 0, len(ids)+8)
	before := int64(0)
	for _, id := range ids {
		out = binary.AppendUvarint(out, uint64(id-before))
		before = id
	}
	return out
}

// UnpackIDs reads what PackIDs wrote, as far as it can be read.
func UnpackIDs(b []byte) []int64 {
	out := make([]int64, 0, len(b))
	at := int64(0)
	for len(b) > 0 {
		d, n := binary.Uvarint(b)
		if n <= 0 {
			break
		}
		at += int64(d)
		out, b = append(out, at), b[n:]
	}
	return out
}
