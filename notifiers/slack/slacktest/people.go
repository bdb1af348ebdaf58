package slacktest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Deed is something that a person did and that the app is told of.
type Deed struct {
	done chan struct{}
	ack  Ack
}

// Ack is what came of it.
type Ack struct {
	OK     bool            // the app acknowledged it in time
	Status int             // of an HTTP delivery
	Body   json.RawMessage // the payload of the acknowledgement; nil = none
	// Told is what the person reads of it at once: an ephemeral answer of a command.
	Told string
}

// Wait returns what came of it, after the acknowledgement or its time limit.
func (d *Deed) Wait() Ack {
	<-d.done
	return d.ack
}

// Say writes a direct message to the bot.
func (s *Server) Say(person, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.mustUser(person); err != nil {
		return err
	}
	return s.say(s.im(person), person, text)
}

// Share passes somebody else's message on to the bot, as "Share message" does.
func (s *Server) Share(person, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.mustUser(person); err != nil {
		return err
	}
	return s.say(s.im(person), person, "", map[string]any{"is_share": true, "is_msg_unfurl": true, "text": escaped.Replace(text), "fallback": escaped.Replace(text)})
}

// SayIn writes a message in a channel, which the app hears of only where it
// subscribes to it.
func (s *Server) SayIn(channel, person, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channel]
	if c == nil || !c.has(person) {
		return fmt.Errorf("slacktest: %s is not in %s", person, channel)
	}
	return s.say(c, person, text)
}

// escaped is a text as Slack hands it on.
var escaped = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func (s *Server) say(c *channel, person, text string, attached ...map[string]any) error {
	m := &message{user: person, content: content{fallback: escaped.Replace(text)}}
	s.add(c, m)
	s.news()
	kind := "channel"
	switch {
	case c.im != "":
		kind = "im"
	case c.Private:
		kind = "group"
	}
	event := s.wire(m, false)
	event["channel"], event["channel_type"], event["event_ts"], event["client_msg_id"] = c.ID, kind, m.ts, s.id("M")
	if len(attached) > 0 {
		event["attachments"] = attached
	}
	s.emitEvent(c.ID, event)
	return nil
}

// Command types a slash command in a channel, or in a direct message by the DM's id.
func (s *Server) Command(person, channel, command, words string) (*Deed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.mustUser(person)
	c := s.channels[channel]
	switch {
	case err != nil:
		return nil, err
	case c == nil || c.deleted:
		return nil, fmt.Errorf("slacktest: no channel %s", channel)
	case s.cfg.Commands != nil && !slices.Contains(s.cfg.Commands, command):
		return nil, fmt.Errorf("slacktest: %s is not a valid command", command)
	}
	name := c.Name
	if c.Private {
		name = "privategroup"
	}
	if c.im != "" {
		name = "directmessage"
	}
	payload := map[string]any{"token": "legacy", "team_id": u.Team, "team_domain": "kenya", "channel_id": c.ID, "channel_name": name,
		"user_id": person, "user_name": u.Name, "command": command, "text": words, "api_app_id": "A0ARIFA",
		"is_enterprise_install": "false", "response_url": s.responseURL(c, person, ""), "trigger_id": s.trigger(person)}
	return s.emit(delivery{kind: slashCommand, payload: payload, accepts: true, chat: person, user: person, channel: c.ID}), nil
}

// Press presses a button under a message, which must have it in its present
// version; the label may be its beginning.
func (s *Server) Press(person, channel, ts, label string) (*Deed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channel]
	if c == nil || !c.has(person) && c.Private {
		return nil, fmt.Errorf("slacktest: %s does not see %s", person, channel)
	}
	if m := c.find(ts); m != nil {
		b, ok := m.open(c).Button(label)
		if !ok {
			return nil, fmt.Errorf("slacktest: no button %q under:\n%s", label, m.plain())
		}
		return s.pressed(person, c, m.ts, s.wire(m, false), b, false), nil
	}
	for _, e := range s.ephemerals[person] {
		if b, ok := e.Button(label); ok && e.TS == ts {
			return s.pressed(person, c, ts, map[string]any{"type": "message", "ts": ts}, b, true), nil
		}
	}
	return nil, fmt.Errorf("slacktest: no message %s in %s", ts, channel)
}

