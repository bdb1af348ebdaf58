package talk

import (
	"context"
	"errors"
	"strings"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// turn is one thing heard, with what is known of who did it and where.
type turn struct {
	*Talk
	h       Heard
	now     time.Time
	nation  *subscriptions.Nation
	actor   desk.Actor
	lock    desk.Lock
	chat    subscriptions.OfficerChat
	card    *card  // whose button was pressed, or that asked for the text
	pressed string // its token
	button  int
	// proved is set when right digits came with this very turn: they stand for the
	// confirmation of what was pressed while the chat was locked.
	proved bool
	erase  bool // the message that was heard held digits
}

// What the next text of a chat may answer.
const (
	asksUnlock   = "unlock"
	asksApproval = "approval"
	asksReason   = "reason"
	asksSearch   = "search"
	asksFree     = "free"
	asksTime     = "time"
	asksSpan     = "span"
)

func (u *turn) hear(ctx context.Context) ([]wording.Card, error) {
	pages, err := u.answer(ctx)
	var r *desk.Refusal
	if errors.As(err, &r) {
		pages, err = []page{u.refused(r)}, nil
	}
	if err != nil {
		return nil, err
	}
	return u.show(ctx, pages)
}

func (u *turn) answer(ctx context.Context) ([]page, error) {
	if err := u.enter(ctx); err != nil {
		return nil, err
	}
	q := u.question(u.chat)
	u.chat.Asked = subscriptions.Question{} // asked once: what comes next is another thing
	switch command(u.h.Text) {
	case "lock":
		return u.lockNow()
	case "desk":
		_, query, _ := strings.Cut(u.h.Text, " ")
		return u.open(ctx, strings.TrimSpace(query))
	}
	if u.h.Choice != "" {
		token, k, ok := parseButton(u.h.Choice)
		if !ok {
			return one(u.worn()), nil
		}
		return u.press(ctx, token, k)
	}
	if u.h.Answers != "" && u.h.Answers != q.Card {
		return one(u.worn()), nil // an older form: what is asked now is something else
	}
	u.chat.Took = subscriptions.Question{State: q.State, Card: q.Card, At: u.now}
	switch {
	case q.State == asksUnlock:
		return u.unlock(ctx, q.Card)
	case u.lock != desk.Unlocked:
		return one(u.locked("")), nil
	}
	return u.answerTo(ctx, q.State, q.Card)
}

// enter finds out who this is, and whether the chat is locked.
func (u *turn) enter(ctx context.Context) (err error) {
	if u.nation, err = u.Desk.Nation(ctx); err != nil {
		return err
	}
	if u.actor, u.lock, err = u.Desk.Enter(ctx, u.h.Chat, u.now); err != nil {
		return err
	}
	u.chat, err = u.Chats.Chat(ctx, u.h.Chat)
	if errors.Is(err, subscriptions.ErrNotFound) {
		u.chat, err = subscriptions.OfficerChat{Chat: u.h.Chat}, nil
	}
	return err
}

// open shows the desk, or what the officer named behind the command.
func (u *turn) open(ctx context.Context, query string) ([]page, error) {
	if u.lock != desk.Unlocked {
		return one(u.locked("")), nil
	}
	if query != "" {
		return u.find(ctx, work{}, query)
	}
	return u.home(ctx)
}

// answerTo takes the text for the answer to what a card asked.
func (u *turn) answerTo(ctx context.Context, state, asked string) ([]page, error) {
	c, err := u.cardOf(ctx, asked)
	if err != nil || c == nil {
		return one(u.worn()), err
	}
	u.card, u.pressed, u.button = c, asked, answered
	take, ok := u.texts[state]
	if !ok {
		return one(u.worn()), nil
	}
	return take(u, ctx, c.Work, u.h.Text)
}

// show stores what the pages' buttons do, remembers what was asked, and makes the
// cards. Done means recorded: a button is never shown before the store knows it.
func (u *turn) show(ctx context.Context, pages []page) ([]wording.Card, error) {
	var cards []wording.Card
	for k, p := range pages {
		c, token, err := u.put(ctx, p)
		if err != nil {
			return nil, err
		}
		c.Replace = k == 0 && u.h.Choice != "" && !p.apart
		c.Erase = k == 0 && u.erase
		if p.asks != "" {
			u.chat.Asked = subscriptions.Question{State: p.asks, Card: token, At: u.now}
			if p.pending != "" {
				u.chat.Asked.Card = p.pending
			}
			c.Ask = &wording.Ask{Kind: formOf(p.asks), Token: u.chat.Asked.Card}
		}
		cards = append(cards, c)
	}
	if u.actor.Officer.ID == 0 {
		return cards, nil // nobody's chat is not remembered
	}
	if u.lock == desk.Unlocked {
		u.chat.UsedAt = u.now
	}
	_, err := u.Chats.PutChat(ctx, u.chat)
	return cards, err
}

// formOf is what a network with forms shows to type an answer into.
func formOf(asks string) wording.AskKind {
	switch asks {
	case asksUnlock, asksApproval:
		return wording.AskDigits
	case asksReason, asksFree:
		return wording.AskText
	}
	return wording.AskLine
}
