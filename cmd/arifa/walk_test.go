package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"arifa/bot/desk"
	"arifa/cmd/arifa/drill"
	"arifa/subscriptions"
)

// What depends on the colours of a page: nothing else changes in the dark.
var colourRules = []string{"color-contrast", "link-in-text-block"}

var (
	phoneLook = look{width: 320, height: 640}
	deskLook  = look{width: 1200, height: 900, dark: true}
)

// walk looks at pages, each loaded once: on a phone in the light, at a desk in the
// dark, and on paper. Where ARIFA_TEST_LOOK names a folder it takes their pictures:
//
//	ARIFA_TEST_LOOK=/tmp/look go test -run TestBrowser/pages ./cmd/arifa
type walk struct {
	*chrome
	sources map[string]string // of every page, by its name
	dir     string
}

func newWalk(c *chrome) *walk {
	c.judges()
	return &walk{c, map[string]string{}, os.Getenv("ARIFA_TEST_LOOK")}
}

// to opens a page and looks at it.
func (w *walk) to(path, language string) {
	w.t.Helper()
	w.as(phoneLook)
	w.open(path)
	w.see(path, language)
	w.sources[path] = eval[string](w.chrome, "fetch(location.href, {headers: {Accept: 'text/html'}}).then(r => r.text())")
}

// see looks at the page that is open.
func (w *walk) see(what, language string) {
	w.t.Helper()
	w.fits(what + " on a small phone")
	w.axe(what + " in the light")
	if got := eval[[]any](w.chrome, `[document.documentElement.lang, document.querySelectorAll("main").length, document.querySelectorAll("h1").length]`); fmt.Sprint(got) != fmt.Sprint([]any{language, 1, 1}) {
		w.t.Errorf("%s: language, main and h1 are %v, want %s and one of each", what, got, language)
	}
	w.picture(what + " phone")
	w.as(deskLook)
	w.fits(what + " at a desk")
	w.axe(what+" in the dark", colourRules...)
	w.picture(what + " desk dark")
	w.quiet()
}

// paper wants black on white, and only so many sheets.
func (w *walk) paper(what string, most int) {
	w.t.Helper()
	w.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print", Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
		return err
	}))
	for _, pale := range eval[[]string](w.chrome, paleOnPaper) {
		w.t.Errorf("%s on paper: %s", what, pale)
	}
	var sheets []byte
	w.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		sized, background := true, true
		r, err := chromedp.Call(ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: &sized, PrintBackground: &background})
		sheets = r.Data
		return err
	}))
	if n := len(regexp.MustCompile(`/Type\s*/Page\b`).FindAll(sheets, -1)); n < 1 || n > most {
		w.t.Errorf("%s takes %d sheets of paper, want at most %d", what, n, most)
	}
	if !regexp.MustCompile(`/MediaBox\s*\[0 0 59\d(\.\d+)? 84\d(\.\d+)?\]`).Match(sheets) {
		w.t.Errorf("%s is not on A4", what)
	}
	if w.dir != "" {
		w.keep(what+" paper.pdf", sheets)
	}
}

// paleOnPaper lists texts that a printer would not show well: neither dark, nor on
// white.
const paleOnPaper = `(() => {
	const bright = (c) => { const m = c.match(/[\d.]+/g).map(Number); return m[3] === 0 ? 255 : 0.3*m[0] + 0.59*m[1] + 0.11*m[2]; };
	const out = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walker.nextNode()) {
		const at = walker.currentNode.parentElement, text = walker.currentNode.textContent.trim();
		if (!text || !at.checkVisibility() || at.closest(".skip")) continue;
		const ink = bright(getComputedStyle(at).color);
		let ground = 255;
		for (let e = at; e; e = e.parentElement) { const b = getComputedStyle(e).backgroundColor; if (b !== "rgba(0, 0, 0, 0)") { ground = bright(b); break; } }
		if (ink > 125 || ground < 235) out.push(text.slice(0, 40) + ": ink " + Math.round(ink) + " on " + Math.round(ground));
	}
	return out.slice(0, 5);
})()`

func (w *walk) picture(what string) {
	w.t.Helper()
	if w.dir == "" {
		return
	}
	all, err := chromedp.Run(w.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		w.t.Fatal(err)
	}
	w.keep(what+".png", all)
}

func (w *walk) keep(name string, b []byte) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, fileName(name)), b, 0o644); err != nil {
		w.t.Fatal(err)
	}
}

func fileName(s string) string {
	return strings.Trim(regexp.MustCompile(`[^A-Za-z0-9.]+`).ReplaceAllString(s, "-"), "-")
}

// htmlRules: the standard, and what it asks for people with a disability. A button
// without a type sends its form, as the standard says; ours mean it.
const htmlRules = `{"root": true, "extends": ["html-validate:standard", "html-validate:a11y"], "rules": {"no-implicit-button-type": "off"}}`

