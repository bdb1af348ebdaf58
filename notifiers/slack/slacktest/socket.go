package slacktest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	socketPath = "/link"
	mostSocks  = 10
	// mostAnswer is what Slack takes of an acknowledgement; more is dropped silently.
	mostAnswer = 20 << 10
)

// sockets are the open connections of Socket Mode; guarded by Server.mu.
type sockets struct {
	tickets map[string]bool
	open    []*socket
	turn    int
	opened  int
}

func newSockets() sockets { return sockets{tickets: map[string]bool{}} }

// socket is one connection.
type socket struct {
	conn    *websocket.Conn
	writing sync.Mutex
	mu      sync.Mutex
	waiting map[string]chan json.RawMessage // by envelope
	gone    chan struct{}
	close   func()
}

func (s *Server) connectionsOpen(*request) (map[string]any, *failure) {
	if len(s.sockets.open) >= mostSocks {
		return nil, fail("too_many_websockets")
	}
	ticket := s.id("ticket-")
	s.sockets.tickets[ticket] = true
	return map[string]any{"url": "ws://" + s.listener.Addr().String() + socketPath + "?ticket=" + ticket + "&app_id=A0ARIFA"}, nil
}

func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	ticket := r.URL.Query().Get("ticket")
	s.mu.Lock()
	valid := s.sockets.tickets[ticket]
	delete(s.sockets.tickets, ticket) // once
	s.mu.Unlock()
	if !valid {
		http.Error(w, "invalid ticket", http.StatusForbidden)
		return
	}
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	k := &socket{conn: conn, waiting: map[string]chan json.RawMessage{}, gone: make(chan struct{})}
	k.close = sync.OnceFunc(func() {
		close(k.gone)
		_ = conn.Close()
	})
	s.working.Add(1)
	defer s.working.Done()
	s.mu.Lock()
	s.sockets.open = append(s.sockets.open, k)
	s.sockets.opened++
	n := len(s.sockets.open)
	s.mu.Unlock()
	_ = k.write(map[string]any{"type": "hello", "num_connections": n, "connection_info": map[string]any{"app_id": "A0ARIFA"},
		"debug_info": map[string]any{"host": "applink-simulated", "build_number": 1, "approximate_connection_time": 18060}})
	s.mu.Lock()
	s.news()
	s.mu.Unlock()
	go s.ping(k)
	s.read(k)
	k.close()
	s.mu.Lock()
	s.sockets.open = slices.DeleteFunc(slices.Clone(s.sockets.open), func(o *socket) bool { return o == k })
	s.news()
	s.mu.Unlock()
}

func (k *socket) write(v any) error {
	k.writing.Lock()
	defer k.writing.Unlock()
	_ = k.conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
	return k.conn.WriteJSON(v)
}

func (s *Server) ping(k *socket) {
	every := time.NewTicker(s.cfg.PingEvery)
	defer every.Stop()
	_ = k.conn.WriteControl(websocket.PingMessage, []byte("Ping from applink"), time.Now().Add(time.Second))
	for {
		select {
		case <-k.gone:
			return
		case <-s.base.Done():
			k.close()
			return
		case <-every.C:
			_ = k.conn.WriteControl(websocket.PingMessage, []byte("Ping from applink"), time.Now().Add(time.Second))
		}
	}
}

// read takes acknowledgements until the connection ends.
func (s *Server) read(k *socket) {
	for {
		_, data, err := k.conn.ReadMessage()
		if err != nil {
			return
		}
		var ack struct {
			Envelope string          `json:"envelope_id"`
			Payload  json.RawMessage `json:"payload"`
		}
		if json.Unmarshal(data, &ack) != nil || len(data) >= mostAnswer {
			continue
		}
		k.mu.Lock()
		done := k.waiting[ack.Envelope]
		delete(k.waiting, ack.Envelope)
		k.mu.Unlock()
		if done != nil {
			done <- ack.Payload
		}
	}
}

// sendToSocket gives a delivery to one of the connections, in turn.
func (s *Server) sendToSocket(ctx context.Context, d *delivery) (Ack, string) {
	k := s.next(ctx, d.kind == eventsAPI)
	if k == nil {
		return Ack{}, "no_connection"
	}
	done := make(chan json.RawMessage, 1)
	k.mu.Lock()
	k.waiting[d.id] = done
	k.mu.Unlock()
	err := k.write(map[string]any{"envelope_id": d.id, "type": d.kind, "payload": d.payload, "accepts_response_payload": d.accepts,
		"retry_attempt": d.retry, "retry_reason": d.reason})
	if err != nil {
		return Ack{}, "connection_lost"
	}
	select {
	case payload := <-done:
		if string(payload) == "null" {
			payload = nil
		}
		return Ack{OK: true, Body: payload}, ""
	case <-k.gone:
		return Ack{}, "connection_lost"
	case <-ctx.Done():
		k.mu.Lock()
		delete(k.waiting, d.id)
		k.mu.Unlock()
		return Ack{}, "timeout"
	}
}

// next finds a connection; an event waits for one.
func (s *Server) next(ctx context.Context, wait bool) *socket {
	for {
		s.mu.Lock()
		open, changed := s.sockets.open, s.changed
		if len(open) > 0 {
			s.sockets.turn++
			k := open[s.sockets.turn%len(open)]
			s.mu.Unlock()
			return k
		}
		s.mu.Unlock()
		if !wait {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

// Sockets tells how many connections are open, and how many were ever opened.
func (s *Server) Sockets() (open, ever int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sockets.open), s.sockets.opened
}

// Refresh asks every connection to be opened anew, as Slack does every few hours,
// and closes them after grace.
func (s *Server) Refresh(reason string, grace time.Duration) {
	s.mu.Lock()
	open := s.sockets.open
	s.mu.Unlock()
	for _, k := range open {
		_ = k.write(map[string]any{"type": "disconnect", "reason": reason, "debug_info": map[string]any{"host": "applink-simulated"}})
		s.working.Go(func() {
			s.pause(s.base, grace)
			k.close()
		})
	}
}

// Drop cuts every connection without a word.
func (s *Server) Drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.sockets.open {
		k.close()
	}
}

// Garble sends something to every connection as it is: a frame that is no JSON, or
// an envelope of next year's.
func (s *Server) Garble(frame []byte) error {
	s.mu.Lock()
	open := s.sockets.open
	s.mu.Unlock()
	var errs []error
	for _, k := range open {
		k.writing.Lock()
		errs = append(errs, k.conn.WriteMessage(websocket.TextMessage, frame))
		k.writing.Unlock()
	}
	return errors.Join(errs...)
}

func (s *Server) closeSockets() { s.Drop() }
