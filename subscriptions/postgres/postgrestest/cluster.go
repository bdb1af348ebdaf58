package postgrestest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// Config of a cluster; the zero value is a quick one that loses data in a crash.
type Config struct {
	// Durable keeps fsync, synchronous_commit and full_page_writes on, so that
	// what was committed outlives Stop(true).
	Durable bool
	// Settings are further settings of the server ("max_connections": "5").
	Settings map[string]string
	// Data and WAL are empty directories that the server shall write into, such as
	// small volumes that a test fills up; they are given to the server's user. Empty =
	// beside its socket. Segments of a WAL of its own are of 1 MiB.
	Data, WAL string
	// Bin is the directory of the server binaries; empty = look for it.
	Bin string
}

// Cluster is a private PostgreSQL server, reached through a unix socket only.
// Its methods are safe for several goroutines.
type Cluster struct {
	dir  string // owned by the server's user; holds socket and log, and data
	data string

	mu     sync.Mutex
	keeper *exec.Cmd
	orders io.WriteCloser
	said   *bufio.Reader
	up     bool
	closed bool
}

// keeperScript is the shell between us and the server. The server is its child,
// so that it always knows whom to stop; the end of its input means that the test
// process is gone.
const keeperScript = `
dir=$1; shift
pid=
while read -r order; do
	if [ "$order" = start ]; then
		"$@" </dev/null >>"$dir/log" 2>&1 &
		pid=$!
	else
		kill -"$order" "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
		pid=
	fi
	echo done
done
if [ -n "$pid" ]; then
	kill -QUIT "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
fi
rm -rf "$dir"
`

// Start makes a cluster in a temporary directory and starts it. It wraps
// ErrNoServer when there are no binaries. As root everything runs as the user
// postgres, or nobody, for PostgreSQL refuses to run as root.
func Start(config Config) (*Cluster, error) {
	bin, err := binaries(config.Bin)
	if err != nil {
		return nil, err
	}
	dir, err := privateDir()
	if err != nil {
		return nil, err
	}
	c := &Cluster{dir: dir, data: config.Data}
	if c.data == "" {
		c.data = filepath.Join(dir, "data")
	}
	if err := c.create(bin, config); err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	if err := c.Start(); err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// privateDir returns a new directory of the server's user with a path short
// enough for a socket: 103 bytes on some systems.
func privateDir() (string, error) {
	parent := os.TempDir()
	if len(parent) > 60 {
		parent = "/tmp"
	}
	dir, err := os.MkdirTemp(parent, "arifa-pg-")
	if err != nil {
		return "", err
	}
	if err := giveAway(dir); err != nil {
		_ = os.RemoveAll(dir)
		return "", fmt.Errorf("give %s to the user of the server: %w", dir, err)
	}
	return dir, nil
}

// create runs initdb and starts the keeper.
func (c *Cluster) create(bin string, config Config) error {
	for _, volume := range []string{config.Data, config.WAL} {
		if volume == "" {
			continue
		}
		if err := giveAway(volume); err != nil {
			return err
		}
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-N", "-D", c.data, "-U", "arifa", "--auth=trust", "-E", "UTF8", "--locale=C")
	if config.WAL != "" {
		initdb.Args = append(initdb.Args, "-X", config.WAL, "--wal-segsize=1")
	}
	initdb.Dir = "/"
	if err := asServerUser(initdb); err != nil {
		return err
	}
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	args := append([]string{"-c", keeperScript, "keeper", c.dir, filepath.Join(bin, "postgres"), "-D", c.data}, c.settings(config)...)
	c.keeper = exec.Command("/bin/sh", args...)
	c.keeper.Dir = "/"
	if err := asServerUser(c.keeper); err != nil {
		return err
	}
	said, err := c.keeper.StdoutPipe()
	if err != nil {
		return err
	}
	if c.orders, err = c.keeper.StdinPipe(); err != nil {
		return err
	}
	c.said = bufio.NewReader(said)
	return c.keeper.Start()
}

func (c *Cluster) settings(config Config) []string {
	set := map[string]string{
		"listen_addresses":        "",
		"port":                    "5432",
		"unix_socket_directories": c.dir,
		"max_connections":         "200",
		"shared_buffers":          "32MB",
	}
	if !config.Durable {
		set["fsync"], set["synchronous_commit"], set["full_page_writes"] = "off", "off", "off"
	}
	maps.Copy(set, config.Settings)
	var args []string
	for _, k := range slices.Sorted(maps.Keys(set)) {
		args = append(args, "-c", k+"="+set[k])
	}
	return args
}

// URL of the maintenance database.
func (c *Cluster) URL() string {
	// The port only names the socket; said aloud, so that PGPORT does not count.
	q := url.Values{"host": {c.dir}, "port": {"5432"}, "user": {"arifa"}}
	return (&url.URL{Scheme: "postgres", Path: "/postgres", RawQuery: q.Encode()}).String()
}

// Dir is where the cluster's files are; it goes with the cluster.
func (c *Cluster) Dir() string { return c.dir }

// Data is the directory of the server's data.
func (c *Cluster) Data() string { return c.data }

// Start starts the server again after Stop and returns when it answers.
// Starting what runs does nothing.
func (c *Cluster) Start() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return errors.New("the cluster is closed")
	}
	if c.up {
		return nil
	}
	before := len(c.log())
	if err := c.order("start"); err != nil {
		return err
	}
	c.up = true
	return c.wait(before)
}

// Stop stops the server and returns when it is gone. Immediate is like a power
// cut: no checkpoint, and the next Start recovers; otherwise clients are
// disconnected and everything is written. Stopping what stands still does nothing; a
// server that ended by itself must be stopped before it is started again.
func (c *Cluster) Stop(immediate bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || !c.up {
		return nil
	}
	c.up = false
	if immediate {
		return c.order("QUIT")
	}
	return c.order("INT")
}

// Close stops the server at once and removes its files.
func (c *Cluster) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed, c.up = true, false
	if err := c.orders.Close(); err != nil {
		return err
	}
	return c.keeper.Wait()
}

// order tells the keeper what to do and waits until it is done.
func (c *Cluster) order(word string) error {
	if _, err := io.WriteString(c.orders, word+"\n"); err != nil {
		return fmt.Errorf("%s the server: %w", strings.ToLower(word), err)
	}
	if _, err := c.said.ReadString('\n'); err != nil {
		return fmt.Errorf("%s the server: %w", strings.ToLower(word), err)
	}
	return nil
}

// wait returns when the server answers; recovery after a power cut takes about a second.
// The log up to before is of an earlier life.
func (c *Cluster) wait(before int) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, c.URL())
		if err == nil {
			return conn.Close(ctx)
		}
		if why := refusal(c.log()[before:]); why != "" {
			return fmt.Errorf("the server does not start: %s", why)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w\n%s", err, c.log())
		case <-tick.C:
		}
	}
}

// refusal returns the line with which the server ended itself at start.
func refusal(log string) string {
	for line := range strings.Lines(log) {
		fatal := strings.Contains(line, "FATAL:") && !strings.Contains(line, "the database system is")
		if fatal || strings.HasSuffix(strings.TrimSpace(line), "database system is shut down") {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

func (c *Cluster) log() string {
	b, _ := os.ReadFile(filepath.Join(c.dir, "log")) // no log yet is an empty one
	return string(b)
}
