package statuspage_test

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rsc.io/qr"

	"arifa/notifiers/statuspage"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

func TestTheStoreOfThePageOnlyReads(t *testing.T) {
	t.Parallel()
	reading := []string{"Generation", "Headlines", "Incident", "Incidents", "Notices", "NoticesByKey", "NoticesOf", "Posts"}
	typ, whole := reflect.TypeFor[statuspage.Store](), reflect.TypeFor[subscriptions.Store]()
	for i := range typ.NumMethod() {
		m := typ.Method(i)
		if !slices.Contains(reading, m.Name) {
			t.Errorf("the page's store has the method %s, which is not known to read only", m.Name)
		}
		if of, ok := whole.MethodByName(m.Name); !ok || of.Type != m.Type {
			t.Errorf("%s is no method of a store's role", m.Name)
		}
	}
	// Nothing of the package asks for more than that by assertion, but for alarms.
	assertion := regexp.MustCompile(`\.\(([A-Za-z.]+)\)`)
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		source, err := os.ReadFile(name)
		for _, m := range assertion.FindAllStringSubmatch(string(source), -1) {
			if m[1] != "Alarms" {
				t.Errorf("%s asserts %s", name, m[0])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if alarms := reflect.TypeFor[statuspage.Alarms](); alarms.NumMethod() != 1 || alarms.Method(0).Name != "Alarms" {
		t.Errorf("the optional power %v does more than list alarms", alarms)
	}
}

func TestSilenceIsNotShownAsHealth(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.says("/en/", "No trouble announced. That does not mean it works.", "As of 6:04 am on 3 January 2025.")
	s.says("/sw/", "Hakuna tatizo lililotangazwa. Hii haimaanishi inafanya kazi.", "Hali ilivyo")
	s.says("/en/s/kra-pay-tax", "No trouble announced. That does not mean it works.", "Nothing was announced in these days.", "As of 6:04 am")
	s.say(nil, subscriptions.Notice{Kind: subscriptions.Advisory, Agency: "kra", Slots: subscriptions.Slots{Free: subscriptions.Text{"en": "Offices are closed.", "sw": "Ofisi zimefungwa."}}})
	s.refresh()
	for _, path := range []string{"/en/", "/sw/", "/en/services", "/en/services?q=pasi", "/en/s/kra-pay-tax", "/en/a/kra", "/en/follow", "/en/verify", "/sw/n/0103-1"} {
		page := strings.ToLower(s.get(path, 200).Body.String())
		for _, bad := range []string{"operational", "100%", "100 %", "green", "all systems"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s says %q", path, bad)
			}
		}
		if !strings.Contains(page, "<time datetime=\"2025-01-03t06:04&#43;03:00\">") {
			t.Errorf("%s does not say as of when", path)
		}
	}
}

func TestWhatIsBrokenNow(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i, _ := s.outage()
	s.says("/en/", "Payments to 222222 (eCitizen) are not working.", "Since about 6:00 am", "If your money has already left, do not pay again.",
		"Passport renewal (DIS)", "Limited: payments through 222222 fail.", "Next update by 11:00 am",
		"No other way is confirmed yet; do not pay anyone who offers one.", "Not known whether these services are affected", "Notice 0103-1",
		"For other services no trouble is announced. That does not mean they work.")
	s.says("/sw/", "Malipo kwa 222222 (eCitizen) hayafanyi kazi.", "Taarifa ijayo kabla ya saa tano asubuhi (11:00)")
	if page := s.get("/en/s/passport-renewal", 200).Body.String(); !strings.Contains(page, `href="https://t.me/arifa_ke_bot?start=passport-renewal"`) || !strings.Contains(page, `href="/en/chat?start=passport-renewal"`) {
		t.Error("the service's page does not lead to a talk about that very service")
	}
	s.says("/en/s/passport-renewal", "Not working.", "Something was announced on one of these days: 3 January 2025.", "Telegram: @arifa_ke_bot", "Feed: Atom", "Poster to print")
	s.says("/en/s/sha-pay", "Not known whether these services are affected")
	s.silent("/en/s/kplc-tokens", "222222 (eCitizen) are not")
	s.says("/en/a/kra", "Limited: payments through 222222 fail.", "Paying tax")

	// Another way, by KRA, for KRA's services: beside eCitizen's words.
	s.setNow(s.at(8, 0))
	s.say(&i, subscriptions.Notice{Kind: subscriptions.AlternativeNotice, Agency: "kra", Slots: subscriptions.Slots{NextUpdate: s.at(11, 0),
		Services: []subscriptions.ServiceID{"kra-pay-tax"}, Alternatives: []subscriptions.AlternativeID{"alt-bank-or-pdq"}}})
	s.refresh()
	s.says("/en/", "Said beside it by KRA: Another way: Paying tax (KRA)", "Use a bank payment option, or a card machine (PDQ)")
	s.says("/en/s/kra-pay-tax", "Use a bank payment option, or a card machine (PDQ)", "Said by KRA at 8:00 am")
	s.silent("/en/s/passport-renewal", "card machine")

	// The promise passes without a word.
	s.setNow(s.at(11, 1))
	s.refresh()
	s.says("/en/", "The update promised for 11:00 am on 3 January 2025 is overdue.", "As of 11:01 am")

	// Restored, and one agency holds.
	s.setNow(s.at(15, 0))
	s.end(&i, "kws-nairobi-np")
	s.say(&i, subscriptions.Notice{Kind: subscriptions.Restored, Agency: "ecitizen", Slots: subscriptions.Slots{PayAgain: subscriptions.Answer{Value: "no"}}})
	s.refresh()
	s.says("/en/s/kws-nairobi-np", "eCitizen says that it works again; not confirmed by KWS")
	s.says("/en/s/passport-renewal", "This was announced as over:", "eCitizen says: Payments to 222222 (eCitizen) work again.", "No trouble announced. That does not mean it works.")

	// A week later nothing of it is told, but it stays on the record.
	s.setNow(s.at(15, 0).AddDate(0, 0, 8))
	s.refresh()
	s.silent("/en/s/passport-renewal", "This was announced as over:")
}

func TestEndedIncidentsStayOnTheRecord(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i, first := s.outage()
	s.setNow(s.at(10, 58))
	s.say(&i, subscriptions.Notice{Kind: subscriptions.Update, Slots: subscriptions.Slots{NoChange: true, NextUpdate: s.at(13, 0)}})
	s.setNow(s.at(13, 20))
	s.say(&i, subscriptions.Notice{Kind: subscriptions.Update, Slots: subscriptions.Slots{NoChange: true, NextUpdate: s.at(16, 0)}})
	s.setNow(s.at(15, 0))
	s.end(&i)
	s.say(&i, subscriptions.Notice{Kind: subscriptions.Restored, Slots: subscriptions.Slots{PayAgain: subscriptions.Answer{Value: "no"}}})
	s.setNow(s.at(16, 0))
	s.say(&i, subscriptions.Notice{Kind: subscriptions.Correction, Agency: "ecitizen", Corrects: first.ID, Slots: subscriptions.Slots{False: subscriptions.FalsePayment}})
	s.refresh()
	s.says("/en/i/1", "Began about 6:00 am on 3 January 2025", "First official word 6:04 am on 3 January 2025",
		"By 11:00 am on 3 January 2025: kept, at 10:58 am on 3 January 2025.", "By 1:00 pm on 3 January 2025: late, at 1:20 pm on 3 January 2025.",
		"Ended 3:00 pm on 3 January 2025", "Corrections 1 correction", "Nothing is new since the last notice.", "Services Paying with 222222")
	s.says("/sw/i/1", "Taarifa rasmi ya kwanza", "ilitimizwa")
	s.says("/en/s/passport-renewal", "Earlier Payments to 222222 (eCitizen) are not working.")
	s.setNow(s.at(15, 0).AddDate(1, 0, 0)) // beyond the 90 days of the bars
	s.refresh()
	s.says("/en/i/1", "Ended 3:00 pm on 3 January 2025")
	s.silent("/en/s/passport-renewal", "Earlier Payments")
	for _, path := range []string{"/en/i/2", "/en/i/0", "/en/i/01", "/en/i/x", "/en/i/99999999999999999999"} {
		s.get(path, 404)
	}
}

// Another agency says that it fails again for its service: the others' ending stays
// for its own week, and not for as long as the new round lasts.
func TestAnEndingOutlivesANewRound(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i, _ := s.outage()
	s.setNow(s.at(15, 0))
	s.end(&i)
	s.say(&i, subscriptions.Notice{Kind: subscriptions.Restored, Slots: subscriptions.Slots{PayAgain: subscriptions.Answer{Value: "no"}}})
	s.setNow(s.at(17, 0))
	i.Round, i.State, i.EndedAt, i.FirstNotice = 2, subscriptions.Investigating, time.Time{}, 0
	i.Claims = append(i.Claims, subscriptions.Claim{Agency: "kws", Service: "kws-nairobi-np", Impact: subscriptions.Blocked, At: s.clock(), Since: s.clock(), Round: 2})
	i.Services = i.Derive(s.nation)
	s.say(&i, subscriptions.Notice{Kind: subscriptions.Outage, Agency: "kws", Slots: subscriptions.Slots{Services: i.Failing(), Since: s.clock(), NextUpdate: s.at(19, 0)}})
	s.refresh()
	s.says("/en/s/passport-renewal", "Payments to 222222 (eCitizen) work again.")
	s.says("/en/s/kws-nairobi-np", "Not working: Nairobi National Park entry (KWS).")
	s.silent("/en/s/kws-nairobi-np", "work again")
	s.setNow(s.at(15, 0).AddDate(0, 0, 7))
	s.refresh()
	s.silent("/en/s/passport-renewal", "work again")
	s.says("/en/s/passport-renewal", "No trouble announced.")
}

func TestNoticePages(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i, first := s.outage()
	s.says("/en/n/0103-1", "Notice 0103-1 of 3 January 2025", "Notice 0103-1 is ours", "If yours names another number or link, it is false.", "Payments to 222222 (eCitizen) are not working.", "code "+first.Code)
	s.says("/en/n/2025-0103-1", "Notice 0103-1 is ours")
	s.says("/en/n/0103-1-"+first.Code, "Notice 0103-1 is ours")
	s.says("/en/n/"+strings.ToLower(first.Code), "Notice 0103-1 is ours")
	if got := plain(s.get("/en/n/0103-1-ZZZZZZ", 404).Body.String()); !strings.Contains(got, "the check code is not ours") {
		t.Errorf("a wrong check code: got %s", got)
	}
	if got := plain(s.get("/en/n/0104-9", 404).Body.String()); !strings.Contains(got, "We have published no notice with that number") {
		t.Errorf("an unknown number: got %s", got)
	}
	for _, path := range []string{"/en/n/nonsense", "/en/n/" + strings.Repeat("1", 60), "/en/n/QQQQQQ"} {
		s.get(path, 404)
	}
	s.setNow(s.at(9, 0))
	second := s.say(&i, subscriptions.Notice{Kind: subscriptions.Update, Slots: subscriptions.Slots{NextUpdate: s.at(12, 0)}})
	s.refresh()
	s.says("/en/n/0103-1", "Notice 0103-1 was ours and has changed since; notice 0103-2 now stands")
	s.says("/en/n/0103-2", "Notice 0103-2 is ours")

	second.State, second.StoppedAt = subscriptions.Stopped, s.at(9, 5)
	second = s.put(second)
	s.refresh()
	s.says("/en/n/0103-2", "was ours and was stopped", "Do not rely on it.")
	second.State = subscriptions.Withdrawn
	s.put(second)
	s.refresh()
	s.says("/en/n/0103-2", "Notice 0103-2 is withdrawn: it was wrong.", "Do not follow it.")
	s.silent("/en/n/0103-2", "Next update by 12:00")
	// That the second was wrong says nothing of the first, which stands again.
	s.says("/en/n/0103-1", "Notice 0103-1 is ours", "are not working")
	s.silent("/en/n/0103-1", "withdrawn", "Do not follow it.")

	// The same number of another year: both are listed.
	s.setNow(s.at(8, 0).AddDate(1, 0, 0))
	s.day = 0
	s.end(&i)
	s.say(nil, subscriptions.Notice{Kind: subscriptions.Advisory, Agency: "kra", Slots: subscriptions.Slots{Free: subscriptions.Text{"en": "Offices are closed.", "sw": "Ofisi zimefungwa."}}})
	s.refresh()
	s.says("/en/n/0103-1", "Several notices carry the number 0103-1", "Notice 0103-1 of 3 January 2026", "Notice 0103-1 of 3 January 2025")
	s.says("/en/n/2026-0103-1", "Offices are closed.")
	s.setNow(s.at(23, 0).AddDate(1, 0, 0))
	s.refresh()
	s.says("/en/n/2026-0103-1", "has expired")
}

func TestPlannedWorkBesideTrouble(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.outage()
	m := s.open("ecitizen-payments")
	m.Maintenance, m.State, m.StartsAt, m.EndsAt = true, subscriptions.Scheduled, s.at(22, 0), s.at(23, 0)
	s.say(&m, subscriptions.Notice{Kind: subscriptions.Maintenance, Slots: subscriptions.Slots{State: subscriptions.Scheduled, StartsAt: s.at(22, 0), EndsAt: s.at(23, 0)}})
	s.refresh()
	got := s.says("/en/s/passport-renewal", "Payments to 222222 (eCitizen) are not working.", "Planned work. Payments to 222222 (eCitizen) will not work.", "From 10:00 pm to 11:00 pm")
	if strings.Index(got, "are not working") > strings.Index(got, "will not work") {
		t.Error("planned work stands before the trouble")
	}
	m.State = subscriptions.InProgress
	s.say(&m, subscriptions.Notice{Kind: subscriptions.Maintenance, Slots: subscriptions.Slots{State: subscriptions.InProgress, StartsAt: s.at(22, 0), EndsAt: s.at(23, 0)}})
	s.setNow(s.at(23, 10))
	s.refresh()
	s.says("/en/", "The planned end, 11:00 pm on 3 January 2025, has passed; not confirmed yet.")
}

// alarmed is a store with something that citizens complain of.
type alarmed struct {
	statuspage.Store
	alarms []subscriptions.Alarm
}

func (a alarmed) Alarms(context.Context, time.Time) ([]subscriptions.Alarm, error) {
	return a.alarms, nil
}

func TestNoOfficialWordYet(t *testing.T) {
	t.Parallel()
	alarm := subscriptions.Alarm{ID: 1, State: subscriptions.AlarmOpen, Services: []subscriptions.ServiceID{"good-conduct"}}
	store := &alarmed{}
	s := setup(t, func(c *statuspage.Config) { store.Store = c.Store; c.Store = store })
	s.silent("/en/", "no official word")
	later := func() { s.setNow(s.clock().Add(10 * time.Second)); s.refresh() }
	store.alarms = []subscriptions.Alarm{alarm}
	later()
	s.silent("/en/", "no official word") // nobody has marked it yet
	alarm.Unofficial, alarm.Revision = s.clock(), 2
	store.alarms = []subscriptions.Alarm{alarm}
	later()
	s.says("/en/", "Many people report that this fails. There is no official word yet.", "Police clearance")
	s.says("/sw/s/good-conduct", "Bado hakuna taarifa rasmi.")
	if got := s.get("/api/v2/status.json", 200).Body.String(); !strings.Contains(got, "Many reports, no official word yet") {
		t.Errorf("got %s", got)
	}
	s.outage() // somebody speaks
	alarm.State, alarm.Incident, alarm.Since, alarm.Revision = subscriptions.AlarmSpoken, 1, s.at(5, 52), 3
	store.alarms = []subscriptions.Alarm{alarm}
	later()
	s.silent("/en/", "There is no official word yet.")
	s.says("/en/i/1", "First report 5:52 am on 3 January 2025", "First official word 6:04 am on 3 January 2025")
}

func TestSearch(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.outage()
	s.says("/en/services?q=drivng+lisence", "Driving licence renewal", "Not working")
	s.says("/sw/services?q=stima", "Zilizopatikana kwa “stima”")
	s.says("/en/services?q=zzzzqq", "We found no service for that.")
	s.says("/en/services", "Kenya Revenue Authority", "Paying tax", "Nairobi National Park entry")
	w := s.get("/en/services?q=kra", 200)
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("got Cache-Control %q, want what is looked for kept by nobody", got)
	}
	s.get("/en/services?q="+strings.Repeat("x", 300), 400)
	if got := s.get("/en/services?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E", 200).Body.String(); strings.Contains(got, "<script") {
		t.Error("what was typed is not escaped")
	}
}

