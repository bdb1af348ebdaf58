package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
	"arifa/subscriptions/postgres"
	"arifa/subscriptions/postgres/postgrestest"
)

// earlier is how many releases back this one must work beside: each is what was on the
// main line before a migration came.
const earlier = 3

// A release before this one and this one serve one PostgreSQL database: the schema is
// migrated in the middle of a broadcast of the earlier one, and each is stopped or killed
// in the middle of another, so that work goes from the earlier to this one, back and on.
// Nobody is missed, no more than the cap read twice. Building a release takes half a
// minute, so a short run leaves it to TestMigrations_keep_what_the_release_before_uses of
// both stores.
func TestFaultsOfTwoReleases(t *testing.T) {
	t.Parallel()
	if faults == "" && os.Getenv("ARIFA_TEST_PREVIOUS") == "" {
		t.Skip("SKIPPED in a short run: ARIFA_FAULTS=long builds the releases before this one")
	}
	for _, commit := range previous(t) {
		t.Run(commit[:10], func(t *testing.T) {
			t.Parallel()
			u := &upgrade{crash: bareCrash(t, postgrestest.Database(t)), old: buildAt(t, commit)}
			u.run()
		})
	}
}

// previous are the commits of the releases before this one: the one that ARIFA_TEST_PREVIOUS
// names, or those before the newest migrations, newest first. They stand in the history
// of the repository; a copy without history has none.
func previous(t *testing.T) (commits []string) {
	t.Helper()
	if given := os.Getenv("ARIFA_TEST_PREVIOUS"); given != "" {
		out, err := git("rev-parse", "--verify", given+"^{commit}")
		if err != nil {
			t.Fatalf("ARIFA_TEST_PREVIOUS: %v", err)
		}
		return []string{out}
	}
	names := postgres.Migrations()
	seen := map[string]bool{}
	for k := len(names) - 1; k >= 0 && len(commits) < earlier; k-- {
		came, err := git("log", "--first-parent", "-m", "--diff-filter=A", "-1", "--format=%H", "--", ":/subscriptions/postgres/migrations/"+names[k])
		if err == nil && came == "" {
			continue // not committed yet
		}
		before, err := git("rev-parse", "--verify", "--quiet", came+"^1^{commit}")
		if err != nil {
			t.Skipf("SKIPPED, NO PREVIOUS RELEASE: the history of this copy does not tell what was before %s (%v); git fetch --unshallow", names[k], err)
		}
		if !seen[before] {
			seen[before] = true
			commits = append(commits, before)
		}
	}
	return commits
}

func git(args ...string) (string, error) {
	out, err := exec.Command("git", args...).Output()
	return strings.TrimSpace(string(out)), err
}

// buildAt builds the program as it was at a commit. It is kept, for it never changes.
func buildAt(t *testing.T, commit string) (file string) {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = t.TempDir()
	}
	file = filepath.Join(cache, "arifa", "earlier", commit)
	if _, err := os.Stat(file); err == nil {
		return file
	}
	script := `mkdir -p "${3%/*}" && root=$(git rev-parse --show-toplevel) && git -C "$root" archive "$1" | tar -x -C "$2" &&
		cd "$2" && go build -o "$3.new" ./cmd/arifa && mv "$3.new" "$3"`
	if out, err := exec.Command("/bin/sh", "-c", script, "sh", commit, t.TempDir(), file).CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", commit, err, out)
	}
	return file
}

// upgrade is a database on its way from a release to this one.
type upgrade struct {
	*crash
	old  string // the program of the earlier release
	open subscriptions.Incident
}

func (u *upgrade) run() {
	u.earlier("migrate", "--database", u.database)
	u.appoint()
	u.enrol()
	first, second := u.serveEarlier(), u.serveEarlier()
	first.get("/healthz")
	second.get("/healthz")

	// Both are of the earlier release when the schema changes under their wave.
	number := fullNumber.FindString(u.earlier("incident", "open", "--database", u.database, "--agency", "ecitizen", "--platforms", "ecitizen-payments", "--publish"))
	n := subscriptions.Notice{Key: subscriptions.NoticeKey(number)}
	u.waitFirst(n)
	if code, said := u.command("migrate", "--database", u.database); code != exitDone {
		u.t.Fatalf("migrate under load: exit %d, %s", code, said)
	}
	u.rejoin(&n)
	u.judge("migrated in mid-wave", n)
	if out, err := u.program(serveWords(u.net, u.database)...).CombinedOutput(); err == nil || !strings.Contains(string(out), "newer release") {
		u.t.Errorf("the earlier release starts on the new schema: %v, %s; want a refusal that says why", err, out)
	}

	this := serveProgram(u.t, u.net, u.database, faulty...)
	this.get("/healthz")
	u.signal(second, syscall.SIGSTOP) // so that it is this one that takes over
	u.midway("the earlier one killed: this one goes on", 1, func() { u.signal(first, syscall.SIGKILL) })
	u.signal(second, syscall.SIGCONT)
	u.midway("this one killed: the earlier one goes on", 2, func() { u.signal(this, syscall.SIGKILL) })
	next := serveProgram(u.t, u.net, u.database, faulty...)
	next.get("/healthz")
	u.midway("the earlier one stopped: this one goes on", 3, func() {
		if err := second.stop(); err != nil {
			u.t.Errorf("the earlier one does not stop: %v", err)
		}
	})
	if err := next.stop(); err != nil {
		u.t.Errorf("this one does not stop: %v", err)
	}
}

