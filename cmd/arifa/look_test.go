package main

import (
	"bytes"
	"fmt"
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
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// TestBrowser is all that needs a real browser, one after the other in one of them.
func TestBrowser(t *testing.T) {
	t.Parallel()
	c := newBrowser(t)
	for _, one := range []struct {
		name string
		test func(*testing.T, *chrome)
	}{
		{"pages", everyPage},
		{"keyboard", byKeyboardAlone},
		{"live", hearsLive},
		{"crowded", toldOfRefusal},
		{"widget", unmodifiedWidget},
		{"desk", morningAtTheDesk},
		{"desk keys", deskByKeys},
	} {
		t.Run(one.name, func(t *testing.T) { one.test(t, c) })
	}
}

// By the keyboard alone: the skip link, the search, a service, another language, and
// the whole conversation.
func byKeyboardAlone(t *testing.T, c *chrome) {
	s := newStage(t)
	c = c.person(t, s.origin)
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
func hearsLive(t *testing.T, c *chrome) {
	s := newStage(t)
	chat, page := c.person(t, s.origin), c.person(t, s.origin)
	chat.judges()
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

	out := s.outage()
	chat.sees("Payments to 222222 (eCitizen) are not working.")
	until(t, "the page says it", func() bool {
		page.do(chromedp.Reload())
		return strings.Contains(eval[string](page, "document.body.innerText"), "hayafanyi kazi")
	})
	chat.axe("the talk, on a phone")
	chat.fits("the talk")
	s.over(out.Incident)
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

// Who asks too much reads that nothing was sent, finds the words where they were, and
// is told when the page hears nothing; it comes back by itself.
func toldOfRefusal(t *testing.T, c *chrome) {
	s := newStage(t)
	chat := c.person(t, s.origin)
	chat.judges()
	chat.as(phoneLook)
	chat.open("/sw/chat")
	chat.do(chromedp.SendKeys(chromedp.CSS("#text"), "fuatilia passport renewal"+kb.Enter))
	chat.sees("Unafuatilia:")
	chat.sees("Umeunganishwa.")
	s.crowded.Store(true)
	chat.do(chromedp.SendKeys(chromedp.CSS("#text"), "stima"+kb.Enter))
	chat.sees("Hilo halikutumwa. Subiri kidogo, kisha utume tena.")
	if got := eval[string](chat, `document.querySelector("#text").value + "|" + [...document.querySelectorAll(".mine")].map(p => p.textContent).join()`); got != "stima|fuatilia passport renewal" {
		t.Errorf("the field, and what stands there as said: %q", got)
	}
	chat.fits("the talk of who is refused")
	chat.axe("the talk of who is refused")
	chat.open("/sw/chat") // anew: its stream is refused too
	chat.sees("Wengi wanauliza kwa sasa.")
	s.crowded.Store(false)
	chat.sees("Umeunganishwa.")
	s.outage()
	chat.sees("Malipo kwa 222222 (eCitizen) hayafanyi kazi.")
}

// An unmodified client of the public JSON: the status widget 1.0.5 that the maker of
// the protocol publishes on npm, in both of its shapes, on a page of another origin.
func unmodifiedWidget(t *testing.T, c *chrome) {
	s := newStage(t)
	c = c.person(t, s.origin)
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
		src := `src="http://` + c.origin + `"`
		_, _ = io.WriteString(w, `<!doctype html><title>Elsewhere</title><script src="/widget.js"></script><statuspage-widget `+src+`></statuspage-widget>
			<statuspage-widget `+src+` appearance="badge" title="eCitizen"></statuspage-widget>`)
	}))
	t.Cleanup(home.Close)
	// says waits for a sentence in both shapes, in the colour of an indicator.
	says := func(indicator, want string) {
		t.Helper()
		shown := ""
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
			c.do(chromedp.Navigate(home.URL))
			shown = eval[string](c, `new Promise(done => { let tries = 100; const look = () => {
				const text = [...document.querySelectorAll("statuspage-widget")].map(at => { const d = at.shadowRoot && at.shadowRoot.querySelector(".status-indicator");
					return d ? [...d.classList].pop() + ": " + d.parentElement.textContent.trim().replace(/\s+/g, " ") : ""; }).join(" | ");
				if (text === `+strconv.Quote(indicator+": "+want+" | "+indicator+": eCitizen "+want)+` || tries-- === 0) done(text); else setTimeout(look, 20); }; look(); })`)
			if shown == indicator+": "+want+" | "+indicator+": eCitizen "+want {
				return
			}
		}
		t.Fatalf("the widgets show %q, want %q in both", shown, indicator+": "+want)
	}
	says("none", "No trouble announced")
	s.opened(desk.OpenInput{Agency: "kplc", Services: []subscriptions.ServiceID{"kplc-tokens"}, Maintenance: true, StartsAt: s.now(), EndsAt: s.now().Add(time.Hour)})
	says("maintenance", "Planned work under way")
	out := s.outage() // overlaps it
	says("critical", fmt.Sprintf("Trouble announced: %d services", len(out.Incident.Failing())))
	park := []subscriptions.ServiceID{"kws-nairobi-np"}
	if _, err := s.desk.Hold(t.Context(), s.first, desk.HoldInput{Incident: out.Incident.ID, Agency: "kws", Services: park}, s.now()); err != nil {
		t.Fatal(err)
	}
	s.over(out.Incident)
	says("critical", "Trouble announced: 1 service") // held
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
	s := newStage(t)
	c := newBrowser(t).person(t, s.origin)
	c.as(look{width: 390, height: 760})
	c.open("/en/chat")
	c.do(chromedp.SendKeys(chromedp.CSS("#text"), "follow passport renewal"+kb.Enter))
	c.sees("You follow: Passport renewal")
	s.outage()
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
	if !eval[bool](c, `new Promise(done => { let tries = 200; const look = () => { // the message has scrolled into view
		const last = [...document.querySelectorAll(".msg")].pop().getBoundingClientRect();
		if (last.top < innerHeight / 2 || tries-- === 0) done(tries >= 0); else setTimeout(look, 20); }; look(); })`) {
		t.Log("the newest message is not in view")
	}
	shot("chat.png")
	c.as(look{width: 900, height: 760})
	c.open("/en/")
	shot("page.png")
	c.as(look{width: 390, height: 760, dark: true})
	c.open("/sw/s/passport-renewal")
	shot("service.png")
	c.as(look{width: 1240, height: 760}) // both languages side by side
	c.open(s.in[0])
	c.click("button.go")
	c.sees("Something is broken")
	c.open("/desk/incidents/1/say?kind=update")
	c.sees("Publish now")
	shot("desk.png")
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
