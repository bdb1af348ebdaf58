package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/postgres"
)

const lane subscriptions.LaneID = "telegram:1"

// begun is when every scene begins.
func begun() time.Time { return time.Date(2025, 1, 3, 6, 0, 0, 0, time.UTC) }

func audience(ids ...subscriptions.ServiceID) subscriptions.Audience {
	a := subscriptions.Audience{subscriptions.ScopeAll: ids}
	for _, id := range ids {
		a[subscriptions.ScopeService(id)] = []subscriptions.ServiceID{id}
	}
	return a
}

// people makes recipients, who follow nothing yet.
func people(t testing.TB, s *postgres.Store, n int) []subscriptions.RecipientID {
	t.Helper()
	var out []subscriptions.RecipientID
	for i := range n {
		r, err := s.SaveRecipient(t.Context(), subscriptions.Recipient{Lane: lane, Address: subscriptions.AddressOf(fmt.Sprint(1000 + i)), Kind: subscriptions.Person, CreatedAt: begun()})
		if err != nil {
			t.Fatalf("save recipient: %v", err)
		}
		out = append(out, r.ID)
	}
	return out
}

func follow(t testing.TB, s *postgres.Store, id subscriptions.RecipientID, now time.Time, services ...subscriptions.ServiceID) {
	t.Helper()
	var fs []subscriptions.Follow
	for _, svc := range services {
		fs = append(fs, subscriptions.Follow{Scope: subscriptions.ScopeService(svc), Since: now, Consent: "follow/en/1"})
	}
	if _, err := s.Subscribe(t.Context(), id, fs, now); err != nil {
		t.Errorf("subscribe: %v", err)
	}
}

// outage publishes the start of an incident in which these services fail.
func outage(t testing.TB, s *postgres.Store, now time.Time, ids ...subscriptions.ServiceID) (subscriptions.Incident, subscriptions.Notice) {
	t.Helper()
	i := subscriptions.Incident{State: subscriptions.Investigating, Round: 1, Owner: "kra", OpenedAt: now, Since: now}
	for _, id := range ids {
		i.Services = append(i.Services, subscriptions.ServiceState{Service: id, Impact: subscriptions.Blocked, Confirmed: true, Failing: true, Since: now, Round: 1})
	}
	n := subscriptions.Notice{Kind: subscriptions.Outage, Agency: "kra", State: subscriptions.Published, Round: 1, Sound: true, Audience: audience(ids...), CreatedAt: now, PublishedAt: now}
	out, err := s.Commit(t.Context(), subscriptions.Change{Incident: &i, Notices: []subscriptions.Notice{n}, Now: now})
	if err != nil {
		t.Fatalf("publish: %v", err)
	}
	return *out.Incident, out.Notices[0]
}

// restore ends it all.
func restore(t testing.TB, s *postgres.Store, i subscriptions.Incident, start subscriptions.Notice, now time.Time) subscriptions.Notice {
	t.Helper()
	i.State, i.EndedAt = subscriptions.Resolved, now
	for k := range i.Services {
		i.Services[k].Failing = false
	}
	n := start
	n.ID, n.Revision, n.Kind, n.PublishedAt, n.ExpiresAt = 0, 0, subscriptions.Restored, now, time.Time{}
	out, err := s.Commit(t.Context(), subscriptions.Change{Incident: &i, Notices: []subscriptions.Notice{n}, Overtakes: []subscriptions.NoticeID{start.ID}, Now: now})
	if err != nil {
		t.Fatalf("restore: %v", err)
	}
	return out.Notices[0]
}

// expand writes every page.
func expand(t testing.TB, s *postgres.Store, page int, now time.Time) {
	for {
		e, err := s.Expand(t.Context(), page, now)
		if err != nil {
			t.Errorf("expand: %v", err)
			return
		}
		if e.Notice == 0 {
			return
		}
	}
}

func acquire(t testing.TB, s *postgres.Store) subscriptions.Tenure {
	t.Helper()
	tenure, err := s.Acquire(t.Context(), lane, "test", time.Hour)
	if err != nil {
		t.Fatalf("acquire: %v", err)
	}
	return tenure
}

func sentAll(ds []subscriptions.Delivery, fence int64, now time.Time) []subscriptions.Result {
	out := make([]subscriptions.Result, len(ds))
	for i, d := range ds {
		out[i] = subscriptions.Result{ID: d.ID, Fence: fence, State: subscriptions.Sent, Message: fmt.Sprint("m", d.ID), Counted: true, At: now}
	}
	return out
}
