package main

import (
	"strings"
	"testing"
)

// Every fault of the file at once, each with its line and its key.
func TestConfigFile(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, file string
		want       []string // nil = it is read
	}{
		{"nothing", "", nil},
		{"a comment", "# nothing yet\n", nil},
		{"values and lists", "listen: 127.0.0.1:80\nprobe-networks: [10.0.0.0/8, 192.168.0.0/16]\nhooks: []\n", nil},
		{"no keys", "- listen\n", []string{"line 1: write the names of settings"}},
		{"no YAML", "a: b: c\n", []string{"config: yaml"}},
		{"no value", "listen:\n", []string{"line 1: listen has no value"}},
		{"twice", "listen: a\nlisten: b\n", []string{"line 2: listen stands already on line 1"}},
		{"keys for a value", "public-url: {host: x}\n", []string{"line 1: public-url takes one value"}},
		{"more than words", "probe-networks: [[a]]\n", []string{"line 1: probe-networks holds more than words"}},
		{"keys for a list", "hooks: {name: x}\n", []string{"line 1: hooks: must be a list"}},
		{"many", "hooks:\n  - name: prometheus\n    knd: alertmanager\n    rules:\n      - {match: {a: b}, platfrom: mpesa}\n      - {match: {a: [b]}, ignore: maybe}\n  - none\n", []string{
			"line 3: hooks[0].knd: unknown key: use name, kind, secret, secret-file, rules", "line 5: hooks[0].rules[0].platfrom: unknown key: use match, platform, ignore",
			"line 6: hooks[0].rules[1].match.a: must be one value", "line 6: hooks[0].rules[1].ignore: must be true or false", "line 7: hooks[1]: must be keys with values"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var s settings
			_, err := s.readFile(strings.NewReader(c.file))
			if (err == nil) != (c.want == nil) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v\nwant %q", err, want)
				}
			}
		})
	}
}
