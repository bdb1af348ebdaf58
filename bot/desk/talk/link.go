package talk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// linkTries is how many codes, or digits, one chat may try in linkWindow: who
// guesses fills neither the audit record nor the database.
const (
	linkTries  = 5
	digitTries = 12
	linkWindow = 15 * time.Minute
)

// tries counts by chat. It is bounded: a full memory is forgotten whole.
type tries struct {
	mu   sync.Mutex
	seen map[triesOf][]time.Time
}

type triesOf struct {
	chat subscriptions.Identity
	what string
}

func (t *tries) over(chat subscriptions.Identity, what string, most int, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.seen == nil || len(t.seen) > 10_000 {
		t.seen = map[triesOf][]time.Time{}
	}
	key := triesOf{chat, what}
	recent := slices.DeleteFunc(t.seen[key], func(at time.Time) bool { return now.Sub(at) >= linkWindow })
	if len(recent) >= most {
		t.seen[key] = recent
		return true
	}
	t.seen[key] = append(recent, now)
	return false
}

// linkCode finds the one-time code in "/link CODE".
func linkCode(h Heard) (string, bool) {
	words := strings.Fields(h.Text)
	if h.Forwarded || h.Choice != "" || len(words) != 2 {
		return "", false
	}
	head, _, _ := strings.Cut(strings.ToLower(words[0]), "@")
	return words[1], head == "/link"
}

// link ties the chat to the officer who asked for the code. In a group the code is
// read by others, so it ends there.
func (t *Talk) link(ctx context.Context, h Heard, code string) (wording.Card, error) {
	if t.tries.over(h.Chat, "link", linkTries, h.At) {
		return plain("Not linked", "Too many codes. Wait a quarter of an hour, then ask for a new one."), nil
	}
	if !h.Private {
		err := t.Desk.VoidLink(ctx, code, h.Chat.Provider, h.At)
		return plain("Not linked", "Others read here, so this code has ended. Ask for a new one, and write it in your own chat with me."), err
	}
	o, err := t.Desk.Link(ctx, code, h.Chat, h.Chat.Provider, h.At)
	var r *desk.Refusal
	if errors.As(err, &r) {
		return plain("Not linked", sentence(r.Why), sentence(r.Do)), nil
	}
	if err != nil {
		return wording.Card{}, err
	}
	card := plain("Linked", fmt.Sprintf("This chat is now %s's. You are called here when something needs you.", o.Name),
		"Write /desk to open the desk. It asks for your six digits, and again when nothing was done here for a while.")
	card.Erase = true
	return card, nil
}
