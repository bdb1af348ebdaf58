package slacktest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// trigger opens one view, once, for three seconds.
type trigger struct {
	user string
	born time.Time // real
	used bool
}

// view is an open modal, or somebody's App Home.
type view struct {
	id, user, hash string
	root, previous string
	viewBody
	parsed []block
	state  map[string]map[string]map[string]any // block → action → what was filled in
	errors map[string]string                    // shown under inputs
	closed bool
}

// viewBody is what a method may say of a view.
type viewBody struct {
	Type       string          `json:"type"`
	Title      *text           `json:"title,omitempty"`
	Submit     *text           `json:"submit,omitempty"`
	Close      *text           `json:"close,omitempty"`
	Blocks     json.RawMessage `json:"blocks"`
	Metadata   string          `json:"private_metadata"`
	CallbackID string          `json:"callback_id"`
	ExternalID string          `json:"external_id"`
	Clear      bool            `json:"clear_on_close"`
	Notify     bool            `json:"notify_on_close"`
}

// trigger makes a trigger_id; s.mu is held.
func (s *Server) trigger(user string) string {
	id := s.id("") + ".1111." + strings.ToLower(user)
	s.triggers[id] = &trigger{user: user, born: time.Now()}
	return id
}

// redeem uses a trigger up.
func (s *Server) redeem(id string) (user string, bad *failure) {
	t := s.triggers[id]
	switch {
	case t == nil:
		return "", fail("invalid_trigger_id")
	case t.used:
		return "", fail("exchanged_trigger_id")
	case time.Since(t.born) > s.cfg.TriggerLife:
		return "", fail("expired_trigger_id")
	}
	t.used = true
	return t.user, nil
}

// readView judges a view as Slack does.
func (s *Server) readView(raw json.RawMessage, kind string) (viewBody, []block, *failure) {
	var b viewBody
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&b); err != nil {
		return b, nil, fail("invalid_arguments", "view: "+err.Error())
	}
	where := onModal
	if kind == "home" {
		where = onHome
	}
	blocks, faults, _ := parseBlocks(b.Blocks, where)
	c := &checker{faults: faults, at: "/view"}
	if b.Type != kind {
		c.fault("the view is no %s", kind)
	}
	c.longest("private_metadata", b.Metadata, 3000)
	c.longest("callback_id", b.CallbackID, 255)
	c.longest("external_id", b.ExternalID, 255)
	c.many("blocks", len(blocks), 1, maxViewBlocks)
	if kind == "modal" {
		c.text(b.Title, 24, "plain_text")
		for _, t := range []*text{b.Submit, b.Close} {
			if t != nil {
				c.text(t, 24, "plain_text")
			}
		}
		if b.Submit == nil && slices.ContainsFunc(blocks, func(b block) bool { return b.Type == "input" }) {
			c.fault("a modal with inputs needs a submit")
		}
	}
	switch {
	case len(raw) > 250_000:
		return b, nil, fail("view_too_large")
	case len(c.faults) > 0:
		return b, nil, fail("invalid_arguments", c.faults...)
	}
	return b, blocks, nil
}

func (s *Server) viewsOpen(r *request) (map[string]any, *failure) {
	body, blocks, bad := s.readView(r.raw("view"), "modal")
	if bad != nil {
		return nil, bad
	}
	if bad := s.freeExternal(body.ExternalID, nil); bad != nil {
		return nil, bad
	}
	user, bad := s.redeem(r.text("trigger_id"))
	if bad != nil {
		return nil, bad
	}
	for _, old := range s.stacks[user] {
		old.closed = true
	}
	v := s.newView(user, body, blocks)
	s.stacks[user] = []*view{v}
	s.news()
	return map[string]any{"view": s.wireView(v)}, nil
}

func (s *Server) viewsPush(r *request) (map[string]any, *failure) {
	body, blocks, bad := s.readView(r.raw("view"), "modal")
	if bad != nil {
		return nil, bad
	}
	user, bad := s.redeem(r.text("trigger_id"))
	if bad != nil {
		return nil, bad
	}
	v, bad := s.push(user, body, blocks)
	if bad != nil {
		return nil, bad
	}
	return map[string]any{"view": s.wireView(v)}, nil
}

func (s *Server) push(user string, body viewBody, blocks []block) (*view, *failure) {
	stack := s.stacks[user]
	switch {
	case len(stack) == 0:
		return nil, fail("not_found")
	case len(stack) >= 3:
		return nil, fail("push_limit_reached")
	}
	v := s.newView(user, body, blocks)
	v.root, v.previous = stack[0].id, stack[len(stack)-1].id
	s.stacks[user] = append(stack, v)
	s.news()
	return v, nil
}

func (s *Server) newView(user string, body viewBody, blocks []block) *view {
	v := &view{id: s.id("V"), user: user, viewBody: body, parsed: blocks}
	v.root = v.id
	v.fillInitial(nil)
	v.hash = fmt.Sprintf("%d.%s", s.now().Unix(), v.id)
	s.views[v.id] = v
	return v
}

func (s *Server) freeExternal(id string, but *view) *failure {
	for _, v := range s.views {
		if id != "" && v != but && !v.closed && v.ExternalID == id {
			return fail("duplicate_external_id")
		}
	}
	return nil
}

