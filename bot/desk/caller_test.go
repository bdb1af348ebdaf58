package desk_test

import (
	"context"
	"testing"
	"time"

	"arifa/bot/desk/talk"
	"arifa/subscriptions"
)

// doomed is the store of calls as a process sees it that dies: what it would have
// recorded after its death is not recorded.
type doomed struct {
	subscriptions.Calls
	dead bool
}

func (d *doomed) FinishCall(ctx context.Context, c subscriptions.Call) error {
	if d.dead {
		return context.Canceled
	}
	return d.Calls.FinishCall(ctx, c)
}

// phone is one chat that counts what it is told.
type phone struct{ said []string }

func (p *phone) say(_ context.Context, _ subscriptions.Address, s talk.Saying) (string, error) {
	p.said = append(p.said, s.Card.Title)
	return "1", nil
}

// process is one that carries calls with this mouth.
func (r *room) process(calls subscriptions.Calls, say func(context.Context, subscriptions.Address, talk.Saying) (string, error)) *talk.Caller {
	r.Helper()
	c := r.talk.Config
	c.Calls = calls
	t, err := talk.New(c)
	r.must(err)
	return talk.NewCaller(talk.CallerConfig{Talk: t, Now: func() time.Time { return r.now }, Mouths: []talk.Mouth{{Network: "telegram", Say: say}}})
}

// A call whose process dies is said by another one when the lease has lapsed: exactly
// once where it was not said yet, once more where it was said and not recorded, never
// again where it was recorded. Two processes at once say it once.
func TestACallOutlivesItsProcess(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		die   func(r *room, p *phone)
		first int // told by the first process
		total int
	}{
		{"before it took the call", func(*room, *phone) {}, 0, 1},
		{"with the call in its hands, before it was said", func(r *room, p *phone) {
			d := &doomed{Calls: r.store}
			_, err := r.process(d, func(context.Context, subscriptions.Address, talk.Saying) (string, error) {
				d.dead = true
				return "", context.Canceled
			}).Once(ctx)
			r.must(err)
		}, 0, 1},
		{"after it was said, before it was recorded", func(r *room, p *phone) {
			d := &doomed{Calls: r.store}
			_, err := r.process(d, func(ctx context.Context, to subscriptions.Address, s talk.Saying) (string, error) {
				d.dead = true
				return p.say(ctx, to, s)
			}).Once(ctx)
			r.must(err)
		}, 1, 2},
		{"after it was recorded", func(r *room, p *phone) {
			_, err := r.process(r.store, p.say).Once(ctx)
			r.must(err)
		}, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, p := newRoom(t), &phone{}
			r.duty(r.ecAuthor, "ecitizen")
			r.chatOf("Esther")
			r.fails(12, "kws-nairobi-np", "kra-pay-tax", "passport-new", "business-name")
			r.watch()
			c.die(r, p)
			if len(p.said) != c.first {
				t.Fatalf("the first process said %q", p.said)
			}
			other := r.process(r.store, p.say)
			for _, wait := range []time.Duration{30 * time.Second, 31 * time.Second, time.Minute, time.Hour} {
				_, err := other.Once(ctx)
				r.must(err)
				if wait == 30*time.Second && c.total > 1 && len(p.said) > c.first {
					t.Error("said again while the first one may be at it")
				}
				r.pass(wait)
			}
			if len(p.said) != c.total {
				t.Errorf("the officer was told %d times, want %d: %q", len(p.said), c.total, p.said)
			}
			calls, err := r.store.CallsAbout(ctx, "alarm 1")
			r.must(err)
			if len(calls) != 1 || calls[0].EndedAt.IsZero() || calls[0].SentAt.IsZero() {
				t.Errorf("the store remembers %+v", calls)
			}
		})
	}
	t.Run("two at once", func(t *testing.T) {
		t.Parallel()
		r, p := newRoom(t), &phone{}
		r.duty(r.ecAuthor, "ecitizen")
		r.chatOf("Esther")
		r.fails(12, "kws-nairobi-np", "kra-pay-tax", "passport-new", "business-name")
		r.watch()
		other := r.process(r.store, p.say)
		_, err := r.process(r.store, func(ctx context.Context, to subscriptions.Address, s talk.Saying) (string, error) {
			_, err := other.Once(ctx) // the other one looks while this one speaks
			r.must(err)
			return p.say(ctx, to, s)
		}).Once(ctx)
		r.must(err)
		if len(p.said) != 1 {
			t.Errorf("two processes said %q", p.said)
		}
	})
}
