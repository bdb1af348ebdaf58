package telegramtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// AddUser makes a person who has not pressed Start yet; a known one gets the
// language. lang is an IETF tag, "" for an application that tells none.
func (s *Server) AddUser(id int64, lang string) {
	if id <= 0 {
		panic(fmt.Sprintf("telegramtest: a person's id is positive, not %d", id))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.byID[id]; c != nil {
		c.lang = lang
		return
	}
	s.add(&chat{id: id, lang: lang, kind: private})
}

// AddFriend makes a person who pressed Start long ago: the bot may write, and no
// update tells.
func (s *Server) AddFriend(id int64, lang string) {
	s.AddUser(id, lang)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byID[id].state = present
}

// AddGroup makes a group with the bot in it as a plain member; the first of the
// admins owns it. An id below -1000000000000 makes a supergroup. No update tells.
func (s *Server) AddGroup(id int64, admins ...int64) {
	kind := basicGroup
	if id < supergroupIDs {
		kind = supergroup
	}
	s.addGroup(id, kind, &group{title: "Group " + itoa(-id), members: map[int64]string{}}, admins)
}

// AddChannel makes a channel in which the bot has rights; linked is the group of
// its comments or 0. No update tells.
func (s *Server) AddChannel(id int64, rights Rights, linked int64) {
	if id >= supergroupIDs {
		panic(fmt.Sprintf("telegramtest: a channel's id is below %d", supergroupIDs))
	}
	g := &group{title: "Channel " + itoa(-id), members: map[int64]string{}, rights: rights, linked: linked}
	s.addGroup(id, channel, g, nil)
}

const supergroupIDs = -1_000_000_000_000

func (s *Server) addGroup(id int64, kind chatKind, g *group, admins []int64) {
	if id >= 0 {
		panic(fmt.Sprintf("telegramtest: a group's id is negative, not %d", id))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID[id] != nil {
		panic(fmt.Sprintf("telegramtest: chat %d exists", id))
	}
	for i, user := range admins {
		s.ensureUser(user)
		g.members[user] = "administrator"
		if i == 0 {
			g.members[user], g.owner = "creator", user
		}
	}
	s.add(&chat{id: id, kind: kind, state: present, group: g})
}

// AddMember makes a person, where new, a plain member of a group or channel.
func (s *Server) AddMember(chatID, user int64) {
	s.change(chatID, func(c *chat) {
		s.ensureUser(user)
		c.group.members[user] = "member"
	})
}

func (s *Server) ensureUser(id int64) {
	if s.byID[id] == nil {
		s.add(&chat{id: id, kind: private})
	}
}

func (s *Server) add(c *chat) {
	c.index = uint32(len(s.chats))
	s.chats = append(s.chats, c)
	s.byID[c.id] = c
}

func (s *Server) mustFind(id int64) *chat {
	c := s.byID[id]
	if c == nil {
		panic(fmt.Sprintf("telegramtest: no chat %d", id))
	}
	return c
}

func (s *Server) change(id int64, how func(*chat)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	how(s.mustFind(id))
}

// SetUsername gives a group or channel a public name, without the @.
func (s *Server) SetUsername(chatID int64, name string) {
	s.change(chatID, func(c *chat) {
		delete(s.byName, strings.ToLower(c.group.username))
		c.group.username = name
		if name != "" {
			s.byName[strings.ToLower(name)] = c
		}
	})
}

// SetTitle names a group or channel.
func (s *Server) SetTitle(chatID int64, title string) {
	s.change(chatID, func(c *chat) { c.group.title = title })
}

// SetTopic makes a group a forum and opens or closes one of its threads.
func (s *Server) SetTopic(chatID, thread int64, open bool) {
	s.change(chatID, func(c *chat) {
		if c.group.topics == nil {
			c.group.topics = map[int64]bool{}
		}
		c.group.topics[thread] = open
	})
}

// SetLinked links a channel to the group of its comments; 0 unlinks.
func (s *Server) SetLinked(chatID, linked int64) {
	s.change(chatID, func(c *chat) { c.group.linked = linked })
}

// SetRights changes what the bot may do in a group or channel, brings it back
// where it was not, and tells it by my_chat_member.
func (s *Server) SetRights(chatID int64, rights Rights) {
	s.change(chatID, func(c *chat) {
		s.membership(c, c.group.owner, func() { c.group.rights, c.state = rights, present })
	})
}

// Kick removes the bot from a group or channel and tells it.
func (s *Server) Kick(chatID int64) {
	s.change(chatID, func(c *chat) {
		s.membership(c, c.group.owner, func() { c.group.rights, c.state = Rights{}, kicked })
	})
}

// DeleteGroup ends a group without telling the bot.
func (s *Server) DeleteGroup(chatID int64) { s.change(chatID, func(c *chat) { c.state = deleted }) }

// Block blocks the bot as that person does; it is told by my_chat_member.
func (s *Server) Block(chatID int64) {
	s.change(chatID, func(c *chat) { s.membership(c, c.id, func() { c.state = blocked }) })
}

// Unblock lets the bot write again; it is told by my_chat_member.
func (s *Server) Unblock(chatID int64) {
	s.change(chatID, func(c *chat) { s.membership(c, c.id, func() { c.state = present }) })
}

// Deactivate ends a person's account without telling the bot.
func (s *Server) Deactivate(chatID int64) { s.change(chatID, func(c *chat) { c.state = deactivated }) }

// Migrate turns a basic group into a supergroup and returns its new id. The old
// one answers 400 with migrate_to_chat_id, and both chats get a service message.
func (s *Server) Migrate(groupID int64) (newID int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.mustFind(groupID)
	newID = supergroupIDs + groupID
	g := *old.group
	g.members, g.minute = maps.Clone(g.members), slices.Clone(g.minute)
	moved := &chat{id: newID, kind: supergroup, state: present, group: &g, keepAll: old.keepAll}
	s.add(moved)
	if g.username != "" {
		s.byName[strings.ToLower(g.username)] = moved
	}
	told := s.wireHead(old, s.addMessage(old, message{}))
	told.MigrateTo = newID
	old.state, old.group.movedTo = migrated, newID
	s.emit("message", old.id, told)
	from := s.wireHead(moved, s.addMessage(moved, message{}))
	from.MigrateFrom = old.id
	s.emit("message", moved.id, from)
	return newID
}

// membership changes the bot's standing in a chat and tells it; s.mu is held.
func (s *Server) membership(c *chat, by int64, change func()) {
	before := s.self(c)
	change()
	after := s.self(c)
	if string(before) != string(after) {
		s.emit("my_chat_member", c.id, wireMembership{
			Chat: c.wire(), From: s.person(by), Date: s.now().Unix(), Old: before, New: after,
		})
	}
}

// self is the bot as a member of a chat.
func (s *Server) self(c *chat) json.RawMessage {
	switch {
	case c.state == blocked || c.state == kicked:
		return raw(member(s.me, "kicked", c.kind, Rights{}))
	case c.state != present:
		return raw(member(s.me, "left", c.kind, Rights{}))
	case c.group != nil && c.group.rights.Admin:
		return raw(member(s.me, "administrator", c.kind, c.group.rights))
	case c.group != nil && c.group.rights.Mute:
		return raw(member(s.me, "restricted", c.kind, Rights{}))
	}
	return raw(member(s.me, "member", c.kind, Rights{}))
}
