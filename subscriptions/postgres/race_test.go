package postgres_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

func TestLease_from_two_pools_hands_each_row_out_once(t *testing.T) {
	t.Parallel()
	a, url := setup(t)
	b := open(t, url, false)
	for _, id := range people(t, a, 120) {
		follow(t, a, id, begun(), "kra-pay-tax")
	}
	now := begun().Add(time.Minute)
	_, n := outage(t, a, now, "kra-pay-tax")
	expand(t, a, 50, now)
	tenure := acquire(t, a)
	if _, err := b.Acquire(t.Context(), lane, "another", time.Hour); !errors.Is(err, subscriptions.ErrFenced) {
		t.Fatalf("a second owner: %v, want ErrFenced", err)
	}
	var mu sync.Mutex
	seen := map[subscriptions.DeliveryID]int{}
	var group sync.WaitGroup
	for range 2 {
		for _, s := range []interface {
			subscriptions.Outbox
		}{a, b} {
			group.Go(func() {
				for {
					ds, err := s.Lease(t.Context(), tenure, 7, now)
					if err != nil {
						t.Errorf("lease: %v", err)
						return
					}
					if len(ds) == 0 {
						return
					}
					mu.Lock()
					for _, d := range ds {
						seen[d.ID]++
					}
					mu.Unlock()
					if err := s.Finish(t.Context(), sentAll(ds, tenure.Fence, now)); err != nil {
						t.Errorf("finish: %v", err)
					}
				}
			})
		}
	}
	group.Wait()
	if len(seen) != 120 {
		t.Errorf("%d deliveries were handed out, want 120", len(seen))
	}
	for id, times := range seen {
		if times != 1 {
			t.Errorf("delivery %d was handed out %d times", id, times)
		}
	}
	p, err := a.Progress(t.Context(), n.ID)
	if err != nil || p.Count(subscriptions.Sent) != 120 {
		t.Errorf("progress %v, %v; want 120 sent", p, err)
	}
}

