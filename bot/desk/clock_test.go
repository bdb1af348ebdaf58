package desk_test

import (
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

func TestPromises(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.outage()
	due := first.Incident.NextUpdate
	count := func(k desk.EventKind) int { return len(b.called(k)) }
	for _, c := range []struct {
		before            time.Duration
		reminded, overdue int
	}{
		{31 * time.Minute, 0, 0}, {30 * time.Minute, 1, 0}, {29 * time.Minute, 1, 0}, {10 * time.Minute, 2, 0},
		{time.Minute, 2, 0}, {0, 2, 1}, {-time.Hour, 2, 1},
	} {
		b.now = due.Add(-c.before)
		b.must(b.desk.Tick(ctx, b.now))
		b.must(b.desk.Tick(ctx, b.now)) // another replica
		if count(desk.EventReminder) != c.reminded || count(desk.EventOverdue) != c.overdue {
			t.Errorf("%v before: %d reminders, %d overdue; want %d, %d", c.before, count(desk.EventReminder), count(desk.EventOverdue), c.reminded, c.overdue)
		}
	}
	if !desk.Overdue(b.incident(first.Incident.ID), b.now) {
		t.Error("it is not overdue")
	}
	out, err := b.desk.NoChange(ctx, b.ecAuthor.actor, desk.NoChangeInput{Incident: first.Incident.ID}, b.now)
	b.must(err)
	if out.Notice.Sound || desk.Overdue(out.Incident, b.now) {
		t.Errorf("no change: heard %v, overdue %v", out.Notice.Sound, desk.Overdue(out.Incident, b.now))
	}
	_, err = b.publish(b.ecAuthor, desk.DraftInput{Incident: first.Incident.ID, Kind: subscriptions.Update, Slots: subscriptions.Slots{NextUpdate: b.now.Add(-time.Minute)}})
	b.refused(err, 11, "has passed")

	b.pass(time.Hour)
	end, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: first.Incident.ID}, b.now)
	b.must(err)
	if want := b.now.Add(2 * time.Hour); !end.Incident.NextUpdate.Equal(want) {
		t.Errorf("the open answers are promised by %v, want %v", end.Incident.NextUpdate, want)
	}
	b.pass(3 * time.Hour)
	b.must(b.desk.Tick(ctx, b.now))
	if count(desk.EventOverdue) != 2 {
		t.Errorf("%d overdue: the promise of the end was forgotten", count(desk.EventOverdue))
	}
	answer, err := b.approved(b.ecAuthor, b.ecApprover, desk.DraftInput{Incident: first.Incident.ID, Kind: subscriptions.Advisory,
		Slots: subscriptions.Slots{Free: subscriptions.Text{"en": "Payments that left have arrived.", "sw": "Malipo yaliyotoka yamefika."}}})
	b.must(err)
	if got := b.incident(first.Incident.ID); !got.NextUpdate.IsZero() || has(told(answer.Notice), "kplc-tokens") {
		t.Errorf("after the answer: promise %v, tells tokens %v", got.NextUpdate, has(told(answer.Notice), "kplc-tokens"))
	}
}

// ready makes KRA's other way ready with two officers.
func ready(b *bundle) {
	b.Helper()
	c, err := b.desk.ProposeReady(ctx, b.kraAuthor.actor, "alt-bank-or-pdq", "kra", nil, b.now)
	b.must(err)
	b.pass(time.Minute)
	_, err = b.desk.ApproveChange(ctx, b.kraApprover.actor, desk.ApproveChangeInput{ID: c.ID, Code: b.code(b.kraApprover)}, b.now)
	b.must(err)
}

