package sqlite

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"arifa/subscriptions"
)

// The parts of a key, and the fields of a part, are kept apart by what stands in no
// name.
const (
	partEnd  = "\x1e"
	fieldEnd = "\x1f"
)

var errKey = errors.New("the key of a combination cannot be read")

// fact is somebody who has a key: everything that the planning looks at is in it.
func (w *wave) fact(key string) (subscriptions.Fact, error) {
	var f subscriptions.Fact
	part := strings.Split(key, partEnd)
	if len(part) != 3 {
		return f, errKey
	}
	switch f.Kind = subscriptions.Person; part[0] {
	case "0":
		f.Kind = subscriptions.Channel // or a group: the planning sees no difference
	case "1":
		f.AskedAt = w.now
	}
	for scope := range strings.SplitSeq(part[1], fieldEnd) {
		if scope == "" {
			continue
		}
		// Whether a watch ends with its incident or with its time, it counts now.
		follow := subscriptions.Follow{Scope: subscriptions.Scope(scope[1:])}
		if scope[0] == '?' {
			follow.Incident = w.p.b.Notice.Incident
			follow.Until = w.now.Add(time.Hour)
		}
		f.Follows = append(f.Follows, follow)
	}
	if part[2] == "" {
		return f, nil
	}
	row, err := w.told(strings.Split(part[2], fieldEnd))
	f.Rows = []subscriptions.Row{row}
	return f, err
}

// told is the one other row of somebody, as far as the planning looks at it.
func (w *wave) told(field []string) (r subscriptions.Row, err error) {
	if len(field) != 5 && len(field) != 10 {
		return r, errKey
	}
	id, err := strconv.ParseInt(field[0], 10, 64)
	if err != nil {
		return r, errKey
	}
	p, err := w.s.plannerOf(w.c, subscriptions.NoticeID(id))
	if err != nil {
		return r, err
	}
	n := p.b.Notice
	r = subscriptions.Row{ID: -1, Notice: n.ID, Sequence: p.b.Sequence, Incident: n.Incident, Round: n.Round, NoticeKind: n.Kind, State: subscriptions.Sent,
		Asked: field[2] == "1", Services: split[subscriptions.ServiceID](field[3]), Left: split[subscriptions.ServiceID](field[4])}
	told, err := strconv.Atoi(field[1])
	if err != nil {
		return r, errKey
	}
	r.Told = subscriptions.Told(told)
	if len(field) == 10 {
		r.Mode = subscriptions.Mode(field[5])
		if field[6] == "1" {
			r.Message = "-" // there is one
		}
		r.Ends, r.Owed, r.More = split[subscriptions.ServiceID](field[7]), split[subscriptions.ServiceID](field[8]), split[subscriptions.ServiceID](field[9])
	}
	return r, nil
}
