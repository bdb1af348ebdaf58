package bot

import "arifa/subscriptions"

// Introduction is what a network shows of us before anybody has said a word: a
// text of a few sentences, and one of one sentence.
func (c *Conversation) Introduction(l subscriptions.Language) (long, short string) {
	short = c.Speaker.T(l, "home.lines", nil)
	return short + "\n\n" + c.Speaker.T(l, "home.try", nil) + "\n\n" + c.Speaker.T(l, "consent", nil), short
}
