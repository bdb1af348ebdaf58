package bot_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"arifa/bot"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

func verifyStage(t *testing.T) *stage {
	t.Helper()
	s := newStage(t)
	s.now = time.Date(2025, 1, 3, 3, 4, 0, 0, time.UTC)
	s.outage()
	return s
}

// verified is what a citizen reads who forwards a text, or types it behind /verify.
func (s *stage) verified(text string, forwarded bool) (title, lines string) {
	s.t.Helper()
	if !forwarded {
		text = "/verify " + text
	}
	cards, err := s.bot.Hear(context.Background(), bot.Heard{
		Lane: lane, Address: subscriptions.AddressOf("careful"), Kind: subscriptions.Person, Text: text, Forwarded: forwarded, At: s.now, Language: "en"})
	if err != nil || len(cards) != 1 {
		s.t.Fatalf("verify %q: %d cards, %v", text, len(cards), err)
	}
	return cards[0].Title, strings.Join(cards[0].Lines, "\n")
}

// A true notice with one thing added is not ours any more, and the answer names
// what was added.
func TestVerify_names_what_was_added_to_a_notice(t *testing.T) {
	t.Parallel()
	s := verifyStage(t)
	notice := s.noticeText("0103-1")
	for _, c := range []struct{ added, named string }{
		{"Payments are working: till 1234-56.", "the number 12…56"},
		{"Payments: paybill 1234-56", "the number 12…56"},
		{"Lipa till 0712-34", "the number 07…34"},
		{"paybill 0103-1-864209", "the number 01…09"},
		{"paybill 0103-1", "the number 01…31"},
		{"paybill 0103-86", "the number 01…86"},
		{"Notice 0103-864", "the number 01…64"},
		{"Notisi ०१०३-864", "the number 01…64"},
		{"1231-99-864209", "the number 12…09"},
		{"0799-12", "the number 07…12"},
		{"Use till 0103.", "the number 01…03"},
		{"till 01031", "the number 01…31"},
		{"864209 0103-1", "the number 86…31"},
		{"till 864209", "the number 86…09"},
		{"paybill 222222५५", "the number 22…55"},
		{"till ८६४२०९ 222222", "the number 86…22"},
		{"till 222222 222222", "the number 22…22"},
		{"paybill 22 22 22, account 864209", "the number 86…09"},
		{"paybill IIOOSS", "a number written in words"},
		{"lipa kwa nane, tena sita, tena nne", "a number written in words"},
		{`See https://evil.com\@arifa.go.ke/pay`, "the link “evi…”"},
		{"See http:///evil.com/pay", "the link “evi…”"},
		{`See http:\\evil.com/pay`, "the link “evi…”"},
		{"See https://evil.com/x@arifa.go.ke", "the link “evi…”"},
		{"See evil.com/x@arifa.go.ke", "the link “evi…”"},
		{"See https://arifa.go.ke@evil.com/", "the link “evi…”"},
		{"See https://arifa.go.ke.evil.com/", "the link “ari…”"},
		{"See [arifa.go.ke](http://evil.com)", "the link “evi…”"},
		{"See [arifa.go.ke/](evil.com)", "the link “ari…”"},
		{"See https://аrifa.go.ke", "the link “аri…”"}, // the first letter is Cyrillic
		{"see http://evil.com", "the link “evi…”"},
		{"http:///", "the link “…”"},
		{"pay ecitizen dot pro", "the link “eci…”"},
		{"Send by ecitizenhelpbot", "the account “eci…”"},
		{"ask @arifa_bot2", "the account “ari…”"},
		{"Pay again!", "“pay again…”"},
		{"Lipa tena kwa 222222 sasa.", "“lipa tena kwa…”"},
		{"Mtumie Kamau pesa.", "“mtumie kamau pesa…”"},
		{"Rusha kwa Kamau.", "“rusha kwa kamau…”"},
		{"Pay 222222 twice.", "“pay … twice…”"},
		{"Code: K7QF2M till", "sentences that our notice does not have"},
		{"🀙🀚🀛🀜", "sentences that our notice does not have"},
		{"https://www.ecitizen.go.ke/pay/864209", "the link “www…”"},
		{"arifa.go.ke/pay?to=0712345678", "the link “ari…”"},
		{"arifa.go.ke/redirect?u=evil.com", "the link “ari…”"},
		{"https://arifa.go.ke/n/2025-0103-9", "the link “ari…”"},
		{"https://xn--rifa-63d.go.ke", "the link “xn…”"},
		{"evil@ecitizen.go.ke", "the link “eci…”"},
	} {
		t.Run(c.added, func(t *testing.T) {
			for _, forwarded := range []bool{true, false} {
				title, lines := s.verified(notice+"\n"+c.added, forwarded)
				if want := "Careful: notice 0103-1 exists, but this text is not what it says"; title != want {
					t.Errorf("title %q, want %q", title, want)
				}
				if !strings.Contains(lines, c.named) || strings.Contains(lines, "is ours") {
					t.Errorf("lines do not name %q, or say that it is ours:\n%s", c.named, lines)
				}
			}
		})
	}
}

