package telegramtest

import (
	"encoding/json"
	"strconv"
	"strings"
)

// sendMessage is https://core.telegram.org/bots/api#sendmessage.
func (s *Server) sendMessage(r *request) (any, *apiError) {
	w, bad := s.readWords(r.params)
	reply, badReply := readReply(r.params)
	s.mu.Lock()
	defer s.mu.Unlock()
	c, refused := s.target(r)
	if bad = first(bad, badReply, refused); bad != nil {
		return nil, bad
	}
	thread := r.params.number("message_thread_id")
	if bad = first(c.mayWrite(), c.thread(thread)); bad != nil {
		return nil, bad
	}
	replyTo, bad := s.replyTo(c, reply)
	if bad != nil {
		return nil, bad
	}
	if bad = s.spend(r, c); bad != nil {
		return nil, bad
	}
	m := message{replyTo: replyTo, rest: w.rest}
	if r.params.flag("disable_notification") {
		m.flags |= silent
	}
	sent := s.addMessage(c, m)
	sent.entry = s.record(r, c, Send, sent, w.hash, w.tag)
	s.keep(c, c.newest, w, true)
	s.hear(r, c, sent, w)
	answer := s.wireOwn(c, sent, w)
	answer.Thread = int(thread)
	return answer, nil
}

// first is the first complaint. A request inside a retry_after window is refused
// for that even when its words are bad, so target runs for every request.
func first(all ...*apiError) *apiError {
	for _, bad := range all {
		if bad != nil && bad.retryAfter > 0 {
			return bad
		}
	}
	for _, bad := range all {
		if bad != nil {
			return bad
		}
	}
	return nil
}

type replyParameters struct {
	Message int64           `json:"message_id"`
	Chat    json.RawMessage `json:"chat_id"`
	Lenient bool            `json:"allow_sending_without_reply"`
}

// readReply reads reply_parameters, or the two parameters that they replaced.
func readReply(p params) (replyParameters, *apiError) {
	var reply replyParameters
	text := p.text("reply_parameters")
	if text == "" {
		reply.Message, reply.Lenient = p.number("reply_to_message_id"), p.flag("allow_sending_without_reply")
		return reply, nil
	}
	if !isObject(text) || json.Unmarshal([]byte(text), &reply) != nil {
		return reply, badRequest("can't parse reply parameters JSON object")
	}
	return reply, nil
}

// replyTo finds the message that is answered. Across chats there is no leniency.
func (s *Server) replyTo(c *chat, reply replyParameters) (int32, *apiError) {
	if reply.Message == 0 {
		return 0, nil
	}
	from := c
	if len(reply.Chat) > 0 && string(reply.Chat) != "null" {
		other, bad := s.findChat(strings.Trim(string(reply.Chat), `"`))
		if bad != nil {
			return 0, bad
		}
		from = other
	}
	if s.find(from, reply.Message) == nil {
		if reply.Lenient && from == c {
			return 0, nil
		}
		return 0, badRequest("message to be replied not found")
	}
	if from != c {
		return 0, nil // Taken as a quotation from elsewhere; the ledger knows replies within a chat.
	}
	return int32(reply.Message), nil
}

// wireOwn is one of the bot's messages as an answer shows it; s.mu is held.
func (s *Server) wireOwn(c *chat, m *message, w words) *wireMessage {
	out := s.wireHead(c, m)
	out.Text, out.Entities, out.Markup = w.text, w.entities, w.markup.raw
	if m.replyTo != 0 {
		if parent := s.find(c, int64(m.replyTo)); parent != nil {
			out.ReplyTo = s.wireKept(c, parent)
		}
	}
	return out
}

func (s *Server) wireHead(c *chat, m *message) *wireMessage {
	out := &wireMessage{ID: int(m.id), Date: int64(m.date), Chat: c.wire()}
	if c.kind == channel {
		sender := out.Chat
		out.SenderChat = &sender
	} else if m.entry != 0 {
		me := s.me
		out.From = &me
	} else if c.kind == private {
		from := s.person(c.id)
		out.From = &from
	}
	if m.is(edited) {
		out.EditDate = s.now().Unix()
	}
	return out
}

// wireKept is a message with as much of its words as is still known.
func (s *Server) wireKept(c *chat, m *message) *wireMessage {
	out := s.wireHead(c, m)
	if k := c.keptOf(s, m.id); k != nil {
		out.Text, out.Entities, out.Markup = k.text, k.entities, k.markup.raw
	}
	return out
}

func methodTable() map[string]method {
	return map[string]method{
		"getme":                  (*Server).getMe,
		"getupdates":             (*Server).getUpdates,
		"setwebhook":             (*Server).setWebhook,
		"deletewebhook":          (*Server).deleteWebhook,
		"getwebhookinfo":         (*Server).getWebhookInfo,
		"sendmessage":            (*Server).sendMessage,
		"editmessagetext":        (*Server).editMessageText,
		"editmessagereplymarkup": (*Server).editMessageReplyMarkup,
		"deletemessage":          (*Server).deleteMessage,
		"pinchatmessage":         (*Server).pinChatMessage,
		"unpinchatmessage":       (*Server).unpinChatMessage,
		"answercallbackquery":    (*Server).answerCallbackQuery,
		"setmycommands":          (*Server).setMyCommands,
		"getmycommands":          (*Server).getMyCommands,
		"deletemycommands":       (*Server).deleteMyCommands,
		"setmyname":              setText("name", 64),
		"getmyname":              getText("name"),
		"setmydescription":       setText("description", 512),
		"getmydescription":       getText("description"),
		"setmyshortdescription":  setText("short_description", 120),
		"getmyshortdescription":  getText("short_description"),
		"getchat":                (*Server).getChat,
		"getchatmember":          (*Server).getChatMember,
		"getchatadministrators":  (*Server).getChatAdministrators,
		"leavechat":              (*Server).leaveChat,
	}
}

func (s *Server) getMe(*request) (any, *apiError) {
	return struct {
		wireUser
		Join    bool `json:"can_join_groups"`
		ReadAll bool `json:"can_read_all_group_messages"`
		Inline  bool `json:"supports_inline_queries"`
	}{s.me, true, s.cfg.ReadsAll, false}, nil
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
