package bot

import (
	"context"
	"sync"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// warnedFor is how long it is remembered whom we told that others may read here.
// Whoever is stored was told before they were: it is said to strangers only.
const warnedFor = 24 * time.Hour

// warned remembers, for this process alone, to whom it was said. It is bounded: a
// full memory is forgotten whole, and somebody reads it twice.
type warned struct {
	mu sync.Mutex
	at map[subscriptions.Address]time.Time
}

func (w *warned) fresh(a subscriptions.Address, now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if last, ok := w.at[a]; ok && now.Sub(last) < warnedFor {
		return false
	}
	if w.at == nil || len(w.at) >= 10_000 {
		w.at = map[subscriptions.Address]time.Time{}
	}
	w.at[a] = now
	return true
}

// overseen adds, once, that somebody else may read what is written here.
func (t *turn) overseen(card wording.Card) wording.Card {
	if t.Overseen == nil || !t.Overseen(t.h.Lane) || t.met || !t.warned.fresh(t.h.Address, t.now) {
		return card
	}
	card.Footer = append(card.Footer, t.say("overseen"))
	return card
}

// Overview says what is announced and what is followed, for a page that a network
// shows beside the conversation. It changes nothing, and asks for nothing: who only
// looks is not told more for it.
func (c *Conversation) Overview(ctx context.Context, h Heard) ([]wording.Card, error) {
	t, err := c.turn(ctx, h)
	if err != nil {
		return nil, err
	}
	t.speakIn(wish{}, h)
	live, err := t.announced(ctx, nil)
	if err != nil {
		return nil, err
	}
	mine, err := t.mine(ctx, 0, false)
	if err != nil {
		return nil, err
	}
	return []wording.Card{live, mine}, nil
}
