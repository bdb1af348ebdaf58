package desk_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"arifa/bot/desk/talk"
	"arifa/subscriptions"
)

var update = flag.Bool("update", false, "write the transcripts anew; read the difference")

// TestTranscripts plays every conversation of testdata against the real store,
// catalogue, search and desk. A line begins with
//
//	#  a remark
//	>  what the officer writes; "> [Label]" presses a button, "> [Label] before" that
//	   of an older card; DIGITS and CODE stand for the secrets of the moment
//	@  what happens: the clock, who speaks, what others do on the command line
//	<  what the officer sees; (call) came by itself, (in place) took the place of
//	   another card
//	=  what is stored afterwards
func TestTranscripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("transcripts: %v, %d found", err, len(files))
	}
	shown := &repertoire{seen: map[string]bool{}, refused: map[string]bool{}}
	t.Run("each", func(t *testing.T) {
		for _, name := range files {
			t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
				t.Parallel()
				want, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				r := newRoom(t)
				r.shown = shown
				got := play(r, string(want))
				if *update {
					if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
					return
				}
				if got != string(want) {
					t.Errorf("%s differs; -update writes it anew\n%s", name, firstDifference(got, string(want)))
				}
			})
		}
	})
	shown.whole(t)
}

// repertoire is what the transcripts show of what buttons do.
type repertoire struct {
	mu            sync.Mutex
	seen, refused map[string]bool
}

var verbLine = regexp.MustCompile(`"([a-z-]+)": +(view|deed)\(`)

// whole demands a transcript of every button, of every command and of all that is
// asked for in words, and of a refusal of every deed and of words that do not do.
func (p *repertoire) whole(t *testing.T) {
	t.Helper()
	source, err := os.ReadFile("talk/verbs.go")
	if err != nil {
		t.Fatal(err)
	}
	all := verbLine.FindAllStringSubmatch(string(source), -1)
	if len(all) < 40 {
		t.Fatalf("%d buttons found in talk/verbs.go", len(all))
	}
	for _, m := range all {
		if !p.seen[m[1]] {
			t.Errorf("no transcript presses a button that does %q", m[1])
		}
		if m[2] == "deed" && !p.refused[m[1]] {
			t.Errorf("no transcript shows %q refused", m[1])
		}
	}
	for _, words := range []string{"/link", "/desk", "/desk NAME", "/lock", "unlock", "approval", "reason", "search", "free", "time", "span"} {
		if !p.seen[words] {
			t.Errorf("no transcript writes words for %q", words)
		}
		if words != "free" && !p.refused[words] { // a sentence is refused by the deed that says it
			t.Errorf("no transcript shows words for %q refused", words)
		}
	}
}

// note remembers what a button did, and whether the desk refused it.
func (p *repertoire) note(r *room, h talk.Heard, answer []string) {
	if p == nil || h.Choice == "" {
		return
	}
	fields := strings.Fields(h.Choice)
	c, err := r.store.Card(ctx, h.Chat, fields[1])
	var card struct{ Does []struct{ Do string } }
	if err == nil {
		err = json.Unmarshal(c.Doc, &card)
	}
	k, kerr := strconv.Atoi(fields[2])
	r.must(errors.Join(err, kerr))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen[card.Does[k].Do] = true
	if slices.Contains(answer, "< *Not done*") {
		p.refused[card.Does[k].Do] = true
	}
}

// typed remembers what words did: a command, or the answer to what was asked.
func (p *repertoire) typed(text, asked string, answer []string) {
	did := asked
	if strings.HasPrefix(text, "/") {
		head, _, more := strings.Cut(text, " ")
		if did = head; more && head == "/desk" {
			did = "/desk NAME"
		}
	}
	if p == nil || did == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen[did] = true
	if slices.ContainsFunc(answer, func(l string) bool { return refusal.MatchString(l) }) {
		p.refused[did] = true
	}
}

// refusal is the first line of an answer to words with which nothing was done.
var refusal = regexp.MustCompile(`^< \*?(Not done|Locked|That is no time|From when to when|Nothing is called like this|The code is wrong)`)

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d\n got: %s\nwant: %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("got %d lines, want %d", len(g), len(w))
}

// play keeps what people did and writes our side anew.
func play(r *room, script string) string {
	var out []string
	r.Cleanup(func() {
		if r.Failed() {
			r.Logf("so far:\n%s", strings.Join(out[max(0, len(out)-40):], "\n"))
		}
	})
	for k, line := range strings.Split(script, "\n") {
		mark, rest, _ := strings.Cut(line, " ")
		switch mark {
		case "<", "=":
			continue
		case ">":
			out = append(out, line)
			r.pass(time.Second)
			out = append(out, r.speak(k+1, rest)...)
		case "@":
			out = append(out, line)
			out = append(out, r.happen(k+1, rest)...)
		default:
			out = append(out, line)
			continue
		}
		r.deliverCalls()
		out = append(out, r.seen()...)
	}
	return strings.Join(out, "\n")
}

var pressed = regexp.MustCompile(`^\[(.+)\]((?: before)*)$`)

// speak lets the present officer write or press.
func (r *room) speak(line int, text string) []string {
	r.Helper()
	if r.me == nil {
		r.Fatalf("line %d: nobody speaks; write \"@ as NAME\" first", line)
	}
	h := talk.Heard{Chat: r.me.identity, Private: true, At: r.now}
	if m := pressed.FindStringSubmatch(text); m != nil {
		h.Choice, h.Message = r.button(m[1], strings.Count(m[2], " before"))
		if h.Choice == "" {
			r.Fatalf("line %d: no button [%s]", line, m[1])
		}
		answer := r.hear(h)
		r.shown.note(r, h, answer)
		return answer
	}
	if strings.Contains(text, "DIGITS") {
		text = strings.ReplaceAll(text, "DIGITS", r.digits())
		h.At = r.now
	}
	h.Text = strings.ReplaceAll(text, "CODE", r.linkCode)
	asked := r.asked()
	answer := r.hear(h)
	r.shown.typed(h.Text, asked, answer)
	return answer
}

// asked is what the present chat was asked for in words.
func (r *room) asked() string {
	r.Helper()
	c, err := r.store.Chat(ctx, r.me.identity)
	if err != nil && !errors.Is(err, subscriptions.ErrNotFound) {
		r.Fatal(err)
	}
	return c.Asked.State
}
