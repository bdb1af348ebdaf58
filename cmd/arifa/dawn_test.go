package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"go.yaml.in/yaml/v3"

	"arifa/bot/desk"
	"arifa/cmd/arifa/demo"
	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

// The mornings of the record, in order.
var mornings = []struct {
	incident, begin string
	day             func(m *morning)
}{
	{"ke-2023-10-18-kplc-tokens", "2023-10-14 10:00", eighteenthOfOctober},
	{"ke-2024-01-22-mpesa-kplc", "2024-01-18 10:00", twentySecondOfJanuary},
	{"ke-2025-01-03-ecitizen-payments", "2024-12-30 10:00", thirdOfJanuary},
}

// TestMornings lives through them on SQLite and on PostgreSQL, from the first
// complaint to the last end. A program of each store lives through them all: what
// one leaves behind must not disturb the next.
func TestMornings(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, database string) {
		m := newMorning(t, database, mornings[0].begin)
		for _, of := range mornings {
			t.Run(of.incident, func(t *testing.T) {
				m.T, m.incident, m.proved, m.before = t, of.incident, nil, len(m.all())
				m.at(of.begin)
				of.day(m)
				m.T = t
				m.provedAll()
				m.over()
			})
			m.T = t
		}
		if v := m.net.Violations(); len(v) > 0 {
			t.Errorf("%d requests broke Telegram's limits, first %v", len(v), v[0])
		}
	})
}

// morning is the running program before, in and after an incident of the record:
// officers with phones and citizens in chats of the strict Bot API server. What the
// clock does on the program, the test does: it looks and ticks.
type morning struct {
	*testing.T
	incident string
	before   int // incidents of earlier mornings
	proved   []string
	clock    *demo.Clock
	net      *telegramtest.Server
	program  *service
	log      *safeBuffer
	admin    desk.Actor
	zone     *time.Location
	people   int
	officers []*chat // of this morning
	used     map[string]int64
	since    int64 // entry of the ledger at the newest move of the clock
}

// chat is one person's or group's chat with the bot.
type chat struct {
	*morning
	name   string
	id     int64
	actor  desk.Actor
	secret string
	how    []telegramtest.Option
	deeds  int // taps and messages
}

func newMorning(t *testing.T, database, begin string) *morning {
	t.Helper()
	zone := time.FixedZone("EAT", 3*60*60)
	m := &morning{T: t, zone: zone, log: &safeBuffer{}, used: map[string]int64{}}
	m.clock = demo.NewClock(m.time(begin))
	m.net = telegramtest.Start(t, telegramtest.Config{Clock: m.clock.Now, KeepLast: telegramtest.KeepNone, Limits: &telegramtest.Limits{},
		Tag: func(text string) string { return noticeNumber.FindString(text) }})
	s := &settings{Database: database, PublicURL: "https://arifa.example.go.ke", TelegramToken: m.net.Token(), TelegramAPI: m.net.URL(), TelegramMode: "poll",
		TelegramRate: 500, TelegramInFlight: 4, Tenure: 30 * time.Second, SampleSize: 20, UnofficialAfter: 20 * time.Minute}
	ctx, stop := context.WithCancel(context.Background())
	log := slog.New(slog.NewJSONHandler(m.log, nil))
	st, err := open(ctx, database, migrated, log)
	m.must(err)
	m.program, err = newService(ctx, s, st, log, m.clock.Now, tempo{owner: "test", chatEvery: 20 * time.Millisecond, groupPerMinute: 100_000})
	m.must(err)
	ended := make(chan error, 1)
	go func() { ended <- m.program.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	made, err := m.program.desk.AddOfficer(t.Context(), desk.Actor{Via: "cli"}, desk.AddOfficer{Name: "Amina", Roles: []subscriptions.Grant{{Role: subscriptions.Admin}}}, m.clock.Now())
	m.must(err)
	m.admin, err = m.program.desk.Authenticate(t.Context(), made.Key, "cli")
	m.must(err)
	return m
}

func (m *morning) must(err error) {
	m.Helper()
	if err != nil {
		m.Fatalf("%v\n%s", err, m.log.String())
	}
}

// time reads a local time of the record.
func (m *morning) time(s string) time.Time {
	m.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, m.zone)
	if err != nil {
		m.Fatal(err)
	}
	return at
}

