package postgres_test

import "testing"

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
