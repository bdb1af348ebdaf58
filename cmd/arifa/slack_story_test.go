package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/notifiers/slack"
	"arifa/notifiers/slack/slacktest"
	"arifa/subscriptions"
)

// The whole of 3 January 2025 from Slack, as the design tells it: each officer acts
// in her own windows, the team sees it in the officers' channel, a ministry's channel
// and a citizen read what comes of it.
func TestThirdOfJanuaryFromSlack(t *testing.T) {
	for _, mode := range []string{"socket", "http"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			newStory(t, mode).play()
		})
	}
}

// story is the day with its people.
type story struct {
	*slackTown
	esther, kamau, kerubo, wanjiru *slackOfficer
	head                           slacktest.Message // the first word in the ministry's channel
}

const (
	news    = "C0NEWS"
	taxmen  = "G0TAXMEN" // private, in Kiswahili
	akinyi  = "U0AKINYI"
	outage1 = "Payments to 222222 (eCitizen) are not working"
)

func newStory(t *testing.T, mode string) *story {
	t.Helper()
	w := roomTown(t, mode)
	s := &story{slackTown: w}
	s.esther = w.joins("Atieno", author("ecitizen"))
	s.kamau, s.kerubo = w.joins("Kamau", author("kra"), approver("kra")), w.joins("Kerubo", approver("kra"))
	s.wanjiru = w.joins("Wanjiru", author("kws"))
	w.srv.AddChannel(slacktest.Channel{ID: news, Name: "news"}) // the bot enters a public one by itself
	s.esther.commandIn(news, "follow all")
	s.esther.whispered("everything")
	w.srv.AddChannel(slacktest.Channel{ID: taxmen, Name: "taxmen", Private: true, Members: []string{s.kamau.uid, slacktest.BotUser}})
	s.kamau.commandIn(taxmen, "follow agency:kra sw")
	s.kamau.whispered("all of Kenya Revenue Authority")
	w.srv.AddUser(slacktest.User{ID: akinyi, Name: "akinyi", Locale: "en-GB"})
	s.says(akinyi, "follow pay tax", "You follow: Paying tax (KRA)")
	return s
}

func (s *story) play() {
	s.wakeUp()
	s.anotherAgencyJoins()
	s.anotherWay()
	s.restoredWithAHold()
	s.correction()
	s.promise()
	s.calledOnce()
	if n, err := s.v.desk.AuditVerify(s.Context()); err != nil || n < 40 {
		s.Errorf("audit record: %d lines, %v", n, err)
	}
	s.scopes()
}

// calledOnce: the wake-up that arrived without an answer was not said again.
func (s *story) calledOnce() {
	n := 0
	for _, m := range s.srv.Messages(s.esther.uid) {
		if strings.Contains(m.Text, "Wake-up: many report trouble") {
			n++
		}
	}
	if n != 1 {
		s.Errorf("the officer on duty was woken by %d messages, want one:\n%s", n, s.standing(s.esther.uid))
	}
}

// scopes: the manifest asks for exactly those without which something of the day
// would have been refused.
func (s *story) scopes() {
	used := s.srv.UsedScopes()
	for _, scope := range slack.Scopes() {
		if scope != "commands" && !slices.Contains(used, scope) {
			s.Errorf("nothing of the whole day needed the scope %s", scope)
		}
	}
	for _, scope := range used {
		if !slices.Contains(slack.Scopes(), scope) {
			s.Errorf("the manifest lacks the scope %s", scope)
		}
	}
}

// says lets a citizen write, and waits for the answer.
func (w *slackTown) says(person, text string, want ...string) slacktest.Message {
	w.Helper()
	if err := w.srv.Say(person, text); err != nil {
		w.Fatal(err)
	}
	return w.reads(person, want...)
}

