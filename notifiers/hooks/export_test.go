package hooks

import (
	"time"

	"arifa/subscriptions"
)

// Clean, Like and KeyOf are what foreign text passes through.
var (
	Clean = clean
	Like  = like
	KeyOf = keyOf
)

// Judge decides on a word that a sender says of a key.
func Judge(firing bool, when time.Time, resent time.Duration, known subscriptions.Signal, found bool, now time.Time) string {
	return string(judge(word{firing: firing, when: when, resent: resent}, known, found, now))
}

// Since is when a trouble began, as far as a sender's clock can be believed.
func Since(when time.Time, known subscriptions.Signal, now time.Time) time.Time {
	return since(believed(word{when: when}, now), known, now)
}

// Hurry gives bodies only so much time to arrive.
func (h *Hooks) Hurry(d time.Duration) { h.patience = d }