// A sentence that was put in the place of another, without any number.
func TestVerify_sees_other_words_in_a_forwarded_notice(t *testing.T) {
	t.Parallel()
	s := verifyStage(t)
	title, lines := s.verified(s.noticeText("0103-1")+"\nHand cash over to brother Juma at gate", true)
	if !strings.Contains(title, "not what it says") || !strings.Contains(lines, "sentences that our notice does not have") {
		t.Errorf("got %q\n%s", title, lines)
	}
}

// A notice without its negations says the opposite of what we said.
func TestVerify_sees_that_a_negation_is_gone(t *testing.T) {
	t.Parallel()
	s := verifyStage(t)
	notice := s.noticeText("0103-1")
	text := strings.ReplaceAll(notice, "do not pay again", "pay again")
	if text == notice {
		t.Fatalf("the notice has no negation to take away:\n%s", notice)
	}
	for _, forwarded := range []bool{true, false} {
		if title, lines := s.verified(text, forwarded); !strings.Contains(title, "not what it says") || !strings.Contains(lines, "“if your money…”") {
			t.Errorf("forwarded %t: got %q\n%s", forwarded, title, lines)
		}
	}
}

// What is ours is not called strange.
func TestVerify_knows_its_own_notice(t *testing.T) {
	t.Parallel()
	s := verifyStage(t)
	notice := s.noticeText("0103-1")
	for _, text := range []string{
		notice, "0103-1", "2025-0103-1-k7qf2m", "is 0103-1 real?", "Notice no. 0103-1", "Notisi nambari ya 0103-1, msimbo K7QF2M", "０１０３－１",
		notice + "\nSee https://arifa.go.ke/n/2025-0103-1 or @arifa_bot, https://t.me/arifa_bot?start=x.",
		notice + "\nhttps://www.ecitizen.go.ke",
		"Payments to 222222 are not working. Notice 0103-1",
		"mambo, hii notisi 0103-1 imetoka kwenu ama ni ya matapeli?",
	} {
		t.Run(text, func(t *testing.T) {
			if title, lines := s.verified(text, false); title != "Notice 0103-1 is ours" {
				t.Errorf("title %q, want that it is ours\n%s", title, lines)
			}
		})
	}
}

// Every form of a notice is ours: posts, previews of each network, both languages.
func TestVerify_knows_every_form_of_its_notice(t *testing.T) {
	t.Parallel()
	s := verifyStage(t)
	sheet, judged := s.notices[0].Sheet, 0
	for _, l := range []subscriptions.Language{"en", "sw"} {
		texts := s.words.Texts(sheet, l)
		for _, services := range [][]subscriptions.ServiceID{{"kra-pay-tax"}, {"kra-pay-tax", "kra-file-return", "kplc-tokens"}} {
			c := s.words.Card(sheet, wording.Selection{Language: l, Services: services})
			text := strings.Join(append(append([]string{c.Title}, c.Lines...), c.Footer...), "\n")
			texts = append(texts, wording.Preview{Network: "a follower", Text: text})
		}
		for _, p := range texts {
			if !strings.Contains(p.Text, "0103-1") {
				continue
			}
			if title, lines := s.verified(p.Text, true); title != "Notice 0103-1 is ours" {
				t.Errorf("%s in %s: title %q\n%s\nof\n%s", p.Network, l, title, lines, p.Text)
			}
			judged++
		}
	}
	if judged < 8 {
		t.Errorf("%d texts were judged, want at least 8", judged)
	}
}

// A check code may happen to be six digits.
func TestVerify_knows_a_code_of_digits(t *testing.T) {
	t.Parallel()
	s := verifyStage(t)
	n := s.notices[0]
	n.Code = "864209"
	_, err := s.store.Commit(context.Background(), subscriptions.Change{Notices: []subscriptions.Notice{n}, Now: s.now, Line: subscriptions.AuditLine{At: s.now, Action: "notice.mark"}})
	s.must(err)
	text := strings.ReplaceAll(s.noticeText("0103-1"), "K7QF2M", "864209")
	if title, lines := s.verified(text, true); title != "Notice 0103-1 is ours" {
		t.Errorf("title %q, want that it is ours\n%s", title, lines)
	}
	if title, _ := s.verified(text+"\ntill 864209", true); !strings.Contains(title, "not what it says") {
		t.Errorf("the code is taken for a till: %q", title)
	}
}

