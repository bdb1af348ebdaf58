package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-telegram/bot/models"

	"arifa/subscriptions"
)

// Place is a channel or group as Telegram knows it.
type Place struct {
	Address subscriptions.Address
	Kind    subscriptions.RecipientKind
	Title   string
	Link    string // @name, empty for a private one
	// Faults says what must be mended before anything is posted there, each with
	// what to do.
	Faults []string
}

// Place looks a channel or group up by @name or id and checks our rights: in a
// channel we must post and edit (to pin), and nobody may comment, because a
// comment with a false number would stand right under an official notice.
func (c *Channel) Place(ctx context.Context, name string) (Place, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*RequestTimeout)
	defer cancel()
	if !strings.HasPrefix(name, "@") && !number(name) {
		return Place{}, fmt.Errorf("%q is neither @name nor an id such as -1001234567890", name)
	}
	var found struct {
		chat
		Username string `json:"username"`
		Linked   int64  `json:"linked_chat_id"`
	}
	if err := c.ask(ctx, "getChat", map[string]any{"chat_id": name}, &found); err != nil {
		if refused(err) {
			return Place{}, fmt.Errorf("telegram knows no such channel for this bot: add the bot to it as an administrator first: %w", err)
		}
		return Place{}, err
	}
	p := Place{Address: address(found.ID), Title: found.Title}
	if found.Username != "" {
		p.Link = "@" + found.Username
	}
	var known bool
	if p.Kind, known = found.kind(); !known || p.Kind == subscriptions.Person {
		return Place{}, errors.New("a private chat is no channel: its owner follows by talking to the bot")
	}
	if p.Kind == subscriptions.Channel && found.Linked != 0 {
		p.Faults = append(p.Faults, "people can comment under its posts: take the discussion group off the channel, so that no false number stands under a notice")
	}
	rights, err := c.rights(ctx, found.ID)
	if err != nil {
		return Place{}, err
	}
	p.Faults = append(p.Faults, rights.faults(p.Kind)...)
	return p, nil
}

// Reaches reports, as nil, that the bot knows a chat: a person's only after that person
// wrote to it.
func (c *Channel) Reaches(ctx context.Context, id string) error {
	if !number(id) {
		return fmt.Errorf("%q is no id such as 123456 or -1001234567890", id)
	}
	ctx, cancel := context.WithTimeout(ctx, RequestTimeout)
	defer cancel()
	var found chat
	return c.ask(ctx, "getChat", map[string]any{"chat_id": id}, &found)
}

// rights are our own in a chat; none where Telegram does not tell.
func (c *Channel) rights(ctx context.Context, chat int64) (m member, err error) {
	err = c.ask(ctx, "getChatMember", map[string]any{"chat_id": chat, "user_id": c.id}, &m)
	if refused(err) {
		return member{}, nil
	}
	return m, err
}

func (m member) faults(kind subscriptions.RecipientKind) (faults []string) {
	if in, _ := m.in(); kind == subscriptions.Group {
		if !in {
			faults = append(faults, "the bot is not in that group: add it")
		}
		return faults
	}
	if m.Status != "administrator" {
		return []string{"the bot is no administrator there: make it one, with the rights to post and to edit messages"}
	}
	if !m.Post {
		faults = append(faults, "the bot may not post there: give it the right to post messages")
	}
	if !m.Edit {
		faults = append(faults, "the bot may not edit there: give it the right to edit messages, so that it can change and pin a notice")
	}
	return faults
}

// refused reports whether Telegram itself said no to what was asked.
func refused(err error) bool {
	var r *refusal
	return errors.As(err, &r) && r.text != "" && (r.code == http.StatusBadRequest || r.code == http.StatusForbidden)
}

// Hearing tells how updates arrive, for doctor.
func (c *Channel) Hearing(ctx context.Context) (*models.WebhookInfo, error) {
	info, err := c.key.Load().api.GetWebhookInfo(ctx)
	if err != nil {
		return nil, asked(err, c.key.Load().token)
	}
	return info, nil
}
