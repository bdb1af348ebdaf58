package subscriptions

import (
	"regexp"
	"strings"
)

// moneyWords is the one table of words that speak of money or of what opens an
// account (rule 4 of the design): free text with one of them needs two officers,
// and a number behind one of them stops the notice.
//
// A plain entry is a whole word. "~" before an English stem adds its regular
// inflections; "-" before a Swahili verb root adds its prefixes and endings.
// Left out on purpose: "agency", and the Swahili "tumia" (use), "tume"
// (commission), "ilipo" (where it is) and "zimerejeshwa" (restored), which
// honest notices need.
const moneyWords = `
	~pay ~prepay ~repay ~overpay ~underpay paid unpaid prepaid repaid overpaid payer payers payee payees payout payouts
	payment payments prepayment repayment payable payslip
	~paybill paybills buygoods ~till ~agent ~send sender senders sent resend resent ~remit remittance
	~transfer transferred transferring ~deposit ~withdraw withdrawal withdrawals withdrew withdrawn
	~refund ~reimburse reimbursement ~reverse reversal reversals ~bribe
	money cash ~wallet ~account acc acct ~bank ~buy bought ~purchase ~loan ~borrow ~lend lent
	~fee ~fine ~charge ~penalty penalties ~price ~cost ~invoice ~bill
	mpesa pesa fuliza pochi airtime mshwari equitel tkash pdq
	pin pins otp otps password passwords passcode passcodes cvv
	ksh kshs kes shilling shillings bob usd dollar dollars
	-lip malipo lipo lipeni lipieni lipini ulipaji mlipaji walipaji
	-tum nitumie mtumaji watumaji utumaji
	-hamish uhamisho -nunu ununuzi mnunuzi manunuzi -tozw -toz tozo
	wakala mawakala uwakala ajenti maajenti
	hela fedha shilingi chapaa mkwanja akaunti benki mabenki mkopo mikopo -kop
	ada faini adhabu bei gharama ankara bili amana akiba hongo rushwa
	nenosiri nywila
`

// numberCalls are words that a number to call, text or pay follows.
var numberCalls = wordSet(`call calls dial dials ring text texts sms whatsapp phone telephone tel hotline number numbers no nos num shortcode code codes contact
	piga pigia upige mpige simu nambari namba msimbo kodi ujumbe wasiliana tuandikie`)

// monthWords, before or behind a day or a year, make it a date.
var monthWords = wordSet(`january february march april may june july august september october november december
	jan feb mar apr jun jul aug sep sept oct nov dec
	januari februari machi aprili mei juni julai agosti septemba oktoba novemba desemba mwezi`)

// yearWords may stand before a year.
var yearWords = wordSet(`in year years mwaka miaka since tangu until hadi before kabla after baada by of fy kcse kcpe kpsea ya wa the`)

// timeWords before a time or a date tell that it is one, even near a money word.
var timeWords = wordSet(`before by until at from since after on between saa ya hadi tangu kuanzia mpaka baada kabla tarehe mnamo`)

// noticeWords stand before a notice's number, with one of numberLabels between
// them or without.
var (
	noticeWords  = wordSet(`notice notisi ilani`)
	numberLabels = wordSet(`no nos number nambari namba nam ya`)
)

// unitWords make a count of the number beside them: behind it in English,
// before it in Swahili.
var unitWords = wordSet(`people person persons citizens customers clients services users members vehicles vans cars minute minutes mins min hour hours hrs
	day days week weeks month months year years second seconds km kilometre kilometres metre metres unit units kwh kw mw percent per
	offices counties centres schools hospitals students candidates applicants applications passports licences requests visitors travellers
	households homes meters transactions messages branches counters gates cases returns times employers farmers
	watu wananchi wateja huduma magari dakika saa masaa siku wiki miezi miaka sekunde kilomita mita vitengo asilimia ofisi kaunti vituo
	shule hospitali wanafunzi watahiniwa waombaji maombi pasipoti leseni wageni nyumba familia matawi mara kesi waajiri wakulima`)

// currencyWords stand beside an amount.
var currencyWords = wordSet(`ksh kshs kes sh shs shilingi shilling shillings bob usd dollar dollars`)

// joinerWords may stand between the parts of a number that is read out.
var joinerWords = wordSet(`na and dash hyphen then kisha halafu space nafasi tena again next plus followed by of a dot nukta point
	press bonyeza type andika enter ingiza digit digits tarakimu`)

// known host endings: hosts spelled with spaces or the word "dot" are told from
// prose by them.
const (
	sureEndings = `ke|com|net|org|biz|xyz|icu|io`
	// Some of these are words of honest notices too: only a real dot tells them.
	looseEndings = sureEndings + `|go|co|ac|or|info|app|site|online|shop|top|club|link|click|help|support|live|me|ly|gl|gd|cc|us|uk|tz|ug|africa|page|web|dev|ai|tk|ml|ga`
)

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[w] = true
	}
	return set
}

