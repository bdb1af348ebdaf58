package main

import (
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

// While an outage is written down and sent, people say STOP, erase themselves, block the
// bot, and arrive. Whoever stays or arrives is told once and has one end; nobody is told
// anything from a second after they had the answer to their leaving, nor an end.
func TestFaultsComingAndGoingInMidWave(t *testing.T) {
	t.Parallel()
	inWorlds(t, rounds(1, 10), 1, comingAndGoing)
}

// leaver is somebody who leaves in mid-wave.
type leaver struct {
	chat     int64
	how      string
	after    int64         // the ledger's newest number when it was said
	answered time.Duration // when the network took the answer; of who blocks, when that was
}

func comingAndGoing(t *testing.T, database string, _ int) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	people, pace, going, coming := size(900, 100_000), size(300, 2500), size(60, 3000), size(40, 2000)
	c := newCrowd(t, database, people)
	c.serves("--telegram-rate", strconv.Itoa(pace), "--telegram-in-flight", "32").get("/healthz")
	wave := time.Duration(people) * time.Second / time.Duration(pace)

	var g sync.WaitGroup
	newcomers := c.arrive(&g, coming, wave/2/time.Duration(coming)) // from before the first word
	wait(t, wave/20)
	var open subscriptions.Incident
	said := []spoken{c.fails(&open)}
	var leavers []*leaver
	for k, i := range r.Perm(people)[:going] {
		wait(t, time.Duration(r.Int64N(int64(wave*12/10/time.Duration(going)))))
		leavers = append(leavers, c.leaves(c.chat(i), []string{"STOP", "/forget", "block"}[k%3]))
	}
	g.Wait()
	c.until("the newcomers to follow", func() bool { return c.follow(newcomers) })
	c.until("the leavers to be answered", func() bool { return c.answered(leavers) })
	c.waitDone(said[0].Notice)
	said = append(said, c.works(open))
	for _, s := range said {
		c.waitDone(s.Notice)
	}

	a := c.account(said)
	gone, late, told, cut := map[int64]bool{}, 0, 0, 0
	for _, l := range leavers {
		gone[l.chat] = true
		if a.lastWord[l.chat] > l.answered+time.Second || a.stops[l.chat] > 0 {
			late++
			t.Errorf("seed %d: %s at %s, and told %s later; %d ends", seed, l.how, l.answered, a.lastWord[l.chat]-l.answered, a.stops[l.chat])
		}
		told += a.starts[l.chat]
		if a.starts[l.chat] == 0 {
			cut++
		}
	}
	wrong := 0
	for i := range people {
		newcomers = append(newcomers, c.chat(i))
	}
	for _, chat := range newcomers {
		if !gone[chat] && (a.starts[chat] != 1 || a.stops[chat] != 1) {
			wrong++
		}
	}
	t.Logf("seed %d, %d people and %d who arrived: %d not told once and ended once; of %d who left %d had the start, %d not any more, %d were told after it; %s",
		seed, people, coming, wrong, going, told, cut, late, a)
	if wrong > 0 || a.twice > 0 || a.strangers > 0 {
		t.Errorf("seed %d: want one start and one end for all who stay or arrive", seed)
	}
	if told == 0 || cut == 0 {
		t.Errorf("seed %d: nobody left before or after their turn, nothing was proved", seed)
	}
	if n, err := c.office.store.Unaccounted(t.Context(), c.app.now()); err != nil || n != 0 {
		t.Errorf("seed %d: %d are owed something and have no delivery (%v)", seed, n, err)
	}
}

// arrive lets people come one by one, press Start and follow what is broken.
func (c *crash) arrive(g *sync.WaitGroup, n int, every time.Duration) (chats []int64) {
	for k := range n {
		chats = append(chats, int64(9_000_000+k))
	}
	g.Go(func() {
		for _, chat := range chats {
			c.net.AddUser(chat, "en")
			_, err := c.net.Start(chat, "")
			if err == nil {
				_, err = c.net.Say(chat, "follow nairobi national park")
			}
			if err != nil {
				c.t.Error(err)
			}
			wait(c.t, every)
		}
	})
	return chats
}

func (c *crash) leaves(chat int64, how string) *leaver {
	c.t.Helper()
	l := &leaver{chat: chat, how: how, after: c.net.Seq()}
	if how == "block" {
		c.net.Block(chat)
		l.answered = time.Since(c.net.Epoch())
	} else if _, err := c.net.Say(chat, how); err != nil {
		c.t.Fatal(err)
	}
	return l
}

// follow reports whether all of them are known and follow something.
func (c *crash) follow(chats []int64) bool {
	for _, chat := range chats {
		r, err := c.office.store.Recipient(c.t.Context(), c.lane(), c.address(chat))
		if err != nil {
			return false
		}
		if f, err := c.office.store.Follows(c.t.Context(), r.ID, c.app.now()); err != nil || len(f) == 0 {
			return false
		}
	}
	return true
}

// answered notes when the leavers had their answer, the first words to them that are no
// notice, and reports whether all have one.
func (c *crash) answered(all []*leaver) bool {
	waiting := map[int64]*leaver{}
	for _, l := range all {
		if l.answered == 0 {
			waiting[l.chat] = l
		}
	}
	for e := range c.net.Entries() {
		if l := waiting[e.Chat]; l != nil && e.Seq > l.after && e.Kind == telegramtest.Send && e.Tag == "" {
			l.answered = e.Accepted
			delete(waiting, e.Chat)
		}
	}
	return len(waiting) == 0
}
