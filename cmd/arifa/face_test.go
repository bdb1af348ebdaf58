package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"arifa/bot/desk"
	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

// An officer ties her chat to herself with a one-time code, on the real program; a
// stranger with a wrong code does not.
func TestOfficerLinksHerChat(t *testing.T) {
	t.Parallel()
	c := newCrash(t, filepath.Join(t.TempDir(), "arifa.db"))
	for _, id := range []int64{500, 501} {
		c.net.AddUser(id, "en")
		c.net.KeepText(id)
		if _, err := c.net.Start(id, ""); err != nil {
			t.Fatal(err)
		}
	}
	code, err := c.office.desk.StartLink(t.Context(), c.office.actor, c.office.actor.Officer.ID, c.app.now())
	if err != nil {
		t.Fatal(err)
	}
	p := serveProgram(t, c.net, c.database)
	say := func(id int64, text, want string) {
		t.Helper()
		if _, err := c.net.Say(id, text); err != nil {
			t.Fatal(err)
		}
		if _, err := c.net.WaitFor(t.Context(), id, func(m telegramtest.Message) bool { return strings.Contains(m.Text, want) }); err != nil {
			t.Fatalf("%q did not lead to %q: %v\n%s", text, want, err, p.log.String())
		}
	}
	say(501, "/link WRONG123", "Not linked")
	say(500, "/link "+code, "Linked")
	say(501, "/link "+code, "used")
	o, err := c.office.store.OfficerBy(t.Context(), subscriptions.Identity{Provider: "telegram", Subject: "500"})
	if err != nil || o.ID != c.office.actor.Officer.ID {
		t.Errorf("the chat belongs to officer %d (%v), want %d", o.ID, err, c.office.actor.Officer.ID)
	}
	if strings.Contains(p.log.String(), code) {
		t.Error("the one-time code is in the log")
	}
}

// ward is the running program with officers and their phones, over the strict Bot
// API; what the command line does is another process's store on the same file.
type ward struct {
	*crash
	log   *safeBuffer
	mu    sync.Mutex
	used  map[string]int64 // time step of an officer's last digits
	typed []string         // digits that were written into a chat
}

type phone struct {
	*ward
	id     int64
	name   string
	secret string
	actor  desk.Actor
}

