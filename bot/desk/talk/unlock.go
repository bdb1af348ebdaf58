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

// unlock opens the chat with digits, and carries out what was pressed before them.
func (u *turn) unlock(ctx context.Context, pending string) ([]page, error) {
	u.erase = true
	if u.lock != desk.Unlocked { // else a replayed update: its digits are used up
		if u.tries.over(u.h.Chat, "digits", digitTries, u.now) {
			return one(page{title: "Locked", lines: []string{"Too many tries. Wait a quarter of an hour, and tell an admin if it was not you."}}), nil
		}
		err := u.Desk.Unlock(ctx, u.actor, u.h.Text, u.now)
		var r *desk.Refusal
		if errors.As(err, &r) {
			p := u.locked(pending)
			p.lines = []string{sentence(r.Why), sentence(r.Do)}
			p.pending = pending
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
	var token string
	var k int
	if n, _ := fmt.Sscanf(pending, "%s %d", &token, &k); n == 2 {
		return u.press(ctx, token, k)
	}
	return u.home(ctx)
}

// lockNow closes the chat. It asks for nothing: closing is always allowed.
func (u *turn) lockNow() ([]page, error) {
	u.chat.OpenedAt, u.lock = time.Time{}, desk.LockFresh
	return one(page{title: "Locked", lines: []string{"The desk is closed. /desk opens it with your six digits."}}), nil
}
