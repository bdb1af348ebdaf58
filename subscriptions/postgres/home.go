package postgres

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
)

// behind is where a database counts as being that has forgotten what was seen of it.
const behind = "an older state of this database"

// tide is how far a database has come, in figures that only grow.
type tide struct {
	Home     string    `json:"home"`
	Commits  int64     `json:"commits"`
	Tenures  int64     `json:"tenures"`
	LastSent time.Time `json:"last_sent"`
}

// lagging is how much of what was sent a standby may lack that takes over: a cluster
// that is put back lacks more.
const lagging = time.Minute

func (t tide) below(o tide) bool {
	return t.Home == o.Home && (t.Commits < o.Commits || t.Tenures < o.Tenures || t.LastSent.Before(o.LastSent.Add(-lagging)))
}

// Home implements subscriptions.Dweller. A dump that is loaded lies in another
// database of another number. A whole cluster that is put back knows nothing of it; but
// this process does, and the file of KeepIn: it has come less far than they saw.
func (s *Store) Home(ctx context.Context) (last, now string, err error) {
	has, last, err := s.tide(ctx)
	if err == nil && last == has.Home && has.below(s.seen()) {
		last = behind
	}
	return last, has.Home, err
}

func (s *Store) tide(ctx context.Context) (has tide, last string, err error) {
	err = s.view(ctx, "find out where the database was", func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT m.home, 'cluster ' || c.system_identifier || ' database ' || d.oid, m.generation,
				(SELECT coalesce(sum(fence), 0)::bigint FROM lane), (SELECT max(last_at) FROM notice_sent)
			FROM meta m, pg_control_system() c, pg_database d WHERE d.datname = current_database()`).Scan(&last, &has.Home, &has.Commits, &has.Tenures, (*when)(&has.LastSent))
	})
	return has, last, err
}

// Settle implements subscriptions.Dweller.
func (s *Store) Settle(ctx context.Context, home string) error {
	err := s.update(ctx, "note where the database is", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE meta SET home = $1 WHERE home <> $1", home)
		return err
	})
	if err != nil {
		return err
	}
	has, _, err := s.tide(ctx)
	if err != nil {
		return err
	}
	s.tides.Lock()
	defer s.tides.Unlock()
	s.high = has
	if s.state == "" {
		return nil
	}
	return keep(s.state, has)
}

// KeepIn names a file of this machine that keeps, over restarts, how far the database had
// come. It is called before anything else.
func (s *Store) KeepIn(file string) { s.state = file }

// seen is how far the database had come at the last Settle, of this process or of one
// before it on this machine.
func (s *Store) seen() (t tide) {
	s.tides.Lock()
	defer s.tides.Unlock()
	if s.high != (tide{}) || s.state == "" {
		return s.high
	}
	if text, err := os.ReadFile(s.state); err == nil {
		_ = json.Unmarshal(text, &t) // what is no tide is none
	}
	return t
}

// keep replaces the file whole: half of one would say nothing after a power cut.
func keep(name string, t tide) error {
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
