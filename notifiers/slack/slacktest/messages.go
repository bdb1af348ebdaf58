package slacktest

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// message is one message of a channel.
type message struct {
	ts, thread string
	broadcast  bool
	user       string
	edited     bool
	content
}

// content is what can be edited.
type content struct {
	fallback string // the text argument
	blocks   []block
	raw      json.RawMessage
	metadata json.RawMessage
}

// Message is a message as its reader sees it.
type Message struct {
	Channel, TS, Thread string
	Broadcast, Edited   bool
	User                string // who wrote it
	To                  string // the only reader, of an ephemeral one
	Text                string // without markup
	Fallback            string // what a notification shows
	Buttons             []Button
	Blocks              json.RawMessage
	Metadata            json.RawMessage
}

// Button is what can be pressed or opened.
type Button struct{ Label, BlockID, ActionID, Value, URL, Style string }

func (m *message) open(c *channel) Message {
	return Message{Channel: c.ID, TS: m.ts, Thread: m.thread, Broadcast: m.broadcast, Edited: m.edited, User: m.user,
		Text: m.plain(), Fallback: unescaped(m.fallback), Buttons: buttonsOf(m.blocks), Blocks: m.raw, Metadata: m.metadata}
}

// plain is what a reader sees: the blocks, or the text where there are none.
func (c content) plain() string {
	if len(c.blocks) == 0 {
		return marked(c.fallback)
	}
	var lines []string
	for _, b := range c.blocks {
		lines = append(lines, b.plain()...)
	}
	return strings.Join(lines, "\n")
}

// Limits of a message, docs.slack.dev/reference/methods/chat.postMessage and the
// whole-payload limit of github.com/slackapi/bolt-js/issues/2509.
const (
	maxText       = 40_000 // truncated above
	maxUpdate     = 4_000  // refused above by chat.update where there are no blocks
	maxBlocks     = 50
	maxViewBlocks = 100
	maxBlockChars = 13_200
)

// contentOf reads text, blocks and metadata; s.mu is held.
func contentOf(r *request, old *content) (content, *failure) {
	c := content{fallback: r.text("text")}
	if r.text("attachments") != "" && r.text("attachments") != "[]" {
		return c, fail("invalid_arguments", "attachments are not simulated")
	}
	if raw := r.raw("blocks"); len(raw) > 0 {
		blocks, faults, chars := parseBlocks(raw, onMessage)
		switch {
		case len(faults) > 0:
			return c, fail("invalid_blocks", faults...)
		case len(blocks) > maxBlocks:
			return c, fail("invalid_blocks", "no more than 50 items allowed")
		case chars > maxBlockChars:
			return c, fail("msg_blocks_too_long")
		}
		c.blocks, c.raw = blocks, raw
	}
	if c.fallback == "" && len(c.blocks) == 0 {
		return c, fail("no_text")
	}
	if n := utf8.RuneCountInString(c.fallback); n > maxText {
		c.fallback = string([]rune(c.fallback)[:maxText])
	} else if old != nil && n > maxUpdate && len(c.blocks) == 0 {
		return c, fail("msg_too_long")
	}
	if old != nil {
		c.metadata = old.metadata
	}
	if raw := r.raw("metadata"); len(raw) > 0 && !bytes.Equal(raw, []byte("null")) {
		var m struct {
			Type    string         `json:"event_type"`
			Payload map[string]any `json:"event_payload"`
		}
		if json.Unmarshal(raw, &m) != nil || m.Type == "" || m.Payload == nil {
			return c, fail("invalid_metadata_format")
		}
		c.metadata = raw
	}
	return c, nil
}

