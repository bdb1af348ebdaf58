package demo_test

import (
	"slices"
	"strings"
	"testing"

	"arifa/cmd/arifa/demo"
)

func TestTheSameSeedMakesTheSameCrowd(t *testing.T) {
	t.Parallel()
	n := kenya(t)
	all, err := demo.Incidents(n)
	if err != nil {
		t.Fatal(err)
	}
	one, loners, parts := demo.Faces(n, all[0], 300, 7)
	again, _, _ := demo.Faces(n, all[0], 300, 7)
	other, _, _ := demo.Faces(n, all[0], 300, 8)
	if !slices.Equal(one, again) || slices.Equal(one, other) {
		t.Error("the seed does not decide about the crowd")
	}
	for _, id := range append(slices.Clone(all[0].Hear), all[0].NotHear...) {
		if loners[id] == 0 {
			t.Errorf("nobody follows %s alone, so it cannot be judged", id)
		}
	}
	for _, part := range []string{"lost", "early", "late", "stops", "blocks", "group talk", "complains", "group", "channel"} {
		if parts[part] == 0 {
			t.Errorf("nobody is %q", part)
		}
	}
	if parts["person"] != 300 {
		t.Errorf("%d people, want 300", parts["person"])
	}
}

// A hundred thousand of them, their follows and the marks of the verdict must
// stay a small part of 256 MiB.
func TestACitizenIsSmall(t *testing.T) {
	t.Parallel()
	if demo.CitizenBytes > 64 {
		t.Errorf("a citizen takes %d bytes, want at most 64", demo.CitizenBytes)
	}
}

func TestTagFindsTheNumberOfANotice(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Said by eCitizen at 6:04 am. Notice 0103-1, code K7QF2M; check it at arifa.go.ke.":                   "0103-1",
		"Imetolewa na KWS, saa kumi na mbili (06:04). Notisi 0103-12, msimbo K7QF2M; thibitisha: arifa.go.ke": "0103-12",
		"Notice 0103-2, code ABCDEF.\nNotice 0103-2, code ABCDEF.":                                            "0103-2",
		"Correction of notice 0103-1: read this one instead.":                                                 "",
		"Notice 0103-1 is ours":                        "",
		"Notice 0103-1 is withdrawn: it was wrong.":    "",
		"Notice , code ABCDEF":                         "",
		"Type a service, for example: driving licence": "",
	} {
		if got := demo.Tag(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// RFC 6238, appendix B, cut to six digits.
func TestSixDigitsAreThoseOfAnAuthenticator(t *testing.T) {
	t.Parallel()
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	for seconds, want := range map[int64]string{59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"} {
		if got, err := demo.TOTP(secret, seconds/30); err != nil || got != want {
			t.Errorf("at %d: got %s, %v, want %s", seconds, got, err, want)
		}
	}
	if _, err := demo.TOTP("not base32!", 1); err == nil {
		t.Error("a broken secret was accepted")
	}
}

func TestWrapKeepsWordsAndLines(t *testing.T) {
	t.Parallel()
	got := demo.Wrap("Malipo kwa 222222 hayafanyi kazi.\n\nUsilipe tena.", 14)
	want := []string{"Malipo kwa", "222222", "hayafanyi", "kazi.", "", "Usilipe tena."}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if s := strings.Join([]string{demo.Thousands(7), demo.Thousands(1000), demo.Thousands(1234567)}, " "); s != "7 1,000 1,234,567" {
		t.Errorf("got %q", s)
	}
}
