package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"arifa/subscriptions"
)

// request makes an idempotency key that belongs to one officer and one act.
func (a Actor) request(act, request string) string {
	if request == "" {
		return ""
	}
	return fmt.Sprintf("%d/%s/%s", a.Officer.ID, act, request)
}

// askedOf is a digest of what a request asks for. Of a time it keeps only whether
// there is one: "in two hours" is another time when the request is repeated.
func askedOf(input ...any) string {
	b, err := json.Marshal(input)
	var plain any
	if err == nil {
		err = json.Unmarshal(b, &plain)
	}
	if err == nil {
		b, err = json.Marshal(withoutTimes(plain))
	}
	if err != nil { // plain data only: cannot fail
		panic(err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func withoutTimes(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = withoutTimes(v[k])
		}
	case []any:
		for k := range v {
			v[k] = withoutTimes(v[k])
		}
	case string:
		if t, err := time.Parse(time.RFC3339Nano, v); err == nil && !t.IsZero() {
			return "a time"
		}
	}
	return v
}

// commit stores a decision under its request key. A key that was used for
// something else is refused: its answer would be about that.
func (d *Desk) commit(ctx context.Context, w *deed, c subscriptions.Change) (subscriptions.Change, error) {
	if c.Request != "" {
		c.Asked = w.asked
	}
	done, err := d.Store.Commit(ctx, c)
	if err == nil && done.Repeated {
		err = sameAsked(w, done)
	}
	return done, err
}

// sameAsked compares a repeated request with the first one.
func sameAsked(w *deed, first subscriptions.Change) error {
	if w.asked == "" || first.Asked == "" || w.asked == first.Asked {
		return nil
	}
	return no(0, "use a new request key", "this request key was used for something else")
}

// seen asks whether a request was carried out before: a commit with its key that
// could never be stored itself.
func (d *Desk) seen(ctx context.Context, w *deed, request string) (subscriptions.Change, bool, error) {
	if request == "" {
		return subscriptions.Change{}, false, nil
	}
	c, err := d.Store.Commit(ctx, subscriptions.Change{Request: request, Incident: &subscriptions.Incident{ID: 1 << 62, Revision: -1}})
	if err != nil || !c.Repeated { // it conflicts, so it was not
		return c, false, nil
	}
	return c, true, sameAsked(w, c)
}
