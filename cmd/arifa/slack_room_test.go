package main

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"arifa/bot/desk"
	"arifa/notifiers/slack"
	"arifa/notifiers/slack/slacktest"
	"arifa/subscriptions"
)

// room is where the officers of the tests work together.
const room = "G0ROOM"

// day is a clock that begins on 3 January 2025 and can be put forward.
type day struct {
	begun time.Time
	skip  atomic.Int64
}

func newDay() *day { return &day{begun: time.Now()} }

func (d *day) now() time.Time {
	return time.Date(2025, 1, 3, 3, 4, 0, 0, time.UTC).Add(time.Since(d.begun) + time.Duration(d.skip.Load()))
}

func (d *day) pass(t time.Duration) { d.skip.Add(int64(t)) }

// slackOfficer is an officer with an account in the workspace.
type slackOfficer struct {
	*slackTown
	name   string
	uid    string
	actor  desk.Actor
	secret string
	taps   int
}

// roomTown is a town with an officers' channel.
func roomTown(t *testing.T, mode string, change ...func(*settings)) *slackTown {
	t.Helper()
	d := newDay()
	w := newSlackTown(t, mode, slacktest.Config{Limits: &slacktest.Limits{}, Clock: d.now}, append(change, func(s *settings) { s.SlackOfficersChannel = room })...)
	w.day = d
	w.srv.AddChannel(slacktest.Channel{ID: room, Name: "officers", Private: true, Members: []string{slacktest.BotUser}})
	return w
}

// joins makes an officer with roles and ties an account to her.
func (w *slackTown) joins(name string, roles ...subscriptions.Grant) *slackOfficer {
	w.Helper()
	o := &slackOfficer{slackTown: w, name: name, uid: "U0" + strings.ToUpper(name)}
	w.srv.AddUser(slacktest.User{ID: o.uid, Name: strings.ToLower(name)})
	w.srv.Invite(room, o.uid)
	n, err := w.v.desk.AddOfficer(w.Context(), w.author, desk.AddOfficer{Name: name, Roles: roles}, w.v.now())
	if err != nil {
		w.Fatal(err)
	}
	if o.actor, err = w.v.desk.Authenticate(w.Context(), n.Key, "cli"); err != nil {
		w.Fatal(err)
	}
	o.secret = n.Secret
	own, err := w.v.desk.Enrol(w.Context(), o.actor, o.digits(), w.v.now())
	if err != nil {
		w.Fatal(err)
	}
	o.secret = own.Secret
	if o.actor, err = w.v.desk.Authenticate(w.Context(), own.Key, "cli"); err != nil {
		w.Fatal(err)
	}
	code, err := w.v.desk.StartLink(w.Context(), o.actor, o.actor.Officer.ID, w.v.now())
	if err != nil {
		w.Fatal(err)
	}
	o.command("link " + code)
	o.whispered("This chat is now " + name + "'s")
	return o
}

// soon ends a wait for what never comes.
func (w *slackTown) soon() context.Context {
	ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
	w.Cleanup(cancel)
	return ctx
}

// digits are the officer's six digits; each is used once, so time passes.
func (o *slackOfficer) digits() string {
	o.Helper()
	o.day.pass(31 * time.Second)
	code, err := totp.GenerateCode(o.secret, o.v.now())
	if err != nil {
		o.Fatal(err)
	}
	return code
}

func (o *slackOfficer) command(words string) {
	o.Helper()
	o.srv.CloseModal(o.uid)
	d, err := o.srv.Command(o.uid, room, slack.Command, words)
	if err != nil {
		o.Fatal(err)
	}
	if ack := d.Wait(); !ack.OK {
		o.Fatalf("/arifa %s was not acknowledged", words)
	}
}

// sees waits for a window that shows all of these.
func (o *slackOfficer) sees(texts ...string) slacktest.View {
	o.Helper()
	v, err := o.srv.WaitModal(o.soon(), o.uid, func(v slacktest.View) bool { return holds(v.Title+"\n"+v.Text, texts) })
	if err != nil {
		now, _ := o.srv.Modal(o.uid)
		o.Fatalf("%s never saw %q: %v; the window shows\n%s\n%s", o.name, texts, err, now.Title, now.Text)
	}
	return v
}

func holds(text string, all []string) bool {
	for _, s := range all {
		if !strings.Contains(text, s) {
			return false
		}
	}
	return true
}

func (o *slackOfficer) whispered(text string) {
	o.Helper()
	if _, err := o.srv.WaitEphemeral(o.soon(), o.uid, func(m slacktest.Message) bool { return strings.Contains(m.Text, text) }); err != nil {
		o.Fatalf("%s was never told %q: %v; %+v", o.name, text, err, o.srv.Ephemerals(o.uid))
	}
}

// tap presses a button of the open window, once it is there.
func (o *slackOfficer) tap(label string) {
	o.Helper()
	o.taps++
	if v, err := o.srv.WaitModal(o.soon(), o.uid, func(v slacktest.View) bool { return v.Has(label) }); err != nil {
		o.Fatalf("%s never saw the button %q: %v; the window shows\n%s\n%s", o.name, label, err, v.Title, v.Text)
	}
	d, err := o.srv.PressIn(o.uid, label)
	if err != nil {
		o.Fatal(err)
	}
	if ack := d.Wait(); !ack.OK {
		o.Fatalf("%s was not acknowledged", label)
	}
}

