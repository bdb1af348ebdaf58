package wording_test

import (
	"sync"
	"testing"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
	"arifa/subscriptions/wording"
)

// speaker loads the languages once; it is safe for all tests at the same time.
var speaker = sync.OnceValues(wording.NewSpeaker)

// kenya parses the real catalogue once for all tests; it is read-only.
var kenya = sync.OnceValues(catalogue.Kenya)

const host = "arifa.go.ke"

// scene is a speaker, the real catalogue and the morning of 3 January 2025.
type scene struct {
	testing.TB
	speaker *wording.Speaker
	nation  *subscriptions.Nation
	zone    *time.Location
}

func setup(t testing.TB) scene {
	t.Helper()
	s, err := speaker()
	if err != nil {
		t.Fatalf("new speaker: %v", err)
	}
	n, err := kenya()
	if err != nil {
		t.Fatalf("catalogue: %v", err)
	}
	return scene{TB: t, speaker: s.Strict(), nation: n, zone: n.Location()}
}

// at is a time of 3 January 2025 in Nairobi.
func (s scene) at(hour, minute int) time.Time {
	return time.Date(2025, 1, 3, hour, minute, 0, 0, s.zone)
}

// trouble is an incident with these platforms claimed by their operators since
// 6:00, derived.
func (s scene) trouble(platforms ...subscriptions.PlatformID) subscriptions.Incident {
	s.Helper()
	i := subscriptions.Incident{
		ID: 1, Round: 1, State: subscriptions.Investigating, Since: s.at(6, 0), SinceApprox: true, OpenedAt: s.at(6, 4),
	}
	for _, id := range platforms {
		p, ok := s.nation.Platform(id)
		if !ok {
			s.Fatalf("no platform %s", id)
		}
		i.Owner = p.Operator
		i.Claims = append(i.Claims, subscriptions.Claim{Agency: p.Operator, Platform: id, Impact: subscriptions.Blocked, At: s.at(6, 4), Since: s.at(6, 0), Round: 1})
	}
	i.Services = i.Derive(s.nation)
	return i
}

// own is an incident that one agency opens on one of its services.
func (s scene) own(service subscriptions.ServiceID) subscriptions.Incident {
	s.Helper()
	svc, ok := s.nation.Service(service)
	if !ok {
		s.Fatalf("no service %s", service)
	}
	i := subscriptions.Incident{ID: 1, Round: 1, State: subscriptions.Investigating, Since: s.at(6, 0), Owner: svc.Agency, OpenedAt: s.at(6, 4)}
	i.Claims = []subscriptions.Claim{{Agency: svc.Agency, Service: service, Impact: subscriptions.Blocked, At: s.at(6, 4), Round: 1}}
	i.Services = i.Derive(s.nation)
	return i
}

// over ends every claim of an incident at 15:00.
func (s scene) over(i subscriptions.Incident) subscriptions.Incident {
	for n := range i.Claims {
		i.Claims[n].EndedAt = s.at(15, 0)
	}
	i.Services = i.Derive(s.nation)
	i.State, i.EndedAt = subscriptions.Resolved, s.at(15, 0)
	return i
}

// facts are of a notice of eCitizen at 6:04, with the next update at 11:00.
func (s scene) facts(kind subscriptions.Kind, i subscriptions.Incident) wording.Facts {
	agency := i.Owner
	if agency == "" {
		agency = "ecitizen"
	}
	f := wording.Facts{
		Nation: s.nation, Incident: i, Host: host, Zone: s.zone, Now: s.at(6, 4),
		Notice: subscriptions.Notice{ID: 1, Key: "2025-0103-1", Code: "K7QF2M", Incident: i.ID, Round: 1, Kind: kind, Agency: agency},
	}
	f.Notice.Slots.NextUpdate = s.at(11, 0)
	return f
}

func (s scene) sheet(f wording.Facts) subscriptions.Sheet {
	s.Helper()
	sh, err := s.speaker.Sheet(f)
	if err != nil {
		s.Fatalf("sheet: %v", err)
	}
	return sh
}

// confirmed returns the catalogue with every payment destination confirmed by two
// officers, and the name that the payer's phone shows.
func (s scene) confirmed() *subscriptions.Nation {
	n := *s.nation
	n.Registry = append([]subscriptions.Entry{}, n.Registry...)
	for i := range n.Registry {
		if n.Registry[i].Publishable {
			n.Registry[i].Verify, n.Registry[i].ExpectName = false, n.Registry[i].ExpectNameUnconfirmed
		}
	}
	return &n
}
