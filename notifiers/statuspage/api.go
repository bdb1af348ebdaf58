package statuspage

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"arifa/bot/web"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// The public JSON has the shape that readers of hosted status pages know
// ("/api/v2/"), so that existing clients and widgets work unchanged. Every key is
// always there. The word "operational" is that protocol's word for "nothing is
// announced": what people read says so (rule 10).
type (
	apiPage struct {
		ID        string `json:"id"`
		Name      string `json:"name"`
		URL       string `json:"url"`
		TimeZone  string `json:"time_zone"`
		UpdatedAt string `json:"updated_at"` // as of when all of it holds
	}
	apiStatus struct {
		Indicator   string `json:"indicator"`
		Description string `json:"description"`
	}
	apiComponent struct {
		ID          string   `json:"id"`
		Name        string   `json:"name"`
		Status      string   `json:"status"`
		CreatedAt   string   `json:"created_at"`
		UpdatedAt   string   `json:"updated_at"`
		Position    int      `json:"position"`
		Description string   `json:"description"`
		Showcase    bool     `json:"showcase"`
		StartDate   *string  `json:"start_date"`
		GroupID     *string  `json:"group_id"`
		PageID      string   `json:"page_id"`
		Group       bool     `json:"group"`
		OnlyWorse   bool     `json:"only_show_if_degraded"`
		Components  []string `json:"components"`
	}
	apiIncident struct {
		ID             string         `json:"id"`
		Name           string         `json:"name"`
		Status         string         `json:"status"`
		CreatedAt      string         `json:"created_at"`
		UpdatedAt      string         `json:"updated_at"`
		MonitoringAt   *string        `json:"monitoring_at"`
		ResolvedAt     *string        `json:"resolved_at"`
		Impact         string         `json:"impact"`
		Shortlink      string         `json:"shortlink"`
		StartedAt      string         `json:"started_at"`
		PageID         string         `json:"page_id"`
		Updates        []apiUpdate    `json:"incident_updates"`
		Components     []apiComponent `json:"components"`
		ScheduledFor   *string        `json:"scheduled_for"`
		ScheduledUntil *string        `json:"scheduled_until"`
	}
	apiUpdate struct {
		ID            string        `json:"id"`
		Status        string        `json:"status"`
		Body          string        `json:"body"`
		IncidentID    string        `json:"incident_id"`
		CreatedAt     string        `json:"created_at"`
		UpdatedAt     string        `json:"updated_at"`
		DisplayAt     string        `json:"display_at"`
		Affected      []apiAffected `json:"affected_components"`
		Notifications bool          `json:"deliver_notifications"`
		Tweet         *string       `json:"custom_tweet"`
		TweetID       *string       `json:"tweet_id"`
	}
	apiAffected struct {
		Code      string `json:"code"`
		Name      string `json:"name"`
		OldStatus string `json:"old_status"`
		NewStatus string `json:"new_status"`
	}
)

const apiPageID = "arifa"

// mostIncidents is how many the protocol lists.
const mostIncidents = 50

// apiPaths are all answers of the public JSON; the OpenAPI document is held to it.
var apiPaths = []string{"summary", "status", "components", "incidents", "incidents/unresolved",
	"scheduled-maintenances", "scheduled-maintenances/upcoming", "scheduled-maintenances/active"}

// api finds the answer of a path such as "incidents/unresolved.json".
func (s *Site) api(e *edition, path string) (func() (*document, error), bool) {
	name, ok := strings.CutSuffix(path, ".json")
	if !ok || !slices.Contains(apiPaths, name) {
		return nil, false
	}
	return func() (*document, error) { return jsonDocument(s.frame(e, e.languages[0], "").apiAnswer(name)) }, true
}

func (f *frame) apiAnswer(name string) map[string]any {
	out := map[string]any{"page": apiPage{apiPageID, f.T("talk.name"), f.site.Base + "/", f.e.nation.Timezone, f.apiTime(f.e.asOf)}}
	live := func(i subscriptions.Incident) bool { return !f.apiOver(i) }
	planned := func(of ...subscriptions.IncidentState) func(subscriptions.Incident) bool {
		return func(i subscriptions.Incident) bool { return slices.Contains(of, i.State) }
	}
	switch name {
	case "summary":
		out["status"], out["components"] = f.apiStatus(), f.apiComponents()
		out["incidents"] = f.apiIncidents(false, live)
		out["scheduled_maintenances"] = f.apiIncidents(true, live)
	case "status":
		out["status"] = f.apiStatus()
	case "components":
		out["components"] = f.apiComponents()
	case "incidents":
		out["incidents"] = f.apiIncidents(false, nil)
	case "incidents/unresolved":
		out["incidents"] = f.apiIncidents(false, live)
	case "scheduled-maintenances":
		out["scheduled_maintenances"] = f.apiIncidents(true, nil)
	case "scheduled-maintenances/upcoming":
		out["scheduled_maintenances"] = f.apiIncidents(true, planned(subscriptions.Scheduled))
	case "scheduled-maintenances/active":
		out["scheduled_maintenances"] = f.apiIncidents(true, planned(subscriptions.InProgress, subscriptions.Verifying))
	}
	return out
}

