package desk_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/bot/desk/talk"
	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
	"arifa/subscriptions/wording"
)

// room is the desk as a conversation, over the real store, catalogue, search and
// desk, with every officer in a private chat of a network that edits in place and
// takes messages away.
type room struct {
	*bundle
	talk     *talk.Talk
	caller   *talk.Caller
	people   map[string]*person // by name
	chats    map[string]*chatroom
	me       *chatroom // who speaks
	last     talk.Heard
	mute     map[string]bool // networks' chats that refuse
	lost     int             // of the next messages
	linkCode string
	begun    int // starts of the desk
	shown    *repertoire
}

// chatroom is one private chat as its owner sees it.
type chatroom struct {
	name     string
	identity subscriptions.Identity
	mu       sync.Mutex
	messages []wording.Card
	gone     []bool
	fresh    []string // lines that were not shown yet
}

var indexOnce = sync.OnceValue(func() *catalogue.Index {
	n, err := parsed()
	if err != nil {
		panic(err)
	}
	return catalogue.NewIndex(n)
})

type search struct{}

func (search) Search(query string, limit int) []talk.Found {
	var out []talk.Found
	for _, h := range indexOnce().Search(query, limit) {
		out = append(out, talk.Found{Service: h.Service, Platform: h.Platform, Agency: h.Agency})
	}
	return out
}

func newRoom(t *testing.T) *room {
	t.Helper()
	r := &room{bundle: setup(t), chats: map[string]*chatroom{}, mute: map[string]bool{}}
	r.people = map[string]*person{"Amina": &r.admin, "Barasa": &r.second, "Esther": &r.ecAuthor, "Eric": &r.ecApprover, "Kamau": &r.kraAuthor, "Kerubo": &r.kraApprover,
		"Peter": &r.kplc, "Saida": &r.safaricom, "Wanjiru": &r.kws, "Wekesa": &r.kwsSecond}
	c := r.desk.Config
	c.Rand = seeded(1)
	var err error
	r.desk, err = desk.New(c)
	r.must(err)
	speaker, err := speaker()
	r.must(err)
	stop := regexp.MustCompile(`(?i)^(stop|help|acha|kiswahili)$`)
	r.talk, err = talk.New(talk.Config{Desk: r.desk, Chats: r.store, Calls: r.store, Search: search{}, Speaker: speaker.Strict(), Citizen: stop.MatchString,
		Rand: seeded(2)})
	r.must(err)
	r.restart()
	return r
}

// source gives the same numbers in every run, to many goroutines.
type source struct {
	mu sync.Mutex
	r  *rand.ChaCha8
}

func seeded(seed byte) *source { return &source{r: rand.NewChaCha8([32]byte{seed})} }

func (s *source) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.r.Read(p)
}

// restart is another process on the same database.
func (r *room) restart() {
	r.caller = talk.NewCaller(talk.CallerConfig{Talk: r.talk, Now: func() time.Time { return r.now },
		Mouths: []talk.Mouth{{Network: "telegram", Say: r.say}}})
}

// chatOf is an officer's chat; it is linked when it is asked for first.
func (r *room) chatOf(name string) *chatroom {
	r.Helper()
	if c := r.chats[name]; c != nil {
		return c
	}
	c := r.strange(name)
	if p := r.people[name]; p != nil {
		r.bundle.chat(*p, c.identity.Subject)
	}
	return c
}

// strange is a chat that belongs to no officer.
func (r *room) strange(name string) *chatroom {
	c := &chatroom{name: name, identity: subscriptions.Identity{Provider: "telegram", Subject: fmt.Sprint(500 + len(r.chats))}}
	r.chats[name] = c
	return c
}

func (r *room) byAddress(a subscriptions.Address) *chatroom {
	for _, c := range r.chats {
		if c.identity.Subject == a.Reveal() {
			return c
		}
	}
	return nil
}

// say is the mouth of the network.
func (r *room) say(_ context.Context, to subscriptions.Address, s talk.Saying) (string, error) {
	chat := r.byAddress(to)
	if chat == nil || r.mute[chat.name] {
		return "", talk.ErrDead
	}
	chat.mu.Lock()
	defer chat.mu.Unlock()
	if r.lost > 0 {
		r.lost--
		return "", errors.New("the network is down")
	}
	return chat.show(r.T, s.Card, s.Edit, "call"), nil
}

