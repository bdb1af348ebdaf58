package notifiers

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"time"
	"unsafe"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// cardsKept is how many cards a lane remembers, in two generations. A wave has
// few combinations of services that many share; those that hardly anybody shares are
// not worth their room. What is forgotten is made again.
const cardsKept = 1024

// cards makes each combination of notice, languages and services once.
type cards struct {
	cfg     *Config
	channel Channel
	account func() string // see Lane.Account
	seed    maphash.Seed

	mu         sync.Mutex
	young, old map[uint64]*madeCard // by the hash of their key
}

// cardKey is what a card is made of.
type cardKey struct {
	notice    subscriptions.NoticeID
	kind      subscriptions.RecipientKind
	asked     bool
	languages string
	account   string // of a group
}

type madeCard struct {
	key      cardKey
	services []subscriptions.ServiceID
	once     sync.Once
	card     *wording.Card // nil where prepared stands for it
	prepared any
	err      error
}

// put makes the card a part of a message.
func (m *madeCard) put(into *Message) {
	if into.Prepared = m.prepared; m.card != nil {
		into.Card = *m.card
	}
}

// is reports whether it was made of this: a hash alone does not say so.
func (m *madeCard) is(k *cardKey, services []subscriptions.ServiceID) bool {
	return m != nil && m.key == *k && len(m.services) == len(services) &&
		(unsafe.SliceData(m.services) == unsafe.SliceData(services) || slices.Equal(m.services, services)) // stores give equal lists one place
}

func newCards(cfg *Config, c Channel, account func() string) *cards {
	return &cards{cfg: cfg, channel: c, account: account, seed: maphash.MakeSeed(), young: map[uint64]*madeCard{}}
}

// of returns the card of one recipient; the error says that it cannot be made.
func (c *cards) of(n *subscriptions.Notice, row *subscriptions.Delivery) (*madeCard, error) {
	key := cardKey{notice: n.ID, kind: row.Kind, asked: row.Asked, languages: string(row.Language)}
	if row.Kind != subscriptions.Person {
		key.languages = join(languagesOf(row, n.Sheet, c.cfg.Languages))
	}
	if row.Kind == subscriptions.Group && c.account != nil {
		key.account = c.account() // it may not be known yet
	}
	made := c.find(c.hash(&key, row.Services), &key, row.Services)
	made.once.Do(func() { made.card, made.prepared, made.err = c.make(n, row, key.account) })
	return made, made.err
}

func (c *cards) hash(k *cardKey, services []subscriptions.ServiceID) uint64 {
	sum := uint64(k.notice)<<1 + maphash.String(c.seed, string(k.kind))
	if k.asked {
		sum++
	}
	sum = sum*31 + maphash.String(c.seed, k.languages)
	sum = sum*31 + maphash.String(c.seed, k.account)
	for _, s := range services {
		sum = sum*31 + maphash.String(c.seed, string(s))
	}
	return sum
}

// find returns the remembered card, or an empty one to be made. When the young
// generation is full it becomes the old one, and the old is forgotten.
func (c *cards) find(hash uint64, k *cardKey, services []subscriptions.ServiceID) *madeCard {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.young[hash]
	if m.is(k, services) {
		return m
	}
	if m == nil {
		m = c.old[hash]
	}
	if !m.is(k, services) { // of two with one hash the later stays
		m = &madeCard{key: *k, services: services}
	}
	if len(c.young) >= cardsKept/2 {
		clear(c.old)
		c.old, c.young = c.young, c.old
		if c.young == nil {
			c.young = map[uint64]*madeCard{}
		}
	}
	c.young[hash] = m
	return m
}

func (c *cards) make(n *subscriptions.Notice, row *subscriptions.Delivery, account string) (_ *wording.Card, prepared any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("card of notice %d: panic: %s", n.ID, panicked(p))
		}
	}()
	languages := languagesOf(row, n.Sheet, c.cfg.Languages)
	card := c.cfg.Speaker.Card(n.Sheet, selection(row, languages[0], account))
	for _, l := range languages[1:] {
		card = joined(card, c.cfg.Speaker.Card(n.Sheet, selection(row, l, account)))
	}
	if p, can := c.channel.(Preparer); can {
		if prepared, err = p.Prepare(card); err != nil {
			err = fmt.Errorf("card of notice %d: %w", n.ID, err)
		}
	}
	if prepared != nil {
		return nil, prepared, err // its words stand in what was prepared
	}
	return &card, nil, err
}

// languagesOf lists the languages that a recipient reads at once: a person one,
// a public channel all that it names, or all there are. Only languages that the
// sheet has words in count.
func languagesOf(row *subscriptions.Delivery, s subscriptions.Sheet, all []subscriptions.Language) []subscriptions.Language {
	wanted := []subscriptions.Language{row.Language}
	switch {
	case len(row.Languages) > 0 && row.Kind != subscriptions.Person:
		wanted = row.Languages
	case row.Kind == subscriptions.Channel:
		wanted = all
	}
	for _, list := range [][]subscriptions.Language{wanted, all[:1], all} {
		var out []subscriptions.Language
		for _, l := range list {
			if _, has := s.Words[l]; has && !slices.Contains(out, l) {
				out = append(out, l)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return all[:1]
}

// joined puts the card of another language below one, with its own title; buttons and
// links are shown once.
func joined(out, below wording.Card) wording.Card {
	out.Lines = append(slices.Clip(out.Lines), "", below.Title)
	out.Lines = append(out.Lines, below.Lines...)
	for _, f := range below.Footer {
		if !slices.Contains(out.Footer, f) {
			out.Footer = append(slices.Clip(out.Footer), f)
		}
	}
	return out
}

func join[S ~string](list []S) string {
	if len(list) == 1 {
		return string(list[0])
	}
	var b strings.Builder
	for _, s := range list {
		b.WriteString(string(s))
		b.WriteByte(' ')
	}
	return b.String()
}

// kindTo is the kind of a notice for one recipient: who has read an end that does not
// count reads a correction.
func kindTo(n *subscriptions.Notice, row *subscriptions.Delivery) subscriptions.Kind {
	if n.Slots.TakesBack != "" && row.Mode == subscriptions.AsMessage {
		return subscriptions.Correction
	}
	return n.Kind
}

// message makes what is sent for one row.
func (l *lane) message(n *subscriptions.Notice, a *attempt, now time.Time) (Message, error) {
	made, err := l.cards.of(n, a.row)
	if err != nil {
		return Message{}, err
	}
	m := Message{
		ID: a.row.ID, To: Target{Address: a.row.Address, Kind: a.row.Kind},
		Silent: a.row.Silent || a.row.Mode == subscriptions.AsEdit || silentHour(now, l.cfg.Zone),
		Kind:   kindTo(n, a.row), Since: n.PublishedAt,
	}
	made.put(&m)
	if l.finds {
		m.Mark = fmt.Sprintf("%s/%s/%d", n.Key, n.Code, a.row.ID)
	}
	if a.row.Mode == subscriptions.AsEdit && !a.asNew {
		m.Edit = a.row.Edit
	} else {
		m.ReplyTo = a.row.ReplyTo
	}
	return m, nil
}