func TestLanguageIsRememberedAndGuessed(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for _, c := range []struct{ name, path, accept, cookie, want string }{
		{"by default the catalogue's", "/", "", "", "/en/"},
		{"the browser's", "/", "sw-KE,en;q=0.5", "", "/sw/"},
		{"the browser's best of ours", "/", "fr, en;q=0.3, sw;q=0.8", "", "/sw/"},
		{"none of ours", "/", "fr", "", "/en/"},
		{"the remembered one", "/s/kra-pay-tax", "en", "sw", "/sw/s/kra-pay-tax"},
		{"a cookie that is none", "/n/0103-1", "sw", "<x>", "/sw/n/0103-1"},
		{"a path that looks like a host", "/s/%2F%2Fevil.example", "", "", "/en/s/evil.example"},
	} {
		r := httptest.NewRequest(http.MethodGet, c.path, nil)
		if c.cookie != "" {
			r.Header.Set("Cookie", "language="+c.cookie)
		}
		w := s.ask(r, http.StatusFound, "Accept-Language", c.accept)
		if got := w.Header().Get("Location"); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	w := s.get("/lang/sw/s/kra-pay-tax", http.StatusFound)
	if got := w.Header().Get("Location"); got != "/sw/s/kra-pay-tax" {
		t.Errorf("got %s", got)
	}
	c := w.Result().Cookies()[0]
	if c.Name != "language" || c.Value != "sw" || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
		t.Errorf("got cookie %v", c)
	}
	for _, path := range []string{"/lang/xx/", "/xx/", "/fr/s/kra-pay-tax", "/en/s/no-such", "/en/a/no-such", "/en/x", "/en/s/kra-pay-tax/x", "/zzz"} {
		s.get(path, http.StatusNotFound)
	}
	for _, path := range []string{"/lang/sw//evil.example/", "/lang/sw/%2F%2Fevil.example", "/lang/sw/..%2F..%2Fevil"} {
		w := httptest.NewRecorder()
		s.pages.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if to := w.Header().Get("Location"); !regexp.MustCompile(`^/[a-z]+(/[^/\\]|$)`).MatchString(to) {
			t.Errorf("%s leads to %q", path, to)
		}
	}
}

