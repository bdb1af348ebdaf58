package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/postgres"
	"arifa/subscriptions/postgres/postgrestest"
)

// G3: a power cut of the server under load: callers get ErrUnavailable and repeat;
// what was acknowledged, a published notice too, is there, once; hints come back by
// themselves.
func TestG3PublishedOutlivesAPowerCut(t *testing.T) {
	t.Parallel()
	cluster := postgrestest.NewCluster(t, postgrestest.Config{Durable: true})
	url := cluster.Database(t)
	s := migrated(t, url)
	hints := s.Hints(t.Context())
	await(t, hints, "the first hint")
	var stored, failed atomic.Int64
	stop := make(chan struct{})
	var group sync.WaitGroup
	for k := range int64(4) {
		group.Go(func() {
			for id := k; ; id += 4 {
				select {
				case <-stop:
					return
				default:
				}
				for {
					_, err := s.PutIncoming(t.Context(), []subscriptions.Incoming{{Lane: lane, ID: id, Chat: "1", Body: []byte("{}"), At: begun()}})
					if err == nil {
						break
					}
					failed.Add(1)
					if !errors.Is(err, subscriptions.ErrUnavailable) {
						t.Errorf("put incoming: %v, want ErrUnavailable", err)
						return
					}
					time.Sleep(5 * time.Millisecond)
				}
				stored.Add(1)
			}
		})
	}
	var published []subscriptions.NoticeID
	group.Go(func() {
		for k := 0; ; k++ {
			select {
			case <-stop:
				return
			default:
			}
			published = append(published, publishAnyhow(t, s, fmt.Sprint("publish/", k)))
		}
	})
	for _, immediate := range []bool{true, false} {
		reach(t, &stored, stored.Load()+20)
		if err := cluster.Stop(immediate); err != nil {
			t.Fatal(err)
		}
		if err := s.SetHold(t.Context(), false); !errors.Is(err, subscriptions.ErrUnavailable) {
			t.Errorf("a write without a server: %v, want ErrUnavailable", err)
		}
		if err := cluster.Start(); err != nil {
			t.Fatal(err)
		}
	}
	reach(t, &stored, stored.Load()+20)
	close(stop)
	group.Wait()
	if failed.Load() == 0 {
		t.Error("no write met the restart: the test proves nothing")
	}
	state, err := s.InboxState(t.Context(), lane)
	if err != nil || int64(state.Waiting) != stored.Load() {
		t.Errorf("%d updates are stored, %v; acknowledged were %d", state.Waiting, err, stored.Load())
	}
	awaitAfter(t, hints, func() { _ = s.SetHold(t.Context(), false) })
	there, err := s.Notices(t.Context(), 0)
	if err != nil || len(there) != len(published) {
		t.Errorf("%d notices are stored, %v; %d were published", len(there), err, len(published))
	}
	for k, n := range there {
		if n.ID != published[k] || n.State != subscriptions.Published {
			t.Errorf("notice %d is %s, want %d to be published", n.ID, n.State, published[k])
		}
	}
}

// publishAnyhow publishes a notice, repeating the request until it is acknowledged.
func publishAnyhow(t *testing.T, s *postgres.Store, request string) subscriptions.NoticeID {
	for {
		out, err := s.Commit(t.Context(), subscriptions.Change{Request: request, Now: begun(), Line: subscriptions.AuditLine{At: begun(), Action: "notice.publish"},
			Incident: &subscriptions.Incident{State: subscriptions.Investigating, Round: 1, OpenedAt: begun()},
			Notices:  []subscriptions.Notice{{Round: 1, Kind: subscriptions.Outage, State: subscriptions.Published, PublishedAt: begun()}}})
		if err == nil {
			return out.Notices[0].ID
		}
		if !errors.Is(err, subscriptions.ErrUnavailable) {
			t.Errorf("publish: %v, want ErrUnavailable", err)
			return 0
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// reach waits until a count is reached.
func reach(t *testing.T, n *atomic.Int64, want int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for n.Load() < want {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("only %d of %d within 30 s", n.Load(), want)
		}
	}
}
