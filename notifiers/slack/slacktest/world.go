package slacktest

import (
	"fmt"
	"slices"
	"strings"
)

// User is one member of the workspace.
type User struct {
	ID       string // "U…"
	Name     string
	Locale   string // "sw-KE"; default "en-US"
	Admin    bool   // of the workspace
	Owner    bool
	Bot      bool
	Disabled bool
	// Team is another workspace's id for a guest of a shared channel; default ours.
	Team string
}

type user struct {
	User
	bot bool // the app's own
}

// Channel is one conversation of the workspace.
type Channel struct {
	ID       string // "C…"
	Name     string
	Private  bool
	Archived bool
	// Locked channels take posts of administrators only, LockedThreads no replies.
	Locked, LockedThreads bool
	Members               []string
}

type channel struct {
	Channel
	im       string // the person of a direct message
	deleted  bool
	messages []*message // oldest first
}

func (c *channel) has(id string) bool { return c.im == id || slices.Contains(c.Members, id) }

// AddUser makes somebody a member of the workspace.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !strings.HasPrefix(u.ID, "U") && !strings.HasPrefix(u.ID, "W") {
		panic("slacktest: the id of a person begins with U")
	}
	u.Locale, u.Team = or(u.Locale, "en-US"), or(u.Team, s.cfg.Team)
	s.users[u.ID] = &user{User: u}
}

// Change changes what a person is, such as being an administrator.
func (s *Server) Change(id string, change func(*User)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.users[id].User)
}

// AddChannel makes a channel; the bot is in it where Members has BotUser.
func (s *Server) AddChannel(c Channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !strings.HasPrefix(c.ID, "C") && !strings.HasPrefix(c.ID, "G") {
		panic("slacktest: the id of a channel begins with C or G")
	}
	s.channels[c.ID] = &channel{Channel: c}
}

// Invite brings people, or the bot, into a channel.
func (s *Server) Invite(channel string, people ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range people {
		s.join(s.channels[channel], id)
	}
}

func (s *Server) join(c *channel, id string) {
	if slices.Contains(c.Members, id) {
		return
	}
	c.Members = append(c.Members, id)
	if !slices.Contains(c.Members, BotUser) {
		return // nobody tells us
	}
	kind := "C"
	if c.Private {
		kind = "G"
	}
	s.emitEvent(c.ID, map[string]any{"type": "member_joined_channel", "user": id, "channel": c.ID, "channel_type": kind, "team": s.cfg.Team})
}

// Remove puts somebody, or the bot, out of a channel.
func (s *Server) Remove(channel, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channel]
	c.Members = slices.DeleteFunc(slices.Clone(c.Members), func(m string) bool { return m == id })
	if id != BotUser {
		return
	}
	kind := "channel_left"
	if c.Private {
		kind = "group_left"
	}
	s.emitEvent(c.ID, map[string]any{"type": kind, "channel": c.ID, "actor_id": "U0SOMEBODY"})
}

// Archive closes a channel, and Unarchive opens it again.
func (s *Server) Archive(channel string)   { s.archive(channel, true) }
func (s *Server) Unarchive(channel string) { s.archive(channel, false) }

func (s *Server) archive(id string, closed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[id]
	c.Archived = closed
	what := "unarchive"
	if closed {
		what = "archive"
	}
	s.emitChannel(c, what, map[string]any{"channel": c.ID, "user": "U0SOMEBODY"})
}

// Rename gives a channel another name.
func (s *Server) Rename(channel, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channel]
	c.Name = name
	s.emitChannel(c, "rename", map[string]any{"channel": map[string]any{"id": c.ID, "name": name, "created": 1}})
}

// DeleteChannel erases a channel with everything in it.
func (s *Server) DeleteChannel(channel string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channel]
	s.emitChannel(c, "deleted", map[string]any{"channel": c.ID})
	c.deleted = true
}

// MoveChannel gives a channel another id, as happens when it becomes shared.
func (s *Server) MoveChannel(from, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[from]
	delete(s.channels, from)
	c.ID = to
	s.channels[to] = c
	s.emitEvent(from, map[string]any{"type": "channel_id_changed", "old_channel_id": from, "new_channel_id": to})
}

// emitChannel tells of a channel that the bot can see; s.mu is held.
func (s *Server) emitChannel(c *channel, what string, event map[string]any) {
	kind := "channel_"
	if c.Private {
		kind = "group_"
	}
	if c.Private && !c.has(BotUser) {
		return
	}
	event["type"] = kind + what
	s.emitEvent(c.ID, event)
}

// SetLocked says who may post in a channel.
func (s *Server) SetLocked(channel string, all, threads bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channels[channel].Locked, s.channels[channel].LockedThreads = all, threads
}

// Erase deletes a message, as its author or an administrator does.
func (s *Server) Erase(channel, ts string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.channels[channel]; c != nil {
		c.messages = slices.DeleteFunc(c.messages, func(m *message) bool { return m.ts == ts })
	}
}

// Uninstall removes the app from the workspace: every token dies, and the app is
// told.
func (s *Server) Uninstall() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.emitEvent("team", map[string]any{"type": "app_uninstalled"})
	s.emitEvent("team", map[string]any{"type": "tokens_revoked", "tokens": map[string]any{"bot": []string{BotUser}}})
	s.dead = "account_inactive"
}

// Revoke makes every call answer with an error of the credential, such as
// "invalid_auth" or "token_revoked"; "" ends it.
func (s *Server) Revoke(code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dead = code
}

// SetScopes changes what the token was granted.
func (s *Server) SetScopes(scopes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg.Scopes = scopes
}

// im is the direct message of a person with the bot; s.mu is held.
func (s *Server) im(person string) *channel {
	if c := s.ims[person]; c != nil {
		return c
	}
	c := &channel{Channel: Channel{ID: "D" + strings.TrimLeft(person, "UW"), Members: []string{person, BotUser}}, im: person}
	s.ims[person], s.channels[c.ID] = c, c
	return c
}

// DM is the id of a person's direct message with the bot.
func (s *Server) DM(person string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.im(person).ID
}

func (s *Server) mustUser(id string) (*user, error) {
	u := s.users[id]
	if u == nil {
		return nil, fmt.Errorf("slacktest: nobody is called %s", id)
	}
	return u, nil
}
