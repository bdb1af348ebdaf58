package subscriptions_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"arifa/subscriptions"
)

// town has a gateway "pay" of the treasury that hangs on "mobile" of a telco, and
// "itax" of the tax agency. Six agencies' services use them.
func town() *subscriptions.Nation {
	on := func(ps ...subscriptions.PlatformID) []subscriptions.PlatformID { return ps }
	n := &subscriptions.Nation{
		Platforms: []subscriptions.Platform{
			{ID: "pay", Operator: "treasury", DependsOn: on("mobile"), Impact: map[subscriptions.PlatformID]subscriptions.Impact{"mobile": subscriptions.Degraded}},
			{ID: "mobile", Operator: "telco"}, {ID: "itax", Operator: "kra"}, {ID: "gates", Operator: "kws", DependsOn: on("pay")},
			{ID: "power", Operator: "kplc"}, {ID: "labs", Operator: "moh"}, {ID: "roads", Operator: "kenha"},
		},
		Services: []subscriptions.Service{
			{ID: "tax", Agency: "kra", DependsOn: on("itax", "pay")}, {ID: "returns", Agency: "kra", DependsOn: on("itax")}, {ID: "pin", Agency: "kra", DependsOn: on("itax")},
			{ID: "park", Agency: "kws", DependsOn: on("gates")}, {ID: "safari", Agency: "kws", DependsOn: on("gates")},
			{ID: "passport", Agency: "dis", DependsOn: on("pay")}, {ID: "licence", Agency: "ntsa", DependsOn: on("pay")},
			{ID: "court", Agency: "courts", DependsOn: on("pay"), DependencyVerify: on("pay")}, {ID: "fines", Agency: "courts", DependsOn: on("pay")},
			{ID: "tokens", Agency: "kplc", DependsOn: on("power", "mobile"), Impact: map[subscriptions.PlatformID]subscriptions.Impact{"mobile": subscriptions.Degraded}},
			{ID: "blood", Agency: "moh", DependsOn: on("labs")}, {ID: "toll", Agency: "kenha", DependsOn: on("roads")},
		},
	}
	for _, a := range []subscriptions.AgencyID{"treasury", "telco", "kra", "kws", "dis", "ntsa", "courts", "kplc", "moh", "kenha"} {
		n.Agencies = append(n.Agencies, subscriptions.Agency{ID: a})
	}
	return n
}

var noon = time.Date(2025, 1, 3, 9, 0, 0, 0, time.UTC)

// scene collects marks; each from somebody else, a few seconds apart, the last now.
type scene struct {
	subscriptions.Evidence
	n    int
	step time.Duration // between two marks; 0 = ten seconds
}

func (s *scene) mark(k subscriptions.MarkKind, n int, of func(m *subscriptions.Mark), ids ...subscriptions.ServiceID) *scene {
	step := cmp.Or(s.step, 10*time.Second)
	for i := range n {
		s.n++
		m := subscriptions.Mark{Kind: k, Service: ids[i%len(ids)], Source: fmt.Sprint("source-", s.n), At: noon.Add(-time.Duration(n-i) * step)}
		if of != nil {
			of(&m)
		}
		s.Marks = append(s.Marks, m)
	}
	slices.SortStableFunc(s.Marks, func(a, b subscriptions.Mark) int { return a.At.Compare(b.At) })
	return s
}

func (s *scene) reports(n int, ids ...subscriptions.ServiceID) *scene {
	return s.mark(subscriptions.MarkReport, n, nil, ids...)
}

func (s *scene) asks(n int, ids ...subscriptions.ServiceID) *scene {
	return s.mark(subscriptions.MarkAsk, n, nil, ids...)
}

func (s *scene) fresh(n int, ids ...subscriptions.ServiceID) *scene {
	return s.mark(subscriptions.MarkReport, n, func(m *subscriptions.Mark) { m.New = true }, ids...)
}

func (s *scene) fires(source string, ps ...subscriptions.PlatformID) *scene {
	for _, p := range ps {
		s.Signals = append(s.Signals, subscriptions.Signal{Source: source, Key: string(p), Platform: p, Firing: true, Since: noon.Add(-time.Minute), At: noon})
	}
	return s
}

