package postgrestest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions/postgres/postgrestest"
)

// envVictim tells a copy of this test program to start a cluster and wait to be killed.
const envVictim = "ARIFA_POSTGRESTEST_VICTIM"

func TestMain(m *testing.M) {
	if os.Getenv(envVictim) != "" {
		c, err := postgrestest.Start(postgrestest.Config{})
		if err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		fmt.Println(c.Dir())
		select {}
	}
	os.Exit(m.Run())
}

func TestDatabase_is_fresh_and_alone(t *testing.T) {
	t.Parallel()
	first, second := postgrestest.Database(t), postgrestest.Database(t)
	exec1(t, first, "CREATE TABLE only_here (n int)")
	if got := count(t, first, "SELECT count(*) FROM pg_tables WHERE tablename = 'only_here'"); got != 1 {
		t.Errorf("the table is not in its own database")
	}
	if got := count(t, second, "SELECT count(*) FROM pg_tables WHERE tablename = 'only_here'"); got != 0 {
		t.Errorf("two tests share a database")
	}
}

func TestDatabase_is_dropped_at_the_end(t *testing.T) {
	t.Parallel()
	c := postgrestest.NewCluster(t, postgrestest.Config{})
	tb := &recorder{}
	url := c.Database(tb)
	open := connect(t, url) // a connection that a test forgot does not keep it
	defer func() { _ = open.Close(context.Background()) }()
	before := count(t, c.URL(), "SELECT count(*) FROM pg_database WHERE datname LIKE 'arifa_test_%'")
	tb.end()
	after := count(t, c.URL(), "SELECT count(*) FROM pg_database WHERE datname LIKE 'arifa_test_%'")
	if before != 1 || after != 0 {
		t.Errorf("databases before and after the end of the test: %d and %d, want 1 and 0 (%v)", before, after, tb.said)
	}
}

func TestCluster_keeps_what_was_committed_over_a_power_cut(t *testing.T) {
	t.Parallel()
	c := postgrestest.NewCluster(t, postgrestest.Config{Durable: true})
	url := c.Database(t)
	exec1(t, url, "CREATE TABLE kept (n int)")
	exec1(t, url, "INSERT INTO kept SELECT generate_series(1, 100)")
	for _, immediate := range []bool{true, false} {
		if err := c.Stop(immediate); err != nil {
			t.Fatalf("stop: %v", err)
		}
		if err := c.Stop(immediate); err != nil {
			t.Fatalf("stop once more: %v", err)
		}
		if conn, err := pgx.Connect(context.Background(), url); err == nil {
			_ = conn.Close(context.Background())
			t.Fatal("a stopped server answers")
		}
		if err := errors.Join(c.Start(), c.Start()); err != nil {
			t.Fatalf("start: %v", err)
		}
		if got := count(t, url, "SELECT count(*) FROM kept"); got != 100 {
			t.Errorf("rows after stop (immediate %v): %d, want 100", immediate, got)
		}
	}
	if got := setting(t, url, "fsync"); got != "on" {
		t.Errorf("fsync of a durable cluster is %s, want on", got)
	}
}

