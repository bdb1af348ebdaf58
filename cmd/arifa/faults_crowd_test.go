package main

import (
	"fmt"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

// rounds is how often a fault is injected: few in every run of the tests, many with
// ARIFA_FAULTS=long, and so many with a number in it.
func rounds(short, long int) int {
	if n, err := strconv.Atoi(faults); err == nil {
		return max(short, min(n, long))
	}
	if faults == "long" {
		return long
	}
	return short
}

// size is of a crowd, or a pace: small in every run of the tests, and as in a country
// where ARIFA_FAULTS is set.
func size(short, long int) int {
	if faults == "" {
		return short
	}
	return long
}

// worlds injects a fault so many times, each few times among people of their own: who
// was told of six outages within an hour is told of no more.
func worlds(t *testing.T, all, each int, run func(t *testing.T, rounds int)) {
	t.Helper()
	for from := 0; from < all; from += each {
		t.Run(fmt.Sprintf("from round %d", from), func(t *testing.T) { run(t, min(each, all-from)) })
	}
}

// inWorlds does it on each store, side by side.
func inWorlds(t *testing.T, all, each int, run func(t *testing.T, database string, rounds int)) {
	t.Helper()
	for _, s := range stores() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			worlds(t, all, each, func(t *testing.T, n int) { run(t, s.database(t), n) })
		})
	}
}

// newCrowd is so many people who pressed Start long ago and follow a service behind
// 222222.
func newCrowd(t *testing.T, database string, people int) *crash {
	c := emptyCrash(t, database)
	c.people = people
	c.patience += time.Duration(people) * 10 * time.Millisecond
	c.crowd(c.net, c.lane())
	return c
}

// crowd is entered on a lane and known to its network.
func (c *crash) crowd(net *telegramtest.Server, lane subscriptions.LaneID) {
	c.t.Helper()
	past := c.app.now().Add(-48 * time.Hour)
	var page []subscriptions.Post
	for i := range c.people {
		net.AddFriend(c.chat(i), "en")
		page = append(page, subscriptions.Post{Recipient: subscriptions.Recipient{Lane: lane, Address: c.address(c.chat(i)), Kind: subscriptions.Person, Language: "en", CreatedAt: past},
			Follows: []subscriptions.Follow{{Scope: subscriptions.ScopeService(broken), Since: past, Consent: "test"}}})
		if len(page) == importPageSQLite || i == c.people-1 {
			if err := c.office.store.(subscriptions.Importer).ImportRecipients(c.t.Context(), page, past); err != nil {
				c.t.Fatal(err)
			}
			page = nil
		}
	}
}

// broken is the service that everybody here follows.
const broken subscriptions.ServiceID = "kws-nairobi-np"

func (c *crash) chat(i int) int64 { return int64(1000 + i) }

func (c *crash) lane() subscriptions.LaneID { return subscriptions.LaneID(c.app.telegramLane()) }

func (c *crash) address(chat int64) subscriptions.Address {
	return subscriptions.AddressOf(strconv.FormatInt(chat, 10))
}

// serves starts the program on the crowd's database.
func (c *crash) serves(more ...string) *program {
	c.t.Helper()
	return c.servesAs(process, more...)
}

// servesWatched starts it as the one that the race detector watches, for which a crowd as
// of a country is too much.
func (c *crash) servesWatched(more ...string) *program {
	c.t.Helper()
	if size(0, 1) == 1 {
		return c.serves(more...)
	}
	return c.servesAs(watched, more...)
}

func (c *crash) servesAs(start func(testing.TB, ...string) *exec.Cmd, more ...string) *program {
	c.t.Helper()
	p := launch(c.t, start(c.t, serveWords(c.net, c.database, append([]string{"--sample-size", "0"}, more...)...)...))
	c.log = p.log
	return p
}

// spoken is a notice and when it was committed at the latest, since the network's epoch.
type spoken struct {
	subscriptions.Notice
	committed time.Duration
}

func (c *crash) spoke(out desk.Outcome, err error) spoken {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
	return spoken{out.Notice, time.Since(c.net.Epoch())}
}

