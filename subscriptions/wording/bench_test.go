package wording_test

import (
	"math/rand/v2"
	"testing"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// BenchmarkCard makes the cards of people who follow one to four of the services of
// a large outage: what a wave does for each combination that is new to it.
func BenchmarkCard(b *testing.B) {
	s := setup(b)
	sheet, err := s.speaker.Sheet(s.facts(subscriptions.Outage, s.trouble("ecitizen-payments")))
	if err != nil {
		b.Fatal(err)
	}
	var all []subscriptions.ServiceID
	for _, l := range sheet.Words["sw"].Services {
		all = append(all, l.Service)
	}
	r := rand.New(rand.NewPCG(1, 2))
	picks := make([][]subscriptions.ServiceID, 512)
	for i := range picks {
		for range 2 + r.IntN(3) {
			picks[i] = append(picks[i], all[r.IntN(len(all))])
		}
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s.speaker.Card(sheet, wording.Selection{Language: "sw", Services: picks[i%len(picks)]})
	}
}
