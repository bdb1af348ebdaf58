package bot_test

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"

	"arifa/bot"
	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
)

func TestUnderstood(t *testing.T) {
	t.Parallel()
	words := theWorld(t).words
	for _, c := range []struct{ name, text, talk, act, query string }{
		{"stop", "STOP", "", "stop", ""},
		{"stop with noise", "  Stop!! ", "", "stop", ""},
		{"stop in full-width letters", "ＳＴＯＰ", "", "stop", ""},
		{"stop command", "/stop", "", "stop", ""},
		{"stop in Swahili", "Acha", "", "stop", ""},
		{"leave the network", "ONDOKA", "", "stop", ""},
		{"leave the network, shorter", "toka.", "", "stop", ""},
		{"stop while we ask to erase", "stop", "forget", "stop", ""},
		{"stop while we ask for a number", "ACHA", "verify", "stop", ""},
		{"help while we ask to erase", "msaada", "forget", "help", ""},
		{"language while we ask for a service", "Kiswahili", "pay", "lang", ""},
		{"forget while we ask for a number", "forget me", "verify", "forget", ""},
		{"one thing left", "acha KRA", "", "leave", "KRA"},
		{"one thing left, in English", "stop following good conduct", "", "leave", "good conduct"},
		{"unsubscribe from", "unsubscribe from KRA", "", "leave", "KRA"},
		{"leave by command", "/stop kra", "", "leave", "kra"},
		{"followed in one line", "follow good conduct", "", "follow", "good conduct"},
		{"followed in one line, Swahili", "Fuatilia stima", "", "follow", "stima"},
		{"a name", "stima", "", "find", "stima"},
		{"a name while we ask for a number", "stima", "verify", "find", "stima"},
		{"a service to pay", "stima", "pay", "pay", "stima"},
		{"yes without a question", "yes", "", "find", "yes"},
		{"yes to erasing", "Ndiyo", "forget", "forget", ""},
		{"no to erasing", "hapana", "forget", "home", ""},
		{"something else than yes", "good conduct", "forget", "find", "good conduct"},
		{"command of ours by name", "/status@arifa_bot kra", "", "status", "kra"},
		{"command of another bot", "/status@weather_bot", "", "nothing", ""},
		{"Swahili command", "/hali", "", "status", ""},
		{"unknown command", "/stima", "", "find", "stima"},
		{"a deep link typed", "/start kra-pay-tax", "", "service", ""},
		{"a broken deep link", "/start %%%", "", "start", ""},
		{"a notice's number", "0103-1", "", "compare", "0103-1"},
		{"a notice's number with a word", "thibitisha 0103-1", "", "compare", "0103-1"},
		{"an account", "@arifa_bot", "", "account", "@arifa_bot"},
		{"an account's page", "https://t.me/arifa_help", "", "account", "https://t.me/arifa_help"},
		{"a phone code", "*222#", "", "find", "*222#"},
		{"only pictures", "🙏🙏🔥", "", "nothing", ""},
		{"nothing", "   ", "", "nothing", ""},
		{"our name before the words", "@arifa_bot stima", "", "find", "stima"},
		{"greeting", "Habari!", "", "home", ""},
		{"paid twice", "Nimelipa mara mbili!", "", "paid", ""},
		{"paid twice, what for", "nimelipa KRA mara mbili", "", "paid", "kra"},
		{"paid and nothing shows", "nimelipa na haija-reflect", "", "paid", ""},
		{"paid, in English", "i paid twice what do I do", "", "paid", ""},
		{"paid, what for, in English", "I've paid for good conduct twice", "", "paid", "good conduct"},
		{"paid, how much", "I paid KRA 1,050 twice", "", "paid", "kra"},
		{"money left", "money left but nothing came", "", "paid", ""},
		{"money left, in Swahili", "pesa imetoka", "", "paid", ""},
		{"money of mine left", "pesa zangu zote zimekatwa", "", "paid", ""},
		{"paid, while we ask what to pay", "nimelipa mara mbili", "pay", "paid", ""},
		{"what it was paid for", "good conduct", "paid", "paid", "good conduct"},
		{"a wish while we ask what it was paid for", "follow stima", "paid", "follow", "stima"},
		{"a notice that speaks of money", "money has left, notice 0103-1", "", "compare", "money has left, notice 0103-1"},
		{"what a person can buy prepaid", "prepaid tokens", "", "find", "prepaid tokens"},
		{"tokens that did not come", "token haijakuja", "", "report", "token"},
		{"it fails, Swahili", "stima haifanyi kazi", "", "report", "stima"},
		{"it fails, with more words", "huduma ya good conduct haifanyi kazi tangu asubuhi", "", "report", "good conduct"},
		{"it is down, mixed", "mpesa iko down", "", "report", "mpesa"},
		{"it is down", "KRA is down", "", "report", "kra"},
		{"stuck", "ecitizen imekwama", "", "report", "ecitizen"},
		{"it is not working, politely", "please help, passport is not working for me", "", "report", "passport"},
		{"it fails, and nothing is named", "haifanyi kazi", "", "report", ""},
		{"it is not working", "it is not working", "", "report", ""},
		{"a command", "/report kra", "", "report", "kra"},
		{"a command, Swahili", "/ripoti", "", "report", ""},
		{"a verb", "ripoti stima", "", "report", "stima"},
		{"whether it fails is a question", "is KRA down?", "", "status", "kra"},
		{"whether it fails, Swahili", "je, ecitizen imekwama?", "", "status", "ecitizen"},
		{"what fails, while we ask", "stima", "report", "report", "stima"},
		{"what fails, while we ask, in a sentence", "stima haifanyi kazi", "report", "report", "stima"},
		{"STOP while we ask what fails", "STOP", "report", "stop", ""},
		{"a county, while we ask", "nairobi", "county", "county", "nairobi"},
		{"no county, while we ask", "no", "county", "county", "no"},
		{"another wish while we ask for a county", "follow stima", "county", "follow", "stima"},
		{"words, while we ask", "it turned and then nothing came", "words", "words", "it turned and then nothing came"},
		{"a service while we ask for words", "stima", "words", "find", "stima"},
		{"STOP while we ask for words", "please stop sending me these", "words", "stop", ""},
		{"a notice while we ask for words", "they say payments fail, notice 0103-1", "words", "compare", "they say payments fail, notice 0103-1"},
		{"a failure with a notice's number is a notice", "Payments are not working. Notice 0103-1", "", "compare", "Payments are not working. Notice 0103-1"},
		{"a failure with a link is no report", "KRA is down, pay at bit.ly/x1", "", "find", "KRA is down, pay at bit.ly/x1"},
		{"a way to pay", "how do i pay", "", "pay", ""},
		{"stop in a sentence", "please stop sending me these", "", "stop", ""},
		{"stop in a sentence, while we ask for a service", "Please stop sending me these messages.", "pay", "stop", ""},
		{"stop in a sentence, Swahili", "usinitumie tena", "", "stop", ""},
		{"stop in a sentence, longer", "Tafadhali msinitumie ujumbe tena", "", "stop", ""},
		{"take me out", "nitoe", "", "stop", ""},
		{"take me off", "remove me from this list", "", "stop", ""},
		{"I want to leave", "nataka kuacha", "", "stop", ""},
		{"I want to leave one", "nataka kuacha KRA", "", "leave", "KRA"},
		{"no more of one", "stop sending me KRA", "", "leave", "KRA"},
		{"a question on leaving", "how do I stop?", "", "stophow", ""},
		{"a question on leaving, while we ask for a service", "how do I stop?", "pay", "stophow", ""},
		{"a question on leaving, Swahili", "Nawezaje kuacha?", "", "stophow", ""},
		{"a question on leaving, one word", "naachaje", "", "stophow", ""},
		{"a question on leaving one", "how can I unsubscribe from KRA", "", "stophow", "kra"},
		{"polite words around a wish", "tafadhali naomba msaada", "", "help", ""},
		{"polite words alone", "tafadhali", "", "find", "tafadhali"},
		{"a verb alone", "follow", "", "mine", ""},
		{"a very long text", strings.Repeat("lipa sasa ", 2000), "", "compare", strings.TrimSpace(strings.Repeat("lipa sasa ", 2000)[:4096])},
	} {
		act, query := bot.Understood(words, c.text, c.talk)
		if act != c.act || query != c.query {
			t.Errorf("%s: %.40q is understood as %s %.40q, want %s %.40q", c.name, c.text, act, query, c.act, c.query)
		}
	}
}

