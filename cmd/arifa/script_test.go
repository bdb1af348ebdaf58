package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/rogpeppe/go-internal/testscript"

	"arifa/subscriptions"
)

// TestScripts are sessions of officers and operators, as they type them.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			// keep VAR REGEXP: the first group of what was printed goes into VAR.
			"keep": func(ts *testscript.TestScript, _ bool, args []string) {
				if len(args) != 2 {
					ts.Fatalf("usage: keep VAR REGEXP")
				}
				m := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
				if m == nil {
					ts.Fatalf("%q was not printed", args[1])
				}
				ts.Setenv(args[0], m[1])
			},
			// digits VAR SECRET [next]: the six digits of now, or those that come after.
			"digits": func(ts *testscript.TestScript, _ bool, args []string) {
				at := time.Now()
				if len(args) > 2 {
					at = at.Add(30 * time.Second)
				}
				code, err := totp.GenerateCode(args[1], at)
				ts.Check(err)
				ts.Setenv(args[0], code)
			},
			// swap FILE OLD NEW: every OLD in a file becomes NEW.
			"swap": func(ts *testscript.TestScript, _ bool, args []string) {
				text := ts.ReadFile(args[0])
				if !strings.Contains(text, args[1]) {
					ts.Fatalf("no %q in %s", args[1], args[0])
				}
				ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.ReplaceAll(text, args[1], args[2])), 0o600))
			},
			// complain N SERVICE…: so many known people report these services in turn, and the
			// program looks, as serve does.
			"complain": complain,
		},
		Setup: func(e *testscript.Env) error {
			file, err := built()
			if err != nil {
				return err
			}
			e.Setenv("PATH", filepath.Dir(file)+string(filepath.ListSeparator)+e.Getenv("PATH"))
			e.Setenv("ARIFA_DATABASE", e.WorkDir+"/arifa.db")
			return nil
		},
	})
}

func complain(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	ctx, now := context.Background(), time.Now().UTC().Truncate(time.Millisecond)
	st, err := open(ctx, ts.Getenv("ARIFA_DATABASE"), migrated, discard())
	ts.Check(err)
	defer func() { ts.Check(st.Close()) }()
	for k := range n {
		r, err := st.SaveRecipient(ctx, subscriptions.Recipient{Lane: "telegram:1", Address: subscriptions.AddressOf(strconv.Itoa(1000 + k)), Kind: subscriptions.Person,
			Language: "en", CreatedAt: now.Add(-48 * time.Hour)})
		ts.Check(err)
		_, _, err = st.PutReport(ctx, subscriptions.Report{Recipient: r.ID, Lane: r.Lane, Address: r.Address, Kind: r.Kind, Service: subscriptions.ServiceID(args[1+k%(len(args)-1)]),
			Tried: subscriptions.TriedMpesaApp, At: now.Add(-time.Duration(n-k) * 5 * time.Second)})
		ts.Check(err)
	}
	a := &app{world: world{Now: time.Now}, settings: &settings{}, ctx: ctx, log: discard(), now: utc(time.Now)}
	o, err := a.deskOn(st)
	ts.Check(err)
	ts.Check(o.desk.Watch(ctx, now))
}
