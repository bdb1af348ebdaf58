package main

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"arifa/subscriptions"
)

// Restored is published at a random moment of an outage's wave, and the incident is
// reopened: once after everybody had the end, once in the middle of the ends. Nothing
// is stale, whoever got a start gets exactly one end, under it, and whoever got none
// gets none.
func TestFaultsRestoredInMidWave(t *testing.T) {
	t.Parallel()
	inWorlds(t, rounds(3, 24), outagesAnHour, restoredInMidWave)
}

// outagesAnHour is how many outages a person is told within an hour; nobody hears of
// the next.
const outagesAnHour = 6

func restoredInMidWave(t *testing.T, database string, rounds int) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	// What is left of a wave when its end is published lasts several times as long as
	// publishing, on a busy machine too.
	people, pace := size(400, 100_000), size(60, 2500)
	c := newCrowd(t, database, people)
	p := c.serves("--telegram-rate", strconv.Itoa(pace), "--telegram-in-flight", "32")
	wave := time.Duration(people) * time.Second / time.Duration(pace)
	p.get("/healthz")

	var open subscriptions.Incident
	var said []spoken
	proved := func() bool { a := c.account(said); return a.told > 0 && a.untold > 0 }
	for round := 0; round < rounds || round < outagesAnHour && !proved(); round++ {
		said = append(said, c.fails(&open))
		c.waitTold(said[len(said)-1].Notice, 1+r.IntN(people*4/10)) // by what was told, not by the clock: a busy machine is late
		said = append(said, c.works(open))
		if round%3 == 1 && round+1 < rounds {
			wait(t, time.Duration(r.Int64N(int64(wave/3)))) // it fails again before all have the end
			continue
		}
		c.waitDone(said[len(said)-1].Notice)
		if a := c.account(said); a.unended > 0 {
			t.Errorf("seed %d, round %d: %d people had the start and no end", seed, round, a.unended)
		}
	}
	for _, s := range said { // who was not written down yet when they were overtaken is not owed them
		c.until("what is owed of "+string(s.Key), func() bool { return c.count(s.Notice, subscriptions.Pending) == 0 })
	}
	a := c.account(said)
	t.Logf("seed %d, %d people: %s", seed, people, a)
	if a.twice > 0 || a.stale > 0 || a.strangers > 0 || a.unended > 0 {
		t.Errorf("seed %d: want nothing twice, nothing stale, and one end under each start", seed)
	}
	if a.told == 0 || a.untold == 0 {
		t.Errorf("seed %d: %d were told and %d were not: no end fell into a wave, nothing was proved", seed, a.told, a.untold)
	}
	if err := p.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}