// wakeUp: at 06:04 many complain. The officer on duty is called, and the room sees
// it; her digits say the first word.
func (s *story) wakeUp() {
	if _, err := s.v.desk.SetDuty(s.Context(), s.author, s.esther.actor.Officer.ID, []subscriptions.Duty{{Agency: "ecitizen", Days: []time.Weekday{time.Friday}, From: 0, To: 24 * 60}}, s.v.now()); err != nil {
		s.Fatal(err)
	}
	s.srv.Inject(slacktest.Fault{Do: slacktest.CutReply, Channel: s.esther.uid, Times: 1, Methods: []string{"chat.postMessage"}}) // it arrives, and nobody says so
	s.complaints(12, "kws-nairobi-np", "kra-pay-tax", "passport-new", "business-name")
	if err := s.v.desk.Watch(s.Context(), s.v.now()); err != nil {
		s.Fatal(err)
	}
	s.onBoard("Wake-up: many report trouble", "eCitizen payment services", "“"+outage1, "eCitizen is asked")
	call := s.esther.called("Wake-up: many report trouble", "This chat is locked")
	for _, to := range []string{news, akinyi} { // the same
		s.srv.Inject(slacktest.Fault{Do: slacktest.CutReply, Channel: to, Times: 1, Methods: []string{"chat.postMessage"}})
	}
	s.esther.taps = 0
	s.esther.presses(call, "Publish …")
	s.esther.sees("Locked", "publishes the first notice at once")
	s.esther.writes(s.esther.digits())
	s.esther.sees("0103-1 is published and going out")
	if s.esther.taps > 3 {
		s.Errorf("the first word took %d taps", s.esther.taps)
	}
	s.head = s.reads(news, outage1, "Malipo kwa 222222")
	if !strings.HasPrefix(s.head.Fallback, outage1) || s.head.Thread != "" {
		s.Errorf("got %+v", s.head)
	}
	s.reads(akinyi, outage1)
	s.home(akinyi, outage1, "You follow", "Paying tax (KRA)")
	s.onBoard("Alarm: eCitizen payment services", "eCitizen said at", "It was told: incident 1")
	s.onBoard("Incident 1", "0103-1 outage", "3 of 3 told")
	for place, n := range s.told(subscriptions.Notice{Key: "2025-0103-1"}) {
		if n != 1 {
			s.Errorf("%s was told the first word %d times", place, n)
		}
	}
	if m := s.reads(taxmen, "Malipo kwa 222222"); strings.Contains(m.Text, outage1) {
		s.Errorf("a channel that chose Kiswahili reads\n%s", m.Text)
	}
}

// home opens somebody's App Home, and waits until it shows all of these.
func (s *story) home(person string, texts ...string) {
	s.Helper()
	s.srv.OpenHome(person, "home")
	if _, err := s.srv.WaitHome(s.soon(), person, func(v slacktest.View) bool { return holds(v.Text, texts) }); err != nil {
		v, _ := s.srv.Home(person)
		s.Errorf("the App Home of %s never showed %q: %v; it shows\n%s", person, texts, err, v.Text)
	}
}

// complaints are so many people's, in turn about these services.
func (s *story) complaints(n int, of ...subscriptions.ServiceID) {
	lane := s.v.networks[0].id()
	for k := range n {
		s.day.pass(5 * time.Second)
		to := subscriptions.AddressOf(fmt.Sprint("U0MWANANCHI", k))
		r, err := s.store.SaveRecipient(s.Context(), subscriptions.Recipient{Lane: lane, Address: to, Kind: subscriptions.Person, Language: "en", CreatedAt: s.v.now().Add(-90 * 24 * time.Hour)})
		if err != nil {
			s.Fatal(err)
		}
		if _, _, err := s.store.PutReport(s.Context(), subscriptions.Report{Lane: lane, Address: r.Address, Kind: r.Kind, Service: of[k%len(of)], Tried: subscriptions.TriedMpesaApp, At: s.v.now()}); err != nil {
			s.Fatal(err)
		}
	}
}

// anotherAgencyJoins: at ten KRA says that its own service fails with it. Its word is
// in the thread of the first, where nobody's telephone rings.
func (s *story) anotherAgencyJoins() {
	s.day.pass(100 * time.Minute)
	s.inThread(s.onBoard("Incident 1"), "No change +2 h", "falls due")
	s.day.pass(140 * time.Minute)
	s.inThread(s.onBoard("Incident 1"), "No change +2 h", "is OVERDUE")
	s.kamau.presses(s.onBoard("Incident 1"), "Open it")
	s.kamau.unlocks()
	s.kamau.walks("Incident 1", "We are affected too …", "What of yours fails too?", "Filing annual tax returns (KRA)", "Join incident 1?", "Yes, join")
	s.kamau.sees("Preview")
	s.kamau.tap("Publish now")
	s.kamau.sees("is published and going out")
	m := s.inChannelThread("Said by KRA")
	if m.Broadcast {
		s.Error("another body's word was shown in the channel, want in the thread alone")
	}
}

// inChannelThread waits for a reply to the first word in the ministry's channel.
func (s *story) inChannelThread(texts ...string) slacktest.Message {
	s.Helper()
	m, err := s.srv.WaitFor(s.soon(), news, func(m slacktest.Message) bool { return m.Thread == s.head.TS && holds(m.Text, texts) })
	if err != nil {
		s.Fatalf("the thread never showed %q: %v\n%s", texts, err, s.standing(news))
	}
	return m
}

