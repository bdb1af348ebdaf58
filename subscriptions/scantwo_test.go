package subscriptions_test

import (
	"strings"
	"testing"

	. "arifa/subscriptions"
)

// What one officer alone once got through: each needs a second one.
func TestNeedsTwoOfficers_sees_through_disguises(t *testing.T) {
	t.Parallel()
	for name, texts := range map[string]string{
		"number words with fillers": `Lipieni kwa: mbili, tena nne, tena sita, tena nane, tena moja.
			bonyeza mbili. Bonyeza nne. Bonyeza sita.
			Type two, again two, again two, again two, again two, again two
			Press two. Press two. Press two. Press two. Press two. Press two.
			press two and press six and again four
			saa mbili mbili mbili`,
		"inflected number words": `mawili matatu
			Use wawili wawili wawili wawili
			watu wawili
			twos and twos and twos
			three twos then three twos
			six twos in a row
			a pair of twos, a pair of twos and a pair of twos
			mbili mara sita
			Use first first second second
			moja kwa moja
			half a dozen`,
		"number words of other spellings and languages": `Use tuu tuu tuu tuu tuu tuu
			Use to to to to to to
			Use tu tu tu tu
			Use mbil mbil mbil mbil
			Use m'bili m'bili m'bili
			Use deux deux deux deux
			Use zwei zwei zwei
			igiri igiri igiri
			Use ere ere ere ere
			bee, then bee, and bee
			Use fiver fiver niner niner
			Use fower, fife, wun`,
		"letters that look like digits": `Use IIOOSS instead of the usual one
			Use lOOlOO instead
			Use SBSBSB instead
			Use IIO OSS
			Use XX II XX II
			Use CCXXII CCXXII
			Use X V I X
			Use ЗЗЗЗЗЗ instead
			Use ЧЗЧЗЧЗ instead
			Use ƧƧƧƧƧƧ instead
			Use ɛɛɛɛɛɛ instead
			Use ƷƷƷƷƷƷ instead
			Use ᄅᄅᄅᄅᄅᄅ instead
			Use ՅՅՅՅՅՅ instead
			Use ᏎᏎᏎᏎ instead
			ooo iii`,
		"pictures of digits": `Use ⚁⚁⚁⚁⚁⚁ instead
			Use ⠼⠃⠃⠃⠃⠃⠃ instead
			Use 🂢🂢🂢🂢🂢🂢 instead
			Use 🕑🕑🕑🕑🕑🕑 instead
			Use 🔟🔟🔟 instead
			Use 💯💯 instead`,
		"addresses": `ecitizen dot pro
			ecitizen dot world slash now
			ecitizen [dot] world
			ecitizen (dot) pro
			ecitizen nukta pro
			ecitizen point com
			ecitizen point go point ke
			ecitizen doti com
			ecitizen period com
			ecitizen⋅com
			ecitizen∙com
			ecitizen•com
			ecitizenꓸcom
			ecitizen᛫com
			ecitizen⸱com
			ecitizen⸼com
			ecitizen・com
			ecitizen･com
			ecitizen˙com
			ecitizen,com
			ecitizen · com
			ecitizen…com
			ecitizen‥com
			ecitizen܂com
			ecitizen...com
			Open t me slash ecitizen help`,
		"accounts": `Find ecitizenhelpbot on Telegram
			Send by ecitizen_help_bot
			Message EcitizenHelp on Telegram
			our whatsapp group`,
		"money words": `lipieni
			lipia
			walipe
			umlipe mtu wetu
			mumlipie
			kulipwa
			tutumie
			mtumie
			mtume ndugu yangu
			unitumie
			tumeni
			peni
			peana
			nipe
			mpeni Juma
			kumpa Juma
			tuletee
			sambaza
			changia
			mchango
			tuchangie
			Kindly settle with Juma
			dues
			donate
			contribute
			cheque
			top up
			hand over
			bobs
			chwani
			sarafu`,
		"another try, another date": `Do the transaction once more.
			Rudia muamala.
			Rudia tena.
			Fanya muamala upya.
			Complete it again.
			The due date moves to Friday.
			The deadline is Friday.
			Muda umeongezwa hadi Ijumaa.
			Siku ya mwisho ni Ijumaa.
			Rusha kwa ile line ya Kamau
			Square up with the ranger
			Part with something small at the gate.
			Top-up with the ranger
			Use Bonga at the gate.`,
		"networks and pictures by other names": `Tafuta Arifa Msaada kwenye Fesibuku
			Tafuta Arifa Msaada kwa Whats App
			tafuta sisi kwenye wasap
			Enter ecitizen hyphen help and add com
			Scan the QR at the gate.
			wan tu tri fo faif
			moya mbeli tadu ine`,
		"what cannot be seen": "It works\u200b now\nIt \u202eworks now",
	} {
		for _, text := range strings.Split(texts, "\n") {
			text = strings.TrimSpace(text)
			t.Run(name+"/"+text, func(t *testing.T) {
				t.Parallel()
				two, found := NeedsTwoOfficers(text)
				if !two {
					t.Errorf("NeedsTwoOfficers(%q) = false, want true", text)
				}
				for _, f := range found {
					if f.Piece == "" || f.Advice == "" {
						t.Errorf("NeedsTwoOfficers(%q): finding %+v names no piece or advice", text, f)
					}
				}
			})
		}
	}
}

