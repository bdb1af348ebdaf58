package telegram_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf16"

	"arifa/notifiers/telegram"
)

// FuzzLine: a line is written as encoding/json writes what is escaped for HTML, byte for
// byte, and counted in UTF-16 units.
func FuzzLine(f *testing.F) {
	for _, s := range []string{"", "plain", "Leseni – 2 & <b>\"x\"</b> \\ \n\r\t\b\f\x00\x1f\x7f", "🚌ʼش", "\u2028\u2029\ufffd", "a\xffb\xc0\xaf\xed\xa0\x80", "tail <", "&", "\xf0\x9f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := json.Marshal(strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s))
		if err != nil {
			t.Fatal(err)
		}
		got, units := telegram.AppendLine([]byte(`"`), s)
		if got = append(got, '"'); string(got) != string(want) {
			t.Errorf("%q: got %s, want %s", s, got, want)
		}
		if want := len(utf16.Encode([]rune(s))); units != want {
			t.Errorf("%q: %d units, want %d", s, units, want)
		}
	})
}

func TestNumbersStandInJSONAsTheyAre(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{"0": true, "5": true, "-5": true, "9223372036854775807": true, "-9223372036854775808": true, "-1001234567890": true,
		"": false, "-": false, "-0": false, "05": false, "+5": false, "--5": false, "5 ": false, "1e3": false, "1_0": false, "5,": false, "٥": false, "9223372036854775808": false} {
		if got := telegram.Number(s); got != want {
			t.Errorf("%q: got %v, want %v", s, got, want)
		}
	}
}
