package bot

// GoesFirst reports whether a whole message is a wish that goes before everything
// that was asked, by whomever: STOP, HELP, the language, to be forgotten.
func (c *Conversation) GoesFirst(text string) bool {
	_, first := c.vocabulary.before(clip(text))
	return first
}