// fails opens the incident, or a new round of it, and publishes the outage.
func (c *crash) fails(i *subscriptions.Incident) spoken {
	c.t.Helper()
	ctx, now, o := c.t.Context(), c.app.now(), c.office
	var err error
	if i.ID == 0 {
		*i, err = o.desk.Open(ctx, o.actor, desk.OpenInput{Agency: "ecitizen", Platforms: []subscriptions.PlatformID{"ecitizen-payments"}, Since: now}, now)
	} else {
		*i, err = o.desk.Reopen(ctx, o.actor, desk.ReopenInput{Incident: i.ID, Agency: "ecitizen", Since: now}, now)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return c.spoke(o.desk.Publish(ctx, o.actor, desk.PublishInput{Draft: &desk.DraftInput{Incident: i.ID, Kind: subscriptions.Outage, Agency: "ecitizen"}}, now))
}

// works says that it works again.
func (c *crash) works(i subscriptions.Incident) spoken {
	c.t.Helper()
	return c.spoke(c.office.desk.Restore(c.t.Context(), c.office.actor, desk.RestoreInput{Incident: i.ID, Agency: "ecitizen",
		Landed: subscriptions.Answer{Value: "yes"}, PayAgain: subscriptions.Answer{Value: "no"}, Moved: subscriptions.Answer{Value: "no"}}, c.app.now()))
}

// readers is how often each chat was told a notice in a new message.
func (c *crash) readers(n subscriptions.Notice) map[int64]int {
	got := map[int64]int{}
	for e := range c.net.Entries() {
		if e.Tag == n.Key.Short() && e.Kind == telegramtest.Send {
			got[e.Chat]++
		}
	}
	return got
}

// account is what the ledger says of a crowd that was told several outages and ends.
type account struct {
	told, ended   int // starts and ends that somebody got
	untold        int // starts that were overtaken before their person's turn
	twice         int // the same notice again
	stale         int // requests begun more than a second after the next word was committed
	strangers     int // ends for people who had no start, or not under the start of their round
	unended       int // people who still believe that it fails
	perRound      []string
	latest        time.Duration           // the latest request for overtaken words, after the next ones were committed
	heard         map[int64]start         // of people who have had no end yet
	lastWord      map[int64]time.Duration // when the request for a person's newest word began
	starts, stops map[int64]int
}

type start struct{ notice, message int }

// account reads the ledger: outages and ends in turn, to everybody or to nobody else.
func (c *crash) account(said []spoken) *account {
	a := &account{heard: map[int64]start{}, lastWord: map[int64]time.Duration{}, starts: map[int64]int{}, stops: map[int64]int{}}
	number := map[string]int{}
	for k, s := range said {
		number[s.Key.Short()] = k
	}
	type once struct {
		notice int
		chat   int64
	}
	got := map[once]bool{}
	count := make([]int, len(said))
	for e := range c.net.Entries() {
		k, ours := number[e.Tag]
		if !ours {
			continue
		}
		if k+1 < len(said) {
			late := e.Begun - said[k+1].committed
			a.latest = max(a.latest, late)
			if late > time.Second {
				a.stale++
			}
		}
		if e.Kind != telegramtest.Send {
			continue
		}
		if got[once{k, e.Chat}] {
			a.twice++
			continue
		}
		got[once{k, e.Chat}] = true
		count[k]++
		a.lastWord[e.Chat] = e.Begun
		if said[k].Kind == subscriptions.Outage {
			a.told, a.heard[e.Chat] = a.told+1, start{k, e.Message}
			a.starts[e.Chat]++
			continue
		}
		a.ended++
		a.stops[e.Chat]++
		// Who heard of an earlier round, and neither its end nor this start, has this end
		// for both; it stands under what was said in its own round.
		if s, had := a.heard[e.Chat]; !had || s.notice == k-1 && s.message != e.ReplyTo {
			a.strangers++
		}
		delete(a.heard, e.Chat)
	}
	a.unended = len(a.heard)
	for k := 0; k+1 < len(count); k += 2 {
		a.perRound = append(a.perRound, fmt.Sprintf("%d/%d", count[k], count[k+1]))
		a.untold += max(0, c.people-count[k])
	}
	return a
}

func (a *account) String() string {
	return fmt.Sprintf("starts/ends %v, %d twice, %d stale (latest %s), %d ends to the wrong, %d without an end",
		a.perRound, a.twice, a.stale, a.latest.Round(time.Millisecond), a.strangers, a.unended)
}
