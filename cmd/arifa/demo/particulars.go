package demo

import (
	"time"

	"arifa/subscriptions"
)

// particulars are what the officer types besides the step: times, deadlines,
// causes and answers. All are from the statements of the record; where it is
// silent the answer stays open and the notice says by when it comes.
type particulars struct {
	starts, ends  time.Time
	notBefore     bool // the end is only "not before"
	promise       time.Time
	state         subscriptions.IncidentState
	cause         subscriptions.Cause
	deadline      *subscriptions.Deadline
	landed, again subscriptions.Answer
	moved         subscriptions.Answer
	falseClaim    subscriptions.FalseClaim
}

// nairobi makes a time of the record from "2006-01-02 15:04".
func nairobi(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, time.FixedZone("EAT", 3*60*60))
	if err != nil {
		panic(err) // a typing error in the table below
	}
	return t.UTC()
}

// details finds the particulars of one step of one incident by its time.
func details(incident string, s Step) particulars {
	at := s.At.In(time.FixedZone("EAT", 3*60*60)).Format("2006-01-02 15:04")
	return record()[incident+" "+at+" "+string(s.Act)]
}

func record() map[string]particulars {
	no := subscriptions.Answer{Value: "no"}
	ntsa := particulars{starts: nairobi("2023-12-29 00:00"), ends: nairobi("2024-01-02 00:00")}
	ntsaOn := ntsa
	ntsaOn.state = subscriptions.InProgress
	tokens := particulars{starts: nairobi("2024-06-02 22:00"), ends: nairobi("2024-06-03 22:00")}
	tokensOn := tokens
	tokensOn.state = subscriptions.InProgress
	return map[string]particulars{
		// "The promised update falls due" at nine, and nobody speaks.
		"ke-2025-01-03-ecitizen-payments 2025-01-03 06:04 open": {promise: nairobi("2025-01-03 09:00")},
		// "An internal network event"; nothing was said of money that had left.
		"ke-2025-01-03-ecitizen-payments 2025-01-03 15:00 restored": {cause: subscriptions.CauseNetwork, again: no, moved: no},

		"ke-2023-07-23-ecitizen-ddos 2023-07-27 08:00 open":     {cause: subscriptions.CauseAttack},
		"ke-2023-07-23-ecitizen-ddos 2023-07-27 14:00 join":     {cause: subscriptions.CauseProvider},
		"ke-2023-07-23-ecitizen-ddos 2023-07-28 14:00 restored": {cause: subscriptions.CauseAttack, again: no, moved: no},

		"ke-2023-12-29-ntsa-migration 2023-12-13 14:00 open":     ntsa,
		"ke-2023-12-29-ntsa-migration 2023-12-21 07:00 notice":   ntsa,
		"ke-2023-12-29-ntsa-migration 2023-12-29 00:00 notice":   ntsaOn,
		"ke-2023-12-29-ntsa-migration 2024-01-02 14:00 restored": {again: no, moved: no},

		"ke-2024-01-22-mpesa-kplc 2024-01-22 17:00 restored": {again: no, moved: no},
		"ke-2024-01-22-mpesa-kplc 2024-01-22 20:00 join":     {cause: subscriptions.CauseProvider},

		"ke-2024-06-02-kplc-planned 2024-05-27 14:00 open":     tokens,
		"ke-2024-06-02-kplc-planned 2024-06-02 22:00 notice":   tokensOn,
		"ke-2024-06-02-kplc-planned 2024-06-03 22:00 restored": {again: no, moved: no},

		"ke-2021-06-07-kra-dns 2021-06-08 14:00 restored": {cause: subscriptions.CauseNetwork, again: no, moved: no},

		"ke-2025-06-30-kra-deadline 2025-06-30 22:00 open": {deadline: &subscriptions.Deadline{Service: "kra-file-returns",
			Old: nairobi("2025-06-30 23:59"), New: nairobi("2025-07-01 23:59")}},
		"ke-2025-06-30-kra-deadline 2025-07-01 14:00 notice": {cause: subscriptions.CauseLoad, deadline: &subscriptions.Deadline{Service: "kra-file-returns",
			Old: nairobi("2025-07-01 23:59"), New: nairobi("2025-07-05 23:59"), FineWaived: true}},

		"ke-2025-01-09-knec-results 2025-01-09 14:00 open":   {cause: subscriptions.CauseLoad},
		"ke-2025-01-09-knec-results 2025-01-09 19:20 notice": {falseClaim: subscriptions.FalseNumber},

		"ke-2025-07-03-hef-maintenance 2025-07-03 14:00 open": {starts: nairobi("2025-07-03 14:00"), ends: nairobi("2025-07-06 14:00"), notBefore: true},

		"ke-2026-03-05-ecitizen-login 2026-03-06 14:00 restored": {again: no, moved: no},
		"ke-2017-04-03-ifmis 2017-04-11 14:00 restored":          {again: no, moved: no},
	}
}

// slots are what the officer's form holds in one step.
func (p particulars) slots(s Step) subscriptions.Slots {
	out := subscriptions.Slots{Services: s.Services, NextUpdate: p.promise, State: p.state, StartsAt: p.starts, EndsAt: p.ends,
		EndsNotBefore: p.notBefore, Cause: p.cause, Deadline: p.deadline, False: p.falseClaim}
	if s.Alternative != "" {
		out.Alternatives = []subscriptions.AlternativeID{s.Alternative}
	}
	return out
}