func TestCluster_is_quick_and_private_by_default(t *testing.T) {
	t.Parallel()
	c := postgrestest.NewCluster(t, postgrestest.Config{Settings: map[string]string{"max_connections": "7"}})
	for name, want := range map[string]string{"fsync": "off", "listen_addresses": "", "max_connections": "7"} {
		if got := setting(t, c.URL(), name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if err := errors.Join(c.Close(), c.Close()); err != nil {
		t.Errorf("close: %v", err)
	}
	if _, err := os.Stat(c.Dir()); !os.IsNotExist(err) {
		t.Errorf("files of a closed cluster are still there: %v", err)
	}
	if err := c.Start(); err == nil {
		t.Error("a closed cluster starts")
	}
}

func TestCluster_says_why_it_does_not_start(t *testing.T) {
	t.Parallel()
	skipWithoutServer(t)
	_, err := postgrestest.Start(postgrestest.Config{Settings: map[string]string{"shared_buffers": "nonsense"}})
	if err == nil || !strings.Contains(err.Error(), "shared_buffers") {
		t.Errorf("got %v, want the server's own words", err)
	}
}

// Nothing may be left when a test process is killed in the middle.
func TestCluster_dies_with_its_process(t *testing.T) {
	t.Parallel()
	skipWithoutServer(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	victim := exec.Command(self)
	victim.Env = append(os.Environ(), envVictim+"=1")
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	dir := strings.TrimSpace(line)
	if err != nil || !strings.HasPrefix(filepath.Base(dir), "arifa-pg-") {
		_ = victim.Process.Kill()
		t.Fatalf("the other process says %q, %v", line, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "data", "postmaster.pid")); err != nil {
		t.Errorf("no server runs before the kill: %v", err)
	}
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		// The keeper removes the directory after the server has gone.
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("20 s after the kill the cluster in %s is still there", dir)
		}
	}
}

func TestMissing_server_skips_aloud_or_fails(t *testing.T) {
	nowhere := postgrestest.Config{Bin: t.TempDir()}
	t.Setenv(postgrestest.EnvRequire, "")
	skipped := &recorder{}
	postgrestest.NewCluster(skipped, nowhere)
	if got := strings.Join(skipped.said, "\n"); !strings.HasPrefix(got, "skip: SKIPPED, POSTGRESQL NOT TESTED") {
		t.Errorf("without a server: %q, want a loud skip", got)
	}
	t.Setenv(postgrestest.EnvRequire, "1")
	failed := &recorder{}
	postgrestest.NewCluster(failed, nowhere)
	if got := strings.Join(failed.said, "\n"); !strings.HasPrefix(got, "fatal: ") {
		t.Errorf("without a server that is required: %q, want a failure", got)
	}
}

func TestDatabase_uses_the_server_of_the_environment(t *testing.T) {
	c := postgrestest.NewCluster(t, postgrestest.Config{})
	dsn := "host=" + c.Dir() + " port=5432 user=arifa dbname=postgres"
	for _, server := range []string{c.URL(), c.URL() + "&dbname=postgres", dsn} {
		t.Setenv(postgrestest.EnvDatabase, server)
		url := postgrestest.Database(t)
		if got := setting(t, url, "unix_socket_directories"); got != c.Dir() {
			t.Errorf("the database is on the server in %s, want %s", got, c.Dir())
		}
		if got := text(t, url, "SELECT current_database()"); !strings.HasPrefix(got, "arifa_test_") {
			t.Errorf("the test works in the database %s of the given server", got)
		}
	}
}

// recorder is a TB that writes down what it is told.
type recorder struct {
	said     []string
	cleanups []func()
}

func (r *recorder) Helper()                  {}
func (r *recorder) Cleanup(f func())         { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Logf(f string, a ...any)  { r.said = append(r.said, "log: "+fmt.Sprintf(f, a...)) }
func (r *recorder) Skipf(f string, a ...any) { r.said = append(r.said, "skip: "+fmt.Sprintf(f, a...)) }
func (r *recorder) Fatalf(f string, a ...any) {
	r.said = append(r.said, "fatal: "+fmt.Sprintf(f, a...))
}
func (r *recorder) end() {
	for _, f := range r.cleanups {
		f()
	}
}

func skipWithoutServer(t *testing.T) {
	t.Helper()
	c, err := postgrestest.Start(postgrestest.Config{})
	if errors.Is(err, postgrestest.ErrNoServer) && os.Getenv(postgrestest.EnvRequire) != "1" {
		t.Skipf("SKIPPED: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	return conn
}

func exec1(t *testing.T, url, statement string) {
	t.Helper()
	conn := connect(t, url)
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(context.Background(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func text(t *testing.T, url, query string) string {
	t.Helper()
	conn := connect(t, url)
	defer func() { _ = conn.Close(context.Background()) }()
	var s string
	if err := conn.QueryRow(context.Background(), query).Scan(&s); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return s
}

func setting(t *testing.T, url, name string) string {
	t.Helper()
	return text(t, url, "SELECT current_setting('"+name+"')")
}

func count(t *testing.T, url, query string) int {
	t.Helper()
	var n int
	if _, err := fmt.Sscan(text(t, url, "SELECT ("+query+")::text"), &n); err != nil {
		t.Fatal(err)
	}
	return n
}
