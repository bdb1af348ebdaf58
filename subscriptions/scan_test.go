package subscriptions_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	. "arifa/subscriptions"
)

func scanNation() *Nation {
	return &Nation{
		Registry: []Entry{
			{ID: "contact-mpesa-ussd", Type: "ussd", Value: "*334#", Publishable: true},
			{ID: "dest-222222", Destination: true, Type: "mpesa-paybill", Value: "222222", Publishable: true},
			{ID: "dest-airtel-ussd", Destination: true, Type: "ussd", Value: "*334#", Publishable: true},
			{ID: "dest-ussd-222", Destination: true, Type: "ussd", Value: "*222#", Publishable: true},
			{ID: "dest-old-206206", Destination: true, Type: "mpesa-paybill", Value: "206206"},
			{ID: "dest-gone", Destination: true, Type: "mpesa-paybill", Value: "820201", Publishable: true, Retired: true},
			{ID: "dest-coop", Destination: true, Type: "bank-account", Value: "Co-operative Bank 01141709410000"},
			{ID: "contact-line", Type: "hotline", Value: "1919", Publishable: true},
			{ID: "contact-kws", Type: "hotline", Value: "0726 610509"},
			{ID: "contact-fraud", Type: "sms", Value: "333", Publishable: true},
			{ID: "contact-page", Type: "url", Value: "https://www.ecitizen.go.ke", Publishable: true},
		},
		Platforms: []Platform{{ID: "icms", Identifiers: []Identifier{{Type: "url", Value: "https://itax.kra.go.ke"}, {Type: "mpesa-paybill", Value: "572572"}}}},
	}
}

