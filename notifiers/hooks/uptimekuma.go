package hooks

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// beat is what Uptime Kuma posts with the content type application/json: heartbeat,
// monitor and msg (server/notification-providers/webhook.js). Its "Test" button and
// its warnings of certificates send msg alone.
type beat struct {
	Heartbeat *struct {
		Monitor flexible `json:"monitorID"`
		Status  *int     `json:"status"`
		Time    string   `json:"time"` // UTC, "2024-09-24 23:51:35.527"
		Msg     string   `json:"msg"`
	} `json:"heartbeat"`
	Monitor *struct {
		ID   flexible          `json:"id"`
		Name string            `json:"name"`
		Type string            `json:"type"`
		URL  string            `json:"url"`
		Path string            `json:"pathName"` // "Group / Monitor"
		Tags []json.RawMessage `json:"tags"`
	} `json:"monitor"`
	Msg *string `json:"msg"`
}

// The states of a heartbeat (server/model/heartbeat.js).
const (
	kumaDown = iota
	kumaUp
	kumaPending
	kumaMaintenance
)

func readUptimeKuma(body []byte) ([]word, error) {
	var b beat
	if err := json.Unmarshal(body, &b); err != nil {
		return nil, notJSON(err)
	}
	if b.Heartbeat == nil {
		if b.Msg == nil {
			return nil, errors.New(`neither "heartbeat" nor "msg" is there; choose the preset application/json`)
		}
		return []word{{name: "a message without a heartbeat", quiet: true}}, nil
	}
	id := b.Heartbeat.Monitor
	w := word{name: "monitor " + string(id), about: map[string][]string{}, when: kumaTime(b.Heartbeat.Time), say: b.Heartbeat.Msg}
	if m := b.Monitor; m != nil {
		if id == "" {
			id = m.ID
		}
		if m.Name != "" {
			w.name, w.say = "monitor "+clean(m.Name, mostName), "["+m.Name+"] "+b.Heartbeat.Msg
		}
		w.about = map[string][]string{"monitor": {m.Name}, "type": {m.Type}, "url": {m.URL}, "path": {m.Path}, "tag": kumaTags(m.Tags)}
	}
	w.about["id"] = []string{string(id)}
	w.key = keyOf("monitor", string(id))
	switch status := b.Heartbeat.Status; {
	case id == "":
		return nil, errors.New(`neither "heartbeat.monitorID" nor "monitor.id" is there`)
	case status == nil:
		return nil, errors.New(`"heartbeat.status" is missing`)
	case *status == kumaDown:
		w.firing = true
	case *status == kumaUp:
	case *status == kumaPending, *status == kumaMaintenance:
		w.quiet = true
	default:
		return nil, fmt.Errorf(`"heartbeat.status" is %d: it is 0 (down) to 3 (maintenance)`, *status)
	}
	return []word{w}, nil
}

// kumaTime reads Uptime Kuma's time; a strange one is none.
func kumaTime(s string) time.Time {
	for _, form := range []string{"2006-01-02 15:04:05", time.RFC3339} {
		if t, err := time.Parse(form, s); err == nil {
			return t
		}
	}
	return time.Time{}
}

// kumaTags are the names of tags, and name:value where there is a value.
func kumaTags(raw []json.RawMessage) []string {
	var all []string
	for _, r := range raw {
		var tag struct{ Name, Value string }
		var word string
		if json.Unmarshal(r, &tag) == nil && tag.Name != "" {
			all = append(all, tag.Name)
			if tag.Value != "" {
				all = append(all, tag.Name+":"+tag.Value)
			}
		} else if json.Unmarshal(r, &word) == nil {
			all = append(all, word)
		}
	}
	return all
}

// flexible is an id that is a number or a text, as the sender likes.
type flexible string

func (f *flexible) UnmarshalJSON(b []byte) error {
	var n json.Number
	var s string
	switch {
	case string(b) == "null":
	case json.Unmarshal(b, &s) == nil:
		*f = flexible(s)
	case json.Unmarshal(b, &n) == nil:
		*f = flexible(n)
	default:
		return &json.UnmarshalTypeError{Value: "value", Field: "id"}
	}
	return nil
}