func TestVerifyCompares(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.says("/en/verify", "Is this notice real?", "What you paste is compared, and not kept.")
	post := func(body, kind string, status int, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, "/en/verify", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		return s.ask(r, status, headers...)
	}
	const form = "application/x-www-form-urlencoded"
	w := post("text=Pay+%3Cb%3E", form, 200, "Accept", "text/html")
	if got := w.Body.String(); !strings.Contains(got, "<h2>Compared</h2>") || !strings.Contains(got, "Pay &lt;b&gt;") {
		t.Errorf("got %s", got)
	}
	if w.Header().Get("Cache-Control") != "no-store" {
		t.Error("what was pasted may be kept by a cache")
	}
	post("text=", form, 400)
	post("text=%zz", form, 400)
	post(`{"text":"x"}`, "application/json", http.StatusUnsupportedMediaType)
	post("text="+strings.Repeat("x", 40<<10), form, http.StatusRequestEntityTooLarge)
	post("text=x", form, http.StatusForbidden, "Sec-Fetch-Site", "cross-site")
	for range 20 {
		r := httptest.NewRequest(http.MethodPost, "/en/verify", strings.NewReader("text=x"))
		r.Header.Set("Content-Type", form)
		w := httptest.NewRecorder()
		s.pages.ServeHTTP(w, r)
		if w.Code == http.StatusTooManyRequests {
			return
		}
	}
	t.Error("comparing is not limited")
}

