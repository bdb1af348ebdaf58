// Package postgres is the Store on PostgreSQL (pgx v5), for deployments with
// several replicas: the database is where they meet. It fetches facts and writes
// rows; what follows from the facts is decided in package subscriptions. It never
// creates a database, and only Migrate changes a schema.
//
// Two roles of the database are enough. The one that runs Migrate owns the schema
// and its tables. The one that the service runs as needs no more than
//
//	GRANT USAGE ON SCHEMA public TO arifa;
//	GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO arifa;
//	GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO arifa;
//	REVOKE UPDATE, DELETE ON audit FROM arifa;
//
// so that it cannot change the schema. The audit record is append-only for the
// owner too: a trigger refuses UPDATE, DELETE and TRUNCATE.
//
// Locks are taken in this order everywhere: the publish lock (Publish takes it
// exclusively; Subscribe, Expand and whoever plans deliveries share it), then the
// register lock (Expand takes it exclusively, whoever plans for single recipients
// shares it), then recipients by id, then deliveries by id, then spans, then claims,
// then the audit lock. Lease takes a lane, rows that nobody works on, and spans.
package postgres

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"arifa/subscriptions"
)

// Store is a subscriptions.Store on one PostgreSQL database.
type Store struct {
	pool    *pgxpool.Pool
	log     *slog.Logger
	cache   *cache
	looks   subscriptions.Looks // of Unaccounted
	stretch int64               // of ids that Unaccounted looks at in one go
	each    bool                // tests only: everybody is planned by himself

	tides sync.Mutex
	high  tide   // how far the database had come when it was looked at last
	state string // the file that keeps it over restarts; "" = none

	ended     <-chan struct{}    // closed by stop: what listens for hints ends
	stop      context.CancelFunc // of the listeners
	listeners sync.WaitGroup
}

var (
	_ subscriptions.Store    = (*Store)(nil)
	_ subscriptions.Hinter   = (*Store)(nil)
	_ subscriptions.Importer = (*Store)(nil)
)

// Config of Open; the zero value opens a database of this release.
type Config struct {
	Log *slog.Logger // nil = nothing is logged
	// Migrating opens a database whose schema is absent or old, for Migrate to
	// bring up to date.
	Migrating bool
}

// conns is the size of the pool where the URL does not say pool_max_conns.
const conns = 12

// settings of each connection where the URL does not say otherwise; times are
// milliseconds. No statement of ours takes a second: the limits end what would
// hang. How a query runs must not depend on statistics, which are old whenever a
// broadcast has just filled the outbox: measured without them, 2,000 rows/s became
// 600 while 40,000 were sent, for whole tables were read, and bitmap scans walked
// over every dead entry of the partial indexes, which an index scan clears away.
// Compiling a query takes longer than any of ours runs. A process that is frozen or cut
// off in the middle of a transaction holds its locks; another one goes on when the server
// has ended that transaction, so it is given as long as a lane's tenure and not a minute
// (measured: nothing was sent for 60 s).
var settings = map[string]string{
	"application_name":                    "arifa",
	"statement_timeout":                   "30000",
	"lock_timeout":                        "10000",
	"idle_in_transaction_session_timeout": "4000",
	"timezone":                            "UTC",
	"enable_seqscan":                      "off",
	"enable_bitmapscan":                   "off",
	"jit":                                 "off",
}

// Open connects to the database at url ("postgres://user@host/name"). It returns
// ErrUnavailable where nobody answers, ErrAbsent where the server has no such
// database, ErrEmpty where it has no tables yet and ErrSchema, with what to do, where
// the schema is of another release or program. Errors never carry the URL,
// which may hold a password.
func Open(ctx context.Context, url string, cfg Config) (*Store, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	pc, err := poolConfig(url)
	if err != nil {
		return nil, fmt.Errorf("open postgres: the database URL cannot be read: %w", err)
	}
	pool, err := pgxpool.NewWithConfig(ctx, pc)
	if err != nil {
		return nil, fmt.Errorf("open postgres: %w", translate(ctx, err))
	}
	s := &Store{pool: pool, log: cfg.Log.With("component", "postgres"), cache: newCache(), stretch: subscriptions.Stretch}
	ended, stop := context.WithCancel(context.Background())
	s.ended, s.stop = ended.Done(), stop
	if err := s.check(ctx, cfg.Migrating); err != nil {
		_ = s.Close()
		return nil, fmt.Errorf("open postgres: %w", err)
	}
	return s, nil
}

func poolConfig(url string) (*pgxpool.Config, error) {
	pc, err := pgxpool.ParseConfig(url) // its error hides passwords
	if err != nil {
		return nil, err
	}
	if !strings.Contains(url, "pool_max_conns") {
		pc.MaxConns = conns
	}
	for name, value := range settings {
		if _, set := pc.ConnConfig.RuntimeParams[name]; !set {
			pc.ConnConfig.RuntimeParams[name] = value
		}
	}
	if pc.ConnConfig.ConnectTimeout == 0 {
		pc.ConnConfig.ConnectTimeout = 10 * time.Second
	}
	return pc, nil
}

// Close ends the hints, waits for the running calls and closes the connections.
func (s *Store) Close() error {
	s.stop()
	s.listeners.Wait()
	s.pool.Close()
	return nil
}
