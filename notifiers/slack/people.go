package slack

import (
	"context"
	"strings"
	"sync"
	"time"

	lib "github.com/slack-go/slack"

	"arifa/subscriptions"
)

// person is what Slack says of a member of the workspace.
type person struct {
	language subscriptions.Language // of the application; empty for none
	admin    bool                   // of the workspace, or its owner
}

// peopleFor is how long an answer of users.info is believed; rights are asked for
// anew much sooner.
const (
	peopleFor = 12 * time.Hour
	rightsFor = time.Minute
)

// people remembers what users.info said. It is bounded: a full memory is forgotten
// whole, and asked for again.
type people struct {
	channel *Channel
	mu      sync.Mutex
	known   map[string]seenPerson
	me      string // our own user id
}

type seenPerson struct {
	person
	at time.Time
}

func newPeople(c *Channel) *people { return &people{channel: c, known: map[string]seenPerson{}} }

// language is a hint and nothing more: when Slack does not say, there is none.
func (p *people) language(ctx context.Context, id string, now time.Time) subscriptions.Language {
	got, err := p.of(ctx, id, now, peopleFor)
	if err != nil {
		return ""
	}
	return got.language
}

// admin reports whether somebody administrates the workspace.
func (p *people) admin(ctx context.Context, id string, now time.Time) (bool, error) {
	got, err := p.of(ctx, id, now, rightsFor)
	return got.admin, err
}

func (p *people) of(ctx context.Context, id string, now time.Time, within time.Duration) (person, error) {
	p.mu.Lock()
	seen, ok := p.known[id]
	p.mu.Unlock()
	if ok && now.Sub(seen.at) < within {
		return seen.person, nil
	}
	u, err := p.channel.api.GetUserInfoContext(ctx, id, lib.GetUserInfoOptionIncludeLocale(true))
	if err != nil {
		return person{}, told(err)
	}
	two, _, _ := strings.Cut(strings.ToLower(u.Locale), "-")
	got := person{language: subscriptions.Language(two), admin: (u.IsAdmin || u.IsOwner) && !u.Deleted}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.known) >= 10_000 {
		clear(p.known)
	}
	p.known[id] = seenPerson{got, now}
	return got, nil
}

// ourselves is our own user id, asked once.
func (p *people) ourselves(ctx context.Context) (string, error) {
	p.mu.Lock()
	me := p.me
	p.mu.Unlock()
	if me != "" {
		return me, nil
	}
	who, err := p.channel.Me(ctx)
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.me = who.BotUser
	return p.me, nil
}