// at goes forward to a local time; the promised words fall due there.
func (m *morning) at(s string) {
	m.Helper()
	m.clock.Leap(m.time(s))
	m.since = m.net.Seq()
	m.must(m.program.desk.Tick(m.Context(), m.clock.Now()))
	m.look()
}

// look is what the program does every quarter of a minute.
func (m *morning) look() {
	m.Helper()
	m.must(m.program.desk.Watch(m.Context(), m.clock.Now()))
}

// proves runs a check that is named after the sentence of the record that it proves.
func (m *morning) proves(sentence string, check func()) {
	m.Helper()
	all := m.T
	all.Run(sentence, func(t *testing.T) {
		m.T = t
		check()
	})
	m.T = all
	if all.Failed() {
		all.FailNow() // what follows builds on it
	}
	m.proved = append(m.proved, sentence)
}

// provedAll holds the names of the checks to the record: each is a sentence of the
// incident, and what a good system would have done is proved in full.
func (m *morning) provedAll() {
	m.Helper()
	file, err := os.ReadFile("demo/incidents-ke.yaml")
	m.must(err)
	var record struct {
		Incidents []struct {
			ID       string
			Title    string
			Expect   []string
			Traps    []string
			Sequence []struct{ Text string }
			Replay   []struct{ Note string }
		}
	}
	m.must(yaml.Unmarshal(file, &record))
	for _, i := range record.Incidents {
		if i.ID != m.incident {
			continue
		}
		known := append(slices.Concat(i.Expect, i.Traps), i.Title)
		for _, s := range i.Sequence {
			known = append(known, s.Text)
		}
		for _, s := range i.Replay {
			known = append(known, s.Note)
		}
		for _, s := range m.proved {
			if !slices.Contains(known, s) {
				m.Errorf("the record of %s does not say %q", i.ID, s)
			}
		}
		for _, s := range i.Expect {
			if !slices.Contains(m.proved, s) {
				m.Errorf("nothing proves %q", s)
			}
		}
		return
	}
	m.Fatalf("there is no incident %q", m.incident)
}

// citizen is somebody who has followed a service for some days, and pressed Start long
// ago.
func (m *morning) citizen(name string, service subscriptions.ServiceID) *chat {
	m.Helper()
	c := &chat{morning: m, name: name, id: 530_000_000 + m.number()}
	m.net.AddUser(c.id, "en")
	m.net.Unblock(c.id)
	m.net.KeepText(c.id)
	now := m.clock.Now()
	r, err := m.program.store.SaveRecipient(m.Context(), subscriptions.Recipient{Lane: m.program.networks[0].id(), Address: subscriptions.AddressOf(strconv.FormatInt(c.id, 10)),
		Kind: subscriptions.Person, Language: "en", CreatedAt: now})
	m.must(err)
	_, err = m.program.store.Subscribe(m.Context(), r.ID, []subscriptions.Follow{{Scope: subscriptions.ScopeService(service), Since: now, Consent: "test"}}, now)
	m.must(err)
	return c
}

// newcomer is somebody who follows a service by talking.
func (m *morning) newcomer(name string, service subscriptions.ServiceID) *chat {
	m.Helper()
	c := &chat{morning: m, name: name, id: 530_000_000 + m.number()}
	m.net.AddUser(c.id, "en")
	m.net.KeepText(c.id)
	c.follows(service)
	return c
}

// group is a group that follows a service by its administrator's tap.
func (m *morning) group(name string, service subscriptions.ServiceID) *chat {
	m.Helper()
	c := &chat{morning: m, name: name, id: -410_000_000 - m.number(), how: []telegramtest.Option{telegramtest.By(9)}}
	m.net.AddUser(9, "en")
	m.net.AddGroup(c.id, 9)
	m.net.KeepText(c.id)
	c.follows(service)
	return c
}

