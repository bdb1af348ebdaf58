package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"arifa/subscriptions/postgres/postgrestest"
)

// TestRehearse runs the real program against the receiver, faults included.
func TestRehearse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		database func(t *testing.T) string
	}{
		{"sqlite", func(*testing.T) string { return defaultDatabase }},
		{"postgresql", func(t *testing.T) string { return postgrestest.Database(t) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			plot, profile := filepath.Join(t.TempDir(), "pace.svg"), filepath.Join(t.TempDir(), "cpu.prof")
			code, out, errs := cmd(t, "", "rehearse", "--json", "--database", c.database(t), "--subscribers", "300", "--connections", "4", "--cap", "16",
				"--rate", "400", "--failures", "0.1", "--too-many", "0.003", "--plot", plot, "--profile", profile)
			if code != 0 {
				t.Fatalf("exit %d:\n%s%s", code, out, errs)
			}
			var got map[string]float64
			if err := json.Unmarshal([]byte(out), &got); err != nil {
				t.Fatalf("%v in %s", err, out)
			}
			if len(got) != 8 || got["missed"] != 0 || got["duplicates"] != 0 || got["messages_per_second"] <= 0 || got["messages_per_second"] > 400 || got["share_of_raw_floor"] <= 0 {
				t.Errorf("got %v", got)
			}
			if svg, err := os.ReadFile(plot); err != nil || !strings.HasPrefix(string(svg), "<svg ") {
				t.Errorf("no picture: %v", err)
			}
			if p, err := os.ReadFile(profile); err != nil || !strings.HasPrefix(string(p), "\x1f\x8b") {
				t.Errorf("no profile: %v", err)
			}
		})
	}
}

func TestRehearse_says_what_is_wrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ args, want string }{
		"nobody":      {"--subscribers -1", "--subscribers -1"},
		"small cap":   {"--cap 3", "from --connections (64)"},
		"not a share": {"--failures 2", "shares from 0 to 1"},
		"no number":   {"--too-many NaN", "shares from 0 to 1"},
		"no pace":     {"--rate Inf", "--rate +Inf"},
		"no answer":   {"--latency 10s", "below request-timeout"},
		"no country":  {"--subscribers 99999999999", "at most"},
		"a minus":     {"--forecast --subscribers -4", "at least 1"},
		"for ever":    {"--forecast --subscribers 99999999999999", "at most"},
		"too slow":    {"--forecast --subscribers 5 --rate 1e-9", "from 0.01"},
		"no server":   {"--database postgres://arifa@127.0.0.1:1/x", "Check --database, that its server runs"},
		"platform":    {"--forecast --platforms nonsense", "no platform"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := filepath.Join(t.TempDir(), "arifa.db")
			if code, _, errs := cmd(t, "", "migrate", "--database", database); code != 0 {
				t.Fatal(errs)
			}
			code, _, errs := cmd(t, "", append([]string{"rehearse", "--database", database}, strings.Fields(c.args)...)...)
			if code == 0 || !strings.Contains(errs, c.want) {
				t.Errorf("exit %d, said %q, want %q", code, errs, c.want)
			}
		})
	}
}

func TestRehearse_forecast(t *testing.T) {
	t.Parallel()
	code, out, errs := cmd(t, "", "rehearse", "--forecast", "--subscribers", "1000000", "--telegram-rate", "28")
	if code != 0 || !strings.Contains(out, "the last one would know after 9h55m15s") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}

// The people of a register are told at invented addresses: as many as follow
// something that breaks, and the register itself stays as it is.
func TestRehearse_the_real_register(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, database string) {
		if code, _, errs := cmd(t, "", "migrate", "--database", database); code != 0 {
			t.Fatal(errs)
		}
		_, out, errs := cmd(t, "", "officer", "add", "Amina Otieno", "--role", "admin", "--database", database, "--json")
		var officer struct{ Key string }
		if err := json.Unmarshal([]byte(out), &officer); err != nil {
			t.Fatalf("%v in %s%s", err, out, errs)
		}
		key := officer.Key
		lines := []string{"lane,address,language,services,consent"}
		for i := range 40 {
			service := "kra-pay-tax"
			if i%4 == 0 {
				service = "kplc-tokens" // does not use 222222
			}
			lines = append(lines, fmt.Sprintf("telegram:7,%d,sw,%s,counter", 880_000_001+i, service))
		}
		if code, _, errs := cmd(t, strings.Join(lines, "\n")+"\n", "import", "subscribers", "-", "--database", database, "--officer-key", key); code != 0 {
			t.Fatal(errs)
		}
		log := filepath.Join(t.TempDir(), "log")
		code, out, errs := cmd(t, "", "rehearse", "--real", "--database", database, "--connections", "4", "--cap", "16", "--log", log)
		if code != 0 || !strings.Contains(out, "30 people of your register") || !strings.Contains(out, "30 told, 0 missed, 0 told twice, 0 not recorded") {
			t.Fatalf("exit %d:\n%s%s", code, out, errs)
		}
		if b, err := os.ReadFile(log); err != nil || strings.Contains(string(b), "8800000") {
			t.Errorf("a real address in the log of a rehearsal (%v)", err)
		}
		if _, out, _ := cmd(t, "", "notice", "list", "--json", "--database", database, "--officer-key", key); strings.Contains(out, "outage") {
			t.Errorf("the register itself was told: %s", out)
		}
	})
}
