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
func Judge(firing bool, when time.Time, known subscriptions.Signal, found bool) string {
	return string(judge(word{firing: firing, when: when}, known, found))
}

// Since is when a trouble began, as far as a sender's clock can be believed.
func Since(when, now time.Time) time.Time { return since(believed(word{when: when}, now), now) }

// Hurry gives bodies only so much time to arrive.
func (h *Hooks) Hurry(d time.Duration) { h.patience = d }