func (c *chat) follows(service subscriptions.ServiceID) {
	c.Helper()
	before := c.net.Seq()
	if len(c.how) > 0 {
		_, err := c.net.Say(c.id, "/start@"+c.net.Username()+" "+string(service), c.how...)
		c.must(err)
	} else {
		_, err := c.net.Start(c.id, string(service))
		c.must(err)
		before = c.taps(c.answer(before, "lang en"), "lang en")
	}
	c.answer(c.taps(c.answer(before, "follow "+string(service)), "follow "+string(service)), "leave "+string(service))
}

// answer waits for a message after an entry of the ledger with a button whose data
// begins so.
func (c *chat) answer(after int64, data string) telegramtest.Message {
	c.Helper()
	return c.waits(fmt.Sprintf("a button %q", data), func(m telegramtest.Message) bool { return m.Seq > after && dataOf(m, data) != "" })
}

// taps presses that button and returns the entry of the ledger before it.
func (c *chat) taps(m telegramtest.Message, data string) int64 {
	c.Helper()
	before := c.net.Seq()
	_, err := c.net.Press(c.id, m.ID, dataOf(m, data), c.how...)
	c.must(err)
	return before
}

func dataOf(m telegramtest.Message, prefix string) string {
	for _, row := range m.Buttons {
		for _, b := range row {
			if b.Data == prefix || strings.HasPrefix(b.Data, prefix+" ") {
				return b.Data
			}
		}
	}
	return ""
}

func (c *chat) waits(what string, fits func(telegramtest.Message) bool) telegramtest.Message {
	c.Helper()
	ctx, cancel := context.WithTimeout(c.Context(), 60*time.Second)
	defer cancel()
	got, err := c.net.WaitFor(ctx, c.id, func(m telegramtest.Message) bool { return m.FromBot && fits(m) })
	if err != nil {
		c.Fatalf("%s waits for %s: %v\n%v\n%s", c.name, what, err, c.net.Messages(c.id), c.log.String())
	}
	return got
}

// reads waits for a message since the newest move of the clock that says all of this.
func (c *chat) reads(texts ...string) telegramtest.Message {
	c.Helper()
	return c.readsAfter(c.since, texts...)
}

func (c *chat) readsAfter(after int64, texts ...string) telegramtest.Message {
	c.Helper()
	return c.waits(fmt.Sprintf("%q", texts), func(m telegramtest.Message) bool {
		return m.Seq > after && !slices.ContainsFunc(texts, func(s string) bool { return !strings.Contains(m.Text, s) })
	})
}

func (c *chat) says(text string, want ...string) telegramtest.Message {
	c.Helper()
	c.deeds++
	before := c.net.Seq()
	_, err := c.net.Say(c.id, text, c.how...)
	c.must(err)
	return c.readsAfter(before, want...)
}

// presses a button by its words, of which * stands for the rest, and waits for what comes of it.
func (c *chat) presses(m telegramtest.Message, label string, want ...string) telegramtest.Message {
	c.Helper()
	data := ""
	for _, row := range m.Buttons {
		for _, b := range row {
			if start, any := strings.CutSuffix(label, "*"); b.Text == label || any && strings.HasPrefix(b.Text, start) {
				data = b.Data
			}
		}
	}
	if data == "" {
		c.Fatalf("%s sees no button %q on %q %v", c.name, label, m.Text, m.Buttons)
	}
	c.deeds++
	before := c.net.Seq()
	_, err := c.net.Press(c.id, m.ID, data, c.how...)
	c.must(err)
	return c.readsAfter(before, want...)
}

