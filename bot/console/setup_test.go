package console_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"arifa/bot/console"
	"arifa/bot/desk"
	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
	"arifa/subscriptions/sqlite"
	"arifa/subscriptions/wording"
)

var ctx = context.Background()

// person is an officer with what they were given once.
type person struct {
	desk.NewOfficer
	actor desk.Actor
}

// staff are the officers of every test: of the platform's operator, of an agency
// that hangs on it, and of one that does not.
type staff struct {
	admin, second         person
	ecAuthor, ecApprover  person
	kraAuthor, kraSecond  person
	kplcAuthor, kplcOther person
}

// bundle is a console on a real socket, over a real database.
type bundle struct {
	testing.TB
	*staff
	desk    *desk.Desk
	store   *sqlite.Store
	nation  *subscriptions.Nation
	console *console.Console
	srv     *httptest.Server
	logged  *buffer

	mu     sync.Mutex
	now    time.Time
	tryout bool
	dir    string
}

type ctxType = context.Context

var made struct {
	sync.Once
	staff *staff
	file  []byte
	now   time.Time
}

// setup gives every test a copy of one database with officers in it. It begins a
// little before the real time, for browsers judge cookies by that.
func setup(t testing.TB, change ...func(*console.Config)) *bundle {
	t.Helper()
	made.Do(func() { hire(t) })
	path := filepath.Join(t.TempDir(), "arifa.db")
	if err := os.WriteFile(path, made.file, 0o600); err != nil {
		t.Fatal(err)
	}
	b := &bundle{TB: t, staff: made.staff, now: made.now}
	b.open(path)
	b.serve(change...)
	return b
}

// bare is a console without any officer.
func bare(t testing.TB, change ...func(*console.Config)) *bundle {
	t.Helper()
	b := &bundle{TB: t, staff: &staff{}, now: time.Now().UTC().Truncate(time.Millisecond)}
	b.open(filepath.Join(t.TempDir(), "arifa.db"))
	b.serve(change...)
	return b
}

func hire(t testing.TB) {
	path := filepath.Join(t.TempDir(), "arifa.db")
	b := &bundle{TB: t, staff: &staff{}, now: time.Now().UTC().Truncate(time.Minute).Add(-30 * time.Minute)}
	b.open(path)
	var err error
	b.admin.NewOfficer, err = b.desk.AddOfficer(ctx, desk.Actor{Via: "cli"}, desk.AddOfficer{Name: "Amina Otieno", Roles: []subscriptions.Grant{{Role: subscriptions.Admin}}}, b.now)
	b.must(err)
	b.admin.actor = b.keyOf(b.admin.Key)
	for _, o := range []struct {
		p     *person
		name  string
		roles []subscriptions.Grant
	}{
		{&b.ecAuthor, "Esther Wambui", grant(subscriptions.Author, "ecitizen")}, {&b.ecApprover, "Eric Mutua", grant(subscriptions.Approver, "ecitizen")},
		{&b.kraAuthor, "Kamau Njoroge", grant(subscriptions.Author, "kra")}, {&b.kraSecond, "Kerubo Nyaboke", grant(subscriptions.Approver, "kra")},
		{&b.kplcAuthor, "Peter Ouma", grant(subscriptions.Author, "kplc")}, {&b.kplcOther, "Pauline Chebet", grant(subscriptions.Approver, "kplc")},
		{&b.second, "Barasa Wekesa", grant(subscriptions.Admin, "")},
	} {
		n, err := b.desk.AddOfficer(ctx, b.admin.actor, desk.AddOfficer{Name: o.name, Roles: o.roles}, b.now)
		b.must(err)
		p := person{n, b.keyOf(n.Key)}
		own, err := b.desk.Enrol(ctx, p.actor, b.code(p), b.now)
		b.must(err)
		*o.p = person{own, b.keyOf(own.Key)}
		b.pass(time.Minute)
	}
	b.must(b.store.Close())
	file, err := os.ReadFile(path)
	b.must(err)
	made.staff, made.file, made.now = b.staff, file, b.now.Add(5*time.Minute)
}

func grant(r subscriptions.Role, a subscriptions.AgencyID) []subscriptions.Grant {
	return []subscriptions.Grant{{Role: r, Agency: a}}
}

// These are read only, so all tests share them.
var (
	kenya   = sync.OnceValues(catalogue.Kenya)
	speaker = sync.OnceValues(wording.NewSpeaker)
	index   = sync.OnceValue(func() *catalogue.Index { n, _ := kenya(); return catalogue.NewIndex(n) })
)

func (b *bundle) open(path string) {
	b.Helper()
	b.dir = filepath.Dir(path)
	var err error
	b.nation, err = kenya()
	b.must(err)
	b.store, err = sqlite.Open(ctx, path, sqlite.Config{Migrate: true, Clock: b.clock})
	b.must(err)
	b.Cleanup(func() { _ = b.store.Close() })
	speaker, err := speaker()
	b.must(err)
	b.desk, err = desk.New(desk.Config{Store: b.store, Nation: func() *subscriptions.Nation { return b.nation }, Speaker: speaker.Strict(), Previewer: plain{},
		Pace: func(subscriptions.LaneID) float64 { return 25 }, Host: "arifa.go.ke", Tryout: func() bool { return b.tryout }})
	b.must(err)
}

// plain shows a card as a chat would.
type plain struct{}

func (plain) Previews(c wording.Card, l subscriptions.Language) []wording.Preview {
	text := strings.Join(append(append([]string{c.Title}, c.Lines...), c.Footer...), "\n")
	return []wording.Preview{{Network: "telegram", Language: l, Text: text, Chars: len([]rune(text)), Limit: 4096}}
}

