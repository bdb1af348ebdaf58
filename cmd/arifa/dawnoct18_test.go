package main

import (
	"fmt"
	"time"

	"arifa/subscriptions"
)

// The 18th of October 2023, from the first complaint to the last end: tokens fail in
// the evening, and fifteen hours pass without a word.
func eighteenthOfOctober(m *morning) {
	peter, otieno := m.officer("Peter", "kplc", subscriptions.Author), m.officer("Otieno", "kplc", subscriptions.Author)
	pendo := m.officer("Pendo", "kplc", subscriptions.Approver, subscriptions.Author)
	m.duty(peter, "kplc", 8, 17)  // the office
	m.duty(otieno, "kplc", 17, 8) // on call
	m.head(pendo, "kplc")
	var buyers []*chat
	for k := range 8 {
		buyers = append(buyers, m.citizen(fmt.Sprint("token buyer ", k), "kplc-tokens"))
	}
	estate, shop, student := m.group("estate", "kplc-tokens"), m.citizen("shop", "kplc-postpaid"), m.citizen("student", "kra-pin")

	m.at("2023-10-18 18:00")
	m.proves("M-PESA answers that the receiving organisation has technical problems. Homes go dark.", func() {
		m.burst(func(int) subscriptions.ServiceID { return "kplc-tokens" }, subscriptions.TriedMpesaMenu, append(buyers, estate)...)
		buyers[0].taps(buyers[0].answer(0, "county"), "county -") // leaves it out
		buyers[0].readsAfter(0, "write in a sentence what happened")
		buyers[0].says("it says the receiving organisation has technical problems", "Noted.")
	})
	m.proves("Bursts of reports from citizens at night reach an on-call officer, not only office hours.", func() {
		otieno.reads("Wake-up: many report trouble since 18:00")
		if got := peter.calls(); got != 0 {
			m.Errorf("the officer of the day was called %d times in the evening", got)
		}
		m.at("2023-10-18 18:17")
		peter.reads("Wake-up: many report trouble")
		m.at("2023-10-18 18:32")
		pendo.reads("Wake-up: many report trouble")
	})
	m.proves("A night without a statement, although planned work is normally announced in advance.", func() {
		m.at("2023-10-18 19:00")
		buyers[1].says("/status", "Not official: many people have reported this since 6:00 pm", "There is no official word yet", "No trouble announced")
		for night := m.clock.Now().Add(20 * time.Minute); night.Before(m.time("2023-10-19 08:50")); night = night.Add(55 * time.Minute) {
			m.clock.Leap(night)
			who := buyers[int(night.Sub(m.time("2023-10-18 19:00"))/(55*time.Minute))%len(buyers)]
			who.says("stima haifanyi kazi", "counted")
			m.look()
		}
		for _, c := range append(buyers, estate) {
			if len(c.told()) > 0 {
				m.Errorf("%s was told what nobody had said: %v", c.name, c.told())
			}
		}
		if pendo.calls() < 6 {
			m.Errorf("the head was called %d times in fifteen hours", pendo.calls())
		}
	})
	m.at("2023-10-19 09:00")
	m.proves("First statement, in the morning: token generation; no alternative, no time.", func() {
		call := peter.readsAfter(0, "Wake-up")
		peter.presses(call, "Publish …", "Write your six digits: that publishes the first notice at once")
		peter.says(peter.digits(), "1019-1 is published and going out")
		m.wave()
		for _, c := range append(buyers, estate) {
			c.reads("No other way is confirmed yet; do not pay anyone who offers one.", "the cause is not known yet")
		}
		r, err := m.program.desk.IncidentRecord(m.Context(), m.first())
		m.must(err)
		if r.Silence == nil {
			m.Fatalf("no silence in %+v", r)
		}
		if *r.Silence < 15*3600-300 || *r.Silence > 15*3600+300 || len(r.WakeUps) < 8 || r.WakeUps[0].Step != subscriptions.StepDuty {
			m.Errorf("silence of %d s, woken %+v", *r.Silence, r.WakeUps)
		}
	})
	m.proves("The notice tells people not to pay again while a first payment has brought no token.", func() {
		for _, c := range append(buyers, estate) {
			c.reads("If your money has already left, do not pay again.")
		}
	})
	// Not in the record, which has no end: the last one.
	m.at("2023-10-19 12:30")
	peter.restores(arrived, "Yes: *", "is published and going out")
	for _, c := range append(buyers, estate) {
		if end := c.reads("work"); c.ends() != 1 {
			m.Errorf("%s has read %d ends, at last %q", c.name, c.ends(), end.Text)
		}
	}
	if len(student.told()) != 0 || shop.ends() > 1 {
		m.Errorf("who follows a service of KRA read %v, the shop %v", student.told(), shop.told())
	}
	// A week after it was written nothing is left of what somebody wrote.
	for k, at := range []string{"2023-10-19 12:31", "2023-10-25 17:59"} {
		m.at(at)
		_, err := m.program.store.Retain(m.Context(), m.clock.Now())
		m.must(err)
		words, err := m.program.store.Words(m.Context(), []subscriptions.ServiceID{"kplc-tokens"}, m.time("2023-10-18 00:00"), 10)
		if err != nil || len(words) != 1-k {
			m.Errorf("on %s officers read %q (%v)", at, words, err)
		}
	}
}

// calls counts the wake-ups of an officer's phone.
func (c *chat) calls() (n int) {
	for _, m := range c.net.Messages(c.id) {
		if m.FromBot && len(m.Buttons) > 0 && m.Buttons[0][0].Text == "Publish …" {
			n++
		}
	}
	return n
}
