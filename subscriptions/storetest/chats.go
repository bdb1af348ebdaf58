package storetest

import (
	"slices"
	"time"

	"arifa/subscriptions"
)

var wanjiru = subscriptions.Identity{Provider: "telegram", Subject: "500"}

func chatPromises() []promise {
	return []promise{
		{"Chat finds the chat of an identity; ErrNotFound", func(w *world) {
			_, err := w.s.Chat(w.ctx, wanjiru)
			w.is(err, subscriptions.ErrNotFound)
			want := subscriptions.OfficerChat{Chat: wanjiru, OpenedAt: w.now, UsedAt: w.now, Asked: subscriptions.Question{State: "digits", Card: "abc", At: w.now.Add(1500 * time.Microsecond)}}
			stored, err := w.s.PutChat(w.ctx, want)
			w.must(err)
			want.Revision, want.Asked.At = 1, w.now.Add(time.Millisecond)
			got, err := w.s.Chat(w.ctx, wanjiru)
			w.must(err)
			if got != want || stored != want {
				w.fatal("got %+v and %+v, want %+v", got, stored, want)
			}
			_, err = w.s.Chat(w.ctx, subscriptions.Identity{Provider: "slack", Subject: "500"})
			w.is(err, subscriptions.ErrNotFound)
		}},
		{"PutChat stores it if Revision is the stored one (0 = none yet), else ErrConflict", func(w *world) {
			first, err := w.s.PutChat(w.ctx, subscriptions.OfficerChat{Chat: wanjiru})
			w.must(err)
			_, err = w.s.PutChat(w.ctx, subscriptions.OfficerChat{Chat: wanjiru})
			w.is(err, subscriptions.ErrConflict)
			second := first
			second.OpenedAt = w.now
			_, err = w.s.PutChat(w.ctx, second)
			w.must(err)
			_, err = w.s.PutChat(w.ctx, first)
			w.is(err, subscriptions.ErrConflict)
			if got, err := w.s.Chat(w.ctx, wanjiru); err != nil || got.OpenedAt != w.now || got.Revision != 2 {
				w.fatal("got %+v (%v), want the second", got, err)
			}
			stray := subscriptions.OfficerChat{Chat: subscriptions.Identity{Provider: "telegram", Subject: "501"}, Revision: 3}
			_, err = w.s.PutChat(w.ctx, stray)
			w.is(err, subscriptions.ErrConflict)
		}},
		{"Card finds a card that was shown in a chat by its token; ErrNotFound where there is none in this very chat", func(w *world) {
			want := subscriptions.OfficerCard{Chat: wanjiru, Token: "abc", Doc: []byte{0, 1, 2}, At: w.now}
			w.must(w.s.PutCard(w.ctx, want))
			got, err := w.s.Card(w.ctx, wanjiru, "abc")
			w.must(err)
			if got.Chat != wanjiru || got.Token != "abc" || got.At != w.now || !slices.Equal(got.Doc, want.Doc) {
				w.fatal("got %+v, want %+v", got, want)
			}
			_, err = w.s.Card(w.ctx, subscriptions.Identity{Provider: "telegram", Subject: "501"}, "abc")
			w.is(err, subscriptions.ErrNotFound)
			_, err = w.s.Card(w.ctx, wanjiru, "abd")
			w.is(err, subscriptions.ErrNotFound)
		}},
		{"PutCard stores a card anew, and removes those of the same chat that are older than CardsFor", func(w *world) {
			put := func(i subscriptions.Identity, token, doc string, at time.Time) {
				w.must(w.s.PutCard(w.ctx, subscriptions.OfficerCard{Chat: i, Token: token, Doc: []byte(doc), At: at}))
			}
			other := subscriptions.Identity{Provider: "telegram", Subject: "501"}
			put(wanjiru, "old", "1", w.now)
			put(other, "old", "1", w.now)
			put(wanjiru, "new", "1", w.now.Add(time.Hour))
			put(wanjiru, "new", "2", w.now.Add(time.Hour))
			if c, err := w.s.Card(w.ctx, wanjiru, "new"); err != nil || string(c.Doc) != "2" {
				w.fatal("got %q (%v), want the card as it was stored last", c.Doc, err)
			}
			put(wanjiru, "newest", "1", w.now.Add(subscriptions.CardsFor+time.Minute))
			_, err := w.s.Card(w.ctx, wanjiru, "old")
			w.is(err, subscriptions.ErrNotFound)
			for i, token := range map[subscriptions.Identity]string{other: "old", wanjiru: "new"} {
				_, err := w.s.Card(w.ctx, i, token)
				w.must(err)
			}
			_, err = w.s.Retain(w.ctx, w.now.Add(2*subscriptions.CardsFor))
			w.must(err)
			_, err = w.s.Card(w.ctx, other, "old")
			w.is(err, subscriptions.ErrNotFound)
		}},
	}
}
