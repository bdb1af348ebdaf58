package wording

import (
	"regexp"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// english is plain English as it is spoken in Kenya.
func english() tongue {
	return tongue{
		language: "en",
		messages: englishNotices(),
		talk:     append(talkEnglish(), reportEnglish()...),
		page:     pageEnglish(),
		clock:    englishClock,
		brief:    englishClock,
		months: [12]string{"January", "February", "March", "April", "May", "June",
			"July", "August", "September", "October", "November", "December"},
		verbs:    englishVerbs,
		dateTime: "%s on %s",
		and:      "and",
	}
}

// englishClock says noon and midnight by name: nobody agrees which of them is
// 12:00 am.
func englishClock(t time.Time) string {
	switch t.Format("15:04") {
	case "00:00":
		return "12:00 midnight"
	case "12:00":
		return "12:00 noon"
	}
	return t.Format("3:04 pm")
}

func englishVerbs(subjects []string) verbs {
	if len(subjects) > 1 || englishPlural(subjects[0]) {
		return verbs{"are not working", "are still not working", "fail for some people", "will not work", "work again"}
	}
	return verbs{"is not working", "is still not working", "fails for some people", "will not work", "works again"}
}

var englishHead = regexp.MustCompile(` \(| (to|of|by|for|in) `)

// englishPlural judges a name by the last word before its first bracket or
// preposition.
func englishPlural(name string) bool {
	if at := englishHead.FindStringIndex(name); at != nil {
		name = name[:at[0]]
	}
	last := name[strings.LastIndex(name, " ")+1:]
	return strings.Contains(name, " and ") ||
		strings.HasSuffix(last, "s") && !strings.HasSuffix(last, "ss") && !strings.HasSuffix(last, "us")
}

func englishNotices() []*i18n.Message {
	return []*i18n.Message{
		// What happens.
		phrase("what.platform", "{{.Name}} {{.Verb}}."),
		counted("what.service.fails", "Not working: {{.Name}}.", "Not working: {{.Name}}."),
		counted("what.service.still", "Still not working: {{.Name}}.", "Still not working: {{.Name}}."),
		counted("what.service.some", "Fails for some people: {{.Name}}.", "Fail for some people: {{.Name}}."),
		counted("what.service.will", "Will not work: {{.Name}}.", "Will not work: {{.Name}}."),
		counted("what.service.works", "Works again: {{.Name}}.", "Work again: {{.Name}}."),
		counted("things.of", "{{.N}} service of {{.Agency}}", "{{.N}} services of {{.Agency}}"),
		counted("things", "{{.N}} service", "{{.N}} services"),
		phrase("subject.paybill", "Payments to {{.Value}} ({{.Agency}})"),
		counted("title.back", "Works again, says {{.Agency}}: {{.Name}}.", "Work again, says {{.Agency}}: {{.Name}}."),
		phrase("claim", "{{.Agency}} says: {{.What}}"),
		phrase("title.plan", "Planned work. {{.What}}"),
		phrase("title.checking", "Planned work is done and is being checked. {{.What}}"),
		phrase("title.over", "Planned work is over. {{.What}}"),
		phrase("title.way", "Another way: {{.Name}}"),
		phrase("title.deadline.moved", "New deadline: {{.Name}}"),
		phrase("title.deadline.stays", "Deadline not moved: {{.Name}}"),
		phrase("title.advisory", "Notice from {{.Agency}}"),
		phrase("nochange", "Nothing is new since the last notice."),
		phrase("since", "Since {{.When}}."),
		phrase("since.about", "Since about {{.When}}."),
		phrase("lasted", "It did not work from {{.From}} to {{.To}}."),
		phrase("lasted.about", "It did not work from about {{.From}} to {{.To}}."),
		counted("progress.investigating", "{{.Agency}} is working on it; the cause is not known yet.", "{{.Agency}} are working on it; the cause is not known yet."),
		counted("progress.identified", "{{.Agency}} has found the fault and is repairing it.", "{{.Agency}} have found the fault and are repairing it."),
		counted("progress.monitoring", "{{.Agency}} says that it is repaired, and is checking. Wait for the notice that it works again.", "{{.Agency}} say that it is repaired, and are checking. Wait for the notice that it works again."),
		phrase("suspected", "{{.Agency}} suspects {{.Name}}; {{.Operator}} has not confirmed this."),
		phrase("partial", "Not everything is back: other services still do not work."),
		phrase("plan.window", "From {{.From}} to {{.To}}."),
		phrase("plan.notbefore", "From {{.From}}. Not over before {{.To}}; the end itself is not known."),
		phrase("plan.open", "From {{.From}}. The end is not known yet."),

		// What to do.
		phrase("money", "If your money has already left, do not pay again."),
		phrase("money.plan", "If your money leaves during the work, do not pay again."),
		phrase("do.plan", "Do what you need before it begins."),
		phrase("landed.yes", "Payments that left have arrived."),
		phrase("landed.no", "Payments that left have not arrived yet."),
		phrase("pay.yes", "If your payment did not arrive, you may pay again."),
		phrase("pay.no", "If you paid, do not pay again."),
		phrase("moved.yes", "The deadline has moved."),
		phrase("moved.no", "No deadline has moved."),
		phrase("ask.landed", "whether payments that left have arrived"),
		phrase("ask.pay", "whether to pay again"),
		phrase("ask.moved", "whether a deadline moves"),
		phrase("unknown", "Not known yet: {{.What}}."),
		phrase("unknown.by", "Not known yet: {{.What}}. We will say by {{.When}}."),
		phrase("unknown.wait", "Until then, do not pay again."),

		// Corrections.
		phrase("false.payment", "False: a way to pay that is going round."),
		phrase("false.payment.do", "It is not from {{.Agency}}. Do not pay it. If you have paid, tell your bank or mobile-money company at once."),
		phrase("false.number", "False: a number or code that is going round."),
		phrase("false.number.do", "It is not from {{.Agency}}. Do not call it, text it or dial it."),
		phrase("false.link", "False: an internet address that is going round."),
		phrase("false.link.do", "It is not from {{.Agency}}. Do not open it, and write no password, PIN or card number there."),
		phrase("false.news", "False: a message that is going round."),
		phrase("false.news.do", "It is not from {{.Agency}}. Do not pass it on."),
		phrase("withdrawn", "Notice {{.Key}} is withdrawn: it was wrong."),
		phrase("withdrawn.last", "Our last notice about this is withdrawn: it was wrong."),
		phrase("withdrawn.do", "Do not follow it. If you paid because of it, keep the message that shows it and do not pay again."),
		phrase("answered", "The answers that notice {{.Key}} promised."),
		phrase("answered.last", "The answers that our last notice promised."),
		phrase("corrected", "Correction of notice {{.Key}}: read this one instead."),
		phrase("corrected.last", "Correction: read this instead of our last notice."),

		// One service.
		phrase("state.blocked", "not working"),
		phrase("state.will", "will not work"),
		phrase("state.degraded", "limited: {{.Ways}}"),
		phrase("state.some", "fails for some people"),
		phrase("state.held", "{{.Operator}} says that it works again; not confirmed by {{.Agency}}"),
		phrase("state.ended", "works again"),
		phrase("state.unknown", "not known whether this service is affected; check before you pay"),
		phrase("via.payment", "payments through {{.Name}} fail"),
		phrase("via.payment.will", "payments through {{.Name}} will fail"),
		phrase("via.other", "what goes through {{.Name}} fails"),
		phrase("via.other.will", "what goes through {{.Name}} will fail"),
		phrase("noway", "No other way is confirmed yet; do not pay anyone who offers one."),
		phrase("way", "Other way, confirmed by {{.Agency}}: {{.Text}}"),
		phrase("way.until", "Other way until {{.Until}}, confirmed by {{.Agency}}: {{.Text}}"),
		phrase("way.name", "The name on your phone must be {{.Name}}."),
		phrase("deadline.moved", "Deadline for {{.Name}}: now {{.New}}. The old date, {{.Old}}, no longer holds."),
		phrase("deadline.new", "Deadline for {{.Name}}: {{.New}}."),
		phrase("deadline.stays", "Deadline for {{.Name}}: still {{.Old}}; it has not moved."),
		phrase("deadline.fine", "There is no fine for being late."),

		// What comes, and who says it.
		phrase("next", "Next update by {{.When}}, even if nothing is new."),
		phrase("who", "Said by {{.Agency}} at {{.When}}."),
		phrase("number", "Notice {{.Key}}, code {{.Code}}."),
		phrase("number.host", "Notice {{.Key}}, code {{.Code}}; check it at {{.Host}}."),
		phrase("cause", "Cause, confirmed by {{.Agency}}: {{.Cause}}."),
		phrase("cause.network", "a network fault"),
		phrase("cause.power", "a power failure"),
		phrase("cause.provider", "a fault at a company that it relies on"),
		phrase("cause.load", "too many people at once"),
		phrase("cause.attack", "an attack on the system"),
		phrase("cause.change", "a change to the system"),
		phrase("cause.system", "a fault in the system"),
		phrase("pin", "We never ask for your PIN."),
		phrase("why", "You get this because you follow: %s"),
		phrase("why.asked", "You get this because you asked."),
		phrase("why.post", "Posted for everyone who reads this channel or group."),
		phrase("why.group", "Posted for everyone in this group. Only %s speaks for us here."),
		phrase("more", "+%d more"),
		phrase("more.host", "+%d more, named at {{.Host}}"),
		phrase("says.outage", "{{.Agency}} said at {{.When}}: not working."),
		phrase("says.alternative", "{{.Agency}} named at {{.When}} another way for its own services."),
		phrase("says.update", "{{.Agency}} said at {{.When}}: still not working."),
		phrase("says.restored", "{{.Agency}} said at {{.When}}: it works again."),
		phrase("says.maintenance", "{{.Agency}} spoke at {{.When}} of planned work."),
		phrase("says.correction", "{{.Agency}} corrected at {{.When}} what is being said."),
		phrase("says.advisory", "{{.Agency}} gave a notice of its own at {{.When}}."),

		// At most 160 characters.
		phrase("short", "{{.Agency}}: {{.What}}"),
		phrase("short.money", "If you paid, do not pay again."),
		phrase("short.again", "If it did not arrive, you may pay again."),
		phrase("short.noway", "No other way confirmed."),
		phrase("short.false", "Do not use it."),
		phrase("short.plan", "From {{.From}} to {{.To}}."),
		phrase("short.from", "From {{.From}}."),
		phrase("short.next", "Update by {{.When}}."),
		phrase("short.number", "Notice {{.Key}}"),
		phrase("short.host", "Check: {{.Host}}"),

		// Fixed sentences.
		phrase("silence", "No trouble announced. That does not mean it works."),
		phrase("asof", "As of {{.When}}."),
		phrase("overdue", "The update promised for {{.When}} is overdue."),
		phrase("endpassed", "The planned end, {{.When}}, has passed; not confirmed yet."),
		phrase("back", "{{.Agency}} said that it works again, at {{.When}}."),
	}
}
