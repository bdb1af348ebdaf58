package postgres_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/postgres/postgrestest"
)

// A database knows itself from one that a dump of it was loaded into.
func TestHome(t *testing.T) {
	t.Parallel()
	one, _ := setup(t)
	last, here, err := one.Home(t.Context())
	if err != nil || last != "" || here == "" {
		t.Fatalf("a new database was %q and is %q: %v", last, here, err)
	}
	if err := one.Settle(t.Context(), here); err != nil {
		t.Fatal(err)
	}
	if last, now, err := one.Home(t.Context()); err != nil || last != here || now != here {
		t.Errorf("it was %q and is %q: %v", last, now, err)
	}
	two, url := setup(t)
	mustRun(t, url, "UPDATE meta SET home = '"+here+"'") // as the dump says
	if last, now, err := two.Home(t.Context()); err != nil || last != here || now == here {
		t.Errorf("the loaded dump was %q and is %q: %v", last, now, err)
	}
}

// A data directory that is put back as a whole is known to whoever ran meanwhile, and by
// a file to who starts afterwards; a restart of the server is nothing.
func TestADataDirectoryThatIsPutBack(t *testing.T) {
	t.Parallel()
	cluster := postgrestest.NewCluster(t, postgrestest.Config{})
	url := cluster.Database(t)
	state := filepath.Join(t.TempDir(), "state")
	s := migrated(t, url)
	s.KeepIn(state)
	_, here, err := s.Home(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	settle := func() {
		t.Helper()
		if err := s.Settle(t.Context(), here); err != nil {
			t.Fatal(err)
		}
	}
	settle()
	outage(t, s, begun(), "kra-pay-tax")
	again := func(between func()) {
		t.Helper()
		if err := cluster.Stop(false); err != nil {
			t.Fatal(err)
		}
		between()
		if err := cluster.Start(); err != nil {
			t.Fatal(err)
		}
	}
	data, older := filepath.Join(cluster.Dir(), "data"), filepath.Join(cluster.Dir(), "older")
	again(func() { copied(t, data, older) })
	outage(t, s, begun().Add(time.Minute), "kws-nairobi-np")
	settle()
	again(func() {})
	if last, now, err := home(s); err != nil || last != here || now != here {
		t.Errorf("after a restart of the server it was %q and is %q: %v", last, now, err)
	}
	again(func() {
		if err := os.RemoveAll(data); err != nil {
			t.Fatal(err)
		}
		copied(t, older, data)
	})
	if last, now, err := home(s); err != nil || last == here || now != here {
		t.Errorf("who ran meanwhile found it was %q and is %q: %v", last, now, err)
	}
	late := open(t, url, false)
	if last, _, err := home(late); err != nil || last != here {
		t.Errorf("without a file it was %q, want nothing noticed: %v", last, err)
	}
	late.KeepIn(state)
	if last, _, err := home(late); err != nil || last == here {
		t.Errorf("who started afterwards found it was %q: %v", last, err)
	}
	if err := late.Settle(t.Context(), here); err != nil {
		t.Fatal(err)
	}
	if last, _, err := home(late); err != nil || last != here {
		t.Errorf("once an operator has looked it was %q: %v", last, err)
	}
}

// home asks until the server is reached: its first connections are those from before.
func home(s subscriptions.Dweller) (last, now string, err error) {
	for range 100 {
		if last, now, err = s.Home(context.Background()); err == nil {
			break
		}
	}
	return last, now, err
}

func copied(t *testing.T, from, to string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "cp", "-a", from, to).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
