package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// channel is what a change is announced on; it carries no payload.
const channel = "arifa"

// hint announces a change to everybody who listens, when the transaction commits.
// Only what others wait for is announced: PostgreSQL lets transactions that
// announce something commit one after the other.
func hint(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, "SELECT pg_notify($1, '')", channel)
	return err
}

// Hints implements subscriptions.Hinter: it listens on a connection of its own
// until ctx ends or the store is closed, and connects again after a loss. Then it
// hints once, for what may have been missed. The channel is closed at the end.
func (s *Store) Hints(ctx context.Context) <-chan struct{} {
	out := make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(ctx)
	s.listeners.Go(func() {
		select { // the line that ends the listener when the store is closed
		case <-s.ended:
		case <-ctx.Done():
		}
		cancel()
	})
	s.listeners.Go(func() {
		defer close(out)
		defer cancel()
		for wait := retryFirst; ctx.Err() == nil; wait = min(2*wait, retryMost) {
			if heard := s.listen(ctx, out); heard {
				wait = retryFirst
			}
			sleep(ctx, wait)
		}
	})
	return out
}

const (
	retryFirst = 50 * time.Millisecond
	retryMost  = 5 * time.Second
	// alive is how often a silent connection is asked whether it still is one.
	alive = 30 * time.Second
)

// listen passes hints on until the connection is lost; heard says whether it
// listened at all.
func (s *Store) listen(ctx context.Context, out chan<- struct{}) (heard bool) {
	config := s.pool.Config().ConnConfig.Copy()
	config.RuntimeParams["application_name"] = "arifa hints"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		s.lostHints(ctx, err)
		return false
	}
	defer func() {
		bye, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(bye)
	}()
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		s.lostHints(ctx, err)
		return false
	}
	give(out)
	for {
		silent, cancel := context.WithTimeout(ctx, alive)
		_, err := conn.WaitForNotification(silent)
		cancel()
		switch {
		case err == nil:
			give(out)
		case ctx.Err() != nil:
			return true
		case silent.Err() != nil && conn.Ping(ctx) == nil:
		default:
			s.lostHints(ctx, err)
			return true
		}
	}
}

func (s *Store) lostHints(ctx context.Context, err error) {
	if ctx.Err() == nil {
		s.log.Warn("hints are interrupted; changes are still found by asking", "err", translate(ctx, err))
	}
}

// give leaves a hint unless one waits already.
func give(out chan<- struct{}) {
	select {
	case out <- struct{}{}:
	default:
	}
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
