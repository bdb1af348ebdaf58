package telegram

import (
	"context"
	"sync"
	"time"

	"github.com/go-telegram/bot/models"
)

// identity is our own @name, asked once, and again a while after a failure.
type identity struct {
	mu       sync.Mutex
	username string
	err      error
	again    time.Time
}

func (i *identity) name(ctx context.Context, c *Channel) (string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.username != "" || c.now().Before(i.again) {
		return i.username, i.err
	}
	me, err := c.Me(ctx)
	if err != nil {
		// Others ask as well: they get this failure instead of waiting in turn.
		i.err, i.again = err, c.now().Add(2*time.Second)
		return "", err
	}
	i.username, i.err = me.Username, nil
	return i.username, nil
}

// Me asks Telegram who we are.
func (c *Channel) Me(ctx context.Context) (*models.User, error) {
	ctx, cancel := context.WithTimeout(ctx, RequestTimeout)
	defer cancel()
	me, err := c.key.Load().api.GetMe(ctx)
	if err != nil {
		return nil, asked(err, c.key.Load().token)
	}
	return me, nil
}

// adminFor is how long an answer of getChatMember is believed.
const adminFor = time.Minute

// admins remembers who administrates which group. It is bounded: a full memory
// is forgotten whole, and asked for again.
type admins struct {
	mu    sync.Mutex
	known map[[2]int64]adminSeen
}

type adminSeen struct {
	admin bool
	until time.Time
}

func newAdmins() *admins { return &admins{known: map[[2]int64]adminSeen{}} }

func (a *admins) is(ctx context.Context, c *Channel, chat, user int64, now time.Time) (bool, error) {
	if chat == user { // an administrator who speaks as the group
		return true, nil
	}
	key := [2]int64{chat, user}
	a.mu.Lock()
	seen, ok := a.known[key]
	a.mu.Unlock()
	if ok && now.Before(seen.until) {
		return seen.admin, nil
	}
	admin, err := c.administrates(ctx, chat, user)
	if err != nil {
		return false, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.known) >= 10_000 {
		clear(a.known)
	}
	a.known[key] = adminSeen{admin, now.Add(adminFor)}
	return admin, nil
}

// administrates asks Telegram; whoever it does not know there administrates nothing.
func (c *Channel) administrates(ctx context.Context, chat, user int64) (bool, error) {
	var m member
	err := c.ask(ctx, "getChatMember", map[string]any{"chat_id": chat, "user_id": user}, &m)
	if refused(err) {
		return false, nil
	}
	return m.administrates(), err
}

func (a *admins) forget(chat int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for k := range a.known {
		if k[0] == chat {
			delete(a.known, k)
		}
	}
}