func (s *Server) pressed(person string, c *channel, ts string, message map[string]any, b Button, whispered bool) *Deed {
	payload := s.interaction("block_actions", person)
	payload["container"] = map[string]any{"type": "message", "message_ts": ts, "channel_id": c.ID, "is_ephemeral": whispered}
	payload["channel"], payload["message"] = map[string]any{"id": c.ID, "name": c.Name}, message
	payload["response_url"] = s.responseURL(c, person, ts)
	payload["actions"] = []any{s.action(b)}
	return s.emit(delivery{kind: interactive, payload: payload, chat: person, user: person, channel: c.ID})
}

func (s *Server) action(b Button) map[string]any {
	return map[string]any{"type": "button", "block_id": b.BlockID, "action_id": b.ActionID, "value": b.Value,
		"text": map[string]any{"type": "plain_text", "text": b.Label}, "action_ts": s.stamp()}
}

func (s *Server) interaction(kind, person string) map[string]any {
	u := s.users[person]
	return map[string]any{"type": kind, "token": "legacy", "api_app_id": "A0ARIFA", "trigger_id": s.trigger(person),
		"team":                  map[string]any{"id": s.cfg.Team, "domain": "kenya"},
		"user":                  map[string]any{"id": person, "username": u.Name, "name": u.Name, "team_id": u.Team},
		"is_enterprise_install": false, "enterprise": nil}
}

// OpenHome opens the App Home's tab "home" or "messages".
func (s *Server) OpenHome(person, tab string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.emitEvent(person, map[string]any{"type": "app_home_opened", "user": person, "channel": s.im(person).ID, "tab": tab, "event_ts": s.stamp()})
}

// View is a modal or an App Home as a person sees it.
type View struct {
	ID, Title, Text, Submit, CallbackID, Metadata string
	Buttons                                       []Button
	Inputs                                        []Input
	Errors                                        []string
	Blocks                                        json.RawMessage
}

// Input is one thing to fill in.
type Input struct {
	Label, BlockID, ActionID, Type string
	Options                        []string // their texts
	Value                          []string // what is filled in: a text, or the texts of the options chosen
}

// Modal is the open modal of a person; false where none is open.
func (s *Server) Modal(person string) (View, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.modal(person)
}

func (s *Server) modal(person string) (View, bool) {
	stack := s.stacks[person]
	if len(stack) == 0 {
		return View{}, false
	}
	return stack[len(stack)-1].open(), true
}

// Home is the App Home that was published for a person.
func (s *Server) Home(person string) (View, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.homes[person]
	if v == nil {
		return View{}, false
	}
	return v.open(), true
}

func (v *view) open() View {
	out := View{ID: v.id, Text: v.plain(), CallbackID: v.CallbackID, Metadata: v.Metadata, Buttons: buttonsOf(v.parsed), Blocks: v.Blocks}
	if v.Title != nil {
		out.Title = v.Title.plain()
	}
	if v.Submit != nil {
		out.Submit = v.Submit.plain()
	}
	for _, b := range v.parsed {
		for _, e := range b.inputs() {
			in := Input{BlockID: b.BlockID, ActionID: e.ActionID, Type: e.Type, Value: chosen(v.state[b.BlockID][e.ActionID])}
			if b.Label != nil {
				in.Label = b.Label.plain()
			}
			for _, o := range e.Options {
				in.Options = append(in.Options, o.Text.plain())
			}
			out.Inputs = append(out.Inputs, in)
		}
	}
	for block, text := range v.errors {
		out.Errors = append(out.Errors, block+": "+text)
	}
	slices.Sort(out.Errors)
	return out
}

func chosen(value map[string]any) (out []string) {
	for _, v := range value {
		switch v := v.(type) {
		case map[string]any:
			out = append(out, v["text"].(map[string]any)["text"].(string))
		case []any:
			for _, o := range v {
				out = append(out, o.(map[string]any)["text"].(map[string]any)["text"].(string))
			}
		case int64:
			out = append(out, time.Unix(v, 0).UTC().Format(time.RFC3339))
		case string:
			if v != value["type"] {
				out = append(out, v)
			}
		}
	}
	return out
}

