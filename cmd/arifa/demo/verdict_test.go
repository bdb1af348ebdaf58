package demo_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"arifa/cmd/arifa/demo"
	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
)

func kenya(t *testing.T) *subscriptions.Nation {
	t.Helper()
	n, err := catalogue.Kenya()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The people of the made-up day, by chat.
const (
	driver    = 1 // follows a service that fails
	taxpayer  = 2 // another one
	platform  = 3 // follows the platform
	tokens    = 4 // follows what does not fail
	unsure    = 5 // follows a service of which nobody knows
	latecomer = 6
	leaver    = 7
)

// day is an outage at 10 s, an end at 100 s, quiet in between and after.
func day(n *subscriptions.Nation) *demo.Crowd {
	service := subscriptions.ScopeService
	c := demo.Small(n, service("kws-nairobi-np"), service("kra-pay-tax"), subscriptions.ScopePlatform("ecitizen-payments"),
		service("kplc-tokens"), service("boma-save"), service("dl-renewal"), service("dl-renewal"))
	c.Joins(latecomer-1, 40*time.Second, 42*time.Second)
	c.Leaves(leaver-1, 60*time.Second, 61*time.Second)
	c.Outage("0103-1", 10*time.Second, "ecitizen-payments")
	c.Quiet(30 * time.Second)
	c.Quiet(50 * time.Second)
	c.End("0103-2", 100*time.Second)
	c.Quiet(130 * time.Second)
	c.Expect([]subscriptions.ServiceID{"kws-nairobi-np", "kra-pay-tax"}, []subscriptions.ServiceID{"kplc-tokens", "boma-save"})
	return c
}

func told(chat int64, tag string, at time.Duration) telegramtest.Entry {
	return telegramtest.Entry{Chat: chat, Tag: tag, Kind: telegramtest.Send, Begun: at, Accepted: at + time.Millisecond}
}

// honest is the ledger of a program that kept every promise.
func honest() []telegramtest.Entry {
	at := 10*time.Second + 500*time.Millisecond
	edit := told(taxpayer, "0103-1", 11*time.Second)
	edit.Kind = telegramtest.Edit // an edit is no second message
	pin := told(driver, "0103-1", 11*time.Second)
	pin.Kind = telegramtest.Pin
	return []telegramtest.Entry{
		told(driver, "0103-1", at), told(taxpayer, "0103-1", at), told(platform, "0103-1", at), told(leaver, "0103-1", at), edit, pin,
		told(tokens, "", 35*time.Second), // an answer of the conversation
		told(latecomer, "0103-1", 42*time.Second),
		told(driver, "0103-2", 101*time.Second), told(taxpayer, "0103-2", 101*time.Second),
		told(platform, "0103-2", 101*time.Second), told(latecomer, "0103-2", 101*time.Second),
	}
}

func TestVerdictCatchesEachBrokenPromise(t *testing.T) {
	t.Parallel()
	without := func(chat int64, tag string) func([]telegramtest.Entry) []telegramtest.Entry {
		return func(l []telegramtest.Entry) []telegramtest.Entry {
			return slices.DeleteFunc(l, func(e telegramtest.Entry) bool { return e.Chat == chat && e.Tag == tag })
		}
	}
	with := func(extra ...telegramtest.Entry) func([]telegramtest.Entry) []telegramtest.Entry {
		return func(l []telegramtest.Entry) []telegramtest.Entry {
			l = append(l, extra...)
			slices.SortStableFunc(l, func(a, b telegramtest.Entry) int { return int(a.Accepted - b.Accepted) })
			return l
		}
	}
	both := func(a, b func([]telegramtest.Entry) []telegramtest.Entry) func([]telegramtest.Entry) []telegramtest.Entry {
		return func(l []telegramtest.Entry) []telegramtest.Entry { return b(a(l)) }
	}
	n := kenya(t)
	type numbers struct{ missed, duplicates, strangers, stale, noEnd int }
	for name, c := range map[string]struct {
		doctor func([]telegramtest.Entry) []telegramtest.Entry
		want   numbers
		says   string
	}{
		"nothing":                        {func(l []telegramtest.Entry) []telegramtest.Entry { return l }, numbers{}, ""},
		"a lost alert":                   {both(without(taxpayer, "0103-1"), without(taxpayer, "0103-2")), numbers{missed: 1}, "service:kra-pay-tax was never told notice 0103-1"},
		"a latecomer told nothing":       {both(without(latecomer, "0103-1"), without(latecomer, "0103-2")), numbers{missed: 1}, "arrived in mid-outage"},
		"an alert after its wave":        {both(without(driver, "0103-1"), with(told(driver, "0103-1", 70*time.Second))), numbers{missed: 1}, "kws-nairobi-np"},
		"a second message":               {with(told(driver, "0103-1", 12*time.Second)), numbers{duplicates: 1}, "as a new message 2 times"},
		"a second end":                   {with(told(driver, "0103-2", 102*time.Second)), numbers{duplicates: 1, strangers: 1}, "had the end of"},
		"one who buys tokens":            {with(told(tokens, "0103-1", 12*time.Second)), numbers{strangers: 1}, "without following anything"},
		"a service nobody knows of":      {with(told(unsure, "0103-1", 12*time.Second)), numbers{strangers: 1}, "boma-save"},
		"an end out of nothing":          {with(told(tokens, "0103-2", 102*time.Second)), numbers{strangers: 1}, "never heard of"},
		"told before subscribing":        {with(told(latecomer, "0103-1", 20*time.Second)), numbers{strangers: 1, duplicates: 1}, "before following"},
		"told after leaving":             {with(told(leaver, "0103-2", 102*time.Second)), numbers{strangers: 1}, "after leaving"},
		"leaving holds within 1 s":       {with(told(leaver, "", 62*time.Second)), numbers{}, ""},
		"a notice nobody published":      {with(told(driver, "0103-9", 20*time.Second)), numbers{strangers: 1}, "no officer has published"},
		"a chat nobody has":              {with(told(99, "0103-1", 20*time.Second)), numbers{strangers: 1}, "nobody here has"},
		"an alert long after the end":    {both(without(driver, "0103-1"), with(told(driver, "0103-1", 103*time.Second))), numbers{missed: 1, stale: 1, strangers: 1}, "began 3s after the end"},
		"an alert on the way at the end": {with(told(leaver, "", time.Second)), numbers{}, ""},
		"no end":                         {without(driver, "0103-2"), numbers{noEnd: 1}, "never that it works again"},
		"no end for the platform":        {without(platform, "0103-2"), numbers{noEnd: 1}, "platform:ecitizen-payments"},
		"no end for a latecomer":         {without(latecomer, "0103-2"), numbers{noEnd: 1}, "arrived in mid-outage"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := day(n).Judge(c.doctor(honest()))
			if got := (numbers{r.Missed, r.Duplicates, r.Strangers, r.Stale, r.NoEnd}); got != c.want {
				t.Errorf("got %+v, want %+v: %q", got, c.want, r.Violations)
			}
			if !strings.Contains(strings.Join(r.Violations, "\n"), c.says) {
				t.Errorf("examples %q do not say %q", r.Violations, c.says)
			}
			if c.want == (numbers{}) && !r.Passed() || c.want != (numbers{}) && r.Passed() {
				t.Errorf("passed: %t", r.Passed())
			}
		})
	}
}

