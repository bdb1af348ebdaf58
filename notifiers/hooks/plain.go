package hooks

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// plain is our own form, for whoever can write JSON:
//
//	{"key": "gateway-3", "status": "firing", "labels": {"check": "payments"}, "summary": "…", "at": "2025-01-03T06:00:00Z"}
//
// or several of them as {"signals": […]}. key is the idempotency key: the same key
// is the same trouble, and saying it again changes nothing; with at, a call that
// comes late or again, after the end, is known and not applied either.
type plain struct {
	Key     string            `json:"key"`
	Status  string            `json:"status"` // firing, resolved
	Labels  map[string]string `json:"labels"`
	Summary string            `json:"summary"`
	At      time.Time         `json:"at"` // when it began or ended, by the sender's clock
}

func readJSON(body []byte) ([]word, error) {
	var several struct {
		Signals []json.RawMessage `json:"signals"`
	}
	raw := []json.RawMessage{body}
	switch err := json.Unmarshal(body, &several); {
	case err != nil:
		return nil, notJSON(err)
	case several.Signals != nil:
		if err := strictly(body, &several); err != nil {
			return nil, err
		}
		raw = several.Signals
	}
	if len(raw) == 0 {
		return nil, errors.New(`"signals" is empty`)
	}
	words := make([]word, len(raw))
	for i, r := range raw {
		words[i] = readPlain(i, r)
	}
	if len(words) == 1 && words[0].fault != "" {
		return nil, errors.New(words[0].fault)
	}
	return words, nil
}

func readPlain(i int, raw json.RawMessage) word {
	w := word{name: fmt.Sprintf("signal %d", i)}
	var p plain
	if err := strictly(raw, &p); err != nil {
		w.fault = err.Error()
		return w
	}
	switch {
	case p.Key == "":
		w.fault = `the key "key" is missing: your own id of the trouble`
	case p.Key != clean(p.Key, mostKey) || len(p.Key) > mostKey:
		w.fault = fmt.Sprintf(`"key" must be 1 to %d visible bytes`, mostKey)
	case p.Status != "firing" && p.Status != "resolved":
		w.fault = fmt.Sprintf(`"status" is %.20q: write firing or resolved`, p.Status)
	}
	if w.fault != "" {
		return w
	}
	w = word{key: p.Key, name: "signal " + clean(p.Key, mostName), about: map[string][]string{}, firing: p.Status == "firing", when: p.At, say: cmp.Or(p.Summary, p.Key)}
	for label, value := range p.Labels {
		w.about[label] = []string{value}
	}
	w.about["key"] = []string{p.Key}
	return w
}

// strictly reads one value and names a key that is not known: in a form of our own
// that is a typing mistake.
func strictly(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	switch {
	case err == nil && d.More():
		return errors.New("more follows after the end")
	case err == nil:
		return nil
	case strings.Contains(err.Error(), "unknown field"):
		return errors.New(clean(strings.TrimPrefix(err.Error(), "json: "), mostName) + ": known are key, status, labels, summary and at, or signals with a list of such")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("not JSON: it ends too soon")
	}
	return notJSON(err)
}
