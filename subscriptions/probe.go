package subscriptions

import "time"

// Probe is one question that the program asks a platform itself, over HTTP. What
// comes of it is a lead for officers and never a notice.
type Probe struct {
	URL string
	// Status lists the answers that count as working; empty = any below 500, because
	// a page that asks for a login or turns a program away is there.
	Status   []int
	Text     string // must stand in the first 256 KiB of the answer; empty = nothing is looked for
	Every    time.Duration
	Timeout  time.Duration
	External bool // the host is no official one, on purpose
}

// Limits of probes. A minute is short enough to be first and long enough to be no
// burden; whoever is asked more often than twice a minute is a victim. The longest
// wait is below the shortest interval: an answer comes before the next question.
const (
	ProbeEvery        = time.Minute
	ProbeEveryLeast   = 30 * time.Second
	ProbeEveryMost    = time.Hour
	ProbeTimeout      = 10 * time.Second
	ProbeTimeoutLeast = time.Second
	ProbeTimeoutMost  = 25 * time.Second
)
