package telegramtest

import (
	"cmp"
	"encoding/json"
	"slices"
)

// member is a chat member as the Bot API describes one.
func member(u wireUser, status string, kind chatKind, rights Rights) wireMember {
	m := wireMember{User: u, Status: status}
	yes, no, forEver := true, false, int64(0)
	switch status {
	case "administrator":
		m.Edited, m.Anonymous, m.Manage, m.Delete = &no, &no, &yes, &rights.Delete
		if kind == channel {
			m.Post, m.Edit = &rights.Post, &rights.Edit
		} else {
			m.Pin = &rights.Pin
		}
	case "creator":
		m.Anonymous = &no
	case "restricted":
		m.IsMember, m.Send, m.Until = &yes, &no, &forEver
	case "kicked":
		m.Until = &forEver
	}
	return m
}

// getChat is https://core.telegram.org/bots/api#getchat. It needs no membership
// of a chat with a public name, and Start of a person.
func (s *Server) getChat(r *request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, bad := s.readableChat(r)
	if bad != nil {
		return nil, bad
	}
	info := struct {
		wireChat
		Accent    int          `json:"accent_color_id"`
		Reactions int          `json:"max_reaction_count"`
		Linked    int64        `json:"linked_chat_id,omitempty"`
		Pinned    *wireMessage `json:"pinned_message,omitempty"`
		Forum     bool         `json:"is_forum,omitempty"`
	}{wireChat: c.wire(), Reactions: 11}
	if c.group != nil {
		info.Linked, info.Forum = c.group.linked, c.group.topics != nil
	}
	for no := c.newest; no != 0; no = s.messages.at(no).older {
		if m := s.messages.at(no); m.is(pinned) && !m.is(removed) {
			info.Pinned = s.wireKept(c, m)
			break
		}
	}
	return info, nil
}

// readableChat finds a chat for a call that only reads; s.mu is held.
func (s *Server) readableChat(r *request) (*chat, *apiError) {
	c, bad := s.findChat(r.params.text("chat_id"))
	if bad != nil {
		return nil, bad
	}
	if c.state == stranger {
		return nil, badRequest("chat not found")
	}
	if c.kind == private || c.state != present && c.group.username != "" {
		return c, nil // A block does not hide the person.
	}
	return c, c.refusal()
}

// getChatMember is https://core.telegram.org/bots/api#getchatmember.
func (s *Server) getChatMember(r *request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, bad := s.readableChat(r)
	if bad != nil {
		return nil, bad
	}
	user := r.params.number("user_id")
	switch {
	case user <= 0:
		return nil, badRequest("invalid user_id specified")
	case user == s.me.ID:
		return s.self(c), nil
	case s.byID[user] == nil:
		return nil, badRequest("user not found")
	case c.kind == channel && !c.group.rights.Admin:
		return nil, badRequest("member list is inaccessible")
	case c.kind == private:
		if user != c.id {
			return nil, badRequest("user not found")
		}
		return member(s.person(user), "member", private, Rights{}), nil
	}
	status := or(c.group.members[user], "left")
	return member(s.person(user), status, c.kind, FullRights()), nil
}

// getChatAdministrators is https://core.telegram.org/bots/api#getchatadministrators.
func (s *Server) getChatAdministrators(r *request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, bad := s.readableChat(r)
	if bad != nil {
		return nil, bad
	}
	if c.kind == private {
		return nil, badRequest("there are no administrators in the private chat")
	}
	if c.kind == channel && !c.group.rights.Admin {
		return nil, badRequest("member list is inaccessible")
	}
	list := []json.RawMessage{}
	if c.group.rights.Admin {
		list = append(list, s.self(c))
	}
	people := make([]wireMember, 0, len(c.group.members))
	for user, status := range c.group.members {
		if status != "member" {
			people = append(people, member(s.person(user), status, c.kind, FullRights()))
		}
	}
	slices.SortFunc(people, func(a, b wireMember) int { return cmp.Compare(a.User.ID, b.User.ID) })
	for _, one := range people {
		list = append(list, raw(one))
	}
	return list, nil
}

// leaveChat is https://core.telegram.org/bots/api#leavechat.
func (s *Server) leaveChat(r *request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, bad := s.findChat(r.params.text("chat_id"))
	if bad == nil {
		bad = c.refusal()
	}
	if bad != nil {
		return nil, bad
	}
	if c.kind == private {
		return nil, badRequest("chat member status can't be changed in private chats")
	}
	s.membership(c, s.me.ID, func() { c.group.rights, c.state = Rights{}, left })
	return true, nil
}