// The second officer is asked where something may hide, not for every sentence.
func TestNeedsTwoOfficers_leaves_plain_sentences_to_one(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Engineers are on site; the portal opens but saving fails.",
		"The fault is due to a power cut. We will say more soon.",
		"Please note that the ID and DL counters at Huduma Centre stay open.",
		"Go to the entry point of your county, or wait until it works again.",
		"Our teams work with KRA, NTSA and the DCI on it.",
		"Tafadhali subirini; wahandisi wako kazini.",
		"Huduma zitarejea baadaye. Tunaomba radhi.",
		"Tumia tovuti au programu; unaweza kutumia kaunta.",
		"It failed… then it failed again – please be patient.",
		"The robot arm at the port is broken.",
		"Changamoto hii inashughulikiwa hapa Nairobi.",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			if _, found := NeedsTwoOfficers(text); len(found) > 0 {
				t.Errorf("NeedsTwoOfficers(%q) stopped at %q (%s), want nothing", text, found[0].Piece, found[0].Reason)
			}
		})
	}
}

// What spells a number, a link or an account stops even with two officers.
func TestScanText_stops_what_is_spelled_out(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, piece string
		reason      ScanReason
		digits      string
	}{
		{"Lipieni kwa: mbili, tena nne, tena sita, tena nane, tena moja.", "mbili, tena nne, tena sita, tena nane, tena moja", ScanMoneyNumber, "24681"},
		{"Hapa bonyeza mbili. Bonyeza nne. Bonyeza sita.", "mbili. Bonyeza nne. Bonyeza sita", ScanSpoken, "246"},
		{"press two and then press six and again four", "two and then press six and again four", ScanSpoken, "264"},
		{"Use wawili wanne wawili", "wawili wanne wawili", ScanSpoken, "242"},
		{"mawili matatu manne matano", "mawili matatu manne matano", ScanSpoken, "2345"},
		{"twos and twos and twos", "twos and twos and twos", ScanSpoken, "222"},
		{"three twos then three twos", "three twos then three twos", ScanSpoken, "222222"},
		{"a pair of twos, a pair of twos and a pair of twos", "pair of twos, a pair of twos and a pair of twos", ScanSpoken, "222222"},
		{"six twos in a row", "six twos", ScanSpoken, "222222"},
		{"saa mbili mbili mbili", "mbili mbili mbili", ScanSpoken, "222"},
		{"Use ЗЗЗЗЗЗ instead", "ЗЗЗЗЗЗ", ScanNumber, "333333"},
		{"Use ƧƧƧƧ instead", "ƧƧƧƧ", ScanNumber, "2222"},
		{"Use ⚁⚁⚁⚁⚁⚁ instead", "⚁⚁⚁⚁⚁⚁", ScanNumber, "222222"},
		{"Use ⠼⠃⠃⠃⠃ instead", "⠃⠃⠃⠃", ScanNumber, "2222"},
		{"Use 🕑🕑🕑🕑 instead", "🕑🕑🕑🕑", ScanNumber, "2222"},
		{"paybill IIOOSS", "IIOOSS", ScanMoneyNumber, ""},
		{"till no. lOOlOO", "lOOlOO", ScanMoneyNumber, ""},
		{"paybill 222222५५", "222222५५", ScanMoneyNumber, "22222255"},
		{"see ecitizen dot pro", "ecitizen dot pro", ScanLink, ""},
		{"see ecitizen dot world slash now", "ecitizen dot world slash now", ScanLink, ""},
		{"see ecitizen (dot) pro", "ecitizen (dot) pro", ScanLink, ""},
		{"see ecitizen nukta pro", "ecitizen nukta pro", ScanLink, ""},
		{"see ecitizen point com", "see ecitizen point com", ScanLink, ""},
		{"ecitizen point go point ke", "ecitizen point go point ke", ScanLink, ""},
		{"ecitizen period com", "ecitizen period com", ScanLink, ""},
		{"ecitizen∙com", "ecitizen∙com", ScanLink, ""},
		{"ecitizen⸱com", "ecitizen⸱com", ScanLink, ""},
		{"ecitizen…com", "ecitizen…com", ScanLink, ""},
		{"ecitizen‥com", "ecitizen‥com", ScanLink, ""},
		{"ecitizen܂com", "ecitizen܂com", ScanLink, ""},
		{"ecitizen,com", "ecitizen,com", ScanLink, ""},
		{"t me slash ecitizen", "t me slash ecitizen", ScanLink, ""},
		{"Find ecitizenhelpbot now", "ecitizenhelpbot", ScanHandle, ""},
		{"Find ecitizen_help_bot now", "ecitizen_help_bot", ScanHandle, ""},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			got := ScanText(c.text, nil)
			if len(got) != 1 {
				t.Fatalf("ScanText(%q) = %+v, want %q alone", c.text, got, c.piece)
			}
			if f := got[0]; !strings.HasSuffix(c.piece, f.Piece) || f.Reason != c.reason || f.Digits != c.digits {
				t.Errorf("ScanText(%q) = %q %s %q, want %q %s %q", c.text, f.Piece, f.Reason, f.Digits, c.piece, c.reason, c.digits)
			}
		})
	}
}

func TestScanMessage_names_the_numbers_of_notices(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, piece string
		reason      ScanReason
		digits      string
	}{
		{"Notice 0103-1, code K7QF2M", "0103-1", ScanNotice, "01031"},
		{"Notisi ०१०३-864", "०१०३-864", ScanNotice, "0103864"},
		{"is 0103-1 real", "0103-1", ScanNumber, "01031"},
		{"till 0103-1", "0103-1", ScanMoneyNumber, "01031"},
		{"{dest:dest-222222} till 222222", "222222", ScanNumber, "222222"},
	} {
		got := ScanMessage(c.text, scanNation())
		if len(got) == 0 || got[0].Piece != c.piece || got[0].Reason != c.reason || got[0].Digits != c.digits {
			t.Errorf("ScanMessage(%q) = %+v, want %q %s %q", c.text, got, c.piece, c.reason, c.digits)
		}
	}
}