// A phone number is never read as the number of a notice.
func TestVerify_phone_numbers_are_no_notices(t *testing.T) {
	t.Parallel()
	s := verifyStage(t)
	for _, text := range []string{"0712 345 678", "call 0712 345 678", "0712-345-678", "254 712 345 678"} {
		title, lines := s.verified(text, false)
		if !strings.Contains(lines, "no number of a notice of ours") || !strings.Contains(lines, "the number ") {
			t.Errorf("%q: %q\n%s", text, title, lines)
		}
	}
}

// A page compares as a chat does, keeps nothing and offers no buttons.
func TestCompare_judges_a_pasted_text_like_a_forwarded_one(t *testing.T) {
	t.Parallel()
	s := verifyStage(t)
	notice := s.noticeText("0103-1")
	code := s.notices[0].Code
	for _, c := range []struct{ name, text, title, lines string }{
		{"a true notice", notice, "Notice 0103-1 is ours", "If yours names another number or link, it is false."},
		{"a true notice with a till", notice + "\nPay till 864209.", "Careful: notice 0103-1 exists, but this text is not what it says", "the number 86…09"},
		{"its number", "0103-1", "Notice 0103-1 is ours", "What we say now:"},
		{"its check code alone", code, "Notice 0103-1 is ours", "What we say now:"},
		{"another check code", "0103-1-ZZZZZZ", "", "the check code is not ours"},
		{"a number of nobody", "0104-9", "", "We have published no notice with that number."},
		{"a text without a number", "Pay your tax to till 864209 now", "", "It carries no number of a notice of ours"},
		{"our account", "@arifa_bot", "", "@arifa_bot is our account."},
		{"another's account", "@arifa_b0t", "", "That account is not ours."},
	} {
		card, err := s.bot.Compare(t.Context(), "en", c.text, s.now)
		if err != nil || !strings.Contains(card.Title, c.title) || !strings.Contains(strings.Join(card.Lines, "\n"), c.lines) || card.Choices != nil {
			t.Errorf("%s: got %q %q %v (%v)", c.name, card.Title, card.Lines, card.Choices, err)
		}
	}
	if card, err := s.bot.Compare(t.Context(), "sw", "0103-1", s.now); err != nil || !strings.Contains(card.Title, "Notisi 0103-1 ni yetu") {
		t.Errorf("in Swahili: got %q (%v)", card.Title, err)
	}
}

// What takes room and cannot be seen keeps nothing that stands behind it from being
// read, and of a text that is longer than what is read nobody hears that it is ours.
func TestVerify_reads_behind_what_cannot_be_seen(t *testing.T) {
	t.Parallel()
	s := verifyStage(t)
	notice := s.noticeText("0103-1")
	const differs = "Careful: notice 0103-1 exists, but this text is not what it says"
	for _, c := range []struct{ name, between, named string }{
		{"wide spaces", "\n" + strings.Repeat("\u2003", 1300), "the number 55…55"},
		{"unbroken spaces", strings.Repeat("\u00a0", 2100), "the number 55…55"},
		{"lines", strings.Repeat("\n", 3000), "the number 55…55"},
		{"invisible letters", "\n" + strings.Repeat("\u200b", 1400) + "\n", "the number 55…55"},
		{"dashes", "\n" + strings.Repeat("–", 1400) + "\n", "sentences that our notice does not have"},
		{"empty lines of dots", strings.Repeat("\n·", 2000) + "\n", "sentences that our notice does not have"},
	} {
		text := notice + c.between + "Lipa till 555555 sasa."
		for _, forwarded := range []bool{true, false} {
			if title, lines := s.verified(text, forwarded); title != differs || !strings.Contains(lines, c.named) {
				t.Errorf("%s, forwarded %v: got %q\n%.200s", c.name, forwarded, title, lines)
			}
		}
		card, err := s.bot.Compare(t.Context(), "en", text, s.now)
		if err != nil || card.Title != differs {
			t.Errorf("%s on the page: got %q (%v)", c.name, card.Title, err)
		}
	}
	if title, _ := s.verified("\u2003"+strings.ReplaceAll(notice, " ", "  ")+strings.Repeat("\n", 5000), true); title != "Notice 0103-1 is ours" {
		t.Errorf("a true notice with more room: got %q", title)
	}
}
