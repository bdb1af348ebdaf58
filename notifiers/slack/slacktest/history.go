package slacktest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// wire is a message as the Web API tells it; s.mu is held.
func (s *Server) wire(m *message, metadata bool) map[string]any {
	out := map[string]any{"type": "message", "user": m.user, "ts": m.ts, "text": m.fallback, "team": s.cfg.Team}
	if m.user == BotUser {
		out["bot_id"], out["app_id"] = "B0ARIFA", "A0ARIFA"
	}
	if len(m.raw) > 0 {
		out["blocks"] = m.raw
	}
	if m.thread != "" {
		out["thread_ts"] = m.thread
	}
	if m.broadcast {
		out["subtype"] = "thread_broadcast"
	}
	if m.edited {
		out["edited"] = map[string]any{"user": m.user, "ts": m.ts}
	}
	if metadata && len(m.metadata) > 0 {
		out["metadata"] = m.metadata
	}
	return out
}

// readable finds a conversation that the bot may read, with the scope for its
// kind; s.mu is held.
func (s *Server) readable(id, power string) (*channel, *failure) {
	c := s.channels[id]
	if c == nil || c.deleted || c.Private && !c.has(BotUser) {
		return nil, fail("channel_not_found")
	}
	kind := "channels"
	switch {
	case c.im != "":
		kind = "im"
	case c.Private:
		kind = "groups"
	}
	if bad := s.needs(kind + ":" + power); bad != nil {
		return nil, bad
	}
	if power == "history" && !c.has(BotUser) {
		return nil, fail("not_in_channel")
	}
	return c, nil
}

// history tells the newest first; replies stand in it only where the channel
// shows them too.
func (s *Server) history(r *request) (map[string]any, *failure) {
	c, bad := s.readable(r.text("channel"), "history")
	if bad != nil {
		return nil, bad
	}
	return s.page(r, c, func(m *message) bool { return m.thread == "" || m.broadcast }, true)
}

// replies tells a thread, its parent first.
func (s *Server) replies(r *request) (map[string]any, *failure) {
	c, bad := s.readable(r.text("channel"), "history")
	if bad != nil {
		return nil, bad
	}
	ts := r.text("ts")
	if c.find(ts) == nil {
		return nil, fail("thread_not_found")
	}
	return s.page(r, c, func(m *message) bool { return m.ts == ts || m.thread == ts }, false)
}

func (s *Server) page(r *request, c *channel, take func(*message) bool, newestFirst bool) (map[string]any, *failure) {
	limit := 100
	if n, err := strconv.Atoi(r.text("limit")); err == nil {
		limit = n
	}
	if limit < 1 || limit > 999 {
		return nil, fail("invalid_limit")
	}
	var all []*message
	for _, m := range c.messages {
		if take(m) && within(m.ts, r) {
			all = append(all, m)
		}
	}
	if newestFirst {
		slices.Reverse(all)
	}
	from := 0
	if cursor := r.text("cursor"); cursor != "" {
		if _, err := fmt.Sscanf(cursor, "page:%d", &from); err != nil || from > len(all) {
			return nil, fail("invalid_cursor")
		}
	}
	all = all[from:]
	more := len(all) > limit
	out := []any{}
	for _, m := range all[:min(limit, len(all))] {
		out = append(out, s.wire(m, r.yes("include_all_metadata")))
	}
	result := map[string]any{"messages": out, "has_more": more}
	if more {
		result["response_metadata"] = map[string]any{"next_cursor": fmt.Sprintf("page:%d", from+limit)}
	}
	return result, nil
}

// within compares timestamps as what they are: strings of equal shape.
func within(ts string, r *request) bool {
	oldest, latest, inclusive := r.text("oldest"), r.text("latest"), r.yes("inclusive")
	if oldest != "" && (ts < padded(oldest) || ts == padded(oldest) && !inclusive) {
		return false
	}
	return latest == "" || ts < padded(latest) || ts == padded(latest) && inclusive
}

func padded(ts string) string {
	whole, part, _ := strings.Cut(ts, ".")
	return whole + "." + (part + "000000")[:6]
}

func (s *Server) conversationsInfo(r *request) (map[string]any, *failure) {
	c, bad := s.readable(r.text("channel"), "read")
	if bad != nil {
		return nil, bad
	}
	info := map[string]any{"id": c.ID, "name": c.Name, "is_channel": c.im == "", "is_private": c.Private, "is_im": c.im != "",
		"is_archived": c.Archived, "is_member": c.has(BotUser), "is_read_only": c.Locked, "is_thread_only": false}
	return map[string]any{"channel": info}, nil
}

func (s *Server) conversationsOpen(r *request) (map[string]any, *failure) {
	id := r.text("users")
	u := s.users[id]
	switch {
	case u == nil:
		return nil, fail("user_not_found")
	case u.Disabled:
		return nil, fail("user_disabled")
	case u.Bot || u.bot:
		return nil, fail("cannot_dm_bot")
	}
	return map[string]any{"channel": map[string]any{"id": s.im(id).ID}}, nil
}

func (s *Server) conversationsJoin(r *request) (map[string]any, *failure) {
	c := s.channels[r.text("channel")]
	switch {
	case c == nil, c.deleted, c.Private && !c.has(BotUser):
		return nil, fail("channel_not_found")
	case c.Private, c.im != "":
		return nil, fail("method_not_supported_for_channel_type")
	case c.Archived:
		return nil, fail("is_archived")
	}
	s.join(c, BotUser)
	return map[string]any{"channel": map[string]any{"id": c.ID, "name": c.Name}}, nil
}

func (s *Server) usersInfo(r *request) (map[string]any, *failure) {
	u := s.users[r.text("user")]
	if u == nil {
		return nil, fail("user_not_found")
	}
	info := map[string]any{"id": u.ID, "team_id": u.Team, "name": u.Name, "real_name": u.Name, "deleted": u.Disabled,
		"is_admin": u.Admin || u.Owner, "is_owner": u.Owner, "is_bot": u.Bot || u.bot}
	if r.yes("include_locale") {
		info["locale"] = u.Locale
	}
	return map[string]any{"user": info}, nil
}

func (s *Server) authTest(*request) (map[string]any, *failure) {
	return map[string]any{"url": "https://kenya.slack.example/", "team": s.cfg.TeamName, "team_id": s.cfg.Team,
		"user": "arifa", "user_id": BotUser, "bot_id": "B0ARIFA"}, nil
}

// rawString keeps a value that is JSON already.
func rawString(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic("slacktest: " + err.Error())
	}
	return b
}
