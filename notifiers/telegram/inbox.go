package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// intake handles what is stored.
func (e *Ears) newIntake() *notifiers.Intake {
	return &notifiers.Intake{Inbox: e.Inbox, Lane: e.channel.lane, Owned: e.Owned, Workers: e.Workers, Handle: e.apply, Leaver: e.Conversation, Whole: whole,
		Dead: func(err error) bool { return errors.Is(err, errUndecodable) }, RetryAfter: retryAfter,
		Idle: e.waits.idle, StoreBack: e.waits.store, Now: e.now, Log: e.log}
}

// retryAfter is what Telegram asks for, else 1 s doubling to a minute.
func retryAfter(err error, attempt int) time.Duration {
	var r *refusal
	if errors.As(err, &r) && r.retryAfter > 0 {
		return r.pause()
	}
	return notifiers.Doubling(attempt)
}

// apply decodes and handles one update.
func (e *Ears) apply(ctx context.Context, in subscriptions.Incoming) error {
	var u update
	if json.Unmarshal(in.Body, &u) != nil {
		return errUndecodable
	}
	return e.hear(ctx, &u, in)
}