// validate holds the source of every page to the HTML standard, by html-validate.
func (w *walk) validate() {
	w.t.Helper()
	dir := w.t.TempDir()
	of := map[string]string{}
	for what, source := range w.sources {
		name := fmt.Sprintf("%03d.html", len(of))
		of[name] = what
		if err := os.WriteFile(filepath.Join(dir, name), []byte(source), 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
	rules := filepath.Join(dir, "rules.json")
	if err := os.WriteFile(rules, []byte(htmlRules), 0o600); err != nil {
		w.t.Fatal(err)
	}
	node := exec.Command("node", filepath.Join(w.npm, "node_modules", "html-validate", "bin", "html-validate.mjs"), "--config", rules, "--formatter", "json", filepath.Join(dir, "*.html"))
	report, err := os.Create(filepath.Join(dir, "report.json")) // a file: node cuts what it writes into a pipe
	if err != nil {
		w.t.Fatal(err)
	}
	defer report.Close()
	node.Stdout = report
	var failed *exec.ExitError
	if err := node.Run(); err != nil && !errors.As(err, &failed) {
		w.t.Fatal(err)
	}
	out, err := os.ReadFile(report.Name())
	if err != nil {
		w.t.Fatal(err)
	}
	var files []struct {
		FilePath string
		Messages []struct {
			RuleID, Message, Selector string
			Line, Column              int
		}
	}
	if err := json.Unmarshal(out, &files); err != nil {
		w.t.Fatalf("html-validate: %v: %.500s", err, out)
	}
	for _, f := range files {
		for _, m := range f.Messages {
			w.t.Errorf("html-validate on %s, line %d: %s (%s, %s)", of[filepath.Base(f.FilePath)], m.Line, m.Message, m.RuleID, m.Selector)
		}
	}
	w.t.Logf("%d pages validated", len(of))
}

// furnish fills a stage with everything that pages can show: what fails, what is
// planned, what ended, what was stopped, taken back and corrected, what waits for a
// second officer, and what many report.
func (s *stage) furnish() (shown struct{ live, stopped, withdrawn, correction, waiting, draft subscriptions.Notice }) {
	s.t.Helper()
	must := func(err error) {
		s.t.Helper()
		if err != nil {
			s.t.Fatal(err)
		}
	}
	ctx, now := s.t.Context(), s.now()
	ended := s.opened(desk.OpenInput{Agency: "ntsa", Services: []subscriptions.ServiceID{"dl-renewal"}, Impact: subscriptions.Degraded})
	s.over(ended.Incident)
	s.opened(desk.OpenInput{Agency: "kplc", Services: []subscriptions.ServiceID{"kplc-tokens"}, Maintenance: true, StartsAt: now.Add(2 * time.Hour), EndsAt: now.Add(5 * time.Hour)})
	out := s.outage()
	shown.stopped = s.says(desk.DraftInput{Incident: out.Incident.ID, Kind: subscriptions.Update, Agency: "ecitizen"}).Notice
	_, err := s.desk.Stop(ctx, s.first, shown.stopped.ID, s.now())
	must(err)
	shown.withdrawn = s.says(desk.DraftInput{Incident: out.Incident.ID, Kind: subscriptions.Update, Agency: "ecitizen", Slots: subscriptions.Slots{Cause: "network"}}).Notice
	_, err = s.desk.Withdraw(ctx, s.first, shown.withdrawn.ID, "", s.now())
	must(err)
	shown.live = s.says(desk.DraftInput{Incident: out.Incident.ID, Kind: subscriptions.Update, Agency: "ecitizen"}).Notice
	shown.correction, err = s.desk.Correct(ctx, s.first, desk.CorrectInput{Agency: "kra", False: subscriptions.FalseNews}, s.now())
	must(err)
	_, err = s.desk.Approve(ctx, s.second, desk.ApproveInput{Notice: shown.correction.ID, Hash: shown.correction.Hash}, s.now())
	must(err)
	shown.waiting, err = s.desk.Correct(ctx, s.first, desk.CorrectInput{Agency: "kws", False: subscriptions.FalseNews}, s.now())
	must(err)
	shown.draft, err = s.desk.Draft(ctx, s.first, desk.DraftInput{Incident: out.Incident.ID, Kind: subscriptions.AlternativeNotice, Agency: "kra", Slots: subscriptions.Slots{
		Services: []subscriptions.ServiceID{"kra-pay-tax"}, Alternatives: []subscriptions.AlternativeID{"alt-bank-or-pdq"}}}, s.now())
	must(err)
	_, err = s.desk.ProposeReady(ctx, s.first, "alt-bank-or-pdq", "kra", nil, s.now())
	must(err)
	for k := range 14 { // many report what nobody has spoken of
		at := s.now().Add(-time.Duration(15-k) * 5 * time.Second)
		r, err := s.store.SaveRecipient(ctx, subscriptions.Recipient{Lane: "webchat", Address: subscriptions.AddressOf(fmt.Sprint("reports ", k)), Kind: subscriptions.Person, Language: "en", CreatedAt: at.Add(-48 * time.Hour)})
		must(err)
		_, _, err = s.store.PutReport(ctx, subscriptions.Report{Lane: r.Lane, Address: r.Address, Kind: r.Kind, Service: []subscriptions.ServiceID{"kra-nil-return", "kra-pin"}[k%2], Tried: subscriptions.TriedMpesaApp, At: at})
		must(err)
	}
	must(s.desk.Watch(ctx, s.now()))
	return shown
}

// Every page, in both languages: axe-core finds nothing in the light and in the dark,
// nothing is wider than the screen, no script fails, nothing foreign is asked for,
// the source is what the standard asks, and paper is black on white.
func everyPage(t *testing.T, c *chrome) {
	s := newStage(t)
	shown := s.furnish()
	w := newWalk(c.person(t, s.origin))
	for _, l := range []string{"en", "sw"} {
		for _, path := range []string{"/", "/services", "/services?q=pasipoti", "/services?q=zzzz", "/s/passport-renewal", "/s/kplc-tokens", "/s/dl-renewal", "/s/nhif-none", "/a/kra", "/i/1", "/i/2", "/i/3",
			"/n/" + string(shown.live.Key), "/n/" + string(shown.withdrawn.Key), "/n/" + string(shown.stopped.Key), "/n/" + string(shown.correction.Key), "/n/0229-9", "/verify", "/follow", "/no-such-page",
			"/chat", "/chat?start=kra-pay-tax", "/s/passport-renewal/poster"} {
			w.to("/"+l+path, l)
			switch path {
			case "/s/passport-renewal/poster":
				w.paper("/"+l+path, 1)
			case "/s/passport-renewal", "/n/" + string(shown.live.Key):
				w.paper("/"+l+path, 3)
			}
		}
		w.open("/" + l + "/verify")
		w.as(phoneLook)
		w.do(chromedp.SetValue(chromedp.CSS("#text"), "Lipa kwa till 864209. 0103-1"), chromedp.Submit(chromedp.CSS("form.paste")), chromedp.WaitVisible(chromedp.CSS("section.answer")))
		w.see("/"+l+"/verify, answered", l)
	}
	if got := eval[string](w.chrome, "getComputedStyle(document.body).backgroundColor"); got != "rgb(18, 25, 28)" {
		t.Errorf("in the dark the page is %s", got)
	}
	w.desk(s, shown.live.ID, shown.waiting.ID, shown.draft.ID)
	drilled(t, c, s.library.effective())
	w.validate()
}

func (w *walk) desk(s *stage, live, waiting, draft subscriptions.NoticeID) {
	w.t.Helper()
	w.to("/desk/sign-in", "en")
	w.to(s.in[1], "en")
	w.click("button.go")
	w.sees("Waiting for you")
	for _, path := range []string{"/", "/waiting", "/incidents", "/incidents/1", "/incidents/1/reopen", "/incidents/2", "/incidents/3", "/incidents/3/join", "/incidents/3/say?kind=update", "/incidents/3/say?kind=alternative",
		"/incidents/3/restore", "/incidents/1/answer", "/alarms/1", "/new", "/new?q=tax", "/new?planned=1", "/new/service/kra-pay-tax", "/new/service/kplc-tokens?planned=1", "/word", "/word?kind=correction",
		fmt.Sprint("/notices/", live), fmt.Sprint("/notices/", waiting), fmt.Sprint("/notices/", draft), fmt.Sprint("/notices/", draft, "/edit"),
		"/channels", "/registry", "/officers", "/officers/1", "/record", "/record?verify=1", "/me", "/no-such-page"} {
		w.to("/desk"+path, "en")
	}
}

// drilled looks at the desk of a drill, which looks different on every screen.
func drilled(t *testing.T, c *chrome, n *subscriptions.Nation) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	here := &settings{Listen: l.Addr().String()}
	d, err := drill.New(t.Context(), drill.Config{Nation: n, Previewer: previewer{}, URL: here.base(), Log: discard(), Now: utc(time.Now), Followers: 1})
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: d.Handler()}
	go func() { _ = server.Serve(l) }() // ends with Close
	t.Cleanup(func() { _, _ = server.Close(), d.Close() })
	in, err := d.Newcomers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w := newWalk(c.person(t, strings.TrimPrefix(here.base(), "http://")))
	w.to("/desk/sign-in/"+in[0].Code, "en")
	w.click("button.go")
	w.sees("Something is broken")
	for _, path := range []string{"/", "/new/platform/ecitizen-payments", "/me", "/no-such-page"} {
		w.to("/desk"+path, "en")
		if got := eval[string](w.chrome, `getComputedStyle(document.body).borderLeftColor + " " + document.querySelector(".hazard").innerText`); !strings.HasPrefix(got, "rgb(251, 191, 36) DRILL") {
			t.Errorf("/desk%s of a drill looks like %q", path, got)
		}
	}
}