// mark is what the ledger keeps of a message's metadata.
func (c content) mark() string {
	var m struct {
		Payload map[string]any `json:"event_payload"`
	}
	_ = json.Unmarshal(c.metadata, &m)
	var all []string
	for _, v := range m.Payload {
		if text, ok := v.(string); ok {
			all = append(all, text)
		}
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// target finds where the bot may post; s.mu is held.
func (s *Server) target(id string) (*channel, *failure) {
	if strings.HasPrefix(id, "U") || strings.HasPrefix(id, "W") {
		return s.person(id)
	}
	c := s.channels[id]
	switch {
	case c == nil, c.deleted, c.Private && !c.has(BotUser):
		return nil, fail("channel_not_found")
	case c.im != "":
		return s.person(c.im)
	case c.Archived:
		return nil, fail("is_archived")
	case !c.has(BotUser):
		if s.needs("chat:write.public") != nil {
			return nil, fail("not_in_channel")
		}
	case c.Locked:
		return nil, fail("restricted_action_read_only_channel")
	}
	return c, nil
}

func (s *Server) person(id string) (*channel, *failure) {
	u := s.users[id]
	switch {
	case u == nil:
		return nil, fail("channel_not_found")
	case u.Bot, u.bot:
		return nil, fail("cannot_dm_bot")
	case u.Disabled:
		return nil, fail("user_disabled")
	case u.Team != s.cfg.Team:
		return nil, fail("channel_not_found")
	}
	return s.im(id), nil
}

func (s *Server) postMessage(r *request) (map[string]any, *failure) {
	c, bad := s.target(r.text("channel"))
	if bad != nil {
		return nil, bad
	}
	words, bad := contentOf(r, nil)
	if bad != nil {
		return nil, bad
	}
	m := &message{user: BotUser, content: words}
	if bad := m.threaded(c, r); bad != nil {
		return nil, bad
	}
	if wait := s.spend(r, special, c.ID); wait > 0 {
		return nil, &failure{code: "ratelimited", wait: wait}
	}
	s.add(c, m)
	s.record(r, Entry{Channel: c.ID, User: c.im, TS: m.ts, Thread: m.thread, Broadcast: m.broadcast, Kind: Send, Mark: m.mark()}, m.plain())
	return map[string]any{"channel": c.ID, "ts": m.ts, "message": s.wire(m, false)}, nil
}

// threaded puts a message into the thread that was named. A parent that was
// deleted leaves the reply outside of any thread, as in Slack; a reply is no
// parent.
func (m *message) threaded(c *channel, r *request) *failure {
	thread := r.text("thread_ts")
	if thread == "" {
		if r.yes("reply_broadcast") {
			return fail("invalid_arguments", "reply_broadcast without thread_ts")
		}
		return nil
	}
	parent := c.find(thread)
	switch {
	case c.LockedThreads:
		return fail("restricted_action_thread_locked")
	case parent == nil:
		return nil
	case parent.thread != "":
		return fail("invalid_thread_ts", "thread_ts is a reply's, not the parent's")
	}
	m.thread, m.broadcast = thread, r.yes("reply_broadcast")
	return nil
}

// add stores a message; s.mu is held.
func (s *Server) add(c *channel, m *message) {
	m.ts = s.stamp()
	c.messages = append(c.messages, m)
	if n := len(c.messages) - s.cfg.KeepLast; n > 0 {
		c.messages = slices.Clone(c.messages[n:])
	}
}

func (c *channel) find(ts string) *message {
	for _, m := range c.messages {
		if m.ts == ts {
			return m
		}
	}
	return nil
}

func (s *Server) update(r *request) (map[string]any, *failure) {
	c, bad := s.target(r.text("channel"))
	if bad != nil {
		return nil, bad
	}
	m := c.find(r.text("ts"))
	switch {
	case m == nil:
		return nil, fail("message_not_found")
	case m.user != BotUser:
		return nil, fail("cant_update_message")
	}
	words, bad := contentOf(r, &m.content)
	if bad != nil {
		return nil, bad
	}
	m.content, m.edited = words, true // text without blocks: the old blocks are gone
	s.record(r, Entry{Channel: c.ID, User: c.im, TS: m.ts, Thread: m.thread, Broadcast: m.broadcast, Kind: Edit, Mark: m.mark()}, m.plain())
	return map[string]any{"channel": c.ID, "ts": m.ts, "text": m.fallback, "message": s.wire(m, false)}, nil
}

func (s *Server) deleteMessage(r *request) (map[string]any, *failure) {
	c, bad := s.target(r.text("channel"))
	if bad != nil {
		return nil, bad
	}
	m := c.find(r.text("ts"))
	switch {
	case m == nil:
		return nil, fail("message_not_found")
	case m.user != BotUser:
		return nil, fail("cant_delete_message")
	}
	c.messages = slices.DeleteFunc(c.messages, func(o *message) bool { return o == m })
	s.record(r, Entry{Channel: c.ID, User: c.im, TS: m.ts, Kind: Delete}, "")
	return map[string]any{"channel": c.ID, "ts": m.ts}, nil
}

func (s *Server) postEphemeral(r *request) (map[string]any, *failure) {
	c, bad := s.target(r.text("channel"))
	if bad != nil {
		return nil, bad
	}
	user := r.text("user")
	if s.users[user] == nil || !c.has(user) {
		return nil, fail("user_not_in_channel")
	}
	words, bad := contentOf(r, nil)
	if bad != nil {
		return nil, bad
	}
	return map[string]any{"message_ts": s.whisper(r, c, user, words).TS}, nil
}

// whisper shows a message to one person; s.mu is held.
func (s *Server) whisper(r *request, c *channel, user string, words content) Message {
	m := &message{ts: s.stamp(), user: BotUser, content: words}
	out := m.open(c)
	out.To = user
	s.ephemerals[user] = append(s.ephemerals[user], out)
	s.record(r, Entry{Channel: c.ID, User: user, TS: m.ts, Kind: Ephemeral}, m.plain())
	return out
}