func TestReadyWays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.outage()
	in := desk.ActivateInput{Incident: first.Incident.ID, Alternative: "alt-bank-or-pdq"}
	_, err := b.desk.Activate(ctx, b.kraAuthor.actor, in, b.now)
	b.refused(err, 5, "not made ready")
	ready(b)
	in.For = 5 * time.Hour
	_, err = b.desk.Activate(ctx, b.kraAuthor.actor, in, b.now)
	b.refused(err, 4, "four hours")
	in.For = 0
	_, err = b.desk.Activate(ctx, b.kraApprover.actor, in, b.now)
	b.refused(err, 4, "not author")
	out, err := b.desk.Activate(ctx, b.kraAuthor.actor, in, b.now)
	b.must(err)
	if got := told(out.Notice); !out.Notice.Sound || len(got) != 2 || len(out.Notice.TwoOfficers) != 0 || len(out.Ping) != 1 {
		t.Errorf("activated: heard %v, tells %v, two %v, pings %v", out.Notice.Sound, got, out.Notice.TwoOfficers, out.Ping)
	}
	until := b.now.Add(4 * time.Hour)
	b.pass(3 * time.Hour)
	out, err = b.desk.Activate(ctx, b.kraAuthor.actor, in, b.now) // renewed
	b.must(err)
	if out.Notice.Sound || !out.Incident.Ways[len(out.Incident.Ways)-1].Until.After(until) {
		t.Errorf("renewed: heard %v, ways %+v", out.Notice.Sound, out.Incident.Ways)
	}
	b.now = until
	b.must(b.desk.Tick(ctx, b.now))
	if ways := open(b.incident(first.Incident.ID)); len(ways) != 1 {
		t.Errorf("the renewed way expired at the old time: %v", ways)
	}
	b.pass(3 * time.Hour)
	before, _ := b.store.Notices(ctx, first.Incident.ID, subscriptions.Published)
	b.must(b.desk.Tick(ctx, b.now))
	b.must(b.desk.Tick(ctx, b.now))
	after, _ := b.store.Notices(ctx, first.Incident.ID, subscriptions.Published)
	if len(after) != len(before)+1 || len(open(b.incident(first.Incident.ID))) != 0 {
		t.Fatalf("expiry published %d notices, ways %v", len(after)-len(before), open(b.incident(first.Incident.ID)))
	}
	last := after[len(after)-1]
	if last.Kind != subscriptions.Update || !last.Sound || len(told(last)) != 2 || last.Agency != "kra" {
		t.Errorf("expiry: %+v", last)
	}
	for _, l := range last.Sheet.Words["en"].Services[0].Lines {
		if contains(l, "PDQ") {
			t.Errorf("the expired way is still told: %q", l)
		}
	}

	// A changed text is no longer ready; nor is one after 90 days.
	changed := *b.nation
	changed.Alternatives = append([]subscriptions.Alternative{}, b.nation.Alternatives...)
	for k, a := range changed.Alternatives {
		if a.ID == "alt-bank-or-pdq" {
			a.Text = subscriptions.Text{"en": a.Text["en"] + " Any bank.", "sw": a.Text["sw"]}
			changed.Alternatives[k] = a
		}
	}
	old := b.nation
	b.nation = &changed
	_, err = b.desk.Activate(ctx, b.kraAuthor.actor, in, b.now)
	b.refused(err, 5, "not the one that was approved")
	b.nation = old
	b.pass(91 * 24 * time.Hour)
	_, err = b.desk.Activate(ctx, b.kraAuthor.actor, in, b.now)
	b.refused(err, 5, "90 days")
}

func open(i subscriptions.Incident) []subscriptions.Way {
	var out []subscriptions.Way
	for _, w := range i.Ways {
		if w.EndedAt.IsZero() {
			out = append(out, w)
		}
	}
	return out
}

