package main

import (
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/rogpeppe/go-internal/testscript"
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