// apiOver reports whether an incident has ended and nobody holds a service of it.
func (f *frame) apiOver(i subscriptions.Incident) bool {
	return i.State.Over() && len(i.Failing()) == 0
}

// statusOf is the protocol's word for a service, and what is told of it: of all
// that is, the worst. A trouble goes before planned work beside it.
func (f *frame) statusOf(id subscriptions.ServiceID) (status, says string) {
	if known, ok := f.judged[id]; ok {
		return known[0], known[1]
	}
	if f.judged == nil {
		f.judged = map[subscriptions.ServiceID][2]string{}
	}
	defer func() { f.judged[id] = [2]string{status, says} }()
	status, says = "operational", f.Silence()
	for _, s := range f.Stories() {
		if !s.Live() || s.Impact == planned {
			continue
		}
		if now := componentStatus(s.Incident, id); slices.Index(componentOrder, now) > slices.Index(componentOrder, status) {
			status, says = now, f.Upper(f.states([]story{s})[id].State)+"."
		}
	}
	if status == "operational" && f.State(id).Impact == unspoken {
		says = f.T("machine.reported") + "."
	}
	return status, says
}

// componentOrder are the protocol's words, the worst last.
var componentOrder = []string{"operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage"}

func componentStatus(i subscriptions.Incident, id subscriptions.ServiceID) string {
	st, ok := i.Service(id)
	switch {
	case !ok || !st.Failing || i.State == subscriptions.Scheduled:
		return "operational"
	case !st.Confirmed: // nobody has said yet whether it suffers
		return "degraded_performance"
	case i.Maintenance:
		return "under_maintenance"
	case st.Impact == subscriptions.Degraded, st.Held:
		return "partial_outage"
	}
	return "major_outage"
}

func (f *frame) apiStatus() apiStatus {
	failing, worst := 0, "none"
	order := []string{"none", "maintenance", "minor", "major", "critical"}
	for _, s := range liveOnes(f.Stories()) {
		now := f.apiImpact(s.Incident)
		if !s.Incident.Maintenance {
			failing += len(s.Failing)
		}
		if slices.Index(order, now) > slices.Index(order, worst) {
			worst = now
		}
	}
	switch {
	case failing > 0:
		return apiStatus{worst, f.N("machine.some", failing)}
	case worst != "none":
		return apiStatus{worst, f.T("machine.planned")}
	case len(f.unspoken()) > 0:
		return apiStatus{"none", f.T("machine.reported")}
	}
	return apiStatus{"none", f.T("machine.none")}
}

// apiImpact of an incident: critical where a service of high harm does not work.
func (f *frame) apiImpact(i subscriptions.Incident) string {
	if i.Maintenance {
		return "maintenance"
	}
	out := "minor"
	for _, st := range i.Services {
		if !st.Confirmed || st.Impact == subscriptions.Degraded {
			continue
		}
		if v, _ := f.e.nation.Service(st.Service); v.HighHarm {
			return "critical"
		}
		out = "major"
	}
	return out
}

func (f *frame) apiComponents() []apiComponent {
	out := []apiComponent{}
	for _, a := range f.agencies() {
		group := "agency-" + string(a.ID)
		head := f.apiComponent(group, a.Name, len(out)+1)
		head.Group, head.GroupID = true, nil
		at := len(out)
		out = append(out, head)
		for _, id := range a.Services {
			c := f.apiService(id, len(out)+1)
			out = append(out, c)
			out[at].Components = append(out[at].Components, c.ID)
			if slices.Index(componentOrder, c.Status) > slices.Index(componentOrder, out[at].Status) {
				out[at].Status, out[at].Description = c.Status, c.Description
			}
		}
	}
	return out
}

func (f *frame) apiService(id subscriptions.ServiceID, position int) apiComponent {
	svc, _ := f.e.nation.Service(id)
	c := f.apiComponent(string(id), f.Name(id), position)
	group := "agency-" + string(svc.Agency)
	c.GroupID = &group
	c.Status, c.Description = f.statusOf(id)
	for _, s := range f.Stories() {
		if st, ok := s.Incident.Service(id); ok && s.Live() {
			c.UpdatedAt = f.apiTime(latest(s.Main().Notice.PublishedAt, st.Since))
			break
		}
	}
	return c
}

