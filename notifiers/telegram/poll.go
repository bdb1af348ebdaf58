package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"arifa/subscriptions"
)

// Long polling: the server cuts a longer timeout to 50 s, and gives at most 100
// updates (core.telegram.org/bots/api#getupdates). An answer may be large.
const (
	pollSeconds = 50
	pollTimeout = (pollSeconds + 15) * time.Second
	pollLimit   = 100
	pollBytes   = 16 << 20
)

// heardKinds is what is asked for; an omitted list would keep an older one.
var heardKinds = []string{"message", "callback_query", "my_chat_member"}

// poll is a poller of our own: the library decodes a whole batch at once, so one
// update that it cannot read would stop all others for a day, and it confirms
// before anything is handled. Here each is stored first, then confirmed by the
// next offset.
func (e *Ears) poll(ctx context.Context) {
	var offset int64 // 0: everything unconfirmed; what is stored already is not stored twice
	var wait time.Duration
	for pause(ctx, wait) {
		if !e.Owned() {
			wait = e.waits.idle
			continue
		}
		with := e.channel.key.Load()
		batch, err := e.fetch(ctx, offset)
		if err != nil {
			if ctx.Err() == nil && e.Owned() { // the lane's new owner ends our poll
				wait = e.pollPause(err, wait)
				e.deaf.Since(e.now())
			}
			if r := (*refusal)(nil); errors.As(err, &r) && ofToken(r) && e.channel.another(ctx, with, wait) {
				wait = 0
			}
			continue
		}
		e.deaf.Over()
		next, err := e.store(ctx, batch)
		switch wait = 0; {
		case err != nil:
			e.log.Error("updates not stored, so not confirmed", "error", err)
			wait = e.waits.store
		case next > 0:
			// Not the highest so far: after a quiet week the ids begin anywhere.
			offset = next
		case len(batch) > 0:
			wait = e.waits.store // nothing with an id: it would come again at once
		}
	}
}

// fetch asks for the next batch, each update left undecoded.
func (e *Ears) fetch(ctx context.Context, offset int64) ([]json.RawMessage, error) {
	body, err := json.Marshal(map[string]any{"offset": offset, "limit": pollLimit, "timeout": pollSeconds, "allowed_updates": heardKinds})
	if err != nil {
		return nil, err
	}
	result, err := e.channel.call(ctx, e.client, "getUpdates", body, pollBytes)
	if err != nil {
		return nil, err
	}
	var batch []json.RawMessage
	if json.Unmarshal(result, &batch) != nil {
		return nil, errors.New("the updates are no list")
	}
	return batch, nil
}

// store keeps a batch and returns the offset that confirms it.
func (e *Ears) store(ctx context.Context, batch []json.RawMessage) (int64, error) {
	var next int64
	var in []subscriptions.Incoming
	for _, raw := range batch {
		i, err := e.incoming(raw)
		if err != nil {
			// Without an id it can be neither stored nor confirmed; the ids around it
			// confirm it.
			e.log.Error("update without an id laid aside", "error", err)
			continue
		}
		in, next = append(in, i), max(next, i.ID+1)
	}
	if len(in) == 0 {
		return 0, nil
	}
	fresh, err := e.Inbox.PutIncoming(ctx, in)
	if err != nil {
		return 0, err
	}
	e.intake.Stored(ctx, fresh, in...)
	return next, nil
}

// pollPause obeys retry_after exactly, tells an operator what he can mend, and
// otherwise backs off.
func (e *Ears) pollPause(err error, last time.Duration) time.Duration {
	var r *refusal
	if errors.As(err, &r) {
		switch r.code {
		case http.StatusTooManyRequests:
			e.log.Warn("telegram asks the poller to wait", "seconds", max(time.Second, r.pause()).Seconds())
			return max(time.Second, r.pause())
		case http.StatusUnauthorized, http.StatusNotFound: // ofToken
			e.log.Error("telegram refuses the token: set TELEGRAM_TOKEN to the bot's present one", "error", err)
			return e.waits.token
		case http.StatusConflict:
			e.log.Error("another program polls this bot, or a webhook is set: stop the other, or use --telegram-mode=webhook", "error", err)
			return e.waits.conflict
		}
	}
	e.log.Warn("polling failed", "error", err)
	return min(e.waits.most, max(e.waits.least, 2*last))
}
