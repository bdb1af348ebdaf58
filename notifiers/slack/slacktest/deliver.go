package slacktest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kinds of deliveries, as Socket Mode calls them.
const (
	eventsAPI    = "events_api"
	slashCommand = "slash_commands"
	interactive  = "interactive"
)

// Endpoints are the request URLs of an app that is called by HTTP.
type Endpoints struct{ Events, Commands, Interactions string }

// SetEndpoints lets deliveries go by signed HTTP; empty addresses end it, and
// sockets get them again. Slack proves the address of events with a challenge: its
// answer is returned.
func (s *Server) SetEndpoints(e Endpoints) (challenged bool) {
	s.mu.Lock()
	s.endpoint = e
	s.mu.Unlock()
	if e.Events == "" {
		return true
	}
	body := rawString(map[string]any{"type": "url_verification", "token": "legacy", "challenge": "prove-it"})
	status, answer := s.call(s.base, e.Events, "application/json", body, 0, "")
	var echoed struct{ Challenge string }
	_ = json.Unmarshal(answer, &echoed)
	return status == http.StatusOK && (echoed.Challenge == "prove-it" || string(answer) == "prove-it")
}

// delivery is one thing that the app is told.
type delivery struct {
	kind    string
	payload map[string]any
	accepts bool // an acknowledgement may carry an answer
	chat    string
	user    string
	channel string
	view    *view // of a submission
	deed    *Deed
	id      string // envelope
	retry   int
	reason  string
}

// emitEvent tells of an event where the app subscribes to it; s.mu is held.
func (s *Server) emitEvent(chat string, event map[string]any) {
	name, _ := event["type"].(string)
	if kind, _ := event["channel_type"].(string); name == "message" {
		name += "." + map[string]string{"im": "im", "channel": "channels", "group": "groups"}[kind]
	}
	if s.cfg.Events != nil && !slices.Contains(s.cfg.Events, name) {
		return
	}
	if event["event_ts"] == nil {
		event["event_ts"] = s.stamp()
	}
	s.emit(delivery{kind: eventsAPI, chat: chat, payload: map[string]any{
		"token": "legacy", "team_id": s.cfg.Team, "api_app_id": "A0ARIFA", "event": event, "type": "event_callback",
		"event_id": s.id("Ev"), "event_time": s.now().Unix(),
	}})
}

// emit delivers in the background; s.mu is held.
func (s *Server) emit(d delivery) *Deed {
	d.deed = &Deed{done: make(chan struct{})}
	d.id = s.id("envelope-")
	before, tried := s.order[d.chat], make(chan struct{})
	s.order[d.chat] = tried
	s.working.Go(func() {
		defer close(d.deed.done)
		if before != nil {
			<-before
		}
		d.deed.ack = s.deliver(&d, tried)
		s.settle(&d)
	})
	return d.deed
}

// deliver tries once, and an event again as Slack does. What else happens in the
// chat comes behind the first try.
func (s *Server) deliver(d *delivery, tried chan struct{}) Ack {
	for {
		s.counts.deliveries.Add(1)
		ack, reason := s.try(d)
		if d.retry == 0 {
			close(tried)
		}
		if ack.OK {
			return ack
		}
		s.counts.unacked.Add(1)
		if d.kind != eventsAPI || d.retry >= len(s.cfg.RetryAfter) || !s.pause(s.base, s.cfg.RetryAfter[d.retry]) || s.base.Err() != nil {
			return ack
		}
		d.retry++
		d.reason = reason
		s.counts.retries.Add(1)
	}
}

func (s *Server) try(d *delivery) (Ack, string) {
	ctx, cancel := context.WithTimeout(s.base, s.cfg.AckWithin)
	defer cancel()
	s.mu.Lock()
	e := s.endpoint
	s.mu.Unlock()
	if e.Events != "" {
		return s.post(ctx, d, e)
	}
	return s.sendToSocket(ctx, d)
}

