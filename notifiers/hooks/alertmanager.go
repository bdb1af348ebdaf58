package hooks

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// alertGroup is what Alertmanager posts: Message of notify/webhook with Data of its
// template package (github.com/prometheus/alertmanager). Alerts are read one by
// one, so that a strange one does not take the others with it.
type alertGroup struct {
	Version   string            `json:"version"`
	Alerts    []json.RawMessage `json:"alerts"`
	Truncated uint64            `json:"truncatedAlerts"` // left out by max_alerts
}

type alert struct {
	Status      string            `json:"status"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
	EndsAt      time.Time         `json:"endsAt"`
	Fingerprint string            `json:"fingerprint"`
}

// alertResent: the Alertmanagers of one cluster say the same within some 15 s of each
// other. A resolved alert that fires again does so a group_interval later (5 min unless
// changed). Where it was resolved because Prometheus was out of reach, Prometheus
// restores it with the startsAt that it had.
const alertResent = time.Minute

func readAlertmanager(body []byte) ([]word, error) {
	var g alertGroup
	switch err := json.Unmarshal(body, &g); {
	case err != nil:
		return nil, notJSON(err)
	case g.Version == "":
		return nil, errors.New(`the key "version" is missing`)
	case g.Version != "4":
		return nil, fmt.Errorf("version %.20q: this reads version 4 of Alertmanager's webhook", g.Version)
	case len(g.Alerts) == 0:
		return nil, errors.New(`"alerts" is missing or empty`)
	}
	words := make([]word, 0, len(g.Alerts)+1)
	for i, raw := range g.Alerts {
		words = append(words, readAlert(i, raw))
	}
	if g.Truncated > 0 {
		words = append(words, word{name: "the rest", fault: fmt.Sprintf("%d alerts were left out by max_alerts of Alertmanager: set it to 0", g.Truncated)})
	}
	return words, nil
}

func readAlert(i int, raw json.RawMessage) word {
	name := fmt.Sprintf("alert %d", i)
	var a alert
	if err := json.Unmarshal(raw, &a); err != nil {
		return word{name: name, fault: notJSON(err).Error()}
	}
	if a.Labels["alertname"] != "" {
		name = "alert " + clean(a.Labels["alertname"], mostName)
	}
	w := word{name: name, key: keyOf(cmp.Or(a.Fingerprint, fingerprint(a.Labels))), about: map[string][]string{},
		say: cmp.Or(a.Annotations["summary"], a.Annotations["description"], a.Annotations["message"], a.Labels["alertname"])}
	for label, value := range a.Labels {
		w.about[label] = []string{value}
	}
	switch {
	case len(a.Labels) == 0:
		w.fault = "has no labels"
	case a.Status == "firing":
		w.firing, w.when, w.resent = true, a.StartsAt, alertResent
	case a.Status == "resolved":
		w.when = a.EndsAt
	default:
		w.fault = fmt.Sprintf("the status %.20q is neither firing nor resolved", a.Status)
	}
	return w
}

// fingerprint stands in for that of an Alertmanager before 0.19, which sends none:
// the same labels are the same alert.
func fingerprint(labels map[string]string) string {
	h := sha256.New()
	for _, l := range slices.Sorted(maps.Keys(labels)) {
		fmt.Fprintf(h, "%q=%q,", l, labels[l])
	}
	return fmt.Sprintf("labels:%x", h.Sum(nil)[:12])
}

// notJSON says what is wrong with a body, without what stands in it.
func notJSON(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("not JSON (%s at byte %d)", syntax.Error(), syntax.Offset)
	case errors.As(err, &kind) && kind.Field != "":
		return fmt.Errorf("%q is a %s, which it cannot be", clean(kind.Field, mostName), kind.Value)
	case errors.As(err, &kind):
		return fmt.Errorf("a %s stands where an object is wanted", kind.Value)
	}
	return errors.New("not JSON: it ends too soon, or a time is not of RFC 3339")
}