// Fill writes into an input of the open modal, found by its label, block or
// action: a text, the texts of options, or a time in RFC 3339.
func (s *Server) Fill(person, label string, values ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	stack := s.stacks[person]
	if len(stack) == 0 {
		return errors.New("slacktest: no modal is open")
	}
	v := stack[len(stack)-1]
	for _, b := range v.parsed {
		for _, e := range b.inputs() {
			if b.BlockID != label && e.ActionID != label && (b.Label == nil || !strings.HasPrefix(b.Label.plain(), label)) {
				continue
			}
			value, err := e.filled(values)
			if err == nil {
				v.state[b.BlockID][e.ActionID] = value
			}
			return err
		}
	}
	return fmt.Errorf("slacktest: no input %q in:\n%s", label, v.plain())
}

func (e *element) filled(values []string) (map[string]any, error) {
	out := map[string]any{"type": e.Type}
	options := []any{}
	for _, want := range values {
		switch e.Type {
		case "plain_text_input":
			out["value"] = want
			return out, nil
		case "datetimepicker":
			at, err := time.Parse(time.RFC3339, want)
			out["selected_date_time"] = at.Unix()
			return out, err
		}
		i := slices.IndexFunc(e.Options, func(o *option) bool {
			return o.Value == want || o.Text.plain() == want || strings.HasPrefix(o.Text.plain(), want)
		})
		if i < 0 {
			return nil, fmt.Errorf("slacktest: no option %q", want)
		}
		options = append(options, wireOption(e.Options[i]))
	}
	switch e.Type {
	case "plain_text_input":
		out["value"] = nil
	case "static_select", "radio_buttons":
		if out["selected_option"] = nil; len(options) > 0 {
			out["selected_option"] = options[0]
		}
	default:
		out["selected_options"] = options
	}
	return out, nil
}

// Submit presses the submit button of the open modal. Slack itself refuses one
// that is not filled in.
func (s *Server) Submit(person string) (*Deed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stack := s.stacks[person]
	if len(stack) == 0 {
		return nil, errors.New("slacktest: no modal is open")
	}
	v := stack[len(stack)-1]
	if v.viewBody.Submit == nil {
		return nil, fmt.Errorf("slacktest: nothing to submit in:\n%s", v.plain())
	}
	if missing := v.emptyRequired(); len(missing) > 0 {
		return nil, fmt.Errorf("slacktest: %s", strings.Join(missing, "; "))
	}
	payload := s.interaction("view_submission", person)
	payload["view"], payload["response_urls"] = s.wireView(v), []any{}
	return s.emit(delivery{kind: interactive, payload: payload, accepts: true, chat: person, user: person, view: v}), nil
}

// PressIn presses a button of the open modal or, where none is open, of the App
// Home.
func (s *Server) PressIn(person, label string) (*Deed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.homes[person]
	if stack := s.stacks[person]; len(stack) > 0 {
		v = stack[len(stack)-1]
	}
	if v == nil {
		return nil, errors.New("slacktest: neither a modal nor a home is there")
	}
	b, ok := buttonIn(buttonsOf(v.parsed), label)
	if !ok {
		return nil, fmt.Errorf("slacktest: no button %q in:\n%s", label, v.plain())
	}
	payload := s.interaction("block_actions", person)
	payload["container"] = map[string]any{"type": "view", "view_id": v.id}
	payload["view"], payload["actions"] = s.wireView(v), []any{s.action(b)}
	return s.emit(delivery{kind: interactive, payload: payload, chat: person, user: person}), nil
}

// CloseModal closes all that is open.
func (s *Server) CloseModal(person string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closeStack(person)
}

func (s *Server) closeStack(person string) {
	for _, v := range s.stacks[person] {
		v.closed = true
	}
	delete(s.stacks, person)
	s.news()
}

// PressOld presses a button of a message as somebody saw it before, as a client
// does that has not heard of the change yet.
func (s *Server) PressOld(person string, m Message, label string) (*Deed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, b := s.channels[m.Channel], Button{}
	if c != nil {
		b, _ = m.Button(label)
	}
	if b.ActionID == "" {
		return nil, fmt.Errorf("slacktest: the message had no button %q", label)
	}
	return s.pressed(person, c, m.TS, map[string]any{"type": "message", "ts": m.TS}, b, false), nil
}
