package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

// talkers is how many conversations go on at once, patience how long a citizen
// waits for an answer.
const (
	talkers  = 12
	patience = 2 * time.Minute
)

// each does something for everyone with a part, several at once, and joins what
// went wrong.
func (r *rehearsal) each(ctx context.Context, p part, do func(ctx context.Context, i int) error) (int, error) {
	work := make(chan int)
	var g sync.WaitGroup
	var mu sync.Mutex
	var failed []error
	for range talkers {
		g.Go(func() {
			for i := range work {
				if err := do(ctx, i); err != nil {
					mu.Lock()
					failed = append(failed, err)
					mu.Unlock()
				}
			}
		})
	}
	n := 0
	for i := range r.crowd.people {
		if r.crowd.people[i].part == p && ctx.Err() == nil {
			work <- i
			n++
		}
	}
	close(work)
	g.Wait()
	if len(failed) > 0 {
		return n, fmt.Errorf("%d of %d conversations: %w", len(failed), n, failed[0])
	}
	return n, ctx.Err()
}

// now is the real time since the server's epoch, as the ledger counts it.
func (r *rehearsal) now() time.Duration { return time.Since(r.server.Epoch()) }

// join is a citizen who comes by talking: Start, language, the service by typing
// its name or from a link, and the tap on follow.
func (r *rehearsal) join(ctx context.Context, i int) error {
	p := &r.crowd.people[i]
	service, ok := r.crowd.scopes[r.crowd.scopesOf(i)[0]].Service()
	if !ok {
		return errors.New("a citizen who talks follows one service")
	}
	lang := subscriptions.Language("en")
	if p.swahili {
		lang = "sw"
	}
	t := talk{r: r, chat: p.chat}
	link := ""
	if i%3 == 0 { // from a link on a poster
		link = string(service)
		p.asked = r.now()
	}
	if _, err := r.server.Start(p.chat, link); err != nil {
		return err
	}
	if err := t.press(ctx, func(data string) bool {
		return data == "lang "+string(lang) || strings.HasPrefix(data, "lang "+string(lang)+" ")
	}); err != nil {
		return err
	}
	if link == "" {
		if err := t.heard(ctx, func(telegramtest.Message) bool { return true }); err != nil {
			return err
		}
		s, _ := r.crowd.nation.Service(service)
		p.asked = r.now()
		if _, err := r.server.Say(p.chat, strings.ToLower(s.Name.In(lang))); err != nil {
			return err
		}
	}
	if err := t.find(ctx, service, "follow "+string(service)); err != nil {
		return err
	}
	if err := t.heard(ctx, hasButton("leave "+string(service))); err != nil {
		return err
	}
	p.from = r.now()
	return nil
}

// talk is one chat as its person sees it.
type talk struct {
	r    *rehearsal
	chat int64
	seen int64 // ledger entry of the newest answer that was read
	how  []telegramtest.Option
}

// answer waits for an answer of the bot that was not read yet and fits. Notices
// come in between; they are no answers.
func (t *talk) answer(ctx context.Context, fits func(telegramtest.Message) bool) (telegramtest.Message, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errors.New("no answer from the bot"))
	defer cancel()
	m, err := t.r.server.WaitFor(ctx, t.chat, func(m telegramtest.Message) bool { return m.Tag == "" && m.Seq > t.seen && fits(m) })
	if err != nil {
		return m, err
	}
	t.seen = m.Seq
	return m, nil
}

func (t *talk) heard(ctx context.Context, fits func(telegramtest.Message) bool) error {
	_, err := t.answer(ctx, fits)
	return err
}

// press waits for an answer with such a button and presses it.
func (t *talk) press(ctx context.Context, is func(data string) bool) error {
	m, err := t.answer(ctx, func(m telegramtest.Message) bool { return buttonOf(m, is) != "" })
	if err != nil {
		return err
	}
	_, err = t.r.server.Press(t.chat, m.ID, buttonOf(m, is), t.how...)
	return err
}

