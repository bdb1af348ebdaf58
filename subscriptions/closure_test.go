package subscriptions_test

import (
	"os"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"

	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
)

func kenya(t *testing.T) *subscriptions.Nation {
	t.Helper()
	n, err := catalogue.Kenya()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestReachOfKenyanPlatforms(t *testing.T) {
	t.Parallel()
	n := kenya(t)
	for _, c := range []struct {
		name                       string
		platforms                  map[subscriptions.PlatformID]subscriptions.Impact
		blocked, limited, unticked int
	}{
		{"eCitizen payments block 67 and limit 17, 11 of them unconfirmed", down("ecitizen-payments"), 67, 17, 11},
		{"M-PESA limits 99 and blocks paying by it", down("mpesa"), 1, 99, 9},
		{"eCitizen payments limited: nothing is blocked", map[subscriptions.PlatformID]subscriptions.Impact{"ecitizen-payments": subscriptions.Degraded}, 0, 84, 11},
		{"nothing broken", nil, 0, 0, 0},
		{"a platform of nobody", down("no-such"), 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			blocked, limited, unticked := 0, 0, 0
			for _, r := range n.Reach(c.platforms, nil) {
				switch r.Impact {
				case subscriptions.Blocked:
					blocked++
				case subscriptions.Degraded:
					limited++
				}
				if !r.Confirmed {
					unticked++
				}
			}
			if blocked != c.blocked || limited != c.limited || unticked != c.unticked {
				t.Errorf("got %d blocked, %d limited, %d unconfirmed; want %d, %d, %d", blocked, limited, unticked, c.blocked, c.limited, c.unticked)
			}
		})
	}
}

func down(ids ...subscriptions.PlatformID) map[subscriptions.PlatformID]subscriptions.Impact {
	m := map[subscriptions.PlatformID]subscriptions.Impact{}
	for _, id := range ids {
		m[id] = subscriptions.Blocked
	}
	return m
}

// TestReachOfIncidents replays what was opened and joined in 15 real incidents.
func TestReachOfIncidents(t *testing.T) {
	t.Parallel()
	n := kenya(t)
	incidents := readIncidents(t)
	if len(incidents) != 15 {
		t.Fatalf("got %d incidents, want 15", len(incidents))
	}
	for _, in := range incidents {
		t.Run(in.ID, func(t *testing.T) {
			t.Parallel()
			platforms, services := map[subscriptions.PlatformID]subscriptions.Impact{}, map[subscriptions.ServiceID]subscriptions.Impact{}
			for _, step := range in.Replay {
				if step.Act != "open" && step.Act != "join" {
					continue
				}
				for _, p := range step.Platforms {
					platforms[p] = subscriptions.Blocked
				}
				for _, s := range step.Services {
					services[s] = subscriptions.Blocked
				}
			}
			var hear []subscriptions.ServiceID
			for _, r := range n.Reach(platforms, services) {
				if r.Confirmed {
					hear = append(hear, r.Service)
				}
			}
			if want := sorted(in.Hear); !slices.Equal(sorted(hear), want) {
				t.Errorf("hear: got %v, want %v", sorted(hear), want)
			}
			for _, id := range in.NotHear {
				if slices.Contains(hear, id) {
					t.Errorf("%s hears, and must not", id)
				}
			}
		})
	}
}

type incident struct {
	ID     string
	Replay []struct {
		Act       string
		Platforms []subscriptions.PlatformID
		Services  []subscriptions.ServiceID
	}
	Hear    []subscriptions.ServiceID
	NotHear []subscriptions.ServiceID `yaml:"not_hear"`
}

