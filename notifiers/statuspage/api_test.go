package statuspage_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"arifa/subscriptions"
)

// summary is what a client of hosted status pages reads.
type summary struct {
	Page                  struct{ Name, URL, Updated_at string }
	Status                struct{ Indicator, Description string }
	Components            []component
	Incidents             []incident
	ScheduledMaintenances []incident `json:"scheduled_maintenances"`
}

type component struct {
	ID, Name, Status, Description string
	Group                         bool
	GroupID                       *string `json:"group_id"`
	Components                    []string
}

type incident struct {
	ID, Name, Status, Impact, Shortlink string
	ResolvedAt                          *string `json:"resolved_at"`
	ScheduledFor                        *string `json:"scheduled_for"`
	Components                          []component
	Updates                             []struct{ Status, Body string } `json:"incident_updates"`
}

func (s *stage) api(name string) summary {
	s.Helper()
	var out summary
	s.must(json.Unmarshal(s.get("/api/v2/"+name+".json", 200).Body.Bytes(), &out))
	return out
}

func (s summary) component(id string) component {
	for _, c := range s.Components {
		if c.ID == id {
			return c
		}
	}
	return component{}
}

func TestPublicJSON(t *testing.T) {
	t.Parallel()
	s := setup(t)
	none := s.api("summary")
	if none.Status.Indicator != "none" || none.Status.Description != "No trouble announced" {
		t.Errorf("got %+v, want no trouble announced", none.Status)
	}
	if len(none.Incidents) != 0 || len(none.ScheduledMaintenances) != 0 || len(none.Components) < 150 {
		t.Errorf("got %d incidents and %d components", len(none.Incidents), len(none.Components))
	}
	tax := none.component("kra-pay-tax")
	if tax.Description != "No trouble announced. That does not mean it works." || tax.GroupID == nil || *tax.GroupID != "agency-kra" {
		t.Errorf("got %+v: silence is not health", tax)
	}
	if kra := none.component("agency-kra"); !kra.Group || !slices.Contains(kra.Components, "kra-pay-tax") {
		t.Errorf("got %+v", kra)
	}
	if none.Page.Updated_at != "2025-01-03T06:04:00.000+03:00" {
		t.Errorf("got as of %s", none.Page.Updated_at)
	}

	i, _ := s.outage()
	now := s.api("summary")
	if now.Status.Indicator != "critical" || !strings.HasPrefix(now.Status.Description, "Trouble announced: ") {
		t.Errorf("got %+v", now.Status)
	}
	for id, want := range map[string]string{"passport-renewal": "major_outage", "kra-vat-paye": "partial_outage", "sha-pay": "degraded_performance",
		"kplc-tokens": "operational", *now.component("passport-renewal").GroupID: "major_outage", "agency-kplc": "operational"} {
		if got := now.component(id).Status; got != want {
			t.Errorf("%s: got %s, want %s", id, got, want)
		}
	}
	if got := now.component("sha-pay").Description; !strings.Contains(got, "Not known whether this service is affected") {
		t.Errorf("got %q", got)
	}
	if len(now.Incidents) != 1 || now.Incidents[0].Status != "investigating" || now.Incidents[0].Shortlink != base+"/en/i/1" || len(now.Incidents[0].Updates) != 1 ||
		!strings.Contains(now.Incidents[0].Updates[0].Body, "If your money has already left, do not pay again.") {
		t.Fatalf("got %+v", now.Incidents)
	}

	// Planned work overlaps the outage: the trouble shows.
	m := s.open("ecitizen-payments")
	m.Maintenance, m.State, m.StartsAt, m.EndsAt = true, subscriptions.InProgress, s.at(6, 0), s.at(23, 0)
	s.say(&m, subscriptions.Notice{Kind: subscriptions.Maintenance, Slots: subscriptions.Slots{State: subscriptions.InProgress, StartsAt: s.at(6, 0), EndsAt: s.at(23, 0)}})
	s.refresh()
	both := s.api("summary")
	if got := both.component("passport-renewal").Status; got != "major_outage" || len(both.Incidents) != 1 || len(both.ScheduledMaintenances) != 1 {
		t.Errorf("got %s with %d incidents and %d maintenances", got, len(both.Incidents), len(both.ScheduledMaintenances))
	}
	if n := len(s.api("scheduled-maintenances/active").ScheduledMaintenances); n != 1 {
		t.Errorf("got %d active maintenances", n)
	}
	if n := len(s.api("scheduled-maintenances/upcoming").ScheduledMaintenances); n != 0 {
		t.Errorf("got %d upcoming maintenances", n)
	}

	// Restored, one service held: the incident is not over.
	s.end(&i, "kws-nairobi-np")
	s.say(&i, subscriptions.Notice{Kind: subscriptions.Restored, Agency: "ecitizen", Slots: subscriptions.Slots{PayAgain: subscriptions.Answer{Value: "no"}}})
	s.refresh()
	held := s.api("summary")
	if got := held.component("kws-nairobi-np"); got.Status != "partial_outage" || !strings.Contains(got.Description, "not confirmed by KWS") {
		t.Errorf("got %+v", got)
	}
	if len(held.Incidents) != 1 || held.Incidents[0].ResolvedAt != nil {
		t.Errorf("got %+v, want the held incident unresolved", held.Incidents)
	}
	if got := held.component("passport-renewal").Status; got != "under_maintenance" {
		t.Errorf("got %s, want the planned work now", got)
	}
	i.Holds[0].ReleasedAt = s.clock()
	i.Services, i.State, i.EndedAt = i.Derive(s.nation), subscriptions.Resolved, s.clock()
	s.say(&i, subscriptions.Notice{Kind: subscriptions.Restored, Agency: "kws", Slots: subscriptions.Slots{Services: []subscriptions.ServiceID{"kws-nairobi-np"}, PayAgain: subscriptions.Answer{Value: "no"}}})
	s.refresh()
	if open := s.api("incidents/unresolved"); len(open.Incidents) != 0 {
		t.Errorf("got %+v", open.Incidents)
	}
	all := s.api("incidents")
	if len(all.Incidents) != 1 || all.Incidents[0].Status != "resolved" || all.Incidents[0].ResolvedAt == nil || all.Incidents[0].Updates[0].Status != "resolved" {
		t.Errorf("got %+v", all.Incidents)
	}
	if got := s.api("status").Status; got.Indicator != "maintenance" || got.Description != "Planned work under way" {
		t.Errorf("got %+v", got)
	}
}

