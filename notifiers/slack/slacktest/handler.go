package slacktest

import (
	"context"
	"encoding/json"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// request is one call of a method with what the method may need of it.
type request struct {
	ctx    context.Context
	method string
	args   map[string]json.RawMessage // a form's values as JSON strings
	begun  time.Duration              // on the real clock
}

// failure is an answer that is not ok.
type failure struct {
	code             string
	needed, provided string
	messages         []string // of response_metadata
	wait             int      // of ratelimited
}

func fail(code string, messages ...string) *failure {
	return &failure{code: code, messages: messages}
}

// special is the tier of chat.postMessage and its kin.
const special = -1

// method is one method of the Web API, called with Server.mu held.
type method struct {
	tier  int
	scope string // that every call needs; others depend on the channel
	app   bool   // needs the app-level token
	call  func(*Server, *request) (map[string]any, *failure)
}

var methods = map[string]method{
	"auth.test":             {tier: 0, call: (*Server).authTest},
	"apps.connections.open": {tier: 3, app: true, call: (*Server).connectionsOpen},
	"chat.postMessage":      {tier: special, scope: "chat:write", call: (*Server).postMessage},
	"chat.postEphemeral":    {tier: 4, scope: "chat:write", call: (*Server).postEphemeral},
	"chat.update":           {tier: 3, scope: "chat:write", call: (*Server).update},
	"chat.delete":           {tier: 3, scope: "chat:write", call: (*Server).deleteMessage},
	"conversations.info":    {tier: 3, call: (*Server).conversationsInfo},
	"conversations.history": {tier: 3, call: (*Server).history},
	"conversations.replies": {tier: 3, call: (*Server).replies},
	"conversations.open":    {tier: 3, scope: "im:write", call: (*Server).conversationsOpen},
	"conversations.join":    {tier: 3, scope: "channels:join", call: (*Server).conversationsJoin},
	"users.info":            {tier: 4, scope: "users:read", call: (*Server).usersInfo},
	"views.open":            {tier: 4, call: (*Server).viewsOpen},
	"views.push":            {tier: 4, call: (*Server).viewsPush},
	"views.update":          {tier: 4, call: (*Server).viewsUpdate},
	"views.publish":         {tier: 4, call: (*Server).viewsPublish},
}

// ServeHTTP answers /api/<method>, the sockets and the response URLs.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begun := s.real()
	switch {
	case r.URL.Path == socketPath:
		s.serveSocket(w, r)
		return
	case strings.HasPrefix(r.URL.Path, responsePath):
		s.serveResponse(w, r)
		return
	}
	name, ok := strings.CutPrefix(r.URL.Path, "/api/")
	if !ok {
		http.NotFound(w, r)
		return
	}
	call, known := methods[name]
	if !known {
		s.refuse(w, name, fail("unknown_method"))
		return
	}
	args, token, bad := readArgs(w, r, s.cfg.BodyLimit)
	if bad != nil {
		s.refuse(w, name, bad)
		return
	}
	req := &request{ctx: r.Context(), method: name, args: args, begun: begun}
	if bad := s.authorized(call, token); bad != nil {
		s.refuse(w, name, bad)
		return
	}
	s.counts.requests.Add(1)
	s.answer(w, req, call)
}

// authorized judges the token as Slack does.
func (s *Server) authorized(m method, token string) *failure {
	s.mu.Lock()
	defer s.mu.Unlock()
	want := s.token
	if m.app {
		want = s.appToken
	}
	switch {
	case token == "":
		return fail("not_authed")
	case s.dead != "":
		return fail(s.dead)
	case m.app != strings.HasPrefix(token, "xapp-"):
		return fail("not_allowed_token_type")
	case token != want:
		return fail("invalid_auth")
	case m.scope != "":
		return s.needs(m.scope)
	}
	return nil
}

// needs asks for a scope; s.mu is held.
func (s *Server) needs(scope string) *failure {
	if s.cfg.Scopes == nil || slices.Contains(s.cfg.Scopes, scope) {
		s.usedScopes[scope] = true
		return nil
	}
	return &failure{code: "missing_scope", needed: scope, provided: strings.Join(s.cfg.Scopes, ",")}
}

