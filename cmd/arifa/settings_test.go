package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// A setting has one name: --telegram-rate, ARIFA_TELEGRAM_RATE, telegram-rate: in the
// file, and its row in the README. Those of design.md are read without ARIFA_ too.
func TestSettingsAreSpelledOneWay(t *testing.T) {
	t.Parallel()
	var c cli
	parser, err := kong.New(&c, kong.Name("arifa"), kong.Vars{"version": ""}, kong.Configuration(c.readFile))
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(readme), "| setting | default | meaning |")
	table, _, _ = strings.Cut(table, "\n\n")
	bare := []string{"DATABASE", "LISTEN", "ADMIN_LISTEN", "PUBLIC_URL", "CATALOGUE", "OFFICER_KEY"}
	seen := 0
	for _, group := range parser.Model.AllFlags(false) {
		for _, f := range group {
			if f.Group == nil || f.Group.Key != "settings" || f.Name == "json" || f.Name == "config" {
				continue
			}
			seen++
			name := strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
			if len(f.Envs) == 0 || f.Envs[0] != "ARIFA_"+name {
				t.Errorf("--%s is read from %v, want ARIFA_%s first", f.Name, f.Envs, name)
			}
			plain := strings.TrimSuffix(name, "_FILE")
			if (slices.Contains(bare, plain) || strings.HasPrefix(name, "TELEGRAM_") || strings.HasPrefix(name, "SLACK_")) != slices.Contains(f.Envs, name) {
				t.Errorf("--%s is read from %v: with %s or without?", f.Name, f.Envs, name)
			}
			if _, secret := strings.CutSuffix(f.Name, "-file"); !secret && !strings.Contains(table, "`"+f.Name+"`") {
				t.Errorf("README has no row for the setting %s", f.Name)
			}
		}
	}
	if seen < 30 {
		t.Fatalf("only %d settings were looked at", seen)
	}
}

func TestNearestSetting(t *testing.T) {
	t.Parallel()
	known := []string{"ARIFA_DATABASE", "DATABASE", "LISTEN", "TELEGRAM_TOKEN", "TELEGRAM_TOKEN_FILE", "ARIFA_TELEGRAM_RATE"}
	for name, want := range map[string]string{
		"ARIFA_DATABSE": "ARIFA_DATABASE", "ARFIA_DATABASE": "ARIFA_DATABASE", "TELEGRAM_TOKN": "TELEGRAM_TOKEN", "TELEGRM_TOKEN": "TELEGRAM_TOKEN",
		"ARIFA_TELEGRAM_RTE": "ARIFA_TELEGRAM_RATE", "DATABASE_URL": "", "LISTEN_FDS": "", "PATH": "", "TELEGRAM_CHAT": "", "HOME": "",
	} {
		if got := nearest(name, known); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
