package storetest

import (
	"bytes"
	"slices"
	"time"

	"arifa/subscriptions"
)

var browser, otherBrowser = subscriptions.AddressOf("digest-1"), subscriptions.AddressOf("digest-2")

func (w *world) utter(a subscriptions.Address, key int64, body string) subscriptions.Utterance {
	w.helper()
	u, err := w.s.PutUtterance(w.ctx, subscriptions.Utterance{Address: a, Key: key, Body: []byte(body), ReplyTo: 7, Silent: true, At: w.tick()})
	w.must(err)
	return u
}

// talk is what a browser has, as "body" or "body!" where it is not seen.
func (w *world) talk(a subscriptions.Address) []string {
	w.helper()
	all, err := w.s.Utterances(w.ctx, a, 100)
	w.must(err)
	var out []string
	for _, u := range all {
		mark := "!"
		if u.Seen {
			mark = ""
		}
		out = append(out, string(u.Body)+mark)
	}
	return out
}

func webTalkPromises() []promise {
	return []promise{
		{"PutUtterance adds one; Utterances lists the newest of one browser, oldest first", func(w *world) {
			one, two := w.utter(browser, 0, "one"), w.utter(browser, 0, "two")
			w.utter(otherBrowser, 0, "three")
			all, err := w.s.Utterances(w.ctx, browser, 10)
			w.must(err)
			if len(all) != 2 || all[0].ID != one.ID || all[1].ID != two.ID || !bytes.Equal(all[0].Body, []byte("one")) || all[0].ReplyTo != 7 ||
				!all[0].Silent || all[0].Seen || !all[0].At.Equal(one.At) || all[0].Address != browser || two.Version <= one.Version {
				w.fatal("got %+v, want %+v and %+v", all, one, two)
			}
			if all, err = w.s.Utterances(w.ctx, browser, 1); err != nil || len(all) != 1 || all[0].ID != two.ID {
				w.fatal("got %+v (%v), want the newest", all, err)
			}
		}},
		{"The same Key to the same browser is the same one: it takes the new body while it is not seen, and stays once it is", func(w *world) {
			one := w.utter(browser, 5, "one")
			two := w.utter(browser, 5, "two")
			if two.ID != one.ID || two.Version <= one.Version || !two.At.After(one.At) || !slices.Equal(w.talk(browser), []string{"two!"}) {
				w.fatal("got %+v after %+v: %v", two, one, w.talk(browser))
			}
			if other := w.utter(otherBrowser, 5, "x"); other.ID == one.ID {
				w.fatal("another browser got the same utterance")
			}
			w.must(w.s.SeenUtterances(w.ctx, browser, []int64{two.Version}))
			if three := w.utter(browser, 5, "three"); !three.Seen || three.Version != two.Version || !slices.Equal(w.talk(browser), []string{"two"}) {
				w.fatal("got %+v: %v", three, w.talk(browser))
			}
		}},
		{"ReplaceUtterance puts another body in the place of one of this browser's; the same body changes nothing", func(w *world) {
			one := w.utter(browser, 0, "one")
			w.must(w.s.SeenUtterances(w.ctx, browser, []int64{one.Version, 99999}))
			same, err := w.s.ReplaceUtterance(w.ctx, browser, one.ID, []byte("one"), w.tick())
			w.must(err)
			if !same.Seen || same.Version != one.Version {
				w.fatal("got %+v, want nothing changed", same)
			}
			new, err := w.s.ReplaceUtterance(w.ctx, browser, one.ID, []byte("new"), w.tick())
			w.must(err)
			if new.ID != one.ID || new.Seen || new.Version <= one.Version || !slices.Equal(w.talk(browser), []string{"new!"}) {
				w.fatal("got %+v: %v", new, w.talk(browser))
			}
			_, err = w.s.ReplaceUtterance(w.ctx, otherBrowser, one.ID, []byte("x"), w.now)
			w.is(err, subscriptions.ErrNotFound)
		}},
		{"SeenUtterances notes the bodies of these versions; UtteranceChanges lists changes of all browsers in order", func(w *world) {
			start, err := w.s.LastUtteranceChange(w.ctx)
			w.must(err)
			one, two := w.utter(browser, 0, "one"), w.utter(browser, 0, "two")
			other := w.utter(otherBrowser, 0, "other")
			w.must(w.s.SeenUtterances(w.ctx, browser, []int64{one.Version, 99999}))
			if got := w.talk(browser); !slices.Equal(got, []string{"one", "two!"}) {
				w.fatal("got %v", got)
			}
			changes, err := w.s.UtteranceChanges(w.ctx, start, 10)
			w.must(err)
			if len(changes) != 3 || changes[0].ID != two.ID || changes[1].ID != other.ID || changes[2].ID != one.ID || !changes[2].Seen || changes[2].Version != one.Version {
				w.fatal("got %+v", changes)
			}
			last, err := w.s.LastUtteranceChange(w.ctx)
			w.must(err)
			if last < changes[2].Change {
				w.fatal("got the last change %d, want %d", last, changes[2].Change)
			}
			if changes, err = w.s.UtteranceChanges(w.ctx, last, 10); err != nil || len(changes) != 0 {
				w.fatal("got %+v (%v), want nothing new", changes, err)
			}
			w.must(w.s.SeenUtterances(w.ctx, browser, []int64{two.Version}))
			w.must(w.s.SeenUtterances(w.ctx, browser, []int64{two.Version})) // twice is once
			if got := w.talk(otherBrowser); !slices.Equal(got, []string{"other!"}) {
				w.fatal("got %v", got)
			}
		}},
		{"DropUtterance removes one that no browser has confirmed; the newest change never goes back", func(w *world) {
			drop := func(a subscriptions.Address, id int64, want bool) {
				if got, err := w.s.DropUtterance(w.ctx, a, id); err != nil || got != want {
					w.fatal("dropped: got %v (%v), want %v", got, err, want)
				}
			}
			one := w.utter(browser, 0, "one")
			drop(otherBrowser, one.ID, false)
			drop(browser, one.ID, true)
			drop(browser, one.ID, false)
			two := w.utter(browser, 0, "two")
			if two.Change <= one.Change {
				w.fatal("got change %d after %d", two.Change, one.Change)
			}
			w.must(w.s.SeenUtterances(w.ctx, browser, []int64{two.Version}))
			drop(browser, two.ID, false)
			new, err := w.s.ReplaceUtterance(w.ctx, browser, two.ID, []byte("new"), w.tick())
			w.must(err)
			if new.Seen || !new.Known {
				w.fatal("got %+v, want another body of one that is known", new)
			}
			drop(browser, two.ID, false)
			if got := w.talk(browser); !slices.Equal(got, []string{"new!"}) {
				w.fatal("got %v", got)
			}
		}},
		{"The oldest of a talk leave first", func(w *world) {
			for range subscriptions.MostUtterances + 3 {
				w.utter(browser, 0, "x")
			}
			all, err := w.s.Utterances(w.ctx, browser, 10*subscriptions.MostUtterances)
			w.must(err)
			if len(all) != subscriptions.MostUtterances {
				w.fatal("got %d, want %d", len(all), subscriptions.MostUtterances)
			}
		}},
		{"Forget erases a recipient's talk, and Retain what is too old", func(w *world) {
			for _, a := range []subscriptions.Address{browser, otherBrowser} {
				_, err := w.s.SaveRecipient(w.ctx, subscriptions.Recipient{Lane: subscriptions.WebLane, Address: a, Kind: subscriptions.Person, CreatedAt: w.now, AskedAt: w.now})
				w.must(err)
			}
			stranger := subscriptions.AddressOf("digest-3")
			for _, a := range []subscriptions.Address{browser, otherBrowser, stranger} {
				w.utter(a, 0, "x")
			}
			r, err := w.s.Recipient(w.ctx, subscriptions.WebLane, browser)
			w.must(err)
			w.must(w.s.Forget(w.ctx, r.ID, w.now))
			if len(w.talk(browser)) != 0 || len(w.talk(otherBrowser)) != 1 {
				w.fatal("got %v and %v, want the first only forgotten", w.talk(browser), w.talk(otherBrowser))
			}
			_, err = w.s.Retain(w.ctx, w.now.Add(subscriptions.StrangeUtterFor+time.Minute))
			w.must(err)
			if len(w.talk(stranger)) != 0 || len(w.talk(otherBrowser)) != 1 {
				w.fatal("got %v and %v, want the stranger's gone", w.talk(stranger), w.talk(otherBrowser))
			}
			_, err = w.s.Retain(w.ctx, w.now.Add(subscriptions.UtteranceFor+time.Minute))
			w.must(err)
			if len(w.talk(otherBrowser)) != 0 {
				w.fatal("got %v, want nothing left", w.talk(otherBrowser))
			}
		}},
	}
}
