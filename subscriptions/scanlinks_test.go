package subscriptions_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	. "arifa/subscriptions"
)

// No pattern passes over a text that it stands in, however the pieces of addresses and
// phone codes are put together.
func TestScanText_passes_over_no_pattern(t *testing.T) {
	t.Parallel()
	pieces := strings.Split("pay now evil ke com net org biz xyz icu io go co info app me ly gl gd t wa m fb bit tiny short url at tinyurl shorturl goo is v linktr ee rb gy cutt "+
		"dot dott doti nukta nokta point pointi period full stop slash at a href = http https hxxp www www2 mailto tel : // / \\ . .. … , ; * | ^ ~ • # @ _ - ( ) [ ] { } < > ? ! "+
		"bot paybot bots robot star asterisk nyota hash pound reli 2 22 334 222222 dotcom dotke é", " ")
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	found := 0
	for range 6000 {
		var text strings.Builder
		for range 2 + r.IntN(7) {
			text.WriteString(pieces[r.IntN(len(pieces))])
			if r.IntN(2) == 0 {
				text.WriteByte(' ')
			}
		}
		folded := Folded(text.String())
		for _, exp := range PassedOver(folded) {
			t.Errorf("seed %d: %q is passed over by %s", seed, folded, exp)
		}
		found += min(1, len(ScanText(text.String(), nil)))
	}
	if found < 1000 || found > 5000 {
		t.Errorf("seed %d: something was found in %d of 6000 texts: the test proves little", seed, found)
	}
}