func TestVerdictCountsWhatItSaw(t *testing.T) {
	t.Parallel()
	r := day(kenya(t)).Judge(honest())
	if r.Sent != 9 || r.Edited != 1 || r.FirstMessageMS != 501 || r.Hear != 2 || r.NotHear != 2 {
		t.Errorf("got %+v", r)
	}
}

// A wave that the end has overtaken owes nothing to whom it has not reached.
func TestVerdictForgivesAnOvertakenWave(t *testing.T) {
	t.Parallel()
	c := demo.Small(kenya(t), subscriptions.ScopeService("kws-nairobi-np"), subscriptions.ScopeService("kra-pay-tax"))
	c.Outage("0103-1", 10*time.Second, "ecitizen-payments")
	c.CutNewest()
	c.End("0103-2", 11*time.Second)
	c.Quiet(30 * time.Second)
	ledger := []telegramtest.Entry{told(driver, "0103-1", 10500*time.Millisecond), told(driver, "0103-2", 11500*time.Millisecond)}
	if r := c.Judge(ledger); !r.Passed() {
		t.Errorf("who was never told is owed no end: %+v", r)
	}
	if r := c.Judge(ledger[:1]); r.NoEnd != 1 {
		t.Errorf("who was told in time is owed the end: %+v", r)
	}
}

