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

// Platform is what breaks in a rehearsal: most services hang on it.
const Platform subscriptions.PlatformID = "ecitizen-payments"

// importPage keeps a transaction of the import short.
const importPage = 500

// crowd invents people: each follows one to four of the services that the
// outage reaches, some services far more wanted than others, so that each reads
// words of their own.
type crowd struct {
	rand     *rand.Rand
	lane     subscriptions.LaneID
	services []subscriptions.ServiceID
	weights  []float64 // running sum
	followed time.Time // long ago
}

func newCrowd(n *subscriptions.Nation, lane subscriptions.LaneID, seed uint64, now time.Time) (*crowd, error) {
	c := &crowd{rand: rand.New(rand.NewPCG(seed, 0x41726966)), lane: lane, followed: now.Add(-48 * time.Hour).UTC().Truncate(time.Millisecond)}
	sum := 0.0
	for k, r := range n.Reach(map[subscriptions.PlatformID]subscriptions.Impact{Platform: subscriptions.Blocked}, nil) {
		if !r.Confirmed {
			continue
		}
		sum += 1 / float64(1+k)
		c.services, c.weights = append(c.services, r.Service), append(c.weights, sum)
	}
	if len(c.services) == 0 {
		return nil, fmt.Errorf("rehearse: no service of this catalogue depends on %s", Platform)
	}
	return c, nil
}

// enter writes n people into the register, page by page.
func (c *crowd) enter(ctx context.Context, to subscriptions.Importer, n int, now time.Time, progress func(done int)) error {
	for at := 0; at < n; {
		page := make([]subscriptions.Post, 0, importPage)
		for ; at < n && len(page) < importPage; at++ {
			page = append(page, c.person(int64(firstChat+at)))
		}
		if err := to.ImportRecipients(ctx, page, now); err != nil {
			return fmt.Errorf("rehearse: enter people: %w", err)
		}
		progress(at)
	}
	return nil
}

func (c *crowd) person(chat int64) subscriptions.Post {
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
func (c *crowd) follows() int {
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

func (c *crowd) service() subscriptions.ServiceID {
	x := c.rand.Float64() * c.weights[len(c.weights)-1]
	for k, w := range c.weights {
		if x < w {
			return c.services[k]
		}
	}
	return c.services[len(c.services)-1]
}