func (s *Server) viewsUpdate(r *request) (map[string]any, *failure) {
	body, blocks, bad := s.readView(r.raw("view"), "modal")
	if bad != nil {
		return nil, bad
	}
	v := s.views[r.text("view_id")]
	if external := r.text("external_id"); v == nil && external != "" {
		for _, o := range s.views {
			if o.ExternalID == external && !o.closed {
				v = o
			}
		}
	}
	switch {
	case v == nil, v.closed, v.Type != "modal":
		return nil, fail("not_found")
	case r.text("hash") != "" && r.text("hash") != v.hash:
		return nil, fail("hash_conflict")
	}
	if bad := s.freeExternal(body.ExternalID, v); bad != nil {
		return nil, bad
	}
	s.replace(v, body, blocks)
	return map[string]any{"view": s.wireView(v)}, nil
}

// replace puts another view in place; what was filled in stays where block and
// action keep their ids.
func (s *Server) replace(v *view, body viewBody, blocks []block) {
	v.viewBody, v.parsed, v.errors = body, blocks, nil
	v.fillInitial(v.state)
	v.hash = fmt.Sprintf("%d.%s", s.now().Unix(), s.id("h"))
	s.news()
}

func (s *Server) viewsPublish(r *request) (map[string]any, *failure) {
	user := r.text("user_id")
	if s.users[user] == nil {
		return nil, fail("user_not_found")
	}
	body, blocks, bad := s.readView(r.raw("view"), "home")
	if bad != nil {
		return nil, bad
	}
	v := s.newView(user, body, blocks)
	s.homes[user] = v
	s.record(r, Entry{User: user, Kind: Home}, v.plain())
	return map[string]any{"view": s.wireView(v)}, nil
}

func (v *view) plain() string { return content{blocks: v.parsed}.plain() }

// fillInitial gives every element its first value, or the one it had.
func (v *view) fillInitial(old map[string]map[string]map[string]any) {
	v.state = map[string]map[string]map[string]any{}
	for _, b := range v.parsed {
		for _, e := range b.inputs() {
			value, had := old[b.BlockID][e.ActionID]
			if !had {
				value = e.initial()
			}
			if v.state[b.BlockID] == nil {
				v.state[b.BlockID] = map[string]map[string]any{}
			}
			v.state[b.BlockID][e.ActionID] = value
		}
	}
}

// inputs are the elements of a block that hold a value.
func (b block) inputs() (out []*element) {
	for _, e := range append(slices.Clone(b.Elements), b.Accessory, b.Element) {
		if e != nil && e.Type != "button" && elementKinds[e.Type].input {
			out = append(out, e)
		}
	}
	return out
}

func (e *element) initial() map[string]any {
	out := map[string]any{"type": e.Type}
	switch e.Type {
	case "plain_text_input":
		out["value"] = any(nil)
		if e.InitialValue != "" {
			out["value"] = e.InitialValue
		}
	case "datetimepicker":
		out["selected_date_time"] = any(nil)
		if e.InitialTime != 0 {
			out["selected_date_time"] = e.InitialTime
		}
	case "static_select", "radio_buttons":
		out["selected_option"] = any(nil)
		if e.InitialOption != nil {
			out["selected_option"] = wireOption(e.InitialOption)
		}
	default:
		all := []any{}
		for _, o := range e.InitialOptions {
			all = append(all, wireOption(o))
		}
		out["selected_options"] = all
	}
	return out
}

func wireOption(o *option) map[string]any {
	return map[string]any{"text": map[string]any{"type": o.Text.Type, "text": o.Text.Text}, "value": o.Value}
}

// wireView is a view as payloads carry it; s.mu is held.
func (s *Server) wireView(v *view) map[string]any {
	out := map[string]any{"id": v.id, "team_id": s.cfg.Team, "type": v.Type, "blocks": v.Blocks, "private_metadata": v.Metadata,
		"callback_id": v.CallbackID, "external_id": v.ExternalID, "hash": v.hash, "root_view_id": v.root, "app_id": "A0ARIFA",
		"bot_id": "B0ARIFA", "app_installed_team_id": s.cfg.Team, "state": map[string]any{"values": v.state}}
	if v.previous != "" {
		out["previous_view_id"] = v.previous
	}
	if v.Title != nil {
		out["title"] = v.Title
	}
	return out
}

// emptyRequired lists the inputs that must be filled in and are not.
func (v *view) emptyRequired() (out []string) {
	for _, b := range v.parsed {
		if b.Type != "input" {
			continue
		}
		value := v.state[b.BlockID][b.Element.ActionID]
		filled := false
		for key, one := range value {
			switch got := one.(type) {
			case string:
				filled = filled || key == "value" && got != ""
			case []any:
				filled = filled || len(got) > 0
			case nil:
			default:
				filled = true
			}
		}
		text, _ := value["value"].(string)
		n := utf8.RuneCountInString(text)
		switch {
		case !filled && !b.Optional:
			out = append(out, b.Label.plain()+": required")
		case filled && b.Element.Type == "plain_text_input" && (n < b.Element.MinLength || b.Element.MaxLength > 0 && n > b.Element.MaxLength):
			out = append(out, fmt.Sprintf("%s: %d to %d characters, not %d", b.Label.plain(), b.Element.MinLength, b.Element.MaxLength, n))
		}
	}
	return out
}
