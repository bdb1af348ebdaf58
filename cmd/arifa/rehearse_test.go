package main

import (
	"encoding/json"
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