func TestScanText_stops_what_looks_like_a_number_or_a_link(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text   string
		piece  string // empty = the whole text
		reason ScanReason
		entry  EntryID
	}{
		{"Use 222222 today", "222222", ScanNumber, "dest-222222"},
		{"Use 2 2 2 2 2 2 today", "2 2 2 2 2 2", ScanNumber, "dest-222222"},
		{"Use 2.2.2.2.2.2 today", "2.2.2.2.2.2", ScanNumber, "dest-222222"},
		{"Use 222-222 today", "222-222", ScanNumber, "dest-222222"},
		{"Use 22–22–22 today", "22–22–22", ScanNumber, "dest-222222"},
		{"Use 2_2_2/2|2,2 today", "2_2_2/2|2,2", ScanNumber, "dest-222222"},
		{"Use (222) (222) today", "222) (222", ScanNumber, "dest-222222"},
		{"Use 222\n222 today", "222\n222", ScanNumber, "dest-222222"},
		{"Use ２２２２２２ today", "２２２２２２", ScanNumber, "dest-222222"},
		{"Use ٢٢٢٢٢٢ today", "٢٢٢٢٢٢", ScanNumber, "dest-222222"},
		{"Use ۲۲۲۲۲۲ today", "۲۲۲۲۲۲", ScanNumber, "dest-222222"},
		{"Use २२२२२२ today", "२२२२२२", ScanNumber, "dest-222222"},
		{"Use ②②②②②② today", "②②②②②②", ScanNumber, "dest-222222"},
		{"Use ²²²₂₂₂ today", "²²²₂₂₂", ScanNumber, "dest-222222"},
		{"Use 𝟮𝟮𝟮𝟐𝟐𝟐 today", "𝟮𝟮𝟮𝟐𝟐𝟐", ScanNumber, "dest-222222"},
		{"Use 2️⃣2️⃣2️⃣2️⃣2️⃣2️⃣ now", "2️⃣2️⃣2️⃣2️⃣2️⃣2️⃣", ScanNumber, "dest-222222"},
		{"Use 二二二二二二 today", "二二二二二二", ScanNumber, "dest-222222"},
		{"Use 2\u200b2\u200d2\u20602\ufeff2\u00ad2 today", "2\u200b2\u200d2\u20602\ufeff2\u00ad2", ScanNumber, "dest-222222"},
		{"Use 2o6206 today", "2o6206", ScanRetired, "dest-old-206206"},
		{"Use 2O6 2O6 today", "2O6 2O6", ScanRetired, "dest-old-206206"},
		{"Use 2 o 6 2 o 6 today", "2 o 6 2 o 6", ScanRetired, "dest-old-206206"},
		{"Use 82O2Ol today", "82O2Ol", ScanRetired, "dest-gone"},
		{"Ref 77 206206 77", "77 206206 77", ScanRetired, "dest-old-206206"},
		{"Use mbili mbili mbili mbili mbili mbili now", "mbili mbili mbili mbili mbili mbili", ScanSpoken, "dest-222222"},
		{"Use two two two two two two now", "two two two two two two", ScanSpoken, "dest-222222"},
		{"Use two-two-two now", "two-two-two", ScanSpoken, "dest-ussd-222"},
		{"Use triple two, triple two now", "triple two, triple two", ScanSpoken, "dest-222222"},
		{"Use triple two now", "triple two", ScanSpoken, "dest-ussd-222"},
		{"Use double two double two double two", "double two double two double two", ScanSpoken, "dest-222222"},
		{"Use mbilimbilimbili mbilimbilimbili sasa", "mbilimbilimbili mbilimbilimbili", ScanSpoken, "dest-222222"},
		{"Use twenty two twenty two twenty two", "twenty two twenty two twenty two", ScanSpoken, "dest-222222"},
		{"It is two hundred and twenty two thousand two hundred twenty two", "two hundred and twenty two thousand two hundred twenty two", ScanSpoken, "dest-222222"},
		{"Ni laki mbili elfu ishirini na mbili mia mbili ishirini na mbili", "laki mbili elfu ishirini na mbili mia mbili ishirini na mbili", ScanSpoken, "dest-222222"},
		{"Tumieni mia tisa", "mia tisa", ScanSpoken, ""},
		{"sifuri saba mbili mbili", "", ScanSpoken, ""},
		{"oh seven two two one", "", ScanSpoken, ""},
		{"Mix 2 two 2 mbili 2 two", "2 two 2 mbili 2 two", ScanSpoken, "dest-222222"},
		{"tw0 tw0 tw0", "", ScanSpoken, "dest-ussd-222"},
		{"paybill 247247", "247247", ScanMoneyNumber, ""},
		{"till no. 12-34", "12-34", ScanMoneyNumber, ""},
		{"till.5566", "5566", ScanMoneyNumber, ""},
		{"lipa kwa 2025", "2025", ScanMoneyNumber, ""},
		{"paybill 11:00", "11:00", ScanMoneyNumber, ""},
		{"till 3/1/2025", "3/1/2025", ScanMoneyNumber, ""},
		{"account KSh 2,470", "2,470", ScanMoneyNumber, ""},
		{"Lipa KSh 1,050", "1,050", ScanMoneyNumber, ""},
		{"call 999", "999", ScanMoneyNumber, ""},
		{"Piga simu 112", "112", ScanMoneyNumber, ""},
		{"piga 1919", "1919", ScanMoneyNumber, "contact-line"},
		{"tuma pesa kwa mia tisa", "mia tisa", ScanMoneyNumber, ""},
		{"раyвill 123", "123", ScanMoneyNumber, ""},
		{"тill 555", "555", ScanMoneyNumber, ""},
		{"p a y b i l l 123", "123", ScanMoneyNumber, ""},
		{"payb1ll 123", "123", ScanMoneyNumber, ""},
		{"𝐩𝐚𝐲𝐛𝐢𝐥𝐥 123", "123", ScanMoneyNumber, ""},
		{"ρaybiII 4321", "4321", ScanNumber, ""},
		{"Call 07:22 12:34 56", "07:22 12:34 56", ScanMoneyNumber, ""},
		{"It is 07:22 12:34 56", "07:22 12:34 56", ScanNumber, ""},
		{"at 6:00 206", "6:00 206", ScanNumber, ""},
		{"+254 722 000 111", "254 722 000 111", ScanNumber, ""},
		{"+254 (726) 610-509", "254 (726) 610-509", ScanRetired, "contact-kws"},
		{"0726.610.509", "", ScanRetired, "contact-kws"},
		{"acc A1B2C3D4", "A1B2C3D4", ScanNumber, ""},
		{"KCB1234567", "1234567", ScanNumber, ""},
		{"*222#", "", ScanNumber, "dest-ussd-222"},
		{"* 2 2 2 #", "", ScanNumber, "dest-ussd-222"},
		{"＊２２２＃", "", ScanNumber, "dest-ussd-222"},
		{"*334#", "", ScanNumber, "dest-airtel-ussd"},
		{"*334*1#", "", ScanNumber, ""},
		{"*150*01", "", ScanNumber, ""},
		{"star 222 hash", "", ScanNumber, "dest-ussd-222"},
		{"star two two two hash", "", ScanNumber, "dest-ussd-222"},
		{"nyota mbili mbili mbili reli", "", ScanNumber, "dest-ussd-222"},
		{"222#", "", ScanNumber, "dest-ussd-222"},
		{"report to 333", "333", ScanNumber, "contact-fraud"},
		{"see ecitizen.go.ke now", "ecitizen.go.ke", ScanLink, "contact-page"},
		{"see https://www.ecitizen.go.ke/ now", "https://www.ecitizen.go.ke/", ScanLink, "contact-page"},
		{"see eсitizеn.gо.ke", "eсitizеn.gо.ke", ScanLink, ""},
		{"bit.ly/x9", "", ScanLink, ""},
		{"t.me/kra_help", "", ScanLink, ""},
		{"wa.me", "", ScanLink, ""},
		{"hxxps://kra-pay.pics", "", ScanLink, ""},
		{"www.kra", "", ScanLink, ""},
		{"kra[.]co[.]ke", "", ScanLink, ""},
		{"kra dot co dot ke", "", ScanLink, ""},
		{"kra (dot) com", "", ScanLink, ""},
		{"kra nukta com", "", ScanLink, ""},
		{"kra . co . ke", "", ScanLink, ""},
		{"kra. co. ke", "", ScanLink, ""},
		{"kradotcom", "", ScanLink, ""},
		{"kra dotcom", "", ScanLink, ""},
		{"kradotco ke", "", ScanLink, ""},
		{"kra。com", "", ScanLink, ""},
		{"пример.рф", "", ScanLink, ""},
		{"[pay here](x)", "", ScanLink, ""},
		{"<a href=x>pay</a>", "<a href=x>", ScanLink, ""},
		{"tel:abc", "", ScanLink, ""},
		{"help@kra.go.ke", "", ScanEmail, ""},
		{"help [at] gmail.com", "", ScanEmail, ""},
		{"ask @KRA_Care", "@KRA_Care", ScanHandle, ""},
		{"ask ＠KRA_Care", "＠KRA_Care", ScanHandle, ""},
		{"lipa {dest:dest-old-206206}", "{dest:dest-old-206206}", ScanRetired, "dest-old-206206"},
		{"lipa {dest:nobody-123456}", "123456", ScanMoneyNumber, ""},
		{"Fees of KSh 222,222 apply", "222,222", ScanNumber, "dest-222222"},
		{"247,247", "", ScanNumber, ""},
		{"co-op 0114 1709 4100 00", "0114 1709 4100 00", ScanRetired, "dest-coop"},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			want := c.piece
			if want == "" {
				want = c.text
			}
			got := ScanText(c.text, scanNation())
			if len(got) == 0 {
				t.Fatalf("ScanText(%q) found nothing, want %q (%s)", c.text, want, c.reason)
			}
			f := got[0]
			if f.Piece != want || f.Reason != c.reason || f.Entry != c.entry {
				t.Errorf("ScanText(%q) = %q %s %q, want %q %s %q", c.text, f.Piece, f.Reason, f.Entry, want, c.reason, c.entry)
			}
			if f.Advice == "" {
				t.Errorf("no advice for %q", f.Piece)
			}
		})
	}
}

