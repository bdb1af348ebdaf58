package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"arifa/subscriptions"
)

// durable makes commits durable for several writers at once. SQLite confirms a commit
// (synchronous=FULL) by an fsync of the WAL while it keeps everybody else from writing;
// on a disk that takes 2 ms for it a broadcast waits as long for the disk as it works.
// So what a broadcast does hundreds of times (Expand, Lease, Finish) commits without
// it, lets the next one write, and returns when an fsync of the WAL that began after
// its commit has ended: the same promise, and one fsync keeps it for all who wait.
//
// That is sound because a WAL is only added to until it is copied into the database,
// and SQLite makes it durable itself before it does that. Whoever sees what was
// committed and acts on it commits after it, in the same WAL, and waits for both.
type durable struct {
	wal  string
	sync func(*os.File) error // of tests; nil = fsync

	mu      sync.Mutex
	ended   sync.Cond // an fsync ended
	file    *os.File
	commits int64 // so many were made without an fsync
	safe    int64 // so many of them are durable
	syncing bool
	broken  error // an fsync failed: what is in the WAL may be lost
}

func newDurable(path string) *durable {
	d := &durable{wal: path + "-wal"}
	d.ended.L = &d.mu
	return d
}

// committed notes a commit without an fsync and returns its number.
func (d *durable) committed() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.commits++
	return d.commits
}

// wait returns when a commit is durable.
func (d *durable) wait(commit int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.safe < commit && d.broken == nil {
		if d.syncing {
			d.ended.Wait()
			continue
		}
		d.syncing = true
		covers := d.commits
		d.mu.Unlock()
		err := d.fsync()
		d.mu.Lock()
		d.syncing = false
		if err != nil {
			d.broken = err
		} else {
			d.safe = max(d.safe, covers)
		}
		d.ended.Broadcast()
	}
	if d.safe < commit {
		return fmt.Errorf("%w: what was written may not survive a power cut: %w", subscriptions.ErrUnavailable, d.broken)
	}
	return nil
}

// fsync is never called twice at once.
func (d *durable) fsync() error {
	there, err := os.Stat(d.wal)
	if err != nil {
		return err
	}
	if d.file != nil {
		if have, err := d.file.Stat(); err != nil || !os.SameFile(have, there) {
			_ = d.file.Close()
			d.file = nil
		}
	}
	if d.file == nil {
		if d.file, err = os.OpenFile(d.wal, os.O_RDWR, 0); err != nil {
			return err
		}
		if dir, err := os.Open(filepath.Dir(d.wal)); err == nil { // its name has to last as well; not every system can say so
			_ = dir.Sync()
			_ = dir.Close()
		}
	}
	if d.sync != nil {
		return d.sync(d.file)
	}
	return d.file.Sync()
}

// failed is why the WAL cannot be trusted; nil = it can.
func (d *durable) failed() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.broken
}

// mended says that everything in the WAL lies durably in the database itself.
func (d *durable) mended() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.safe, d.broken = d.commits, nil
}

func (d *durable) close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.file == nil {
		return nil
	}
	err := d.file.Close()
	d.file = nil
	return err
}

// updateOften is update for what a broadcast does often: others may write while what it
// wrote is made durable.
func (s *Store) updateOften(ctx context.Context, what string, fn func(*conn) error) error {
	commit, err := s.with(ctx, s.write, often, what, fn)
	if err != nil || commit == 0 {
		return err
	}
	if err := s.durable.wait(commit); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// mend copies the WAL into the database after an fsync of it failed: the system may have
// forgotten what it did not write, but still shows it.
func (s *Store) mend(c *conn) error {
	cause := s.durable.failed()
	if cause == nil {
		return nil
	}
	if err := c.synchronous("FULL"); err != nil {
		return err
	}
	for began := time.Now(); ; time.Sleep(2 * time.Millisecond) {
		var busy, pages, copied int
		err := c.c.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &copied)
		switch {
		case err != nil:
			return errors.Join(err, cause)
		case busy == 0:
			s.durable.mended()
			return nil
		case time.Since(began) > mendFor:
			return fmt.Errorf("%w: the disk failed, and its last writes cannot be repeated while somebody reads: %w", subscriptions.ErrUnavailable, cause)
		}
	}
}

// mendFor is how long mend waits for who is reading.
const mendFor = time.Second

// synchronous sets how the writer's next commits are confirmed; it runs when it is
// prepared, so it cannot be kept prepared.
func (c *conn) synchronous(how string) error {
	if c.syncs == how {
		return nil
	}
	c.syncs = ""
	if _, err := c.c.ExecContext(context.Background(), "PRAGMA synchronous = "+how); err != nil {
		return err
	}
	c.syncs = how
	return nil
}
