package subscriptions_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	. "arifa/subscriptions"
)

var planNow = time.Date(2025, 1, 3, 6, 0, 0, 0, time.UTC)

// planIncident is incident 1 in which the services of failing fail and those of
// ended have ended, in its second round so that round 1 is an old one.
func planIncident(failing, ended string) Incident {
	i := Incident{ID: 1, Round: 2, State: Investigating}
	for _, id := range []ServiceID{"a", "b", "c", "d"} {
		switch {
		case strings.Contains(failing, string(id)):
			i.Services = append(i.Services, ServiceState{Service: id, Impact: Blocked, Confirmed: true, Failing: true, Round: 2})
		case strings.Contains(ended, string(id)):
			i.Services = append(i.Services, ServiceState{Service: id, Impact: Blocked, Confirmed: true, Round: 2})
		}
	}
	return i
}

func letters(s string) (out []ServiceID) {
	for _, r := range s {
		out = append(out, ServiceID(r))
	}
	return out
}

func audience(s string) Audience {
	a := Audience{ScopeAll: letters(s), ScopeAgency("kra"): letters(s)}
	for _, id := range letters(s) {
		a[ScopeService(id)] = []ServiceID{id}
	}
	return a
}

func planOf(k Kind, about string, i Incident) *Planner {
	return NewPlanner(Bulletin{Sequence: 10, Incident: i, HighHarm: letters("c"),
		Notice: Notice{ID: 10, Incident: 1, Round: 2, Kind: k, State: Published, Audience: audience(about), Sound: k == Outage || k == Restored}})
}

// had is an earlier row: of the notice with this sequence.
func had(seq int64, k Kind, st DeliveryState, says string, change ...func(*Row)) Row {
	r := Row{ID: DeliveryID(seq), Notice: NoticeID(seq), Sequence: seq, Incident: 1, Round: 2, NoticeKind: k, State: st, Mode: AsMessage, Rank: RankBlocked, Class: ClassRest, Services: letters(says)}
	if k == Restored {
		r.Ends, r.Rank = r.Services, RankRestored
	}
	switch st {
	case Sent:
		r.Told, r.Message = SurelyTold, fmt.Sprint("m", seq)
	case Unknown:
		r.Told = MaybeTold
	}
	if r.Told > NotTold && k != Restored {
		r.Owed = r.Services
	}
	for _, f := range change {
		f(&r)
	}
	return r
}

func inFlight(r *Row) { r.LeaseUntil, r.Fence = planNow, 3 }
func oldRound(r *Row) { r.Round = 1 }
func asEdit(r *Row)   { r.Mode, r.Rank = AsEdit, RankEdit }
func leftAll(r *Row)  { r.Left, r.Owed = []ServiceID{LeftAll}, nil }
func grown(r *Row)    { r.Told, r.Owed, r.Message, r.Mode = SurelyTold, letters("a"), "m", AsEdit }
func perhaps(r *Row)  { r.Told, r.Owed, r.Repeat = MaybeTold, r.Services, true }

func show(r Row) string {
	s := fmt.Sprintf("%d %s", r.Notice, r.State)
	if r.Leased() {
		s += " leased"
	}
	if r.State == Superseded {
		s += " " + string(r.By)
	}
	s += fmt.Sprintf(" %s r%d", r.Mode, r.Rank)
	for _, l := range []struct {
		name string
		ids  []ServiceID
	}{{"", r.Services}, {"ends", r.Ends}, {"more", r.More}, {"owed", r.Owed}, {"left", r.Left}} {
		if len(l.ids) > 0 {
			s += " " + l.name
			for _, id := range l.ids {
				s += string(id)
			}
		}
	}
	return s
}

func showPlan(p Plan) string {
	parts := []string{string(p.Why)}
	if p.Insert != nil {
		parts = append(parts, "+"+show(*p.Insert))
	}
	for _, r := range p.Update {
		parts = append(parts, show(r))
	}
	return strings.Join(parts, " | ")
}

