package hooks

import "arifa/subscriptions"

// Told is what a source would do with one thing that is said in a call.
type Told struct {
	Name     string                   `json:"name"`
	Does     string                   `json:"does"` // begins, ends, is ignored, has no rule, cannot be read: …
	Platform subscriptions.PlatformID `json:"platform,omitempty"`
	Key      string                   `json:"key,omitempty"`
	Summary  string                   `json:"summary,omitempty"`
}

// Explain reads a call and tells what would come of it, without storing anything:
// so rules can be tried before they are needed.
func Explain(s Source, body []byte) ([]Told, error) {
	words, err := s.read(body)
	if err != nil {
		return nil, err
	}
	var all []Told
	for _, w := range words {
		t := Told{Name: w.name, Key: w.key, Summary: clean(w.say, mostSummary)}
		rule, ok := s.place(w.about)
		switch {
		case w.fault != "":
			t.Does = "cannot be read: " + w.fault
		case w.whole:
			t.Does = "ends whatever began with it"
		case w.quiet, ok && rule.Ignore:
			t.Does = "is ignored"
		case !ok:
			t.Does = "has no rule"
		case w.firing:
			t.Does, t.Platform = "begins", rule.Platform
		default:
			t.Does, t.Platform = "ends", rule.Platform
		}
		all = append(all, t)
	}
	return all, nil
}
