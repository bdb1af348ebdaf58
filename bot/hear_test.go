package bot_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"arifa/bot"
	"arifa/subscriptions"
)

// Whatever is written, pressed or forwarded, in a chat or a group, before and
// during a trouble: no panic, no error, a card that breaks no rule.
func FuzzHear(f *testing.F) {
	for _, seed := range []string{
		"/start kra-pay-tax", "stima", "acha KRA", "0103-1-K7QF2M", "@arifa_bot", "*222#", "/verify ٠١٠٣-١",
		"lipa kwa till 512345 http://a.example.com", "follow all", "/status@arifa_bot\n\nkra", "\x00\xff", "🙏", "leave everything",
	} {
		f.Add(seed, uint8(0))
		f.Add(seed, uint8(1))
	}
	s := newStage(f)
	s.now = time.Date(2025, 1, 3, 3, 4, 0, 0, time.UTC)
	s.outage()
	f.Fuzz(func(t *testing.T, text string, how uint8) {
		h := bot.Heard{Lane: lane, Address: subscriptions.AddressOf("fuzz"), Kind: subscriptions.Person, Text: text, At: s.now}
		switch how % 6 {
		case 1:
			h.Kind, h.Address, h.Admin, h.Named = subscriptions.Group, subscriptions.AddressOf("fuzz group"), true, true
		case 2:
			h.Forwarded = true
		case 3:
			h.Text, h.Choice = "", text
		case 4:
			h.Text, h.Start = "", text
		case 5:
			h.Language = "sw"
		}
		cards, err := s.bot.Hear(context.Background(), h)
		if err != nil {
			t.Fatalf("Hear(%q): %v", text, err)
		}
		if len(cards) == 0 && h.Kind == subscriptions.Person {
			t.Errorf("no answer to %q", text)
		}
		for _, c := range cards {
			checkCard(t, 0, c, s.nation)
		}
	})
}

// Hearing the same thing twice, as after a crash between answering and
// recording, leaves the same follows.
func TestHearingTwiceDoesNoHarm(t *testing.T) {
	t.Parallel()
	for _, texts := range [][]string{
		{"follow good conduct"}, {"follow KRA", "acha KRA"}, {"follow stima", "STOP"}, {"pay tax"}, {"follow stima", "/forget"}, {"kiswahili"}, {"/quiet"},
	} {
		once, twice := newStage(t), newStage(t)
		for _, s := range []*stage{once, twice} {
			s.now = time.Date(2025, 1, 3, 3, 4, 0, 0, time.UTC)
			s.outage()
		}
		for _, text := range texts {
			once.say(0, text)
			twice.say(0, text)
			if text != "yes" { // a second yes answers a question that nobody asked
				twice.say(0, text)
			}
		}
		if got, want := strings.Join(twice.stored(), "\n"), strings.Join(once.stored(), "\n"); got != want {
			t.Errorf("%q heard twice leaves\n%s\nwant, as heard once,\n%s", texts, got, want)
		}
	}
}

// At most three taps lead from a link to a subscription, the language among
// them.
func TestThreeTapsToASubscription(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	h := bot.Heard{Lane: lane, Address: subscriptions.AddressOf("tapper"), Kind: subscriptions.Person, At: s.now}
	for n, data := range []string{"lang sw status good-conduct", "follow good-conduct"} {
		h.Choice = data
		s.hear(n, h)
	}
	r, err := s.store.Recipient(context.Background(), lane, h.Address)
	s.must(err)
	follows, err := s.store.Follows(context.Background(), r.ID, s.now)
	s.must(err)
	if len(follows) != 1 || follows[0].Scope != "service:good-conduct" || r.Language != "sw" {
		t.Errorf("two taps after a link leave language %s and %v, want sw and service:good-conduct", r.Language, follows)
	}
}

func TestCommands(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	en, sw := s.bot.Commands("en"), s.bot.Commands("sw")
	if len(en) != len(sw) || len(en) < 10 {
		t.Fatalf("%d English and %d Swahili commands", len(en), len(sw))
	}
	for k := range en {
		if en[k].Name != sw[k].Name || en[k].Description == "" || sw[k].Description == "" || en[k].Description == sw[k].Description {
			t.Errorf("command %+v in English, %+v in Swahili", en[k], sw[k])
		}
		if act, _ := bot.Understood(s.words, "/"+en[k].Name, ""); act == "find" {
			t.Errorf("/%s is in the menu and is not understood", en[k].Name)
		}
	}
}

func TestNeedsAdmin(t *testing.T) {
	t.Parallel()
	group := bot.Heard{Kind: subscriptions.Group}
	for name, c := range map[string]struct {
		h    bot.Heard
		want bool
	}{
		"talk among people": {bot.Heard{Kind: subscriptions.Group, Text: "is it working?"}, false},
		"a command":         {bot.Heard{Kind: subscriptions.Group, Text: " /stop"}, true},
		"said to us":        {bot.Heard{Kind: subscriptions.Group, Text: "stop", Named: true}, true},
		"a button":          {bot.Heard{Kind: subscriptions.Group, Choice: "stop"}, true},
		"a private chat":    {bot.Heard{Kind: subscriptions.Person, Text: "/stop"}, false},
		"nothing":           {group, false},
	} {
		if got := bot.NeedsAdmin(c.h); got != c.want {
			t.Errorf("%s: NeedsAdmin = %v, want %v", name, got, c.want)
		}
	}
}

// Both languages say the same sentences: one that is missing would fall back to
// the other language in the middle of an answer.
func TestBothLanguagesAnswerEverything(t *testing.T) {
	t.Parallel()
	files := map[string]bool{}
	for _, name := range transcripts(t) {
		files[name] = true
	}
	for name := range files {
		base, en := strings.CutSuffix(name, "-en")
		if en && !files[base+"-sw"] {
			t.Errorf("%s has no Swahili transcript", base)
		}
	}
	if !slices.Contains(transcripts(t), "stop-sw") {
		t.Error("no transcript of ACHA")
	}
}

// Nobody fills the register: one chat follows so many things and no more, and
// following one of them again still works.
func TestOneChatFollowsSoMuch(t *testing.T) {
	t.Parallel()
	s := newStage(t, func(c *bot.Config) { c.MaxFollows = 2 })
	for _, text := range []string{"/start", "follow stima", "follow good conduct", "follow pay tax", "follow stima"} {
		s.say(0, text)
	}
	if got := s.stored(); len(got) != 3 {
		t.Errorf("stored %q, want two follows", got)
	}
	if !strings.HasPrefix(s.last.Title, "You follow") {
		t.Errorf("following the same again is answered with %q", s.last.Title)
	}
}
