package slack_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"arifa/bot"
	"arifa/notifiers/slack"
	"arifa/notifiers/slack/slacktest"
	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
	"arifa/subscriptions/sqlite"
	"arifa/subscriptions/wording"
)

// The conversations that officers agreed to pass through Slack's face too: the same
// words and buttons in a direct message, with a bare word where other networks have
// a command. Who is a stranger yet reads that the workspace's owners may read along.
func TestTranscriptsInADirectMessage(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for i, topic := range []string{"follow", "status", "pay", "verify", "fails", "stop", "forget", "mydata"} {
		for k, language := range []string{"en", "sw"} {
			name := topic + "-" + language
			script, err := os.ReadFile(filepath.Join("..", "..", "bot", "testdata", name+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			s.play(t, name, fmt.Sprintf("%d%d", i, k), string(script))
		}
	}
	if refused := s.srv.Refused(); len(refused) > 0 {
		t.Errorf("Slack refused %+v", refused)
	}
}

// scene is a workspace with the real conversation over the real store and catalogue.
type scene struct {
	*world
	store   *sqlite.Store
	kenya   *subscriptions.Nation
	nation  atomic.Pointer[subscriptions.Nation]
	minutes atomic.Int64 // that the clock was put forward
	person  string
	last    slacktest.Message // with the buttons that can be pressed
	heard   int               // entries of the ledger that were read
}

type searcher struct{ *catalogue.Index }

func (s searcher) Search(query string, limit int) []bot.Found {
	var out []bot.Found
	for _, h := range s.Index.Search(query, limit) {
		out = append(out, bot.Found{Service: h.Service, Agency: h.Agency, Platform: h.Platform, Score: h.Score})
	}
	return out
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{world: &world{log: &logged{}}, store: open(t), kenya: must[*subscriptions.Nation](t)(catalogue.Kenya())}
	s.nation.Store(s.kenya)
	s.srv = workspace(t)
	now := func() time.Time {
		return time.Date(2025, 1, 2, 7, 0, 0, 0, time.UTC).Add(time.Duration(s.minutes.Load()) * time.Minute)
	}
	s.ch = channelTo(t, s.srv.URL(), s.log, func(c *slack.Config) { c.Now = now })
	conversation := bot.New(bot.Config{Register: s.store, Bulletins: s.store, Complaints: s.store, Alarms: s.store, Samples: s.store,
		Nation: s.nation.Load, Search: searcher{catalogue.NewIndex(s.kenya)}, Speaker: must[*wording.Speaker](t)(wording.NewSpeaker()), Host: "arifa.go.ke",
		BotName: func(subscriptions.LaneID) string { return "arifa_bot" }, Accounts: func() []string { return []string{"arifa_kenya"} },
		Overseen: func(l subscriptions.LaneID) bool { return l.Network() == "slack" }})
	ears := s.ch.Ears(slack.EarsConfig{Inbox: s.store, Register: s.store, Conversation: conversation, Reply: s.reply, Sockets: 1}).Hasten(5 * time.Millisecond)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- ears.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	if err := s.srv.WaitSockets(soon(t), 1); err != nil {
		t.Fatal(err)
	}
	return s
}

// play says what people say in a transcript, and compares every answer.
func (s *scene) play(t *testing.T, name, cast, script string) {
	t.Helper()
	s.nation.Store(s.kenya)
	s.minutes.Store(0)
	language := name[len(name)-2:]
	s.enter(cast, "amina", language)
	var said string
	var want []string
	warned, strange := 0, map[string]bool{}
	check := func(number int) {
		if said != "" {
			strange[s.person] = true
			warned += s.answers(t, fmt.Sprintf("%s:%d: %s", name, number, said), want)
		}
		said, want = "", nil
	}
	for number, line := range strings.Split(script, "\n") {
		mark, rest, _ := strings.Cut(line, " ")
		switch {
		case mark == "<":
			want = append(want, rest)
			continue
		case mark == "=":
			if scope, ok := strings.CutPrefix(rest, "follows "); ok {
				s.follows(t, name, strings.Fields(scope)[0])
			}
			continue
		}
		check(number)
		switch mark {
		case ">":
			said = rest
			s.says(t, said)
		case "@":
			said = s.happens(t, cast, rest)
		}
	}
	check(-1)
	if warned != len(strange) {
		t.Errorf("%s: %d people were told %d times that the workspace's owners may read along", name, len(strange), warned)
	}
}

func (s *scene) enter(cast, name, language string) {
	s.person = "U0" + cast + strings.ToUpper(name)
	s.srv.AddUser(slacktest.User{ID: s.person, Name: name, Locale: language + "-KE"})
	s.heard = len(s.srv.Entries())
}

var pressedLabel = regexp.MustCompile(`^\[(.+)\]$`)

func (s *scene) says(t *testing.T, text string) {
	t.Helper()
	if m := pressedLabel.FindStringSubmatch(text); m != nil {
		if ack := must[*slacktest.Deed](t)(s.srv.Press(s.person, s.last.Channel, s.last.TS, m[1])).Wait(); !ack.OK {
			t.Fatalf("%s was not acknowledged", text)
		}
		return
	}
	// Slack takes what begins with a slash for itself: the bare word is said there, or
	// with more behind it a space before the slash, which Slack lets through.
	text = strings.ReplaceAll(text, `\n`, "\n")
	if bare, ok := strings.CutPrefix(text, "/"); ok && !strings.Contains(bare, " ") {
		text = bare
	} else if ok {
		text = " " + text
	}
	if err := s.srv.Say(s.person, text); err != nil {
		t.Fatal(err)
	}
}

// happens does what an "@" line says, and returns it where it is to be answered.
func (s *scene) happens(t *testing.T, cast, line string) (said string) {
	t.Helper()
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "person":
		words := append(strings.Fields(rest), "en")
		s.enter(cast, words[0], words[1])
	case "at":
		at := must[time.Time](t)(time.ParseInLocation("2006-01-02 15:04", rest, s.kenya.Location()))
		s.minutes.Store(int64(at.Sub(time.Date(2025, 1, 2, 7, 0, 0, 0, time.UTC)) / time.Minute))
	case "forward":
		if err := s.srv.Share(s.person, strings.ReplaceAll(rest, `\n`, "\n")); err != nil {
			t.Fatal(err)
		}
		return line
	case "confirm": // two officers confirmed a destination
		n := *s.kenya
		n.Registry = slices.Clone(n.Registry)
		for k := range n.Registry {
			if string(n.Registry[k].ID) == rest {
				n.Registry[k].Verify, n.Registry[k].ExpectName = false, n.Registry[k].ExpectNameUnconfirmed
			}
		}
		s.nation.Store(&n)
	case "stored", "reports":
	default:
		t.Fatalf("%q is not played in Slack", line)
	}
	return ""
}

const ownersEn, ownersSw = "The owners of this workspace may be able to read what is written here.", "Wamiliki wa nafasi hii ya kazi huenda wakaweza kusoma yanayoandikwa hapa."

// answers waits until all that was answered stands there, and counts the warnings.
func (s *scene) answers(t *testing.T, what string, want []string) (warned int) {
	t.Helper()
	var missing, lines []string
	for end := time.Now().Add(time.Minute); ; time.Sleep(2 * time.Millisecond) {
		lines = s.read()
		missing = nil
		for _, w := range wanted(want) {
			if !slices.Contains(lines, w) {
				missing = append(missing, w)
			}
		}
		if len(missing) == 0 && (len(lines) > 0 || slices.Equal(want, []string{"(silence)"})) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%s\nwas answered without %q:\n%s\n%s", what, missing, strings.Join(lines, "\n"), s.log)
		}
	}
	s.heard = len(s.srv.Entries())
	extra := slices.DeleteFunc(lines, func(l string) bool { return slices.Contains(wanted(want), l) })
	for _, l := range extra {
		switch {
		case l == ownersEn || l == ownersSw:
			warned++
		case !slices.ContainsFunc(want, func(w string) bool { return strings.HasPrefix(w, "[copy ") }): // a place's name stands beside it
			t.Errorf("%s\nwas answered with %q too", what, l)
		}
	}
	return warned
}

