package notifiers_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// What a lane remembers of a view's answers never changes one: whatever was asked
// before, it says what the view says.
func TestRememberedAnswersAreTheViews(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	services := []subscriptions.ServiceID{"tax", "licence", "tokens", "passport"}
	any := func() (out []subscriptions.ServiceID) {
		for _, s := range services {
			if r.IntN(2) == 0 {
				out = append(out, s)
			}
		}
		return out
	}
	sent, held := 0, 0
	for range 2000 {
		i := subscriptions.Incident{ID: 1, Round: 1 + r.IntN(2), State: []subscriptions.IncidentState{subscriptions.Identified, subscriptions.Monitoring, subscriptions.Resolved}[r.IntN(3)]}
		for _, s := range any() {
			i.Services = append(i.Services, subscriptions.ServiceState{Service: s, Failing: r.IntN(2) == 0, Confirmed: true})
		}
		kinds := []subscriptions.Kind{subscriptions.Outage, subscriptions.Update, subscriptions.Restored, subscriptions.Correction}
		n := subscriptions.Notice{ID: 7, Incident: 1, Round: 1, Kind: kinds[r.IntN(len(kinds))], State: subscriptions.Published,
			Audience: map[subscriptions.Scope][]subscriptions.ServiceID{subscriptions.ScopeAll: any()}}
		if r.IntN(8) == 0 {
			n.Overtaken = 9
		}
		if r.IntN(4) == 0 {
			n.ExpiresAt = noon.Add(time.Minute)
		}
		v := subscriptions.View{Notices: map[subscriptions.NoticeID]subscriptions.Notice{7: n}, Incidents: map[subscriptions.IncidentID]subscriptions.Incident{1: i}}
		ask := notifiers.Truth(v)
		for range 12 {
			d := subscriptions.Delivery{Notice: subscriptions.NoticeID(7 + r.IntN(12)/11), Services: any()}
			r.Shuffle(len(d.Services), func(a, b int) { d.Services[a], d.Services[b] = d.Services[b], d.Services[a] })
			now := noon.Add(time.Duration(r.IntN(2)) * 2 * time.Minute)
			got, want := ask(d, now), v.StillTrue(d, now)
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("%s of round %d, incident %+v, services %v: got %+v, want %+v", n.Kind, n.Round, i, slices.Clip(d.Services), got, want)
			}
			if want.Send {
				sent++
			} else {
				held++
			}
		}
	}
	if sent < 1000 || held < 1000 {
		t.Errorf("%d rows were sent and %d held: the cases do not cover both", sent, held)
	}
}
