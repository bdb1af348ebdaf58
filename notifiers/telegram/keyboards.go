package telegram

import (
	"encoding/json"
	"sync"

	"arifa/subscriptions/wording"
)

// keyboardsKept is how many keyboards a channel remembers as they stand in a request.
// The cards of a wave have few.
const keyboardsKept = 1024

// keyboards are markups as JSON, by what they are made of.
type keyboards struct {
	mu   sync.Mutex
	made map[string]string
	key  []byte // of the one that is looked for
}

// of returns the markup of a card; "" where it has no button.
func (k *keyboards) of(c wording.Card) (string, error) {
	if len(c.Choices)+len(c.Copy)+len(c.Links) == 0 {
		return "", nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.key = appendKey(k.key[:0], c)
	if got, known := k.made[string(k.key)]; known {
		return got, nil
	}
	rows, err := keyboard(c)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	b, err := json.Marshal(markup{rows})
	if err != nil {
		return "", err
	}
	if k.made == nil || len(k.made) >= keyboardsKept {
		k.made = map[string]string{}
	}
	k.made[string(k.key)] = string(b)
	return string(b), nil
}

// appendKey writes down everything that a keyboard is made of; the marks between stand
// in no button.
func appendKey(out []byte, c wording.Card) []byte {
	for _, row := range c.Choices {
		for _, ch := range row {
			out = append(append(append(append(out, ch.Label...), 0), ch.Data...), 0)
		}
		out = append(out, 1)
	}
	out = append(out, 2)
	for _, cp := range c.Copy {
		out = append(append(append(append(out, cp.Label...), 0), cp.Value...), 0)
	}
	out = append(out, 3)
	for _, l := range c.Links {
		out = append(append(append(append(out, l.Label...), 0), l.URL...), 0)
	}
	return out
}
