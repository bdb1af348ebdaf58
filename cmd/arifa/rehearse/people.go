package rehearse

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"arifa/subscriptions"
)

// firstChat is the first of the invented people: ten digits, as many chats have
// today.
const firstChat = 5_300_000_001

// importPage keeps a transaction of the import short.
const importPage = 500

// crowd are the people of a rehearsal.
type crowd interface {
	// enter writes them into the register, page by page, and returns how many they are.
	enter(ctx context.Context, to subscriptions.Importer, now time.Time, progress func(done int)) (people int, err error)
}

// invented invents people: each follows one to four of the services that the
// outage reaches, some services far more wanted than others, so that each reads
// words of their own.
type invented struct {
	people   int
	rand     *rand.Rand
	lane     subscriptions.LaneID
	services []subscriptions.ServiceID
	weights  []float64 // running sum
	followed time.Time // long ago
}

// reached lists the services that are told of, of an outage of a platform.
func reached(n *subscriptions.Nation, platform subscriptions.PlatformID) (out []subscriptions.ServiceID, err error) {
	for _, r := range n.Reach(map[subscriptions.PlatformID]subscriptions.Impact{platform: subscriptions.Blocked}, nil) {
		if r.Confirmed {
			out = append(out, r.Service)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("rehearse: no service of this catalogue depends on %s", platform)
	}
	return out, nil
}

// longAgo is when the people of a rehearsal began to follow.
func longAgo(now time.Time) time.Time {
	return now.Add(-48 * time.Hour).UTC().Truncate(time.Millisecond)
}

func invent(cfg Config, lane subscriptions.LaneID, now time.Time) (*invented, error) {
	services, err := reached(cfg.Nation, cfg.Platform)
	if err != nil {
		return nil, err
	}
	c := &invented{people: cfg.People, rand: rand.New(rand.NewPCG(cfg.Seed, 0x41726966)), lane: lane, services: services, followed: longAgo(now)}
	sum := 0.0
	for k := range services {
		sum += 1 / float64(1+k)
		c.weights = append(c.weights, sum)
	}
	return c, nil
}

func (c *invented) enter(ctx context.Context, to subscriptions.Importer, now time.Time, progress func(done int)) (int, error) {
	for at := 0; at < c.people; {
		page := make([]subscriptions.Post, 0, importPage)
		for ; at < c.people && len(page) < importPage; at++ {
			page = append(page, c.person(int64(firstChat+at)))
		}
		if err := to.ImportRecipients(ctx, page, now); err != nil {
			return at, fmt.Errorf("rehearse: enter people: %w", err)
		}
		progress(at)
	}
	return c.people, nil
}

func (c *invented) person(chat int64) subscriptions.Post {
	p := subscriptions.Post{Recipient: subscriptions.Recipient{Lane: c.lane, Address: subscriptions.AddressOf(strconv.FormatInt(chat, 10)),
		Kind: subscriptions.Person, Language: "en", CreatedAt: c.followed}}
	if c.rand.IntN(2) == 0 {
		p.Recipient.Language = "sw"
	}
	for range c.follows() {
		p.Follows = append(p.Follows, subscriptions.Follow{Scope: subscriptions.ScopeService(c.service()), Since: c.followed, Consent: "rehearsal"})
	}
	return p
}

// follows draws one to four; a service drawn twice is followed once.
func (c *invented) follows() int {
	switch x := c.rand.Float64(); {
	case x < 0.5:
		return 1
	case x < 0.75:
		return 2
	case x < 0.9:
		return 3
	}
	return 4
}

func (c *invented) service() subscriptions.ServiceID {
	x := c.rand.Float64() * c.weights[len(c.weights)-1]
	for k, w := range c.weights {
		if x < w {
			return c.services[k]
		}
	}
	return c.services[len(c.services)-1]
}
