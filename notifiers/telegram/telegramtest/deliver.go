package telegramtest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"time"
)

const (
	secretHeader = "X-Telegram-Bot-Api-Secret-Token"
	goneFor      = 23 * time.Hour // of nothing but 410: the webhook is removed
	maxAnswer    = 64 << 10
)

// webhook delivers updates: in order within a chat, at most most at once over all
// of them. Its fields are guarded by Server.mu.
type webhook struct {
	url, secret string
	most        int

	ctx       context.Context
	cancel    context.CancelFunc
	queues    map[int64]*hookQueue
	ready     []*hookQueue // queues whose first update may be sent now
	workers   int
	lastError string
	errorAt   int64
	goneSince time.Time
}

// hookQueue is what waits for one chat. It is in webhook.ready, with a worker, in
// a pause after an error, or empty and dropped.
type hookQueue struct {
	chat  int64
	list  []*update
	pause time.Duration
}

func (h *webhook) open(s *Server) {
	h.ctx, h.cancel = context.WithCancel(s.base)
	h.queues = map[int64]*hookQueue{}
}

// add queues an update; s.mu is held.
func (h *webhook) add(s *Server, one *update) {
	q := h.queues[one.queue]
	if q != nil {
		q.list = append(q.list, one)
		return
	}
	q = &hookQueue{chat: one.queue, list: []*update{one}}
	h.queues[one.queue] = q
	h.offer(s, q)
}

// offer makes a queue ready and sees to a worker for it; s.mu is held.
func (h *webhook) offer(s *Server, q *hookQueue) {
	h.ready = append(h.ready, q)
	if h.workers < h.most && h.ctx.Err() == nil {
		h.workers++
		s.working.Add(1)
		go h.work(s)
	}
}

// work delivers until nothing is ready.
func (h *webhook) work(s *Server) {
	defer s.working.Done()
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(h.ready) > 0 && h.ctx.Err() == nil {
		q := h.ready[0]
		h.ready = h.ready[1:]
		one := q.list[0]
		if !one.done && !s.now().After(one.dies) {
			s.mu.Unlock()
			result := h.deliver(s, one)
			s.mu.Lock()
			if !h.settle(s, q, one, result) {
				continue
			}
		}
		if q.list = q.list[1:]; len(q.list) > 0 {
			h.ready = append(h.ready, q)
		} else {
			delete(h.queues, q.chat)
		}
	}
	h.workers--
}

// delivery is how one attempt ended.
type delivery struct {
	code  int // 0 = no answer
	after time.Duration
	text  string
	body  []byte
}

func (h *webhook) deliver(s *Server, one *update) delivery {
	r, err := http.NewRequestWithContext(h.ctx, http.MethodPost, h.url, bytes.NewReader(one.body))
	if err != nil {
		return delivery{text: err.Error()}
	}
	r.Header.Set("Content-Type", "application/json")
	if h.secret != "" {
		r.Header.Set(secretHeader, h.secret)
	}
	answer, err := s.cfg.WebhookClient.Do(r)
	if err != nil {
		return delivery{text: "Connection refused or lost"}
	}
	defer func() { _ = answer.Body.Close() }()
	body, _ := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After"))
	return delivery{
		code: answer.StatusCode, after: min(time.Duration(seconds)*time.Second, time.Hour), body: body,
		text: "Wrong response from the webhook: " + answer.Status,
	}
}

// settle notes the outcome; true means that the update is delivered. Otherwise
// its queue is ready again after a pause. s.mu is held.
func (h *webhook) settle(s *Server, q *hookQueue, one *update, d delivery) bool {
	if d.code >= 200 && d.code < 300 {
		one.done, q.pause, h.goneSince = true, 0, time.Time{}
		s.updates.trim(s.now())
		if len(d.body) > 0 {
			s.mu.Unlock()
			s.obey(d.body)
			s.mu.Lock()
		}
		return true
	}
	if h.ctx.Err() != nil {
		return false
	}
	h.lastError, h.errorAt = d.text, s.now().Unix()
	h.noteGone(s, d.code)
	q.pause = min(max(q.pause*2, s.cfg.WebhookRetry), 64*s.cfg.WebhookRetry)
	time.AfterFunc(max(q.pause, d.after), func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if h.ctx.Err() == nil {
			h.offer(s, q)
		}
	})
	return false
}

func (h *webhook) noteGone(s *Server, code int) {
	switch {
	case code != http.StatusGone:
		h.goneSince = time.Time{}
	case h.goneSince.IsZero():
		h.goneSince = s.now()
	case s.now().Sub(h.goneSince) >= goneFor && s.updates.hook == h:
		s.dropWebhook()
	}
}