// Swahili verbs carry subject, tense and object before the root. The pattern
// takes any row of such syllables: a word too many costs a second officer's
// look, a word too few costs money.
const (
	verbPrefixes = `(?:a|u|i|wa|m|mu|mw|ni|n|tu|ki|vi|ya|li|zi|ku|kw|pa|na|ta|me|nge|ngali|si|ha|hu|ka|ji|ye|o|cho|vyo|lo|yo|zo|po|sha|kisha|mesha)*`
	verbEndings  = `(?:a|aye|ao|eni|wa|we|ia|ie|ieni|iwa|iwe|iana|iane|ianeni|lia|liwa|isha|ishe|ishwa|ishwe|isheni|ika|ike|ana|aneni|apo|azo|ayo|alo|acho|aji|ua|uliwa)`
	// Who does it, and who or what it is done to, as the subjunctive names them.
	subjects = `(?:u|m|mu|wa|tu|ni|a|si|usi|msi|wasi|tusi|asi|nisi|i|ya)`
	objects  = `(?:ni|tu|m|mu|wa|ku|ki|i|zi|li)`
)

var (
	plainMoney, verbRoot, moneyPattern = compileMoney()
	// The subjunctive ("usitume", "ulipe") needs a prefix: bare "tume" is a commission.
	// The negative "hulipi" is told from "lipi" (which) by its prefix.
	// "Tutumie" may be "let us use" or "send us": the one who is sent to stands in front.
	subjunctive = regexp.MustCompile(`^(?:` + subjects + objects + `?(?:lip|hamish|nunu)(?:e|ie|iwe|ishe)|` + objects + `(?:lip|hamish|nunu)(?:e|ie|ieni)|` +
		`(?:u|m|tu|a|usi|msi|wasi|tusi|asi|nisi)tume|` + subjects + objects + `tume|` + subjects + `?(?:ni|tu|m|wa|ku)tumie(?:ni)?|(?:si|hu|ha|hatu|ham|hawa)(?:lip|tum)i)$`)
)

// compileMoney reads the table of money words. It returns the whole words, the
// roots of the verbs for a quick look, and the verbs with all their forms.
func compileMoney() (map[string]bool, *regexp.Regexp, *regexp.Regexp) {
	plain, roots := map[string]bool{}, []string{}
	for _, w := range strings.Fields(moneyWords) {
		switch w[0] {
		case '~':
			for _, ending := range []string{"", "s", "es", "ed", "d", "ing", "er", "ers", "able"} {
				plain[w[1:]+ending] = true
			}
			if stem, ok := strings.CutSuffix(w[1:], "e"); ok {
				plain[stem+"ing"], plain[stem+"able"] = true, true
			}
		case '-':
			roots = append(roots, w[1:])
		default:
			plain[w] = true
		}
	}
	root := `(?:` + strings.Join(roots, "|") + `)`
	return plain, regexp.MustCompile(root), regexp.MustCompile(`^` + verbPrefixes + root + verbEndings + `$`)
}

// notMoney are words that the verb pattern takes although they mean something else.
var notMoney = wordSet(`tumia kutumia unatumia anatumia tunatumia wanatumia mnatumia inatumia imetumia utumia itumia watumia ametumia umetumia
	tumika kutumika inatumika zinatumika hutumika itatumika yanatumika alipo walipo ilipo ulipo zilipo yalipo tulipo mlipo kilipo palipo kopo makopo`)

// moneyWord reports whether w, folded, speaks of money.
func moneyWord(w string) bool {
	if plainMoney[w] {
		return true
	}
	if !verbRoot.MatchString(w) {
		return false
	}
	if subjunctive.MatchString(w) {
		return true
	}
	return !notMoney[w] && !tumia.MatchString(w) && moneyPattern.MatchString(w)
}

// tumia is the verb "use" in all its forms, which shares its root with "send".
var tumia = regexp.MustCompile(`^` + verbPrefixes + `tumi(?:a|e|eni|wa|we|ka|ki|ana|sha|shwa)$`)

// shortForms are written with a full stop that ends no sentence.
var shortForms = wordSet(`no nos na nam nambari num tel acc acct ksh kshs kes sh shs`)

// priceWords stand in front of an honest amount ("the fee is KSh 1,050").
var priceWords = wordSet(`fee fees cost costs price prices charge charges fine fines penalty ada faini bei gharama tozo adhabu money pesa hela fedha cash`)

// numberCall reports whether a number behind w is one to pay, call or text.
func numberCall(w string) bool {
	return numberCalls[w] || moneyWord(w) && !currencyWords[w] && !priceWords[w]
}

// leet are digits that stand for letters inside a word ("t1ll", "payb1ll").
var leet = []*strings.Replacer{
	strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "8", "b"),
	strings.NewReplacer("0", "o", "1", "l", "3", "e", "4", "a", "5", "s", "7", "t", "8", "b"),
}

// disguised returns the money or number word that a token of letters and digits spells.
func disguised(token string) (string, bool) {
	for _, r := range leet {
		if w := r.Replace(token); w != token && meaningful(w) {
			return w, true
		}
	}
	return "", false
}

// meaningful reports whether the scan knows w.
func meaningful(w string) bool {
	_, number := numberWords[w]
	return len(w) > 1 && (number || numberCalls[w] || moneyWord(w))
}