func TestScanText_lets_honest_words_through(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"",
		"Engineers are working on it.",
		"Payments have not worked since 11:00.",
		"Since about 6:00 am, on 3 January.",
		"From 6:00 to 15:00 on 3 January 2025.",
		"6:00-15:00, 3/1/2025",
		"On 2025-01-03 at 06:00",
		"Friday, January 3, 2025, 11:59 pm",
		"30 June 2025, 11:59 pm",
		"3rd January at 6am",
		"Work goes on from 2200hrs to 0500hrs.",
		"Tangu saa kumi na mbili asubuhi (6:00).",
		"Taarifa ijayo kabla ya saa tano asubuhi (11:00).",
		"Saa tano (11:00)",
		"Tarehe tatu Januari mwaka wa 2025",
		"mwaka elfu mbili ishirini na tano",
		"KCSE 2025 candidates are not affected.",
		"The 2024/2025 returns are due by 30 June.",
		"Pay before 11:00 on 30 June 2025.",
		"Lipa kabla ya 11:00 tarehe 30/6/2025.",
		"Usilipe mara mbili.",
		"If your money has left, do not pay again.",
		"The fee is KSh 1,050.",
		"Ada ni shilingi mia tisa.",
		"About 12,000 people wait; 1,200 vehicles.",
		"Watu 12,000 wanasubiri, 50% zaidi.",
		"watu mia tisa wanasubiri",
		"nine hundred people wait",
		"2 million people",
		"It takes 10-15 minutes, between 24 and 48 hours at most.",
		"Dakika 10-15 hivi",
		"Gates 1, 2 and 3 are open; one or two more later.",
		"Form RL 26, counter 7, gate B12.",
		"12.5 km from the gate",
		"As in notice 0103-1 and Notisi 2025-0103-1.",
		"Use {dest:dest-222222} or dial {contact:contact-mpesa-ussd}.",
		"Kama tatizo ni M-PESA, lipa kwa nambari ile ile ya {dest:dest-222222} kupitia benki.",
		"moja kwa moja, mia kwa mia, saa mbili",
		"5 a.m. and 7 p.m. at P.O.Box",
		"It failed... try again, e.g. tomorrow.",
		"3G and 4G work; 30s waits.",
		"karatasi za mtihani wa nne na wa tano",
		"🇰🇪 Kenya Wildlife Service",
		"The payment team meets at noon",
		"Asilimia mbili nukta tano.",
		"It is two point five percent.",
		"It failed…try again; at this point or later.",
		"Watu wawili watatu walifika saa mbili, kisha saa nne.",
		"Press one for English, two for Swahili, three for help.",
		"One of the two gates is open, then one more.",
		"Robots, chatbots and the abbot.",
		"OUR OFFICES ARE OPEN; SO IS THE GATE",
		"PAYMENTS ARE DOWN: SLOW BILLS AND LOSSES",
		"The ones who wait, wait on the dot.",
		"🕑 11:00",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			for _, f := range ScanText(text, scanNation()) {
				t.Errorf("ScanText(%q) stopped at %q (%s), want nothing", text, f.Piece, f.Reason)
			}
		})
	}
}

