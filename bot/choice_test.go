package bot_test

import (
	"strings"
	"testing"

	"arifa/bot"
)

func TestChoiceData(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 40) // the longest id of a catalogue
	for _, data := range []string{
		"home", "help", "language", "lang en", "lang sw service kra-pay-tax", "lang sw status platform:" + long,
		"agencies 0", "agency kra 2", "service kra-pay-tax", "follow kra-pay-tax", "follow agency:kra", "follow platform:mpesa", "follow all",
		"leave agency:" + long, "stop", "watch 1y2p0ij32e8e7 " + long, "soon " + long, "status", "status kra-pay-tax", "mine 3",
		"pay", "pay kra-pay-tax", "paid", "paid agency:kra", "verify", "verify 2025-0103-1", "quiet on", "quiet off", "mydata", "forget ask", "forget yes",
		"report", "report " + long, "report agency:" + long, "tried mpesa-menu " + long, "counties 12 " + long, "county 30 " + long, "county - " + long,
		"works zzzz 9 yes " + long, "works 1y2p0ij32e8e7 12 mpesa-menu kra-pay-tax", "works 1 1 no",
	} {
		if len(data) > 64 {
			t.Errorf("%q has %d bytes, a button carries 64", data, len(data))
		}
		if again, ok := bot.RoundTrip(data); !ok || again != data {
			t.Errorf("RoundTrip(%q) = %q, %v; want the same", data, again, ok)
		}
	}
}

func TestChoiceRefuses(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"nothing":          "",
		"unknown verb":     "toggle kra-pay-tax",
		"no scope":         "follow",
		"capital id":       "follow KRA",
		"foreign kind":     "follow user:1",
		"two ids":          "follow kra kws",
		"endless page":     "agencies 99999999999999999999",
		"negative page":    "mine -1",
		"nested languages": "lang en lang sw",
		"typed only":       "find stima",
		"no incident":      "watch kra-pay-tax",
		"zero incident":    "watch 0 kra-pay-tax",
		"too long":         "service " + strings.Repeat("a", 60),
		"no number":        "verify hello",
		"forget at once":   "forget",
		"no way":           "tried kra-pay-tax",
		"unknown way":      "tried barter kra-pay-tax",
		"way of an agency": "tried card agency:kra",
		"county of none":   "county 30",
		"no answer":        "works 1 1",
		"unknown answer":   "works 1 1 maybe",
		"round zero":       "works 1 0 yes",
		"incident zero":    "works 0 1 yes",
		"words too many":   "works 1 1 yes a b",
	} {
		if again, ok := bot.RoundTrip(data); ok {
			t.Errorf("%s: %q is taken as %q, want it refused", name, data, again)
		}
	}
}

// Whatever a client sends as a button's data: no panic, and what is accepted
// says the same when it is written again.
func FuzzChoice(f *testing.F) {
	for _, seed := range []string{"follow kra-pay-tax", "lang sw service agency:kra", "watch zz all", "agency kra 1", "quiet on", "forget yes", "verify 0103-1-K7QF2M", "status  all", "\x00", "works zz 1 no kra-pay-tax", "tried card kra-pay-tax", "county 30 x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		once, ok := bot.RoundTrip(data)
		if !ok {
			return
		}
		twice, ok := bot.RoundTrip(once)
		if len(once) <= 64 && (!ok || twice != once) {
			t.Errorf("%q became %q, then %q (%v)", data, once, twice, ok)
		}
	})
}
