package console

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"arifa/subscriptions"
)

// MostVisits is how many visits an officer has at once: a phone, a desk at work and
// one at home, and two to spare. With one more the oldest ends.
const MostVisits = 5

// listed is one visit on its officer's list, by the hash of its token.
type listed struct {
	Hash  string
	Since time.Time
}

// listOf names the session that holds an officer's list. It is no hash, so that no
// token leads to it.
func listOf(o subscriptions.OfficerID) string { return "visits of " + strconv.FormatInt(int64(o), 10) }

// proved opens the visit for what it was made for: the first time under a new token
// again, and counted among its officer's.
func (a *ask) proved() error {
	if a.visit.Proved.IsZero() {
		if err := a.c.sessions.RenewToken(a.ctx); err != nil {
			return err
		}
		if err := a.counted(); err != nil {
			return err
		}
	}
	a.visit.Proved, a.visit.Seen, a.visit.Ceremony = a.now, a.now, nil
	return nil
}

// counted puts the visit that begins on its officer's list, and ends the oldest where
// there are too many. Of two that begin in the very same moment one may be missing on
// it: that one ends by its time alone.
func (a *ask) counted() error {
	all, err := a.others()
	if err != nil {
		return err
	}
	all = append(all, listed{hashOf(a.c.sessions.Token(a.ctx)), a.now})
	over := all[:max(0, len(all)-MostVisits)]
	data, err := json.Marshal(all[len(over):])
	if err != nil {
		return err
	}
	// The record first: what it tells of happens, and a failure leaves all as it was.
	if len(over) > 0 {
		if err := a.c.Desk.VisitsCrowded(a.ctx, a.actor, MostVisits, a.now); err != nil {
			return err
		}
	}
	for _, v := range over {
		if err := a.c.Sessions.EndSession(a.ctx, v.Hash); err != nil {
			return err
		}
	}
	return a.c.Sessions.PutSession(a.ctx, subscriptions.Session{Hash: listOf(a.visit.Officer), Data: data, Ends: a.now.Add(Longest)}, a.now)
}

// others are the visits of the officer that are there still, the oldest first.
func (a *ask) others() (out []listed, err error) {
	was, err := a.c.Sessions.Session(a.ctx, listOf(a.visit.Officer), a.now)
	if errors.Is(err, subscriptions.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(was.Data, &out); err != nil {
		return nil, err
	}
	for k := len(out) - 1; k >= 0; k-- {
		s, err := a.c.Sessions.Session(a.ctx, out[k].Hash, a.now)
		gone := errors.Is(err, subscriptions.ErrNotFound)
		if err != nil && !gone {
			return nil, err
		}
		if gone || !a.stands(visitIn(s.Data)) {
			out = slices.Delete(out, k, k+1)
		}
	}
	return out, nil
}

// stands reports whether a stored visit is still one of this officer: she may have
// signed out everywhere since, and it may have come to its end.
func (a *ask) stands(v *visit) bool {
	ended := a.me().CodesEndedAt
	return v.Officer == a.visit.Officer && v.standing(a.c.Idle, a.now) >= locked && (ended.IsZero() || v.Since.After(ended))
}
