package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"arifa/notifiers"
)

// Send speaks one card to one chat. A reply to a message that is gone is sent
// without it.
func (c *Channel) Send(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
	b, err := c.rendered(m)
	if err != nil {
		return notifiers.Receipt{}, err
	}
	if m.Prepared != nil {
		if id, done, err := c.sendKept(ctx, b, m); done {
			return notifiers.Receipt{Message: id, At: c.now()}, err
		}
	}
	result, err := c.attempt(ctx, "sendMessage", b.send(m, true))
	if errors.Is(err, errNoReply) {
		result, err = c.attempt(ctx, "sendMessage", b.send(m, false))
	}
	if err != nil {
		return notifiers.Receipt{}, err
	}
	return c.receipt(result)
}

// Edit puts a card in place of the message m.Edit. "Not modified" is success.
func (c *Channel) Edit(ctx context.Context, m notifiers.Message) (notifiers.Receipt, error) {
	b, err := c.rendered(m)
	if err != nil {
		return notifiers.Receipt{}, err
	}
	if !digits(m.Edit) {
		return notifiers.Receipt{}, notifiers.Uneditable{Err: errors.New("no message of ours is known there")}
	}
	if m.Prepared != nil {
		if done, err := c.editKept(ctx, b, m); done {
			return notifiers.Receipt{Message: m.Edit, At: c.now()}, err
		}
	}
	if _, err := c.attempt(ctx, "editMessageText", b.edit(m)); err != nil && !errors.Is(err, errSame) {
		return notifiers.Receipt{}, err
	}
	return notifiers.Receipt{Message: m.Edit, At: c.now()}, nil
}

// Pin keeps a live incident on top; in channels and private chats it makes no sound.
func (c *Channel) Pin(ctx context.Context, to notifiers.Target, message string) error {
	return c.pinning(ctx, "pinChatMessage", to, message)
}

// Unpin takes it down at the end.
func (c *Channel) Unpin(ctx context.Context, to notifiers.Target, message string) error {
	return c.pinning(ctx, "unpinChatMessage", to, message)
}

func (c *Channel) pinning(ctx context.Context, method string, to notifiers.Target, message string) error {
	if !number(to.Address.Reveal()) || !digits(message) {
		return notifiers.Never{Err: errors.New("not a message of Telegram")}
	}
	_, err := c.attempt(ctx, method, fmt.Appendf(nil, `{"chat_id":%s,"message_id":%s,"disable_notification":true}`, to.Address.Reveal(), message))
	if errors.Is(err, errSame) {
		return nil
	}
	return err
}

// Erase takes a message away, for both sides; within 48 hours in a private chat.
func (c *Channel) Erase(ctx context.Context, to notifiers.Target, message string) error {
	if !number(to.Address.Reveal()) || !digits(message) {
		return notifiers.Never{Err: errors.New("not a message of Telegram")}
	}
	_, err := c.attempt(ctx, "deleteMessage", fmt.Appendf(nil, `{"chat_id":%s,"message_id":%s}`, to.Address.Reveal(), message))
	if errors.Is(err, errSame) {
		return nil
	}
	return err
}

func (c *Channel) attempt(ctx context.Context, method string, body []byte) (json.RawMessage, error) {
	result, err := c.post(ctx, method, body)
	return result, classify(err)
}

func (c *Channel) rendered(m notifiers.Message) (*body, error) {
	// The address is spliced into JSON, so it must be a number and nothing else.
	if !number(m.To.Address.Reveal()) {
		return nil, notifiers.Never{Err: errors.New("the address is not a chat of Telegram")}
	}
	if b, ok := m.Prepared.(*body); ok && b != nil {
		return b, nil
	}
	return c.prepare(m.Card)
}

func (c *Channel) receipt(result json.RawMessage) (notifiers.Receipt, error) {
	var sent struct {
		ID int64 `json:"message_id"`
	}
	if err := json.Unmarshal(result, &sent); err != nil || sent.ID == 0 {
		return notifiers.Receipt{}, notifiers.Unknown{Err: errors.New("telegram: ok without a message id")}
	}
	return notifiers.Receipt{Message: itoa(sent.ID), At: c.now()}, nil
}

// number and digits accept exactly what may stand in JSON as it is.
func number(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || digits[0] < '1' || digits[0] > '9' { // not as it would be written
		return s == "0"
	}
	_, err := strconv.ParseInt(s, 10, 64)
	return err == nil
}

func digits(s string) bool { return number(s) && s[0] != '-' && s != "0" }
