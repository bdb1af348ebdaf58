package subscriptions

import "time"

// Spoken is one thing that was put into a recipient's chat, as a message or in place
// of what a message said before.
type Spoken struct {
	Notice  NoticeID
	Message string // the network's id
	At      time.Time
}

// Standing returns the messages that still say it, by notice. An edit puts newer words
// into a message, so only the last of what went into one stands there; of two at the
// same time, the later in the list.
func Standing(all []Spoken) map[NoticeID]string {
	last := map[string]Spoken{}
	for _, s := range all {
		if before, some := last[s.Message]; !some || !s.At.Before(before.At) {
			last[s.Message] = s
		}
	}
	out := make(map[NoticeID]string, len(last))
	for message, s := range last {
		out[s.Notice] = message
	}
	return out
}