// midway publishes, and does something in the middle of the wave.
func (u *upgrade) midway(what string, round int, do func()) {
	u.t.Helper()
	n := u.say(&u.open, round)
	u.waitFirst(n)
	do()
	u.judge(what, n)
}

func (u *upgrade) judge(what string, n subscriptions.Notice) {
	u.t.Helper()
	u.waitDone(n)
	missed, twice := u.verdict(n)
	u.t.Logf("%s: %d missed, %d twice", what, missed, twice)
	if missed > 0 || twice > crashCap {
		u.t.Errorf("%s: %d missed, %d twice, want 0 and at most %d", what, missed, twice, crashCap)
	}
}

func (u *upgrade) signal(p *program, s syscall.Signal) {
	u.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		u.t.Fatal(err)
	}
}

// earlier runs a command of the earlier release.
func (u *upgrade) earlier(args ...string) (said string) {
	u.t.Helper()
	p := u.program(args...)
	p.Env = append(p.Env, "ARIFA_OFFICER_KEY="+u.key)
	out, err := p.Output()
	if err != nil {
		u.t.Fatalf("the earlier release, %s: %v\n%s", args[0], err, err.(*exec.ExitError).Stderr)
	}
	return string(out)
}

func (u *upgrade) serveEarlier() *program {
	u.t.Helper()
	known := u.earlier("serve", "--help")
	var words []string
	for k := 0; k < len(faulty); k += 2 { // a flag may be younger than that release
		if strings.Contains(known, faulty[k]+"=") {
			words = append(words, faulty[k:k+2]...)
		}
	}
	return launch(u.t, u.program(serveWords(u.net, u.database, words...)...))
}

// program is the earlier release with these words, not started yet. It knows no switch
// of today's tests.
func (u *upgrade) program(args ...string) *exec.Cmd {
	p := exec.Command(u.old, args...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "ARIFA_") {
			p.Env = append(p.Env, v)
		}
	}
	return p
}

// appoint makes the officer, by the earlier release.
func (u *upgrade) appoint() {
	u.t.Helper()
	var made struct{ Key string }
	said := u.earlier("officer", "add", "Amina Otieno", "--role", "admin", "--role", "author:ecitizen", "--database", u.database, "--json")
	if err := json.Unmarshal([]byte(said), &made); err != nil || made.Key == "" {
		u.t.Fatalf("officer add says %s (%v)", said, err)
	}
	u.key = made.Key
}

var fullNumber = regexp.MustCompile(`\b\d{4}-\d{4}-\d+\b`)

// enrol enters the people where no program of this release may write yet.
func (u *upgrade) enrol() {
	u.t.Helper()
	conn, err := pgx.Connect(u.t.Context(), u.database)
	if err != nil {
		u.t.Fatal(err)
	}
	defer func() { _ = conn.Close(u.t.Context()) }()
	u.people = crashPeople
	for i := range u.people {
		u.net.AddFriend(u.chat(i), "en")
	}
	_, err = conn.Exec(u.t.Context(), `WITH made AS (INSERT INTO recipient (lane, address, kind, language, languages, title, silent, talk, created_at)
			SELECT $1, ($3::bigint + k)::text, 'person', 'en', '', '', false, '{}', now() - interval '2 days' FROM generate_series(1, $2::int) k RETURNING id)
		INSERT INTO follow (recipient_id, scope, incident_id, since, consent) SELECT id, $4, 0, now() - interval '2 days', 'test' FROM made`,
		u.app.telegramLane(), u.people, u.chat(0)-1, string(subscriptions.ScopeService(broken)))
	if err != nil {
		u.t.Fatal(err)
	}
}

// rejoin opens the desk of this release, and finds what the earlier one published.
func (u *upgrade) rejoin(n *subscriptions.Notice) {
	u.t.Helper()
	u.openDesk(existing)
	var err error
	if u.office.actor, err = u.office.desk.Authenticate(u.t.Context(), u.key, "cli"); err != nil {
		u.t.Fatal(err)
	}
	all, err := u.office.store.Notices(u.t.Context(), 0, subscriptions.Published)
	if err != nil || len(all) != 1 || all[0].Key != n.Key {
		u.t.Fatalf("%d notices are published (%v), want %s", len(all), err, n.Key)
	}
	*n = all[0]
	if u.open, err = u.office.store.Incident(u.t.Context(), n.Incident); err != nil {
		u.t.Fatal(err)
	}
}
