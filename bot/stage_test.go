package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"arifa/bot"
	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
	"arifa/subscriptions/sqlite"
	"arifa/subscriptions/sqlite/sqlitetest"
	"arifa/subscriptions/wording"
)

const (
	lane    = subscriptions.LaneID("telegram:7001")
	account = "arifa_bot"
)

// stage is one conversation over the real store, catalogue, search and words,
// with a desk that publishes what the script says.
type stage struct {
	t        testing.TB
	store    *sqlite.Store
	nation   *subscriptions.Nation
	words    *wording.Speaker
	bot      *bot.Conversation
	now      time.Time
	speaker  bot.Heard
	last     wording.Card
	incident subscriptions.Incident
	notices  []subscriptions.Notice
	code     string // of the notices that it publishes
	lately   string // what the desk did last
	reach    func(situation string)
}

// world is what every stage reads and none changes: made once, for parsing the
// catalogue takes longer than a conversation.
type world struct {
	nation *subscriptions.Nation
	index  *catalogue.Index
	words  *wording.Speaker
}

var worldOnce = sync.OnceValues(func() (world, error) {
	n, err := catalogue.Kenya()
	if err != nil {
		return world{}, err
	}
	words, err := wording.NewSpeaker()
	if err != nil {
		return world{}, err
	}
	return world{nation: n, index: catalogue.NewIndex(n), words: words.Strict()}, nil
})

