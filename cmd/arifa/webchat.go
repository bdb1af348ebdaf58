package main

import (
	"context"
	"net/http"
	"time"

	"arifa/bot/web"
	"arifa/notifiers"
	"arifa/notifiers/webchat"
)

// What the web chat may do at once: browsers have no published limit, so this is
// what keeps a broadcast from holding up the pages.
const (
	webchatRate     = 500 // messages a second
	webchatInFlight = 128
)

// webchatNetwork introduces the web chat. It needs no settings: it is always there.
func webchatNetwork(_ context.Context, v *service, t tempo) (*network, error) {
	n := &network{label: "the web chat", deaf: func() time.Duration { return 0 }}
	c := v.webConfig()
	c.ErrorPage = func(w http.ResponseWriter, r *http.Request, t web.Trouble) { v.site.ErrorPage(w, r, t) }
	ch, err := webchat.New(webchat.Config{Store: v.store, Conversation: v.talk, Reply: v.replyOn(n), Speaker: v.talk.Speaker, Nation: v.library.effective,
		Owned: n.owns.Load, Alone: !isPostgres(v.Database), Web: c, Log: v.log, Now: v.now})
	if err != nil {
		return nil, err
	}
	n.lane = notifiers.Lane{Channel: ch, Rate: webchatRate, InFlight: webchatInFlight, ChatEvery: max(50*time.Millisecond, t.chatEvery)}
	n.start = func() {
		ch.Mount(v.pages)
		n.run = append(n.run, ch.Run)
	}
	return n, nil
}
