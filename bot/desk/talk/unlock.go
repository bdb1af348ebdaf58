package talk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// locked is all that a locked chat shows: nothing of what the desk knows. pending
// names the button that is pressed once the digits are right.
func (u *turn) locked(pending string) page {
	line := "Write your six digits to open the desk."
	if pending != "" {
		line = "Write your six digits: then what you pressed is done."
	}
	return page{title: "Locked", lines: []string{line}, asks: asksUnlock, pending: orDash(pending), apart: true}
}

// orDash keeps "nothing is pending" apart from a token.
func orDash(pending string) string {
	if pending == "" {
		return "-"
	}
	return pending
}

// lockedFor asks for the digits that carry out a button. Of a wake-up they publish,
// so it says what; the words themselves are one tap away.
func (u *turn) lockedFor(c *card, token string, k int) page {
	p := u.locked(fmt.Sprintf("%s %d", token, k))
	if c.Does[k].Do == "alarm-publish" && c.Work.Tell != "" {
		p.lines = []string{"Write your six digits: that publishes the first notice at once. " + c.Work.Tell + "."}
		p.was, p.work, p.rows = c.Was, c.Work, [][]button{{{"Show me the words first", "alarm-words", ""}}}
	}
	return p
}

// pressedBefore is the button that digits carry out; nil = they only open the desk.
func (u *turn) pressedBefore(ctx context.Context, pending string) (c *card, token string, k int, err error) {
	if n, _ := fmt.Sscanf(pending, "%s %d", &token, &k); n != 2 {
		return nil, "", 0, nil
	}
	if c, err = u.cardOf(ctx, token); c != nil && k >= len(c.Does) {
		c = nil
	}
	return c, token, k, err
}

// unlock opens the chat with digits, and carries out what was pressed before them.
func (u *turn) unlock(ctx context.Context, pending string) ([]page, error) {
	u.erase = true
	c, token, k, err := u.pressedBefore(ctx, pending)
	if err != nil {
		return nil, err
	}
	if u.lock != desk.Unlocked { // else a replayed update: its digits are used up
		if u.tries.over(u.h.Chat, "digits", digitTries, u.now) {
			return one(page{title: "Locked", lines: []string{"Too many tries. Wait a quarter of an hour, and tell an admin if it was not you."}}), nil
		}
		err := u.Desk.Unlock(ctx, u.actor, u.h.Text, u.now)
		var r *desk.Refusal
		if errors.As(err, &r) {
			p := u.locked("")
			if p.pending = pending; c != nil {
				p = u.lockedFor(c, token, k)
			}
			p.lines = append([]string{sentence(r.Why) + " " + sentence(r.Do)}, p.lines...)
			return one(p), nil
		}
		if err != nil {
			return nil, err
		}
	}
	took := u.chat.Took
	if err := u.enter(ctx); err != nil { // the chat as the desk has stored it
		return nil, err
	}
	u.chat.Asked, u.chat.Took = subscriptions.Question{}, took
	u.proved = true
	if token != "" {
		return u.press(ctx, token, k)
	}
	return u.home(ctx)
}

// lockNow closes the chat. It asks for nothing: closing is always allowed.
func (u *turn) lockNow() ([]page, error) {
	u.chat.OpenedAt, u.lock = time.Time{}, desk.LockFresh
	return one(page{title: "Locked", lines: []string{"The desk is closed. /desk opens it with your six digits."}}), nil
}
