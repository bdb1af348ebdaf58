package telegramtest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// request is one call of a method with what the method may need of it.
type request struct {
	ctx    context.Context
	method string
	params params
	begun  time.Duration // on the real clock, when its header had been read
	at     time.Duration // begun on the clock of the limits
	heard  *Message      // what Config.Heard is told afterwards
}

type method func(*Server, *request) (any, *apiError)

// counters are read by Stats.
type counters struct {
	requests, accepted, tooMany, inFlight, maxInFlight atomic.Int64
}

// Stats are totals since the start.
type Stats struct {
	Requests    int64 `json:"requests"`      // calls with a valid token
	Accepted    int64 `json:"accepted"`      // ledger entries
	TooMany     int64 `json:"too_many"`      // answers 429
	MaxInFlight int64 `json:"max_in_flight"` // most sends and edits open at once
}

// Stats returns the totals so far.
func (s *Server) Stats() Stats {
	return Stats{
		Requests: s.counts.requests.Load(), Accepted: s.counts.accepted.Load(),
		TooMany: s.counts.tooMany.Load(), MaxInFlight: s.counts.maxInFlight.Load(),
	}
}

// ServeHTTP answers /bot<token>/<method> and the control pages /ledger,
// /violations and /stats.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begun := s.real()
	rest, isBot := strings.CutPrefix(r.URL.Path, "/bot")
	if !isBot {
		s.control(w, r)
		return
	}
	token, name, found := strings.Cut(rest, "/")
	if !found || !wellFormed(token) {
		writeError(w, notFound())
		return
	}
	if s.revoked.Load() || token != s.Token() {
		writeError(w, &apiError{code: http.StatusUnauthorized, text: "Unauthorized"})
		return
	}
	name = strings.ToLower(name)
	call, known := s.methods[name]
	if !known {
		writeError(w, notFound())
		return
	}
	s.counts.requests.Add(1)
	values, bad := readParams(w, r, s.cfg.BodyLimit)
	if bad != nil {
		writeError(w, bad)
		return
	}
	req := &request{ctx: r.Context(), method: name, params: values, begun: begun, at: s.limitTime(begun)}
	if isSend(name) {
		defer s.countInFlight()()
	}
	s.answer(w, req, call)
}

// answer runs the faults that apply and, unless one of them ends it, the method.
func (s *Server) answer(w http.ResponseWriter, r *request, call method) {
	fault := s.faults.next(r)
	if !s.pause(r.ctx, fault.Delay) {
		cut(w)
		return
	}
	switch fault.Do {
	case CutRequest:
		cut(w)
	case Hang:
		s.pause(r.ctx, forever)
		cut(w)
	case BadGateway:
		writeHTML(w)
	case Fail:
		writeError(w, &apiError{code: fault.Code, text: fault.Text})
	case TooMany:
		s.counts.tooMany.Add(1)
		writeError(w, s.storm(r, fault))
	case CutReply, HangReply:
		_, _ = call(s, r)
		s.tell(r)
		if fault.Do == HangReply {
			s.pause(r.ctx, forever)
		}
		cut(w)
	default:
		s.reply(w, r, call)
	}
}

func (s *Server) reply(w http.ResponseWriter, r *request, call method) {
	result, bad := call(s, r)
	if bad != nil {
		if bad.code == http.StatusTooManyRequests {
			s.counts.tooMany.Add(1)
		}
		writeError(w, bad)
		return
	}
	body, err := json.Marshal(struct {
		OK     bool `json:"ok"`
		Result any  `json:"result"`
	}{true, result})
	if err != nil {
		writeError(w, &apiError{code: 500, text: "Internal Server Error: " + err.Error()})
		return
	}
	writeJSON(w, http.StatusOK, body)
	if r.heard != nil {
		// The answer goes out first: nobody presses a button faster than that.
		_ = http.NewResponseController(w).Flush()
		s.tell(r)
	}
}

func (s *Server) tell(r *request) {
	if r.heard != nil {
		s.cfg.Heard(*r.heard)
	}
}

const forever = time.Duration(1<<63 - 1)

// pause waits; it reports false when the client or the server went away first.
func (s *Server) pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-s.base.Done():
	}
	return false
}

// cut ends the connection with a reset, so that the client cannot tell whether
// its request was taken.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2 and the like: the nearest thing.
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

func (s *Server) countInFlight() (done func()) {
	now := s.counts.inFlight.Add(1)
	for most := s.counts.maxInFlight.Load(); now > most; most = s.counts.maxInFlight.Load() {
		if s.counts.maxInFlight.CompareAndSwap(most, now) {
			break
		}
	}
	return func() { s.counts.inFlight.Add(-1) }
}

func isSend(name string) bool {
	return name == "sendmessage" || strings.HasPrefix(name, "editmessage")
}

// wellFormed tells a token that could exist from garbage: the cloud answers 404,
// not 401, to the latter.
func wellFormed(token string) bool {
	id, secret, found := strings.Cut(token, ":")
	if !found || id == "" || secret == "" || id[0] == '0' || len(token) > 80 {
		return false
	}
	_, err := strconv.ParseUint(id, 10, 54)
	return err == nil
}

// Revoke makes every call answer 401, as after /revoke at BotFather.
func (s *Server) Revoke() { s.revoked.Store(true) }

// Restore ends Revoke: the same token is valid again.
func (s *Server) Restore() { s.revoked.Store(false) }

// Rotate makes token the only valid one; the bot's id in it must stay.
func (s *Server) Rotate(token string) error {
	if !wellFormed(token) || botID(token) != s.me.ID {
		return errors.New("telegramtest: a new token keeps the bot's id before the colon")
	}
	s.token.Store(&token)
	s.revoked.Store(false)
	return nil
}

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
