package slack

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"strings"
)

// Kinds of what Slack tells, as Socket Mode calls them.
const (
	kindEvent       = "events_api"
	kindCommand     = "slash_commands"
	kindInteraction = "interactive"
)

// envelope is what is stored: the same whether it came through a socket or by HTTP.
type envelope struct {
	Kind    string          `json:"kind"`
	Payload json.RawMessage `json:"payload"`
}

// errUndecodable is something that this release cannot read: a kind that is newer
// than it is, or rubbish. It is laid aside at once.
var errUndecodable = errors.New("nothing that this release can read")

// heard is what the receiver reads of a payload before it is stored: who and where,
// never what.
type heard struct {
	Kind    string `json:"-"`
	Type    string `json:"type"` // of an interaction or of the outer event
	TeamID  string `json:"team_id"`
	EventID string `json:"event_id"`
	Trigger string `json:"trigger_id"`
	Respond string `json:"response_url"`
	// of a command
	Command   string `json:"command"`
	Words     string `json:"text"`
	ChannelID string `json:"channel_id"`
	UserID    string `json:"user_id"`
	// of an interaction
	Team struct {
		ID string `json:"id"`
	} `json:"team"`
	User    anyUser `json:"user"`
	Actions []struct {
		Action string `json:"action_id"`
		Block  string `json:"block_id"`
		Value  string `json:"value"`
		At     string `json:"action_ts"`
	} `json:"actions"`
	Container struct {
		Type      string `json:"type"`
		Channel   string `json:"channel_id"`
		Message   string `json:"message_ts"`
		Ephemeral bool   `json:"is_ephemeral"`
		View      string `json:"view_id"`
	} `json:"container"`
	View  *view `json:"view"`
	Event struct {
		Type    string  `json:"type"`
		User    anyUser `json:"user"`
		Channel anyID   `json:"channel"`
		Old     string  `json:"old_channel_id"`
	} `json:"event"`
	Challenge string `json:"challenge"`
}

// view is what comes back of a modal.
type view struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	Callback string `json:"callback_id"`
	External string `json:"external_id"`
	Metadata string `json:"private_metadata"`
	Hash     string `json:"hash"`
	Blocks   []struct {
		Type string `json:"type"`
		ID   string `json:"block_id"`
	} `json:"blocks"`
	State struct {
		Values map[string]map[string]filled `json:"values"`
	} `json:"state"`
}

// filled is what was put into one input.
type filled struct {
	Type    string   `json:"type"`
	Value   string   `json:"value"`
	Option  *picked  `json:"selected_option"`
	Options []picked `json:"selected_options"`
	Time    int64    `json:"selected_date_time"`
}

type picked struct {
	Value string `json:"value"`
}

// anyUser is an id, or an object with one.
type anyUser struct{ ID, Team string }

func (u *anyUser) UnmarshalJSON(b []byte) error {
	var o struct {
		ID   string `json:"id"`
		Team string `json:"team_id"`
	}
	if json.Unmarshal(b, &u.ID) == nil {
		return nil
	}
	if json.Unmarshal(b, &o) == nil {
		u.ID, u.Team = o.ID, o.Team
	}
	return nil // a shape that is newer than we are names nobody
}

// anyID is an id, or an object with one and a name.
type anyID struct{ ID, Name string }

func (a *anyID) UnmarshalJSON(b []byte) error {
	var o struct{ ID, Name string }
	if json.Unmarshal(b, &a.ID) != nil && json.Unmarshal(b, &o) == nil {
		*a = anyID(o)
	}
	return nil
}

// read takes from a payload who did what; lenient, so that something that cannot be
// read further still has its id.
func read(kind string, payload json.RawMessage) heard {
	h := heard{Kind: kind}
	_ = json.Unmarshal(payload, &h)
	return h
}

// workspace is the one of the person, or of the event.
func (h heard) workspace() string {
	switch {
	case h.User.Team != "":
		return h.User.Team
	case h.Team.ID != "":
		return h.Team.ID
	}
	return h.TeamID
}

// person is who did it; empty for what no person did.
func (h heard) person() string {
	for _, id := range []string{h.User.ID, h.UserID, h.Event.User.ID} {
		if id != "" {
			return id
		}
	}
	return ""
}

// chat is within which order is kept: one person, or else one channel.
func (h heard) chat() string {
	if h.Kind == kindEvent && h.Event.Type != "message" && h.Event.Type != "app_home_opened" {
		return "channel " + or(h.Event.Channel.ID, h.Event.Old)
	}
	return h.person()
}

// id is the same for a thing that is told again, and differs from any other: what
// Slack tells has names, the inbox numbers. Something without a name is its own.
func (h heard) id(payload []byte) int64 {
	name := h.EventID
	if name == "" && h.Trigger != "" {
		name = h.Kind + " " + h.Trigger
	}
	if name == "" && len(h.Actions) > 0 && h.Actions[0].At != "" {
		name = strings.Join([]string{h.Kind, h.person(), h.Actions[0].Action, h.Actions[0].At}, " ")
	}
	if name == "" {
		name = h.Kind + " " + string(payload)
	}
	sum := sha256.Sum256([]byte(name))
	return int64(binary.BigEndian.Uint64(sum[:8])>>1) | 1
}

// firstInput is a block under which an error can stand.
func (v *view) firstInput() string {
	for _, b := range v.Blocks {
		if b.Type == "input" {
			return b.ID
		}
	}
	return ""
}
