package telegramtest

import (
	"strconv"
	"strings"
	"time"
)

type chatKind uint8

const (
	private chatKind = iota
	basicGroup
	supergroup
	channel
)

// state is how the bot stands with a chat.
type state uint8

const (
	stranger    state = iota // a person who never pressed Start
	present                  // started, or the bot is a member
	blocked                  // the person blocked the bot
	deactivated              // the account is gone
	kicked
	left
	deleted
	migrated
)

// chat is kept small: there are a hundred thousand of them.
type chat struct {
	id      int64
	nextAt  time.Duration // of the rate of one chat
	lang    string
	kept    []kept
	changed chan struct{} // closed at the next change, for WaitFor
	group   *group        // nil for people
	index   uint32
	newest  uint32 // number in Server.messages; 0 = none
	kind    chatKind
	state   state
	keepAll bool
}

// group is what only groups and channels have.
type group struct {
	title, username string
	rights          Rights
	members         map[int64]string // person → status; the first creator is the owner
	owner           int64
	linked          int64
	nextID          int32 // own message ids of supergroups and channels
	minute          minute
	movedTo         int64
	topics          map[int64]bool // thread id → open
}

// Rights are what the bot may do as a member of a group or channel.
type Rights struct {
	Admin  bool // an administrator; without it the other fields, Mute apart, are void
	Post   bool // channels: can_post_messages
	Edit   bool // channels: can_edit_messages, which also lets it pin there
	Delete bool // can_delete_messages
	Pin    bool // groups: can_pin_messages
	Mute   bool // groups: restricted, may not send
}

// FullRights are those of an administrator with everything.
func FullRights() Rights { return Rights{Admin: true, Post: true, Edit: true, Delete: true, Pin: true} }

func (k chatKind) String() string {
	return [...]string{"private", "group", "supergroup", "channel"}[k]
}

// message is one message of a chat without its words.
type message struct {
	id      int32
	older   uint32 // number in Server.messages; 0 = none
	date    uint32 // Unix seconds of the server's clock
	replyTo int32
	rest    uint32 // words.rest
	entry   uint32 // ledger entry with its present words; 0 = not the bot's
	flags   uint8
}

const (
	silent uint8 = 1 << iota
	removed
	pinned
	edited
)

func (m *message) is(flag uint8) bool { return m.flags&flag != 0 }

func (s *Server) now() time.Time { return s.cfg.Clock() }

// findChat resolves a chat_id; s.mu is held.
func (s *Server) findChat(id string) (*chat, *apiError) {
	if id == "" {
		return nil, badRequest("chat_id is empty")
	}
	if name, isName := strings.CutPrefix(id, "@"); isName {
		if c := s.byName[strings.ToLower(name)]; c != nil {
			return c, nil
		}
		return nil, badRequest("chat not found")
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || s.byID[n] == nil {
		return nil, badRequest("chat not found")
	}
	return s.byID[n], nil
}

// target resolves the chat of a call that writes, inside no window and open to
// the bot; s.mu is held.
func (s *Server) target(r *request) (*chat, *apiError) {
	c, bad := s.findChat(r.params.text("chat_id"))
	scope := int64(wholeBot)
	if c != nil {
		scope = c.id
	}
	if late := s.silence(r, scope); late != nil {
		return nil, late
	}
	if bad != nil {
		return nil, bad
	}
	return c, c.refusal()
}

// refusal is the answer to any call of a bot that is not in this chat.
func (c *chat) refusal() *apiError {
	switch c.state {
	case stranger:
		return forbidden("bot can't initiate conversation with a user")
	case blocked:
		return forbidden("bot was blocked by the user")
	case deactivated:
		return forbidden("user is deactivated")
	case kicked:
		return forbidden("bot was kicked from the " + c.kind.String() + " chat")
	case left:
		return forbidden("bot is not a member of the " + c.kind.String() + " chat")
	case deleted:
		return forbidden("the group chat was deleted")
	case migrated:
		bad := badRequest("group chat was upgraded to a supergroup chat")
		bad.migrateTo = c.group.movedTo
		return bad
	}
	return nil
}

// mayWrite tells why the bot may not put words into a chat that it is in.
func (c *chat) mayWrite() *apiError {
	switch {
	case c.kind == channel && !c.group.rights.Admin:
		return badRequest("need administrator rights in the channel chat")
	case c.kind == channel && !c.group.rights.Post, c.group != nil && c.kind != channel && c.group.rights.Mute:
		return badRequest("not enough rights to send text messages to the chat")
	}
	return nil
}

func (c *chat) mayPin() bool {
	switch {
	case c.kind == private:
		return true
	case c.kind == channel:
		return c.group.rights.Admin && c.group.rights.Edit
	}
	return c.group.rights.Admin && c.group.rights.Pin
}

// thread checks message_thread_id.
func (c *chat) thread(id int64) *apiError {
	if id == 0 {
		return nil
	}
	if c.group == nil || c.group.topics == nil {
		return badRequest("message thread not found")
	}
	open, known := c.group.topics[id]
	if !known {
		return badRequest("message thread not found")
	}
	if !open {
		return badRequest("TOPIC_CLOSED")
	}
	return nil
}

// addMessage gives the next id of the chat to a new message; s.mu is held.
func (s *Server) addMessage(c *chat, m message) *message {
	if c.kind == supergroup || c.kind == channel {
		c.group.nextID++
		m.id = c.group.nextID
	} else {
		s.nextID++
		m.id = s.nextID
	}
	m.older, m.date = c.newest, uint32(s.now().Unix())
	c.newest = s.messages.add(m)
	return s.messages.at(c.newest)
}

// find looks a message up that was not deleted; s.mu is held.
func (s *Server) find(c *chat, id int64) *message {
	for no := c.newest; no != 0; {
		m := s.messages.at(no)
		if int64(m.id) == id && !m.is(removed) {
			return m
		}
		no = m.older
	}
	return nil
}

func (c *chat) wire() wireChat {
	w := wireChat{ID: c.id, Type: c.kind.String()}
	if c.group == nil {
		w.FirstName = personName(c.id)
		return w
	}
	w.Title, w.Username = c.group.title, c.group.username
	return w
}

func personName(id int64) string { return "Citizen " + strconv.FormatInt(id, 10) }

// person is a simulated user as the bot sees one; s.mu is held.
func (s *Server) person(id int64) wireUser {
	u := wireUser{ID: id, FirstName: personName(id)}
	if c := s.byID[id]; c != nil {
		u.Language = c.lang
	}
	return u
}
