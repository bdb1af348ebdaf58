package subscriptions

import "regexp"

// The words of this file ask for a second officer and nothing more: a number
// behind one of them does not stop a notice.

// otherNumbers say an order or a part in English and Swahili, or a number in
// other languages that Kenyans read.
var otherNumbers = wordSet(`first second third fourth fifth sixth seventh eighth ninth tenth half halves quarter quarters dozen dozens couple twice thrice
	twoo thre fiv sevn eigth thri faiv wan waan wani tu tuu tri trii thrii fo foo fow foa faivu siks sikis seveni sevenu eiti eit naini naan nain zero ziro zeroo teni
	niner niners fiver fivers fower fife wun oner
	mosi pili tatatu mbla mbeli mbiri moya moko tadu thatu gross
	kwanza nusu robo thuluthi dazani maradufu
	imwe igiri ithatu inya ithano ithathatu mugwanja inyanya ikumi
	achiel ariyo adek angwen abich auchiel abiriyo aboro ochiko apar
	kow laba saddex lix toddoba siddeed sagaal toban
	wahid ithnan thalatha arbaa khamsa sitta sabaa thamania
	deux trois quatre cinq huit neuf zwei drei vier acht neun`)

// networkWords name the places where an account without an @ is looked up.
var networkWords = wordSet(`telegram whatsapp facebook messenger instagram tiktok twitter snapchat imo viber skype
	google
	fesibuku fesibuk facebuk fb insta tiktoku twita wasap wasapu watsap watsapp whatsap whats wozap telegramu tg youtube linkedin reddit x
	scan scans scanned scanning skani skania skana qr barcode barcodes hyphen
	inbox dm dms slash backslash mkwaju username hashtag underscore subdomain url link links kiungo viungo`)

// dotWords are said for the dot of an address and hardly ever else; spokenDots
// are, unless a small word follows.
var (
	dotWords   = wordSet(`dot dott doti nukta nokta`)
	spokenDots = wordSet(`point pointi period fullstop`)
	dotless    = wordSet(`of in for to and or is are was were will has have had the at on from during until between by before after where when that this with a an it we you they`)
)

// smallWords may come again and again in honest sentences.
var smallWords = wordSet(`a an the and or of in on at to for from by with is are was be it its we you they our your this that not no as if will has have
	na ya wa za la cha vya kwa ni si katika au kama hii hiyo huu hizi hili yake zake wake yetu zetu kila bado pia`)

// givingWords speak of giving, owing and the means of it.
var givingWords = wordSet(`give gives given gave giving giver givers gift gifts settle settles settled settling settlement
	dues owe owed owes owing arrears debt debts deni madeni donate donates donated donating donation donations donor
	contribute contributes contributed contributing contribution contributions harambee topup reload recharge wire wires wired
	swipe swipes debit debits debited credit credits credited cheque cheques rent rents levy levies tip tips
	coin coins bobs buck bucks dough doh ganji mulla munde ngiri chwani thao soo sarafu noti thumni senti pawa
	envelope envelopes bahasha zawadi karo nauli chai mchango michango changa changia changeni changieni mchangie wachangie tuchangie
	sambaza sambazeni sambazia nisambazie tusambazie bonga rusha rusheni rushia nirushie mrushie turushie angusha angusheni cashier cashiers
	transact transacts transacted transacting transaction muamala miamala
	deadline deadlines muda makataa waive waived waiver okoa lete leteni toa toeni weka wekeni wekea kabidhi kabidhini tunuku`)

// givingPairs are two words that mean it only together.
var givingPairs = wordPairs("hand over", "hand in", "top up", "buy goods", "kitu kidogo", "pass on", "drop off", "square up", "part with",
	"due date", "due dates", "due on", "due by", "due in", "once more", "second time", "do again", "do it", "repeat it", "rudia tena", "it again", "fanya tena", "ya mwisho")

func wordPairs(list ...string) map[string]bool {
	set := map[string]bool{}
	for _, p := range list {
		set[p] = true
	}
	return set
}

// givingVerb takes the Swahili verbs "give", "bring", "contribute" and "hand out"
// where they say to whom, or are told to several.
var givingVerb = regexp.MustCompile(`^(?:` + subjects + `?(?:ni|tu|m|mu|wa)p(?:e|eni|atie|atieni|elekee|elekeeni)|ku(?:ni|tu|m|wa)pa(?:tia)?|pe(?:ni|ana|aneni)|` +
	subjects + `?(?:ni|tu|m|wa)(?:letee|leteeni|wekee|wekeeni|tolee|toleeni)|` +
	verbPrefixes + `(?:sambazi|changi|tumi)(?:ane|aneni|sheni|eni))$`)