func TestPlanDelivery(t *testing.T) {
	t.Parallel()
	person := func(scopes string, rows ...Row) Fact {
		f := Fact{Recipient: 1, Kind: Person, Rows: rows}
		for _, id := range letters(scopes) {
			f.Follows = append(f.Follows, Follow{Scope: ScopeService(id)})
		}
		return f
	}
	for _, c := range []struct {
		name    string
		kind    Kind
		about   string
		failing string
		ended   string
		fact    Fact
		want    string
	}{
		{"an edit goes on saying what another notice said", Update, "ab", "abcd", "", person("abcd", had(3, Outage, Sent, "cd")), "send | +10 pending edit r7 abcd"},
		{"but not what was left, or has ended", Update, "ab", "abd", "c", person("abd", had(3, Outage, Sent, "cde", func(r *Row) { r.Left, r.Owed = letters("e"), letters("cd") })), "send | +10 pending edit r7 abd"},
		{"a message speaks for its own notice", Outage, "ab", "abcd", "", person("abcd", had(3, Outage, Sent, "cd")), "send | +10 pending message r4 ab"},
		{"a follower hears of theirs alone", Outage, "abc", "abc", "", person("b"), "send | +10 pending message r4 b"},
		{"high harm goes first", Outage, "abc", "abc", "", person("cb"), "send | +10 pending message r2 bc"},
		{"nobody else", Outage, "abc", "abc", "", person("d"), "not in the audience"},
		{"a dead address", Outage, "a", "a", "", Fact{Gone: true, Follows: person("a").Follows}, "the address is dead"},
		{"a second time", Outage, "a", "a", "", person("a", had(10, Outage, Pending, "a")), "has a row already"},
		{"a watch of this incident", Outage, "a", "a", "", Fact{Kind: Person, Follows: []Follow{{Scope: "service:a", Incident: 1}}}, "send | +10 pending message r4 a"},
		{"a watch of another incident", Outage, "a", "a", "", Fact{Kind: Person, Follows: []Follow{{Scope: "service:a", Incident: 7}}}, "not in the audience"},
		{"a lapsed follow", Outage, "a", "a", "", Fact{Kind: Person, Follows: []Follow{{Scope: "service:a", Until: planNow}}}, "not in the audience"},
		{"what ended meanwhile is left out", Outage, "ab", "b", "a", person("ab"), "send | +10 pending message r4 b"},
		{"nothing left that fails is accounted for", Outage, "ab", "b", "a", person("a"), "nothing of theirs fails any more | +10 superseded restored message r4 a"},
		{"and an older unsent row goes with it", Update, "ab", "b", "a", person("a", had(5, Outage, Pending, "a")), "nothing of theirs fails any more | +10 superseded restored message r4 a | 5 superseded restored message r4 a"},
		{"an update edits for who was told", Update, "a", "a", "", person("a", had(5, Outage, Sent, "a")), "send | +10 pending edit r7 a"},
		{"an update edits what is on its way", Update, "a", "a", "", person("a", had(5, Outage, Pending, "a", inFlight)), "send | +10 pending edit r7 a"},
		{"an update is news for the others", Update, "a", "a", "", person("a"), "send | +10 pending message r4 a"},
		{"nothing to edit without a message id", Update, "a", "a", "", person("a", had(5, Outage, Unknown, "a")), "send | +10 pending message r4 a"},
		{"the live message of an old round is not edited", Update, "a", "a", "", person("a", had(5, Outage, Sent, "a", oldRound)), "send | +10 pending message r4 a"},
		{"an older unsent row gives way", Update, "a", "a", "", person("a", had(5, Outage, Pending, "a")), "send | +10 pending message r4 a | 5 superseded newer message r4 a"},
		{"and its failing services move", AlternativeNotice, "a", "ab", "c", person("abc", had(5, Outage, Pending, "abc")), "send | +10 pending message r3 ab | 5 superseded newer message r4 abc"},
		{"of an older row nothing is left", Update, "b", "b", "a", person("ab", had(5, Outage, Pending, "a")), "send | +10 pending message r4 b | 5 superseded restored message r4 a"},
		{"a silent edit does not swallow a message", Update, "a", "a", "", person("a", had(4, Outage, Sent, "a"), had(5, Update, Pending, "a")), "send | +10 pending message r4 a | 5 superseded newer message r4 a"},
		{"one edit takes the place of another", Update, "a", "a", "", person("a", had(4, Outage, Sent, "a"), had(5, Update, Pending, "a", asEdit)), "send | +10 pending edit r7 a | 5 superseded newer edit r7 a"},
		{"a grown row goes back to sent", Update, "ab", "ab", "", person("ab", had(5, Outage, Pending, "ab", grown)), "send | +10 pending edit r7 ab | 5 sent edit r4 a oweda"},
		{"a row that perhaps arrived becomes unknown", Update, "a", "a", "", person("a", had(5, Outage, Pending, "a", perhaps)), "send | +10 pending message r4 a | 5 unknown message r4 a oweda"},
		{"a leased row stays", Update, "a", "a", "", person("a", had(5, Outage, Pending, "a", inFlight)), "send | +10 pending edit r7 a"},
		{"an unsent end moves into the alert", Update, "b", "b", "a", person("ab", had(4, Outage, Sent, "ab"), had(5, Restored, Pending, "a")), "send | +10 pending message r1 ab endsa | 5 superseded newer message r1 a endsa"},
		{"an end of an old round is not true any more", Outage, "a", "a", "", person("a", had(5, Restored, Pending, "a", oldRound)), "send | +10 pending message r4 a | 5 superseded reopened message r1 a endsa"},
		{"a newer row says it already", Update, "ab", "ab", "", person("a", had(12, Update, Sent, "a")), "a newer notice says it | +10 superseded newer edit r7"},
		{"a newer waiting row takes the rest", Outage, "ab", "ab", "", person("ab", had(12, AlternativeNotice, Pending, "a")), "a newer notice says it | +10 superseded newer message r4 b | 12 pending message r4 ab"},
		{"a newer told row leaves the rest to us", Outage, "ab", "ab", "", person("ab", had(12, AlternativeNotice, Sent, "a")), "send | +10 pending message r4 b"},

		{"the end for who was told", Restored, "a", "", "a", person("", had(5, Outage, Sent, "a")), "send | +10 pending message r1 a endsa"},
		{"the end for who was perhaps told", Restored, "a", "", "a", person("", had(5, Outage, Unknown, "a")), "send | +10 pending message r1 a endsa"},
		{"no end yet for who is being told: it may still be stopped", Restored, "a", "", "a", person("", had(5, Outage, Pending, "a", inFlight)), "was not told, or has had the end"},
		{"no end for a follower who was not told", Restored, "a", "", "a", person("a", had(5, Outage, Pending, "a")), "was not told, or has had the end"},
		{"no end for who left", Restored, "a", "", "a", person("", had(5, Outage, Sent, "a", leftAll)), "was not told, or has had the end"},
		{"no end for who left in flight", Restored, "a", "", "a", person("", had(5, Outage, Pending, "a", inFlight, leftAll)), "was not told, or has had the end"},
		{"no second end", Restored, "a", "", "a", person("", had(4, Outage, Sent, "a"), had(5, Restored, Sent, "a")), "was not told, or has had the end"},
		{"another end after another start", Restored, "a", "", "a", person("", had(3, Outage, Sent, "a"), had(4, Restored, Sent, "a"), had(5, Update, Sent, "a")), "send | +10 pending message r1 a endsa"},
		{"an unknown end is said again", Restored, "a", "", "a", person("", had(4, Outage, Sent, "a"), had(5, Restored, Unknown, "a")), "send | +10 pending message r1 a endsa"},
		{"an end that never left an old round", Restored, "a", "", "a", person("", had(4, Outage, Sent, "a", oldRound)), "send | +10 pending message r1 a endsa"},
		{"only what this notice ends", Restored, "a", "b", "a", person("", had(5, Outage, Sent, "ab")), "send | +10 pending message r1 a endsa"},
		{"what fails again has not ended", Restored, "ab", "b", "a", person("", had(5, Outage, Sent, "ab")), "send | +10 pending message r1 a endsa"},
		{"an older unsent end is taken along", Restored, "b", "", "ab", person("", had(4, Outage, Sent, "ab"), had(5, Restored, Pending, "a")), "send | +10 pending message r1 ab endsab | 5 superseded newer message r1 a endsa"},
		{"an unsent start of something else is taken along", Restored, "a", "b", "a", person("", had(4, Outage, Sent, "a"), had(5, Update, Pending, "ab")), "send | +10 pending message r1 ab endsa | 5 superseded newer message r4 ab"},
		{"an edit of what is known is not", Restored, "a", "b", "a", person("", had(4, Outage, Sent, "ab"), had(5, Update, Pending, "b", asEdit)), "send | +10 pending message r1 a endsa | 5 superseded newer edit r7 b"},

		{"an end that is owed since is added", Restored, "ab", "", "ab", person("", had(4, Outage, Sent, "ab"), had(10, Restored, Pending, "a")), "grown | 10 pending message r1 ab endsab"},
		{"an end that is owed since follows what was sent", Restored, "ab", "", "ab", person("", had(4, Outage, Sent, "ab"), had(10, Restored, Sent, "a")), "grown | 10 pending message r1 b endsab"},
		{"an end that is written is left alone", Restored, "ab", "", "ab", person("", had(4, Outage, Sent, "a"), had(10, Restored, Pending, "a")), "has a row already"},

		{"a correction for who was told", Correction, "d", "d", "", person("", had(7, Outage, Sent, "a")), "send | +10 pending message r4 a"},
		{"a correction for its audience", Correction, "d", "d", "", person("d"), "send | +10 pending message r4 d"},
		{"no correction for who waits", Correction, "d", "ad", "", person("", had(7, Outage, Pending, "a")), "not in the audience"},
		{"a correction leaves the start alone", Correction, "a", "a", "", person("a", had(5, Outage, Pending, "a")), "send | +10 pending message r4 a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := planOf(c.kind, c.about, planIncident(c.failing, c.ended))
			if c.kind == Correction {
				p = NewPlanner(Bulletin{Sequence: 10, Incident: planIncident(c.failing, c.ended), Stops: true,
					Notice: Notice{ID: 10, Incident: 1, Round: 2, Kind: c.kind, State: Published, Audience: audience(c.about), Corrects: 7}})
			}
			if got := showPlan(p.Delivery(c.fact, planNow)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestPlanGrow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		follows string
		rows    []Row
		want    string
	}{
		{"a waiting row grows", "ab", []Row{had(10, Outage, Pending, "a")}, "grown | 10 pending message r4 ab"},
		{"nothing new", "a", []Row{had(10, Outage, Pending, "a")}, "has a row already"},
		{"a leased row grows later", "ab", []Row{had(10, Outage, Pending, "a", inFlight)}, "grown | 10 pending leased message r4 a moreb"},
		{"a sent row becomes an edit", "ab", []Row{had(10, Outage, Sent, "a")}, "grown | 10 pending edit r7 ab oweda"},
		{"an unknown row without a message becomes a message", "ab", []Row{had(10, Outage, Unknown, "a")}, "grown | 10 pending message r4 ab oweda"},
		{"nothing new after it was sent", "a", []Row{had(10, Outage, Sent, "a")}, "has a row already"},
		{"coming back owes the end again", "a", []Row{had(10, Outage, Sent, "a", leftAll)}, "grown | 10 sent message r4 a oweda"},
		{"coming back in flight owes it again", "a", []Row{had(10, Outage, Pending, "a", inFlight, leftAll)}, "grown | 10 pending leased message r4 a"},
		{"a left row waits again", "a", []Row{had(10, Outage, Superseded, "b")}, "grown | 10 pending message r4 a"},
		{"a revived row takes the place of an older one", "a", []Row{had(5, Outage, Pending, "b"), had(10, Outage, Superseded, "a")}, "grown | 5 superseded newer message r4 b | 10 pending message r4 ab"},
		{"a revived row gives way to a newer one", "a", []Row{had(10, Outage, Superseded, "a"), had(12, Update, Pending, "b")}, "grown | 12 pending message r4 ab | 10 superseded newer message r4 a"},
		{"a told row grows into a newer one that waits", "ab", []Row{had(10, Outage, Sent, "a"), had(12, Restored, Pending, "d")}, "grown | 12 pending message r1 bd endsd | 10 sent edit r7 a oweda"},
		{"what another row said is not said again", "ab", []Row{had(5, Outage, Sent, "b"), had(10, Outage, Sent, "a")}, "has a row already"},
		{"outside the audience", "d", []Row{had(10, Outage, Sent, "a")}, "not in the audience"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := Fact{Kind: Person, Rows: c.rows}
			for _, id := range letters(c.follows) {
				f.Follows = append(f.Follows, Follow{Scope: ScopeService(id)})
			}
			if got := showPlan(planOf(Outage, "abc", planIncident("abc", "")).Grow(f, planNow)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestPlanAgain(t *testing.T) {
	t.Parallel()
	told := had(4, Outage, Sent, "ac")
	for _, c := range []struct {
		name string
		rows []Row
		want string
	}{
		{"an end whose row was superseded is put back", []Row{told, had(10, Restored, Superseded, "c")}, "send | 10 pending message r1 c endsc"},
		{"with what is owed now", []Row{told, had(10, Restored, Superseded, "")}, "send | 10 pending message r1 c endsc"},
		{"into a newer waiting row", []Row{told, had(10, Restored, Superseded, "c"), had(12, Update, Pending, "a")}, "a newer notice says it | 12 pending message r1 ac endsc | 10 superseded newer message r1 c endsc"},
		{"not when the end arrived", []Row{told, had(9, Restored, Sent, "c"), had(10, Restored, Superseded, "c")}, "was not told, or has had the end"},
		{"not for who left", []Row{told, had(10, Restored, Superseded, "c", leftAll)}, "has a row already"},
		{"not a row that waits", []Row{told, had(10, Restored, Pending, "c")}, "has a row already"},
		{"a first row where there is none", []Row{told}, "send | +10 pending message r1 c endsc"},
	} {
		if got := showPlan(planOf(Restored, "c", planIncident("a", "c")).Again(Fact{Kind: Person, Rows: c.rows}, planNow)); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestCarriedIsMarked(t *testing.T) {
	t.Parallel()
	p := planOf(AlternativeNotice, "a", planIncident("ab", ""))
	f := Fact{Kind: Person, Follows: []Follow{{Scope: "service:a"}, {Scope: "service:b"}}, Rows: []Row{had(5, Outage, Pending, "ab")}}
	plan := p.Delivery(f, planNow)
	if !plan.Insert.Carried || plan.Update[0].Carried {
		t.Errorf("got %+v, want the new row alone marked", plan)
	}
	f.Rows = nil
	if plan := p.Delivery(f, planNow); plan.Insert.Carried {
		t.Errorf("got %+v, want a plain row unmarked", plan.Insert)
	}
	f.Also = letters("b")
	if plan := p.Delivery(f, planNow); !plan.Insert.Carried {
		t.Errorf("got %+v, want what other notices tell marked", plan.Insert)
	}
}

func TestPlanResult(t *testing.T) {
	t.Parallel()
	leased := had(5, Outage, Pending, "ab", inFlight)
	more := had(5, Outage, Pending, "a", inFlight, func(r *Row) { r.More = letters("b") })
	left := had(5, Outage, Pending, "ab", inFlight, leftAll)
	leftOne := had(5, Outage, Pending, "ab", inFlight, func(r *Row) { r.Left = letters("a") })
	edit := had(5, Outage, Pending, "ab", grown, inFlight)
	repeated := had(5, Outage, Pending, "ab", perhaps)
	later := planNow.Add(time.Minute)
	for _, c := range []struct {
		name string
		row  Row
		res  Result
		want string
	}{
		{"sent", leased, Result{State: Sent, Message: "x"}, "5 sent message r4 ab owedab"},
		{"unknown", leased, Result{State: Unknown}, "5 unknown message r4 ab owedab"},
		{"unknown, again", leased, Result{State: Unknown, NextAt: later}, "5 pending message r4 ab owedab"},
		{"again", leased, Result{State: Pending, NextAt: later}, "5 pending message r4 ab"},
		{"failed", leased, Result{State: Failed}, "5 failed message r4 ab"},
		{"superseded", leased, Result{State: Superseded, By: ByStop}, "5 superseded stopped message r4 ab"},
		{"grown in flight, sent", more, Result{State: Sent, Message: "x"}, "5 pending edit r7 ab oweda"},
		{"grown in flight, again", more, Result{State: Pending}, "5 pending message r4 ab"},
		{"left in flight, sent", left, Result{State: Sent, Message: "x"}, "5 sent message r4 ab left*"},
		{"left in flight, again", left, Result{State: Pending}, "5 superseded left message r4 ab left*"},
		{"left in flight, unknown and again", left, Result{State: Unknown, NextAt: later}, "5 unknown message r4 ab left*"},
		{"left one in flight, sent", leftOne, Result{State: Sent}, "5 sent message r4 ab owedb lefta"},
		{"left one in flight, again", leftOne, Result{State: Pending}, "5 pending message r4 b"},
		{"an edit that failed stays sent", edit, Result{State: Failed}, "5 sent edit r4 a oweda"},
		{"an edit that is unknown stays sent", edit, Result{State: Unknown}, "5 sent edit r4 ab owedab"},
		{"an edit that is superseded stays sent", edit, Result{State: Superseded, By: ByNewer}, "5 sent edit r4 a oweda"},
		{"late sent", leased, Result{State: Sent, Fence: 2}, "5 sent message r4 ab owedab"},
		{"late sent of a repeated one", repeated, Result{State: Sent, Fence: 2}, "5 sent message r4 ab owedab"},
		{"late sent of an unknown one", had(5, Outage, Unknown, "a"), Result{State: Sent, Fence: 2}, "5 sent message r4 a oweda"},
		{"late sent of a superseded one", had(5, Outage, Superseded, "a"), Result{State: Sent, Fence: 2}, "5 sent message r4 a oweda"},
		{"late failed", leased, Result{State: Failed, Fence: 2}, "5 pending leased message r4 ab"},
		{"late pending", repeated, Result{State: Pending, Fence: 2}, "5 pending message r4 ab owedab"},
		{"late unknown", had(5, Outage, Superseded, "a"), Result{State: Unknown, Fence: 2}, "5 unknown message r4 a oweda"},
		{"nothing lowers sent", had(5, Outage, Sent, "a"), Result{State: Failed}, "5 sent message r4 a oweda"},
		{"an end is owed no end", had(5, Restored, Pending, "a", inFlight), Result{State: Sent}, "5 sent message r1 a endsa"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.res.Fence == 0 {
				c.res.Fence = 3
			}
			c.res.At = planNow
			if got := show(PlanResult(c.row, c.res)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	if r := PlanResult(leased, Result{Fence: 3, State: Pending, Counted: true, NextAt: later, Reason: "502"}); r.Attempt != 1 || r.NextAt != later || r.Reason != "502" || r.Repeat {
		t.Errorf("got %+v, want a counted attempt, again later", r)
	}
	if r := PlanResult(leased, Result{Fence: 3, State: Sent, At: planNow, Message: "x"}); r.MessageAt != planNow || r.SentAt != planNow || r.Message != "x" {
		t.Errorf("got %+v, want the message noted", r)
	}
}

func TestPlanLapse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		row  Row
		live bool
		want string
	}{
		{"an outage is sent again", had(5, Outage, Pending, "a", inFlight), true, "5 pending message r4 a oweda"},
		{"not when it is overtaken", had(5, Outage, Pending, "a", inFlight), false, "5 unknown message r4 a oweda"},
		{"an update is not", had(5, Update, Pending, "a", inFlight), true, "5 unknown message r4 a oweda"},
		{"nor for who left", had(5, Outage, Pending, "a", inFlight, leftAll), true, "5 unknown message r4 a left*"},
		{"an edit of a sent row stays sent", had(5, Outage, Pending, "ab", grown, inFlight), false, "5 sent edit r4 ab owedab"},
		{"an end is sent again", had(5, Restored, Pending, "a", inFlight), true, "5 pending message r1 a endsa"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := PlanLapse(c.row, c.live)
			if got := show(r); got != c.want || r.Repeat != (r.State == Pending) {
				t.Errorf("got  %s (repeat %v)\nwant %s", got, r.Repeat, c.want)
			}
		})
	}
}

func TestPlanLeave(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		row  Row
		gone string
		all  bool
		want string
	}{
		{"an unsent row", had(5, Outage, Pending, "ab"), "ab", false, "5 superseded left message r4 ab left*"},
		{"part of it", had(5, Outage, Pending, "ab"), "a", false, "5 pending message r4 b"},
		{"nothing of it", had(5, Outage, Pending, "ab"), "c", false, "5 pending message r4 ab"},
		{"a told row keeps its state", had(5, Outage, Sent, "ab"), "ab", false, "5 sent message r4 ab left*"},
		{"part of a told row", had(5, Outage, Sent, "ab"), "a", false, "5 sent message r4 ab owedb"},
		{"in flight", had(5, Outage, Pending, "ab", inFlight), "", true, "5 pending leased message r4 ab left*"},
		{"part of it in flight", had(5, Outage, Pending, "ab", inFlight), "b", false, "5 pending leased message r4 ab leftb"},
		{"an unsent end", had(5, Restored, Pending, "a"), "a", false, "5 superseded left message r1 a endsa left*"},
		{"a grown row", had(5, Outage, Pending, "ab", grown), "b", false, "5 sent edit r4 a oweda"},
		{"a grown row wholly", had(5, Outage, Pending, "ab", grown), "", true, "5 sent edit r4 ab left*"},
		{"a superseded row", had(5, Outage, Superseded, "a"), "", true, "5 superseded  message r4 a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := show(PlanLeave(c.row, letters(c.gone), c.all)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestLeaving(t *testing.T) {
	t.Parallel()
	heard := []Audience{audience("ab"), audience("c")}
	for _, c := range []struct {
		name               string
		removed, remaining []Scope
		want               string
	}{
		{"one service", []Scope{"service:a"}, nil, "a"},
		{"its agency still hears", []Scope{"service:a"}, []Scope{"agency:kra"}, ""},
		{"everything", []Scope{ScopeAll}, []Scope{"service:b"}, "ac"},
		{"something never told", []Scope{"service:d"}, nil, ""},
	} {
		if got := Leaving(heard, c.removed, c.remaining); !slices.Equal(got, letters(c.want)) {
			t.Errorf("%s: got %v, want %s", c.name, got, c.want)
		}
	}
}

func TestPlanAfter(t *testing.T) {
	t.Parallel()
	p := planOf(Outage, "ab", planIncident("ab", "c"))
	for _, c := range []struct {
		name string
		rows []Row // the first is the one that changed
		want string
	}{
		{"alone", []Row{had(5, Outage, Pending, "a")}, "5 pending message r4 a"},
		{"a newer one waits", []Row{had(5, Outage, Pending, "a"), had(6, Update, Pending, "b")}, "6 pending message r4 ab; 5 superseded newer message r4 a"},
		{"an older one waits", []Row{had(6, Update, Pending, "a"), had(5, Outage, Pending, "b")}, "5 superseded newer message r4 b; 6 pending message r4 ab"},
		{"an end arrived that another one says too", []Row{had(5, Restored, Sent, "c"), had(6, Restored, Pending, "c")}, "6 superseded newer message r1 c; 5 sent message r1 c endsc"},
		{"an end arrived, another says more", []Row{had(5, Restored, Sent, "c"), had(6, Restored, Pending, "cd")}, "6 pending message r1 d endsd; 5 sent message r1 c endsc"},
	} {
		var got []string
		for _, r := range p.After(c.rows, 0) {
			got = append(got, show(r))
		}
		if g := strings.Join(got, "; "); g != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, g, c.want)
		}
	}
}

func TestPlanFit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		row  Row
		v    Verdict
		want string
	}{
		{"true as it is", had(5, Outage, Pending, "ab"), Verdict{Send: true}, "5 pending message r4 ab"},
		{"one has ended", had(5, Outage, Pending, "ac"), Verdict{Send: true}, "5 pending message r4 a"},
		{"all have ended", had(5, Outage, Pending, "c"), Verdict{Send: true}, "5 superseded restored message r4 c"},
		{"stopped", had(5, Outage, Pending, "a"), Verdict{By: ByStop}, "5 superseded stopped message r4 a"},
		{"an end that is true", had(5, Restored, Pending, "c"), Verdict{Send: true}, "5 pending message r1 c endsc"},
		{"an end that is half true", had(5, Restored, Pending, "ac"), Verdict{Send: true}, "5 pending message r1 c endsc"},
		{"an end that is not true any more", had(5, Restored, Pending, "a"), Verdict{Send: true}, "5 superseded reopened message r1 a endsa"},
	} {
		if got := show(planOf(Outage, "ab", planIncident("ab", "c")).Fit(c.row, c.v)); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestOvertakes(t *testing.T) {
	t.Parallel()
	i := planIncident("ab", "c")
	notice := func(k Kind, about string) Notice { return Notice{Kind: k, Round: 2, Audience: audience(about)} }
	narrower := notice(Update, "ab")
	delete(narrower.Audience, ScopeAgency("kra"))
	old := notice(Restored, "c")
	old.Round = 1
	again := notice(Restored, "a")
	again.Round = 1
	for _, c := range []struct {
		name      string
		next, old Notice
		want      bool
	}{
		{"an update on all that fails", notice(Update, "ab"), notice(Outage, "abc"), true},
		{"an alternative for one service", notice(AlternativeNotice, "a"), notice(Outage, "ab"), false},
		{"an alternative for what the old one told", notice(AlternativeNotice, "a"), notice(Update, "a"), true},
		{"an update to fewer readers", narrower, notice(Outage, "ab"), false},
		{"the end of one service", notice(Restored, "c"), notice(Outage, "ac"), false},
		{"the end of all that the old one told", notice(Restored, "c"), notice(Outage, "c"), true},
		{"an update does not replace an end", notice(Update, "ab"), notice(Restored, "c"), false},
		{"a wider end does", notice(Restored, "cd"), notice(Restored, "c"), true},
		{"a new round about others does not replace an old end", notice(Outage, "ab"), old, false},
		{"a new round of the same replaces it", notice(Outage, "ab"), again, true},
		{"a correction is overtaken as the desk says", notice(Update, "ab"), notice(Correction, "abc"), true},
	} {
		if got := Overtakes(c.next, c.old, i); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestClassOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind  RecipientKind
		asked time.Time
		want  int
	}{
		{Channel, time.Time{}, ClassPost}, {Group, planNow, ClassPost}, {Person, time.Time{}, ClassRest},
		{Person, planNow.Add(-AskedWindow + time.Second), ClassAsked}, {Person, planNow.Add(-AskedWindow), ClassRest},
	} {
		if got := ClassOf(c.kind, c.asked, planNow); got != c.want {
			t.Errorf("%s asked %v: got class %d, want %d", c.kind, c.asked, got, c.want)
		}
	}
}
