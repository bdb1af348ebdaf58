package talk

// verbTable is all that buttons do. Deeds act; the others show another card.
func verbTable() map[string]verb {
	view := func(run runs) verb { return verb{run: run} }
	deed := func(run runs) verb { return verb{run: run, deed: true} }
	return map[string]verb{
		"home": view((*turn).goHome), "lock": view((*turn).goLock),
		"incident": view((*turn).incident), "notices": view((*turn).notices), "notice": view((*turn).readNotice),
		"fails": view((*turn).fails), "page": view((*turn).page), "choose": view((*turn).choose), "template": view((*turn).template), "suspect": view((*turn).suspect),
		"compose": view((*turn).compose), "since": view((*turn).setSince), "next": view((*turn).setNext), "type": view((*turn).typing), "skip": view((*turn).skipFree), "unsay": view((*turn).unsay),
		"update": view((*turn).update), "causes": view((*turn).causes), "cause": view((*turn).cause), "draft": view((*turn).draft), "sentence": view((*turn).sentence), "first": view((*turn).first),
		"ways": view((*turn).ways), "way": view((*turn).tellWay), "restore": view((*turn).restore), "release": view((*turn).release), "answer": view((*turn).answerNow), "answered": view((*turn).answered),
		"some": view((*turn).some), "pick": view((*turn).pick), "picked": view((*turn).picked), "hold": view((*turn).hold), "join-ask": view((*turn).joinAsk), "ticks": view((*turn).askTicks),
		"approve-ask": view((*turn).approveAsk), "return-ask": view((*turn).returnAsk), "change": view((*turn).change), "false": view((*turn).falsehood), "correct": view((*turn).correct),
		"begin-outage": view((*turn).beginOutage), "other": view((*turn).other),
		"alarm": view((*turn).alarm), "alarm-publish": view((*turn).alarmPublish), "alarm-words": view((*turn).alarmWords), "alarm-not-us": view((*turn).alarmNotUs), "back": view((*turn).backToWork),
		"advise": view((*turn).advise), "sure": view((*turn).sure),

		"say": deed((*turn).say), "no-change": deed((*turn).noChange), "activate": deed((*turn).activate), "stop": deed((*turn).stop), "withdraw": deed((*turn).withdraw),
		"alarm-say": deed((*turn).alarmSay), "alarm-pass": deed((*turn).alarmPass), "alarm-watch": deed((*turn).alarmWatch),
		"discard": deed((*turn).discard), "held": deed((*turn).held), "join": deed((*turn).join), "tick": deed((*turn).tick), "resolve": deed((*turn).resolve), "reopen": deed((*turn).reopen),
	}
}

// textTable is what the conversation asks for in words.
func textTable() map[string]runs {
	return map[string]runs{
		asksApproval: (*turn).approve, asksReason: (*turn).giveBack, asksSearch: (*turn).find,
		asksFree: (*turn).typedFree, asksTime: (*turn).typedTime, asksSpan: (*turn).typedSpan,
	}
}