// Planned work, announced six days ahead (tokens, June 2024).
func TestMaintenance(t *testing.T) {
	t.Parallel()
	b := setup(t)
	start := b.now.Add(6 * 24 * time.Hour)
	i, err := b.desk.Open(ctx, b.kplc.actor, desk.OpenInput{Platforms: platforms("kplc-vending"), Maintenance: true, StartsAt: start, EndsAt: start.Add(24 * time.Hour)}, b.now)
	b.must(err)
	if i.State != subscriptions.Scheduled {
		t.Fatalf("it is %s", i.State)
	}
	_, err = b.publish(b.kplc, desk.DraftInput{Incident: i.ID, Kind: subscriptions.Outage})
	b.refused(err, 0, "maintenance")
	before := desk.DraftInput{Incident: i.ID, Kind: subscriptions.Maintenance, Slots: subscriptions.Slots{Alternatives: alts("alt-kplc-before")}}
	_, err = b.publish(b.kplc, before)
	b.refused(err, 4, "two officers") // it tells people to buy
	_, err = b.approved(b.kplc, b.add("Achieng", subscriptions.Grant{Role: subscriptions.Approver, Agency: "kplc"}), before)
	b.must(err)
	said := func() []subscriptions.Notice {
		all, err := b.store.Notices(ctx, i.ID, subscriptions.Published)
		b.must(err)
		return all
	}
	for _, c := range []struct {
		name  string
		at    time.Duration // from the start
		said  int
		state subscriptions.IncidentState
	}{
		{"days before", -48 * time.Hour, 1, subscriptions.Scheduled},
		{"the day before", -24 * time.Hour, 2, subscriptions.Scheduled},
		{"the day before, again", -12 * time.Hour, 2, subscriptions.Scheduled},
		{"it begins", time.Minute, 3, subscriptions.InProgress},
		{"it goes on", 12 * time.Hour, 3, subscriptions.InProgress},
		{"the planned end", 24 * time.Hour, 4, subscriptions.Verifying},
		{"long after", 72 * time.Hour, 4, subscriptions.Verifying},
	} {
		b.now = start.Add(c.at)
		b.must(b.desk.Tick(ctx, b.now))
		b.must(b.desk.Tick(ctx, b.now))
		all := said()
		if len(all) != c.said || b.incident(i.ID).State != c.state {
			t.Errorf("%s: %d notices, %s; want %d, %s", c.name, len(all), b.incident(i.ID).State, c.said, c.state)
		}
		for _, n := range all {
			if n.Kind == subscriptions.Restored || n.Slots.State.Over() {
				t.Errorf("%s: the clock said that it works", c.name)
			}
		}
	}
	if ways := open(b.incident(i.ID)); len(ways) != 0 {
		t.Errorf("what to do before is still told: %v", ways)
	}
	if len(b.called(desk.EventPlannedEnd)) != 1 {
		t.Error("nobody was asked whether it works")
	}
	end, err := b.desk.Restore(ctx, b.kplc.actor, desk.RestoreInput{Incident: i.ID}, b.now)
	b.must(err)
	if end.Incident.State != subscriptions.Completed {
		t.Errorf("it is %s", end.Incident.State)
	}
}

// Planned work, before it or during it, does not stop the first word about what
// breaks; one trouble and one maintenance stand on a platform.
func TestOutageBesideMaintenance(t *testing.T) {
	t.Parallel()
	b := setup(t)
	work := desk.OpenInput{Platforms: platforms("kplc-vending"), Maintenance: true, StartsAt: b.now.Add(3 * time.Hour), EndsAt: b.now.Add(9 * time.Hour)}
	planned, err := b.desk.Open(ctx, b.kplc.actor, work, b.now)
	b.must(err)
	_, err = b.publish(b.kplc, desk.DraftInput{Incident: planned.ID, Kind: subscriptions.Maintenance})
	b.must(err)
	_, err = b.desk.Open(ctx, b.kplc.actor, work, b.now)
	b.refused(err, 4, "has incident")
	trouble, err := b.desk.Open(ctx, b.kplc.actor, desk.OpenInput{Platforms: platforms("kplc-vending")}, b.now)
	b.must(err)
	_, err = b.publish(b.kplc, desk.DraftInput{Incident: trouble.ID, Kind: subscriptions.Outage})
	b.must(err)
	_, err = b.desk.Open(ctx, b.kplc.actor, desk.OpenInput{Platforms: platforms("kplc-vending")}, b.now)
	b.refused(err, 4, "has incident")

	b.pass(4 * time.Hour)
	b.must(b.desk.Tick(ctx, b.now))
	if s := b.incident(planned.ID).State; s != subscriptions.InProgress {
		t.Errorf("the work is %s", s)
	}
	_, err = b.desk.Restore(ctx, b.kplc.actor, desk.RestoreInput{Incident: trouble.ID}, b.now)
	b.must(err)
	if s := b.incident(trouble.ID).State; s.Over() {
		t.Errorf("the trouble is %s while the work goes on", s)
	}
	_, err = b.desk.Restore(ctx, b.kplc.actor, desk.RestoreInput{Incident: planned.ID}, b.now)
	b.must(err)
	b.must(b.desk.Tick(ctx, b.now))
	for _, id := range []subscriptions.IncidentID{planned.ID, trouble.ID} {
		if i := b.incident(id); !i.State.Over() {
			t.Errorf("incident %d is %s after both ended", id, i.State)
		}
	}
}