// complains says that a service fails, with how they tried and some words.
func (c *chat) complains(service subscriptions.ServiceID, how subscriptions.Tried) {
	c.Helper()
	s, _ := c.program.library.effective().Service(service)
	before := c.net.Seq()
	to := "/report "
	if len(c.how) > 0 {
		to = "/report@" + c.net.Username() + " "
	}
	_, err := c.net.Say(c.id, to+strings.ToLower(s.Name.In("en")), c.how...)
	c.must(err)
	m := c.waits("a way to report", func(m telegramtest.Message) bool {
		return m.Seq > before && dataOf(m, "tried")+dataOf(m, "report "+string(service)) != ""
	})
	if dataOf(m, "tried") == "" {
		m = c.answer(c.taps(m, "report "+string(service)), "tried")
	}
	button := ""
	for _, row := range m.Buttons {
		for _, b := range row {
			if strings.HasPrefix(b.Data, "tried ") && strings.Contains(b.Data, string(how)) {
				button = b.Data
			}
		}
	}
	before = c.net.Seq()
	_, err = c.net.Press(c.id, m.ID, button, c.how...)
	c.must(err)
	c.readsAfter(before, "Noted.")
}

// burst lets people complain one after the other, 8 s apart, while the program looks
// when enough have to be believed.
func (m *morning) burst(service func(k int) subscriptions.ServiceID, how subscriptions.Tried, people ...*chat) {
	m.Helper()
	for k, c := range people {
		c.complains(service(k), how)
		m.clock.Leap(m.clock.Now().Add(8 * time.Second))
		if k >= 7 {
			m.look()
		}
	}
}

// told lists the new messages that carry a notice's number.
func (c *chat) told(keys ...string) (out []telegramtest.Message) {
	for _, m := range c.net.Messages(c.id) {
		if m.FromBot && m.Tag != "" && (len(keys) == 0 || slices.Contains(keys, m.Tag)) {
			out = append(out, m)
		}
	}
	return out
}

// officer hires somebody with a role, and ties her phone to her.
func (m *morning) officer(name string, agency subscriptions.AgencyID, roles ...subscriptions.Role) *chat {
	m.Helper()
	c := &chat{morning: m, name: name, id: 700_000_000 + m.number()}
	var grants []subscriptions.Grant
	for _, r := range roles {
		grants = append(grants, subscriptions.Grant{Role: r, Agency: agency})
	}
	past := m.clock.Now().Add(-time.Hour) // the digits of her enrolment are long over
	d := m.program.desk
	made, err := d.AddOfficer(m.Context(), m.admin, desk.AddOfficer{Name: name, Roles: grants}, past)
	m.must(err)
	who, err := d.Authenticate(m.Context(), made.Key, "cli")
	m.must(err)
	code, err := totp.GenerateCode(made.Secret, past)
	m.must(err)
	own, err := d.Enrol(m.Context(), who, code, past)
	m.must(err)
	c.secret = own.Secret
	c.actor, err = d.Authenticate(m.Context(), own.Key, "cli")
	m.must(err)
	link, err := d.StartLink(m.Context(), c.actor, made.Officer.ID, m.clock.Now())
	m.must(err)
	m.net.AddUser(c.id, "en")
	m.net.KeepText(c.id)
	_, err = m.net.Start(c.id, "")
	m.must(err)
	c.says("/link "+link, "Linked")
	m.officers = append(m.officers, c)
	return c
}

// over ends a morning: its officers go, and nobody wakes them on the next.
func (m *morning) over() {
	m.Helper()
	for _, c := range m.officers {
		_, err := m.program.desk.Freeze(m.Context(), m.admin, c.actor.Officer.ID, m.clock.Now())
		m.must(err)
	}
	m.officers = nil
}

// number counts those who have a chat.
func (m *morning) number() int64 {
	m.people++
	return int64(m.people)
}

// duty puts an officer on the list from one hour to another, every day.
func (m *morning) duty(c *chat, agency subscriptions.AgencyID, from, to int) {
	m.Helper()
	turn := subscriptions.Duty{Agency: agency, From: from * 60, To: to * 60}
	for d := time.Sunday; d <= time.Saturday; d++ {
		turn.Days = append(turn.Days, d)
	}
	_, err := m.program.desk.SetDuty(m.Context(), m.admin, c.actor.Officer.ID, []subscriptions.Duty{turn}, m.clock.Now())
	m.must(err)
}

