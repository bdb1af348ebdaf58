package desk

import (
	"fmt"
	"time"

	"arifa/subscriptions"
)

// Mind says what an officer should weigh before the notice goes out, the same on the
// command line, in chats and in a browser: that it goes to a few first, who hears it too
// late, and what a network takes for it. clock writes a time as its reader does.
func (p Preview) Mind(clock func(time.Time) string) (sentences []string) {
	if p.Stage > 0 {
		sentences = append(sentences, fmt.Sprintf("It moves money: %s first, then a minute in which it can be stopped, then all", count(p.Stage, "recipient")))
	}
	if p.Late > 0 {
		sentences = append(sentences, fmt.Sprintf("%s would hear it after the deadline of %s", count(p.Late, "recipient"), clock(p.Deadline)))
	}
	for _, l := range p.Finish.Lanes {
		if l.Price > 0 {
			sentences = append(sentences, fmt.Sprintf("Price: about %.0f %s for %s at %g a second", l.Price, l.Unit, l.Lane, l.PerSecond))
		}
	}
	return sentences
}

// FirstFew is how many are told first of a notice that is at that stage; 0 = it goes, or
// went, to all.
func FirstFew(n subscriptions.Notice, p subscriptions.Progress) int {
	made := 0
	for _, states := range p.ByLane {
		for _, k := range states {
			made += k
		}
	}
	if p.Expanded || made > n.Stage+1 { // a stage comes out one row larger at most
		return 0
	}
	return n.Stage
}
