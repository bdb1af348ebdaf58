package bot_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"arifa/bot"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

var update = flag.Bool("update", false, "write the transcripts anew; read the difference")

// TestTranscripts plays every conversation of testdata against the real store,
// catalogue and search. A line begins with
//
//	#  a remark
//	>  what the citizen writes; "> [Follow]" presses a button of the last card
//	@  what happens: the clock, who speaks, what the desk publishes
//	<  what we answer, a card a block; buttons stand as [Label]
//	=  what is stored afterwards
func TestTranscripts(t *testing.T) {
	t.Parallel()
	reached, played := newSituations(), transcripts(t)
	t.Run("of", func(t *testing.T) { perform(t, played, reached) })
	if reached.played == len(played) { // not where only some were chosen
		reached.check(t)
	}
}

func perform(t *testing.T, all []string, reached *situations) {
	for _, base := range all {
		name := filepath.Join("testdata", base+".txt")
		t.Run(base, func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, string(want), reached.of(base))
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
}

// transcripts are the names of the files in testdata.
func transcripts(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("transcripts: %v, %d found", err, len(files))
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(filepath.Base(f), ".txt")
	}
	return files
}

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
func play(t *testing.T, script string, reach func(situation string)) string {
	t.Helper()
	s := newStage(t)
	s.reach = reach
	var out []string
	for number, line := range strings.Split(script, "\n") {
		mark, rest, _ := strings.Cut(line, " ")
		switch mark {
		case "<", "=":
			continue
		case ">":
			out = append(out, line)
			out = append(out, s.say(number+1, rest)...)
		case "@":
			out = append(out, line)
			out = append(out, s.happen(number+1, rest)...)
		default:
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

// say lets the present citizen write or press.
func (s *stage) say(number int, text string) []string {
	h := s.speaker
	if m := pressed.FindStringSubmatch(text); m != nil {
		h.Choice = s.data(number, m[1])
	} else {
		h.Text = strings.ReplaceAll(text, `\n`, "\n")
	}
	return s.hear(number, h)
}

var pressed = regexp.MustCompile(`^\[(.+)\]$`)

func (s *stage) data(number int, label string) string {
	for _, row := range s.last.Choices {
		for _, c := range row {
			if c.Label == label {
				return c.Data
			}
		}
	}
	s.t.Fatalf("line %d: no button [%s] on the last card, which has %v", number, label, s.last.Choices)
	return ""
}

func (s *stage) hear(number int, h bot.Heard) []string {
	s.t.Helper()
	h.At = s.now
	s.note(h)
	cards, err := s.bot.Hear(context.Background(), h)
	if err != nil {
		s.t.Fatalf("line %d: %v", number, err)
	}
	s.asked(h)
	if len(cards) == 0 {
		return []string{"< (silence)"}
	}
	var out []string
	for _, c := range cards {
		s.last = c
		checkCard(s.t, number, c, s.nation)
		out = append(out, shown(c)...)
	}
	return out
}

// happen does what an "@" line says.
func (s *stage) happen(number int, line string) []string {
	s.t.Helper()
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "at":
		at, err := time.ParseInLocation("2006-01-02 15:04", rest, s.nation.Location())
		if err != nil {
			s.t.Fatalf("line %d: %v", number, err)
		}
		s.now = at.UTC()
	case "person", "group", "admin":
		s.enter(verb, strings.Fields(rest))
	case "link":
		h := s.speaker
		h.Start = rest
		return s.hear(number, h)
	case "forward":
		h := s.speaker
		h.Text, h.Forwarded = strings.ReplaceAll(rest, `\n`, "\n"), true
		return s.hear(number, h)
	case "name": // in a group: said to us
		h := s.speaker
		h.Text, h.Named = rest, true
		return s.hear(number, h)
	case "forward-notice":
		h := s.speaker
		h.Text, h.Forwarded = s.noticeText(rest), true
		return s.hear(number, h)
	case "left":
		s.must(s.bot.Left(context.Background(), s.speaker.Lane, s.speaker.Address, s.now))
	case "back":
		s.must(s.bot.Back(context.Background(), s.speaker.Lane, s.speaker.Address, s.speaker.Kind, s.now))
	case "stored":
		return s.stored()
	default:
		return s.desk(number, verb, rest)
	}
	return nil
}

// enter lets another citizen speak from here on: "person amina sw", "group safari
// en" for a member, "admin safari en" for its administrator.
func (s *stage) enter(kind string, words []string) {
	h := bot.Heard{Lane: lane, Address: subscriptions.AddressOf(words[0]), Kind: subscriptions.Person}
	if kind != "person" {
		h.Kind, h.Admin, h.Title = subscriptions.Group, kind == "admin", "Safari drivers"
	}
	if len(words) > 1 {
		h.Language = subscriptions.Language(words[1])
	}
	s.speaker = h
}

// stored says what the register keeps of the present citizen.
func (s *stage) stored() []string {
	ctx := context.Background()
	r, err := s.store.Recipient(ctx, s.speaker.Lane, s.speaker.Address)
	if err != nil {
		return []string{"= nothing is stored"}
	}
	follows, err := s.store.Follows(ctx, r.ID, s.now)
	s.must(err)
	words := []string{string(r.Kind), "language " + orNone(string(r.Language))}
	if r.Silent {
		words = append(words, "silent")
	}
	if !r.GoneAt.IsZero() {
		words = append(words, "gone")
	}
	if r.Talk.State != "" {
		words = append(words, "asked: "+r.Talk.State)
	}
	out := []string{"= " + strings.Join(words, ", ")}
	for _, f := range follows {
		line := "= follows " + string(f.Scope)
		if f.Incident != 0 {
			line += fmt.Sprintf(" while incident %d lasts", f.Incident)
		}
		if !f.Until.IsZero() {
			line += " until " + f.Until.In(s.nation.Location()).Format("2006-01-02 15:04")
		}
		out = append(out, line+" ("+f.Consent+")")
	}
	return out
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// shown writes a card as it stands in a transcript.
func shown(c wording.Card) []string {
	var out []string
	if c.Title != "" {
		out = append(out, "< *"+c.Title+"*")
	}
	for _, l := range c.Lines {
		out = append(out, "< "+l)
	}
	for _, l := range c.Footer {
		out = append(out, "< ("+l+")")
	}
	for _, l := range c.Links {
		out = append(out, "< <"+l.URL+">")
	}
	for _, b := range c.Copy {
		out = append(out, "< [copy "+b.Value+"]")
	}
	for _, row := range c.Choices {
		var labels []string
		for _, b := range row {
			labels = append(labels, "["+b.Label+"]")
		}
		out = append(out, "< "+strings.Join(labels, " "))
	}
	return out
}
