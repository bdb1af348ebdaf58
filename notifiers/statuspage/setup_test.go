package statuspage_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"arifa/notifiers/statuspage"
	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
	"arifa/subscriptions/sqlite"
	"arifa/subscriptions/sqlite/sqlitetest"
	"arifa/subscriptions/wording"
)

var (
	speaker = sync.OnceValues(wording.NewSpeaker)
	kenya   = sync.OnceValues(catalogue.Kenya)
)

// stage is a page over a real store, on the morning of 3 January 2025 in Nairobi.
type stage struct {
	testing.TB
	store   *sqlite.Store
	speaker *wording.Speaker
	nation  *subscriptions.Nation
	site    *statuspage.Site
	pages   http.Handler
	mu      sync.Mutex
	now     time.Time
	day     int
}

const base = "https://arifa.example.go.ke"

func setup(t testing.TB, more ...func(*statuspage.Config)) *stage {
	t.Helper()
	s := &stage{TB: t}
	sp, err := speaker()
	s.must(err)
	s.speaker = sp.Strict()
	s.nation, err = kenya()
	s.must(err)
	s.now = s.at(6, 4)
	s.store, err = sqlite.Open(context.Background(), sqlitetest.File(t), sqlite.Config{Migrate: true})
	s.must(err)
	t.Cleanup(func() { _ = s.store.Close() })
	index := catalogue.NewIndex(s.nation)
	c := statuspage.Config{Store: s.store, Nation: func() *subscriptions.Nation { return s.nation }, Speaker: s.speaker, Base: base, Now: s.clock,
		WebChat: "/%s/chat", Search: func(q string, limit int) (out []statuspage.Found) {
			for _, h := range index.Search(q, limit) {
				out = append(out, statuspage.Found{Service: h.Service, Agency: h.Agency})
			}
			return out
		},
		Accounts: func() []statuspage.Account {
			return []statuspage.Account{{Network: "Telegram", Name: "@arifa_ke_bot", URL: "https://t.me/arifa_ke_bot", Follow: "https://t.me/arifa_ke_bot?start=%s"}}
		},
		Compare: func(_ context.Context, _ subscriptions.Language, text string, _ time.Time) (wording.Card, error) {
			return wording.Card{Title: "Compared", Lines: []string{text}}, nil
		}}
	for _, f := range more {
		f(&c)
	}
	s.site, err = statuspage.New(c)
	s.must(err)
	s.pages = s.site.Handler()
	s.refresh()
	return s
}

func (s *stage) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *stage) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *stage) setNow(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = t
}

// at is a time of that day.
func (s *stage) at(hour, minute int) time.Time {
	return time.Date(2025, 1, 3, hour, minute, 0, 0, s.nation.Location()).UTC()
}

func (s *stage) refresh() {
	s.Helper()
	s.must(s.site.Refresh(context.Background()))
}

// open makes an incident of platforms, as its operator claims it.
func (s *stage) open(platforms ...subscriptions.PlatformID) subscriptions.Incident {
	s.Helper()
	now := s.clock()
	i := subscriptions.Incident{State: subscriptions.Investigating, Round: 1, Since: now.Add(-4 * time.Minute), SinceApprox: true, OpenedAt: now}
	for _, id := range platforms {
		p, ok := s.nation.Platform(id)
		if !ok {
			s.Fatalf("no platform %s", id)
		}
		i.Owner = p.Operator
		i.Claims = append(i.Claims, subscriptions.Claim{Agency: p.Operator, Platform: id, Impact: subscriptions.Blocked, At: now, Since: i.Since, Round: 1})
	}
	i.Services = i.Derive(s.nation)
	return i
}

// own makes an incident of single services.
func (s *stage) own(impact subscriptions.Impact, ids ...subscriptions.ServiceID) subscriptions.Incident {
	s.Helper()
	now := s.clock()
	i := subscriptions.Incident{State: subscriptions.Investigating, Round: 1, Since: now, OpenedAt: now}
	for _, id := range ids {
		v, ok := s.nation.Service(id)
		if !ok {
			s.Fatalf("no service %s", id)
		}
		i.Owner = v.Agency
		i.Claims = append(i.Claims, subscriptions.Claim{Agency: v.Agency, Service: id, Impact: impact, At: now, Since: now, Round: 1})
	}
	i.Services = i.Derive(s.nation)
	return i
}

