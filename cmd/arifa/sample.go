package main

import (
	"context"
	"time"

	"arifa/notifiers"
)

// askEvery is between two looks for people who are to be asked, and askAtOnce how many
// a look takes: the questions wait for the lane's budget like every reply.
const (
	askEvery  = time.Second
	askAtOnce = 20
)

// ask puts "does it work for you now?" to the people of a lane who were picked,
// while this process owns it. A question is marked before it is sent: one that is
// lost in a crash is no loss, one that came twice would be a nuisance.
func (v *service) ask(ctx context.Context, n *network) error {
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		if n.owns.Load() {
			if err := v.askDue(ctx, n); err != nil && ctx.Err() == nil {
				v.log.Warn("people were not asked whether it works", "lane", string(n.id()), "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (v *service) askDue(ctx context.Context, n *network) error {
	due, err := v.store.DueSamples(ctx, n.id(), askAtOnce, v.now())
	for _, s := range due {
		if err := v.store.AskedSample(ctx, s, v.now()); err != nil {
			return err
		}
		m := notifiers.Message{To: notifiers.Target{Address: s.Address, Kind: s.Kind}, Card: v.talk.Question(s)}
		if _, err := v.send.Reply(ctx, n.id(), m); err != nil {
			return err
		}
	}
	return err
}
