package notifiertest

import (
	"context"
	"time"

	"arifa/subscriptions"
)

// Stays is the notifiers.Leaver of a conversation in which nobody leaves ahead.
type Stays struct{}

// Stops implements notifiers.Leaver.
func (Stays) Stops(string) bool { return false }

// Leave implements notifiers.Leaver.
func (Stays) Leave(context.Context, subscriptions.LaneID, subscriptions.Address, time.Time) error {
	return nil
}
