package talk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// Start is where an officer begins who did not press a button of her own chat: at
// a command's words, or at a message that several officers read.
type Start struct {
	Do       string // home, outage, find, notice, approve, return, stop, withdraw, correct, incident, no-change, update, restore, answer, first
	Query    string // of outage and find, in the officer's words
	Notice   subscriptions.NoticeID
	Hash     string // of the words that the message shows
	Incident subscriptions.IncidentID
}

// startMark begins the data of a button that several officers may press.
const startMark = "s "

// Data is what a button carries: what it is about, and nothing of what it does there.
func (s Start) Data() string {
	return fmt.Sprintf("%s%s %d %d %s", startMark, s.Do, s.Notice, s.Incident, s.Hash)
}

// StartOf reads the data of such a button.
func StartOf(data string) (Start, bool) {
	f := strings.Split(data, " ")
	if len(f) != 5 || f[0]+" " != startMark || startVerbs[f[1]] == "" {
		return Start{}, false
	}
	n, err := strconv.ParseInt(f[2], 10, 64)
	i, err2 := strconv.ParseInt(f[3], 10, 64)
	return Start{Do: f[1], Notice: subscriptions.NoticeID(n), Incident: subscriptions.IncidentID(i), Hash: f[4]}, err == nil && err2 == nil
}

// IsButton reports whether data is of a button of the desk.
func IsButton(data string) bool {
	return strings.HasPrefix(data, buttonMark) || strings.HasPrefix(data, startMark)
}

// startVerbs name the verb that a start presses.
var startVerbs = map[string]string{
	"home": "home", "outage": "begin-outage", "find": "other", "notice": "notice", "approve": "approve-ask", "return": "return-ask", "stop": "sure", "withdraw": "sure", "correct": "false",
	"incident": "incident", "no-change": "no-change", "update": "update", "restore": "restore", "answer": "answer", "first": "first",
}

// Begin opens the desk at a start, as a press on a card of the officer's own: a
// locked chat asks for the digits first, and goes on from there. key is the same
// where the same thing is told again, so that a deed is done once.
func (t *Talk) Begin(ctx context.Context, h Heard, key string, s Start) ([]wording.Card, error) {
	h.At = h.At.UTC().Truncate(time.Millisecond)
	u := &turn{Talk: t, h: h, now: h.At}
	pages, err := u.begin(ctx, key, s)
	var r *desk.Refusal
	if errors.As(err, &r) {
		pages, err = []page{u.refused(r)}, nil
	}
	if err != nil {
		return nil, err
	}
	return u.show(ctx, pages)
}

func (u *turn) begin(ctx context.Context, key string, s Start) ([]page, error) {
	if err := u.enter(ctx); err != nil {
		return nil, u.turnedAway(ctx, s, err)
	}
	u.chat.Asked = subscriptions.Question{}
	token := tokens.EncodeToString([]byte(key))
	c, err := u.cardOf(ctx, token)
	if err != nil {
		return nil, err
	}
	if c == nil {
		made, err := u.startCard(ctx, s)
		if err != nil {
			return nil, err
		}
		if err := u.keep(ctx, token, made); err != nil {
			return nil, err
		}
	}
	return u.press(ctx, token, 0)
}

// turnedAway puts it on the record that somebody pressed who is no officer, or is
// one no more; who presses again and again is on it a few times only.
func (u *turn) turnedAway(ctx context.Context, s Start, err error) error {
	var r *desk.Refusal
	if !errors.As(err, &r) || u.tries.over(u.h.Chat, "away", linkTries, u.now) {
		return err
	}
	subject := s.Do
	switch {
	case s.Notice != 0:
		subject = fmt.Sprintf("notice %d", s.Notice)
	case s.Incident != 0:
		subject = fmt.Sprintf("incident %d", s.Incident)
	}
	return u.Desk.TurnAway(ctx, u.h.Chat.Provider, subject, r, u.now)
}

// startCard is the card whose only button is pressed: what it is about stands in
// the store, as with every other.
func (u *turn) startCard(ctx context.Context, s Start) (card, error) {
	c := card{At: u.now, Does: []does{{Do: startVerbs[s.Do]}}}
	do := &c.Does[0]
	switch s.Do {
	case "outage", "find":
		do.Arg = s.Query
	case "stop", "withdraw":
		do.Arg = s.Do
	case "correct":
		do.Arg = "ours"
	case "notice":
		do.Arg = fmt.Sprint(s.Notice)
	case "incident":
		do.Arg = fmt.Sprint(s.Incident)
	}
	if s.Notice != 0 {
		n, err := u.notice(ctx, s.Notice)
		if err != nil {
			return c, asGone(err, "notice", int64(s.Notice))
		}
		c.Was, c.Work = seen(n), work{Agency: n.Agency, Incident: n.Incident, Notice: n.ID, Hash: s.Hash}
	}
	if s.Incident != 0 && s.Do != "incident" {
		i, err := u.Desk.Incident(ctx, s.Incident)
		if err != nil {
			return c, asGone(err, "incident", int64(s.Incident))
		}
		c.Was, c.Work = since(i), work{Incident: i.ID, Agency: u.voice(i, "")}
	}
	return c, nil
}

