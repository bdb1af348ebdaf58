package notifiers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"arifa/subscriptions"
)

// ErrNotOwner is returned by Reply while another process owns the lane, or
// nobody does: the lane's owner answers.
var ErrNotOwner = errors.New("the lane is not ours now")

// Reply sends a message of a conversation: before every waiting broadcast and
// within the same budget. It makes one request (two where an edit has to become
// a new message) and returns the channel's outcome, which the lane feels like
// any other. It waits for the budget and the chat's pace until ctx ends.
func (d *Dispatcher) Reply(ctx context.Context, id subscriptions.LaneID, m Message) (Receipt, error) {
	l, ok := d.byID[id]
	if !ok {
		return Receipt{}, fmt.Errorf("reply: lane %s: %w", id, subscriptions.ErrNotFound)
	}
	receipt, err := l.reply(ctx, m)
	if is[Uneditable](err) {
		m.Edit = ""
		receipt, err = l.reply(ctx, m)
	}
	if err != nil {
		return receipt, fmt.Errorf("reply: lane %s: %w", id, err)
	}
	return receipt, nil
}

// Budget of a lane, for requests of a conversation that are no messages; nil
// where the lane is not known.
func (d *Dispatcher) Budget(id subscriptions.LaneID) *Budget {
	if l, ok := d.byID[id]; ok {
		return l.budget
	}
	return nil
}

const anyWait = time.Duration(1<<63 - 1)

func (l *lane) reply(ctx context.Context, m Message) (Receipt, error) {
	switch {
	case !l.tenancy.valid(l.clock()):
		return Receipt{}, ErrNotOwner
	case l.gate.isHalted():
		return Receipt{}, Halt{errors.New("the lane is halted")}
	}
	wait := l.chats.reserve(m.To.Address, m.To.Kind, l.clock(), anyWait)
	if wait > 0 && !bell(nil).sleep(ctx, wait) {
		return Receipt{}, ctx.Err()
	}
	if err := l.budget.Reply(ctx); err != nil {
		return Receipt{}, err
	}
	if !l.tenancy.valid(l.clock()) {
		return Receipt{}, ErrNotOwner
	}
	// What was begun is finished: a caller that gives up makes no unknown.
	last := context.WithoutCancel(ctx)
	begun := l.clock()
	receipt, err := l.speak(last, m, begun)
	row := subscriptions.Delivery{Address: m.To.Address, Kind: subscriptions.Person}
	r := rule(facts{row: &row, receipt: receipt, err: err, now: l.now()})
	l.cfg.Metrics.Ended(l.id, "reply_"+r.name, elapsed(begun, l.clock()))
	r.poison = false // the card is the conversation's, not a notice's
	l.feel(last, &subscriptions.Notice{}, m, &attempt{row: &row}, r, err)
	return receipt, err
}
