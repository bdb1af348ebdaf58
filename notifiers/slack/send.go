package slack

import (
	"context"
	"errors"

	lib "github.com/slack-go/slack"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// metadataType names what a message of ours carries for Find.
const metadataType = "arifa_delivery"

// Send speaks one card to one channel or person. A reply to what is gone is sent
// outside of the thread, and a card whose blocks Slack refuses as its words alone.
func (c *Channel) Send(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
	b, err := rendered(m)
	if err != nil {
		return notifiers.Receipt{}, err
	}
	to, thread := place(m)
	receipt, err := c.post(ctx, m, b, to, thread)
	if errors.Is(err, errNoThread) {
		receipt, err = c.post(ctx, m, b, to, "")
	}
	if errors.Is(err, errNoBlocks) {
		receipt, err = c.post(ctx, m, &body{words: b.words}, to, "")
	}
	return receipt, outcomeOf(err)
}

func (c *Channel) post(ctx context.Context, m notifiers.Message, b *body, to, thread string) (notifiers.Receipt, error) {
	options, what := c.options(m, b), posting
	if thread != "" {
		what = replying
		options = append(options, lib.MsgOptionTS(thread))
		if broadcasts(m) {
			options = append(options, lib.MsgOptionBroadcast())
		}
	}
	channel, ts, err := c.api.PostMessageContext(ctx, to, options...)
	if err := classify(err, what); err != nil {
		return notifiers.Receipt{}, err
	}
	return c.receipt(channel, ts)
}

// Edit puts a card in place of the message m.Edit.
func (c *Channel) Edit(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
	b, err := rendered(m)
	if err != nil {
		return notifiers.Receipt{}, err
	}
	at, ts, ok := splitMessage(m.Edit)
	if !ok {
		return notifiers.Receipt{}, notifiers.Uneditable{Err: errors.New("no message of ours is known there")}
	}
	if !isPerson(m.To.Address) {
		at = m.To.Address.Reveal() // a channel may have another id by now
	}
	// Text alone would take the old blocks away, so both always go together.
	if _, _, _, err := c.api.UpdateMessageContext(ctx, at, ts, c.options(m, b)...); err != nil {
		return notifiers.Receipt{}, outcomeOf(classify(err, editing))
	}
	return notifiers.Receipt{Message: messageID(at, ts), At: c.now()}, nil
}

// outcomeOf leaves no sentinel of ours behind.
func outcomeOf(err error) error {
	var poison notifiers.Poison
	switch {
	case errors.As(err, &poison):
		return poison
	case errors.Is(err, errNoThread):
		return notifiers.Never{Err: err}
	}
	return err
}

// options are everything of a message but its thread. The text is always escaped:
// as it is, it would be read as markup.
func (c *Channel) options(m notifiers.Message, b *body) []lib.MsgOption {
	words := b.words
	if len(b.blocks) > 0 {
		words = b.fallback()
	}
	options := []lib.MsgOption{lib.MsgOptionText(words, true), lib.MsgOptionDisableLinkUnfurl(), lib.MsgOptionDisableMediaUnfurl()}
	if len(b.blocks) > 0 {
		options = append(options, lib.MsgOptionBlocks(b.blocks...))
	}
	if m.Mark != "" {
		options = append(options, lib.MsgOptionMetadata(lib.SlackMetadata{EventType: metadataType, EventPayload: map[string]any{"mark": m.Mark}}))
	}
	return options
}

// broadcasts reports whether a reply is shown in the channel too: what ends a
// trouble or takes words back must be seen by who does not look into threads. In a
// direct message everything is.
func broadcasts(m notifiers.Message) bool {
	return m.Kind == subscriptions.Restored || m.Kind == subscriptions.Correction || isPerson(m.To.Address)
}

// place is where a message goes, and the timestamp of the thread's first message.
func place(m notifiers.Message) (to, thread string) {
	to = m.To.Address.Reveal()
	at, ts, ok := splitMessage(m.ReplyTo)
	if !ok {
		return to, ""
	}
	if isPerson(m.To.Address) {
		to = at // the direct message where the thread is
	}
	return to, ts
}

func rendered(m notifiers.Message) (*body, error) {
	if !placeShape.MatchString(m.To.Address.Reveal()) {
		return nil, notifiers.Never{Err: errors.New("the address is no channel or person of Slack")}
	}
	if b, ok := m.Prepared.(*body); ok && b != nil {
		return b, nil
	}
	return prepare(m.Card)
}

func (c *Channel) receipt(channel, ts string) (notifiers.Receipt, error) {
	id := messageID(channel, ts)
	if _, _, ok := splitMessage(id); !ok {
		return notifiers.Receipt{}, notifiers.Unknown{Err: errors.New("slack: ok without a message's channel and timestamp")}
	}
	return notifiers.Receipt{Message: id, At: c.now()}, nil
}
