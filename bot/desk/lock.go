package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"arifa/subscriptions"
)

const (
	// IdleLock is how long an officer's chat stays open when nothing is done there.
	IdleLock = 15 * time.Minute
	// openMost is after how long it asks for six digits in any case.
	openMost = 12 * time.Hour
)

// Lock says why a chat is locked; empty = it is open.
type Lock string

const (
	Unlocked   Lock = ""
	LockFresh  Lock = "six digits have not opened it yet"
	LockIdle   Lock = "nothing was done here for a while"
	LockLong   Lock = "it was open for a long time"
	LockFrozen Lock = "the officer was frozen or renewed since it was opened"
	LockClock  Lock = "it was opened in the future"
)

// LockOf decides whether a chat is locked: pure. What is not known is locked.
func LockOf(c subscriptions.OfficerChat, o subscriptions.Officer, idle time.Duration, now time.Time) Lock {
	used := c.UsedAt
	if used.Before(c.OpenedAt) {
		used = c.OpenedAt
	}
	switch {
	case c.OpenedAt.IsZero():
		return LockFresh
	case !o.CodesEndedAt.IsZero() && !c.OpenedAt.After(o.CodesEndedAt):
		return LockFrozen
	case used.After(now): // a clock that was set back must not leave it open
		return LockClock
	case now.Sub(used) >= idle:
		return LockIdle
	case now.Sub(c.OpenedAt) >= openMost:
		return LockLong
	}
	return Unlocked
}

// Enter finds the officer to whom a chat belongs, and whether the chat is locked.
// The actor acts only while it is open: the desk asks again at every deed.
func (d *Desk) Enter(ctx context.Context, chat subscriptions.Identity, now time.Time) (Actor, Lock, error) {
	a, err := d.ActorOf(ctx, chat, chat.Provider)
	if err != nil {
		return a, LockFresh, err
	}
	a.chat = chat
	lock, err := d.lock(ctx, a, now)
	return a, lock, err
}

func (d *Desk) lock(ctx context.Context, a Actor, now time.Time) (Lock, error) {
	c, err := d.Store.Chat(ctx, a.chat)
	if errors.Is(err, subscriptions.ErrNotFound) {
		return LockFresh, nil
	}
	if err != nil {
		return LockFresh, err
	}
	return LockOf(c, a.Officer, d.idle(), cut(now)), nil
}

func (d *Desk) idle() time.Duration {
	if d.Config.Idle > 0 {
		return d.Config.Idle
	}
	return IdleLock
}

// unlocked refuses a deed of a locked chat, and of one that is not the officer's
// any more.
func (d *Desk) unlocked(ctx context.Context, a Actor, now time.Time) error {
	if a.chat == (subscriptions.Identity{}) {
		return nil
	}
	if !slices.Contains(a.Officer.Identities, a.chat) {
		return no(4, "link this account with a one-time code first", "this account belongs to no officer")
	}
	lock, err := d.lock(ctx, a, now)
	if err == nil && lock != Unlocked {
		err = no(4, "open it with your six digits", "this chat is locked: %s", lock)
	}
	return err
}

// Unlock opens the chat of an actor with six digits.
func (d *Desk) Unlock(ctx context.Context, a Actor, code string, now time.Time) error {
	w := deed{actor: a, act: ActCode, subject: "chat", now: cut(now)}
	return d.settle(ctx, w, d.unlock(ctx, &w, code))
}

func (d *Desk) unlock(ctx context.Context, w *deed, code string) error {
	var err error
	if w.actor, err = d.fresh(ctx, w.actor); err != nil {
		return err
	}
	if _, err := signedIn(w.actor.Officer, w.actor.Via); err != nil {
		return err
	}
	if w.actor.chat == (subscriptions.Identity{}) {
		return no(0, "act with your own key", "there is no chat to open")
	}
	if err := d.verifyCode(ctx, w.actor.Officer, code, w.now); err != nil {
		return err
	}
	c, err := d.Store.Chat(ctx, w.actor.chat)
	if err != nil && !errors.Is(err, subscriptions.ErrNotFound) {
		return err
	}
	c.Chat, c.OpenedAt, c.UsedAt = w.actor.chat, w.now, w.now
	if _, err := d.Store.PutChat(ctx, c); err != nil {
		return asRefusal(err)
	}
	_, err = d.Store.Append(ctx, w.line("opened with six digits"))
	return err
}
