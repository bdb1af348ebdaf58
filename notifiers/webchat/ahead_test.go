package webchat_test

import (
	"context"
	"testing"
	"time"

	"arifa/bot"
	"arifa/notifiers/webchat"
	"arifa/subscriptions/wording"
)

// stuck is the conversation, but who says "wait" waits for their answer.
type stuck struct {
	*bot.Conversation
	free chan struct{}
}

func (c stuck) Hear(ctx context.Context, h bot.Heard) ([]wording.Card, error) {
	if h.Text == "wait" {
		<-c.free
	}
	return c.Conversation.Hear(ctx, h)
}

// G10: who writes STOP has left although what they wrote before waits for its answer.
func TestG10StopDoesNotWaitForItsTurn(t *testing.T) {
	t.Parallel()
	free := make(chan struct{})
	s := setup(t, func(c *webchat.Config) { c.Conversation = stuck{c.Conversation.(*bot.Conversation), free} })
	b := s.open()
	s.said(b, "text", "follow passport renewal")
	s.shows(b, "You follow")
	r, err := s.store.Recipient(t.Context(), s.channel.Name(), s.addressOf(b))
	s.must(err)
	follows := func() bool {
		f, err := s.store.Follows(t.Context(), r.ID, time.Now())
		return err != nil || len(f) > 0
	}
	s.said(b, "text", "wait")
	s.said(b, "text", "please stop nothing")
	s.said(b, "text", "STOP")
	s.until("it has left", func() bool { return !follows() })
	close(free)
	s.shows(b, "You follow nothing now")
}
