package postgres

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// when is a time as the columns keep it: UTC, cut to milliseconds, NULL for the
// zero time.
type when time.Time

// TimestamptzValue implements pgtype.TimestamptzValuer.
func (w when) TimestamptzValue() (pgtype.Timestamptz, error) {
	t := time.Time(w)
	if t.IsZero() {
		return pgtype.Timestamptz{}, nil
	}
	return pgtype.Timestamptz{Time: t.UTC().Truncate(time.Millisecond), Valid: true}, nil
}

// ScanTimestamptz implements pgtype.TimestamptzScanner.
func (w *when) ScanTimestamptz(v pgtype.Timestamptz) error {
	*w = when{}
	if v.Valid {
		*w = when(v.Time.UTC())
	}
	return nil
}

// cut is a time as it comes out again.
func cut(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}

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

// numbers is a list of ids as a bigint[] parameter; never NULL.
func numbers[T ~int64](ids []T) []int64 {
	out := make([]int64, len(ids))
	for i, id := range ids {
		out[i] = int64(id)
	}
	return out
}

// strs is a list of names as a text[] parameter; never NULL.
func strs[T ~string](ids []T) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return out
}

// plain is foreign text as a text column takes it: PostgreSQL refuses a NUL and
// what is not UTF-8, where a network may send either.
func plain(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")
}

func toJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}
