package statuspage_test

import (
	"context"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"arifa/notifiers/statuspage"
	"arifa/subscriptions"
)

var anyLink = regexp.MustCompile(`(?:href|src|action)="([^"#]+)`)

// links returns every link of every exported page that leads nowhere.
func deadLinks(t *testing.T, dir string) (dead []string, pages int) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".html") {
			return err
		}
		pages++
		body, err := os.ReadFile(filepath.Join(dir, name))
		for _, m := range anyLink.FindAllStringSubmatch(string(body), -1) {
			switch {
			case strings.Contains(m[1], "://"):
			case strings.HasPrefix(m[1], "/"):
				dead = append(dead, name+": "+m[1]+" is not relative")
			default:
				if _, err := os.Stat(filepath.Join(dir, path.Join(path.Dir(name), m[1]))); err != nil {
					dead = append(dead, name+": "+m[1])
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return dead, pages
}

// small is a page of a few agencies: a thousand files prove no more than a hundred.
func small(c *statuspage.Config) {
	n := *c.Nation()
	n.Agencies = slices.DeleteFunc(slices.Clone(n.Agencies), func(a subscriptions.Agency) bool {
		return !slices.Contains([]subscriptions.AgencyID{"kra", "kws", "ecitizen", "immigration", "dis"}, a.ID)
	})
	kept := func(id subscriptions.AgencyID) bool {
		return slices.ContainsFunc(n.Agencies, func(a subscriptions.Agency) bool { return a.ID == id })
	}
	n.Services = slices.DeleteFunc(slices.Clone(n.Services), func(s subscriptions.Service) bool { return !kept(s.Agency) })
	c.Nation = func() *subscriptions.Nation { return &n }
}

func TestExport(t *testing.T) {
	t.Parallel()
	s := setup(t, small)
	i, first := s.outage()
	dir := filepath.Join(t.TempDir(), "public")
	n, err := s.site.Export(t.Context(), dir)
	s.must(err)
	dead, pages := deadLinks(t, dir)
	for _, d := range dead {
		t.Errorf("dead link in %s", d)
	}
	if n < 100 || pages < 60 {
		t.Errorf("got %d files and %d pages", n, pages)
	}
	read := func(name string) string {
		t.Helper()
		b, err := os.ReadFile(filepath.Join(dir, name))
		s.must(err)
		return string(b)
	}
	for name, want := range map[string]string{"index.html": "222222 (eCitizen) are not working", "sw/index.html": "hayafanyi kazi", "en/s/passport-renewal/index.html": "As of 6:04 am",
		"en/n/2025-0103-1/index.html": "Notice 0103-1 is ours", "sw/i/1/index.html": "Kumbukumbu", "en/feed.atom": "<feed", "cap/2025-0103-1.xml": "<alert",
		"api/v2/summary.json": `"description":"Trouble announced:`, "en/s/kra-pay-tax/badge.svg": "<svg", "icon.svg": "<svg"} {
		if got := read(name); !strings.Contains(got, want) {
			t.Errorf("%s does not say %q", name, want)
		}
	}
	for _, gone := range []string{"<form", "/lang/"} {
		if strings.Contains(read("en/index.html"), gone) {
			t.Errorf("a file holds %q, which needs a running program", gone)
		}
	}
	// Again without a change: nothing is touched. With one: replaced, and what is not
	// there any more is removed; what is not ours stays.
	s.must(os.WriteFile(filepath.Join(dir, "CNAME"), []byte("example"), 0o600))
	before, err := os.Stat(filepath.Join(dir, "en", "index.html"))
	s.must(err)
	_, err = s.site.Export(t.Context(), dir)
	s.must(err)
	if after, err := os.Stat(filepath.Join(dir, "en", "index.html")); err != nil || !os.SameFile(before, after) {
		t.Errorf("an unchanged page was written anew (%v)", err)
	}
	first, err = s.store.Notice(t.Context(), first.ID)
	s.must(err)
	first.State, first.StoppedAt = subscriptions.Stopped, s.clock()
	s.put(first)
	s.refresh()
	_, err = s.site.Export(t.Context(), dir)
	s.must(err)
	if got := read("en/n/2025-0103-1/index.html"); !strings.Contains(got, "was stopped") {
		t.Error("the file still says what was stopped")
	}
	read("cap/2025-0103-1-stopped.xml")
	first.State, first.Revision = subscriptions.Withdrawn, first.Revision+1
	s.put(first)
	s.refresh()
	_, err = s.site.Export(t.Context(), dir)
	s.must(err)
	if _, err := os.Stat(filepath.Join(dir, "cap", "2025-0103-1-stopped.xml")); err == nil {
		t.Error("a file of what is not there any more stays")
	}
	read("CNAME")
	if left, _ := filepath.Glob(filepath.Join(dir, "*", ".arifa-*")); len(left) != 0 {
		t.Errorf("half files are left: %v", left)
	}
	_ = i
}

func TestExportOutlivesTheProgram(t *testing.T) {
	t.Parallel()
	s := setup(t, small)
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	told := make(chan error, 100)
	var g sync.WaitGroup
	g.Go(func() { _ = s.site.Watch(ctx, dir, func(_ int, err error) { told <- err }) })
	s.must(<-told)
	i := s.open("ecitizen-payments")
	s.say(&i, subscriptions.Notice{Kind: subscriptions.Outage, Slots: subscriptions.Slots{NextUpdate: s.at(11, 0)}})
	deadline := time.Now().Add(time.Minute)
	for {
		page, err := os.ReadFile(filepath.Join(dir, "en", "index.html"))
		s.must(err) // never missing, never half
		if !strings.HasSuffix(strings.TrimSpace(string(page)), "</html>") {
			t.Fatal("half a page")
		}
		if strings.Contains(string(page), "222222 (eCitizen) are not working") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the files never say it")
		}
		time.Sleep(5 * time.Millisecond)
	}
	cancel()
	g.Wait()
	site, err := statuspage.New(statuspage.Config{Store: s.store, Nation: func() *subscriptions.Nation { return s.nation }, Speaker: s.speaker})
	s.must(err)
	if _, err := site.Export(t.Context(), dir); err == nil {
		t.Error("a page that has read nothing overwrites one that has")
	}
}