// anotherWay needs a second officer: returned with a reason, changed, submitted anew
// with what is changed marked, approved by another.
func (s *story) anotherWay() {
	s.kamau.command("")
	s.kamau.walks("The desk: Kamau", "Incident 1", "Incident 1", "Another way …", "Which other way?", "alt-bank-or-pdq")
	s.kamau.sees("Preview: alternative")
	s.kamau.tap("Submit to a second officer")
	s.kamau.sees("waits for a second officer")
	ask := s.onBoard("waits for a second officer", "submitted by Kamau", "It is about 2 services", "reaches 3 recipients", "all within a minute")
	number := tagged(ask.Text)

	s.kerubo.presses(ask, "Return")
	s.kerubo.unlocks()
	s.kerubo.sees("Return "+number, "Write what should change")
	s.kerubo.writes("Say that the slip must be kept.")
	s.kerubo.sees(number + " is returned")
	s.onBoard(number+" is returned", "Reason: Say that the slip must be kept.")
	s.kamau.presses(s.kamau.called(number+" was returned", "Say that the slip must be kept."), "Change it")
	s.kamau.sees("Preview: alternative")
	s.kamau.tap("Add a sentence")
	s.kamau.sees("The sentence in English")
	s.kamau.writes("Keep the slip.")
	s.kamau.sees("The sentence in Kiswahili")
	s.kamau.writes("Tunza risiti.")
	s.kamau.sees("Preview: alternative", "Keep the slip.")
	s.kamau.tap("Submit to a second officer")
	again := s.onBoard(number+" waits for a second officer", "CHANGED: Keep the slip.", "CHANGED: Tunza risiti.")
	if again.TS == ask.TS {
		s.Error("the next round stands in the message of the last")
	}
	s.refusals(ask, again)
	s.home(s.kerubo.uid, "What waits for you, Kerubo", "1 notice waits for your approval.")
	s.home(s.kamau.uid, "What waits for you, Kamau", "Nothing.")

	s.kerubo.presses(again, "Approve")
	s.kerubo.sees("Approve "+number, "six digits")
	s.kerubo.writes(s.kerubo.digits())
	s.kerubo.sees(number + " is published and going out")
	s.onBoard(number + " was approved by Kerubo and is published")
	s.onBoard("Incident 1", number+" alternative", "3 of 3 told")
	if m := s.inChannelThread("Keep the slip."); m.Broadcast {
		s.Error("another way was shown in the channel, want in the thread alone")
	}
	s.reads(akinyi, "Keep the slip.")
}

// restoredWithAHold: the operator says that it works; KWS says that it still fails
// there, and that is not restored.
func (s *story) restoredWithAHold() {
	s.day.pass(time.Hour)
	s.wanjiru.presses(s.onBoard("Incident 1"), "Open it")
	s.wanjiru.unlocks()
	s.wanjiru.walks("Incident 1", "Still failing here …", "Which still fail?", "All 7", "Which still fail?", "Go on with 7 services", "Still failing?", "Yes, hold 7 services")
	s.wanjiru.sees("Incident 1")

	s.esther.presses(s.onBoard("Incident 1"), "Restored")
	s.esther.unlocks()
	s.esther.walks("question 1 of 3", "Not known yet: we say within 2 hours", "question 2 of 3", "No", "question 3 of 3", "No")
	s.esther.sees("Preview: restored")
	s.esther.tap("Yes: ")
	s.esther.sees("is published and going out")
	m := s.inChannelThread("work again")
	if !m.Broadcast {
		s.Error("restored is in the thread alone, want it in the channel too")
	}
	if !strings.Contains(m.Text, "Not everything is back: other services still do not work.") {
		s.Errorf("the hold is not told:\n%s", m.Text)
	}
	s.reads(akinyi, "work again")
	s.wanjiru.presses(s.onBoard("Incident 1"), "Open it")
	s.wanjiru.walks("Incident 1", "They work again: release …", "question 1 of 3", "Yes, they arrived", "question 2 of 3", "No", "question 3 of 3", "No")
	s.wanjiru.sees("Preview: restored")
	s.wanjiru.tap("Yes: ")
	s.wanjiru.sees("is published and going out")
	s.kamau.presses(s.onBoard("Incident 1"), "Restored")
	s.kamau.unlocks()
	s.kamau.walks("question 1 of 3", "Yes, they arrived", "question 2 of 3", "No", "question 3 of 3", "No")
	s.kamau.sees("Preview: restored", "Filing annual tax returns (KRA)", "The incident ends with it.")
	s.kamau.tap("Yes: ")
	s.kamau.sees("is published and going out")
	s.onBoard("Incident 1", "Resolved at")
}