func readIncidents(t *testing.T) []incident {
	t.Helper()
	data, err := os.ReadFile("../cmd/arifa/demo/incidents-ke.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Incidents []incident }
	if err := yaml.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	return file.Incidents
}

func sorted(ids []subscriptions.ServiceID) []subscriptions.ServiceID {
	return slices.Sorted(slices.Values(ids))
}

// chain is a small nation with every kind of link: pay needs mobile (degraded),
// gate needs pay (blocked).
func chain() *subscriptions.Nation {
	const b, d = subscriptions.Blocked, subscriptions.Degraded
	type impacts = map[subscriptions.PlatformID]subscriptions.Impact
	type platforms = []subscriptions.PlatformID
	return &subscriptions.Nation{
		Platforms: []subscriptions.Platform{
			{ID: "gate", Operator: "park", DependsOn: platforms{"pay"}},
			{ID: "pay", Operator: "bank", DependsOn: platforms{"mobile"}, Impact: impacts{"mobile": d}},
			{ID: "mobile", Operator: "telco"},
			{ID: "tax", Operator: "revenue"},
		},
		Services: []subscriptions.Service{
			{ID: "entry", Agency: "park", DependsOn: platforms{"gate", "mobile"}, Impact: impacts{"mobile": d}},
			{ID: "fee", Agency: "city", DependsOn: platforms{"pay"}, DependencyVerify: platforms{"pay"}},
			{ID: "either", Agency: "revenue", DependsOn: platforms{"pay", "tax"}, Impact: impacts{"pay": b, "tax": d}, DependencyVerify: platforms{"pay"}},
			{ID: "both", Agency: "revenue", DependsOn: platforms{"pay", "tax"}, Impact: impacts{"pay": d, "tax": d}},
			{ID: "gone", Agency: "park", DependsOn: platforms{"gate"}, Retired: true},
			{ID: "free", Agency: "park"},
		},
	}
}

func TestReachRules(t *testing.T) {
	t.Parallel()
	type reach = subscriptions.Reach
	type via = []subscriptions.PlatformID
	const b, d = subscriptions.Blocked, subscriptions.Degraded
	for _, c := range []struct {
		name      string
		platforms map[subscriptions.PlatformID]subscriptions.Impact
		services  map[subscriptions.ServiceID]subscriptions.Impact
		want      []reach
	}{
		{"through another platform, retired left out", down("gate"), nil, []reach{{"entry", b, true, via{"gate"}}}},
		{"a degraded link makes all behind it degraded", down("mobile"), nil, []reach{
			{"entry", d, true, via{"mobile"}}, {"fee", d, false, via{"mobile"}}, {"either", d, false, via{"mobile"}}, {"both", d, true, via{"mobile"}}}},
		{"the worst way wins", down("mobile", "pay"), nil, []reach{
			{"entry", b, true, via{"pay"}}, {"fee", b, false, via{"pay"}}, {"either", b, false, via{"pay"}}, {"both", d, true, via{"pay", "mobile"}}}},
		{"a confirmed way goes before a worse guess", down("pay", "tax"), nil, []reach{
			{"entry", b, true, via{"pay"}}, {"fee", b, false, via{"pay"}}, {"either", d, true, via{"tax"}}, {"both", d, true, via{"pay", "tax"}}}},
		{"a limited platform limits", map[subscriptions.PlatformID]subscriptions.Impact{"gate": d}, nil, []reach{{"entry", d, true, via{"gate"}}}},
		{"a service by itself", nil, map[subscriptions.ServiceID]subscriptions.Impact{"free": d, "gone": b}, []reach{{"free", d, true, nil}}},
		{"an agency's own word confirms", down("pay"), map[subscriptions.ServiceID]subscriptions.Impact{"fee": d}, []reach{
			{"entry", b, true, via{"pay"}}, {"fee", d, true, nil}, {"either", b, false, via{"pay"}}, {"both", d, true, via{"pay"}}}},
		{"no impact said means blocked", map[subscriptions.PlatformID]subscriptions.Impact{"gate": ""}, map[subscriptions.ServiceID]subscriptions.Impact{"free": ""},
			[]reach{{"entry", b, true, via{"gate"}}, {"free", b, true, nil}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := chain().Reach(c.platforms, c.services)
			if !slices.EqualFunc(got, c.want, func(a, b reach) bool {
				return a.Service == b.Service && a.Impact == b.Impact && a.Confirmed == b.Confirmed && slices.Equal(a.Via, b.Via)
			}) {
				t.Errorf("got  %v\nwant %v", got, c.want)
			}
		})
	}
}

func TestWhoMayUse(t *testing.T) {
	t.Parallel()
	n := chain()
	for _, c := range []struct {
		name    string
		agency  subscriptions.AgencyID
		service subscriptions.ServiceID
		want    bool
	}{
		{"the service's own agency", "city", "fee", true},
		{"the operator of a platform that it needs", "park", "entry", true},
		{"the operator of a platform behind that one", "bank", "entry", true},
		{"the operator two steps behind", "telco", "both", true},
		{"the operator of a guessed link", "bank", "fee", false},
		{"the operator behind a guessed link", "telco", "fee", false},
		{"another agency", "revenue", "entry", false},
		{"an agency of nobody", "", "free", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, _ := n.Service(c.service)
			if got := n.WhoMayUse(subscriptions.Alternative{Agency: c.agency}, s); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
