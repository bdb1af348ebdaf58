package bot

import (
	"context"
	"errors"
	"slices"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// patience is how long an answer to a question is waited for.
const patience = 15 * time.Minute

// askedEvery is how often "this person asked" is written down again.
const askedEvery = time.Minute

// turn is one thing heard, with what is known of who said it.
type turn struct {
	*Conversation
	h      Heard
	now    time.Time
	nation *subscriptions.Nation
	before subscriptions.Recipient // as it is stored; ID 0 = not known
	me     subscriptions.Recipient
	next   subscriptions.Talk  // what is asked by this answer
	gone   bool                // erased in this turn: nothing is kept
	met    bool                // something was stored of them before this was heard
	fresh  bool                // no language was chosen before
	shown  subscriptions.Scope // what the answer is about, where it is one thing
	says   bool                // the answer says how something is now
	unread bool                // what was said is longer than what is read of it
	l      subscriptions.Language
	live   []subscriptions.Incident // lazily read by incidents
	read   bool
}

func (c *Conversation) turn(ctx context.Context, h Heard) (*turn, error) {
	t := &turn{Conversation: c, h: h, now: clock(h.At), nation: c.Nation()}
	_, t.unread = reading(h.Text)
	me, err := c.Register.Recipient(ctx, h.Lane, h.Address)
	if err != nil && !errors.Is(err, subscriptions.ErrNotFound) {
		return nil, err
	}
	if err != nil {
		me = subscriptions.Recipient{Lane: h.Lane, Address: h.Address, Kind: h.Kind, CreatedAt: t.now}
		if h.Kind == subscriptions.Group {
			me.Title = h.Title
		}
	}
	t.before, t.me, t.fresh = me, me, me.Language == ""
	t.met = t.known()
	t.me.GoneAt = time.Time{} // who speaks is there
	return t, nil
}

// talk is what was asked, as long as an answer is waited for.
func (t *turn) talk() subscriptions.Talk {
	if t.now.Sub(t.me.Talk.At) > patience {
		return subscriptions.Talk{}
	}
	return t.me.Talk
}

// ask remembers a question: the next text is its answer.
func (t *turn) ask(a act) { t.next = subscriptions.Talk{State: string(a), At: t.now} }

// speakIn chooses the language: the chosen one, else that of the words that were
// used, else the network's hint.
func (t *turn) speakIn(w wish, h Heard) {
	for _, l := range []subscriptions.Language{t.me.Language, w.tongue, h.Language} {
		if t.speaks(l) {
			t.l = l
			return
		}
	}
	t.l = t.nation.DefaultLanguage
}

func (t *turn) speaks(l subscriptions.Language) bool {
	return slices.Contains(t.nation.Languages, l) && t.Speaker.Speaks(l)
}

// known reports whether this recipient is stored.
func (t *turn) known() bool { return t.before.ID != 0 }

// person reports whether one person reads here, so that asking is enough to be
// told the end.
func (t *turn) person() bool { return t.h.Kind == subscriptions.Person }

// mayChange reports whether the sender may change what is followed here.
func (t *turn) mayChange() bool { return t.h.Kind != subscriptions.Group || t.h.Admin }

// asked notes that this recipient wants to know something now: people who asked
// are told first.
func (t *turn) asked() {
	if t.now.Sub(t.me.AskedAt) >= askedEvery {
		t.me.AskedAt = t.now
	}
}

// stored makes sure that the recipient exists, in the language that it reads.
func (t *turn) stored(ctx context.Context) error {
	if t.me.Language == "" {
		t.me.Language = t.l
	}
	if t.known() {
		return nil
	}
	return t.save(ctx)
}

func (t *turn) save(ctx context.Context) error {
	saved, err := t.Register.SaveRecipient(ctx, t.me)
	if errors.Is(err, subscriptions.ErrExists) { // heard twice at once
		wanted := t.me
		t.me = saved
		t.me.Language, t.me.Talk, t.me.AskedAt, t.me.Silent = wanted.Language, wanted.Talk, wanted.AskedAt, wanted.Silent
		saved, err = t.Register.SaveRecipient(ctx, t.me)
	}
	if err != nil {
		return err
	}
	t.before, t.me = saved, saved
	return nil
}

// keep writes down what changed. Whoever only looked around is not remembered.
func (t *turn) keep(ctx context.Context) error {
	if t.gone {
		return nil
	}
	if t.me.Talk.State != t.next.State || t.next.State != "" {
		t.me.Talk = t.next
	}
	if !t.known() && t.me.Language == "" && t.next.State == "" {
		return nil
	}
	if t.known() && sameRecipient(t.before, t.me) {
		return nil
	}
	return t.save(ctx)
}

func sameRecipient(a, b subscriptions.Recipient) bool {
	return a.Language == b.Language && a.Silent == b.Silent && a.AskedAt.Equal(b.AskedAt) && a.Kind == b.Kind &&
		a.Title == b.Title && a.GoneAt.Equal(b.GoneAt) && a.Talk.State == b.Talk.State && a.Talk.At.Equal(b.Talk.At)
}

// say speaks a sentence; fields come as name, value, name, value.
func (t *turn) say(id string, fields ...any) string {
	return t.Speaker.T(t.l, id, dataOf(fields))
}

// count speaks a sentence that changes with n, which it may name as {{.N}}.
func (t *turn) count(id string, n int, fields ...any) string {
	data := dataOf(fields)
	data["N"] = t.Speaker.Number(t.l, n)
	return t.Speaker.N(t.l, id, n, data)
}

func dataOf(fields []any) map[string]any {
	data := map[string]any{}
	for i := 0; i+1 < len(fields); i += 2 {
		data[fields[i].(string)] = fields[i+1]
	}
	return data
}

func (t *turn) local(at time.Time) time.Time { return at.In(t.nation.Location()) }

// silence says that nothing was announced, which is never said as health.
func (t *turn) silence() string {
	t.says = true
	return t.Speaker.Silence(t.l)
}

// asOf says when the answer was true.
func (t *turn) asOf() string { return t.Speaker.AsOf(t.l, t.local(t.now)) }

func (t *turn) choice(label string, w wish) wording.Choice {
	return wording.Choice{Label: label, Data: w.data()}
}