// However many clients paste a text, two are compared at once and the others wait.
func TestVerifyComparesFewAtOnce(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int32
	release := make(chan struct{})
	s := setup(t, func(c *statuspage.Config) {
		c.Compare = func(context.Context, subscriptions.Language, string, time.Time) (wording.Card, error) {
			n := now.Add(1)
			defer now.Add(-1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			<-release
			return wording.Card{Title: "Compared"}, nil
		}
	})
	codes := make(chan int, 6)
	for i := range cap(codes) {
		go func() {
			r := httptest.NewRequest(http.MethodPost, "/en/verify", strings.NewReader("text=x"))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.RemoteAddr = fmt.Sprintf("203.0.113.%d:5000", i+1)
			w := httptest.NewRecorder()
			s.pages.ServeHTTP(w, r)
			codes <- w.Code
		}()
	}
	for now.Load() < 2 {
		runtime.Gosched()
	}
	close(release)
	for range cap(codes) {
		if code := <-codes; code != http.StatusOK {
			t.Errorf("got %d", code)
		}
	}
	if most.Load() != 2 {
		t.Errorf("%d were compared at once, want 2", most.Load())
	}
}

func TestOurs(t *testing.T) {
	t.Parallel()
	s := setup(t)
	r, err := s.store.SaveRecipient(t.Context(), subscriptions.Recipient{Lane: "telegram:1", Address: subscriptions.AddressOf("-100"), Kind: subscriptions.Channel, Title: "Arifa Kenya", CreatedAt: s.clock()})
	s.must(err)
	_, err = s.store.Subscribe(t.Context(), r.ID, []subscriptions.Follow{{Scope: subscriptions.ScopeAll, Since: s.clock()}}, s.clock())
	s.must(err)
	s.setNow(s.clock().Add(10 * time.Second))
	s.refresh()
	s.says("/en/follow", "Ours, and nobody else's", "Telegram: @arifa_ke_bot", "Telegram: Arifa Kenya", "arifa.example.go.ke", "Web chat", "OpenAPI")
	if page := s.get("/en/follow", 200).Body.String(); strings.Contains(page, "-100") {
		t.Error("an address is on the page")
	}
}

func TestPoster(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.says("/en/s/kra-pay-tax/poster", "Paying tax", "arifa.example.go.ke/en/s/kra-pay-tax", "Is it working?")
	s.says("/sw/s/kra-pay-tax/poster", "Kulipa ushuru", "Elekeza kamera", "arifa.example.go.ke/sw/s/kra-pay-tax")
	for _, l := range s.nation.Languages { // a camera reads the address of the page in that language
		page := s.get("/"+string(l)+"/s/kra-pay-tax/poster", 200).Body.String()
		code, err := qr.Encode(base+"/"+string(l)+"/s/kra-pay-tax", qr.Q)
		s.must(err)
		black := 0
		for _, m := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1`).FindAllStringSubmatch(page, -1) {
			x, _ := strconv.Atoi(m[1])
			y, _ := strconv.Atoi(m[2])
			n, _ := strconv.Atoi(m[3])
			for k := range n {
				if black++; !code.Black(x+k-4, y-4) { // four of white around
					t.Fatalf("%s: the poster is black at %d, %d, its code is not", l, x+k-4, y-4)
				}
			}
		}
		for y := range code.Size {
			for x := range code.Size {
				if code.Black(x, y) {
					black--
				}
			}
		}
		if black != 0 {
			t.Errorf("%s: %d modules differ from the code of the page's address", l, black)
		}
	}
}