// answer runs the faults that apply and, unless one of them ends it, the method.
func (s *Server) answer(w http.ResponseWriter, r *request, m method) {
	fault := s.faults.next(r)
	if fault.Do != SlowReply && !s.pause(r.ctx, fault.Delay) {
		cut(w)
		return
	}
	switch fault.Do {
	case SlowReply:
		result, bad := s.do(r, m)
		s.pause(r.ctx, fault.Delay)
		s.finish(w, r, result, bad)
	case CutRequest:
		cut(w)
	case Hang:
		s.pause(r.ctx, forever)
		cut(w)
	case ServerDown:
		writeHTML(w, http.StatusServiceUnavailable)
	case BadGateway:
		writeHTML(w, http.StatusBadGateway)
	case BareLimit:
		w.WriteHeader(http.StatusTooManyRequests)
	case Fail:
		s.refuse(w, r.method, fail(fault.Code))
	case TooMany:
		s.mu.Lock()
		wait := s.openWindow(r.method, s.limitTime(), time.Duration(fault.RetryAfter)*time.Second)
		s.mu.Unlock()
		s.limited(w, wait)
	case CutReply, HangReply, FailReply:
		_, _ = s.do(r, m)
		switch fault.Do {
		case FailReply:
			s.refuse(w, r.method, fail(fault.Code))
			return
		case HangReply:
			s.pause(r.ctx, forever)
		}
		cut(w)
	default:
		result, bad := s.do(r, m)
		s.finish(w, r, result, bad)
	}
}

func (s *Server) finish(w http.ResponseWriter, r *request, result map[string]any, bad *failure) {
	if bad != nil {
		s.refuse(w, r.method, bad)
		return
	}
	s.reply(w, result)
}

// do calls the method within its limits.
func (s *Server) do(r *request, m method) (map[string]any, *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.tier != special {
		if wait := s.spend(r, m.tier, ""); wait > 0 {
			return nil, &failure{code: "ratelimited", wait: wait}
		}
	}
	return m.call(s, r)
}

func (s *Server) reply(w http.ResponseWriter, result map[string]any) {
	result["ok"] = true
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	s.mu.Lock()
	scopes := s.cfg.Scopes
	body, err := json.Marshal(result) // a window's state goes on being filled by its person
	s.mu.Unlock()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if scopes != nil {
		w.Header().Set("X-OAuth-Scopes", strings.Join(scopes, ","))
	}
	_, _ = w.Write(append(body, '\n'))
}

func (s *Server) refuse(w http.ResponseWriter, name string, f *failure) {
	if f.wait > 0 {
		s.limited(w, f.wait)
		return
	}
	s.mu.Lock()
	s.refused = append(s.refused, Refusal{name, f.code, strings.Join(f.messages, "; ")})
	s.mu.Unlock()
	result := map[string]any{"ok": false, "error": f.code}
	if f.needed != "" {
		result["needed"], result["provided"] = f.needed, f.provided
	}
	if len(f.messages) > 0 {
		result["response_metadata"] = map[string]any{"messages": f.messages}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(result)
}

func (s *Server) limited(w http.ResponseWriter, wait int) {
	s.counts.tooMany.Add(1)
	w.Header().Set("Retry-After", strconv.Itoa(wait))
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(http.StatusTooManyRequests)
	_, _ = io.WriteString(w, `{"ok":false,"error":"ratelimited"}`)
}

// readArgs reads a form or a JSON object, and the token of either place.
func readArgs(w http.ResponseWriter, r *http.Request, limit int64) (map[string]json.RawMessage, string, *failure) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		return nil, "", fail("request_timeout")
	}
	args := map[string]json.RawMessage{}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case kind == "application/json":
		if len(body) > 0 && json.Unmarshal(body, &args) != nil {
			return nil, "", fail("invalid_json")
		}
	case kind == "application/x-www-form-urlencoded", len(body) == 0:
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, "", fail("invalid_form_data")
		}
		for key, all := range values {
			args[key], _ = json.Marshal(all[0])
		}
	default:
		return nil, "", fail("invalid_post_type")
	}
	var inBody string
	if json.Unmarshal(args["token"], &inBody) == nil && inBody != "" {
		token = inBody
	}
	if r.URL.Query().Get("token") != "" {
		return nil, "", fail("not_authed", "a token in the query string stands in every proxy's log")
	}
	return args, token, nil
}

// text is a plain argument; a number or a boolean as it is written.
func (r *request) text(key string) string {
	var s string
	if raw := r.args[key]; json.Unmarshal(raw, &s) != nil {
		s = string(raw)
	}
	return s
}

func (r *request) yes(key string) bool { v := r.text(key); return v == "true" || v == "1" }

// raw is a structured argument: JSON, or a string that holds JSON.
func (r *request) raw(key string) json.RawMessage {
	raw := r.args[key]
	var s string
	if json.Unmarshal(raw, &s) == nil {
		raw = json.RawMessage(s)
	}
	return raw
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
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

func writeHTML(w http.ResponseWriter, code int) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(code)
	_, _ = io.WriteString(w, "<!DOCTYPE html><html><title>Server Error</title><h1>Try again</h1></html>")
}