// show puts a card into the chat, or in place of a message, and notes what its owner
// sees.
func (c *chatroom) show(t *testing.T, card wording.Card, edit, how string) string {
	checkOfficersCard(t, card)
	k := len(c.messages)
	if _, err := fmt.Sscan(edit, &k); edit != "" && err == nil && k < len(c.messages) && !c.gone[k] {
		c.messages[k], how = card, "in place"
	} else {
		k = len(c.messages)
		c.messages, c.gone = append(c.messages, card), append(c.gone, false)
	}
	if how != "" {
		c.fresh = append(c.fresh, "< ("+how+")")
	}
	c.fresh = append(c.fresh, shown(card)...)
	return fmt.Sprint(k)
}

// checkOfficersCard holds a card to what the narrowest network takes.
func checkOfficersCard(t *testing.T, c wording.Card) {
	t.Helper()
	size := len(c.Title)
	for _, l := range append(c.Lines, c.Footer...) {
		size += len(l) + 1
	}
	if size > 4096 || size == 0 {
		t.Errorf("a card of %d bytes: %q", size, c.Title)
	}
	labels := map[string]bool{}
	for _, row := range c.Choices {
		for _, b := range row {
			if len(b.Data) > 64 || len(b.Data) == 0 || strings.TrimSpace(b.Label) == "" {
				t.Errorf("button %q carries %d bytes", b.Label, len(b.Data))
			}
			if labels[b.Label] && b.Label != "Not affected" {
				t.Errorf("two buttons say %q on %q", b.Label, c.Title)
			}
			labels[b.Label] = true
		}
	}
}

// shown writes a card as it stands in a transcript.
func shown(c wording.Card) []string {
	var out []string
	if c.Title != "" {
		out = append(out, "< *"+c.Title+"*")
	}
	for _, l := range c.Lines {
		out = append(out, strings.TrimRight("< "+l, " "))
	}
	for _, l := range c.Footer {
		out = append(out, "< ("+l+")")
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

// seen returns what the present officer sees that was not shown yet.
func (r *room) seen() []string {
	if r.me == nil {
		return nil
	}
	r.me.mu.Lock()
	defer r.me.mu.Unlock()
	out := r.me.fresh
	r.me.fresh = nil
	return out
}

// deliverCalls lets the caller carry everything that is due.
func (r *room) deliverCalls() {
	r.Helper()
	for range 50 {
		n, err := r.caller.Once(ctx)
		r.must(err)
		if n == 0 {
			return
		}
	}
	r.Fatal("calls do not end")
}

// hear gives the conversation one thing of the present chat.
func (r *room) hear(h talk.Heard) []string {
	r.Helper()
	r.last = h
	cards, mine, err := r.talk.Hear(ctx, h)
	r.must(err)
	if !mine {
		return []string{"< (a citizen's: the other conversation answers)"}
	}
	var out []string
	r.me.mu.Lock()
	if h.Choice == "" && slices.ContainsFunc(cards, func(c wording.Card) bool { return c.Erase }) {
		out = append(out, "= the message is taken away")
	}
	for _, c := range cards {
		edit := ""
		if c.Replace {
			edit = h.Message
		}
		r.me.show(r.T, c, edit, "")
	}
	r.me.mu.Unlock()
	return append(out, r.seen()...)
}

// button finds a button by its label, on the newest message that has it; back skips
// so many of them.
func (r *room) button(label string, back int) (data, message string) {
	r.Helper()
	for k := len(r.me.messages) - 1; k >= 0; k-- {
		for _, row := range r.me.messages[k].Choices {
			for _, b := range row {
				if b.Label != label {
					continue
				}
				if back == 0 {
					return b.Data, fmt.Sprint(k)
				}
				back--
			}
		}
	}
	return "", ""
}

func (r *room) officer(name string) person {
	r.Helper()
	p := r.people[name]
	if p == nil {
		r.Fatalf("there is no officer %q among %v", name, slices.Sorted(maps.Keys(r.people)))
	}
	return *p
}

// speaking switches to an officer's chat.
func (r *room) speaking(name string) {
	r.Helper()
	r.me = r.chatOf(name)
}

// digits are the six digits of whose chat it is.
func (r *room) digits() string {
	r.Helper()
	r.pass(30 * time.Second) // those of the step before are used up
	return r.code(r.officer(r.me.name))
}
