package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"time"

	"arifa/subscriptions"
)

// LockServe makes this process the only `serve` on the file until release, or
// until the process dies. ErrExists: another one serves it.
func (s *Store) LockServe(ctx context.Context) (release func(), err error) {
	release, err = lockFile(ctx, s.path+".serve.lock", false)
	if errors.Is(err, subscriptions.ErrExists) {
		return nil, fmt.Errorf("another `arifa serve` runs on %s: stop it first, or use PostgreSQL for several: %w", s.path, err)
	}
	return release, err
}

// Backup writes a consistent copy to a new file at path while the store runs.
// It returns ErrExists where there is a file already.
func (s *Store) Backup(ctx context.Context, path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("backup: %s %w; name a new file", path, subscriptions.ErrExists)
	case err != nil:
		return fmt.Errorf("backup: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	c, err := s.take(ctx, s.read)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer func() { s.read <- c }()
	// The connection is marked for queries only; the copy is another file.
	if _, err := c.c.ExecContext(ctx, "PRAGMA query_only = 0"); err != nil {
		return fmt.Errorf("backup: %w", translate(err))
	}
	defer func() { _, _ = c.c.ExecContext(context.WithoutCancel(ctx), "PRAGMA query_only = 1") }()
	if _, err := c.c.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
		removeFile(path)
		return fmt.Errorf("backup: %w", translate(err))
	}
	if err := markCopy(ctx, path); err != nil {
		removeFile(path)
		return fmt.Errorf("backup: %w", translate(err))
	}
	return syncFile(path)
}

// removeFile takes a copy away that was not finished, with what lies beside it.
func removeFile(path string) {
	_ = os.Remove(path)
	_ = os.Remove(path + "-journal")
}

// markCopy makes a copy know that it is one, wherever it is put.
func markCopy(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_pragma=journal_mode(DELETE)")
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "UPDATE meta SET home = ? WHERE home <> ''", aCopy)
	return errors.Join(err, db.Close())
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return errors.Join(f.Sync(), f.Close())
}

// hintEvery is how often the file is asked whether anybody committed.
const hintEvery = 50 * time.Millisecond

// Hints gives a value soon after a commit of this or another process. The
// channel is closed when ctx ends.
func (s *Store) Hints(ctx context.Context) <-chan struct{} {
	out, pool := make(chan struct{}, 1), s.pools[1]
	go func() { // ends with ctx
		defer close(out)
		tick := time.NewTicker(hintEvery)
		defer tick.Stop()
		db := hintConn{pool: pool}
		defer db.close()
		for db.changed(ctx, s); ; {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if !db.changed(ctx, s) {
				continue
			}
			select {
			case out <- struct{}{}:
			default: // one is waiting already
			}
		}
	}()
	return out
}

// hintConn watches data_version, which changes on a connection when another one
// commits; so it needs a connection of its own that never commits.
type hintConn struct {
	pool *sql.DB
	c    *conn
	last int64
}

func (h *hintConn) changed(ctx context.Context, s *Store) bool {
	if h.c == nil {
		c, err := newConn(ctx, h.pool)
		if err != nil {
			return false
		}
		h.c = c
	}
	var now int64
	if err := h.c.one("PRAGMA data_version", nil, &now); err != nil {
		s.log.Warn("poll for changes", "error", err)
		return false
	}
	changed := h.last != 0 && now != h.last
	h.last = now
	return changed
}

func (h *hintConn) close() {
	if h.c != nil {
		_ = h.c.close()
	}
}