// writes fills in the form of the open window and sends it.
func (o *slackOfficer) writes(text string) {
	o.Helper()
	o.taps++
	if err := o.srv.Fill(o.uid, "Your", text); err != nil {
		o.Fatal(err)
	}
	d, err := o.srv.Submit(o.uid)
	if err != nil {
		o.Fatal(err)
	}
	if ack := d.Wait(); !ack.OK {
		o.Fatal("the form was not acknowledged")
	}
}

// presses presses a button under a message; whatever window was open is closed
// before.
func (o *slackOfficer) presses(m slacktest.Message, label string) {
	o.Helper()
	o.taps++
	o.srv.CloseModal(o.uid)
	d, err := o.srv.Press(o.uid, m.Channel, m.TS, label)
	if err != nil {
		o.Fatal(err)
	}
	if ack := d.Wait(); !ack.OK {
		o.Fatalf("%s was not acknowledged", label)
	}
}

// called waits for a message to the officer alone.
func (o *slackOfficer) called(texts ...string) slacktest.Message {
	o.Helper()
	return o.reads(o.uid, texts...)
}

// unlocks opens the desk.
func (o *slackOfficer) unlocks() {
	o.Helper()
	o.sees("Locked")
	o.writes(o.digits())
}

// onBoard waits for a message of the officers' channel.
func (w *slackTown) onBoard(texts ...string) slacktest.Message {
	w.Helper()
	m, err := w.srv.WaitFor(w.soon(), room, func(m slacktest.Message) bool { return holds(m.Text, texts) })
	if err != nil {
		w.Fatalf("the officers' channel never showed %q: %v; it shows\n%s", texts, err, w.standing(room))
	}
	return m
}

// standing is everything that stands in a place, for the reader of a test.
func (w *slackTown) standing(place string) string {
	var all []string
	for _, m := range w.srv.Messages(place) {
		all = append(all, m.TS+" in "+m.Thread+"\n"+m.Text)
	}
	return strings.Join(all, "\n----\n")
}

// reads waits for a message of the bot in a channel or to a person.
func (w *slackTown) reads(place string, texts ...string) slacktest.Message {
	w.Helper()
	m, err := w.srv.WaitFor(w.soon(), place, func(m slacktest.Message) bool { return holds(m.Text, texts) })
	if err != nil {
		w.Fatalf("%s never read %q: %v; there stands\n%s", place, texts, err, w.standing(place))
	}
	return m
}

func author(a subscriptions.AgencyID) subscriptions.Grant {
	return subscriptions.Grant{Role: subscriptions.Author, Agency: a}
}

func approver(a subscriptions.AgencyID) subscriptions.Grant {
	return subscriptions.Grant{Role: subscriptions.Approver, Agency: a}
}

// From "/arifa outage 222222" to the published holding statement: at most three
// taps, also where the desk is locked.
func TestTheFirstWordFromSlack(t *testing.T) {
	t.Parallel()
	w := roomTown(t, "socket")
	w.srv.AddChannel(slacktest.Channel{ID: "C0NEWS", Name: "news", Members: []string{slacktest.BotUser}})
	esther := w.joins("Esther2", author("ecitizen"))
	w.srv.Change(esther.uid, func(u *slacktest.User) { u.Admin = true })
	if d, err := w.srv.Command(esther.uid, "C0NEWS", slack.Command, "follow all"); err != nil || !d.Wait().OK {
		t.Fatal(err)
	}
	esther.whispered("everything")
	esther.taps = 0
	esther.command("outage 222222")
	esther.unlocks()
	esther.sees("Payments to 222222 (eCitizen) are not working", "Malipo kwa 222222", "Next update by", "reaches 1 recipient")
	esther.tap("Publish now")
	m := w.reads("C0NEWS", "Payments to 222222 (eCitizen) are not working", "Malipo kwa 222222")
	if esther.taps > 3 {
		t.Errorf("got %d taps, want at most three", esther.taps)
	}
	if m.Thread != "" || !strings.HasPrefix(m.Fallback, "Payments to 222222") {
		t.Errorf("got %+v", m)
	}
	esther.taps = 0
	esther.command("outage 222222") // the desk is open now: what is announced is shown
	esther.sees("fails in this incident already")
	w.onBoard("Incident 1", "1 of 1 told")
	w.goesOn(esther)
}

// goesOn lets her keep the promise, say more, and stop it, from the one message that
// shows how far it is.
func (w *slackTown) goesOn(o *slackOfficer) {
	w.Helper()
	live := w.onBoard("Incident 1")
	o.presses(live, "No change +2 h")
	o.sees("0103-2 is published and going out")
	o.presses(w.onBoard("Incident 1", "0103-2 update"), "Update")
	o.walks("What is new?", "It is repaired; we are watching it")
	o.sees("Preview: update")
	o.tap("Publish now")
	o.sees("0103-3 is published and going out")
	now := w.onBoard("Incident 1", "Monitoring", "0103-3 update")
	o.presses(now, "Stop")
	o.walks("Stop it now?", "Yes")
	o.sees("Stopped: 0103-3")
	if at := w.onBoard("Incident 1", "0103-3 update", "stopped"); at.TS != live.TS || now.TS != live.TS {
		w.Error("it goes on in another message")
	}
}
