package rehearse

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"arifa/subscriptions"
)

// copied are the people of a register who would be told, with invented addresses:
// what they follow and their languages are real, and nobody of them can be reached.
type copied struct {
	from     subscriptions.Lister
	lane     subscriptions.LaneID
	audience subscriptions.Audience
}

func copyOf(cfg Config, lane subscriptions.LaneID) (*copied, error) {
	services, err := reached(cfg.Nation, cfg.Platform)
	if err != nil {
		return nil, err
	}
	return &copied{from: cfg.Real, lane: lane, audience: subscriptions.AudienceOf(cfg.Nation, services, []subscriptions.PlatformID{cfg.Platform})}, nil
}

func (c *copied) enter(ctx context.Context, to subscriptions.Importer, now time.Time, progress func(done int)) (people int, err error) {
	for after := subscriptions.RecipientID(0); ; {
		found, err := c.from.Subscribers(ctx, after, importPage)
		if err != nil {
			return people, fmt.Errorf("rehearse: read the register: %w", err)
		}
		if len(found) == 0 {
			if people == 0 {
				return 0, fmt.Errorf("rehearse: nobody in this register would be told of it")
			}
			return people, nil
		}
		var page []subscriptions.Post
		for _, p := range found {
			after = p.Recipient.ID
			if twin, told := c.twin(p, int64(firstChat+people), now); told {
				page = append(page, twin)
				people++
			}
		}
		if len(page) == 0 {
			continue
		}
		if err := to.ImportRecipients(ctx, page, now); err != nil {
			return people, fmt.Errorf("rehearse: enter people: %w", err)
		}
		progress(people)
	}
}

// twin is somebody with another address; false for who would not be told.
func (c *copied) twin(p subscriptions.Post, chat int64, now time.Time) (out subscriptions.Post, told bool) {
	if !p.Recipient.GoneAt.IsZero() || p.Recipient.Kind != subscriptions.Person {
		return out, false
	}
	scopes := make([]subscriptions.Scope, 0, len(p.Follows))
	for _, f := range p.Follows {
		if f.Incident == 0 && f.Until.IsZero() {
			scopes = append(scopes, f.Scope)
			out.Follows = append(out.Follows, subscriptions.Follow{Scope: f.Scope, Since: longAgo(now), Consent: "rehearsal"})
		}
	}
	out.Recipient = subscriptions.Recipient{Lane: c.lane, Address: subscriptions.AddressOf(strconv.FormatInt(chat, 10)), Kind: subscriptions.Person,
		Language: p.Recipient.Language, Silent: p.Recipient.Silent, CreatedAt: longAgo(now)}
	return out, c.audience.Match(scopes) != nil
}