func asGone(err error, what string, id int64) error {
	if errors.Is(err, subscriptions.ErrNotFound) {
		return &desk.Refusal{Why: fmt.Sprintf("%s %d does not exist", what, id), Do: "look it up in the list"}
	}
	return err
}

// beginOutage goes straight to the words of a first notice: what is found best and
// is the officer's own, with the usual template. Anything else is asked.
func (u *turn) beginOutage(ctx context.Context, w work, query string) ([]page, error) {
	if strings.TrimSpace(query) == "" {
		return u.fails(ctx, w, "")
	}
	scope, ok := u.ownBest(query)
	if !ok {
		return u.find(ctx, w, query)
	}
	if _, live, err := u.failsIn(ctx, scope); err != nil || live {
		pages, cerr := u.choose(ctx, w, string(scope))
		return pages, errors.Join(err, cerr)
	}
	w.Open = u.openOf(scope)
	w.Agency = w.Open.Agency
	pages, err := u.template(ctx, w, string(subscriptions.Blocked))
	if err != nil {
		return nil, err
	}
	p := &pages[len(pages)-1]
	p.lines = append([]string{"Found for “" + clip(query, 60) + "”: " + u.scope(scope) + "."}, p.lines...)
	p.rows = append(p.rows[:len(p.rows)-1], append([][]button{{{"Something else …", "other", clip(query, 60)}}}, p.rows[len(p.rows)-1])...)
	return pages, nil
}

func (u *turn) other(ctx context.Context, _ work, query string) ([]page, error) {
	return u.find(ctx, work{}, query)
}

// ownBest is the best that is found among what the officer's agencies answer for; a
// platform before the services that break with it.
func (u *turn) ownBest(query string) (subscriptions.Scope, bool) {
	mine := u.actor.Officer.SpeaksFor()
	var best subscriptions.Scope
	for _, f := range u.Search.Search(query, 7) {
		if p, ok := u.nation.Platform(f.Platform); ok && slices.Contains(mine, p.Operator) {
			return subscriptions.ScopePlatform(p.ID), true
		}
		if s, ok := u.nation.Service(f.Service); ok && slices.Contains(mine, s.Agency) && best == "" {
			best = subscriptions.ScopeService(s.ID)
		}
	}
	return best, best != ""
}

// Waits counts what waits for an officer, without a word of what it is: it may be
// shown where a chat is locked.
type Waits struct {
	Name                         string
	Approvals, Returned, Overdue int
}

// Waiting tells it of the officer whose account it is; false where it is nobody's.
func (t *Talk) Waiting(ctx context.Context, h Heard) (Waits, bool, error) {
	a, _, err := t.Desk.Enter(ctx, h.Chat, h.At)
	var r *desk.Refusal
	if errors.As(err, &r) {
		return Waits{}, false, nil
	}
	if err != nil {
		return Waits{}, false, err
	}
	w := Waits{Name: a.Officer.Name}
	notices, err := t.Desk.Notices(ctx, 0, subscriptions.Submitted, subscriptions.Returned)
	if err != nil {
		return w, true, err
	}
	for _, n := range notices {
		switch {
		case n.State == subscriptions.Submitted && a.Officer.Has(subscriptions.Approver, n.Agency) && n.Author != a.Officer.ID && n.Submitter != a.Officer.ID:
			w.Approvals++
		case n.State == subscriptions.Returned && n.Author == a.Officer.ID:
			w.Returned++
		}
	}
	incidents, err := t.Desk.Incidents(ctx, h.At.Add(-lookBack))
	for _, i := range incidents {
		mine := slices.ContainsFunc(a.Officer.SpeaksFor(), func(id subscriptions.AgencyID) bool {
			return i.Owner == id || slices.ContainsFunc(i.Claims, func(c subscriptions.Claim) bool { return c.Agency == id && c.Round == i.Round })
		})
		if mine && desk.Overdue(i, h.At) {
			w.Overdue++
		}
	}
	return w, true, err
}