// find presses follow, by way of the list where the name was not enough.
func (t *talk) find(ctx context.Context, service subscriptions.ServiceID, follow string) error {
	direct := func(data string) bool { return data == follow }
	listed := func(data string) bool { return data == "service "+string(service) || data == "status "+string(service) }
	m, err := t.answer(ctx, func(m telegramtest.Message) bool { return buttonOf(m, direct)+buttonOf(m, listed) != "" })
	if err != nil {
		return fmt.Errorf("%s was not found by its name: %w", service, err)
	}
	if data := buttonOf(m, direct); data != "" {
		_, err = t.r.server.Press(t.chat, m.ID, data, t.how...)
		return err
	}
	if _, err = t.r.server.Press(t.chat, m.ID, buttonOf(m, listed), t.how...); err != nil {
		return err
	}
	return t.press(ctx, direct)
}

func buttonOf(m telegramtest.Message, is func(data string) bool) string {
	for _, row := range m.Buttons {
		for _, b := range row {
			if b.Data != "" && is(b.Data) {
				return b.Data
			}
		}
	}
	return ""
}

func hasButton(data string) func(telegramtest.Message) bool {
	return func(m telegramtest.Message) bool {
		return buttonOf(m, func(d string) bool { return d == data }) != ""
	}
}

// stopWords are whole messages that end everything.
var stopWords = []string{"STOP", "ACHA", "ondoka"}

// stop is a citizen who leaves by a word.
func (r *rehearsal) stop(ctx context.Context, i int) error {
	p := &r.crowd.people[i]
	t := talk{r: r, chat: p.chat, seen: r.server.Seq()}
	p.leaving = r.now()
	if _, err := r.server.Say(p.chat, stopWords[i%len(stopWords)]); err != nil {
		return err
	}
	if err := t.heard(ctx, func(telegramtest.Message) bool { return true }); err != nil {
		return err
	}
	p.left = r.now()
	return nil
}

// block is a citizen who leaves without a word.
func (r *rehearsal) block(_ context.Context, i int) error {
	p := &r.crowd.people[i]
	p.leaving = r.now()
	r.server.Block(p.chat)
	p.left = r.now()
	return nil
}

// joinGroup is a group whose administrator makes it follow a service. Another
// member tries first, and must not succeed.
func (r *rehearsal) joinGroup(ctx context.Context, i int) error {
	p := &r.crowd.people[i]
	service, _ := r.crowd.scopes[r.crowd.scopesOf(i)[0]].Service()
	admin, member := telegramtest.By(adminOf(p.chat)), telegramtest.By(memberOf(p.chat))
	t := talk{r: r, chat: p.chat, how: []telegramtest.Option{admin}}
	if _, err := r.server.Say(p.chat, "/start@"+r.server.Username()+" "+string(service), admin); err != nil {
		return err
	}
	follow := hasButton("follow " + string(service))
	m, err := t.answer(ctx, follow)
	if err != nil {
		return fmt.Errorf("group: %w", err)
	}
	if _, err := r.server.Press(p.chat, m.ID, "follow "+string(service), member); err != nil {
		return err
	}
	refused, err := t.answer(ctx, func(telegramtest.Message) bool { return true })
	if err != nil {
		return fmt.Errorf("group: a member's tap: %w", err)
	}
	if hasButton("leave " + string(service))(refused) {
		return errors.New("a member who is no administrator changed what the group follows")
	}
	p.asked = r.now()
	if _, err := r.server.Press(p.chat, m.ID, "follow "+string(service), admin); err != nil {
		return err
	}
	if err := t.heard(ctx, hasButton("leave "+string(service))); err != nil {
		return fmt.Errorf("group: the administrator's tap: %w", err)
	}
	p.from = r.now()
	return nil
}

// present counts citizens who follow at this time and read an audience.
func (c *crowd) present(audience []set, at time.Duration) int {
	n := 0
	for i := range c.people {
		if p := &c.people[i]; p.from <= at && p.left > at && !c.hears(i, audience).empty() {
			n++
		}
	}
	return n
}