// wanted are the lines of a transcript's cards, one a line or button, as Slack's face
// says them.
func wanted(card []string) (out []string) {
	for _, l := range card {
		switch {
		case l == "" || l == "(silence)":
		case strings.HasPrefix(l, "[copy "):
			out = append(out, strings.TrimSuffix(l[len("[copy "):], "]"))
		case strings.HasPrefix(l, "[") && strings.HasSuffix(l, "]"):
			for _, label := range strings.Split(l[1:len(l)-1], "] [") {
				out = append(out, "["+label+"]")
			}
		case strings.HasPrefix(l, "<http"):
			out = append(out, l)
		case strings.HasPrefix(l, "*") && strings.HasSuffix(l, "*"), strings.HasPrefix(l, "(") && strings.HasSuffix(l, ")"):
			out = append(out, slack.Slashless(l[1:len(l)-1]))
		default: // of Telegram they were written down
			out = append(out, slack.Slashless(strings.ReplaceAll(l, "Telegram", "Slack")))
		}
	}
	return out
}

// read are the lines and buttons of what the bot has written or changed since the
// last answer.
func (s *scene) read() (lines []string) {
	var changed []string
	for _, e := range s.srv.Entries()[s.heard:] {
		if e.User == s.person && (e.Kind == slacktest.Send || e.Kind == slacktest.Edit) && !slices.Contains(changed, e.TS) {
			changed = append(changed, e.TS)
		}
	}
	for _, m := range s.srv.Messages(s.person) {
		if !slices.Contains(changed, m.TS) {
			continue
		}
		s.last = m
		for _, l := range strings.Split(m.Text, "\n") {
			lines = append(lines, strings.TrimSpace(l))
		}
		for _, b := range m.Buttons {
			if b.URL != "" {
				lines = append(lines, "<"+b.URL+">")
			} else {
				lines = append(lines, "["+b.Label+"]")
			}
		}
	}
	return lines
}

// follows holds the register to a line of the transcript.
func (s *scene) follows(t *testing.T, name, scope string) {
	t.Helper()
	r := must[subscriptions.Recipient](t)(s.store.Recipient(t.Context(), s.ch.Name(), subscriptions.AddressOf(s.person)))
	follows := must[[]subscriptions.Follow](t)(s.store.Follows(t.Context(), r.ID, s.minute()))
	if !slices.ContainsFunc(follows, func(f subscriptions.Follow) bool { return string(f.Scope) == scope }) {
		t.Errorf("%s: %s is not followed: %+v", name, scope, follows)
	}
}

func (s *scene) minute() time.Time {
	return time.Date(2025, 1, 2, 7, int(s.minutes.Load()), 0, 0, time.UTC)
}
