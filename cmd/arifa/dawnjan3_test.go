package main

import (
	"fmt"
	"strings"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// The third of January 2025, from the first complaint to the last end. Each check is
// named after the sentence of the record that it proves.
func thirdOfJanuary(m *morning) {
	esther, eric := m.officer("Esther", "ecitizen", subscriptions.Author), m.officer("Eric", "ecitizen", subscriptions.Approver, subscriptions.Author)
	kamau, kerubo := m.officer("Kamau", "kra", subscriptions.Author), m.officer("Kerubo", "kra", subscriptions.Approver)
	m.duty(esther, "ecitizen", 0, 24)
	m.head(eric, "ecitizen")
	var vans, payers []*chat
	for k := range 7 {
		vans = append(vans, m.citizen(fmt.Sprint("van driver ", k), "kws-nairobi-np"))
	}
	for k := range 4 {
		payers = append(payers, m.citizen(fmt.Sprint("taxpayer ", k), "kra-pay-tax"))
	}
	tokens, searcher := m.citizen("token buyer", "kplc-tokens"), m.newcomer("searcher", "land-search-nairobi")
	drivers := m.group("drivers", "kws-nairobi-np")

	m.at("2025-01-02 11:00")
	m.proves("KRA's alternative is attached to kra-pay-tax only, after two approvals.", func() {
		d, way := m.program.desk, subscriptions.AlternativeID("alt-bank-or-pdq")
		asked, err := d.ProposeReady(m.Context(), kamau.actor, way, "kra", []subscriptions.ServiceID{"kra-pay-tax"}, m.clock.Now())
		m.must(err)
		if ready, err := d.ReadyWays(m.Context()); err != nil || len(ready) > 0 {
			m.Fatalf("one officer made %v ready (%v)", ready, err)
		}
		code := kerubo.digits()
		_, err = d.ApproveChange(m.Context(), kerubo.actor, desk.ApproveChangeInput{ID: asked.ID, Code: code}, m.clock.Now())
		m.must(err)
		if ready, err := d.ReadyWays(m.Context()); err != nil || len(ready) != 1 || len(ready[0].Services) != 1 || ready[0].Services[0] != "kra-pay-tax" {
			m.Fatalf("ready: %+v (%v)", ready, err)
		}
	})
	m.at("2025-01-03 06:00")
	m.proves("Tour vans queue at Nairobi National Park; entry cannot be paid.", func() {
		service := func(k int) subscriptions.ServiceID {
			return []subscriptions.ServiceID{"kws-nairobi-np", "kra-pay-tax"}[k/8]
		}
		m.burst(service, subscriptions.TriedMpesaApp, append(append([]*chat{drivers}, vans...), payers...)...)
	})
	m.at("2025-01-03 06:04")
	m.proves("One report of ecitizen-payments opens one incident and finds every dependent service; unconfirmed dependencies wait for a tick.", func() {
		if len(m.incidents()) > 0 {
			m.Fatal("citizens' reports opened an incident")
		}
		call, before := esther.readsAfter(0, "Wake-up: many report trouble", "222222"), esther.deeds
		esther.presses(call, "Publish …", "Write your six digits: that publishes the first notice at once")
		esther.says(esther.digits(), "0103-1 is published and going out")
		if n := esther.deeds - before; n != 2 {
			m.Errorf("from the wake-up to the published words it took %d taps and messages, want one tap and a confirmation", n)
		}
		m.wave()
		all := m.incidents()
		if len(all) != 1 || len(all[0].Services) != 84 {
			m.Fatalf("%d incidents, the first with %d services; want one with 84", len(all), len(all[0].Services))
		}
		if s, ok := all[0].Service("land-search-nairobi"); !ok || s.Confirmed || len(searcher.told()) > 0 {
			m.Errorf("land search: %+v; its follower read %v", s, searcher.told())
		}
		searcher.says("/status", "It is not known whether this affects Land search, Nairobi")
		esther.readsAfter(0, "are they affected?", "Land search, Nairobi")
	})
	m.proves("A first notice without cause goes out within minutes, marked with the time of the next update.", func() {
		for _, c := range append(append([]*chat{drivers}, vans...), payers...) {
			c.readsAfter(0, "Payments to 222222 (eCitizen) are not working.", "the cause is not known yet", "Next update by")
		}
		if i := m.incidents()[0]; i.FirstWord.Sub(i.FirstReport) > 6*time.Minute || i.FirstReport.Before(m.time("2025-01-03 06:00")) {
			m.Errorf("the first report came at %v, the first word at %v", i.FirstReport, i.FirstWord)
		}
	})
	m.at("2025-01-03 08:07")
	m.proves("In the record: no word from eCitizen, KWS or the ministry. The promised update falls due.", func() {
		late := esther.reads("overdue")
		esther.presses(late, "No change, next update +2 h", "Write your six digits")
		esther.says(esther.digits(), "is published and going out")
		m.wave()
		if got := vans[0].told("0103-2"); len(got) > 1 || len(got) == 1 && !got[0].Edited && got[0].ReplyTo == 0 {
			m.Errorf("a van driver hears that nothing is new as %+v", got)
		}
	})
	m.at("2025-01-03 10:00")
	m.proves("The tax agency, not the platform owner, confirms the failure.", func() {
		card := kamau.presses(kamau.opens(), m.called(), "Investigating", "Ready for Paying tax (KRA)")
		kamau.presses(card, "Tell it for 4 h: alt-bank-or-pdq", "0103-3 is published and going out")
		m.wave()
		for _, c := range payers {
			c.reads("still not working", "Other way until 2:00 pm, confirmed by KRA: Use a bank payment option, or a card machine (PDQ)", "eCitizen said at 8:07 am", "Said by KRA at 10:00 am")
		}
	})
	m.proves("KRA's alternative is for tax. Copying it onto park entry would be wrong.", func() {
		for _, c := range append(vans, drivers) {
			for _, read := range c.told() {
				if strings.Contains(read.Text, "PDQ") {
					m.Errorf("%s reads %q", c.name, read.Text)
				}
			}
		}
		vans[1].says("/status", "No other way is confirmed yet")
	})
	m.at("2025-01-03 14:58")
	payers[3].says("STOP", "You follow nothing now")
	m.at("2025-01-03 15:00")
	m.proves("The restored notice answers: my money left but nothing came, what now?", func() {
		esther.restores(notKnown, "Yes: 73 services work again", "is published and going out")
		for _, c := range append(vans, payers[:3]...) {
			end := c.reads("work again", "whether payments that left have arrived", "do not pay again")
			if end.ReplyTo == 0 {
				m.Errorf("%s reads the end as no answer under the alert", c.name)
			}
		}
		drivers.reads("work again")
	})
	m.proves("Restoration and cause announced.", func() {
		for _, c := range append(append(vans, drivers), payers[:3]...) {
			if c.ends() != 1 {
				m.Errorf("%s has read %d ends", c.name, c.ends())
			}
		}
		if payers[3].ends() != 0 || searcher.ends() != 0 {
			m.Error("who left, or never heard of it, reads the end")
		}
	})
	m.proves("Banks or PDQs, for tax payments. Nothing for park visitors or the other services.", func() {
		if got := m.notice("2025-0103-3").Audience[subscriptions.ScopeAll]; len(got) != 1 || got[0] != "kra-pay-tax" {
			m.Errorf("KRA's other way is about %v", got)
		}
	})
	m.proves("KPLC token subscribers get nothing.", func() {
		if got := tokens.told(); len(got) > 0 {
			m.Errorf("the token buyer read %v", got)
		}
	})
	m.proves("KRA also says restored. Recorded only: its followers have had their one end.", func() {
		m.sampled(append(vans, payers[:3]...), 2)
		m.at("2025-01-03 18:30")
		if i := m.incidents()[0]; !i.State.Over() {
			m.Errorf("the incident is %s", i.State)
		}
		r, err := m.program.desk.IncidentRecord(m.Context(), m.first())
		m.must(err)
		if len(r.Samples) != 1 || r.Samples[0].Answers < 5 || r.Reports.Reports != 12 || r.Silence == nil || *r.Silence > 360 {
			m.Errorf("the record: %+v", r)
		}
	})
}

// sampled lets everybody who is asked whether it works answer; the first say no.
func (m *morning) sampled(people []*chat, no int) {
	m.Helper()
	m.look()
	answered := map[string]bool{}
	until(m.T, "people to be asked whether it works, and their answers to be counted", func() bool {
		for _, c := range people {
			for _, read := range c.net.Messages(c.id) {
				if data := dataOf(read, "works"); data != "" && !answered[c.name] {
					want := " yes"
					if len(answered) < no {
						want = " no"
					}
					for _, row := range read.Buttons {
						for _, b := range row {
							if strings.HasPrefix(b.Data, "works ") && strings.Contains(b.Data+" ", want+" ") {
								_, err := c.net.Press(c.id, read.ID, b.Data)
								m.must(err)
								answered[c.name] = true
							}
						}
					}
				}
			}
		}
		s, err := m.program.desk.SampleAnswers(m.Context(), m.incidents()[0].ID)
		m.must(err)
		return s.Verdict.Answers >= 5 && s.Verdict.Answers == len(answered)
	})
	for _, c := range people {
		asked := 0
		for _, read := range c.net.Messages(c.id) {
			if read.FromBot && (dataOf(read, "works") != "" || strings.HasPrefix(read.Text, "Thank you. The officers see it")) {
				asked++
			}
		}
		if asked > 1 {
			m.Errorf("%s was asked %d times", c.name, asked)
		}
	}
}