// say publishes a notice about an incident (which it stores), with real frozen words.
func (s *stage) say(i *subscriptions.Incident, n subscriptions.Notice) subscriptions.Notice {
	s.Helper()
	now := s.clock()
	if i != nil {
		n.Incident, n.Round = i.ID, i.Round
		i.NextUpdate = n.Slots.NextUpdate
	}
	if n.Agency == "" && i != nil {
		n.Agency = i.Owner
	}
	s.day++
	n.Key = subscriptions.NewNoticeKey(now.In(s.nation.Location()), s.day)
	n.Code = fmt.Sprintf("K7QF%02X", s.day)
	facts := wording.Facts{Nation: s.nation, Notice: n, Host: base, Now: now}
	if i != nil {
		facts.Incident = *i
	}
	if n.Corrects != 0 {
		c, err := s.store.Notice(context.Background(), n.Corrects)
		s.must(err)
		facts.Corrected = &c
	}
	var err error
	n.Sheet, err = s.speaker.Sheet(facts)
	s.must(err)
	var ids []subscriptions.ServiceID
	for _, sl := range n.Sheet.Words["en"].Services {
		ids = append(ids, sl.Service)
	}
	var platforms []subscriptions.PlatformID
	if i != nil {
		platforms = i.Platforms()
	}
	n.Audience = subscriptions.AudienceOf(s.nation, ids, platforms)
	n.State, n.CreatedAt, n.PublishedAt, n.Sound = subscriptions.Published, now, now, true
	ch := subscriptions.Change{Incident: i, Notices: []subscriptions.Notice{n}, Now: now,
		Line: subscriptions.AuditLine{At: now, Action: "test", Outcome: "done"}}
	if i != nil && i.ID != 0 && n.Kind.Chain() {
		older, err := s.store.Notices(context.Background(), i.ID, subscriptions.Published)
		s.must(err)
		for _, o := range older {
			ch.Overtakes = append(ch.Overtakes, o.ID)
		}
	}
	out, err := s.store.Commit(context.Background(), ch)
	s.must(err)
	if i != nil {
		*i = *out.Incident
	}
	return out.Notices[0]
}

// end ends every claim, but for the services that are held.
func (s *stage) end(i *subscriptions.Incident, held ...subscriptions.ServiceID) {
	now := s.clock()
	i.Claims = slices.Clone(i.Claims)
	for k := range i.Claims {
		i.Claims[k].EndedAt = now
	}
	for _, id := range held {
		v, _ := s.nation.Service(id)
		i.Holds = append(i.Holds, subscriptions.Hold{Service: id, Agency: v.Agency, At: now})
	}
	i.Services = i.Derive(s.nation)
	if len(i.Failing()) == 0 {
		i.State, i.EndedAt = subscriptions.Resolved, now
	}
}

// put stores a changed notice.
func (s *stage) put(n subscriptions.Notice) subscriptions.Notice {
	s.Helper()
	out, err := s.store.Commit(context.Background(), subscriptions.Change{Notices: []subscriptions.Notice{n}, Now: s.clock(),
		Line: subscriptions.AuditLine{At: s.clock(), Action: "test", Outcome: "done"}})
	s.must(err)
	return out.Notices[0]
}

// outage is the trouble of that day, told at 6:04 with a promise for 11:00.
func (s *stage) outage() (subscriptions.Incident, subscriptions.Notice) {
	s.Helper()
	i := s.open("ecitizen-payments")
	n := s.say(&i, subscriptions.Notice{Kind: subscriptions.Outage, Slots: subscriptions.Slots{NextUpdate: s.at(11, 0), State: subscriptions.Investigating}})
	s.refresh()
	return i, n
}

// get asks for a path and wants a status.
func (s *stage) get(path string, status int, headers ...string) *httptest.ResponseRecorder {
	s.Helper()
	return s.ask(httptest.NewRequest(http.MethodGet, path, nil), status, headers...)
}

func (s *stage) ask(r *http.Request, status int, headers ...string) *httptest.ResponseRecorder {
	s.Helper()
	for k := 0; k+1 < len(headers); k += 2 {
		r.Header.Set(headers[k], headers[k+1])
	}
	w := httptest.NewRecorder()
	s.pages.ServeHTTP(w, r)
	if w.Code != status {
		s.Fatalf("%s %s: got status %d, want %d:\n%.400s", r.Method, r.URL.Path, w.Code, status, w.Body)
	}
	return w
}

// says wants texts in the page of a path, tags left out.
func (s *stage) says(path string, texts ...string) string {
	s.Helper()
	got := plain(s.get(path, 200, "Accept", "text/html").Body.String())
	for _, want := range texts {
		if !strings.Contains(got, want) {
			s.Errorf("%s does not say %q:\n%s", path, want, got)
		}
	}
	return got
}

func (s *stage) silent(path string, texts ...string) {
	s.Helper()
	got := plain(s.get(path, 200, "Accept", "text/html").Body.String())
	for _, no := range texts {
		if strings.Contains(got, no) {
			s.Errorf("%s says %q", path, no)
		}
	}
}