func (b *bundle) serve(change ...func(*console.Config)) {
	b.Helper()
	b.logged = &buffer{}
	b.srv = httptest.NewUnstartedServer(nil)
	b.srv.Config.ErrorLog = nil
	c := console.Config{
		Desk: b.desk, Sessions: b.store, Nation: func() *subscriptions.Nation { return b.nation }, URL: "http://localhost:" + port(b.srv.Listener.Addr().String()), Now: b.clock,
		Log:    slog.New(slog.NewTextHandler(b.logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Tryout: func() bool { return b.tryout },
		Search: func(q string, n int) []console.Found {
			var out []console.Found
			for _, h := range index().Search(q, n) {
				out = append(out, console.Found{Service: h.Service, Platform: h.Platform})
			}
			return out
		},
	}
	for _, f := range change {
		f(&c)
	}
	var err error
	b.console, err = console.New(c)
	b.must(err)
	b.srv.Config.Handler = b.console.Handler()
	b.srv.Start()
	b.Cleanup(b.srv.Close)
}

func port(addr string) string { return addr[strings.LastIndex(addr, ":")+1:] }

func (b *bundle) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bundle) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bundle) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

func (b *bundle) keyOf(key string) desk.Actor {
	b.Helper()
	a, err := b.desk.Authenticate(ctx, key, "cli")
	b.must(err)
	return a
}

func (b *bundle) code(p person) string {
	b.Helper()
	c, err := totp.GenerateCode(p.Secret, b.clock())
	b.must(err)
	return c
}

// outage opens the incident of 3 January and publishes its first notice.
func (b *bundle) outage() desk.Outcome {
	b.Helper()
	i, err := b.desk.Open(ctx, b.ecAuthor.actor, desk.OpenInput{Platforms: []subscriptions.PlatformID{"ecitizen-payments"}, SinceApprox: true}, b.clock())
	b.must(err)
	out, err := b.desk.Publish(ctx, b.ecAuthor.actor, desk.PublishInput{Draft: &desk.DraftInput{Incident: i.ID, Kind: subscriptions.Outage}}, b.clock())
	b.must(err)
	return out
}

// submitted is a correction of KRA that waits for a second officer.
func (b *bundle) submitted() subscriptions.Notice {
	b.Helper()
	n, err := b.desk.Correct(ctx, b.kraAuthor.actor, desk.CorrectInput{False: subscriptions.FalseNews}, b.clock())
	b.must(err)
	return n
}

// browser is one person's browser.
type browser struct {
	*bundle
	http *http.Client
	base string
	// head is sent with every request.
	head http.Header
}

func (b *bundle) browser() *browser {
	jar, err := cookiejar.New(nil)
	b.must(err)
	return &browser{b, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Timeout: 20 * time.Second},
		"http://localhost:" + port(b.srv.URL), http.Header{}}
}

// answer is what came back.
type answer struct {
	*http.Response
	body string
}

func (w *browser) do(method, path string, body io.Reader, kind string) answer {
	w.Helper()
	r, err := http.NewRequest(method, w.base+path, body)
	w.must(err)
	r.Header.Set("Accept", "text/html")
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if method == "POST" {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Origin", w.base)
	}
	for k, v := range w.head {
		r.Header[k] = v
	}
	resp, err := w.http.Do(r)
	w.must(err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	w.must(err)
	return answer{resp, string(text)}
}

func (w *browser) get(path string) answer { w.Helper(); return w.do("GET", path, nil, "") }

func (w *browser) post(path string, fields ...string) answer {
	w.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return w.do("POST", path, strings.NewReader(form.Encode()), "application/x-www-form-urlencoded")
}

// comes signs an officer in, both steps.
func (b *bundle) comes(p person) *browser {
	b.Helper()
	w := b.browser()
	w.halfway(p)
	b.pass(time.Minute) // so that no digits are used twice
	w.want(w.post("/desk/prove", "code", b.code(p)), http.StatusSeeOther, "")
	return w
}

// halfway takes the first step only.
func (w *browser) halfway(p person) {
	w.Helper()
	code, err := w.desk.StartSignIn(ctx, p.actor, p.Officer.ID, w.clock())
	w.must(err)
	got := w.post("/desk/sign-in/" + code)
	w.want(got, http.StatusSeeOther, "")
	if to := got.Header.Get("Location"); !strings.HasPrefix(to, "/desk/prove") {
		w.Fatalf("after the link: %s", to)
	}
}

// want asserts a status and a part of the page.
func (b *bundle) want(a answer, status int, part string) {
	b.Helper()
	if a.StatusCode != status || !strings.Contains(strings.ToLower(a.body), strings.ToLower(part)) {
		b.Fatalf("%s %s: got %d (to %q), want %d with %q:\n%s", a.Request.Method, a.Request.URL.Path, a.StatusCode, a.Header.Get("Location"), status, part, text(a.body))
	}
}

var tags = regexp.MustCompile(`(?s)<(script|style).*?</(script|style)>|<[^>]*>`)

// text is a page without its tags, for failures.
func text(page string) string {
	out := strings.Join(strings.Fields(tags.ReplaceAllString(page, " ")), " ")
	if len(out) > 900 {
		out = out[:900] + " …"
	}
	return out
}

func path(format string, args ...any) string { return "/desk" + fmt.Sprintf(format, args...) }

// buffer takes log lines of many goroutines.
type buffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func textOf(v any) string { return fmt.Sprint(v) }