func theWorld(t testing.TB) world {
	t.Helper()
	w, err := worldOnce()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func newStage(t testing.TB, with ...func(*bot.Config)) *stage {
	t.Helper()
	w := theWorld(t)
	store, err := sqlite.Open(context.Background(), sqlitetest.File(t), sqlite.Config{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &stage{t: t, store: store, nation: w.nation, words: w.words, code: "K7QF2M"}
	s.now = time.Date(2025, 1, 2, 7, 0, 0, 0, time.UTC)
	s.enter("person", []string{"amina", "en"})
	c := bot.Config{
		Register: store, Bulletins: store, Complaints: store, Alarms: store, Samples: store, Speaker: s.words, Host: "arifa.go.ke",
		Nation:   func() *subscriptions.Nation { return s.nation },
		Search:   search{w.index},
		BotName:  func(subscriptions.LaneID) string { return account },
		Accounts: func() []string { return []string{"arifa_kenya"} },
	}
	for _, change := range with {
		change(&c)
	}
	s.bot = bot.New(c)
	return s
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// desk publishes what an "@" line says.
func (s *stage) desk(number int, verb, rest string) []string {
	s.t.Helper()
	if verb != "deliver" { // it changes nothing
		s.lately = verb
	}
	switch verb {
	case "outage":
		s.outage()
	case "way":
		s.way()
	case "restored":
		s.restored()
	case "answered":
		s.answered()
	case "reopened":
		s.reopened(subscriptions.Claim{Agency: "ecitizen", Platform: "ecitizen-payments"})
	case "fails-again": // an agency says so of one of its own services
		agency, service, _ := strings.Cut(rest, " ")
		s.reopened(subscriptions.Claim{Agency: subscriptions.AgencyID(agency), Service: subscriptions.ServiceID(service)})
	case "maintenance":
		s.maintenance()
	case "withdraw", "stop-notice":
		s.mark(rest, map[string]subscriptions.NoticeState{"withdraw": subscriptions.Withdrawn, "stop-notice": subscriptions.Stopped}[verb])
	case "deliver":
		return s.deliver()
	case "reports": // what is counted by now
		return s.reports()
	case "unofficial": // many report it, and the deployment shows that
		s.unofficial(rest)
	case "sample": // the present citizen is asked whether it works
		return s.sample(rest)
	case "confirm": // two officers confirmed a destination
		s.confirm(rest)
	default:
		s.t.Fatalf("line %d: %q is no event", number, verb)
	}
	return nil
}

// outage is the first word of eCitizen on 3 January.
func (s *stage) outage() {
	since := time.Date(2025, 1, 3, 3, 0, 0, 0, time.UTC)
	i := subscriptions.Incident{
		State: subscriptions.Investigating, Round: 1, Owner: "ecitizen", OpenedAt: s.now, Since: since, SinceApprox: true,
		NextUpdate: since.Add(5 * time.Hour),
		Claims:     []subscriptions.Claim{{Agency: "ecitizen", Platform: "ecitizen-payments", Impact: subscriptions.Blocked, At: s.now, Since: since, Round: 1}},
	}
	i.Services = i.Derive(s.nation)
	s.publish(i, subscriptions.Notice{Kind: subscriptions.Outage, Agency: "ecitizen", Sound: true, Slots: subscriptions.Slots{
		Platforms: []subscriptions.PlatformID{"ecitizen-payments"}, Since: since, SinceApprox: true, State: i.State, NextUpdate: i.NextUpdate}})
}

// way is KRA's other way for its own taxes, for four hours.
func (s *stage) way() {
	i, until := s.incident, s.now.Add(4*time.Hour)
	var services []subscriptions.ServiceID
	for _, v := range s.nation.Services {
		if slices.Contains(v.Alternatives, "alt-bank-or-pdq") && slices.Contains(i.Failing(), v.ID) {
			services = append(services, v.ID)
		}
	}
	i.Ways = append(i.Ways, subscriptions.Way{Alternative: "alt-bank-or-pdq", Agency: "kra", Services: services, Until: until, At: s.now})
	s.publish(i, subscriptions.Notice{Kind: subscriptions.AlternativeNotice, Agency: "kra", Sound: true, Slots: subscriptions.Slots{
		Alternatives: []subscriptions.AlternativeID{"alt-bank-or-pdq"}, Platforms: i.Platforms(), Since: i.Since, SinceApprox: true, State: i.State, NextUpdate: i.NextUpdate, Until: until}})
}

// update is another word of eCitizen on the same trouble.
func (s *stage) update() {
	i := s.incident
	i.NextUpdate = s.now.Add(2 * time.Hour)
	s.publish(i, subscriptions.Notice{Kind: subscriptions.Update, Agency: "ecitizen", Slots: subscriptions.Slots{
		Platforms: i.Platforms(), Since: i.Since, SinceApprox: true, State: i.State, NextUpdate: i.NextUpdate}})
}

func (s *stage) restored() {
	i := s.incident
	audience := i.Failing()
	i.Claims = slices.Clone(i.Claims)
	i.Claims[0].EndedAt = s.now
	i.State, i.EndedAt, i.NextUpdate = subscriptions.Resolved, s.now, time.Time{}
	for k := range i.Ways {
		i.Ways[k].EndedAt = s.now
	}
	i.Services = i.Derive(s.nation)
	n := subscriptions.Notice{Kind: subscriptions.Restored, Agency: "ecitizen", Sound: true, Slots: subscriptions.Slots{
		State: i.State, Since: i.Since, SinceApprox: true,
		Landed: subscriptions.Answer{By: s.now.Add(3 * time.Hour)}, PayAgain: subscriptions.Answer{Value: "no"}, Moved: subscriptions.Answer{Value: "no"}}}
	n.Audience = subscriptions.AudienceOf(s.nation, audience, []subscriptions.PlatformID{"ecitizen-payments"})
	s.publish(i, n)
}

// reopened begins a new round of the incident, of what is claimed to fail again, and
// publishes its first word.
func (s *stage) reopened(c subscriptions.Claim) {
	i := s.incident
	i.Round++
	i.State, i.EndedAt, i.Since, i.NextUpdate, i.FirstNotice = subscriptions.Investigating, time.Time{}, s.now, s.now.Add(2*time.Hour), 0
	c.Impact, c.At, c.Since, c.Round = subscriptions.Blocked, s.now, s.now, i.Round
	i.Claims = append(slices.Clone(i.Claims), c)
	i.Services = i.Derive(s.nation)
	s.publish(i, subscriptions.Notice{Kind: subscriptions.Outage, Agency: c.Agency, Sound: true, Slots: subscriptions.Slots{
		Platforms: i.Platforms(), Services: i.Failing(), Since: s.now, State: i.State, NextUpdate: i.NextUpdate}})
}

// answered gives what the last end left open.
func (s *stage) answered() {
	end := s.notices[len(s.notices)-1]
	s.publish(s.incident, subscriptions.Notice{Kind: subscriptions.Correction, Agency: "ecitizen", Sound: true, Corrects: end.ID, Audience: subscriptions.Audience{},
		Slots: subscriptions.Slots{Landed: subscriptions.Answer{Value: "yes"}, PayAgain: subscriptions.Answer{Value: "no"}, Moved: subscriptions.Answer{Value: "no"}}})
}

// maintenance is planned work of KRA on iTax.
func (s *stage) maintenance() {
	starts := s.now.Add(2 * time.Hour)
	i := subscriptions.Incident{
		Maintenance: true, State: subscriptions.Scheduled, Round: 1, Owner: "kra", OpenedAt: s.now, Since: starts, StartsAt: starts, EndsAt: starts.Add(2 * time.Hour),
		Claims: []subscriptions.Claim{{Agency: "kra", Platform: "kra-itax", Impact: subscriptions.Blocked, At: s.now, Since: starts, Round: 1}},
	}
	i.Services = i.Derive(s.nation)
	s.publish(i, subscriptions.Notice{Kind: subscriptions.Maintenance, Agency: "kra", Sound: true, Slots: subscriptions.Slots{
		Platforms: []subscriptions.PlatformID{"kra-itax"}, State: i.State, StartsAt: i.StartsAt, EndsAt: i.EndsAt}})
}

// publish stores a notice as the desk does: first its number, then its frozen
// words, then the publication.
func (s *stage) publish(i subscriptions.Incident, n subscriptions.Notice) {
	s.t.Helper()
	ctx, local := context.Background(), s.now.In(s.nation.Location())
	n.Incident, n.Round, n.State, n.Code = i.ID, i.Round, subscriptions.Submitted, s.code
	n.CreatedAt, n.SubmittedAt = s.now, s.now
	if n.Audience == nil {
		n.Audience = subscriptions.AudienceOf(s.nation, i.Failing(), i.Platforms())
	}
	submitted, err := s.store.Commit(ctx, subscriptions.Change{
		Incident: &i, Notices: []subscriptions.Notice{n}, Day: local.Format("2006-0102"), Now: s.now, Line: subscriptions.AuditLine{At: s.now, Action: "notice.submit"}})
	s.must(err)
	i, n = *submitted.Incident, submitted.Notices[0]
	n.Sheet, err = s.words.Sheet(wording.Facts{Nation: s.nation, Incident: i, Notice: n, Corrected: s.corrected(n), Host: "arifa.go.ke", Now: s.now})
	s.must(err)
	n.Hash, n.State, n.PublishedAt, n.ExpiresAt = n.Digest(), subscriptions.Published, s.now, s.now.Add(12*time.Hour)
	var overtakes []subscriptions.NoticeID
	for _, old := range s.notices {
		if old.Incident == i.ID && old.Round == i.Round && old.Overtaken == 0 && n.Corrects == 0 {
			overtakes = append(overtakes, old.ID)
		}
	}
	published, err := s.store.Commit(ctx, subscriptions.Change{
		Incident: &i, Notices: []subscriptions.Notice{n}, Overtakes: overtakes, Now: s.now, Line: subscriptions.AuditLine{At: s.now, Action: "notice.publish"}})
	s.must(err)
	s.incident = *published.Incident
	s.notices, err = s.store.Notices(ctx, 0)
	s.must(err)
}

func (s *stage) corrected(n subscriptions.Notice) *subscriptions.Notice {
	for _, old := range s.notices {
		if n.Corrects != 0 && old.ID == n.Corrects {
			return &old
		}
	}
	return nil
}

// mark stops or withdraws the notice with a short key.
func (s *stage) mark(key string, state subscriptions.NoticeState) {
	s.t.Helper()
	found, err := s.store.NoticesByKey(context.Background(), key)
	s.must(err)
	if len(found) != 1 {
		s.t.Fatalf("%d notices %s", len(found), key)
	}
	n := found[0]
	n.State, n.StoppedAt = state, s.now
	_, err = s.store.Commit(context.Background(), subscriptions.Change{Notices: []subscriptions.Notice{n}, Now: s.now, Line: subscriptions.AuditLine{At: s.now, Action: "notice.mark"}})
	s.must(err)
}

// confirm makes a destination a place to pay, as two officers do.
func (s *stage) confirm(id string) {
	n := *s.nation
	n.Registry = slices.Clone(n.Registry)
	for k := range n.Registry {
		if string(n.Registry[k].ID) == id {
			n.Registry[k].Verify = false
			n.Registry[k].ExpectName = n.Registry[k].ExpectNameUnconfirmed
		}
	}
	s.nation = &n
}

// deliver sends everything that is owed, as the lane does, and says what the
// present citizen gets.
func (s *stage) deliver() (out []string) {
	s.t.Helper()
	ctx := context.Background()
	for range 100 {
		e, err := s.store.Expand(ctx, 1000, s.now)
		s.must(err)
		if e.Notice == 0 {
			break
		}
	}
	tenure, err := s.store.Acquire(ctx, lane, "test", time.Minute)
	if errors.Is(err, subscriptions.ErrFenced) {
		s.t.Fatal("the lane has another owner")
	}
	s.must(err)
	rows, err := s.store.Lease(ctx, tenure, 1000, s.now)
	s.must(err)
	var results []subscriptions.Result
	for _, d := range rows {
		if d.Address == s.speaker.Address {
			out = append(out, fmt.Sprintf("= gets %s as %s for %v", s.kind(d.Notice), d.Mode, d.Services))
		}
		results = append(results, subscriptions.Result{ID: d.ID, Fence: tenure.Fence, State: subscriptions.Sent, Message: "1", Counted: true, At: s.now})
	}
	s.must(s.store.Finish(ctx, results))
	s.must(s.store.Release(ctx, tenure))
	return out
}

func (s *stage) kind(id subscriptions.NoticeID) string {
	n, err := s.store.Notice(context.Background(), id)
	s.must(err)
	return string(n.Kind) + " " + n.Key.Short()
}

// noticeText is a notice as a citizen forwards it.
func (s *stage) noticeText(key string) string {
	found, err := s.store.NoticesByKey(context.Background(), key)
	s.must(err)
	if len(found) == 0 {
		s.t.Fatalf("no notice %s", key)
	}
	n := found[0]
	c := s.words.Card(n.Sheet, wording.Selection{Language: "en", Services: []subscriptions.ServiceID{"kra-pay-tax"}})
	return strings.Join(append(append([]string{c.Title}, c.Lines...), c.Footer...), "\n")
}
