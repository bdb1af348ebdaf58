package sqlite

import (
	"encoding/json"
	"strings"
	"time"

	"arifa/subscriptions"
)

// milli is how times are kept: milliseconds since 1970, 0 = none.
func milli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMilli(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// cut is a time as it comes out again: in UTC, to the millisecond.
func cut(t time.Time) time.Time { return fromMilli(milli(t)) }

// joined and split keep lists of identifiers, which hold no comma.
func joined[T ~string](ids []T) string {
	switch len(ids) {
	case 0:
		return ""
	case 1:
		return string(ids[0])
	}
	var b strings.Builder
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(string(id))
	}
	return b.String()
}

func split[T ~string](s string) []T {
	if s == "" {
		return nil
	}
	out := make([]T, 0, strings.Count(s, ",")+1)
	for part := range strings.SplitSeq(s, ",") {
		out = append(out, T(part))
	}
	return out
}

func toJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

// ids is a list of numbers as a parameter for json_each.
func ids[T ~int64](list []T) string {
	if len(list) == 0 {
		return "[]"
	}
	b, err := json.Marshal(list)
	if err != nil { // numbers: cannot fail
		panic(err)
	}
	return string(b)
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// delivered is what the lists of states in SQL stand for.
const (
	pending    = string(subscriptions.Pending)
	superseded = string(subscriptions.Superseded)
	published  = string(subscriptions.Published)
)