// Nobody falls between a publication and a subscription, however they meet, and
// everybody who got the start gets one end.
func TestPublish_beside_subscribe_expand_lease_and_finish(t *testing.T) {
	t.Parallel()
	a, url := setup(t)
	b := open(t, url, false)
	ids := people(t, a, 90)
	now := begun().Add(time.Minute)
	var before, during sync.WaitGroup
	stop := make(chan struct{})
	for k := range 3 {
		before.Go(func() {
			for _, id := range ids[k*30 : (k+1)*30] {
				follow(t, b, id, now, "kra-pay-tax", "kra-file-return")
			}
		})
	}
	for _, s := range []interface {
		subscriptions.Outbox
	}{a, b} {
		during.Go(func() {
			for {
				if _, err := s.Expand(t.Context(), 5, now); err != nil {
					t.Errorf("expand: %v", err)
				}
				if _, err := s.Sweep(t.Context(), 10, now); err != nil {
					t.Errorf("sweep: %v", err)
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	tenure := acquire(t, a)
	during.Go(func() {
		for {
			ds, err := a.Lease(t.Context(), tenure, 4, now)
			if err != nil {
				t.Errorf("lease: %v", err)
			}
			if err := a.Finish(t.Context(), sentAll(ds, tenure.Fence, now)); err != nil {
				t.Errorf("finish: %v", err)
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	i, start := outage(t, a, now, "kra-pay-tax", "kra-file-return")
	before.Wait()
	end := restore(t, b, i, start, now)
	close(stop)
	during.Wait()
	expand(t, a, 100, now)
	drain(t, a, tenure, now)
	if n, err := a.Unaccounted(t.Context(), now); err != nil || n != 0 {
		t.Errorf("%d people are unaccounted for, %v", n, err)
	}
	rows := ask[int](t, url, "SELECT count(*) FROM delivery d WHERE kind = 'outage'")
	if rows != len(ids) {
		t.Errorf("%d rows of the start, want one each: %d", rows, len(ids))
	}
	odd := ask[int](t, url, `SELECT count(*) FROM delivery s WHERE s.kind = 'outage'
		AND (s.told > 0) <> EXISTS (SELECT 1 FROM delivery e WHERE e.recipient_id = s.recipient_id AND e.kind = 'restored' AND e.state = 'sent')`)
	if odd != 0 {
		t.Errorf("%d people got a start without an end, or an end without a start (notice %d)", odd, end.ID)
	}
	if n := ask[int](t, url, "SELECT count(*) FROM delivery WHERE state = 'pending' AND lease_until IS NOT NULL"); n != 0 {
		t.Errorf("%d leases are left", n)
	}
}

// drain sends everything that waits.
func drain(t *testing.T, s subscriptions.Outbox, tenure subscriptions.Tenure, now time.Time) {
	t.Helper()
	for {
		ds, err := s.Lease(t.Context(), tenure, 50, now)
		if err != nil {
			t.Fatalf("lease: %v", err)
		}
		if len(ds) == 0 {
			return
		}
		if err := s.Finish(t.Context(), sentAll(ds, tenure.Fence, now)); err != nil {
			t.Fatalf("finish: %v", err)
		}
	}
}

func TestCommit_from_several_processes_gives_each_number_once_and_a_key_one_notice(t *testing.T) {
	t.Parallel()
	a, url := setup(t)
	b := open(t, url, false)
	var mu sync.Mutex
	keys := map[subscriptions.NoticeKey]int{}
	var group sync.WaitGroup
	for k := range 8 {
		s := a
		if k%2 == 1 {
			s = b
		}
		group.Go(func() {
			for range 3 {
				out, err := s.Commit(t.Context(), subscriptions.Change{Day: "2025-0103", Now: begun(), Notices: []subscriptions.Notice{{Kind: subscriptions.Advisory, State: subscriptions.Submitted}},
					Line: subscriptions.AuditLine{Action: "notice.submit", Outcome: "done"}})
				if err != nil {
					t.Errorf("commit: %v", err)
					return
				}
				mu.Lock()
				keys[out.Notices[0].Key]++
				mu.Unlock()
			}
			out, err := s.Commit(t.Context(), subscriptions.Change{Request: "one", Day: "2025-0104", Now: begun(), Notices: []subscriptions.Notice{{Kind: subscriptions.Advisory, State: subscriptions.Submitted}}})
			if err != nil || out.Notices[0].Key != "2025-0104-1" {
				t.Errorf("a repeated request: %v, %v", out.Notices, err)
			}
		})
	}
	group.Wait()
	if len(keys) != 24 {
		t.Errorf("%d different numbers, want 24: %v", len(keys), keys)
	}
	lines, err := a.AuditLines(t.Context(), 0, 100)
	if err != nil || len(lines) != 24 {
		t.Fatalf("%d audit lines, %v; want 24", len(lines), err)
	}
	var prev subscriptions.AuditLine
	for _, l := range lines {
		if err := subscriptions.VerifyAudit(prev, l); err != nil {
			t.Error(err)
		}
		prev = l
	}
}

// A row that appears while a page is being written, from somebody who knows nothing of the
// lock that Expand holds, is kept, and everybody else has theirs.
func TestExpand_keeps_a_row_that_appears_while_it_writes(t *testing.T) {
	t.Parallel()
	s, url := setup(t)
	ids := people(t, s, 20)
	for _, id := range ids {
		follow(t, s, id, begun(), "kra-pay-tax")
	}
	now := begun().Add(time.Minute)
	_, n := outage(t, s, now, "kra-pay-tax")
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `INSERT INTO delivery (notice_id, sequence, incident_id, round, kind, recipient_id, lane, state, by, mode, rank, class, asked, carried,
		services, ends, more, left_services, told, owed, lease_fence, attempt, repeat, message, reason) VALUES ($1, 1, $2, 1, 'outage', $3, $4, 'sent', '', 'message', 2, 2, false, false,
		'kra-pay-tax', '', '', '', 2, 'kra-pay-tax', 0, 1, false, 'theirs', '')`, int64(n.ID), int64(n.Incident), int64(ids[7]), string(lane)); err != nil {
		t.Fatal(err)
	}
	added := make(chan int, 1)
	go func() {
		e, err := s.Expand(t.Context(), 100, now)
		if err != nil {
			t.Errorf("expand: %v", err)
		}
		added <- e.Added
	}()
	for waits := false; !waits; {
		if err := conn.QueryRow(t.Context(), "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database() AND wait_event_type = 'Lock')").Scan(&waits); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := <-added; got != 19 {
		t.Errorf("%d rows were added, want 19", got)
	}
	p, err := s.Progress(t.Context(), n.ID)
	if err != nil || p.ByLane[lane][subscriptions.Sent] != 1 || p.ByLane[lane][subscriptions.Pending] != 19 {
		t.Errorf("progress %+v, %v: want one sent and 19 pending", p.ByLane, err)
	}
}