// An unlisted paybill in every digit script and with every separator, alone and
// behind the words that ask for money.
func TestScanText_stops_an_unlisted_paybill_in_every_spelling(t *testing.T) {
	t.Parallel()
	scripts := []string{"0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "০১২৩৪৫৬৭৮৯", "๐๑๒๓๔๕๖๗๘๙", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "⓪①②③④⑤⑥⑦⑧⑨", "⁰¹²³⁴⁵⁶⁷⁸⁹", "፩፩፪፫፬፭፮፯፰፱", "〇一二三四五六七八九"}
	between := []string{"", " ", "  ", "\u00a0", "\u2009", ".", "-", "–", "−", "_", "/", "·", "\u200b", "\u200d", "\ufe0f", "\u0336", ",", ", ", " - ", "\n", "|", "*", "'", "(", "…"}
	words := [][]string{strings.Fields("sifuri moja mbili tatu nne tano sita saba nane tisa"), strings.Fields("zero one two three four five six seven eight nine")}
	for _, lead := range []string{"", "lipa kwa "} {
		for _, sep := range between {
			for _, script := range scripts {
				d := []rune(script)
				mustStop(t, lead+join(sep, "864209", func(i int) string { return string(d[i]) }))
			}
			if sep == "\u200d" || sep == "\u200b" || sep == "\ufe0f" || sep == "\u0336" {
				continue // inside a word they are tried above
			}
			for _, w := range words {
				mustStop(t, lead+join(sep, "864209", func(i int) string { return w[i] }))
			}
		}
	}
}

func join(sep, digits string, spell func(int) string) string {
	var parts []string
	for _, c := range digits {
		parts = append(parts, spell(int(c-'0')))
	}
	return strings.Join(parts, sep)
}

func mustStop(t *testing.T, text string) {
	t.Helper()
	if len(ScanText(text, scanNation())) == 0 {
		t.Errorf("ScanText(%q) found nothing", text)
	}
	if two, _ := NeedsTwoOfficers(text); !two {
		t.Errorf("NeedsTwoOfficers(%q) = false", text)
	}
}

func TestScanText_names_broken_identifiers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]PlatformID{"572572": "icms", "itax.kra.go.ke": "icms", "572573": ""} {
		got := ScanText(text, scanNation())
		if len(got) != 1 || got[0].Platform != want || got[0].Entry != "" {
			t.Errorf("ScanText(%q) = %+v, want platform %q", text, got, want)
		}
	}
}