type search struct{ *catalogue.Index }

func (s search) Search(query string, limit int) []bot.Found {
	var out []bot.Found
	for _, h := range s.Index.Search(query, limit) {
		out = append(out, bot.Found{Service: h.Service, Agency: h.Agency, Platform: h.Platform, Score: h.Score})
	}
	return out
}

// What people type first must reach the search, and must never be taken for
// another service without a question.
func TestQueriesReachTheService(t *testing.T) {
	t.Parallel()
	w := theWorld(t)
	s, words := search{w.index}, w.words
	file, err := os.Open("../subscriptions/catalogue/testdata/queries.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all, sure, wrong := 0, 0, 0
	for lines := bufio.NewScanner(file); lines.Scan(); {
		query, want, ok := strings.Cut(lines.Text(), "\t")
		if !ok || strings.HasPrefix(query, "#") || want == "" || want == "-" {
			continue
		}
		all++
		act, looked := bot.Understood(words, query, "")
		if act == "paid" && want == "ecitizen-payment-check" {
			sure++ // that answer warns first, and has the service as its button
			continue
		}
		if act != "find" && act != "status" && act != "report" || looked == "" {
			t.Errorf("%q is understood as %s %q, not searched", query, act, looked)
			continue
		}
		found := s.Search(looked, 5)
		decided := string(bot.Decide(found))
		right := func(scope string) bool {
			return slices.Contains(strings.Split(want, "|"), strings.TrimPrefix(scope, "service:"))
		}
		switch {
		case decided == "":
			if !slices.ContainsFunc(bot.ScopesOf(found), func(s subscriptions.Scope) bool { return right(string(s)) }) {
				t.Errorf("%q offers %v, want %s among them", query, bot.ScopesOf(found), want)
			}
		case right(decided):
			sure++
		default:
			wrong++
			t.Logf("%q is taken for %s, want %s", query, decided, want)
		}
	}
	t.Logf("%d queries: %d answered at once, %d of them wrongly", all, sure+wrong, wrong)
	if wrong*100 > all*2 || sure*100 < all*60 {
		t.Errorf("%d of %d queries answered at once and %d wrongly, want at least 60 %% and at most 2 %%", sure, all, wrong)
	}
}
