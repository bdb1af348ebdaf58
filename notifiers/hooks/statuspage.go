package hooks

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// notice is what Atlassian Statuspage posts to a subscriber: an incident, or the
// change of a component
// (support.atlassian.com/statuspage/docs/enable-webhook-notifications).
type notice struct {
	Page struct {
		ID string `json:"id"`
	} `json:"page"`
	Incident *struct {
		ID         string       `json:"id"`
		Name       string       `json:"name"`
		Status     string       `json:"status"`
		Impact     string       `json:"impact"`
		CreatedAt  time.Time    `json:"created_at"`
		UpdatedAt  *time.Time   `json:"updated_at"`
		ResolvedAt *time.Time   `json:"resolved_at"`
		Scheduled  *time.Time   `json:"scheduled_for"` // set = a maintenance
		Components []*component `json:"components"`
	} `json:"incident"`
	Change *struct {
		At     time.Time `json:"created_at"`
		Status string    `json:"new_status"`
		ID     string    `json:"component_id"`
	} `json:"component_update"`
	Component *component `json:"component"`
}

type component struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// incidentResent: an incident that is opened again keeps its created_at, and every
// update of it is sent.
const incidentResent = 10 * time.Minute

func readStatuspage(body []byte) ([]word, error) {
	var n notice
	if err := json.Unmarshal(body, &n); err != nil {
		return nil, notJSON(err)
	}
	switch {
	case n.Change != nil:
		return n.change()
	case n.Incident != nil:
		return n.incident()
	}
	return nil, errors.New(`neither "incident" nor "component_update" is there`)
}

func (n notice) change() ([]word, error) {
	c := component{ID: n.Change.ID}
	if n.Component != nil {
		c.ID, c.Name = cmp.Or(c.ID, n.Component.ID), n.Component.Name
	}
	if c.ID == "" {
		return nil, errors.New(`"component_update.component_id" is missing`)
	}
	w := word{key: keyOf("component", c.ID), name: "component " + clean(cmp.Or(c.Name, c.ID), mostName), when: n.Change.At,
		about: map[string][]string{"component": {c.Name, c.ID}, "page": {n.Page.ID}}, say: cmp.Or(c.Name, c.ID) + ": " + n.Change.Status}
	switch n.Change.Status {
	case "operational":
	case "degraded_performance", "partial_outage", "major_outage":
		w.firing = true
	case "under_maintenance": // announced, and no word that it works again
		w.quiet = true
	default:
		return nil, fmt.Errorf(`"component_update.new_status" %.30q is not known`, n.Change.Status)
	}
	return []word{w}, nil
}

// incident speaks for each component that it names, or for itself where it names
// none. Its end ends all of that, whatever it names then.
func (n notice) incident() ([]word, error) {
	i := n.Incident
	if i.ID == "" {
		return nil, errors.New(`"incident.id" is missing`)
	}
	about := func(c component) map[string][]string {
		return map[string][]string{"incident": {i.Name, i.ID}, "impact": {i.Impact}, "page": {n.Page.ID}, "component": {c.Name, c.ID}}
	}
	name := "incident " + clean(cmp.Or(i.Name, i.ID), mostName)
	key := keyOf("incident", i.ID)
	switch i.Status {
	case "investigating", "identified", "monitoring":
	case "resolved", "postmortem":
		when := i.ResolvedAt
		if when == nil {
			when = i.UpdatedAt
		}
		w := word{key: key, whole: true, name: name, about: about(component{})}
		if when != nil {
			w.when = *when
		}
		return []word{w}, nil
	case "scheduled", "in_progress", "verifying", "completed":
		return []word{{name: name, quiet: true}}, nil
	default:
		return nil, fmt.Errorf(`"incident.status" %.30q is not known`, i.Status)
	}
	if i.Scheduled != nil || i.Impact == "maintenance" {
		return []word{{name: name, quiet: true}}, nil
	}
	say := i.Name + ": " + i.Status
	var words []word
	for _, c := range i.Components {
		if c == nil || c.ID == "" {
			continue
		}
		words = append(words, word{key: keyOf("incident", i.ID, c.ID), firing: true, name: name + ", component " + clean(c.Name, mostName), about: about(*c), when: i.CreatedAt, resent: incidentResent, say: say})
	}
	if len(words) == 0 {
		words = []word{{key: key, firing: true, name: name, about: about(component{}), when: i.CreatedAt, resent: incidentResent, say: say}}
	}
	return words, nil
}
