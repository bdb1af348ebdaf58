package wording

import (
	"fmt"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// swahili is plain Kenyan Swahili with the glossary's words. Verbs agree with
// their nouns: malipo hayafanyi, huduma haifanyi or hazifanyi.
func swahili() tongue {
	return tongue{
		language: "sw",
		messages: swahiliNotices(),
		talk:     append(talkSwahili(), reportSwahili()...),
		page:     pageSwahili(),
		clock:    swahiliClock,
		brief:    swahiliBrief,
		months: [12]string{"Januari", "Februari", "Machi", "Aprili", "Mei", "Juni",
			"Julai", "Agosti", "Septemba", "Oktoba", "Novemba", "Desemba"},
		verbs:    swahiliVerbs,
		dateTime: "%s tarehe %s",
		and:      "na",
	}
}

// swahiliHours are the names of the hours as they are counted from sunrise: at
// six the twelfth hour ends.
var swahiliHours = [12]string{"kumi na mbili", "moja", "mbili", "tatu", "nne", "tano",
	"sita", "saba", "nane", "tisa", "kumi", "kumi na moja"}

// swahiliClock always carries the digits of the 24-hour clock: a reader who
// counts from midnight must not be six hours late.
func swahiliClock(t time.Time) string {
	hour, minutes := t.Hour(), ""
	switch m := t.Minute(); m {
	case 0:
	case 15:
		minutes = " na robo"
	case 30:
		minutes = " na nusu"
	case 45:
		hour, minutes = hour+1, " kasoro robo"
	default:
		minutes = fmt.Sprintf(" na dakika %d", m)
	}
	return fmt.Sprintf("saa %s%s %s (%s)", swahiliHours[(hour+6)%12], minutes, partOfDay(t), t.Format("15:04"))
}

// swahiliBrief is the clock for 160 characters: "saa 5 asubuhi (11:00)".
func swahiliBrief(t time.Time) string {
	hour := (t.Hour() + 6) % 12
	if hour == 0 {
		hour = 12
	}
	if t.Minute() != 0 {
		return fmt.Sprintf("saa %d:%02d %s (%s)", hour, t.Minute(), partOfDay(t), t.Format("15:04"))
	}
	return fmt.Sprintf("saa %d %s (%s)", hour, partOfDay(t), t.Format("15:04"))
}

func partOfDay(t time.Time) string {
	switch h := t.Hour(); {
	case h >= 4 && h < 6:
		return "alfajiri"
	case h >= 6 && h < 12:
		return "asubuhi"
	case h >= 12 && h < 16:
		return "mchana"
	case h >= 16 && h < 19:
		return "jioni"
	}
	return "usiku"
}

func swahiliVerbs(subjects []string) verbs {
	class := "zi"
	if len(subjects) == 1 {
		class = nounClass(subjects[0])
	}
	not := "ha" + class
	return verbs{
		Fails: not + "fanyi kazi",
		Still: "bado " + not + "fanyi kazi",
		Some:  not + "fanyi kazi kwa baadhi ya watu",
		Will:  not + "tafanya kazi",
		Works: class + "nafanya kazi tena",
	}
}

// nounClass returns the prefix with which verbs agree with a name: malipo takes
// ya, mfumo u, huduma i or zi. The word behind the noun (wa, za, cha …) tells.
func nounClass(name string) string {
	words := strings.Fields(name)
	if len(words) < 2 {
		return "i"
	}
	many := strings.HasPrefix(words[0], "Ma") || strings.HasPrefix(words[0], "ma")
	switch words[1] {
	case "wa":
		return "u"
	case "za", "na":
		return "zi"
	case "cha":
		return "ki"
	case "vya":
		return "vi"
	case "la":
		return "li"
	case "ya", "kwa", "kupitia":
		if many {
			return "ya"
		}
	}
	return "i"
}

func swahiliNotices() []*i18n.Message {
	return []*i18n.Message{
		// Kinachotokea.
		phrase("what.platform", "{{.Name}} {{.Verb}}."),
		counted("what.service.fails", "Haifanyi kazi: {{.Name}}.", "Hazifanyi kazi: {{.Name}}."),
		counted("what.service.still", "Bado haifanyi kazi: {{.Name}}.", "Bado hazifanyi kazi: {{.Name}}."),
		counted("what.service.some", "Haifanyi kazi kwa baadhi ya watu: {{.Name}}.", "Hazifanyi kazi kwa baadhi ya watu: {{.Name}}."),
		counted("what.service.will", "Haitafanya kazi: {{.Name}}.", "Hazitafanya kazi: {{.Name}}."),
		counted("what.service.works", "Inafanya kazi tena: {{.Name}}.", "Zinafanya kazi tena: {{.Name}}."),
		counted("things.of", "huduma {{.N}} ya {{.Agency}}", "huduma {{.N}} za {{.Agency}}"),
		counted("things", "huduma {{.N}}", "huduma {{.N}}"),
		phrase("subject.paybill", "Malipo kwa {{.Value}} ({{.Agency}})"),
		counted("title.back", "Inafanya kazi tena, kwa mujibu wa {{.Agency}}: {{.Name}}.", "Zinafanya kazi tena, kwa mujibu wa {{.Agency}}: {{.Name}}."),
		phrase("claim", "{{.Agency}} inasema: {{.What}}"),
		phrase("title.plan", "Ukarabati uliopangwa. {{.What}}"),
		phrase("title.checking", "Ukarabati umekwisha na unakaguliwa. {{.What}}"),
		phrase("title.over", "Ukarabati umekwisha. {{.What}}"),
		phrase("title.way", "Njia nyingine: {{.Name}}"),
		phrase("title.deadline.moved", "Makataa mapya: {{.Name}}"),
		phrase("title.deadline.stays", "Makataa hayajabadilika: {{.Name}}"),
		phrase("title.advisory", "Ilani kutoka {{.Agency}}"),
		phrase("nochange", "Hakuna jipya tangu notisi iliyopita."),
		phrase("since", "Tangu {{.When}}."),
		phrase("since.about", "Tangu takriban {{.When}}."),
		phrase("lasted", "Hitilafu ilidumu kuanzia {{.From}} hadi {{.To}}."),
		phrase("lasted.about", "Hitilafu ilidumu kuanzia takriban {{.From}} hadi {{.To}}."),
		counted("progress.investigating", "{{.Agency}} inashughulikia; chanzo hakijajulikana.", "{{.Agency}} zinashughulikia; chanzo hakijajulikana."),
		counted("progress.identified", "{{.Agency}} imepata hitilafu na inairekebisha.", "{{.Agency}} zimepata hitilafu na zinairekebisha."),
		counted("progress.monitoring", "{{.Agency}} inasema imerekebisha na inakagua. Subiri notisi kwamba huduma zimerejea.", "{{.Agency}} zinasema zimerekebisha na zinakagua. Subiri notisi kwamba huduma zimerejea."),
		phrase("suspected", "{{.Agency}} inashuku {{.Name}}; {{.Operator}} haijathibitisha."),
		phrase("partial", "Si zote zimerejea: huduma nyingine bado hazifanyi kazi."),
		phrase("plan.window", "Kuanzia {{.From}} hadi {{.To}}."),
		phrase("plan.notbefore", "Kuanzia {{.From}}. Haitaisha kabla ya {{.To}}; mwisho wenyewe haujulikani."),
		phrase("plan.open", "Kuanzia {{.From}}. Mwisho bado haujulikani."),

		// La kufanya.
		phrase("money", "Kama pesa zako tayari zimetoka, usilipe tena."),
		phrase("money.plan", "Pesa zako zikitoka wakati wa ukarabati, usilipe tena."),
		phrase("do.plan", "Fanya unachohitaji kabla ya ukarabati kuanza."),
		phrase("landed.yes", "Malipo yaliyotoka yamefika."),
		phrase("landed.no", "Malipo yaliyotoka bado hayajafika."),
		phrase("pay.yes", "Kama malipo yako hayakufika, unaweza kulipa tena."),
		phrase("pay.no", "Kama ulilipa, usilipe tena."),
		phrase("moved.yes", "Makataa yamesongezwa."),
		phrase("moved.no", "Hakuna makataa yaliyosongezwa."),
		phrase("ask.landed", "kama malipo yaliyotoka yamefika"),
		phrase("ask.pay", "kama ulipe tena"),
		phrase("ask.moved", "kama makataa yatasongezwa"),
		phrase("unknown", "Bado haijulikani: {{.What}}."),
		phrase("unknown.by", "Bado haijulikani: {{.What}}. Tutasema kabla ya {{.When}}."),
		phrase("unknown.wait", "Hadi hapo, usilipe tena."),

		// Masahihisho.
		phrase("false.payment", "Uongo: njia ya kulipa inayosambazwa."),
		phrase("false.payment.do", "Haitoki {{.Agency}}. Usilipe kwa njia hiyo. Kama umelipa, ijulishe benki yako au kampuni ya pesa za simu mara moja."),
		phrase("false.number", "Uongo: nambari au msimbo unaosambazwa."),
		phrase("false.number.do", "Haitoki {{.Agency}}. Usiipigie simu wala kuitumia ujumbe."),
		phrase("false.link", "Uongo: anwani ya intaneti inayosambazwa."),
		phrase("false.link.do", "Haitoki {{.Agency}}. Usiifungue, wala usiandike nenosiri, PIN au nambari ya kadi."),
		phrase("false.news", "Uongo: ujumbe unaosambazwa."),
		phrase("false.news.do", "Hautoki {{.Agency}}. Usiusambaze."),
		phrase("withdrawn", "Notisi {{.Key}} imeondolewa: haikuwa sahihi."),
		phrase("withdrawn.last", "Notisi yetu iliyopita kuhusu jambo hili imeondolewa: haikuwa sahihi."),
		phrase("withdrawn.do", "Usiifuate. Kama ulilipa kwa sababu yake, hifadhi ujumbe unaoonyesha malipo na usilipe tena."),
		phrase("answered", "Majibu yaliyoahidiwa katika notisi {{.Key}}."),
		phrase("answered.last", "Majibu yaliyoahidiwa katika notisi yetu iliyopita."),
		phrase("corrected", "Masahihisho ya notisi {{.Key}}: soma hii badala yake."),
		phrase("corrected.last", "Masahihisho: soma hii badala ya notisi yetu iliyopita."),

		// Huduma moja.
		phrase("state.blocked", "haifanyi kazi"),
		phrase("state.will", "haitafanya kazi"),
		phrase("state.degraded", "ina tatizo: {{.Ways}}"),
		phrase("state.some", "haifanyi kazi kwa baadhi ya watu"),
		phrase("state.held", "{{.Operator}} inasema inafanya kazi tena; {{.Agency}} haijathibitisha"),
		phrase("state.ended", "inafanya kazi tena"),
		phrase("state.unknown", "haijulikani kama huduma hii imeathirika; uliza kabla ya kulipa"),
		phrase("via.payment", "malipo kupitia {{.Name}} hayafanyi kazi"),
		phrase("via.payment.will", "malipo kupitia {{.Name}} hayatafanya kazi"),
		phrase("via.other", "yanayopitia {{.Name}} hayafanyi kazi"),
		phrase("via.other.will", "yanayopitia {{.Name}} hayatafanya kazi"),
		phrase("noway", "Bado hakuna njia nyingine iliyothibitishwa; usimlipe anayekupa nyingine."),
		phrase("way", "Njia nyingine, imethibitishwa na {{.Agency}}: {{.Text}}"),
		phrase("way.until", "Njia nyingine hadi {{.Until}}, imethibitishwa na {{.Agency}}: {{.Text}}"),
		phrase("way.name", "Jina kwenye simu yako lazima liwe {{.Name}}."),
		phrase("deadline.moved", "Makataa ya {{.Name}}: sasa ni {{.New}}. Tarehe ya awali, {{.Old}}, haitumiki tena."),
		phrase("deadline.new", "Makataa ya {{.Name}}: {{.New}}."),
		phrase("deadline.stays", "Makataa ya {{.Name}}: bado ni {{.Old}}; hayajasongezwa."),
		phrase("deadline.fine", "Hakuna faini ya kuchelewa."),

		// Kinachofuata, na nani anasema.
		phrase("next", "Taarifa ijayo kabla ya {{.When}}, hata kama hakuna jipya."),
		phrase("who", "Imetolewa na {{.Agency}}, {{.When}}."),
		phrase("number", "Notisi {{.Key}}, msimbo {{.Code}}."),
		phrase("number.host", "Notisi {{.Key}}, msimbo {{.Code}}; thibitisha: {{.Host}}."),
		phrase("cause", "Chanzo, kimethibitishwa na {{.Agency}}: {{.Cause}}."),
		phrase("cause.network", "hitilafu ya mtandao"),
		phrase("cause.power", "kukatika kwa umeme"),
		phrase("cause.provider", "hitilafu kwa kampuni inayotegemewa"),
		phrase("cause.load", "watu wengi mno kwa wakati mmoja"),
		phrase("cause.attack", "shambulio dhidi ya mfumo"),
		phrase("cause.change", "mabadiliko kwenye mfumo"),
		phrase("cause.system", "hitilafu ya mfumo"),
		phrase("pin", "Hatuombi PIN yako."),
		phrase("why", "Unapata hii kwa sababu unafuatilia: %s"),
		phrase("why.asked", "Unapata hii kwa sababu uliuliza."),
		phrase("why.post", "Kwa wote wanaosoma chaneli au kundi hili."),
		phrase("why.group", "Kwa wote katika kundi hili. Ni %s pekee inayotuwakilisha hapa."),
		phrase("more", "+%d zaidi"),
		phrase("more.host", "+%d zaidi, zimetajwa kwenye {{.Host}}"),
		phrase("says.outage", "{{.Agency}} ilisema {{.When}}: haifanyi kazi."),
		phrase("says.alternative", "{{.Agency}} ilitaja {{.When}} njia nyingine ya huduma zake."),
		phrase("says.update", "{{.Agency}} ilisema {{.When}}: bado haifanyi kazi."),
		phrase("says.restored", "{{.Agency}} ilisema {{.When}}: inafanya kazi tena."),
		phrase("says.maintenance", "{{.Agency}} ilitangaza ukarabati {{.When}}."),
		phrase("says.correction", "{{.Agency}} ilisahihisha {{.When}} yanayosemwa."),
		phrase("says.advisory", "{{.Agency}} ilitoa ilani yake {{.When}}."),

		// Herufi 160.
		phrase("short", "{{.Agency}}: {{.What}}"),
		phrase("short.money", "Ukishalipa usilipe tena."),
		phrase("short.again", "Kama hayakufika, unaweza kulipa tena."),
		phrase("short.noway", "Njia nyingine haijathibitishwa."),
		phrase("short.false", "Usitumie."),
		phrase("short.plan", "Kuanzia {{.From}} hadi {{.To}}."),
		phrase("short.from", "Kuanzia {{.From}}."),
		phrase("short.next", "Taarifa kabla ya {{.When}}."),
		phrase("short.number", "Notisi {{.Key}}"),
		phrase("short.host", "Thibitisha: {{.Host}}"),

		// Sentensi zisizobadilika.
		phrase("silence", "Hakuna tatizo lililotangazwa. Hii haimaanishi inafanya kazi."),
		phrase("asof", "Hali ilivyo {{.When}}."),
		phrase("overdue", "Taarifa iliyoahidiwa kabla ya {{.When}} imechelewa."),
		phrase("endpassed", "Mwisho uliopangwa, {{.When}}, umepita; bado haijathibitishwa."),
		phrase("back", "{{.Agency}} ilisema inafanya kazi tena, {{.When}}."),
	}
}
