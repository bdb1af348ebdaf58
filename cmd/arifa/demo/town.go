package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"arifa/bot/desk"
	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

// pace is how fast a rehearsal speaks. A day passes in less than a minute, so the
// network's limits are raised in proportion and enforced all the same.
type pace struct {
	rate           float64 // messages a second
	chatEvery      time.Duration
	groupPerMinute int
	inFlight       int
}

// fastest is more than one process sends: with --fast the program sets the pace.
const fastest = 6000

func paceOf(cfg Config) pace {
	p := pace{rate: fastest, chatEvery: 20 * time.Millisecond, groupPerMinute: 3000, inFlight: 48}
	if !cfg.Fast {
		p.rate = min(2500, max(28, float64(cfg.Citizens)/15))
	}
	return p
}

// limits are the published ones in proportion: what Telegram's 30 a second are to
// our 28, and at most a short burst in one chat.
func (p pace) limits() *telegramtest.Limits {
	return &telegramtest.Limits{PerChat: float64(time.Second) / float64(p.chatEvery), PerChatBurst: 5, PerGroup: p.groupPerMinute, Overall: p.rate * 30 / 28}
}

// settle brings the crowd into the simulated network, without a word to the bot:
// they pressed Start long ago.
func (c *crowd) settle(s *telegramtest.Server) error {
	if err := mute(s); err != nil {
		return err
	}
	for i := range c.people {
		p := &c.people[i]
		switch p.kind {
		case person:
			lang := "en"
			if p.swahili {
				lang = "sw"
			}
			s.AddUser(p.chat, lang)
			if p.part != early && p.part != late {
				s.Unblock(p.chat)
			}
			if p.part == lost {
				s.Block(p.chat)
			}
		case group:
			s.AddGroup(p.chat, adminOf(p.chat))
			s.AddMember(p.chat, memberOf(p.chat))
		case channel:
			s.AddChannel(p.chat, telegramtest.FullRights(), 0)
			s.SetTitle(p.chat, "Arifa "+string(c.scopes[c.scopesOf(i)[0]]))
		}
		if p.part == early || p.part == late || p.part == stops || p.part == groupTalk || p.part == complains {
			s.KeepText(p.chat) // they read what they answer
		}
	}
	for _, i := range c.shown {
		if i >= 0 {
			s.KeepText(c.people[i].chat)
		}
	}
	return nil
}

// adminOf and memberOf are two people of a group, outside the crowd.
func adminOf(group int64) int64  { return 7_000_000_000 - group }
func memberOf(group int64) int64 { return 8_000_000_000 - group }

// mute lets the network keep changes of membership to itself until the program
// asks for them: what happened long ago is no news.
func mute(s *telegramtest.Server) error {
	q := url.Values{"timeout": {"0"}, "allowed_updates": {`["message"]`}}
	resp, err := http.Get(s.URL() + "/bot" + s.Token() + "/getUpdates?" + q.Encode()) //nolint:noctx // our own server, answers at once
	if err != nil {
		return errors.New("the simulated network does not answer")
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the simulated network answers %s", resp.Status)
	}
	return nil
}

// importer is an optional power of a store: many recipients in one transaction.
type importer interface {
	ImportRecipients(ctx context.Context, posts []subscriptions.Post, now time.Time) error
}

// register enters into the store those who subscribed long ago.
func (r *rehearsal) register(ctx context.Context) error {
	const page = 500
	long := r.clock.Now().AddDate(0, -2, 0)
	var posts []subscriptions.Post
	for i := range r.crowd.people {
		p := &r.crowd.people[i]
		if p.kind == channel || p.kind == slackChannel || p.part == early || p.part == late || p.part == groupTalk {
			continue
		}
		posts = append(posts, r.post(i, long))
		if len(posts) == page {
			if err := r.enter(ctx, posts, long); err != nil {
				return err
			}
			posts = posts[:0]
			r.screen.bar.to(i, len(r.crowd.people))
		}
	}
	if err := r.enter(ctx, posts, long); err != nil {
		return err
	}
	r.screen.bar.to(len(r.crowd.people), len(r.crowd.people))
	return r.openChannels(ctx)
}

func (r *rehearsal) post(i int, since time.Time) subscriptions.Post {
	p := &r.crowd.people[i]
	rec := subscriptions.Recipient{Lane: r.program.Lane, Address: subscriptions.AddressOf(fmt.Sprint(p.chat)), Kind: subscriptions.Person, Language: "en", CreatedAt: since}
	if p.swahili {
		rec.Language = "sw"
	}
	if p.kind == group {
		rec.Kind, rec.Title = subscriptions.Group, "Group"
	}
	post := subscriptions.Post{Recipient: rec}
	for _, no := range r.crowd.scopesOf(i) {
		post.Follows = append(post.Follows, subscriptions.Follow{Scope: r.crowd.scopes[no], Since: since, Consent: "follow/" + string(rec.Language) + "/1"})
	}
	return post
}

func (r *rehearsal) enter(ctx context.Context, posts []subscriptions.Post, now time.Time) error {
	if b, ok := r.program.Store.(importer); ok {
		return b.ImportRecipients(ctx, posts, now)
	}
	work := make(chan subscriptions.Post)
	var g sync.WaitGroup
	var mu sync.Mutex
	var failed error
	for range 8 {
		g.Go(func() {
			for post := range work {
				if err := r.enterOne(ctx, post, now); err != nil {
					mu.Lock()
					failed = errors.Join(failed, err)
					mu.Unlock()
				}
			}
		})
	}
	for _, post := range posts {
		work <- post
	}
	close(work)
	g.Wait()
	return failed
}

func (r *rehearsal) enterOne(ctx context.Context, post subscriptions.Post, now time.Time) error {
	saved, err := r.program.Store.SaveRecipient(ctx, post.Recipient)
	if err != nil {
		return err
	}
	_, err = r.program.Store.Subscribe(ctx, saved.ID, post.Follows, now)
	return err
}

// openChannels adds the public channels through the desk, as an admin does.
func (r *rehearsal) openChannels(ctx context.Context) error {
	for i := range r.crowd.people {
		p := &r.crowd.people[i]
		lane, address := r.program.Lane, fmt.Sprint(p.chat)
		switch p.kind {
		case channel:
		case slackChannel:
			lane, address = r.slack.lane, r.slack.idOf(p.chat)
		default:
			continue
		}
		var scopes []subscriptions.Scope
		for _, no := range r.crowd.scopesOf(i) {
			scopes = append(scopes, r.crowd.scopes[no])
		}
		_, _, err := r.office.desk.AddChannel(ctx, r.office.admin, desk.ChannelInput{Lane: lane,
			Address: subscriptions.AddressOf(address), Kind: subscriptions.Channel, Title: "Arifa " + string(scopes[0]), Scopes: scopes}, r.clock.Now())
		if err != nil {
			return fmt.Errorf("add channel: %w", err)
		}
	}
	return nil
}
