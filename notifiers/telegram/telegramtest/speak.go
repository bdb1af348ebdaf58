package telegramtest

import (
	"errors"
	"fmt"
	"strings"
)

// Option says more about what a person does.
type Option func(*deed)

type deed struct {
	by      int64
	replyTo int
}

// By names the person who acts in a group; the default is its owner.
func By(user int64) Option { return func(d *deed) { d.by = user } }

// ReplyTo makes the message an answer to another of the same chat.
func ReplyTo(messageID int) Option { return func(d *deed) { d.replyTo = messageID } }

// Say writes text into a chat: a person's own to the bot, a member's in a group,
// an administrator's post in a channel. A group's message reaches the bot only as
// far as its privacy mode lets it.
func (s *Server) Say(chat int64, text string, how ...Option) (messageID int, err error) {
	return s.say(chat, text, nil, how)
}

// Start presses Start in the private chat, from a link with payload or without;
// it unblocks first, as the application does.
func (s *Server) Start(chat int64, payload string) (messageID int, err error) {
	s.mu.Lock()
	if c := s.byID[chat]; c != nil && c.kind == private {
		switch c.state {
		case blocked:
			s.membership(c, c.id, func() { c.state = present })
		case stranger:
			c.state = present
		}
	}
	s.mu.Unlock()
	return s.say(chat, strings.TrimSpace("/start "+payload), nil, nil)
}

// Forward hands on a text that the person got from somebody hidden.
func (s *Server) Forward(chat int64, text string, how ...Option) (messageID int, err error) {
	return s.say(chat, text, &wireOrigin{Type: "hidden_user", Name: "Somebody"}, how)
}

func (s *Server) say(chatID int64, text string, origin *wireOrigin, how []Option) (int, error) {
	d := deed{}
	for _, option := range how {
		option(&d)
	}
	if n := utf16Len(text); n == 0 || n > maxText {
		return 0, fmt.Errorf("say in chat %d: a person's text has 1 to %d characters, not %d", chatID, maxText, n)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.byID[chatID]
	if err := s.maySpeak(c, &d); err != nil {
		return 0, fmt.Errorf("say in chat %d: %w", chatID, err)
	}
	m := s.addMessage(c, message{replyTo: int32(d.replyTo)})
	w := words{text: text, entities: commandEntities(text), hash: Hash(text)}
	s.keep(c, c.newest, w, false)
	out := s.wireHead(c, m)
	out.Text, out.Entities, out.Forward = text, w.entities, origin
	if origin != nil {
		origin.Date = out.Date
	}
	if parent := s.find(c, int64(d.replyTo)); d.replyTo != 0 && parent != nil {
		out.ReplyTo = s.wireKept(c, parent)
	}
	if c.kind == channel {
		s.emit("channel_post", c.id, out)
		return int(m.id), nil
	}
	from := s.person(d.by)
	out.From = &from
	if s.sees(c, out) {
		s.emit("message", c.id, out)
	}
	return int(m.id), nil
}

// maySpeak checks the person and fills in who it is; s.mu is held.
func (s *Server) maySpeak(c *chat, d *deed) error {
	switch {
	case c == nil:
		return errors.New("no such chat")
	case c.state == blocked:
		return errors.New("the bot is blocked: Unblock or Start first")
	case c.state == stranger:
		return errors.New("the bot was never started: Start first")
	case c.state != present:
		return errors.New("the bot is not in this chat")
	case c.kind == private:
		d.by = c.id
		return nil
	}
	if d.by = or(d.by, c.group.owner); c.kind == channel {
		return nil
	}
	if _, member := c.group.members[d.by]; !member {
		return fmt.Errorf("%d is not a member of this group", d.by)
	}
	return nil
}

// sees applies privacy mode: in a group the bot gets commands that are for it or
// for any bot, answers to it and its name; all of it as an administrator.
func (s *Server) sees(c *chat, m *wireMessage) bool {
	if c.kind == private || s.cfg.ReadsAll || c.group.rights.Admin {
		return true
	}
	if m.ReplyTo != nil && m.ReplyTo.From != nil && m.ReplyTo.From.ID == s.me.ID {
		return true
	}
	name := "@" + strings.ToLower(s.me.Username)
	text := strings.ToLower(m.Text)
	if strings.HasPrefix(text, "/") {
		command, _, _ := strings.Cut(text, " ")
		_, addressed, named := strings.Cut(command, "@")
		return !named || "@"+addressed == name
	}
	return strings.Contains(text, name)
}

// Press presses the button with that callback_data under a message, which must
// have it in its present version, and returns the query's id.
func (s *Server) Press(chatID int64, messageID int, data string, how ...Option) (queryID string, err error) {
	d := deed{}
	for _, option := range how {
		option(&d)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.byID[chatID]
	if err := s.maySpeak(c, &d); err != nil {
		return "", fmt.Errorf("press in chat %d: %w", chatID, err)
	}
	m := s.find(c, int64(messageID))
	if m == nil {
		return "", fmt.Errorf("press in chat %d: no message %d", chatID, messageID)
	}
	words := c.keptOf(s, m.id)
	if words == nil {
		return "", fmt.Errorf("press in chat %d: message %d: %w", chatID, messageID, ErrNotKept)
	}
	if !words.has(data) {
		return "", fmt.Errorf("press in chat %d: message %d has no button %q", chatID, messageID, data)
	}
	one := s.queries.add(s.now())
	s.emit("callback_query", c.id, wireQuery{
		ID: itoa(one.id), From: s.person(d.by), Message: *s.wireKept(c, m), Instance: itoa(c.id ^ s.me.ID), Data: data,
	})
	return itoa(one.id), nil
}

func (c *content) has(data string) bool {
	for _, row := range c.markup.buttons {
		for _, b := range row {
			if b.Data != "" && b.Data == data {
				return true
			}
		}
	}
	return false
}
