package webchat

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"arifa/bot"
	"arifa/notifiers"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

const workers = 16

// said is one thing that a browser sent, as the inbox keeps it until it is handled.
type said struct {
	Language subscriptions.Language `json:"l"`
	Text     string                 `json:"t,omitempty"`
	Choice   string                 `json:"c,omitempty"`
	Start    string                 `json:"s,omitempty"`
	Of       int64                  `json:"o,omitempty"` // the message whose button was pressed
	Back     bool                   `json:"b,omitempty"` // its page was opened again
}

var errUndecodable = errors.New("not something that a page of ours sends")

func dead(err error) bool { return errors.Is(err, errUndecodable) }

// notHere: while another process owns the lane, it handles what waits.
func notHere(err error, attempt int) time.Duration {
	if errors.Is(err, notifiers.ErrNotOwner) {
		return 0
	}
	return notifiers.Doubling(attempt)
}

// whole reads what somebody wrote.
func whole(in subscriptions.Incoming) (text string, who subscriptions.Address, ok bool) {
	var s said
	ok = json.Unmarshal(in.Body, &s) == nil && s.Choice == "" && s.Start == "" && !s.Back
	return s.Text, subscriptions.AddressOf(in.Chat), ok
}

// handle hears one thing and answers it.
func (c *Channel) handle(ctx context.Context, in subscriptions.Incoming) error {
	var s said
	if err := json.Unmarshal(in.Body, &s); err != nil {
		return errUndecodable
	}
	a := subscriptions.AddressOf(in.Chat)
	if s.Back {
		return c.back(ctx, a, s, in.At)
	}
	return c.hear(ctx, a, s, in.At)
}

func (c *Channel) hear(ctx context.Context, a subscriptions.Address, s said, at time.Time) error {
	cards, err := c.Conversation.Hear(ctx, bot.Heard{Lane: c.Name(), Address: a, Kind: subscriptions.Person, Language: s.Language,
		Text: s.Text, Choice: s.Choice, Start: s.Start, Named: true, At: at})
	if err != nil {
		return err
	}
	if c.flood.Over(a, at) {
		return nil
	}
	return c.answer(ctx, a, cards, s.Of)
}

// answer puts the cards into the talk; one that is to replace goes in the place of
// the card whose button was pressed.
func (c *Channel) answer(ctx context.Context, a subscriptions.Address, cards []wording.Card, of int64) error {
	for _, card := range cards {
		m := notifiers.Message{To: notifiers.Target{Address: a, Kind: subscriptions.Person}, Card: card}
		if card.Replace && of != 0 {
			m.Edit = strconv.FormatInt(of, 10)
		}
		_, err := c.Reply(ctx, m)
		var never notifiers.Never
		if errors.As(err, &never) { // nobody can be told anything more of it
			c.log.Warn("answer lost", "error", err)
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// back lets a browser in again that counted as gone, and tells it at once how what
// it follows stands: it has missed what was said meanwhile.
func (c *Channel) back(ctx context.Context, a subscriptions.Address, s said, at time.Time) error {
	r, err := c.Store.Recipient(ctx, c.Name(), a)
	if errors.Is(err, subscriptions.ErrNotFound) || err == nil && r.GoneAt.IsZero() {
		return nil
	}
	if err != nil {
		return err
	}
	if err := c.Conversation.Back(ctx, c.Name(), a, subscriptions.Person, at); err != nil {
		return err
	}
	return c.hear(ctx, a, said{Language: s.Language, Choice: "status"}, at)
}
