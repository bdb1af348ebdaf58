package talk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// Kinds of calls that a board makes of itself: messages in a room that several
// officers read, each kept up to date in place.
const (
	boardApprove  = "board-approve"
	boardIncident = "board-incident"
	boardDue      = "board-due"
	boardAlarm    = "board-alarm"
)

// Board shows in an officers' room what is under way: each notice that waits for a
// second officer, each wake-up with its ready draft, each incident with how far its
// word has come, and the promises that fall due. It is carried like other calls, so that whoever serves goes on with
// it. What its buttons lead to is every officer's own.
type Board struct {
	Talk *Talk
	// Room is the chat of its calls. Its provider is no officer's.
	Room subscriptions.Identity

	mu    sync.Mutex
	known map[string]bool // events that are stored
}

// facts are what a message of the board is made of, when it is put there.
type facts struct {
	Submitted time.Time // of a notice: which round this is
	Words     []string  // that waited in this round, to mark what the next one changes
	Due       time.Time
	Overdue   bool
	Asked     time.Time // of an alarm: since when its agency is asked
}

// remindBefore is how long before a promised word the room is reminded.
const remindBefore = 20 * time.Minute

// Post puts on the board what is not there yet. It is safe to repeat.
func (b *Board) Post(ctx context.Context, now time.Time) error {
	d := b.Talk.Desk
	notices, err := d.Notices(ctx, 0, subscriptions.Submitted)
	if err != nil {
		return err
	}
	u, err := b.turn(ctx, now)
	if err != nil {
		return err
	}
	var errs []error
	for _, n := range notices {
		f := facts{Submitted: n.SubmittedAt, Words: u.allWords(n)}
		errs = append(errs, b.put(ctx, boardApprove, fmt.Sprintf("notice %d", n.ID), fmt.Sprint(n.SubmittedAt.UnixMilli()), f, now))
	}
	alarms, err := d.LiveAlarms(ctx, now)
	errs = append(errs, err)
	for _, a := range alarms {
		errs = append(errs, b.put(ctx, boardAlarm, fmt.Sprintf("alarm %d", a.ID), fmt.Sprint(a.AskedAt.UnixMilli()), facts{Asked: a.AskedAt}, now))
	}
	incidents, err := d.Incidents(ctx, now.Add(-lookBack))
	for _, i := range incidents {
		about := fmt.Sprintf("incident %d", i.ID)
		if !i.State.Over() {
			errs = append(errs, b.put(ctx, boardIncident, about, "", facts{}, now))
		}
		if due := i.NextUpdate; !due.IsZero() && !now.Before(due.Add(-remindBefore)) {
			late := desk.Overdue(i, now)
			errs = append(errs, b.put(ctx, boardDue, about, fmt.Sprint(late, due.UnixMilli()), facts{Due: due, Overdue: late}, now))
		}
	}
	return errors.Join(append(errs, err)...)
}

// put stores one message of the board, once.
func (b *Board) put(ctx context.Context, kind, about, round string, f facts, now time.Time) error {
	event := fmt.Sprintf("%s/%s/%s/%s", kind, b.Room.Subject, about, round)
	b.mu.Lock()
	known := b.known[event]
	b.mu.Unlock()
	if known {
		return nil
	}
	doc, err := json.Marshal(f)
	if err != nil {
		return err
	}
	c := subscriptions.Call{Kind: kind, About: about, Facts: doc, Chat: b.Room, Live: kind != boardDue, At: now, NextAt: now}
	if _, err := b.Talk.Calls.PutCalls(ctx, subscriptions.Summons{Event: event, At: now, Calls: []subscriptions.Call{c}}); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.known == nil || len(b.known) > 10_000 {
		b.known = map[string]bool{}
	}
	b.known[event] = true
	return nil
}

// Shown is one message of the board as it stands now.
type Shown struct {
	Card wording.Card
	Says string // digest: the same while it says the same
	Over bool   // it will not change any more
	// Thread is the call in whose thread it stands; nil = on its own.
	Thread *subscriptions.Call
}

// Show makes the message of a call. ErrOver: nobody needs it any more.
func (b *Board) Show(ctx context.Context, c subscriptions.Call, now time.Time) (Shown, error) {
	u, err := b.turn(ctx, now)
	if err != nil {
		return Shown{}, err
	}
	var f facts
	if err := json.Unmarshal(c.Facts, &f); err != nil {
		return Shown{}, fmt.Errorf("call %d: %w", c.ID, err)
	}
	var s Shown
	var p roomPage
	switch c.Kind {
	case boardApprove:
		p, s.Over, err = u.approval(ctx, c, f)
	case boardAlarm:
		p, s.Over, err = u.boardAlarm(ctx, c, f)
	case boardIncident:
		p, s.Over, err = u.boardIncident(ctx, c)
	case boardDue:
		s.Over = true
		if p, err = u.due(ctx, c, f); err == nil {
			s.Thread, err = b.threadOf(ctx, c)
		}
	default:
		err = ErrOver
	}
	if err != nil {
		return s, err
	}
	s.Card, s.Says = p.card(), digest(p.page)
	return s, nil
}

func (b *Board) turn(ctx context.Context, now time.Time) (*turn, error) {
	nation, err := b.Talk.Desk.Nation(ctx)
	return &turn{Talk: b.Talk, h: Heard{Chat: b.Room, At: now}, now: now.UTC().Truncate(time.Millisecond), nation: nation}, err
}

// threadOf is the incident's own message.
func (b *Board) threadOf(ctx context.Context, c subscriptions.Call) (*subscriptions.Call, error) {
	all, err := b.Talk.Calls.CallsAbout(ctx, c.About)
	at := slices.IndexFunc(all, func(o subscriptions.Call) bool { return o.Kind == boardIncident && o.Chat == b.Room })
	if err != nil || at < 0 {
		return nil, err
	}
	return &all[at], nil
}
