package main

import (
	"fmt"
	"math/rand/v2"
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
	begin  func(p *pair)
	mended func(p *pair)
	gone   bool // some of its people are gone for good
	long   bool // only in the long form
}

// ills are all kinds of trouble that a network can be in.
func ills() []ill {
	hang := func(f ...telegramtest.Fault) func(*pair) {
		return func(p *pair) {
			for _, one := range f {
				p.net.Inject(one)
			}
		}
	}
	return []ill{
		{name: "no answer at all", begin: hang(telegramtest.Fault{Do: telegramtest.Hang})},
		{name: "a proxy's page", long: true, begin: hang(telegramtest.Fault{Do: telegramtest.BadGateway})},
		{name: "a storm of 429", begin: func(p *pair) {
			after := 1 + rand.IntN(size(1, 60))
			p.net.Inject(telegramtest.Fault{Do: telegramtest.TooMany, Every: 40, Times: 2, RetryAfter: after})
			p.net.Inject(telegramtest.Fault{Do: telegramtest.TooMany, Every: 15, Times: 5, RetryAfter: after, OneChat: true})
		}},
		{name: "a token revoked, and replaced in its file", begin: func(p *pair) { p.net.Revoke() }, mended: (*pair).rotate},
		{name: "connections cut", long: true, begin: hang(telegramtest.Fault{Do: telegramtest.CutRequest, Every: 3, Times: 40}, telegramtest.Fault{Do: telegramtest.CutReply, Every: 9, Times: cutOfPair})},
		{name: "one in ten gone", gone: true, begin: func(p *pair) {
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
	token  string // the file that holds the first one's
	said   subscriptions.Notice
	before int64 // the second one's ledger, when it was said
}

// One bot's trouble, of every kind, in the middle of a wave, leaves the other at 95 % of
// the pace that it had right before, or more; once it is over everybody of the first is
// told too, nobody within a retry_after.
func TestFaultsOfOneLaneStayThere(t *testing.T) {
	t.Parallel()
	worlds(t, rounds(1, 20), 1, func(t *testing.T, _ int) { oneLane(t) })
}

func oneLane(t *testing.T) {
	p := newPair(t, size(300, 1200))
	p.serves(p.config()...).get("/healthz")
	var open subscriptions.Incident
	round := 0
	for _, one := range ills() {
		if one.long && size(0, 1) == 0 {
			continue
		}
		best := 0.0
		for try := 0; try < 3 && best < 0.95 && round < 12; try++ { // what else this machine does can only slow it down
			best = max(best, p.tells(p.say(&open, round), func() { one.begin(p) }, func() {
				p.net.ClearFaults()
				if one.mended != nil {
					one.mended(p)
				}
			}))
			p.judgePair(p.said, one)
			round++
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
	p.token = filepath.Join(t.TempDir(), "token")
	p.write(p.token, p.net.Token())
	return p
}

func (p *pair) write(file, text string) {
	p.t.Helper()
	if err := os.WriteFile(file, []byte(text+"\n"), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// rotate makes a new token, as after /revoke at BotFather, and puts it in its place.
func (p *pair) rotate() {
	p.t.Helper()
	id, _, _ := strings.Cut(p.net.Token(), ":")
	if err := p.net.Rotate(fmt.Sprintf("%s:BBF-simulated-token-number-%d", id, time.Now().UnixNano())); err != nil {
		p.t.Fatal(err)
	}
	p.write(p.token, p.net.Token())
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
	p.write(file, fmt.Sprintf("lanes:\n  - {network: telegram, token: %q, rate: 100, in-flight: 16}", p.second.Token()))
	// An answer that a busy machine has for a second is none that was lost.
	return []string{"--config", file, "--telegram-token-file", p.token, "--telegram-api", gate.URL, "--telegram-rate", "100", "--telegram-in-flight", strconv.Itoa(crashCap), "--request-timeout", "4s"}
}

// tells waits until the second bot has told half of its people, begins the trouble of
// the first, and ends it when the second has told all; it returns the second's pace in
// the trouble as a share of that before.
func (p *pair) tells(n subscriptions.Notice, begin, mend func()) float64 {
	p.t.Helper()
	p.said = n
	told := func() int { return int(p.second.Seq() - p.before) } // it says nothing else
	p.until("half of the second bot's", func() bool { return told() >= p.people/2 })
	half := told()
	begin()
	p.until("all of the second bot's", func() bool { return told() >= p.people })
	mended := time.Now()
	mend()
	p.waitDone(n)
	p.before = p.second.Seq()
	at := p.told(n)
	before, after := steadyPace(at[:half]), steadyPace(at[half:])
	p.t.Logf("%s: %.1f and then %.1f a second; the first bot was done %s after the end of its trouble", n.Key, before, after, time.Since(mended).Round(10*time.Millisecond))
	return after / before
}

// told is when the second bot's requests for a notice began, in order.
func (p *pair) told(n subscriptions.Notice) (at []time.Duration) {
	for e := range p.second.Entries() {
		if e.Tag == n.Key.Short() && e.Kind == telegramtest.Send {
			at = append(at, e.Begun)
		}
	}
	slices.Sort(at)
	return at
}

// steadyPace is messages a second, without the two slowest tenths: a machine that does
// much else stands still now and then, and nobody catches up by going faster.
func steadyPace(at []time.Duration) float64 {
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
	if one.gone { // those before the middle may have been told
		missed = 0
		got := p.readers(n)
		for i := range p.people {
			r, err := p.office.store.Recipient(p.t.Context(), p.lane(), p.address(p.chat(i)))
			switch {
			case err != nil:
				p.t.Fatal(err)
			case got[p.chat(i)] == 0 && (i%10 != 0 || r.GoneAt.IsZero()):
				missed++
			}
		}
	}
	if missed != 0 || twice > cutOfPair {
		p.t.Errorf("%s: %d of the first bot's people were never told and %d told twice, want 0 and at most %d", one.name, missed, twice, cutOfPair)
	}
	if told := len(p.told(n)); told != p.people {
		p.t.Errorf("%s: the second bot told %d times %d people", one.name, told, p.people)
	}
}
