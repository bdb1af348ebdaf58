package wording

import "github.com/nicksnyder/go-i18n/v2/i18n"

// reportSwahili are the same in Swahili.
func reportSwahili() []*i18n.Message {
	return []*i18n.Message{
		phrase("button.fails", "Kwangu haifanyi kazi"),
		phrase("button.skip", "Ruka"),
		phrase("button.works", "Ndiyo, inafanya kazi"),
		phrase("button.works-not", "Hapana, haifanyi kazi"),
		phrase("command.report", "Kwangu haifanyi kazi: ripoti"),

		phrase("report.which", "Nini hakifanyi kazi kwako? Andika jina lake au chagua."),
		phrase("report.thanks", "Asante. Ripoti yako imehesabiwa: {{.Name}}"),
		phrase("report.again", "Ripoti yako imeshahesabiwa: {{.Name}}"),
		phrase("report.noted", "Tumepokea. Asante."),
		phrase("report.how", "Ulilipa au ulijaribu vipi?"),
		phrase("report.county", "Uko kaunti gani? Chagua au andika; si lazima."),
		phrase("report.words", "Ukipenda, andika kwa sentensi moja kilichotokea. Maafisa huisoma; haichapishwi kamwe, na hufutwa ndani ya wiki moja."),
		phrase("report.officers", "Wengi wakiripoti jambo lile lile, maafisa wanaohusika huitwa."),
		phrase("unofficial", "Si rasmi: watu wengi wameripoti hili tangu {{.When}}. Bado hakuna taarifa rasmi."),

		phrase("sample.ask", "Je, hii inafanya kazi kwako sasa? {{.Name}}"),
		phrase("sample.why", "Unaulizwa kwa sababu uliripoti au ulitaarifiwa kuihusu. Jibu lako huwafikia maafisa kama hesabu tu."),
		phrase("sample.works", "Asante. Ni vizuri kujua."),
		phrase("sample.fails", "Asante. Maafisa huiona kama hesabu. Kama pesa zako tayari zimetoka, usilipe tena."),
		phrase("sample.how", "Ulilipa au ulijaribu vipi?"),
		phrase("sample.over", "Asante. Swali hilo limefungwa."),

		counted("mydata.reports", "Ripoti moja kwamba kitu hakifanyi kazi, bila jina lako; kwa wiki moja pia kwamba ilitoka katika mazungumzo haya, ili tukuulize kama inafanya kazi tena, na maneno uliyoongeza.",
			"Ripoti {{.N}} kwamba kitu hakifanyi kazi, bila jina lako; kwa wiki moja pia kwamba zilitoka katika mazungumzo haya, ili tukuulize kama inafanya kazi tena, na maneno uliyoongeza."),

		phrase("tried.mpesa-app", "Programu ya M-PESA"),
		phrase("tried.mpesa-menu", "Menyu ya M-PESA au paybill"),
		phrase("tried.airtel", "Airtel Money au T-Kash"),
		phrase("tried.card", "Kadi"),
		phrase("tried.bank", "Benki"),
		phrase("tried.ussd", "Msimbo wa simu (*…#)"),
		phrase("tried.website", "Tovuti au programu"),
		phrase("tried.counter", "Kwenye kaunta"),
		phrase("tried.other", "Njia nyingine"),

		phrase("hear.report", "ripoti|haifanyi kazi|haifanyi|hazifanyi kazi|hayafanyi kazi|kwangu haifanyi kazi|imekwama|inakataa|imeharibika|nataka kuripoti|ripoti tatizo|kuna tatizo|kuna shida|ina shida|imegoma|haiwezi"),
		phrase("hear.verb.report", "ripoti|naripoti"),
		phrase("hear.fails", "haifanyi kazi|hazifanyi kazi|hayafanyi kazi|hafanyi kazi|hakifanyi kazi|haifanyi|hazifanyi|hayafanyi|iko down|ziko down|imekwama|zimekwama|imegoma|zimegoma|inakataa|zinakataa|imekataa|imeharibika|inasumbua|zinasumbua|ina shida|zina shida|haifunguki|hazifunguki|haiingii|haijakuja|hazijakuja|haijaingia|hazijaingia|inarudisha error|inaleta error"),
		phrase("hear.fails.noise", "je|kwangu|kabisa|tena|sasa|tangu asubuhi|tangu jana|bado|kwa|ya|za|wa|yangu|zangu|huduma|tovuti|mfumo|naomba|tafadhali|msaada|jamani|hii"),
	}
}
