package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

var (
	phoneLook = look{width: 320, height: 640}
	deskLook  = look{width: 1200, height: 900, dark: true}
)

// town is the real program with nothing configured, an officer, and a real browser.
type town struct {
	*program
	t        *testing.T
	database string
	key      string
	chrome   *chrome
}

func newTown(t *testing.T) *town {
	t.Helper()
	needBrowser(t)
	v := &town{t: t, database: filepath.Join(t.TempDir(), "arifa.db")}
	v.program = bareProgram(t, v.database)
	v.page("/en/", 200)
	out := v.officers("officer", "add", "Amina Otieno", "--role", "admin", "--role", "author:ecitizen", "--json")
	var officer struct{ Key string }
	if err := json.Unmarshal([]byte(out), &officer); err != nil {
		t.Fatal(err)
	}
	v.key = officer.Key
	v.chrome = newChrome(t, v.address("listen"))
	return v
}

// officers act on the command line, beside the running program.
func (v *town) officers(args ...string) string {
	v.t.Helper()
	args = append(args, "--database", v.database)
	if v.key != "" {
		args = append(args, "--officer-key", v.key)
	}
	code, out, errs := cmd(v.t, "", args...)
	if code != 0 {
		v.t.Fatalf("%v: %d %s %s", args[:2], code, out, errs)
	}
	return out
}

func (v *town) outage() {
	v.officers("incident", "open", "--agency", "ecitizen", "--platforms", "ecitizen-payments", "--publish")
}

// Every page, in both languages, on a phone in the light and on a desk in the dark:
// axe-core finds nothing, nothing is wider than the screen, no script fails, nothing
// foreign is asked for.
func TestBrowserFindsNothingWrong(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	c := v.chrome
	v.outage()
	until(t, "the page says it", func() bool { return strings.Contains(v.page("/en/", 200), "are not working") })
	key := strings.SplitN(strings.SplitN(v.page("/en/", 200), `href="/en/n/`, 2)[1], `"`, 2)[0]
	for language, l := range map[string]look{"en": phoneLook, "sw": deskLook} {
		c.as(l)
		paths := []string{"/", "/services", "/services?q=pasipoti", "/s/passport-renewal", "/a/kra", "/i/1", "/n/" + key, "/chat?start=kra-pay-tax"}
		if language == "en" {
			paths = append(paths, "/s/kplc-tokens", "/verify", "/follow", "/s/passport-renewal/poster", "/no-such-page")
		}
		for _, path := range paths {
			what := "/" + language + path + ", " + l.String()
			c.open("/" + language + path)
			c.fits(what)
			c.axe(what)
			if got := eval[string](c, "document.documentElement.lang"); got != language {
				t.Errorf("%s is marked as %q", what, got)
			}
			for _, need := range []string{"main", "h1"} {
				if eval[int](c, "document.querySelectorAll('"+need+"').length") != 1 {
					t.Errorf("%s has not one %s", what, need)
				}
			}
		}
	}
	c.as(look{width: 320, height: 640, dark: true})
	c.open("/en/")
	c.axe("the front page on a phone in the dark")
	if got := eval[string](c, "getComputedStyle(document.body).backgroundColor"); got != "rgb(18, 25, 28)" {
		t.Errorf("in the dark the page is %s", got)
	}
	c.quiet()
}

// By the keyboard alone: the skip link, the search, a service, another language, and
// the whole conversation.
func TestBrowserByKeyboardAlone(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	c := v.chrome
	c.as(phoneLook)
	c.open("/en/")
	c.tabTo("a.skip")
	c.keys(kb.Enter)
	if !eval[bool](c, "document.activeElement.id === 'main'") {
		t.Error("the skip link leads nowhere")
	}
	c.tabTo("#q")
	c.keys("drivng lisence" + kb.Enter)
	c.sees("Found for “drivng lisence”")
	c.tabTo("a[href='/en/s/dl-renewal']")
	c.keys(kb.Enter)
	c.sees("No trouble announced. That does not mean it works.")
	c.tabTo("a[hreflang=sw]")
	c.keys(kb.Enter)
	c.sees("Hakuna tatizo lililotangazwa.")
	c.open("/") // remembered
	c.sees("Kilichotangazwa")
	c.tabTo("a[href='/sw/verify']")
	c.keys(kb.Enter)
	c.tabTo("#text")
	c.keys("Lipa ushuru kwa till 864209 sasa")
	c.tabTo("form.paste button")
	c.keys(kb.Enter)
	c.sees("Hauna nambari ya notisi yetu")

	c.open("/en/chat")
	c.tabTo("#text")
	c.keys("passport renewal" + kb.Enter)
	c.sees("Passport renewal")
	c.tabTo("button[value^='follow']")
	c.keys(kb.Enter)
	c.sees("You follow: Passport renewal")
	c.quiet()
}

