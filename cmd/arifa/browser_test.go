package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	cdpnetwork "github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// What browser tests need: Debian's Chromium, and the folder of npm packages that
// .ci/run fills. Without them the tests are skipped and say so; with
// ARIFA_REQUIRE_BROWSER=1 they fail instead.
func needBrowser(t *testing.T) (chromium, npm string) {
	t.Helper()
	missing := func(what string) {
		t.Helper()
		if os.Getenv("ARIFA_REQUIRE_BROWSER") != "" {
			t.Fatalf("%s is missing, and ARIFA_REQUIRE_BROWSER is set", what)
		}
		t.Skipf("SKIPPED: %s is missing, so no browser looks at the pages; .ci/run installs it", what)
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if at, err := exec.LookPath(name); err == nil && chromium == "" {
			chromium = at
		}
	}
	if chromium == "" {
		missing("Chromium (Debian: apt-get install chromium)")
	}
	if npm = os.Getenv("ARIFA_TEST_NPM"); npm == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			missing("a cache folder")
		}
		npm = filepath.Join(cache, "arifa", "npm")
	}
	for _, need := range []string{"axe-core", "html-validate", "@statuspage"} {
		if _, err := os.Stat(filepath.Join(npm, "node_modules", need)); err != nil {
			missing(need + " (npm ci in a copy of cmd/arifa/testdata/npm)")
		}
	}
	if _, err := exec.LookPath("node"); err != nil {
		missing("node")
	}
	return chromium, npm
}

// chrome is one person's page in a real browser.
type chrome struct {
	t      *testing.T
	ctx    context.Context
	npm    string
	mu     sync.Mutex
	noise  []string // errors that pages wrote, and requests to foreign hosts
	origin string   // the only host that pages may ask
	ran    bool
}

// newBrowser starts the one browser of all tests that need one: they go one after the
// other, for two of them are too much for a small machine.
func newBrowser(t *testing.T) *chrome {
	t.Helper()
	path, npm := needBrowser(t)
	alloc, stop := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.WSURLReadTimeout(time.Minute))...)
	t.Cleanup(stop)
	c := &chrome{t: t, npm: npm}
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	c.begin(ctx)
	return c
}

// person opens a page for somebody who shares no cookie with anybody, at one host.
func (c *chrome) person(t *testing.T, origin string) *chrome {
	t.Helper()
	other := &chrome{t: t, npm: c.npm, origin: origin}
	ctx, cancel := chromedp.NewContext(c.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(other.hear))
	t.Cleanup(cancel)
	other.begin(ctx)
	return other
}

// tab is a page of another person at the same host.
func (c *chrome) tab() *chrome {
	c.t.Helper()
	return c.person(c.t, c.origin)
}

func (c *chrome) begin(ctx context.Context) {
	c.t.Helper()
	c.ctx = ctx
	c.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, log.Enable, cdp.Empty{})
		return err
	}))
}

// hear collects what a page must not do.
func (c *chrome) hear(ev any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e := ev.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && !strings.Contains(e.Entry.Text, "status of 404") {
			c.noise = append(c.noise, "log: "+e.Entry.Text)
		}
	case *runtime.EventExceptionThrown:
		c.noise = append(c.noise, "exception: "+e.ExceptionDetails.Text)
	case *cdpnetwork.EventRequestWillBeSent:
		if u, err := url.Parse(e.Request.URL); err != nil || u.Scheme != "data" && u.Scheme != "about" && u.Host != c.origin {
			c.noise = append(c.noise, "foreign request: "+e.Request.URL)
		}
	}
}

func (c *chrome) do(steps ...chromedp.Action[chromedp.Void]) {
	c.t.Helper()
	ctx := c.ctx
	if c.ran { // the first run's context is the browser's life
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
		defer cancel()
	}
	c.ran = true
	err := chromedp.Do(ctx, steps...)
	// A page that shows what is new has put another thing in the place of the one that
	// was found, before it was touched.
	for again := 0; err != nil && again < 5 && strings.Contains(err.Error(), "Could not find node with given id"); again++ {
		err = chromedp.Do(ctx, steps...)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// quiet wants no error of a script, no refusal of the content policy, and no
// request to a foreign host.
func (c *chrome) quiet() {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range c.noise {
		c.t.Errorf("the browser says: %s", n)
	}
	c.noise = nil
}

// look is how a page is looked at.
type look struct {
	width, height int64
	dark          bool
}

func (c *chrome) as(l look) {
	c.t.Helper()
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	c.do(chromedp.EmulateViewport(l.width, l.height), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return err
	}))
}

func (c *chrome) open(path string) {
	c.t.Helper()
	c.do(chromedp.Navigate("http://" + c.origin + path))
}

// eval returns what an expression is.
func eval[T any](c *chrome, expression string) T {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, 2*time.Minute)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		c.t.Fatalf("%.80s: %v", expression, err)
	}
	return v
}

// sees waits for words on the page.
func (c *chrome) sees(words string) {
	c.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		text := eval[string](c, `document.body ? document.body.innerText : ""`)
		if strings.Contains(text, words) {
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("the page never says %q; it says\n%s", words, text)
		}
	}
}

// keys presses keys, as somebody without a mouse does.
func (c *chrome) keys(keys string) {
	c.t.Helper()
	c.do(chromedp.KeyEvent(keys))
}

// tabTo presses Tab until something is reached that a script describes.
func (c *chrome) tabTo(selector string) {
	c.t.Helper()
	for range 80 {
		c.keys(kb.Tab)
		if eval[bool](c, fmt.Sprintf("document.activeElement !== null && document.activeElement.matches(%q)", selector)) {
			if !eval[bool](c, "document.activeElement.matches(':focus-visible')") {
				c.t.Errorf("the focus on %s is not seen", selector)
			}
			return
		}
	}
	c.t.Fatalf("no Tab reaches %s", selector)
}

// fits wants a page that needs no scrolling sideways.
func (c *chrome) fits(what string) {
	c.t.Helper()
	if over := eval[int](c, "document.documentElement.scrollWidth - window.innerWidth"); over > 0 {
		c.t.Errorf("%s is %d pixels wider than the screen", what, over)
	}
}

// judges loads axe-core into every page that is opened from now on.
func (c *chrome) judges() {
	c.t.Helper()
	source, err := os.ReadFile(filepath.Join(c.npm, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		c.t.Fatal(err)
	}
	c.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: string(source)})
		return err
	}))
}

// axe wants axe-core to find nothing on the page as it stands; rules = all of them.
func (c *chrome) axe(what string, rules ...string) {
	c.t.Helper()
	// Only what is wrong, without a second look at style sheets and a selector for every
	// element: half the time of a page.
	options := map[string]any{"resultTypes": []string{"violations"}, "preload": false, "iframes": false, "selectors": false}
	if len(rules) > 0 {
		options["runOnly"] = rules
	}
	o, err := json.Marshal(options)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, f := range eval[[]string](c, `axe.run(document, `+string(o)+`).then(r => r.violations.map(v =>
		v.id + " (" + v.impact + "): " + v.help + " — " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + " " + n.any.map(a => a.message).join("; ")).join(" | ")))`) {
		c.t.Errorf("axe-core on %s: %s", what, f)
	}
}

func (l look) String() string {
	return fmt.Sprintf("%d pixels wide, dark %v", l.width, l.dark)
}
