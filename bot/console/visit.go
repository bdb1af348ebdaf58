package console

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"arifa/subscriptions"
)

// visit is what a session remembers. Whether its officer may still come in is asked
// of the desk at each request.
type visit struct {
	Officer subscriptions.OfficerID `json:",omitempty"`
	Came    string                  `json:",omitempty"` // how the first step was taken: link, sso, passkey
	Since   time.Time               `json:",omitzero"`  // of the first step
	Proved  time.Time               `json:",omitzero"`  // the last six digits or passkey; zero = the second step is missing
	Seen    time.Time               `json:",omitzero"`  // when the officer did something last

	Kept *kept `json:",omitempty"` // a form that came when the visit had ended
	// Ceremony is the challenge of one passkey, and Leave one journey to the single
	// sign-on: each is good for one answer.
	Ceremony json.RawMessage `json:",omitempty"`
	Leave    *journey        `json:",omitempty"`
}

// kept is what an officer had typed. It is hers: another who signs in with the same
// browser does not see it.
type kept struct {
	Path    string
	Values  url.Values
	Officer subscriptions.OfficerID
	At      time.Time
}

// keptFor is how long a form waits for its officer to come back.
const keptFor = time.Hour

// standing says how far in a visit is.
type standing int

const (
	nobody standing = iota
	half            // the second step is missing
	locked          // nothing was done for a while: the second step again
	inside
)

// halfFor is how long the second step may take.
const halfFor = 15 * time.Minute

// standing is pure. A clock that was set back leaves nothing open.
func (v *visit) standing(idle time.Duration, now time.Time) standing {
	age := now.Sub(v.Since)
	switch {
	case v.Officer == 0, age < 0, age >= Longest:
		return nobody
	case v.Proved.IsZero() && age >= halfFor:
		return nobody
	case v.Proved.IsZero():
		return half
	case now.Sub(v.Seen) >= idle, v.Seen.After(now):
		return locked
	}
	return inside
}

// fresh reports whether the last proof counts for the deeds of two officers.
func (v *visit) fresh(now time.Time) bool {
	return !v.Proved.IsZero() && !v.Proved.After(now) && now.Sub(v.Proved) < FreshFor
}

func (c *Console) visitOf(ctx context.Context) *visit {
	return readVisit(c.sessions.GetString(ctx, visitKey))
}

// visitIn is the visit of a stored session.
func visitIn(data []byte) *visit {
	var d sessionDoc
	if json.Unmarshal(data, &d) != nil {
		return &visit{}
	}
	return readVisit(d.Visit)
}

func readVisit(doc string) *visit {
	v := &visit{}
	if doc != "" && json.Unmarshal([]byte(doc), v) != nil {
		return &visit{} // what cannot be read is nobody's visit
	}
	return v
}

// save keeps a visit where it changed.
func (c *Console) save(ctx context.Context, v *visit) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	was := c.sessions.GetString(ctx, visitKey)
	if doc := string(b); doc != was && !(was == "" && doc == "{}") { // nothing is begun for nothing
		c.sessions.Put(ctx, visitKey, doc)
	}
	return nil
}

// begin makes the visit an officer's under a new token: one that somebody else may
// have put into this browser before is worth nothing.
func (c *Console) begin(ctx context.Context, v *visit, o subscriptions.OfficerID, came string, now time.Time) error {
	if err := c.sessions.RenewToken(ctx); err != nil {
		return err
	}
	c.sessions.SetDeadline(ctx, now.Add(Longest+keptFor)) // so that an ended one can be told from none
	k := v.Kept
	if k != nil && k.Officer != 0 && k.Officer != o {
		k = nil
	}
	*v = visit{Officer: o, Came: came, Since: now, Seen: now, Kept: k}
	return nil
}
