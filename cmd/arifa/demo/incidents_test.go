package demo_test

import (
	"strings"
	"testing"

	"arifa/cmd/arifa/demo"
)

const head = "schema: 1\ncountry: KE\ntimezone: Africa/Nairobi\nincidents:\n"

const good = head + `  - id: one
    title: "One"
    kind: unplanned
    platforms: [mpesa]
    services: [mpesa-paybill]
    hear: [mpesa-paybill]
    not_hear: [kra-pin]
    replay:
      - {at: "2025-01-03T06:00:00+03:00", act: nothing, by: null, note: "It begins."}
      - {at: "2025-01-03T07:00:00+03:00", act: open, by: safaricom, kind: outage, platforms: [mpesa], note: "Said."}
      - {at: "2025-01-03T08:00:00+03:00", at_invented: true, act: restored, by: safaricom, kind: restored, platforms: [mpesa], note: "Over."}
`

func TestParseTellsAllFaultsWithTheirLines(t *testing.T) {
	t.Parallel()
	n := kenya(t)
	for name, c := range map[string]struct {
		old, fresh string
		want       []string
	}{
		"good":                 {"", "", nil},
		"an unknown key":       {`kind: unplanned`, `kinds: unplanned`, []string{"line 7", "kinds"}},
		"an unknown step key":  {`note: "Said."`, `remark: "Said."`, []string{"line 14", "remark"}},
		"an unknown service":   {`services: [mpesa-paybill]`, `services: [m-pesa]`, []string{"line 5", `no service "m-pesa"`}},
		"an unknown platform":  {`kind: outage, platforms: [mpesa]`, `kind: outage, platforms: [pesa]`, []string{"line 14", `no platform "pesa"`}},
		"an unknown agency":    {`act: open, by: safaricom`, `act: open, by: saf`, []string{"line 14", `no agency "saf"`}},
		"an unknown act":       {`act: nothing`, `act: none`, []string{"line 13", `no act "none"`}},
		"an unknown kind":      {`kind: outage`, `kind: outrage`, []string{"line 14", `no kind "outrage"`}},
		"nobody acts":          {`act: open, by: safaricom`, `act: open, by: null`, []string{"line 14", "needs an agency"}},
		"no kind":              {`by: safaricom, kind: outage`, `by: safaricom`, []string{"line 14", "needs a kind"}},
		"nothing named":        {`kind: outage, platforms: [mpesa]`, `kind: outage`, []string{"line 14", "needs platforms or services"}},
		"back in time":         {`2025-01-03T08:00`, `2025-01-03T05:00`, []string{"line 15", "back in time"}},
		"restored before open": {`act: open`, `act: notice`, []string{"line 14", "notice before open"}},
		"in both lists":        {`not_hear: [kra-pin]`, `not_hear: [mpesa-paybill]`, []string{"line 5", "in hear and in not_hear"}},
		"another schema":       {`schema: 1`, `schema: 2`, []string{"schema 2"}},
		"several at once":      {`act: open, by: safaricom, kind: outage`, `act: open, by: saf, kind: outrage`, []string{`no agency "saf"`, `no kind "outrage"`}},
		"no YAML":              {`title: "One"`, `title: "One`, []string{"incidents:"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all, err := demo.Parse([]byte(strings.Replace(good, c.old, c.fresh, 1)), n)
			if len(c.want) == 0 {
				if err != nil || len(all) != 1 || len(all[0].Replay) != 3 {
					t.Fatalf("got %v, %v", all, err)
				}
				return
			}
			if err == nil {
				t.Fatal("it was accepted")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v\ndoes not say %q", err, want)
				}
			}
		})
	}
}

func TestTheFileInsideIsWhole(t *testing.T) {
	t.Parallel()
	all, err := demo.Incidents(kenya(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 15 || !all[0].Seed {
		t.Fatalf("%d incidents, the first of which is the seed case: %t", len(all), all[0].Seed)
	}
	for _, i := range all {
		if len(i.Hear)+len(i.NotHear) == 0 {
			t.Errorf("%s says neither who must hear nor who must not", i.ID)
		}
	}
}
