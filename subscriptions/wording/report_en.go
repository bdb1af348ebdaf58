package wording

import "github.com/nicksnyder/go-i18n/v2/i18n"

// reportEnglish are the sentences about what fails for somebody, and about whether
// it works again, in English.
func reportEnglish() []*i18n.Message {
	return []*i18n.Message{
		phrase("button.fails", "It fails for me"),
		phrase("button.skip", "Leave it out"),
		phrase("button.works", "Yes, it works"),
		phrase("button.works-not", "No, it fails"),
		phrase("command.report", "It fails for me: report it"),

		phrase("report.which", "What fails for you? Write its name or choose."),
		phrase("report.thanks", "Thank you. Your report is counted: {{.Name}}"),
		phrase("report.again", "Your report is counted already: {{.Name}}"),
		phrase("report.noted", "Noted. Thank you."),
		phrase("report.how", "How did you pay or try?"),
		phrase("report.county", "In which county are you? Choose it or write it; you may leave it out."),
		phrase("report.words", "If you want, write in a sentence what happened. Officers read it; it is never published, and erased within a week."),
		phrase("report.officers", "When many report the same, the officers who answer for it are called."),
		phrase("unofficial", "Not official: many people have reported this since {{.When}}. There is no official word yet."),

		phrase("sample.ask", "Does this work for you now? {{.Name}}"),
		phrase("sample.why", "You get this question because you reported it or were told of it. Your answer goes to the officers as a number."),
		phrase("sample.works", "Thank you. That is good to know."),
		phrase("sample.fails", "Thank you. The officers see it as a number. If your money has already left, do not pay again."),
		phrase("sample.how", "How did you pay or try?"),
		phrase("sample.over", "Thank you. That question is no longer open."),

		counted("mydata.reports", "One report that something fails, without your name; for a week also that it came from this chat, to ask you whether it works again, and the words that you added.",
			"{{.N}} reports that something fails, without your name; for a week also that they came from this chat, to ask you whether it works again, and the words that you added."),

		phrase("tried.mpesa-app", "M-PESA app"),
		phrase("tried.mpesa-menu", "M-PESA menu or paybill"),
		phrase("tried.airtel", "Airtel Money or T-Kash"),
		phrase("tried.card", "Card"),
		phrase("tried.bank", "Bank"),
		phrase("tried.ussd", "Phone code (*…#)"),
		phrase("tried.website", "Website or app"),
		phrase("tried.counter", "At a counter"),
		phrase("tried.other", "Another way"),

		phrase("hear.report", "report|it fails|it fails for me|it is not working|its not working|not working|it is down|its down|i want to report|report a problem|report problem|there is a problem|it does not work|it doesnt work|im stuck|it failed"),
		phrase("hear.verb.report", "report|i report|it fails for me|not working for me"),
		phrase("hear.fails", "not working|isnt working|is not working|are not working|doesnt work|does not work|dont work|do not work|stopped working|is down|are down|down|is failing|fails|failing|failed|is stuck|hanging|not loading|wont load|doesnt load|not opening|wont open|cannot login|cant login|cannot log in|cant log in|login failed|has not come|did not come|didnt come|hasnt come|gives an error|shows error|system error"),
		phrase("hear.fails.noise", "for me|at all|again|now|right now|since morning|since yesterday|still|the|my|is|are|has|and|just|keeps|totally|completely|please|help|website|site|portal|app|system|service"),
	}
}