// correction is of two officers, and everybody hears it.
func (s *story) correction() {
	s.kamau.presses(s.onBoard("Incident 1", "Resolved at", "restored"), "Correct")
	s.kamau.walks("What is false?", "A way to pay")
	s.kamau.sees("Preview: correction")
	s.kamau.tap("Submit to a second officer")
	ask := s.onBoard("Correction by KRA", "submitted by Kamau", "waits for a second officer")
	s.kerubo.presses(ask, "Approve")
	s.kerubo.unlocks()
	s.kerubo.sees("Approve ", "six digits")
	s.kerubo.writes(s.kerubo.digits())
	s.kerubo.sees("is published and going out")
	if m := s.inChannelThread("False: a way to pay that is going round."); !m.Broadcast {
		s.Error("a correction is in the thread alone, want it in the channel too")
	}
}

// promise: what was left open at the end falls due in the incident's thread.
func (s *story) promise() {
	s.day.pass(100 * time.Minute)
	if err := s.v.desk.Tick(s.Context(), s.v.now()); err != nil {
		s.Fatal(err)
	}
	incident := s.onBoard("Incident 1")
	s.inThread(incident, "Answer what was promised", "falls due")
	s.day.pass(40 * time.Minute)
	late := s.inThread(incident, "Answer what was promised", "is OVERDUE")
	s.esther.presses(late, "Answer what was promised")
	s.esther.unlocks()
	s.esther.walks("question 1 of 3", "Yes, they arrived", "question 2 of 3", "As it was said before", "question 3 of 3", "As it was said before")
	s.esther.sees("Preview: answers")
	s.esther.tap("Publish now")
	s.esther.sees("is published and going out")
	s.inChannelThread("The answers that notice", "Payments that left have arrived.")
}

// inThread waits for what is said in an incident's thread, with a button.
func (s *story) inThread(top slacktest.Message, button string, texts ...string) slacktest.Message {
	s.Helper()
	m, err := s.srv.WaitFor(s.soon(), room, func(m slacktest.Message) bool {
		_, has := m.Button(button)
		return has && m.Thread == top.TS && holds(m.Text, texts)
	})
	if err != nil {
		s.Fatalf("the incident's thread never showed %q: %v; there stands\n%s", texts, err, s.standing(room))
	}
	return m
}

// walks goes through windows: what one shows, then the button to press there.
func (o *slackOfficer) walks(steps ...string) {
	o.Helper()
	for k := 0; k+1 < len(steps); k += 2 {
		o.sees(steps[k])
		o.tap(steps[k+1])
	}
}

// commandIn types /arifa in a channel.
func (o *slackOfficer) commandIn(channel, words string) {
	o.Helper()
	d, err := o.srv.Command(o.uid, channel, "/arifa", words)
	if err != nil {
		o.Fatal(err)
	}
	if ack := d.Wait(); !ack.OK {
		o.Fatalf("/arifa %s was not acknowledged", words)
	}
}

// refusals are tried while a notice waits, and change nothing.
func (s *story) refusals(old, now slacktest.Message) {
	// its author, who must not approve it
	s.kamau.presses(now, "Approve")
	s.kamau.sees("Approve ", "six digits")
	s.kamau.writes(s.kamau.digits())
	s.kamau.sees("Not done", "Nobody approves their own notice, whatever account they use")
	s.refused(desk.ActApprove, s.kamau, "nobody approves their own notice")
	// the words of the round before, as a client shows them that missed the change
	s.srv.CloseModal(s.kerubo.uid)
	if _, err := s.srv.PressOld(s.kerubo.uid, old, "Approve"); err != nil {
		s.Fatal(err)
	}
	s.kerubo.sees("is not what you were shown", "Nothing was done")
	s.refused(desk.ActApprove, s.kerubo, "what you were shown is not what would be published")
}

// refused demands that the record tells of an officer's refusal, by its reason.
func (w *slackTown) refused(act desk.Act, o *slackOfficer, why string) {
	w.Helper()
	w.recorded(func(l subscriptions.AuditLine) bool {
		return l.Action == string(act) && l.Outcome == "refused" && l.Officer == o.actor.Officer.ID && l.Via == "slack" && strings.Contains(strings.ToLower(l.Detail), why)
	}, fmt.Sprintf("%s was refused %s: %s", o.name, act, why))
}

// recorded waits for a line of the audit record.
func (w *slackTown) recorded(fits func(subscriptions.AuditLine) bool, what string) {
	w.Helper()
	until(w.T, "the record tells that "+what, func() bool {
		lines, err := w.store.AuditLines(w.Context(), 0, 10_000)
		return err == nil && slices.ContainsFunc(lines, fits)
	})
}
