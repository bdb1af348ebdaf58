package telegramtest

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"time"
)

// Message is a message as the person reads it.
type Message struct {
	Chat     int64      `json:"chat"`
	ID       int        `json:"id"`
	Seq      int64      `json:"seq"` // ledger entry of its present words; 0 = a person's
	Date     time.Time  `json:"date"`
	Text     string     `json:"text"` // plain, after entity parsing
	Entities []Entity   `json:"entities,omitempty"`
	Buttons  [][]Button `json:"buttons,omitempty"`
	ReplyTo  int        `json:"reply_to,omitempty"`
	Tag      string     `json:"tag,omitempty"`
	FromBot  bool       `json:"from_bot"`
	Silent   bool       `json:"silent,omitempty"`
	Edited   bool       `json:"edited,omitempty"`
	Pinned   bool       `json:"pinned,omitempty"`
}

// Button finds a button by its words.
func (m Message) Button(text string) (Button, bool) {
	for _, row := range m.Buttons {
		for _, b := range row {
			if b.Text == text {
				return b, true
			}
		}
	}
	return Button{}, false
}

// content is words shared by all messages that have them.
type content struct {
	key      contentKey
	uses     int
	text     string
	entities []Entity
	markup   markup
}

type contentKey struct {
	hash, rest uint64
}

// kept is a message whose words are still known.
type kept struct {
	no      uint32 // in Server.messages
	content *content
}

// KeepText keeps every text of that chat from now on, the person's own included.
func (s *Server) KeepText(chatID int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustFind(chatID).keepAll = true
}

// keep remembers the words of message number no; s.mu is held.
func (s *Server) keep(c *chat, no uint32, w words, fromBot bool) {
	defer c.wake()
	if !c.keepAll && (!fromBot || s.cfg.KeepLast < 1) {
		return
	}
	if !c.keepAll && len(c.kept) >= s.cfg.KeepLast {
		s.release(c.kept[0].content)
		c.kept = append(c.kept[:0], c.kept[1:]...)
	}
	c.kept = append(c.kept, kept{no, s.share(w)})
}

// keepAgain replaces the words of an edited message that are kept.
func (s *Server) keepAgain(c *chat, id int32, w words) {
	defer c.wake()
	for i := range c.kept {
		if s.messages.at(c.kept[i].no).id == id {
			s.release(c.kept[i].content)
			c.kept[i].content = s.share(w)
			return
		}
	}
}

func (s *Server) forgetKept(c *chat, id int32) {
	c.kept = slices.DeleteFunc(c.kept, func(k kept) bool {
		gone := s.messages.at(k.no).id == id
		if gone {
			s.release(k.content)
		}
		return gone
	})
}

func (s *Server) share(w words) *content {
	h := fnv.New64a()
	_, _ = h.Write(w.markup.raw)
	for _, row := range w.markup.buttons {
		for _, b := range row {
			_, _ = h.Write([]byte(b.Text + "\x00")) // A reply keyboard has no raw.
		}
	}
	key := contentKey{w.hash, h.Sum64() ^ uint64(w.rest)<<32}
	shared := s.contents[key]
	if shared == nil {
		shared = &content{key: key, text: w.text, entities: w.entities, markup: w.markup}
		s.contents[key] = shared
	}
	shared.uses++
	return shared
}

func (s *Server) release(c *content) {
	if c.uses--; c.uses == 0 {
		delete(s.contents, c.key)
	}
}

func (c *chat) keptOf(s *Server, id int32) *content {
	for _, k := range c.kept {
		if s.messages.at(k.no).id == id {
			return k.content
		}
	}
	return nil
}

func (c *chat) wake() {
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

// hear prepares what Config.Heard is told; s.mu is held.
func (s *Server) hear(r *request, c *chat, m *message, w words) {
	if s.cfg.Heard != nil {
		heard := s.readable(c, m, &content{text: w.text, entities: w.entities, markup: w.markup})
		r.heard = &heard
	}
}

func (s *Server) readable(c *chat, m *message, words *content) Message {
	out := Message{
		Chat: c.id, ID: int(m.id), Seq: int64(m.entry), Date: time.Unix(int64(m.date), 0).UTC(),
		Text: words.text, Entities: words.entities, Buttons: words.markup.buttons, ReplyTo: int(m.replyTo),
		FromBot: m.entry != 0, Silent: m.is(silent), Edited: m.is(edited), Pinned: m.is(pinned),
	}
	if m.entry != 0 {
		out.Tag = s.ledger.tags[s.ledger.at(m.entry).tag]
	}
	return out
}

// Messages are the messages of a chat whose words are kept, oldest first.
func (s *Server) Messages(chat int64) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.readAll(s.mustFind(chat))
}

func (s *Server) readAll(c *chat) []Message {
	all := make([]Message, 0, len(c.kept))
	for _, k := range c.kept {
		all = append(all, s.readable(c, s.messages.at(k.no), k.content))
	}
	return all
}

// Last is the bot's newest kept message of a chat.
func (s *Server) Last(chat int64) (Message, bool) {
	all := s.Messages(chat)
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].FromBot {
			return all[i], true
		}
	}
	return Message{}, false
}

// ErrNotKept is returned by WaitFor and Press when the words that they need are
// not kept; see Config.KeepLast and Server.KeepText.
var ErrNotKept = errors.New("the words of that chat are not kept")

// WaitFor returns the newest kept message of the bot, in its present words, that
// fits; it looks at what is there and then at every change. To wait for an answer,
// compare ID or Seq with what was there before.
func (s *Server) WaitFor(ctx context.Context, chat int64, fits func(Message) bool) (Message, error) {
	for {
		s.mu.Lock()
		c := s.mustFind(chat)
		if !c.keepAll && s.cfg.KeepLast < 1 {
			s.mu.Unlock()
			return Message{}, fmt.Errorf("wait in chat %d: %w", chat, ErrNotKept)
		}
		all := s.readAll(c)
		if c.changed == nil {
			c.changed = make(chan struct{})
		}
		changed := c.changed
		s.mu.Unlock()
		for _, m := range slices.Backward(all) {
			if m.FromBot && fits(m) {
				return m, nil
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Message{}, fmt.Errorf("wait in chat %d: %w", chat, context.Cause(ctx))
		}
	}
}
