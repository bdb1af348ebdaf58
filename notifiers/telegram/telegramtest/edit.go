package telegramtest

import "time"

const notModified = "message is not modified: specified new message content and reply markup are " +
	"exactly the same as a current content and reply markup of the message"

// own finds the message of a call that changes one of the bot's; s.mu is held.
// what names the deed in the errors: "edit", "delete", "pin".
func (s *Server) own(r *request, what string) (*chat, *message, *apiError) {
	c, bad := s.target(r)
	if bad != nil {
		return nil, nil, bad
	}
	id := r.params.number("message_id")
	if id <= 0 {
		return nil, nil, badRequest("message identifier is not specified")
	}
	m := s.find(c, id)
	if m == nil {
		return nil, nil, badRequest("message to " + what + " not found")
	}
	return c, m, nil
}

func (s *Server) editMessageText(r *request) (any, *apiError) {
	w, badWords := s.readWords(r.params)
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m, bad := s.own(r, "edit")
	if bad = first(badWords, bad); bad != nil {
		return nil, bad
	}
	if bad = s.mayEdit(c, m, w.markup); bad != nil {
		return nil, bad
	}
	if s.ledger.at(m.entry).hash == w.hash && m.rest == w.rest {
		return nil, badRequest(notModified)
	}
	if bad = s.spend(r, c); bad != nil {
		return nil, bad
	}
	m.rest, m.flags = w.rest, m.flags|edited
	m.entry = s.record(r, c, Edit, m, w.hash, w.tag)
	s.keepAgain(c, m.id, w)
	s.hear(r, c, m, w)
	return s.wireOwn(c, m, w), nil
}

func (s *Server) mayEdit(c *chat, m *message, next markup) *apiError {
	if m.entry == 0 {
		return badRequest("message can't be edited")
	}
	if next.buttons != nil && !next.inline {
		return badRequest("inline keyboard expected")
	}
	return c.mayWrite()
}

// editMessageReplyMarkup changes the buttons alone. The words that "not modified"
// and the ledger compare need the text, so a message whose text is no longer kept
// compares by its buttons only.
func (s *Server) editMessageReplyMarkup(r *request) (any, *apiError) {
	next, badMarkup := s.markups.read(r.params.text("reply_markup"))
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m, bad := s.own(r, "edit")
	if bad = first(badMarkup, bad); bad != nil {
		return nil, bad
	}
	if bad = s.mayEdit(c, m, next); bad != nil {
		return nil, bad
	}
	before := s.ledger.at(m.entry)
	w := words{markup: next, hash: before.hash, tag: s.ledger.tags[before.tag]}
	if k := c.keptOf(s, m.id); k != nil {
		w.text, w.entities = k.text, k.entities
	}
	if w.rest = restHash(w.entities, next); w.rest == m.rest {
		return nil, badRequest(notModified)
	}
	if bad = s.spend(r, c); bad != nil {
		return nil, bad
	}
	m.rest, m.flags = w.rest, m.flags|edited
	m.entry = s.record(r, c, Buttons, m, w.hash, w.tag)
	s.keepAgain(c, m.id, w)
	return s.wireOwn(c, m, w), nil
}

// deleteMessage removes the bot's messages, and others' where it may, for 48 h.
func (s *Server) deleteMessage(r *request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m, bad := s.own(r, "delete")
	if bad != nil {
		return nil, bad
	}
	old := s.now().Unix()-int64(m.date) > int64(48*time.Hour/time.Second)
	rights := c.group != nil && c.group.rights.Admin && c.group.rights.Delete
	if c.kind == private && old || c.kind != private && !rights && (old || m.entry == 0) {
		return nil, badRequest("message can't be deleted for everyone")
	}
	m.flags |= removed
	s.record(r, c, Delete, m, 0, "")
	s.forgetKept(c, m.id)
	c.wake()
	return true, nil
}

func (s *Server) pinChatMessage(r *request) (any, *apiError) {
	return s.pin(r, Pin)
}

// unpinChatMessage without a message_id unpins the newest pinned one.
func (s *Server) unpinChatMessage(r *request) (any, *apiError) {
	return s.pin(r, Unpin)
}

func (s *Server) pin(r *request, kind Kind) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m, bad := s.pinned(r, kind)
	if bad != nil {
		return nil, bad
	}
	if !c.mayPin() {
		return nil, badRequest("not enough rights to manage pinned messages in the chat")
	}
	if m.is(pinned) == (kind == Pin) {
		if kind == Pin {
			return nil, badRequest("CHAT_NOT_MODIFIED")
		}
		return true, nil
	}
	m.flags ^= pinned
	quiet := *m
	if r.params.flag("disable_notification") || c.kind == private || c.kind == channel {
		quiet.flags |= silent
	}
	s.record(r, c, kind, &quiet, 0, "")
	c.wake()
	return true, nil
}

func (s *Server) pinned(r *request, kind Kind) (*chat, *message, *apiError) {
	if kind == Pin || r.params.number("message_id") != 0 {
		return s.own(r, map[Kind]string{Pin: "pin", Unpin: "unpin"}[kind])
	}
	c, bad := s.target(r)
	if bad != nil {
		return nil, nil, bad
	}
	for no := c.newest; no != 0; no = s.messages.at(no).older {
		if m := s.messages.at(no); m.is(pinned) && !m.is(removed) {
			return c, m, nil
		}
	}
	return nil, nil, badRequest("message to unpin not found")
}