func TestNeedsTwoOfficers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want string // the pieces, in order, joined by |
	}{
		{"Engineers are on site; the portal opens but saving fails.", ""},
		{"Wahandisi wako kazini; huduma zimerejeshwa Nairobi ambapo ilipo ofisi ya tume.", ""},
		{"Unaweza kutumia programu. Tumia tovuti. Matumizi yanarejea.", ""},
		{"The agency will find out; fed by the till", "till"},
		{"Back at 11:00", "11|00"},
		{"Rudi saa ٥", "٥"},
		{"Please pay later, others paid", "pay|paid"},
		{"Usilipe, umelipa, walilipwa, hulipi, malipo, kulipia", "Usilipe|umelipa|walilipwa|hulipi|malipo|kulipia"},
		{"Tuma, usitume, ametuma, nitumie, itatumwa", "Tuma|usitume|ametuma|nitumie|itatumwa"},
		{"Wakala na mawakala; an AGENT; agents", "Wakala|mawakala|AGENT|agents"},
		{"pesa, M-PESA, mpesa, hela", "pesa|PESA|mpesa|hela"},
		{"p.a.y and l i p a and раy and p\u200bay", "p.a.y|l i p a|раy|p\u200bay"},
		{"l1pa", "l1pa"},
		{"New PIN, nenosiri", "PIN|nenosiri"},
		{"see kra.go.ke or @kra", "kra.go.ke|@kra"},
		{"triple two", "triple two"},
		{"refunds, banks, fined, lending", "refunds|banks|fined|lending"},
		{"lipi? Jambo lipi, kilipo kiti, alipo mtu", ""},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			two, found := NeedsTwoOfficers(c.text)
			var pieces []string
			for _, f := range found {
				pieces = append(pieces, f.Piece)
			}
			if got := strings.Join(pieces, "|"); got != c.want || two != (c.want != "") {
				t.Errorf("NeedsTwoOfficers(%q) = %v %q, want %q", c.text, two, got, c.want)
			}
		})
	}
}

func FuzzScanText(f *testing.F) {
	for _, s := range []string{
		"Lipa 222222", "2\u200b2 ２２ ٢٢", "kra dot co dot ke", "triple two mia tisa", "{dest:dest-222222}", "*222#", "\xff\xfe2222",
		"11:00 3 January 2025", "p a y b i l l", "{dest:dest-222222", "\u200d", "a@b.c", "star hash", "KSh 1,050/=", "laki elfu mia na", "three twos, again two", "IIO OSS", "ecitizen dot pro", "a…com", "help_bot", "⚁⚁⚁", "\u202ex",
	} {
		f.Add(s)
	}
	n := scanNation()
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		for _, found := range ScanText(text, n) {
			if found.Start < last || found.End <= found.Start || found.End > len(text) {
				t.Fatalf("finding %+v overlaps or leaves the text %q", found, text)
			}
			if text[found.Start:found.End] != found.Piece {
				t.Fatalf("piece %q is not the text at %d:%d of %q", found.Piece, found.Start, found.End, text)
			}
			last = found.End
		}
		two, found := NeedsTwoOfficers(text)
		if two != (len(found) > 0) {
			t.Fatalf("two officers %v with %d findings", two, len(found))
		}
		// Whatever the scan stops, rule 4 sees as well.
		if !two && len(ScanText(text, nil)) > 0 {
			t.Fatalf("%q is stopped and yet needs one officer", text)
		}
		// A destination that is not listed stops in front of and behind every text
		// that does not change how it reads.
		if utf8.ValidString(text) && len(ScanText(text+" paybill 864209", n)) == 0 {
			t.Fatalf("a paybill behind %q passed", text)
		}
	})
}
