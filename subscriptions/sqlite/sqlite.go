// Package sqlite is the Store on one SQLite file: the default where nothing is
// configured. It fetches facts and writes rows; what follows from the facts is
// decided in package subscriptions. Several processes may use one file.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"strconv"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"arifa/subscriptions"
)

// Store is a subscriptions.Store on one file.
type Store struct {
	path    string
	log     *slog.Logger
	clock   func() time.Time
	reading bool
	each    bool // tests only: everybody is planned by himself
	pools   []*sql.DB
	write   chan *conn // the one writer; empty while somebody writes
	read    chan *conn
	conns   map[chan *conn]int // how many each has
	cache   *cache
	looks   subscriptions.Looks // of Unaccounted
	stretch int64               // of ids that Unaccounted looks at in one go
}

var (
	_ subscriptions.Store    = (*Store)(nil)
	_ subscriptions.Hinter   = (*Store)(nil)
	_ subscriptions.Backer   = (*Store)(nil)
	_ subscriptions.Importer = (*Store)(nil)
)

// Config of Open; the zero value opens an existing database of this release for
// reading and writing.
type Config struct {
	Log      *slog.Logger // nil = nothing is logged
	Migrate  bool         // create the file and bring its schema up to date
	ReadOnly bool
	// Clock is the database's clock, which only Lanes and the lapse of leases
	// read. SQLite has none of its own: it is this machine's. nil = time.Now.
	Clock func() time.Time
}

// readers is how many reads run beside the writer.
const readers = 3

// applicationID marks the file as ours: "Arif" in ASCII.
const applicationID = 0x41726966

// Open opens the database file at path. It returns ErrNotFound where there is
// none and Config.Migrate is not set, and ErrSchema, with what to do, where the
// file belongs to another release or program.
func Open(ctx context.Context, path string, cfg Config) (*Store, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if err := ensureFile(path, cfg.Migrate && !cfg.ReadOnly); err != nil {
		return nil, err
	}
	s := &Store{path: path, log: cfg.Log.With("component", "sqlite"), clock: cfg.Clock, reading: cfg.ReadOnly,
		write: make(chan *conn, 1), read: make(chan *conn, readers), conns: map[chan *conn]int{}, cache: newCache(), stretch: subscriptions.Stretch}
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		err := s.open(ctx, cfg)
		if err == nil {
			return s, nil
		}
		_ = s.Close()
		// Only the first opening of a file, while others open it too, is busy.
		if !busy(err) || time.Since(began) > patience || ctx.Err() != nil {
			return nil, fmt.Errorf("open %s: %w", path, err)
		}
	}
}

func (s *Store) open(ctx context.Context, cfg Config) error {
	writer, err := sql.Open("sqlite", dsn(s.path, cfg.ReadOnly, 8))
	if err != nil {
		return err
	}
	writer.SetMaxOpenConns(1)
	s.pools = append(s.pools, writer)
	if cfg.Migrate && !cfg.ReadOnly {
		if err := s.migrate(ctx, writer); err != nil {
			return err
		}
	}
	if err := checkSchema(ctx, writer); err != nil {
		return err
	}
	reader, err := sql.Open("sqlite", dsn(s.path, true, 2))
	if err != nil {
		return err
	}
	s.pools = append(s.pools, reader)
	for range readers {
		c, err := newConn(ctx, reader)
		if err != nil {
			return err
		}
		s.add(s.read, c)
	}
	if cfg.ReadOnly {
		return nil
	}
	c, err := newConn(ctx, writer)
	if err != nil {
		return err
	}
	s.add(s.write, c)
	return nil
}

func (s *Store) add(to chan *conn, c *conn) {
	s.conns[to]++
	to <- c
}

// ensureFile creates the file for its owner alone, before SQLite would create it
// for everybody; the files beside it (-wal, -shm) take its permissions over.
func ensureFile(path string, create bool) error {
	_, err := os.Stat(path)
	if !errors.Is(err, fs.ErrNotExist) || !create {
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is no database at %s: create one with `arifa migrate` or start `arifa serve`: %w", path, subscriptions.ErrNotFound)
		}
		if err != nil {
			return fmt.Errorf("%w: %w", subscriptions.ErrUnavailable, err)
		}
		return nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist): // another process was quicker
		return nil
	case err != nil:
		return fmt.Errorf("create %s: %w: %w", path, subscriptions.ErrUnavailable, err)
	}
	return f.Close()
}

// dsn carries the pragmas, so that every connection has them. busy_timeout stays
// 0: SQLite's own waiting starves a writer beside a busy one, so we try again
// ourselves.
func dsn(path string, readOnly bool, cacheMiB int) string {
	q := url.Values{"_txlock": {"immediate"}}
	q["_pragma"] = []string{"busy_timeout(0)", "foreign_keys(1)", "synchronous(FULL)", "secure_delete(1)", "cache_size(-" + strconv.Itoa(cacheMiB<<10) + ")"}
	if readOnly {
		q["_pragma"] = append(q["_pragma"], "query_only(1)")
	} else {
		q["_pragma"] = append(q["_pragma"], "journal_mode(WAL)", "journal_size_limit(67108864)")
	}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}
	return u.String()
}

// Close waits for the running calls and closes the file.
func (s *Store) Close() error {
	var errs []error
	late := time.After(closeWait)
	for _, ch := range []chan *conn{s.read, s.write} {
		for range s.conns[ch] {
			select {
			case c := <-ch:
				errs = append(errs, c.close())
			case <-late:
			}
		}
		s.conns[ch] = 0
	}
	for _, p := range s.pools {
		errs = append(errs, p.Close())
	}
	s.pools = nil
	return translate(errors.Join(errs...))
}
