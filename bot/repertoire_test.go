package bot_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"arifa/bot"
	"arifa/subscriptions"
)

// Every command stands in a transcript of every language, by one of its names, and
// every language of the catalogue has the same transcripts.
func TestTranscriptsCoverTheRepertoire(t *testing.T) {
	t.Parallel()
	typed := map[subscriptions.Language]map[string]bool{}
	for _, base := range transcripts(t) {
		i := strings.LastIndex(base, "-")
		l := subscriptions.Language(base[i+1:])
		if len(l) != 2 { // of no one language
			continue
		}
		b, err := os.ReadFile("testdata/" + base + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		if typed[l] == nil {
			typed[l] = map[string]bool{}
		}
		for _, line := range strings.Split(string(b), "\n") {
			if text, ok := strings.CutPrefix(line, "> /"); ok {
				name, _, _ := strings.Cut(text, " ")
				name, _, _ = strings.Cut(name, "@")
				typed[l][strings.ToLower(name)] = true
			}
		}
		for _, other := range theWorld(t).nation.Languages {
			if _, err := os.Stat("testdata/" + base[:i+1] + string(other) + ".txt"); err != nil {
				t.Errorf("%s has no sister in %s", base, other)
			}
		}
	}
	for act, names := range bot.CommandNames() {
		for _, l := range theWorld(t).nation.Languages {
			if !slices.ContainsFunc(names, func(n string) bool { return typed[l][n] }) {
				t.Errorf("no transcript in %s has the command %s (/%s)", l, act, strings.Join(names, ", /"))
			}
		}
	}
}
