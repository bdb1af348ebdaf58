package subscriptions_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	. "arifa/subscriptions"
)

func TestNoticeKey(t *testing.T) {
	t.Parallel()
	nairobi := time.FixedZone("EAT", 3*60*60)
	k := NewNoticeKey(time.Date(2025, 1, 2, 22, 30, 0, 0, time.UTC).In(nairobi), 12)
	if k != "2025-0103-12" || k.Short() != "0103-12" {
		t.Errorf("got %s and %s, want 2025-0103-12 and 0103-12", k, k.Short())
	}
}

func TestParseCode(t *testing.T) {
	t.Parallel()
	plain := CodeQuery{Day: "0103", N: 1}
	year := CodeQuery{Year: 2025, Day: "0103", N: 1}
	code := CodeQuery{Day: "0103", N: 1, Code: "K7QF2M"}
	full := CodeQuery{Year: 2025, Day: "0103", N: 1, Code: "K7QF2M"}
	for _, c := range []struct {
		in   string
		want CodeQuery
	}{
		{"0103-1", plain},
		{" 0103-1. ", plain},
		{"0103 1", plain},
		{"0103.1", plain},
		{"0103/1", plain},
		{"0103 - 1", plain},
		{"0103–1", plain},
		{"0103—1", plain},
		{"0103−1", plain},
		{"０１０３－１", plain},
		{"٠١٠٣-١", plain},
		{"01\u200b03-1", plain},
		{"O1O3-l", plain},
		{"notice 0103-1", plain},
		{"Notice no. 0103-1", plain},
		{"/verify 0103-1", plain},
		{"#0103-1", plain},
		{"NOTISI YA 0103-1", plain},
		{"Notisi 2025-0103-1", year},
		{"2025 0103 1", year},
		{"0103-1-K7QF2M", code},
		{"0103-1-k7qf2m", code},
		{"0103-1 k7qf2m", code},
		{"notisi 0103 – 1 – K7QF2M", code},
		{"2025-0103-1-K7QF2M", full},
		{"0103-1 eCitizen", plain},
		{"0103 1 864209", CodeQuery{Day: "0103", N: 1, Code: "864209"}},
		{"0103 12", CodeQuery{Day: "0103", N: 12}},
		{"0103-1-K7QF2", CodeQuery{Day: "0103", N: 1, Code: "K7QF2"}},
		{"0229-3", CodeQuery{Day: "0229", N: 3}},
		{"Since 6:00 payments to 222222 fail. Next update by 11:00. Notice 0103-1, eCitizen.", plain},
		{"Call 0722-000 or 1234-5. Notisi 0103-1-K7QF2M ya eCitizen", code},
		{"habari 2025-0103-1\nasante", year},
	} {
		t.Run(c.in, func(t *testing.T) {
			t.Parallel()
			if got, err := ParseCode(c.in); err != nil || got != c.want {
				t.Errorf("ParseCode(%q) = %+v, %v, want %+v", c.in, got, err, c.want)
			}
		})
	}
	for _, in := range []string{"", "hello", "0103", "0103-0", "0103-01", "1303-1", "0100-1", "2025-0229-1", "2025-0103", "0103-1000", "222222", "01031", "0722-000-111", "K7QF2M", "11:00", "\xff",
		"0712 345 678", "0712  345\u00a0678", "0712.345.678", "0712-345-678", "0712–345–678", "0712 34 5678", "0712 345", "0712 1225 34", "1225 11 225", "call 0712 345 678", "٠٧١٢ ٣٤٥ ٦٧٨", "0103-1-12345", "1999-0103-1"} {
		t.Run("none in "+in, func(t *testing.T) {
			t.Parallel()
			if got, err := ParseCode(in); !errors.Is(err, ErrNoCode) {
				t.Errorf("ParseCode(%q) = %+v, %v, want ErrNoCode", in, got, err)
			}
		})
	}
}

func TestCodeQuery_Matches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		key  NoticeKey
		want bool
	}{
		{"0103-1", "2025-0103-1", true},
		{"0103-1", "2024-0103-1", true},
		{"2025-0103-1", "2025-0103-1", true},
		{"2025-0103-1", "2024-0103-1", false},
		{"0103-1", "2025-0103-11", false},
	} {
		q, err := ParseCode(c.in)
		if got := q.Matches(c.key); err != nil || got != c.want {
			t.Errorf("%q matches %s: %v (%v), want %v", c.in, c.key, got, err, c.want)
		}
	}
}

func TestNewCheckCode(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		c := NewCheckCode(rand.Reader)
		if len(c) != 6 || strings.Trim(c, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != "" {
			t.Fatalf("code %q is not six letters of Crockford's base 32", c)
		}
		q, err := ParseCode("0103-1-" + strings.ToLower(c))
		if err != nil || !SameCode(q.Code, c) {
			t.Fatalf("code %q comes back as %q, %v", c, q.Code, err)
		}
		seen[c] = true
	}
	if len(seen) < 999 { // 1000 of 2^30: two equal ones once in two thousand runs
		t.Errorf("%d different codes of 1000", len(seen))
	}
	if a, b := NewCheckCode(bytes.NewReader([]byte{0, 1, 2, 3, 4, 5})), "012345"; a != b {
		t.Errorf("got %q, want %q", a, b)
	}
}

func TestNewCheckCode_never_returns_a_guessable_code(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a code without randomness was returned")
		}
	}()
	NewCheckCode(iotest.ErrReader(errors.New("no entropy")))
}

func TestSameCode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"K7QF2M", "k7qf2m", true},
		{"K7 QF-2M", "K7QF2M", true},
		{"0O1IL1", "OO1111", true},
		{"K7QF2M", "K7QF2N", false},
		{"K7QF2M", "K7QF2", false},
		{"", "", false},
		{"-", " ", false},
	} {
		if got := SameCode(c.a, c.b); got != c.want {
			t.Errorf("SameCode(%q, %q) = %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func FuzzParseCode(f *testing.F) {
	for _, s := range []string{"0103-1", "Notisi 2025-0103-1", "0103-1-K7QF2M", "０１０３－１", "notice no: O1O3 l", "0712 345 678", "2025 0103 1", "9999-9999-9", "-", "\xff-1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := ParseCode(s)
		if err != nil {
			if q != (CodeQuery{}) || !errors.Is(err, ErrNoCode) {
				t.Fatalf("ParseCode(%q) = %+v, %v", s, q, err)
			}
			return
		}
		if len(q.Day) != 4 || q.N < 1 || q.N > 999 || q.Year < 0 || q.Year > 9999 {
			t.Fatalf("ParseCode(%q) = %+v, out of range", s, q)
		}
		k, _ := q.Key()
		again, err := ParseCode(string(k.Short()))
		if err != nil || again.Day != q.Day || again.N != q.N {
			t.Fatalf("%q is read as %s and then as %+v, %v", s, k, again, err)
		}
	})
}
