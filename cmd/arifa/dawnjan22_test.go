package main

import (
	"fmt"
	"strings"

	"arifa/subscriptions"
)

// The 22nd of January 2024, from the first complaint to the last end: M-PESA says
// fixed, Kenya Power is not.
func twentySecondOfJanuary(m *morning) {
	saida := m.officer("Saida", "safaricom", subscriptions.Author)
	paul, purity := m.officer("Paul", "kplc", subscriptions.Author), m.officer("Purity", "kplc", subscriptions.Approver)
	m.duty(saida, "safaricom", 0, 24)
	m.duty(paul, "kplc", 0, 24)
	var buyers []*chat
	for k := range 7 {
		buyers = append(buyers, m.citizen(fmt.Sprint("token buyer ", k), "kplc-tokens"))
	}
	estate := m.group("estate", "kplc-tokens")
	payer, student := m.newcomer("payer", "mpesa-paybill"), m.citizen("student", "kra-pin")
	tokens := func(int) subscriptions.ServiceID { return "kplc-tokens" }

	m.at("2024-01-22 15:00")
	m.proves("Tokens paid for do not arrive.", func() {
		m.burst(tokens, subscriptions.TriedMpesaApp, append(buyers, estate)...)
		call := paul.reads("Wake-up: many report trouble since 15:00")
		paul.presses(call, "Watching", "Write your six digits")
		paul.says(paul.digits(), "You look into it")
		if len(m.incidents()) > 0 {
			m.Error("citizens' reports opened an incident")
		}
	})
	m.at("2024-01-22 16:00")
	m.proves("Not in the record: Safaricom's first documented word is its restored claim; somebody must have opened first.", func() {
		card := saida.presses(saida.opens(), "Something fails", "What fails?")
		card = saida.presses(card, "M-PESA mobile money", "What do people meet?")
		card = saida.presses(card, "It does not work", "Preview: outage")
		saida.presses(card, "Publish now", "0122-1 is published and going out")
		m.wave()
		for _, c := range append(buyers, estate) {
			c.reads("Electricity tokens", "do not pay again")
		}
		payer.reads("M-PESA", "do not pay again")
	})
	m.at("2024-01-22 17:00")
	m.proves("Operator says resolved.", func() {
		saida.restores(notKnown, "Yes: *", "0122-2 is published and going out")
		payer.reads("Safaricom says: M-PESA mobile money works again")
	})
	m.at("2024-01-22 19:50")
	m.proves("M-PESA says fixed; tokens still fail; Kenya Power speaks three hours later", func() {
		m.burst(tokens, subscriptions.TriedMpesaApp, append(buyers, estate)...)
		paul.reads("Wake-up: many report trouble")
	})
	m.at("2024-01-22 20:00")
	m.proves("Kenya Power, about five hours in: a mobile-money fault still stops token purchases. Both statements are shown, with who and when.", func() {
		call := paul.readsAfter(0, "Wake-up: many report trouble since 19:5")
		paul.presses(call, "Publish …", "Write your six digits: that publishes the first notice at once")
		paul.says(paul.digits(), "0122-3 is published and going out")
		m.wave()
		for _, c := range append(buyers, estate) {
			c.reads("Electricity tokens")
		}
	})
	m.proves("Paying again is the main harm: say so in the first line.", func() {
		for _, c := range append(buyers, estate) {
			read := c.reads("Electricity tokens", "do not pay again")
			if at := strings.Index(read.Text, "do not pay again"); strings.Count(read.Text[:at], "\n") > 2 {
				m.Errorf("%s reads it as line %d of %q", c.name, 1+strings.Count(read.Text[:at], "\n"), read.Text)
			}
		}
	})
	m.proves("Two official statements that disagree are shown with who said what and when.", func() {
		buyers[0].readsAfter(0, "Not working: Electricity tokens", "Safaricom said at 5:00 pm: it works again.", "Said by KPLC at 8:00 pm")
		for _, want := range []string{"Safaricom said at 5:00 pm: it works again.", "Said by KPLC at 8:00 pm"} {
			if page := m.page(fmt.Sprintf("/en/i/%d", m.first())); !strings.Contains(page, want) {
				m.Errorf("the page lacks %q:\n%s", want, page)
			}
		}
	})
	m.proves("Equitel, Airtel Money or KCB Bank; the wording lists more banks, to be confirmed each time. Two people.", func() {
		card := paul.presses(paul.opens(), m.called(), "Investigating")
		card = paul.presses(card, "Another way …", "alt-kplc-other-rails")
		card = paul.presses(card, "alt-kplc-other-rails", "Rule 4 asks for a second officer")
		paul.presses(card, "Submit to a second officer", "Purity was called")
		ask := purity.reads("waits for a second officer")
		m.wave()
		if n := len(buyers[0].told("0122-4")); n != 0 {
			m.Fatalf("one officer's word was sent %d times", n)
		}
		purity.presses(ask, "Read it", "Write your six digits")
		words := purity.says(purity.digits(), "Airtel Money, Equitel")
		purity.presses(words, "Approve with six digits", "It goes out at once")
		purity.says(purity.digits(), "is published and going out")
		m.wave()
		for _, c := range append(buyers, estate) {
			c.reads("Airtel Money, Equitel or a listed bank")
		}
	})
	m.at("2024-01-22 23:55")
	m.proves("A platform marked restored by its operator does not close the notices of agencies that still see failures.", func() {
		i := m.incidents()[0]
		if s, ok := i.Service("kplc-tokens"); i.State.Over() || !ok || !s.Failing {
			m.Errorf("the incident is %s, tokens: %+v", i.State, s)
		}
		buyers[0].says("/status", "Electricity tokens", "ot working")
		payer.says("/status", "This was announced as over:", "Safaricom says: M-PESA mobile money works again", "No trouble announced")
	})
	m.proves("First tokens arrive; nobody accountable says restored, so KPLC's notice stays open.", func() {
		m.look()
		for _, c := range buyers {
			if c.ends() != 1 { // Safaricom's
				m.Errorf("%s has read %d ends", c.name, c.ends())
			}
		}
	})
	m.at("2024-01-23 06:54")
	m.proves("A customer has bought three times that morning and received nothing.", func() {
		for range 3 { // three purchases, one complaint an hour
			_, err := m.net.Say(buyers[2].id, "stima haifanyi kazi")
			m.must(err)
		}
		buyers[2].reads("counted already", "ot working")
		for _, read := range append(payer.told(), student.told()...) {
			if strings.Contains(read.Text, "Said by KPLC") {
				m.Errorf("who does not follow tokens reads %q", read.Text)
			}
		}
	})
	// Not in the record, which has no end: the last one.
	m.at("2024-01-23 10:00")
	paul.restores(arrived, "Yes: *", "is published and going out")
	for _, c := range append(buyers, estate) {
		if c.reads("work"); c.ends() != 2 {
			m.Errorf("%s has read %d ends, want one of each round", c.name, c.ends())
		}
	}
	if payer.ends() != 1 || len(student.told()) != 0 {
		m.Errorf("the payer has read %d ends; who follows a service of KRA %v", payer.ends(), student.told())
	}
}
