package desk_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"arifa/bot/desk"
	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
	"arifa/subscriptions/sqlite"
	"arifa/subscriptions/sqlite/sqlitetest"
	"arifa/subscriptions/wording"
)

var ctx = context.Background()

// person is an officer with what they were given once.
type person struct {
	desk.NewOfficer
	actor desk.Actor
}

// bundle is a desk over a real database with the Kenyan catalogue and officers.
type bundle struct {
	*testing.T
	desk   *desk.Desk
	store  *sqlite.Store
	nation *subscriptions.Nation
	now    time.Time

	mu     sync.Mutex
	events []desk.Event

	path   string
	people int
	trying bool // the settings make it a try-out
	staff
}

// staff are the officers of every test.
type staff struct {
	admin, second                   person
	ecAuthor, ecApprover            person
	kraAuthor, kraApprover          person
	kplc, safaricom, kws, kwsSecond person
}

// setup starts on 3 January 2025 at 6:04 in Nairobi. Adding ten officers takes a
// while, so that is done once and every test gets a copy of the database.
func setup(t *testing.T) *bundle {
	t.Helper()
	made.Do(func() { made.bundle, made.file = officers(t) })
	b := &bundle{T: t}
	b.staff = made.bundle.staff
	path := filepath.Join(t.TempDir(), "arifa.db")
	if err := os.WriteFile(path, made.file, 0o600); err != nil {
		t.Fatal(err)
	}
	b.open(path, kenya(t))
	return b
}

var made struct {
	sync.Once
	bundle *bundle
	file   []byte
}

func officers(t *testing.T) (*bundle, []byte) {
	b := bare(t, kenya(t))
	b.pass(-time.Hour) // the digits of their enrolment are long over
	var err error
	b.admin.NewOfficer, err = b.desk.AddOfficer(ctx, desk.Actor{Via: "cli"}, desk.AddOfficer{Name: "Amina", Roles: []subscriptions.Grant{{Role: subscriptions.Admin}}}, b.now)
	b.must(err)
	b.admin.actor = b.signIn(b.admin.Key)
	for _, o := range []struct {
		p    *person
		name string
		role subscriptions.Role
		at   subscriptions.AgencyID
	}{
		{&b.ecAuthor, "Esther", subscriptions.Author, "ecitizen"}, {&b.ecApprover, "Eric", subscriptions.Approver, "ecitizen"},
		{&b.kraAuthor, "Kamau", subscriptions.Author, "kra"}, {&b.kraApprover, "Kerubo", subscriptions.Approver, "kra"},
		{&b.kplc, "Peter", subscriptions.Author, "kplc"}, {&b.safaricom, "Saida", subscriptions.Author, "safaricom"},
		{&b.kws, "Wanjiru", subscriptions.Author, "kws"}, {&b.kwsSecond, "Wekesa", subscriptions.Approver, "kws"},
		{&b.second, "Barasa", subscriptions.Admin, ""},
	} {
		*o.p = b.add(o.name, subscriptions.Grant{Role: o.role, Agency: o.at})
	}
	b.must(b.store.Close()) // everything is in the one file then
	file, err := os.ReadFile(b.path)
	b.must(err)
	return b, file
}