// ten are ten incidents of ten services at once.
func (s *stage) ten() {
	s.Helper()
	n := 0
	for _, svc := range s.nation.Services {
		if n == 10 || svc.Retired {
			continue
		}
		n++
		i := s.own(subscriptions.Blocked, svc.ID)
		s.say(&i, subscriptions.Notice{Kind: subscriptions.Outage, Slots: subscriptions.Slots{NextUpdate: s.clock().Add(3 * time.Hour)}})
	}
	s.refresh()
}

func TestPublicJSONOfTenAtOnce(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.ten()
	if got := s.api("summary"); len(got.Incidents) != 10 || got.Status.Description != "Trouble announced: 10 services" {
		t.Errorf("got %d incidents, %q", len(got.Incidents), got.Status.Description)
	}
	if n := strings.Count(s.get("/en/", 200).Body.String(), "<article"); n != 10 {
		t.Errorf("the front page shows %d", n)
	}
}

func TestBadge(t *testing.T) {
	t.Parallel()
	s := setup(t)
	badge := func(path string) string {
		w := s.get(path, 200)
		if got := w.Header().Get("Content-Type"); got != "image/svg+xml" {
			t.Errorf("got type %s", got)
		}
		return w.Body.String()
	}
	got := badge("/en/s/passport-renewal/badge.svg")
	if !strings.Contains(got, `aria-label="Passport renewal: Nothing announced · 06:04"`) || strings.Contains(got, "#0a0") || !strings.Contains(got, `fill="#4a5b63"`) {
		t.Errorf("got %s", got)
	}
	s.outage()
	if got = badge("/sw/s/passport-renewal/badge.svg"); !strings.Contains(got, "Haifanyi kazi") || !strings.Contains(got, "#a3201d") {
		t.Errorf("got %s", got)
	}
	for _, svc := range s.nation.Services { // long names in Swahili, quotes: all must stay pictures
		if !svc.Retired {
			if b := badge("/sw/s/" + string(svc.ID) + "/badge.svg"); strings.Count(b, "<text") != 2 || len(b) > 2000 {
				t.Errorf("%s: got %s", svc.ID, b)
			}
		}
	}
	s.get("/en/s/none/badge.svg", 404)
}

func TestPreflightIsNotNeededAndNotGiven(t *testing.T) {
	t.Parallel()
	s := setup(t)
	r := httptest.NewRequest(http.MethodOptions, "/api/v2/summary.json", nil)
	w := s.ask(r, http.StatusMethodNotAllowed)
	if got := w.Header().Get("Allow"); got != "GET, HEAD" {
		t.Errorf("got Allow %q", got)
	}
}