func (f *frame) apiComponent(id, name string, position int) apiComponent {
	at := f.apiTime(f.e.asOf.Truncate(24 * time.Hour))
	return apiComponent{ID: id, Name: name, Status: "operational", CreatedAt: at, UpdatedAt: at, Position: position,
		Description: f.Silence(), PageID: apiPageID, Components: []string{}}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (f *frame) apiIncidents(maintenance bool, which func(subscriptions.Incident) bool) []apiIncident {
	out := []apiIncident{}
	for _, i := range f.e.incidents {
		all := f.e.of[i.ID]
		if i.Maintenance != maintenance || len(all) == 0 || which != nil && !which(i) || len(out) == mostIncidents {
			continue
		}
		out = append(out, f.apiIncident(i, all))
	}
	return out
}

func (f *frame) apiIncident(i subscriptions.Incident, all []subscriptions.Notice) apiIncident {
	id := itoa(int64(i.ID))
	out := apiIncident{ID: id, Name: f.titleOf(i), Status: string(i.State), CreatedAt: f.apiTime(all[0].PublishedAt), UpdatedAt: f.apiTime(all[len(all)-1].PublishedAt),
		Impact: f.apiImpact(i), Shortlink: f.site.Base + f.Link("i", id), StartedAt: f.apiTime(i.Since), PageID: apiPageID,
		Updates: []apiUpdate{}, Components: []apiComponent{}}
	if i.State.Over() && !f.apiOver(i) {
		out.Status = "monitoring" // the operator says that it works; an agency has not confirmed it
	}
	if i.Since.IsZero() {
		out.StartedAt = out.CreatedAt
	}
	if f.apiOver(i) {
		out.ResolvedAt = f.apiMaybe(i.EndedAt)
	}
	out.ScheduledFor, out.ScheduledUntil = f.apiMaybe(i.StartsAt), f.apiMaybe(i.EndsAt)
	for k := len(all) - 1; k >= 0; k-- {
		u := f.apiUpdate(i, all[k])
		if u.Status == "monitoring" && out.MonitoringAt == nil {
			out.MonitoringAt = &u.CreatedAt
		}
		out.Updates = append(out.Updates, u)
	}
	for _, st := range i.Services {
		if st.Confirmed && f.Links(st.Service) {
			out.Components = append(out.Components, f.apiService(st.Service, len(out.Components)+1))
		}
	}
	return out
}

func (f *frame) apiUpdate(i subscriptions.Incident, n subscriptions.Notice) apiUpdate {
	it := f.item(n, wording.Selection{Language: f.L, Post: true})
	u := apiUpdate{ID: itoa(int64(n.ID)), Status: string(n.Slots.State), Body: strings.Join(append([]string{it.Title}, it.Text...), "\n"), IncidentID: itoa(int64(i.ID)),
		CreatedAt: f.apiTime(it.Published), UpdatedAt: f.apiTime(it.Since), DisplayAt: f.apiTime(it.Published), Affected: []apiAffected{}}
	switch {
	case n.Kind == subscriptions.Restored && !i.Maintenance:
		u.Status = "resolved"
	case u.Status == "" && i.Maintenance:
		u.Status = string(i.State)
	case u.Status == "":
		u.Status = "investigating"
		if n.Kind != subscriptions.Outage {
			u.Status = string(i.State)
		}
	}
	for _, id := range n.Audience[subscriptions.ScopeAll] {
		st, ok := i.Service(id)
		if !ok {
			continue
		}
		st.Failing, st.Held = true, false
		was := componentStatus(subscriptions.Incident{Maintenance: i.Maintenance, Services: []subscriptions.ServiceState{st}}, id)
		a := apiAffected{Code: string(id), Name: f.Name(id), OldStatus: was, NewStatus: was}
		if n.Kind == subscriptions.Outage {
			a.OldStatus = "operational"
		} else if n.Kind == subscriptions.Restored {
			a.NewStatus = "operational"
		}
		u.Affected = append(u.Affected, a)
	}
	return u
}

func (f *frame) apiTime(t time.Time) string {
	return t.In(f.e.zone).Format("2006-01-02T15:04:05.000-07:00")
}

func (f *frame) apiMaybe(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := f.apiTime(t)
	return &s
}

func jsonDocument(v any) (*document, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	d := web.NewDocument(http.StatusOK, "application/json; charset=utf-8", web.AgeLive, append(b, '\n'))
	d.Open = true
	return d, nil
}
