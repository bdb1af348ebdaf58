package storetest

import (
	"time"

	"arifa/subscriptions"
)

// watchPromises are of follows that end by themselves, and of imports.
func watchPromises() []promise {
	return []promise{
		{"A watch is for the round in which it was asked for", func(w *world) {
			r := w.person()
			i, n := w.outage("a")
			w.watch(r.ID, i, "a")
			w.want(w.tell(), line(r, n, subscriptions.AsMessage, "a"))
			end := w.restore(&i, "a")
			w.want(w.tell(), line(r, end, subscriptions.AsMessage, "a"))
			i = w.reopen(i, "a")
			w.publish(w.notice(i, subscriptions.Outage, "a"), &i)
			w.want(w.tell())
		}},
		{"Who only asked is told so at the end too", func(w *world) {
			asker, follower := w.person(), w.person(follow("a")...)
			i, _ := w.outage("a")
			w.watch(asker.ID, i, "a")
			w.tell()
			w.restore(&i, "a")
			for _, d := range w.tell() {
				if want := d.Recipient == asker.ID; d.Asked != want {
					w.fatal("recipient %d (asker %d, follower %d): Asked is %t, want %t", d.Recipient, asker.ID, follower.ID, d.Asked, want)
				}
			}
		}},
		{"An import enters many at once, and sends no history", func(w *world) {
			imp, ok := w.s.(subscriptions.Importer)
			if !ok {
				return // an optional power
			}
			known := w.person(follow("b")...)
			first := w.person(follow("a")...)
			i, n := w.outage("a")
			w.want(w.tell(), line(first, n, subscriptions.AsMessage, "a"))
			post := func(address string) subscriptions.Post {
				return subscriptions.Post{Recipient: subscriptions.Recipient{Lane: known.Lane, Address: subscriptions.AddressOf(address),
					Kind: subscriptions.Person, Language: "sw", CreatedAt: w.now}, Follows: []subscriptions.Follow{{Scope: subscriptions.ScopeService("a"), Since: w.now}}}
			}
			posts := []subscriptions.Post{post("900001"), post("900002"), post(known.Address.Reveal())}
			w.must(imp.ImportRecipients(w.ctx, posts, w.tick()))
			w.must(imp.ImportRecipients(w.ctx, posts, w.tick()))
			if got := w.scopes(known.ID); len(got) != 2 {
				w.fatal("a known address follows %v, want what it had and what was imported", got)
			}
			if owed, err := w.s.Told(w.ctx, known.ID, time.Time{}); err != nil || len(owed) != 0 {
				w.fatal("told %v (%v), want nothing of before", owed, err)
			}
			w.want(w.tell()) // nor does what is live wait for anybody of it
			w.wantUnaccounted(0)
			end := w.restore(&i, "a")
			w.want(w.tell(), line(first, end, subscriptions.AsMessage, "a"))
			list, ok := w.s.(subscriptions.Lister)
			if !ok {
				return
			}
			seen, after := map[string]int{}, subscriptions.RecipientID(0)
			for {
				page, err := list.Subscribers(w.ctx, after, 2)
				w.must(err)
				if len(page) == 0 {
					break
				}
				for _, p := range page {
					after = p.Recipient.ID
					seen[p.Recipient.Address.Reveal()] += len(p.Follows)
				}
			}
			if len(seen) != 4 || seen["900001"] != 1 || seen[known.Address.Reveal()] != 2 {
				w.fatal("listed %v, want four people with what they follow", len(seen))
			}
		}},
	}
}

func (w *world) watch(id subscriptions.RecipientID, i subscriptions.Incident, service subscriptions.ServiceID) {
	w.helper()
	_, err := w.s.Subscribe(w.ctx, id, []subscriptions.Follow{{Scope: subscriptions.ScopeService(service), Incident: i.ID, Since: w.now}}, w.tick())
	w.must(err)
}
