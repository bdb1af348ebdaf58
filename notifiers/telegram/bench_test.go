package telegram_test

import (
	"fmt"
	"testing"

	"arifa/subscriptions/wording"
)

// BenchmarkPrepare renders cards that share most of their lines, each with one that no
// other has: what a wave does for each combination of services that is new to it.
func BenchmarkPrepare(b *testing.B) {
	c := nowhere(b)
	card := wording.Card{
		Title: "Malipo ya eCitizen kwa 222222 hayafanyi kazi",
		Lines: []string{"", "Tangu saa kumi na mbili asubuhi (06:00), Ijumaa 3 Januari.", "Usilipe tena. Ukiwa umelipa, hifadhi ujumbe wa M-PESA.",
			"Hakuna njia nyingine iliyothibitishwa; usimlipe mtu yeyote anayekupa moja.", "Tutaeleza tena kabla ya saa nne asubuhi (10:00), hata kama hakuna jipya."},
		Choices: [][]wording.Choice{{{Label: "Kwangu pia haifanyi kazi", Data: "report"}}},
		Links:   []wording.Link{{Label: "arifa.go.ke", URL: "https://arifa.go.ke/n/0103-1"}},
		Footer:  []string{"eCitizen. Ilani 0103-1, msimbo K7QF. arifa.go.ke", "Unapata hii kwa sababu unafuata Kulipa kodi; Leseni ya udereva."},
	}
	lines := make([]string, 1<<14)
	for i := range lines {
		lines[i] = fmt.Sprintf("Kulipa kodi (KRA) %d; Leseni ya udereva (NTSA) – haifanyi kazi. Pasipoti & visa – imepunguzwa.", i)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		card.Lines[0] = lines[i%len(lines)]
		if _, err := c.Prepare(card); err != nil {
			b.Fatal(err)
		}
	}
}
