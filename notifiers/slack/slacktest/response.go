package slacktest

import (
	"net/http"
	"strings"
	"time"
)

const responsePath = "/response/"

// response is where an interaction may be answered: five times in half an hour.
type response struct {
	channel *channel
	user    string
	ts      string // of the message that was pressed; "" of a command
	uses    int
	born    time.Time // the server's clock
}

// responseURL makes one; s.mu is held.
func (s *Server) responseURL(c *channel, user, ts string) string {
	id := s.id("R")
	s.responses[id] = &response{channel: c, user: user, ts: ts, born: s.now()}
	return "http://" + s.listener.Addr().String() + responsePath + id
}

func (s *Server) serveResponse(w http.ResponseWriter, r *http.Request) {
	args, _, bad := readArgs(w, r, s.cfg.BodyLimit)
	if bad != nil {
		http.Error(w, bad.code, http.StatusBadRequest)
		return
	}
	req := &request{ctx: r.Context(), method: "response", args: args, begun: s.real()}
	fault := s.faults.next(req)
	if !s.pause(r.Context(), fault.Delay) || fault.Do != Slow {
		cut(w)
		return
	}
	s.mu.Lock()
	code := s.respond(req, strings.TrimPrefix(r.URL.Path, responsePath))
	s.mu.Unlock()
	if code != "" {
		http.Error(w, code, http.StatusNotFound)
		return
	}
	_, _ = w.Write([]byte("ok"))
}

func (s *Server) respond(r *request, id string) (code string) {
	to := s.responses[id]
	switch {
	case to == nil:
		return "invalid_url"
	case s.now().Sub(to.born) > 30*time.Minute, to.uses >= 5:
		return "used_url"
	}
	to.uses++
	if r.yes("delete_original") {
		return ""
	}
	words, bad := contentOf(r, nil)
	if bad != nil {
		s.refused = append(s.refused, Refusal{"response_url", bad.code, strings.Join(bad.messages, "; ")})
		return bad.code
	}
	m := to.channel.find(to.ts)
	switch {
	case r.yes("replace_original") && m != nil:
		m.content, m.edited = words, true
		s.record(r, Entry{Channel: to.channel.ID, TS: m.ts, Thread: m.thread, Kind: Edit}, m.plain())
	case r.text("response_type") == "in_channel":
		m := &message{user: BotUser, content: words}
		s.add(to.channel, m)
		s.record(r, Entry{Channel: to.channel.ID, TS: m.ts, Kind: Send}, m.plain())
	default:
		s.whisper(r, to.channel, to.user, words)
	}
	return ""
}