func (m *morning) head(c *chat, agency subscriptions.AgencyID) {
	m.Helper()
	_, err := m.program.desk.SetHead(m.Context(), m.admin, c.actor.Officer.ID, agency, true, m.clock.Now())
	m.must(err)
}

// digits are the officer's next six: half a minute passes.
func (c *chat) digits() string {
	c.Helper()
	c.clock.Leap(c.clock.Now().Add(30 * time.Second))
	step := max(c.clock.Now().Unix()/30, c.used[c.name]+1)
	c.used[c.name] = step
	code, err := totp.GenerateCode(c.secret, time.Unix(step*30, 0))
	c.must(err)
	return code
}

// opens the desk, where it is locked with six digits, and returns its first card.
func (c *chat) opens() telegramtest.Message {
	c.Helper()
	before := c.net.Seq()
	_, err := c.net.Say(c.id, "/desk")
	c.must(err)
	home := "The desk: " + c.name
	card := c.waits("the desk", func(m telegramtest.Message) bool {
		return m.Seq > before && (strings.Contains(m.Text, home) || strings.Contains(m.Text, "Write your six digits"))
	})
	if strings.Contains(card.Text, home) {
		return card
	}
	return c.says(c.digits(), home)
}

// wave waits until the newest word has gone out.
func (m *morning) wave() {
	m.Helper()
	all, err := m.program.desk.Notices(m.Context(), 0, subscriptions.Published)
	m.must(err)
	newest := slices.MaxFunc(all, func(a, b subscriptions.Notice) int { return a.PublishedAt.Compare(b.PublishedAt) })
	until(m.T, "everything to be sent", func() bool {
		p, err := m.program.desk.Progress(m.Context(), newest.ID)
		m.must(err)
		return p.Expanded && p.Count(subscriptions.Pending) == 0
	})
}

func (m *morning) all() []subscriptions.Incident {
	m.Helper()
	all, err := m.program.store.Incidents(m.Context(), time.Time{})
	m.must(err)
	return all
}

// incidents are those of this morning, the newest first.
func (m *morning) incidents() []subscriptions.Incident {
	m.Helper()
	all := m.all()
	return all[:len(all)-m.before]
}

// first is the first incident of this morning, and called what officers read.
func (m *morning) first() subscriptions.IncidentID {
	m.Helper()
	all := m.incidents()
	return all[len(all)-1].ID
}

func (m *morning) called() string { return fmt.Sprintf("Incident %d", m.first()) }

func (m *morning) notice(key subscriptions.NoticeKey) subscriptions.Notice {
	m.Helper()
	all, err := m.program.desk.Notices(m.Context(), 0)
	m.must(err)
	at := slices.IndexFunc(all, func(n subscriptions.Notice) bool { return n.Key == key })
	if at < 0 {
		m.Fatalf("there is no notice %s", key)
	}
	return all[at]
}

// page is what everybody reads on the public page.
func (m *morning) page(path string) string {
	m.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "https://arifa.example.go.ke"+path, nil)
	m.program.pages.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		m.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

// ends counts the words of an end that a person was sent, without those that answered
// a question.
func (c *chat) ends() (n int) {
	for _, m := range c.told() {
		if strings.Contains(m.Text, "This was announced as over:") {
			continue
		}
		if first, _, _ := strings.Cut(m.Text, "\n"); strings.Contains(strings.Replace(strings.ToLower(first), "works", "work", 1), "work again") {
			n++
		}
	}
	return n
}

const (
	arrived  = "Yes, they arrived"
	notKnown = "Not known yet: we say within 2 hours"
)

// restores says that the first incident is over: whether payments arrived, and that
// nobody pays again or is moved. sure is the button that says whom it reaches.
func (c *chat) restores(landed, sure, said string) {
	c.Helper()
	card := c.presses(c.opens(), c.called(), "Investigating")
	card = c.presses(card, "It works again …", "question 1 of 3")
	card = c.presses(card, landed, "question 2 of 3")
	card = c.presses(card, "No", "question 3 of 3")
	card = c.presses(card, "No", "Preview: restored")
	c.presses(card, sure, said)
	c.wave()
}
