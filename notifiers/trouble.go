package notifiers

import (
	"time"

	"arifa/subscriptions"
)

// TroubleKind says what an operator or an officer should know.
type TroubleKind string

const (
	TroublePoison  TroubleKind = "poison"  // the network refuses this notice: stop it
	TroubleHalted  TroubleKind = "halted"  // the credential is dead: mend it
	TroubleResumed TroubleKind = "resumed" // it works again
	TroubleBroken  TroubleKind = "broken"  // the network does not answer; it is probed
	TroubleMoved   TroubleKind = "moved"   // a channel or group has another address now
	TroubleLost    TroubleKind = "lost"    // a public channel or group cannot be reached any more
	TroubleCanary  TroubleKind = "canary"  // the canary was not told, so the wave stopped
	TroublePin     TroubleKind = "pin"     // a channel's live incident could not be pinned
)

// Trouble is one thing that the Dispatcher cannot mend by itself.
type Trouble struct {
	Kind      TroubleKind
	Lane      subscriptions.LaneID
	Notice    subscriptions.NoticeID    // zero where it is the lane's
	Recipient subscriptions.RecipientID // zero where it is everybody's
	Err       error                     // without any address, text or credential
}

// Metrics is told what happens; cmd counts it. Its methods must be quick and
// safe for many goroutines.
type Metrics interface {
	// Ended is told the outcome of one request ("sent", "later", "gone", …) and
	// how long it took.
	Ended(lane subscriptions.LaneID, outcome string, took time.Duration)
	// InFlight is told how many deliveries are begun and not durably recorded.
	InFlight(lane subscriptions.LaneID, n int)
	// Expanded and Swept are told how many rows a page made or changed.
	Expanded(rows int)
	Swept(rows int)
}

// silence is the Metrics of nobody.
type silence struct{}

func (silence) Ended(subscriptions.LaneID, string, time.Duration) {}
func (silence) InFlight(subscriptions.LaneID, int)                {}
func (silence) Expanded(int)                                      {}
func (silence) Swept(int)                                         {}
