package telegramtest

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Lifetimes of undelivered updates on the server's clock.
const (
	updateLife = 24 * time.Hour
	queryLife  = 150 * time.Second
)

// update is one thing that the bot has not confirmed yet.
type update struct {
	id    int64
	queue int64 // the chat within which order is kept
	dies  time.Time
	body  json.RawMessage
	done  bool
}

type updates struct {
	pending []*update // by id; done ones go when they reach the front
	lastID  int64
	allowed []string // empty = the default kinds
	poll    *poll
	hook    *webhook

	nextConflict time.Duration // real; a 409 before it is held back
	hooked       time.Duration // real time of the last setWebhook
}

// poll is a getUpdates that waits.
type poll struct {
	wake    chan struct{}
	aborted chan struct{}
}

func newUpdates() updates { return updates{lastID: 100_000_000} }

// emit gives the bot an update, unless its kind is switched off; s.mu is held.
func (s *Server) emit(kind string, queue int64, payload any) {
	if s.updates.allows(kind) {
		s.push(queue, kind, raw(payload))
	}
}

func (u *updates) allows(kind string) bool {
	if len(u.allowed) > 0 {
		return slices.Contains(u.allowed, kind)
	}
	return kind != "chat_member" && kind != "message_reaction" && kind != "message_reaction_count"
}

func (s *Server) push(queue int64, kind string, payload []byte) int64 {
	u := &s.updates
	u.lastID++
	body := strconv.AppendInt([]byte(`{"update_id":`), u.lastID, 10)
	body = append(append(append(body, `,"`...), kind...), `":`...)
	s.enqueue(queue, kind, append(append(body, payload...), '}'))
	return u.lastID
}

func (s *Server) enqueue(queue int64, kind string, body []byte) {
	life := updateLife
	if kind == "callback_query" {
		life = queryLife
	}
	u := &s.updates
	one := &update{id: u.lastID, queue: queue, dies: s.now().Add(life), body: body}
	u.pending = append(u.pending, one)
	if u.hook != nil {
		u.hook.add(s, one)
	}
	if u.poll != nil {
		close(u.poll.wake)
		u.poll = nil
	}
}

// RawUpdate gives the bot any JSON object as an update: it gets an update_id, and
// whatever else is in it is delivered as it is. allowed_updates does not apply.
func (s *Server) RawUpdate(object string) (updateID int64, err error) {
	object = strings.TrimSpace(object)
	if !isObject(object) {
		return 0, errors.New("telegramtest: an update is a JSON object")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.updates.lastID++
	body := `{"update_id":` + itoa(s.updates.lastID)
	if rest := strings.TrimSpace(object[1:]); rest != "}" {
		body += "," + rest
	} else {
		body += "}"
	}
	s.enqueue(0, "", []byte(body))
	return s.updates.lastID, nil
}

// Pending is how many updates wait for the bot.
func (s *Server) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.updates.waiting(s.now())
}

// trim drops what is confirmed or too old from the front.
func (u *updates) trim(now time.Time) {
	n := 0
	for n < len(u.pending) && u.pending[n].over(now) {
		n++
	}
	u.dropFirst(n)
}

func (u *updates) dropFirst(n int) {
	clear(u.pending[:n])
	if u.pending = u.pending[n:]; len(u.pending) == 0 {
		u.pending = nil
	}
}

// waiting counts what the bot has still to get.
func (u *updates) waiting(now time.Time) int {
	n := 0
	for _, one := range u.pending {
		if !one.over(now) {
			n++
		}
	}
	return n
}

func (one *update) over(now time.Time) bool { return one.done || now.After(one.dies) }

func readAllowed(p params) (list []string, given bool) {
	text, given := p.lookup("allowed_updates")
	if !given || json.Unmarshal([]byte(text), &list) != nil {
		return nil, false // The real server ignores what it cannot read.
	}
	return list, true
}

// getUpdates is https://core.telegram.org/bots/api#getupdates: an offset confirms
// everything before it, a negative one everything but the last.
func (s *Server) getUpdates(r *request) (any, *apiError) {
	limit := r.params.number("limit")
	if limit < 1 || limit > 100 {
		limit = 100
	}
	timeout := time.Duration(min(max(r.params.number("timeout"), 0), 50)) * time.Second
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	s.mu.Lock()
	s.abortPoll()
	for {
		if s.updates.hook != nil {
			s.mu.Unlock()
			return nil, s.conflict(r, "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
		}
		if list, given := readAllowed(r.params); given {
			s.updates.allowed = list
		}
		batch := s.updates.after(r.params.number("offset"), int(limit), s.now())
		if len(batch) > 0 || timeout == 0 {
			s.mu.Unlock()
			return batch, nil
		}
		mine := &poll{wake: make(chan struct{}), aborted: make(chan struct{})}
		s.updates.poll = mine
		s.mu.Unlock()
		select {
		case <-mine.wake:
			s.mu.Lock()
			continue
		case <-mine.aborted:
			return nil, s.conflict(r, "terminated by other getUpdates request; make sure that only one bot instance is running")
		case <-deadline.C:
		case <-r.ctx.Done():
		case <-s.base.Done():
		}
		s.endPoll(mine)
		return []json.RawMessage{}, nil
	}
}

// after confirms and collects; the batch is never nil, so that it is [] in JSON.
func (u *updates) after(offset int64, limit int, now time.Time) []json.RawMessage {
	u.trim(now)
	if n := int64(len(u.pending)); offset < 0 && n > 0 {
		offset = u.pending[max(n+max(offset, -n), 0)].id
	}
	first, _ := slices.BinarySearchFunc(u.pending, offset, func(one *update, id int64) int { return cmp.Compare(one.id, id) })
	u.dropFirst(first)
	batch := make([]json.RawMessage, 0, min(limit, len(u.pending)))
	for _, one := range u.pending {
		if len(batch) == limit {
			break
		}
		if !one.over(now) {
			batch = append(batch, one.body)
		}
	}
	return batch
}

// abortPoll ends the poll that waits with 409, because another came; s.mu is held.
func (s *Server) abortPoll() {
	if s.updates.poll != nil {
		close(s.updates.poll.aborted)
		s.updates.poll = nil
	}
}

func (s *Server) endPoll(mine *poll) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.updates.poll == mine {
		s.updates.poll = nil
	}
}

// conflict answers 409; one that follows another closely is held back, as the
// real server does against two pollers that chase each other.
func (s *Server) conflict(r *request, text string) *apiError {
	s.mu.Lock()
	now := s.real()
	hold := now < s.updates.nextConflict
	if !hold {
		s.updates.nextConflict = now + s.cfg.ConflictHold
	}
	s.mu.Unlock()
	if hold {
		s.pause(r.ctx, s.cfg.ConflictHold)
	}
	return conflict(text)
}
