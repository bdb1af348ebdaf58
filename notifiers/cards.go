package notifiers

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// cardsKept is how many cards a lane remembers, in two generations. A wave has
// few combinations of services; what is forgotten is made again.
const cardsKept = 2048

// cards makes each combination of notice, languages and services once.
type cards struct {
	cfg     *Config
	channel Channel
	account func() string // see Lane.Account

	mu         sync.Mutex
	young, old map[cardKey]*madeCard
	quick      map[quickKey]*madeCard // those that were made, by where their services lie
}

// quickKey finds a card without writing its services down.
type quickKey struct {
	saying
	kind     subscriptions.RecipientKind
	asked    bool
	language subscriptions.Language
}

type cardKey struct {
	notice    subscriptions.NoticeID
	kind      subscriptions.RecipientKind
	asked     bool
	languages string
	services  string
	account   string // of a group
}

type madeCard struct {
	once     sync.Once
	card     wording.Card
	prepared any
	err      error
}

func newCards(cfg *Config, c Channel, account func() string) *cards {
	return &cards{cfg: cfg, channel: c, account: account, young: map[cardKey]*madeCard{}, quick: map[quickKey]*madeCard{}}
}

// of returns the card of one recipient; the error says that it cannot be made.
func (c *cards) of(n *subscriptions.Notice, row *subscriptions.Delivery) (*madeCard, error) {
	quick := quickKey{sayingOf(n.ID, row.Services), row.Kind, row.Asked, row.Language}
	fast, account := len(row.Languages) == 0, ""
	if row.Kind == subscriptions.Group && c.account != nil {
		fast, account = false, c.account() // it may not be known yet
	}
	if fast {
		c.mu.Lock()
		made := c.quick[quick]
		c.mu.Unlock()
		if made != nil {
			return made, made.err
		}
	}
	languages := languagesOf(row, n.Sheet, c.cfg.Languages)
	made := c.find(cardKey{n.ID, row.Kind, row.Asked, join(languages), join(row.Services), account})
	made.once.Do(func() { made.card, made.prepared, made.err = c.make(n, row, languages, account) })
	if fast {
		c.mu.Lock()
		if len(c.quick) >= cardsKept {
			clear(c.quick)
		}
		c.quick[quick] = made
		c.mu.Unlock()
	}
	return made, made.err
}

// find returns the remembered card, or an empty one to be made. When the young
// generation is full it becomes the old one, and the old is forgotten.
func (c *cards) find(k cardKey) *madeCard {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m, ok := c.young[k]; ok {
		return m
	}
	m, ok := c.old[k]
	if !ok {
		m = &madeCard{}
	}
	if len(c.young) >= cardsKept/2 {
		c.old, c.young = c.young, map[cardKey]*madeCard{}
	}
	c.young[k] = m
	return m
}

func (c *cards) make(n *subscriptions.Notice, row *subscriptions.Delivery, languages []subscriptions.Language, account string) (card wording.Card, prepared any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("card of notice %d: panic: %s", n.ID, panicked(p))
		}
	}()
	parts := make([]wording.Card, len(languages))
	for i, l := range languages {
		parts[i] = c.cfg.Speaker.Card(n.Sheet, selection(row, l, account))
	}
	card = joined(parts)
	if p, can := c.channel.(Preparer); can {
		if prepared, err = p.Prepare(card); err != nil {
			err = fmt.Errorf("card of notice %d: %w", n.ID, err)
		}
	}
	return card, prepared, err
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

// joined puts the cards of several languages into one message, one below the
// other, each with its own title; buttons and links are shown once.
func joined(parts []wording.Card) wording.Card {
	out := parts[0]
	for _, p := range parts[1:] {
		out.Lines = append(slices.Clip(out.Lines), "", p.Title)
		out.Lines = append(out.Lines, p.Lines...)
		for _, f := range p.Footer {
			if !slices.Contains(out.Footer, f) {
				out.Footer = append(slices.Clip(out.Footer), f)
			}
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
func (l *lane) message(n *subscriptions.Notice, a *attempt) (Message, error) {
	made, err := l.cards.of(n, &a.row)
	if err != nil {
		return Message{}, err
	}
	m := Message{
		ID: a.row.ID, To: Target{Address: a.row.Address, Kind: a.row.Kind},
		Card: made.card, Prepared: made.prepared,
		Silent: a.row.Silent || a.row.Mode == subscriptions.AsEdit || silentHour(l.now(), l.cfg.Zone),
		Kind:   kindTo(n, &a.row), Since: n.PublishedAt,
	}
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
