package hooks_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"arifa/notifiers/hooks"
	"arifa/subscriptions"
)

func TestJudge(t *testing.T) {
	t.Parallel()
	six := time.Date(2025, 1, 3, 6, 0, 0, 0, time.UTC)
	fires := subscriptions.Signal{Firing: true, Since: six}
	ended := subscriptions.Signal{Since: six, EndedAt: six.Add(time.Hour)}
	for _, c := range []struct {
		name   string
		firing bool
		when   time.Time
		known  subscriptions.Signal
		found  bool
		want   string
	}{
		{"the first word", true, six, subscriptions.Signal{}, false, "begins"},
		{"an end of what never began", false, six, subscriptions.Signal{}, false, "nothing began"},
		{"said again", true, six, fires, true, "repeats"},
		{"said again, later beat", true, six.Add(time.Minute), fires, true, "repeats"},
		{"the end", false, six.Add(time.Hour), fires, true, "ends"},
		{"an end without a time", false, time.Time{}, fires, true, "ends"},
		{"an end that is as old as the beginning", false, six, fires, true, "ends"},
		{"the end of an earlier one", false, six.Add(-time.Minute), fires, true, "ended before this began"},
		{"an end said again", false, six.Add(time.Hour), ended, true, "over already"},
		{"the beginning of what has ended", true, six, ended, true, "replayed"},
		{"the same to the microsecond", true, six.Add(999 * time.Microsecond), ended, true, "replayed"},
		{"an older beginning", true, six.Add(-time.Hour), ended, true, "replayed"},
		{"a new one, before we heard of the end", true, six.Add(time.Minute), ended, true, "begins"},
		{"a new one without a time", true, time.Time{}, ended, true, "begins"},
	} {
		if got := hooks.Judge(c.firing, c.when, 0, c.known, c.found, six.Add(48*time.Hour)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	// Who gives a trouble that comes back its old beginning is heard after a while.
	for after, want := range map[time.Duration]string{0: "replayed", 59 * time.Second: "replayed", time.Minute: "begins", time.Hour: "begins"} {
		if got := hooks.Judge(true, six, time.Minute, ended, true, ended.EndedAt.Add(after)); got != want {
			t.Errorf("the old beginning %v after the end: got %s, want %s", after, got, want)
		}
	}
}

func TestSince(t *testing.T) {
	t.Parallel()
	now := time.Date(2025, 1, 3, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name       string
		when, want time.Time
	}{
		{"said", now.Add(-time.Hour), now.Add(-time.Hour)},
		{"not said", time.Time{}, now},
		{"a clock that goes ahead", now.Add(time.Hour), now},
		{"a clock of 1970", time.Unix(60, 0), now},
		{"in another zone", now.Add(-time.Hour).In(time.FixedZone("EAT", 3*3600)), now.Add(-time.Hour)},
		{"with nanoseconds", now.Add(-time.Nanosecond), now.Add(-time.Millisecond)},
	} {
		if got := hooks.Since(c.when, subscriptions.Signal{}, now); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	before := now.Add(-time.Hour)
	if got := hooks.Since(before, subscriptions.Signal{Key: "k", Since: before, EndedAt: now.Add(-time.Minute)}, now); got != before.Add(time.Millisecond) {
		t.Errorf("what had ended fails since %v, want right after %v", got, before)
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"fails", "fails"}, {"  two\n\twords \r\n", "two words"}, {"a\x00b\x1b[31mred", "a b [31mred"}, {"pay \u202e222222\u2066", "pay 222222"},
		{"zero\u200bwidth", "zero width"}, {"line\u2028break", "line break"}, {"\xff\xfe", "\uFFFD"}, {"", ""}, {"\u200b \n", ""}, {"Habari 🚌", "Habari 🚌"},
		{strings.Repeat("é", 300), strings.Repeat("é", 200)}, {strings.Repeat("a ", 150), strings.TrimSpace(strings.Repeat("a ", 100))},
	} {
		got := hooks.Clean(c.in, 200)
		if got != c.want || !utf8.ValidString(got) {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
}

func TestLike(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, value string
		want           bool
	}{
		{"pay", "pay", true}, {"pay", "payments", false}, {"pay*", "payments", true}, {"*pay", "mpesa-pay", true}, {"*pay*", "x", false},
		{"a*b*c", "aXbXc", true}, {"a*b*c", "abc", true}, {"a*b*c", "acb", false}, {"a*a", "a", false}, {"*", "", true}, {"**", "x", true}, {"a*b", "ab", true},
		{"*a*a*a*a*a*a*a*b", strings.Repeat("a", 5000), false},
	} {
		if got := hooks.Like(c.pattern, c.value); got != c.want {
			t.Errorf("%.20q like %q: got %v", c.value, c.pattern, got)
		}
	}
}

func TestKeyOf(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1000)
	for _, c := range []struct {
		name  string
		parts []string
		want  string
	}{
		{"as it is", []string{"monitor", "29"}, "monitor/29"},
		{"long", []string{"incident", long, long}, ""},
		{"with a slash", []string{"incident", "a/b"}, ""},
		{"with a newline", []string{"incident", "a\nb"}, ""},
	} {
		got := hooks.KeyOf(c.parts...)
		if c.want != "" && got != c.want || len(got) > 120 || got != hooks.Clean(got, 120) {
			t.Errorf("%s: got %q", c.name, got)
		}
	}
	if a, b := hooks.KeyOf("incident", "a/b"), hooks.KeyOf("incident", "a", "b"); a == b {
		t.Errorf("two ids have one key: %q", a)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	rule := hooks.Rule{Match: map[string]string{"service": "*"}, Platform: "mpesa"}
	good := hooks.Source{Name: "prometheus", Kind: hooks.Alertmanager, Secret: promSecret, Rules: []hooks.Rule{rule}}
	for _, c := range []struct {
		name   string
		change func(s *hooks.Source)
		want   string // "" = no fault
	}{
		{"as it should be", func(*hooks.Source) {}, ""},
		{"no name", func(s *hooks.Source) { s.Name = "" }, "hooks[0].name: "},
		{"a name that is no part of an address", func(s *hooks.Source) { s.Name = "Prometheus 1" }, "hooks[0].name: \"Prometheus 1\""},
		{"an unknown kind", func(s *hooks.Source) { s.Kind = "nagios" }, "hooks[0].kind: \"nagios\" is not known: use one of [alertmanager"},
		{"no secret", func(s *hooks.Source) { s.Secret = "" }, "hooks[0].secret: is empty"},
		{"a short secret", func(s *hooks.Source) { s.Secret = "short" }, "hooks[0].secret: use 24 to 200"},
		{"a secret that is no part of an address", func(s *hooks.Source) { s.Secret = strings.Repeat("a/", 20) }, "hooks[0].secret: use 24 to 200"},
		{"no rule", func(s *hooks.Source) { s.Rules = nil }, "hooks[0].rules: has 0 entries"},
		{"a rule without an aim", func(s *hooks.Source) { s.Rules = []hooks.Rule{{Match: rule.Match}} }, "hooks[0].rules[0]: write platform: ID or ignore: true"},
		{"a rule with two", func(s *hooks.Source) { s.Rules = []hooks.Rule{{Match: rule.Match, Platform: "mpesa", Ignore: true}} }, "hooks[0].rules[0]: write platform"},
		{"a rule that fits everything unsaid", func(s *hooks.Source) { s.Rules = []hooks.Rule{{Platform: "mpesa"}} }, "hooks[0].rules[0].match: has 0 fields"},
		{"no name of a label", func(s *hooks.Source) {
			s.Rules = []hooks.Rule{{Match: map[string]string{"my label": "x"}, Platform: "mpesa"}}
		}, "hooks[0].rules[0].match.my label: is no name of a label"},
		{"no field of the kind", func(s *hooks.Source) { s.Kind = hooks.UptimeKuma }, "hooks[0].rules[0].match.service: uptime-kuma has no such field: use monitor"},
		{"a long pattern", func(s *hooks.Source) {
			s.Rules = []hooks.Rule{{Match: map[string]string{"a": strings.Repeat("x", 201)}, Platform: "mpesa"}}
		}, "hooks[0].rules[0].match.a: has 201 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := good
			c.change(&s)
			faults := hooks.Check([]hooks.Source{s})
			switch {
			case c.want == "" && len(faults) == 0:
			case c.want == "" || len(faults) != 1 || !strings.Contains(faults[0].Error(), c.want):
				t.Errorf("got %v, want %q", faults, c.want)
			case strings.Contains(faults[0].Error(), s.Secret) && s.Secret != "":
				t.Errorf("the fault tells the secret: %v", faults[0])
			}
		})
	}
	twice := hooks.Check([]hooks.Source{good, good})
	if len(twice) != 2 || !strings.Contains(twice[0].Error(), "hooks[1].name: prometheus is hooks[0] already") || !strings.Contains(twice[1].Error(), "hooks[1].secret: is that of hooks[0]") {
		t.Errorf("the same twice: got %v", twice)
	}
}

func TestUnknown(t *testing.T) {
	t.Parallel()
	n := &subscriptions.Nation{Platforms: []subscriptions.Platform{{ID: "mpesa"}, {ID: "old", Retired: true}}}
	s := []hooks.Source{{Rules: []hooks.Rule{{Platform: "mpesa"}, {Ignore: true}, {Platform: "mpsea"}}}, {Rules: []hooks.Rule{{Platform: "old"}}}}
	got := hooks.Unknown(s, n)
	if len(got) != 2 || !strings.Contains(got[0].Error(), "hooks[0].rules[2].platform: no platform has the id mpsea; the catalogue has mpesa") ||
		!strings.Contains(got[1].Error(), "hooks[1].rules[0].platform: the platform old is retired") {
		t.Errorf("got %v", got)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		source int
		file   string
		want   []string // name: does platform
	}{
		{0, "alertmanager-grouped", []string{"alert PaymentsFailing: begins ecitizen-payments", "alert PaymentsFailing: begins ecitizen-payments", "alert DiskAlmostFull: has no rule "}},
		{0, "alertmanager-truncated", []string{"alert PaymentsFailing: begins ecitizen-payments", "the rest: cannot be read: 7 alerts were left out by max_alerts of Alertmanager: set it to 0 "}},
		{1, "kuma-up", []string{"monitor eCitizen login: ends ecitizen-platform"}},
		{1, "kuma-test", []string{"a message without a heartbeat: is ignored "}},
		{2, "statuspage-incident-resolved", []string{"incident Payments by paybill are delayed: ends whatever began with it "}},
	} {
		told, err := hooks.Explain(sources()[c.source], payload(t, c.file))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, x := range told {
			got = append(got, x.Name+": "+x.Does+" "+string(x.Platform))
		}
		if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%s: got %q\nwant %q", c.file, got, c.want)
		}
	}
}
