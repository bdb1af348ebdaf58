package subscriptions_test

import (
	"strings"
	"testing"

	. "arifa/subscriptions"
)

// namesNation holds the names that sentences of these tests may name.
func namesNation() *Nation {
	return &Nation{
		Agencies:  []Agency{{Short: "KWS", Name: Text{"en": "Kenya Wildlife Service", "sw": "Huduma ya Wanyamapori"}}, {Short: "eCitizen", Name: Text{"en": "eCitizen"}}},
		Services:  []Service{{Name: Text{"en": "Nairobi National Park entry", "sw": "Kiingilio cha Hifadhi ya Nairobi"}}, {Name: Text{"en": "Land search (Ardhisasa)"}}},
		Platforms: []Platform{{Name: Text{"en": "M-PESA"}}},
		Counties:  []County{{"28", "Mombasa"}, {"30", "Nairobi City"}},
	}
}

// Fraud without a number: a person, a place or an app to go to, or what opens an
// account. One officer alone once got each of these through.
func TestFreeTextNeedsTwo_people_and_secrets(t *testing.T) {
	t.Parallel()
	for name, texts := range map[string]string{
		"a person to settle with": `Settle with Otieno at the gate.
			Please see Otieno at the gate; he clears everyone.
			Look for the man in a green jacket, he will sort you out.
			Malizana na Otieno langoni.
			malizana na otieno langoni
			Malizaneni na Otieno langoni.
			Onana na Otieno langoni.
			mkaonane na Otieno
			Pitia kwa Otieno langoni, atakusaidia.
			Mpe Otieno langoni.
			Peleka kwa Otieno langoni.
			Weka kwa Otieno.
			Simama na Otieno
			Sort Otieno at the gate.
			Fuata Otieno kwa huduma ya haraka
			Kamilisha na Otieno
			Wasilisha kwa Otieno
			Ongea na Ng'ang'a langoni.
			Elewana na mhudumu.
			Otieno receives on our behalf
			Otieno anapokea kwa niaba yetu
			Otieno anashughulikia langoni kwa bidhaa.
			Ask for OTIENO at the gate.
			Deal directly with the ranger.`,
		"somebody at the gate": `Clear it with the clerk in the car park.
			Complete it with the rangers in notes and coins.
			Leave notes with Otieno
			Hand it over to the guard at the gate
			Offer the ranger something
			Facilitate the ranger
			The guards at the gate receive it
			Wahudumu wa lango watapokea
			Mkabidhi mlinzi langoni
			Kabidhi mlinzi
			Toa kitu kidogo langoni.
			Ponyesha Otieno.
			Chapa Otieno langoni.
			Shika Otieno doo
			Rusha kwa Otieno.
			Tip the ranger
			Top up through Otieno.`,
		"a place that does it": `Go to the kiosk beside the gate. They do it for you.
			The kiosk named Jambo next to the gate serves everybody.
			Nenda kibanda cha Jambo kando ya lango, watakuhudumia.`,
		"a stranger's program": `Use the eCitizen Haraka app from the Play Store instead.
			Search eCitizen Express on Google and complete it there.
			Get the app Haraka.
			Download it again.
			Pakua programu mpya.`,
		"what opens an account": `Your PIN
			Share the code that you get
			Share the code you receive
			Share the code you receive by text.
			Enter your secret word on the form the caller reads to you.
			Tell the officer who rings you the word you use to sign in.
			Our officer will ring you; tell him what your phone shows.
			An officer calls you; read the one-time word to her.
			Afisa wetu atakupigia.
			Tutawapigia leo.
			Mtaje neno lako la siri.
			Sema msimbo uliopata.
			Bring your M Pesa receipt.`,
	} {
		for _, text := range strings.Split(texts, "\n") {
			text = strings.TrimSpace(text)
			t.Run(name+"/"+text, func(t *testing.T) {
				t.Parallel()
				two, found := FreeTextNeedsTwo(text, namesNation())
				if !two {
					t.Fatalf("%q goes out by one officer alone", text)
				}
				for k, f := range found {
					if f.Piece != text[f.Start:f.End] || f.Piece == "" || f.Advice == "" || k > 0 && f.Start < found[k-1].End {
						t.Errorf("%q: finding %+v", text, f)
					}
				}
			})
		}
	}
}

// What officers honestly write goes out by one: also with the catalogue's names.
func TestFreeTextNeedsTwo_leaves_honest_sentences_to_one(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Rangers at the gate help you.",
		"Engineers are on site; the portal opens but saving fails.",
		"We have received your reports and work on it.",
		"Tumepokea taarifa zenu; wahandisi wako kazini.",
		"You can come in as usual at Nairobi National Park; Mombasa is open too.",
		"On Monday the counters of KWS and the KRA stay open. Ardhisasa works.",
		"Jumatatu kaunta za KWS ziko wazi. Ardhisasa inafanya kazi.",
		"Huduma inashughulikiwa na wahandisi wa eCitizen.",
		"Users cannot log in; those who are in should not log out.",
		"Maafisa wetu watawasaidia langoni.",
		"“Slow” is all that we know so far: Kenya Wildlife Service looks into it.",
		"Subirini kidogo.\nTunaomba radhi.",
		"Your appointment stays valid. Nothing is lost.",
		"Miadi yenu inabaki. Hakuna kilichopotea.",
		"We sort the queue at the counter; please be patient.",
		"Clear your browser if the old page stays.",
		"Offices in Nairobi and Mombasa help without the system.",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			if _, found := FreeTextNeedsTwo(text, namesNation()); len(found) > 0 {
				t.Errorf("%q stopped at %q (%s), want nothing", text, found[0].Piece, found[0].Reason)
			}
		})
	}
}

// An address that is read out stops even with two officers; sentences that only
// sound alike do not.
func TestScanText_addresses_read_out(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Open bit ly paynow":             "bit ly paynow",
		"Open bitly paynow":              "bitly paynow",
		"Open tiny url ecitizen":         "tiny url ecitizen",
		"Open goo gl ecitizen":           "goo gl ecitizen",
		"hxxp ecitizen com":              "hxxp ecitizen com",
		"Open https ecitizen com now":    "https ecitizen com now",
		"t me otieno":                    "t me otieno",
		"wa me otieno":                   "wa me otieno",
		"go to pay-ecitizen com":         "go to pay-ecitizen com",
		"ecitizen co ke":                 "ecitizen co ke",
		"Open ecitizen go ke today":      "Open ecitizen go ke",
		"ec1t1zen com":                   "ec1t1zen com",
		"Let me know":                    "",
		"It was me who wrote it":         "",
		"They go on; Ken can go too":     "",
		"Some family services are fine":  "",
		"Tumia hii au ile ya kawaida":    "",
		"Come again, or keep your place": "",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			found := ScanText(text, nil)
			switch {
			case want == "" && len(found) > 0:
				t.Errorf("stopped at %q (%s), want nothing", found[0].Piece, found[0].Reason)
			case want != "" && (len(found) == 0 || found[0].Reason != ScanLink || !strings.HasSuffix(want, found[0].Piece)):
				t.Errorf("got %+v, want %q", found, want)
			}
		})
	}
}