func (s *scene) every(step time.Duration) *scene { s.step = step; return s }

// told adds an incident that says that a platform fails.
func (s *scene) told(p subscriptions.PlatformID, change func(*subscriptions.Incident)) *scene {
	i := subscriptions.Incident{ID: 1, State: subscriptions.Investigating, Round: 1, Since: noon.Add(-time.Hour), FirstNotice: 1,
		Claims: []subscriptions.Claim{{Platform: p, Impact: subscriptions.Blocked, Round: 1}}}
	i.Services = i.Derive(town())
	change(&i)
	s.Incidents = append(s.Incidents, i)
	return s
}

// usual gives the services so many reports in each hour of ten weeks.
func (s *scene) usual(perHour int, ids ...subscriptions.ServiceID) *scene {
	var hours []subscriptions.HourCount
	for h := noon.Add(-subscriptions.HoursFor); h.Before(noon); h = h.Add(time.Hour) {
		for _, id := range ids {
			hours = append(hours, subscriptions.HourCount{Service: id, Hour: h, Reports: perHour, Asks: 10 * perHour})
		}
	}
	s.Usual = subscriptions.NewUsual(hours)
	return s
}

func nothing(*subscriptions.Incident) {}

// TestDetect says whom what wakes: agency, platform, services, reason. "" wakes
// nobody.
func TestDetect(t *testing.T) {
	t.Parallel()
	one := func(m *subscriptions.Mark) { m.Source = "the same" }
	oneGroup := func(m *subscriptions.Mark) { m.Source, m.Group = "the same", true }
	groups := func(m *subscriptions.Mark) { m.Group = true }
	for _, c := range []struct {
		name string
		s    *scene
		want string
	}{
		{"nothing", &scene{}, ""},

		{"many reports of one service", (&scene{}).reports(8, "blood"), "moh  [blood] many reports"},
		{"ten reports, two of them of new accounts", (&scene{}).reports(7, "blood").fresh(3, "blood"), "moh  [blood] many reports"},
		{"six reports alone", (&scene{}).reports(6, "blood"), ""},
		{"six reports, and many ask", (&scene{}).reports(6, "blood").asks(10, "blood"), "moh  [blood] two kinds of signal"},
		{"questions alone, however many", (&scene{}).asks(200, "blood"), ""},
		{"who reports and asks is one", (&scene{}).reports(6, "blood").mark(subscriptions.MarkAsk, 6, nil, "blood").rename(6), ""},
		{"too long ago", (&scene{}).reports(8, "blood").later(4 * time.Hour), ""},

		{"one person, again and again", (&scene{}).mark(subscriptions.MarkReport, 30, one, "blood"), ""},
		{"one person with many services", (&scene{}).mark(subscriptions.MarkReport, 30, one, "tax", "park", "passport", "licence", "fines"), ""},
		{"one group", (&scene{}).mark(subscriptions.MarkReport, 30, oneGroup, "tax", "park", "passport"), ""},
		{"groups alone, whoever made them", (&scene{}).mark(subscriptions.MarkReport, 20, groups, "blood"), ""},
		{"one person beside groups", (&scene{}).mark(subscriptions.MarkReport, 20, groups, "blood").reports(1, "blood"), ""},
		{"people, and groups beside them", (&scene{}).mark(subscriptions.MarkReport, 5, groups, "blood").reports(4, "blood"), "moh  [blood] many reports"},
		{"fifty new accounts", (&scene{}).fresh(50, "blood"), ""},
		{"fifty new accounts that ask as well", (&scene{}).fresh(50, "blood").mark(subscriptions.MarkAsk, 50, func(m *subscriptions.Mark) { m.New = true }, "blood"), ""},
		{"fifty new accounts over many services", (&scene{}).fresh(50, "tax", "park", "passport", "licence", "fines"), ""},
		{"fifty known accounts", (&scene{}).reports(50, "blood"), "moh  [blood] many reports"},

		{"services that share a gateway only", (&scene{}).reports(9, "passport", "licence", "fines"), "treasury pay [passport licence fines] many reports"},
		{"an unconfirmed dependency counts", (&scene{}).reports(9, "passport", "licence", "court"), "treasury pay [passport licence court] many reports"},
		{"services of one agency have that in common", (&scene{}).reports(10, "court", "fines"), "courts  [court fines] many reports"},
		{"services of one agency on its own platform", (&scene{}).reports(10, "returns", "pin"), "kra itax [returns pin] many reports"},
		{"one service of those that share a gateway", (&scene{}).reports(10, "passport"), "dis  [passport] many reports"},
		{"what is behind a platform", (&scene{}).reports(10, "park", "safari"), "kws gates [park safari] many reports"},
		{"gates and others: the gateway behind", (&scene{}).reports(12, "park", "passport", "tax"), "treasury pay [tax park passport] many reports"},
		{"a stray report beside does not widen it", (&scene{}).reports(12, "park", "passport", "licence").reports(1, "tokens"), "treasury pay [park passport licence] many reports"},
		{"tokens fail too: the telco", (&scene{}).reports(12, "park", "passport", "licence").reports(8, "tokens"), "telco mobile [park passport licence tokens] many reports"},
		{"two troubles at once", (&scene{}).reports(9, "blood").reports(12, "toll"), "kenha  [toll] many reports; moh  [blood] many reports"},

		{"a busy service", (&scene{}).usual(40, "blood").reports(10, "blood"), ""},
		{"a busy service that fails", (&scene{}).usual(40, "blood").reports(60, "blood"), "moh  [blood] many reports"},
		{"more traffic than usual is no trouble", (&scene{step: 30 * time.Second}).usual(4, "blood").asks(60, "blood").every(4*time.Minute).reports(7, "blood"), ""},
		{"at the same pace without that traffic it is", (&scene{step: 4 * time.Minute}).usual(1, "blood").asks(8, "blood").reports(12, "blood"), "moh  [blood] many reports"},

		{"a machine alone", (&scene{}).fires("am", "pay"), "treasury pay [] a machine says so"},
		{"a machine and people", (&scene{}).fires("am", "pay").reports(5, "passport", "licence"), "treasury pay [passport licence] two kinds of signal"},
		{"a machine names what one service hangs on", (&scene{}).fires("am", "pay").reports(8, "passport"), "treasury pay [passport] two kinds of signal"},
		{"two monitors of one platform are one", (&scene{}).fires("am", "pay").fires("kuma", "pay"), "treasury pay [] a machine says so"},
		{"what fails with another platform is not said beside it", (&scene{}).fires("am", "pay", "gates"), "treasury pay [] a machine says so"},
		{"a monitor that says so of four operators", (&scene{}).fires("am", "itax", "power", "labs", "roads"), ""},
		{"two monitors that say so of four operators", (&scene{}).fires("am", "itax", "power", "labs", "roads").fires("kuma", "labs"), "moh labs [] a machine says so"},
		{"a signal that ended", (&scene{}).fires("am", "pay").ended(), ""},

		{"told already", (&scene{}).told("pay", nothing).reports(12, "passport", "licence"), ""},
		{"told already, and a machine", (&scene{}).told("pay", nothing).fires("am", "pay", "gates"), ""},
		{"told of another platform", (&scene{}).told("power", nothing).reports(12, "passport", "licence"), "treasury pay [passport licence] many reports"},
		{"opened, and nobody was told", (&scene{}).told("pay", func(i *subscriptions.Incident) { i.FirstNotice = 0 }).reports(12, "passport", "licence"), "treasury pay [passport licence] many reports"},
		{"announced work that has begun", (&scene{}).told("pay", planned(-time.Minute)).reports(12, "passport", "licence"), ""},
		{"announced work that has not begun", (&scene{}).told("pay", planned(time.Hour)).reports(12, "passport", "licence"), "treasury pay [passport licence] many reports"},
		{"it has just ended", (&scene{}).told("pay", over(5*time.Minute)).reports(12, "passport", "licence"), ""},
		{"it ended, and goes on failing", (&scene{}).told("pay", over(30*time.Minute)).reports(12, "passport", "licence"), "treasury pay [passport licence] many reports"},
		{"told of a part", (&scene{}).told("itax", nothing).reports(12, "passport", "licence", "tax"), "treasury pay [passport licence] many reports"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.s.Nation, c.s.Now = town(), noon
			got := ""
			for k, s := range subscriptions.Detect(c.s.Evidence).Suspected {
				if k > 0 {
					got += "; "
				}
				got += fmt.Sprintf("%s %s %v %s", s.Agency, s.Platform, s.Services, s.Reason)
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// rename gives the last n marks the sources of the first.
func (s *scene) rename(n int) *scene {
	for k := range n {
		s.Marks[len(s.Marks)-1-k].Source = s.Marks[k].Source
	}
	for k := range s.Marks {
		s.Marks[k].Source = fmt.Sprint("source-", k%n)
	}
	return s
}

func (s *scene) later(d time.Duration) *scene {
	for k := range s.Marks {
		s.Marks[k].At = s.Marks[k].At.Add(-d)
	}
	return s
}

func (s *scene) ended() *scene {
	for k := range s.Signals {
		s.Signals[k].Firing, s.Signals[k].EndedAt = false, noon
	}
	return s
}

func planned(begins time.Duration) func(*subscriptions.Incident) {
	return func(i *subscriptions.Incident) {
		i.Maintenance, i.State, i.StartsAt, i.EndsAt = true, subscriptions.Scheduled, noon.Add(begins), noon.Add(4*time.Hour)
	}
}

func over(ago time.Duration) func(*subscriptions.Incident) {
	return func(i *subscriptions.Incident) {
		i.State, i.EndedAt = subscriptions.Resolved, noon.Add(-ago)
		i.Claims[0].EndedAt = i.EndedAt
		for k := range i.Services {
			i.Services[k].Failing = false
		}
	}
}

// What is not believed says why.
func TestDetectDoubts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		s    *scene
		want subscriptions.Reason
	}{
		{"few", (&scene{}).reports(2, "blood"), subscriptions.ReasonFew},
		{"mostly new accounts", (&scene{}).fresh(50, "blood"), subscriptions.ReasonNew},
		{"usual at this hour", (&scene{}).usual(40, "blood").reports(8, "blood"), subscriptions.ReasonUsual},
		{"told", (&scene{}).told("labs", nothing).reports(12, "blood"), subscriptions.ReasonTold},
		{"one monitor says all", (&scene{}).fires("am", "itax", "power", "labs", "roads"), subscriptions.ReasonStorm},
	} {
		c.s.Nation, c.s.Now = town(), noon
		d := subscriptions.Detect(c.s.Evidence)
		if len(d.Suspected) > 0 || len(d.Doubted) == 0 || d.Doubted[0].Reason != c.want {
			t.Errorf("%s: got %+v, want %q", c.name, d, c.want)
		}
	}
}

// A suspicion says how many complain, since when, and who of them is new.
func TestDetectCounts(t *testing.T) {
	t.Parallel()
	s := (&scene{}).reports(9, "passport", "licence").fresh(3, "fines").asks(10, "passport").fires("am", "pay").fires("kuma", "pay")
	s.Nation, s.Now = town(), noon
	got := subscriptions.Detect(s.Evidence).Suspected
	if len(got) != 1 {
		t.Fatalf("got %+v", got)
	}
	g := got[0]
	if g.Reports != 12 || g.Known != 9 || g.Asks != 10 || g.Machines != 2 || !g.Since.Equal(noon.Add(-90*time.Second)) ||
		!slices.Equal(g.Kinds, []subscriptions.LeadKind{subscriptions.LeadReports, subscriptions.LeadAsks, subscriptions.LeadMachine}) {
		t.Errorf("got %+v", g)
	}
}

// The same evidence means the same, in whatever order the maps are walked.
func TestDetectIsDeterministic(t *testing.T) {
	t.Parallel()
	first := ""
	for k := range 30 {
		s := (&scene{}).reports(12, "park", "passport", "licence").reports(8, "tokens").reports(9, "blood").fires("am", "itax")
		s.Nation, s.Now = town(), noon
		got := fmt.Sprintf("%+v", subscriptions.Detect(s.Evidence))
		if k == 0 {
			first = got
		}
		if got != first {
			t.Fatalf("got %s, then %s", first, got)
		}
	}
}
