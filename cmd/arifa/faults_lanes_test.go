package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

// ill is what befalls the first of two bots while both tell the same notice.
type ill struct {
	name   string
	begin  func(p *pair, round int)
	mended func(p *pair)
	gone   bool // some of its people are gone for good
	long   bool // only in the long form
}

// ills are all kinds of trouble that a network can be in.
func ills() []ill {
	hang := func(f ...telegramtest.Fault) func(*pair, int) {
		return func(p *pair, _ int) {
			for _, one := range f {
				p.net.Inject(one)
			}
		}
	}
	return []ill{
		{name: "no answer at all", begin: hang(telegramtest.Fault{Do: telegramtest.Hang})},
		{name: "a proxy's page", long: true, begin: hang(telegramtest.Fault{Do: telegramtest.BadGateway})},
		{name: "a storm of 429", begin: func(p *pair, round int) {
			after := 1 + round*7%size(1, 60)
			p.net.Inject(telegramtest.Fault{Do: telegramtest.TooMany, Every: 40, Times: 2, RetryAfter: after})
			p.net.Inject(telegramtest.Fault{Do: telegramtest.TooMany, Every: 15, Times: 5, RetryAfter: after, OneChat: true})
		}},
		{name: "a revoked token", begin: func(p *pair, _ int) { p.net.Revoke() }, mended: func(p *pair) { p.net.Restore() }},
		{name: "connections cut", long: true, begin: hang(telegramtest.Fault{Do: telegramtest.CutRequest, Every: 3, Times: 40}, telegramtest.Fault{Do: telegramtest.CutReply, Every: 9, Times: cutOfPair})},
		{name: "one in ten gone", gone: true, begin: func(p *pair, _ int) {
			for i := 0; i < p.people; i += 10 {
				p.net.Deactivate(p.chat(i)) // nobody tells the bot
			}
		}},
	}
}

// cutOfPair is how many messages are taken whose answer never comes.
const cutOfPair = 5

// pair is one program with two bots, each with its own people, who all follow the same.
type pair struct {
	*crash
	second *telegramtest.Server
}

// One bot's trouble, of every kind, leaves the other at 95 % of its pace or more, and
// once it is over everybody of the first is told too, nobody within a retry_after.
func TestFaultsOfOneLaneStayThere(t *testing.T) {
	t.Parallel()
	worlds(t, rounds(1, 20), 1, func(t *testing.T, _ int) { oneLane(t) })
}

func oneLane(t *testing.T) {
	p := newPair(t, size(250, 1000))
	p.serves(p.config()...).get("/healthz")
	var open subscriptions.Incident
	round := 0
	say := func() subscriptions.Notice {
		round++
		return p.say(&open, round-1)
	}
	usual := p.tells(say(), func() {})
	t.Logf("undisturbed: %.1f a second", usual)
	for _, one := range ills() {
		best := 0.0
		if one.long && size(0, 1) == 0 {
			continue
		}
		for range 3 { // what else this machine does can only slow it down
			one.begin(p, round)
			n := say()
			pace := p.tells(n, func() {
				p.net.ClearFaults()
				if one.mended != nil {
					one.mended(p)
				}
			}) / usual
			best = max(best, pace)
			p.judgePair(n, one)
			if best >= 0.95 || round > 10 {
				break
			}
		}
		t.Logf("%s: the other at %.1f %% of its pace", one.name, 100*best)
		if best < 0.95 {
			t.Errorf("%s: the other lane came to %.1f %% of its pace, want 95 %%", one.name, 100*best)
		}
	}
	if v := p.net.Violations(); len(v) > 0 {
		t.Errorf("%d requests inside a retry_after", len(v))
	}
}

func newPair(t *testing.T, people int) *pair {
	p := &pair{crash: newCrowd(t, filepath.Join(t.TempDir(), "arifa.db"), people)}
	p.second = telegramtest.Start(t, telegramtest.Config{Token: "7000000002:AAF-simulated-token-of-the-second00", Username: "ArifaSecondBot",
		KeepLast: telegramtest.KeepNone, Limits: &telegramtest.Limits{}, Tag: func(text string) string { return noticeNumber.FindString(text) }})
	p.crowd(p.second, "telegram:7000000002")
	return p
}

// config puts the second bot into the file's list, and both behind one address.
func (p *pair) config() []string {
	p.t.Helper()
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/bot"+p.second.Token()+"/") {
			p.second.ServeHTTP(w, r)
			return
		}
		p.net.ServeHTTP(w, r)
	}))
	p.t.Cleanup(gate.Close)
	file := filepath.Join(p.t.TempDir(), "arifa.yaml")
	text := fmt.Sprintf("lanes:\n  - {network: telegram, token: %q, rate: 100, in-flight: 16}\n", p.second.Token())
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return []string{"--config", file, "--telegram-api", gate.URL, "--telegram-rate", "100", "--telegram-in-flight", strconv.Itoa(crashCap), "--request-timeout", "1s"}
}

// tells waits until the second bot has told all of its people, ends the trouble of the
// first, and waits for the first; it returns the second's pace.
func (p *pair) tells(n subscriptions.Notice, mend func()) float64 {
	p.t.Helper()
	var at []time.Duration
	p.until("the second bot", func() bool {
		at = at[:0]
		for e := range p.second.Entries() {
			if e.Tag == n.Key.Short() && e.Kind == telegramtest.Send {
				at = append(at, e.Begun)
			}
		}
		return len(at) >= p.people
	})
	mended := time.Now()
	mend()
	p.waitDone(n)
	p.t.Logf("%s: %.1f a second in all; the first bot was done %s after the end of its trouble", n.Key,
		float64(len(at)-1)/(at[len(at)-1]-at[0]).Seconds(), time.Since(mended).Round(10*time.Millisecond))
	return steadyPace(at)
}

// steadyPace is messages a second, without the two slowest tenths: a machine that does
// much else stands still now and then, and nobody catches up by going faster.
func steadyPace(at []time.Duration) float64 {
	slices.Sort(at)
	var tenths []time.Duration
	each := (len(at) - 1) / 10
	for k := range 10 {
		tenths = append(tenths, at[(k+1)*each]-at[k*each])
	}
	slices.Sort(tenths)
	var took time.Duration
	for _, d := range tenths[:8] {
		took += d
	}
	return float64(8*each) / took.Seconds()
}

// judgePair holds the first bot to its people, and the second to nobody twice.
func (p *pair) judgePair(n subscriptions.Notice, one ill) {
	p.t.Helper()
	missed, twice := p.verdict(n)
	if one.gone {
		missed -= (p.people + 9) / 10
		for i := 0; i < p.people; i += 10 {
			if r, err := p.office.store.Recipient(p.t.Context(), p.lane(), p.address(p.chat(i))); err != nil || r.GoneAt.IsZero() {
				p.t.Errorf("person %d is gone, and not known to be (%v)", i, err)
			}
		}
	}
	if missed != 0 || twice > cutOfPair {
		p.t.Errorf("%s: %d of the first bot's people were never told and %d told twice, want 0 and at most %d", one.name, missed, twice, cutOfPair)
	}
	told := 0
	for e := range p.second.Entries() {
		if e.Tag == n.Key.Short() && e.Kind == telegramtest.Send {
			told++
		}
	}
	if told != p.people {
		p.t.Errorf("%s: the second bot told %d times %d people", one.name, told, p.people)
	}
}
