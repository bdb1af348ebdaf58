// Package postgrestest gives tests a real PostgreSQL: a private server of their
// own on a unix socket, started whenever server binaries are on the machine, or
// the server that ARIFA_TEST_DATABASE names.
//
// Nothing is left running: the server is the child of a small shell that stops it
// and removes its files as soon as the test process is gone, however it went.
package postgrestest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// TB is what the package needs of *testing.T.
type TB interface {
	Helper()
	Cleanup(func())
	Logf(format string, args ...any)
	Skipf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Names of the environment: a server to use instead of an own one, and the switch
// that turns "no PostgreSQL here" from a skip into a failure.
const (
	EnvDatabase = "ARIFA_TEST_DATABASE"
	EnvRequire  = "ARIFA_REQUIRE_POSTGRES"
)

// ErrNoServer is returned where no PostgreSQL server binaries are found.
var ErrNoServer = errors.New("no PostgreSQL server binaries (initdb, postgres) in PATH, /usr/lib/postgresql or pg_config --bindir")

// Database returns the URL of a fresh empty database, which is dropped when the
// test ends. It lives on the server that ARIFA_TEST_DATABASE names (whose user
// must be allowed to create databases), or on one server that all tests of this
// process share, with fsync off. Without any, the test is skipped, or fails when
// ARIFA_REQUIRE_POSTGRES is 1.
func Database(tb TB) string {
	tb.Helper()
	if server := os.Getenv(EnvDatabase); server != "" {
		return fresh(tb, server)
	}
	c, err := shared.cluster()
	if err != nil {
		missing(tb, err)
		return ""
	}
	return fresh(tb, c.URL())
}

// processServer starts one server for all tests of a process at the first call.
// It is the package's only state: a server for each test would cost a second each.
type processServer struct {
	once sync.Once
	c    *Cluster
	err  error
}

var shared processServer

func (p *processServer) cluster() (*Cluster, error) {
	p.once.Do(func() { p.c, p.err = Start(Config{}) })
	return p.c, p.err
}

// NewCluster starts a server for one test alone, for faults such as Stop; it is
// gone when the test ends. Skips and fails as Database does; ARIFA_TEST_DATABASE
// does not count, for a test must not stop somebody's server.
func NewCluster(tb TB, config Config) *Cluster {
	tb.Helper()
	c, err := Start(config)
	if err != nil {
		missing(tb, err)
		return nil
	}
	tb.Cleanup(func() {
		if err := c.Close(); err != nil {
			tb.Logf("close the PostgreSQL of the test: %v", err)
		}
	})
	return c
}

// Database returns the URL of a fresh empty database of this cluster.
func (c *Cluster) Database(tb TB) string {
	tb.Helper()
	return fresh(tb, c.URL())
}

// missing ends a test that has no server: aloud, and as a failure where a server
// is required or where one was found and did not start.
func missing(tb TB, err error) {
	tb.Helper()
	if os.Getenv(EnvRequire) != "1" && errors.Is(err, ErrNoServer) {
		tb.Skipf("SKIPPED, POSTGRESQL NOT TESTED: %v; install them (Debian: apt-get install postgresql) or set %s", err, EnvDatabase)
		return
	}
	tb.Fatalf("PostgreSQL for tests: %v", err)
}

// timeout of one statement of ours; a loaded machine creates a database in a second or two.
const timeout = 60 * time.Second

// fresh creates a database on the server behind the URL and returns its URL.
func fresh(tb TB, server string) string {
	tb.Helper()
	name := "arifa_test_" + randomName()
	database, err := withDatabase(server, name)
	if err == nil {
		err = run(server, "CREATE DATABASE "+name+" TEMPLATE template0")
	}
	if err != nil {
		tb.Fatalf("create a test database: %v", err)
		return ""
	}
	tb.Cleanup(func() {
		// A test of faults may have stopped the server, and its files go with it.
		if err := run(server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			tb.Logf("drop the test database: %v", err)
		}
	})
	return database
}

func randomName() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails; see its documentation
	return hex.EncodeToString(b[:])
}

// withDatabase returns the connection string with another database name; it may
// be a URL or a row of key=value.
func withDatabase(server, name string) (string, error) {
	if !strings.HasPrefix(server, "postgres://") && !strings.HasPrefix(server, "postgresql://") {
		return server + " dbname=" + name, nil // the last of two equal keys counts
	}
	u, err := url.Parse(server)
	if err != nil {
		return "", fmt.Errorf("%s is not a URL", EnvDatabase) // without its text: it may hold a password
	}
	q := u.Query()
	q.Del("dbname")
	q.Del("database")
	u.Path, u.RawQuery = "/"+name, q.Encode()
	return u.String(), nil
}

func run(server, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, statement)
	return err
}