// post delivers by signed HTTP.
func (s *Server) post(ctx context.Context, d *delivery, e Endpoints) (Ack, string) {
	var status int
	var answer []byte
	switch d.kind {
	case eventsAPI:
		status, answer = s.call(ctx, e.Events, "application/json", rawString(d.payload), d.retry, d.reason)
	case slashCommand:
		form := url.Values{}
		for k, v := range d.payload {
			form.Set(k, v.(string))
		}
		status, answer = s.call(ctx, e.Commands, formType, []byte(form.Encode()), 0, "")
	default:
		form := url.Values{"payload": {string(rawString(d.payload))}}
		status, answer = s.call(ctx, e.Interactions, formType, []byte(form.Encode()), 0, "")
	}
	ack := Ack{OK: status == http.StatusOK, Status: status}
	if len(bytes.TrimSpace(answer)) > 0 && ack.OK {
		ack.Body = answer
	}
	if status == 0 {
		return ack, "http_timeout"
	}
	return ack, "http_error"
}

const formType = "application/x-www-form-urlencoded"

// call makes one signed request.
func (s *Server) call(ctx context.Context, address, kind string, body []byte, retry int, reason string) (int, []byte) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, nil
	}
	r.Header = s.Sign(body, s.now())
	r.Header.Set("Content-Type", kind)
	if retry > 0 {
		r.Header.Set("X-Slack-Retry-Num", strconv.Itoa(retry))
		r.Header.Set("X-Slack-Retry-Reason", reason)
	}
	answer, err := s.client.Do(r)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = answer.Body.Close() }()
	data, _ := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	return answer.StatusCode, data
}

// Sign makes the headers that prove a body to be Slack's at a time.
func (s *Server) Sign(body []byte, at time.Time) http.Header {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(s.cfg.Secret))
	_, _ = mac.Write([]byte("v0:" + stamp + ":"))
	_, _ = mac.Write(body)
	h := http.Header{}
	h.Set("X-Slack-Request-Timestamp", stamp)
	h.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	return h
}

// settle lets the acknowledgement do what it says.
func (s *Server) settle(d *delivery) {
	ack := &d.deed.ack
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.news()
	if !ack.OK || len(ack.Body) == 0 {
		if d.view != nil && ack.OK {
			s.pop(d.view)
		}
		return
	}
	switch {
	case d.view != nil:
		s.responded(d.view, ack.Body)
	case d.kind == slashCommand:
		s.answered(d, ack)
	}
}

// answered shows the answer to a command; s.mu is held.
func (s *Server) answered(d *delivery, ack *Ack) {
	r := &request{method: "response", begun: s.real(), args: map[string]json.RawMessage{}}
	if json.Unmarshal(ack.Body, &r.args) != nil {
		r.args = map[string]json.RawMessage{"text": rawString(string(ack.Body))}
	}
	words, bad := contentOf(r, nil)
	c := s.channels[d.channel]
	if bad != nil || c == nil {
		return
	}
	ack.Told = s.whisper(r, c, d.user, words).Text
}

// pop closes the top view, as a submission without an answer does.
func (s *Server) pop(v *view) {
	v.closed = true
	s.stacks[v.user] = slices.DeleteFunc(slices.Clone(s.stacks[v.user]), func(o *view) bool { return o == v })
	if len(s.stacks[v.user]) == 0 {
		delete(s.stacks, v.user)
	}
}

// responded obeys a response_action; s.mu is held.
func (s *Server) responded(v *view, body json.RawMessage) {
	var answer struct {
		Action string            `json:"response_action"`
		View   json.RawMessage   `json:"view"`
		Errors map[string]string `json:"errors"`
	}
	if json.Unmarshal(body, &answer) != nil {
		s.refused = append(s.refused, Refusal{"view_submission", "invalid_response", string(body)})
		return
	}
	switch answer.Action {
	case "":
		s.pop(v)
	case "clear":
		s.closeStack(v.user)
	case "errors":
		for id := range answer.Errors {
			if !slices.ContainsFunc(v.parsed, func(b block) bool { return b.BlockID == id && b.Type == "input" }) {
				s.refused = append(s.refused, Refusal{"view_submission", "invalid_response", "errors name no input: " + id})
				return
			}
		}
		v.errors = maps.Clone(answer.Errors)
	case "update", "push":
		next, blocks, bad := s.readView(answer.View, "modal")
		if bad != nil {
			s.refused = append(s.refused, Refusal{"view_submission", bad.code, strings.Join(bad.messages, "; ")})
			return
		}
		if answer.Action == "push" {
			_, _ = s.push(v.user, next, blocks)
			return
		}
		s.replace(v, next, blocks)
	default:
		s.refused = append(s.refused, Refusal{"view_submission", "invalid_response", answer.Action})
	}
}