func newWard(t *testing.T, rate float64) *ward {
	w := &ward{crash: newCrash(t, filepath.Join(t.TempDir(), "arifa.db")), log: &safeBuffer{}, used: map[string]int64{}}
	w.app.TelegramRate, w.app.TelegramInFlight = rate, 4
	ctx, stop := context.WithCancel(context.Background())
	st, err := open(ctx, w.database, migrated, discard())
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	v, err := newService(ctx, w.app.settings, st, log, w.app.now, tempo{owner: "test", chatEvery: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- v.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// officer adds one with a role in eCitizen and links her phone.
func (w *ward) officer(id int64, name string, role subscriptions.Role) *phone {
	w.t.Helper()
	past := w.app.now().Add(-time.Hour) // the digits of her enrolment are long over
	n, err := w.office.desk.AddOfficer(w.t.Context(), w.office.actor, desk.AddOfficer{Name: name, Roles: []subscriptions.Grant{{Role: role, Agency: "ecitizen"}}}, past)
	if err != nil {
		w.t.Fatal(err)
	}
	p := &phone{ward: w, id: id, name: name}
	code, err := totp.GenerateCode(n.Secret, past)
	if err == nil {
		p.actor, err = w.office.desk.Authenticate(w.t.Context(), n.Key, "cli")
	}
	if err == nil { // she replaces what the admin has seen
		n, err = w.office.desk.Enrol(w.t.Context(), p.actor, code, past)
	}
	if err == nil {
		p.secret = n.Secret
		p.actor, err = w.office.desk.Authenticate(w.t.Context(), n.Key, "cli")
	}
	if err != nil {
		w.t.Fatal(err)
	}
	if code, err = w.office.desk.StartLink(w.t.Context(), p.actor, n.Officer.ID, w.app.now()); err != nil {
		w.t.Fatal(err)
	}
	w.net.AddUser(id, "en")
	w.net.KeepText(id)
	if _, err := w.net.Start(id, ""); err != nil {
		w.t.Fatal(err)
	}
	p.say("/link "+code, "Linked")
	return p
}

// sees waits for a message that says what is wanted.
func (p *phone) sees(want string) telegramtest.Message {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 60*time.Second)
	defer cancel()
	m, err := p.net.WaitFor(ctx, p.id, func(m telegramtest.Message) bool { return m.FromBot && strings.Contains(m.Text, want) })
	if err != nil {
		p.t.Fatalf("%s never reads %q: %v; she reads %v\n%s", p.name, want, err, p.net.Messages(p.id), p.ward.log.String())
	}
	return m
}

func (p *phone) say(text, want string) telegramtest.Message {
	p.t.Helper()
	if _, err := p.net.Say(p.id, text); err != nil {
		p.t.Fatal(err)
	}
	return p.sees(want)
}

// press presses a button of a message, and waits for what comes of it.
func (p *phone) press(m telegramtest.Message, label, want string) telegramtest.Message {
	p.t.Helper()
	b, ok := m.Button(label)
	if !ok {
		p.t.Fatalf("%s sees no button %q on %q %v", p.name, label, m.Text, m.Buttons)
	}
	if _, err := p.net.Press(p.id, m.ID, b.Data); err != nil {
		p.t.Fatal(err)
	}
	return p.sees(want)
}

// digits are the next that were not used: a person who waits half a minute would
// see them too.
func (p *phone) digits() string {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	step := max(p.app.now().Unix()/30-1, p.used[p.name]+1)
	p.used[p.name] = step
	code, err := totp.GenerateCode(p.secret, time.Unix(step*30, 0))
	if err != nil {
		p.t.Fatal(err)
	}
	p.typed = append(p.typed, code)
	return code
}

// open opens the desk and returns its first card.
func (p *phone) open() telegramtest.Message {
	p.t.Helper()
	p.say("/desk", "Write your six digits")
	return p.say(p.digits(), "The desk: "+p.name)
}

// The whole walk over the strict Bot API: linked, called by what another process
// did, published from the phone, approved by another in her own chat, stopped.
func TestTheDeskOnAPhone(t *testing.T) {
	t.Parallel()
	w := newWard(t, 500)
	esther, eric := w.officer(500, "Esther", subscriptions.Author), w.officer(501, "Eric", subscriptions.Approver)

	// A deed on the command line, in another process, rings Eric: his chat is locked,
	// so it says no more than that. One tap and his digits stop it.
	first := w.say(new(subscriptions.Incident), 0)
	call := eric.sees("has published alone")
	if strings.Contains(call.Text, "222222") || strings.Contains(call.Text, first.Key.Short()) {
		t.Errorf("a locked chat reads %q", call.Text)
	}
	eric.press(call, "Wrong: stop it", "Locked")
	eric.say(eric.digits(), "Stopped: "+first.Key.Short())
	if n, err := w.office.store.Notice(t.Context(), first.ID); err != nil || n.State != subscriptions.Stopped {
		t.Errorf("the notice is %s (%v), want it stopped", n.State, err)
	}

	// Esther publishes from her phone: from the incident's card, one tap.
	home := esther.open()
	card := esther.press(home, fmt.Sprintf("Incident %d", first.Incident), "Investigating")
	live := esther.press(card, "No change, next update +2 h", "is published and going out")
	if live.ID != card.ID {
		t.Errorf("the answer is message %d, want it in place of %d", live.ID, card.ID)
	}
	eric.sees("Esther published")
	done := esther.sees("has gone out")
	if done.ID != live.ID || !strings.Contains(done.Text, fmt.Sprintf("%d of %d told", crashPeople, crashPeople)) {
		t.Errorf("the live message is %d and ends with %q, want message %d and everybody told", done.ID, done.Text, live.ID)
	}

	// Two officers: submitted by one, approved by the other in his own chat.
	m := esther.say("/desk", "The desk: Esther")
	m = esther.press(m, "Something false circulates", "What is false?")
	m = esther.press(m, "A way to pay", "Rule 4 asks for a second officer")
	esther.press(m, "Submit to a second officer", "Eric was called")
	m = eric.press(eric.sees("waits for a second officer"), "Read it", "Rule 4 asks for a second officer: it is a correction.\nEric has read it")
	esther.sees("Eric has read it")
	eric.press(m, "Approve with six digits", "It goes out at once")
	eric.say(eric.digits(), "is published and going out")
	esther.sees("has gone out")

	// The six digits are nowhere: not in the chat, not in the log, not on the record.
	until(t, "the digits to be taken away", func() bool {
		return !strings.Contains(fmt.Sprint(w.net.Messages(500), w.net.Messages(501)), w.typed[len(w.typed)-1])
	})
	lines, err := w.office.store.AuditLines(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range w.typed {
		for where, text := range map[string]string{"a chat": fmt.Sprint(w.net.Messages(500), w.net.Messages(501)), "the log": w.log.String(), "the audit record": fmt.Sprint(lines)} {
			if strings.Contains(text, `"`+code+`"`) || where != "the log" && strings.Contains(text, " "+code+" ") {
				t.Errorf("six digits stand in %s", where)
			}
		}
	}
	if v := w.net.Violations(); len(v) > 0 {
		t.Errorf("%d requests broke Telegram's limits, first %v", len(v), v[0])
	}
}

// An officer's answer and an officer's call are never behind a broadcast: both come
// while most people are still to be told.
func TestOfficersAreNotBehindABroadcast(t *testing.T) {
	t.Parallel()
	w := newWard(t, 60)
	eric := w.officer(501, "Eric", subscriptions.Approver)
	n := w.say(new(subscriptions.Incident), 0)
	w.waitFirst(n)
	eric.sees("has published alone")
	eric.say("/desk", "Write your six digits")
	p, err := w.office.desk.Progress(t.Context(), n.ID)
	if err != nil {
		t.Fatal(err)
	}
	if sent, left := p.Count(subscriptions.Sent), p.Count(subscriptions.Pending); left < crashPeople/2 || sent == 0 {
		t.Errorf("%d told and %d to go when the officer was answered: she waited behind the broadcast", sent, left)
	}
	if _, err := w.office.desk.Stop(t.Context(), w.office.actor, n.ID, w.app.now()); err != nil {
		t.Fatal(err)
	}
}

// A citizen who became an officer goes on being a citizen in the same chat.
func TestAnOfficerIsACitizenToo(t *testing.T) {
	t.Parallel()
	w := newWard(t, 500)
	esther := w.officer(500, "Esther", subscriptions.Author)
	m := esther.say("kplc tokens", "Electricity tokens")
	esther.press(m, "Follow", "You follow")
	m = esther.open()
	esther.press(m, "Something fails", "What fails?")
	esther.say("STOP", "To come back, write")
	m = esther.say("/status", "No trouble announced")
	if strings.Contains(m.Text, "desk") {
		t.Errorf("a citizen reads %q", m.Text)
	}
	r, err := w.office.store.Recipient(t.Context(), subscriptions.LaneID("telegram:"+strings.SplitN(w.net.Token(), ":", 2)[0]), subscriptions.AddressOf(strconv.Itoa(500)))
	if err != nil {
		t.Fatal(err)
	}
	if follows, err := w.office.store.Follows(t.Context(), r.ID, w.app.now()); err != nil || len(follows) != 0 {
		t.Errorf("after STOP the citizen follows %v (%v), though the desk had asked for a name", follows, err)
	}
}
