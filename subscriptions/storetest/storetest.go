// Package storetest holds what every subscriptions.Store promises, as tests: a
// case for each sentence of the contract, and a state machine over the rules of
// publishing, sending and ending. It knows of no database.
package storetest

import (
	"slices"
	"testing"

	"arifa/subscriptions"
)

// promise is one sentence of the contract and what proves it.
type promise struct {
	sentence string
	prove    func(*world)
}

// Run proves the contract over the stores that open returns: each call an empty
// one, closed by its own cleanup.
func Run(t *testing.T, open func(t *testing.T) subscriptions.Store) {
	for _, role := range []struct {
		name     string
		promises []promise
	}{
		{"Store", storePromises()},
		{"Catalogue", cataloguePromises()},
		{"Register", slices.Concat(registerPromises(), subscribePromises(), leavePromises(), watchPromises())},
		{"Officers", officerPromises()},
		{"Bulletins", bulletinPromises()},
		{"Audit", auditPromises()},
		{"Outbox", slices.Concat(stagePromises(), expandPromises(), leasePromises(), finishPromises(), correctionPromises(), unsayPromises(), sweepPromises(), countPromises())},
		{"Lanes", lanePromises()},
		{"Inbox", inboxPromises()},
		{"Ticks", tickPromises()},
		{"Complaints", slices.Concat(reportPromises(), signalPromises())},
		{"Alarms", alarmPromises()},
		{"Samples", samplePromises()},
		{"Chats", chatPromises()},
		{"Calls", callPromises()},
		{"Archive", archivePromises()},
		{"Sessions", sessionPromises()},
		{"WebTalk", webTalkPromises()},
	} {
		t.Run(role.name, func(t *testing.T) {
			t.Parallel()
			for _, p := range role.promises {
				t.Run(p.sentence, func(t *testing.T) {
					t.Parallel()
					p.prove(newWorld(t, open(t)))
				})
			}
		})
	}
}