// A citizen follows in the web chat, an officer publishes, the notice arrives live in
// the chat and on the page, the end follows; the page that was closed finds its talk.
func TestBrowserHearsLive(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	chat, page := v.chrome, v.chrome.tab()
	chat.as(phoneLook)
	page.as(deskLook)
	chat.open("/en/s/passport-renewal")
	chat.do(chromedp.Click(chromedp.CSS("a[href^='/en/chat']")))
	chat.sees("This page tells you only while it is open.")
	chat.do(chromedp.Click(chromedp.CSS("form.begin button")))
	chat.sees("In which language")
	chat.do(chromedp.Click(chromedp.CSS("button[value^='lang en']")))
	chat.sees("Passport renewal (DIS)")
	chat.do(chromedp.Click(chromedp.CSS("button[value='follow passport-renewal']")))
	chat.sees("You follow: Passport renewal")
	chat.sees("Connected.")
	page.open("/sw/s/passport-renewal")
	page.sees("Hakuna tatizo lililotangazwa.")

	v.outage()
	chat.sees("Payments to 222222 (eCitizen) are not working.")
	until(t, "the page says it", func() bool {
		page.do(chromedp.Reload())
		return strings.Contains(eval[string](page, "document.body.innerText"), "hayafanyi kazi")
	})
	chat.axe("the talk, on a phone")
	chat.fits("the talk")
	v.officers("incident", "list", "--json")
	v.officers("notice", "restore", "1", "--landed", "yes", "--pay-again", "no", "--moved", "no")
	chat.sees("work again")
	chat.open("/en/chat")
	chat.sees("You follow: Passport renewal")
	chat.sees("work again")
	page.open("/en/chat") // another person
	page.sees("Begin")
	if text := eval[string](page, "document.body.innerText"); strings.Contains(text, "Passport") {
		t.Error("another person sees the talk")
	}
	chat.quiet()
	page.quiet()
}

// An unmodified client of the public JSON: the status widget 1.0.5 that the maker of
// the protocol publishes on npm, on a page of another origin.
func TestBrowserShowsAnUnmodifiedWidget(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	c := v.chrome
	widget := filepath.Join(c.npm, "node_modules", "@statuspage", "status-widget", "dist", "index.js")
	script, err := os.ReadFile(widget)
	if err != nil {
		t.Fatal(err)
	}
	home := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/widget.js" {
			w.Header().Set("Content-Type", "text/javascript")
			_, _ = w.Write(script)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<!doctype html><title>Elsewhere</title><script src="/widget.js"></script><statuspage-widget src="http://`+c.origin+`"></statuspage-widget>`)
	}))
	t.Cleanup(home.Close)
	says := func(want string) {
		t.Helper()
		shown := ""
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Second) {
			c.do(chromedp.Navigate(home.URL))
			for range 20 {
				shown = eval[string](c, `(document.querySelector("statuspage-widget")?.shadowRoot || {textContent: ""}).textContent`)
				if strings.Contains(shown, want) {
					return
				}
				time.Sleep(50 * time.Millisecond)
			}
		}
		t.Fatalf("the widget shows %q, want %q", shown, want)
	}
	says("No trouble announced")
	v.outage()
	until(t, "the page says it", func() bool { return strings.Contains(v.page("/api/v2/summary.json", 200), "Trouble announced") })
	says("Trouble announced: ")
}

// TestScreenshots makes the pictures of the README:
//
//	ARIFA_TEST_SCREENSHOTS=.github go test -run TestScreenshots ./cmd/arifa
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("ARIFA_TEST_SCREENSHOTS")
	if dir == "" {
		t.Skip("ARIFA_TEST_SCREENSHOTS names no folder: no pictures are made")
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join("..", "..", dir) // from this package to the root
	}
	v := newTown(t)
	c := v.chrome
	c.as(look{width: 390, height: 760})
	c.open("/en/chat")
	c.do(chromedp.SendKeys(chromedp.CSS("#text"), "follow passport renewal"+kb.Enter))
	c.sees("You follow: Passport renewal")
	v.outage()
	c.sees("are not working")
	shot := func(name string) {
		t.Helper()
		picture, err := chromedp.Run(c.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), fewColours(t, picture), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(300 * time.Millisecond) // the message has scrolled into view
	shot("chat.png")
	c.as(look{width: 900, height: 760})
	c.open("/en/")
	shot("page.png")
	c.as(look{width: 390, height: 760, dark: true})
	c.open("/sw/s/passport-renewal")
	shot("service.png")
}

// fewColours writes a picture with its 64 commonest colours: a page needs no more,
// and weighs a third.
func fewColours(t *testing.T, picture []byte) []byte {
	t.Helper()
	from, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	count := map[color.Color]int{}
	b := from.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			count[from.At(x, y)]++
		}
	}
	colours := slices.SortedFunc(maps.Keys(count), func(a, b color.Color) int { return count[b] - count[a] })
	to := image.NewPaletted(b, color.Palette(colours[:min(64, len(colours))]))
	draw.Draw(to, b, from, b.Min, draw.Src)
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, to); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