// kenya is read only, so all tests share one.
func kenya(t *testing.T) *subscriptions.Nation {
	t.Helper()
	n, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

var (
	parsed  = sync.OnceValues(catalogue.Kenya)
	speaker = sync.OnceValues(wording.NewSpeaker)
)

// bare is a desk without any officer.
func bare(t *testing.T, n *subscriptions.Nation) *bundle {
	t.Helper()
	b := &bundle{T: t}
	b.open(sqlitetest.File(t), n)
	return b
}

func (b *bundle) open(path string, n *subscriptions.Nation) {
	b.Helper()
	b.nation, b.now, b.path = n, time.Date(2025, 1, 3, 3, 4, 0, 0, time.UTC), path
	var err error
	b.store, err = sqlite.Open(ctx, path, sqlite.Config{Migrate: true, Clock: func() time.Time { return b.now }})
	b.must(err)
	b.Cleanup(func() { _ = b.store.Close() })
	speaker, err := speaker()
	b.must(err)
	b.desk, err = desk.New(desk.Config{
		Store: b.store, Nation: func() *subscriptions.Nation { return b.nation }, Speaker: speaker.Strict(),
		Pace: func(subscriptions.LaneID) float64 { return 25 }, Host: "arifa.go.ke", Notify: b.notify, UnofficialAfter: 10 * time.Minute, SampleSize: 20, Tryout: func() bool { return b.trying },
	})
	b.must(err)
}

func (b *bundle) add(name string, roles ...subscriptions.Grant) person {
	b.Helper()
	var p person
	var err error
	p.NewOfficer, err = b.desk.AddOfficer(ctx, b.admin.actor, desk.AddOfficer{Name: name, Roles: roles}, b.now)
	b.must(err)
	if p.Waiting != 0 {
		b.pass(time.Minute)
		_, err = b.desk.ApproveChange(ctx, b.second.actor, desk.ApproveChangeInput{ID: p.Waiting, Code: b.code(b.second)}, b.now)
		b.must(err)
	}
	p.actor = b.signIn(p.Key)
	return b.enrolled(p)
}

// enrolled has replaced the key and the digits that an admin has seen.
func (b *bundle) enrolled(p person) person {
	b.Helper()
	own, err := b.desk.Enrol(ctx, p.actor, b.code(p), b.now)
	b.must(err)
	own.Waiting = p.Waiting
	return person{own, b.signIn(own.Key)}
}

func (b *bundle) signIn(key string) desk.Actor {
	b.Helper()
	a, err := b.desk.Authenticate(ctx, key, "cli")
	b.must(err)
	return a
}

func (b *bundle) code(p person) string {
	b.Helper()
	c, err := totp.GenerateCode(p.Secret, b.now)
	b.must(err)
	return c
}

func (b *bundle) pass(d time.Duration) { b.now = b.now.Add(d) }

func (b *bundle) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// refused asserts a refusal of a rule whose sentence or advice holds a word, and
// that the audit record knows of it.
func (b *bundle) refused(err error, rule int, word string) *desk.Refusal {
	b.Helper()
	var r *desk.Refusal
	if !errors.As(err, &r) {
		b.Fatalf("got %v, want a refusal of rule %d", err, rule)
	}
	if r.Rule != rule || !strings.Contains(r.Error(), word) {
		b.Fatalf("got refusal of rule %d: %v; want rule %d with %q", r.Rule, r, rule, word)
	}
	lines := b.audit()
	last := lines[len(lines)-1]
	if last.Outcome != "refused" || last.Rule != fmt.Sprint(rule) {
		b.Fatalf("got audit line %+v, want the refusal", last)
	}
	return r
}

func (b *bundle) audit() []subscriptions.AuditLine {
	b.Helper()
	lines, err := b.store.AuditLines(ctx, 0, 10000)
	b.must(err)
	return lines
}

// outage opens the incident of 3 January and publishes its first notice.
func (b *bundle) outage() desk.Outcome {
	b.Helper()
	i, err := b.desk.Open(ctx, b.ecAuthor.actor, desk.OpenInput{Platforms: []subscriptions.PlatformID{"ecitizen-payments"}, SinceApprox: true}, b.now)
	b.must(err)
	out, err := b.publish(b.ecAuthor, desk.DraftInput{Incident: i.ID, Kind: subscriptions.Outage})
	b.must(err)
	return out
}

func (b *bundle) publish(p person, in desk.DraftInput) (desk.Outcome, error) {
	return b.desk.Publish(ctx, p.actor, desk.PublishInput{Draft: &in}, b.now)
}

// approved drafts, submits and approves.
func (b *bundle) approved(author, approver person, in desk.DraftInput) (desk.Outcome, error) {
	b.Helper()
	n, err := b.desk.Draft(ctx, author.actor, in, b.now)
	if err != nil {
		return desk.Outcome{}, err
	}
	if n, err = b.desk.Submit(ctx, author.actor, n.ID, desk.SubmitInput{}, b.now); err != nil {
		return desk.Outcome{}, err
	}
	b.pass(time.Minute)
	return b.desk.Approve(ctx, approver.actor, desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: b.code(approver)}, b.now)
}

func (b *bundle) incident(id subscriptions.IncidentID) subscriptions.Incident {
	b.Helper()
	i, err := b.store.Incident(ctx, id)
	b.must(err)
	return i
}

func told(n subscriptions.Notice) []subscriptions.ServiceID {
	return n.Audience[subscriptions.ScopeAll]
}

func has[T comparable](list []T, x T) bool { return slices.Contains(list, x) }

func (b *bundle) notify(e desk.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, e)
}

func (b *bundle) called(k desk.EventKind) []desk.Event {
	var out []desk.Event
	for _, e := range b.events {
		if e.Kind == k {
			out = append(out, e)
		}
	}
	return out
}

func contains(s, part string) bool { return strings.Contains(s, part) }