func TestVerdictAsksForCorrections(t *testing.T) {
	t.Parallel()
	c := demo.Small(kenya(t), subscriptions.ScopeService("knec-results"), subscriptions.ScopeAgency("knec"), subscriptions.ScopeService("kra-pay-tax"))
	c.Outage("0109-1", 10*time.Second, "knec-portals")
	c.Quiet(20 * time.Second)
	c.Correction("0109-2", 30*time.Second, "knec-results")
	c.Quiet(40 * time.Second)
	ledger := []telegramtest.Entry{told(1, "0109-1", 11*time.Second), told(2, "0109-1", 11*time.Second), told(1, "0109-2", 31*time.Second)}
	if r := c.Judge(ledger); r.Missed != 1 || r.Strangers != 0 {
		t.Errorf("one of two was told of the correction: %+v", r)
	}
}

// The file's lists are worked out by its authors from the catalogue; ours from
// the steps. They must agree before any program runs.
func TestHearListsFollowFromTheSteps(t *testing.T) {
	t.Parallel()
	n := kenya(t)
	all, err := demo.Incidents(n)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		reached := demo.Reached(n, i)
		for _, id := range i.Hear {
			if !slices.Contains(reached, id) {
				t.Errorf("%s: nobody would tell the followers of %s", i.ID, id)
			}
		}
		for _, id := range i.NotHear {
			if slices.Contains(reached, id) {
				t.Errorf("%s: followers of %s would be told", i.ID, id)
			}
		}
	}
}

// An alarm is false where nothing fails that it is about, whoever is blamed for it.
func TestVerdictCountsFalseWakeUps(t *testing.T) {
	t.Parallel()
	n := kenya(t)
	all, err := demo.Incidents(n)
	at := slices.IndexFunc(all, func(i demo.Incident) bool { return i.ID == "ke-2025-01-03-ecitizen-payments" })
	if err != nil || at < 0 {
		t.Fatalf("third of January: %d (%v)", at, err)
	}
	about := func(ids ...subscriptions.ServiceID) subscriptions.Alarm {
		return subscriptions.Alarm{Platform: "mpesa", Services: ids}
	}
	for _, c := range []struct {
		name   string
		alarms []subscriptions.Alarm
		want   int
	}{
		{"nobody was woken", nil, 0},
		{"of what fails", []subscriptions.Alarm{about("kws-nairobi-np"), about("kra-pay-tax", "kplc-tokens")}, 0},
		{"of what does not fail", []subscriptions.Alarm{about("kplc-tokens")}, 1},
		{"of both, twice of what does not", []subscriptions.Alarm{about("kws-nairobi-np"), about("kplc-tokens"), about("mpesa-paybill")}, 2},
	} {
		if got := day(n).FalseWakeUps(all[at], c.alarms...); got != c.want {
			t.Errorf("%s: %d false wake-ups, want %d", c.name, got, c.want)
		}
	}
}
