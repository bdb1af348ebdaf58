package bot

import (
	"context"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// Compare judges what somebody pasted on a page: a text, a notice's number, a check
// code or an account, as a chat judges what was forwarded to it (rule 12). Nothing
// of it is kept.
func (c *Conversation) Compare(ctx context.Context, l subscriptions.Language, text string, now time.Time) (wording.Card, error) {
	t := &turn{Conversation: c, h: Heard{Text: text, Forwarded: true, At: now}, now: clock(now), nation: c.Nation(), l: l}
	text, t.unread = reading(text)
	card, err := t.comparePasted(ctx, text)
	card.Choices = nil // of a chat
	return card, err
}

func (t *turn) comparePasted(ctx context.Context, text string) (wording.Card, error) {
	if account(text) != "" {
		return t.judgeAccount(text), nil
	}
	if card, known, err := t.byCode(ctx, text); known || err != nil {
		return card, err
	}
	return t.compare(ctx, text)
}
