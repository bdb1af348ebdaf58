package desk_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// phones is a lane and the people on it, and what they read.
type phones struct {
	*bundle
	names map[subscriptions.RecipientID]string
}

const phoneLane subscriptions.LaneID = "telegram:1"

func (b *bundle) phones() *phones {
	return &phones{b, map[subscriptions.RecipientID]string{}}
}

// follow lets a citizen follow a service.
func (p *phones) follow(name string, s subscriptions.ServiceID) subscriptions.RecipientID {
	p.Helper()
	r, err := p.store.SaveRecipient(ctx, subscriptions.Recipient{Lane: phoneLane, Address: subscriptions.AddressOf(name), Kind: subscriptions.Person, CreatedAt: p.now})
	p.must(err)
	_, err = p.store.Subscribe(ctx, r.ID, []subscriptions.Follow{{Scope: subscriptions.ScopeService(s), Since: p.now}}, p.now)
	p.must(err)
	p.names[r.ID] = name
	return r.ID
}

func (p *phones) tenure() subscriptions.Tenure {
	p.Helper()
	t, err := p.store.Acquire(ctx, phoneLane, "test", time.Hour)
	p.must(err)
	return t
}

func (p *phones) lease() []subscriptions.Delivery {
	p.Helper()
	for {
		e, err := p.store.Expand(ctx, 1000, p.now)
		p.must(err)
		if e.Notice == 0 {
			break
		}
	}
	rows, err := p.store.Lease(ctx, p.tenure(), 100, p.now)
	p.must(err)
	return rows
}

func (p *phones) finish(state subscriptions.DeliveryState, rows ...subscriptions.Delivery) {
	p.Helper()
	var out []subscriptions.Result
	for _, d := range rows {
		res := subscriptions.Result{ID: d.ID, Fence: p.tenure().Fence, State: state, Counted: true, At: p.now}
		if state == subscriptions.Sent {
			res.Message = fmt.Sprint("m", d.ID)
		}
		out = append(out, res)
	}
	p.must(p.store.Finish(ctx, out))
}

// read sends all that is due and says who gets what: "asha message update".
func (p *phones) read() []string {
	p.Helper()
	var out []string
	for range 20 {
		p.pass(time.Second)
		rows := p.lease()
		if len(rows) == 0 {
			break
		}
		p.finish(subscriptions.Sent, rows...)
		for _, d := range rows {
			n, err := p.store.Notice(ctx, d.Notice)
			p.must(err)
			out = append(out, fmt.Sprintf("%s %s %s", p.names[d.Recipient], d.Mode, n.Kind))
		}
	}
	slices.Sort(out)
	return out
}

func (p *phones) reads(what string, want ...string) {
	p.Helper()
	if got := p.read(); !slices.Equal(got, want) {
		p.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// An end that a network refuses is taken back whole: the incident goes on in the same
// round, who has read the end hears that it does not count, the others' live message
// says so, and everybody gets one end when officers say it anew.
func TestABrokenEndIsTakenBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.phones()
	for _, name := range []string{"asha, told the end", "bora, refused", "chao, in flight", "dida, leaves"} {
		p.follow(name, "kra-pay-tax")
	}
	first := b.outage()
	id := first.Incident.ID
	p.reads("the outage", "asha, told the end message outage", "bora, refused message outage", "chao, in flight message outage", "dida, leaves message outage")
	b.pass(time.Hour)
	end, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id, Landed: yes, PayAgain: nay, Moved: nay}, b.now)
	b.must(err)
	if !end.Incident.State.Over() {
		t.Fatalf("the incident is %s", end.Incident.State)
	}
	rows := p.lease()
	at := func(name string) subscriptions.Delivery {
		for _, d := range rows {
			if p.names[d.Recipient] == name {
				return d
			}
		}
		t.Fatalf("%s gets no end", name)
		return subscriptions.Delivery{}
	}
	p.finish(subscriptions.Sent, at("asha, told the end"), at("dida, leaves"))
	p.finish(subscriptions.Pending, at("bora, refused"))
	_, err = b.store.Leave(ctx, at("dida, leaves").Recipient, nil, b.now)
	b.must(err)

	b.pass(time.Minute)
	b.must(b.desk.StopBroken(ctx, end.Notice.ID, "400 too long", b.now))
	b.must(b.desk.StopBroken(ctx, end.Notice.ID, "400 too long", b.now)) // by another replica
	i := b.incident(id)
	if i.State != subscriptions.Monitoring || i.Round != 1 || !i.EndedAt.IsZero() || !has(i.Platforms(), "ecitizen-payments") {
		t.Errorf("the incident is %s in round %d, ended %v, claims %v", i.State, i.Round, i.EndedAt, i.Platforms())
	}
	if !slices.Equal(i.Failing(), first.Incident.Failing()) {
		t.Errorf("%d services fail, want the %d from before", len(i.Failing()), len(first.Incident.Failing()))
	}
	if !i.NextUpdate.After(b.now) {
		t.Errorf("the next word is promised for %v", i.NextUpdate)
	}
	stopped, err := b.store.Notice(ctx, end.Notice.ID)
	b.must(err)
	said, err := b.store.Notice(ctx, i.LastNotice)
	b.must(err)
	if stopped.State != subscriptions.Stopped || said.Kind != subscriptions.Update || said.Agency != "ecitizen" {
		t.Fatalf("the end is %s; last said is %s by %s", stopped.State, said.Kind, said.Agency)
	}
	for l, want := range map[subscriptions.Language][]string{
		"en": {"still not working", "Correction of notice " + end.Notice.Key.Short(), "is checking", "Next update by"},
		"sw": {end.Notice.Key.Short()},
	} {
		for _, w := range want {
			if !contains(fmt.Sprint(said.Sheet.Words[l]), w) {
				t.Errorf("%s: %q is missing in %+v", l, w, said.Sheet.Words[l])
			}
		}
	}
	line := b.audit()[len(b.audit())-1]
	for _, want := range []string{"400 too long", "taken back", "monitoring", said.Key.Short()} {
		if line.Action != string(desk.ActStopBroken) || line.Via != "program" || line.Subject != "notice "+string(end.Notice.Key) || !contains(line.Detail, want) {
			t.Errorf("audit line %+v, want %q", line, want)
		}
	}
	if calls := b.called(desk.EventBroken); len(calls) != 1 || len(calls[0].To) != 2 {
		t.Errorf("called %+v", calls)
	}

	rows = append(rows[:0:0], at("chao, in flight"))
	update := p.lease()
	p.finish(subscriptions.Sent, rows...) // after the stop: it was on its way
	p.follow("eze, comes now", "kra-pay-tax")
	p.finish(subscriptions.Pending, update...)
	p.reads("taken back", "asha, told the end message update", "bora, refused edit update", "chao, in flight message update", "eze, comes now message update")
	b.pass(time.Hour)
	again, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id, Landed: yes, PayAgain: nay, Moved: nay}, b.now)
	b.must(err)
	if !again.Incident.State.Over() || !again.Incident.NextUpdate.IsZero() {
		t.Errorf("the incident is %s, promised %v", again.Incident.State, again.Incident.NextUpdate)
	}
	p.reads("the end", "asha, told the end message restored", "bora, refused message restored", "chao, in flight message restored", "eze, comes now message restored")
	p.reads("nothing else")
}

// Of an incident that had not ended only what this end ended is taken back.
func TestABrokenPartialEndIsTakenBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.phones()
	p.follow("asha", "kra-pay-tax")
	p.follow("bora", "kws-nairobi-np")
	first := b.outage()
	id := first.Incident.ID
	_, err := b.desk.Advance(ctx, b.ecAuthor.actor, id, "", subscriptions.Identified, b.now)
	b.must(err)
	p.read()
	b.pass(time.Minute)
	part, err := b.desk.Restore(ctx, b.kraAuthor.actor, desk.RestoreInput{Incident: id, Services: ids("kra-pay-tax")}, b.now)
	b.must(err)
	p.reads("a part", "asha message restored")
	b.must(b.desk.StopBroken(ctx, part.Notice.ID, "400", b.now))
	i := b.incident(id)
	if s, _ := i.Service("kra-pay-tax"); !s.Failing || s.Held || i.State != subscriptions.Identified {
		t.Errorf("the incident is %s, the service %+v", i.State, s)
	}
	p.reads("taken back", "asha message update")
	b.pass(time.Minute)
	_, err = b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id}, b.now)
	b.must(err)
	p.reads("the end", "asha message restored", "bora message restored")
}

// What a stopped end took from a service is open to it again while its time lasts.
func TestWaysOfABrokenEnd(t *testing.T) {
	t.Parallel()
	for name, wait := range map[string]time.Duration{"still open": time.Minute, "expired": 5 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			id := b.outage().Incident.ID
			_, err := b.approved(b.kraAuthor, b.kraApprover, desk.DraftInput{Incident: id, Kind: subscriptions.AlternativeNotice,
				Slots: subscriptions.Slots{Services: ids("kra-pay-tax"), Alternatives: alts("alt-bank-or-pdq"), Until: b.now.Add(4 * time.Hour)}})
			b.must(err)
			b.pass(time.Minute)
			end, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id}, b.now)
			b.must(err)
			b.pass(wait)
			b.must(b.desk.StopBroken(ctx, end.Notice.ID, "400", b.now))
			i := b.incident(id)
			said, err := b.store.Notice(ctx, i.LastNotice)
			b.must(err)
			want := name == "still open"
			if ways := open(i); len(ways) == 1 != want || want && !slices.Equal(ways[0].Services, ids("kra-pay-tax")) {
				t.Errorf("open: %+v", ways)
			}
			if contains(fmt.Sprint(said.Sheet.Words["en"]), "card machine (PDQ)") != want {
				t.Errorf("it says %+v", said.Sheet.Words["en"].Services)
			}
		})
	}
}

// What another incident claims by now is told there: the end is stopped only.
func TestABrokenEndOfWhatFailsElsewhere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.outage().Incident.ID
	b.pass(time.Hour)
	end, err := b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: id}, b.now)
	b.must(err)
	b.pass(time.Minute)
	_, err = b.desk.Open(ctx, b.ecAuthor.actor, desk.OpenInput{Platforms: platforms("ecitizen-payments")}, b.now)
	b.must(err)
	b.must(b.desk.StopBroken(ctx, end.Notice.ID, "400", b.now))
	n, err := b.store.Notice(ctx, end.Notice.ID)
	b.must(err)
	if i := b.incident(id); !i.State.Over() || n.State != subscriptions.Stopped {
		t.Errorf("the incident is %s, the end %s", i.State, n.State)
	}
}

// An end that the clock has published for those who waited is not published by the
// clock again and again: its agency says it.
func TestABrokenEndOfTheClock(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.outage().Incident
	second, err := b.desk.Open(ctx, b.safaricom.actor, desk.OpenInput{Platforms: platforms("mpesa")}, b.now)
	b.must(err)
	_, err = b.publish(b.safaricom, desk.DraftInput{Incident: second.ID, Kind: subscriptions.Outage})
	b.must(err)
	waiting := intersect(first.Failing(), second.Failing())
	b.pass(time.Hour)
	_, err = b.desk.Restore(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: first.ID}, b.now)
	b.must(err)
	b.pass(time.Hour)
	_, err = b.desk.Restore(ctx, b.safaricom.actor, desk.RestoreInput{Incident: second.ID}, b.now)
	b.must(err)
	i := b.incident(first.ID)
	end, err := b.store.Notice(ctx, i.LastNotice)
	b.must(err)
	if !i.State.Over() || end.Kind != subscriptions.Restored || len(waiting) == 0 {
		t.Fatalf("the first is %s, last said %s, waiting %v", i.State, end.Kind, waiting)
	}
	b.pass(time.Minute)
	b.must(b.desk.StopBroken(ctx, end.ID, "400", b.now))
	last := b.incident(first.ID).LastNotice
	b.must(b.desk.Tick(ctx, b.now))
	i = b.incident(first.ID)
	if i.State.Over() || i.LastNotice != last || !slices.Equal(i.Failing(), waiting) {
		t.Fatalf("the first is %s, last said %d, before the tick %d, failing %v", i.State, i.LastNotice, last, i.Failing())
	}
	owners := map[subscriptions.AgencyID]bool{}
	for _, id := range waiting {
		svc, _ := b.nation.Service(id)
		owners[svc.Agency] = true
		if s, _ := i.Service(id); !s.Held {
			t.Errorf("%s is not held", id)
		}
	}
	for _, e := range b.called(desk.EventBroken) {
		delete(owners, e.Agency)
	}
	if len(owners) != 0 {
		t.Errorf("not called: %v", owners)
	}
	for _, h := range i.Holds {
		if h.ReleasedAt.IsZero() && h.Agency == "" {
			t.Errorf("%s waits for the clock", h.Service)
		}
	}
}

// That an end does not count is the program's word: typed by anybody it is gone.
func TestNobodyTypesATakingBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.outage().Incident.ID
	b.pass(time.Minute)
	out, err := b.publish(b.ecAuthor, desk.DraftInput{Incident: id, Kind: subscriptions.Update, Slots: subscriptions.Slots{TakesBack: "2025-0103-1"}})
	b.must(err)
	if out.Notice.Slots.TakesBack != "" || out.Notice.Money || contains(fmt.Sprint(out.Notice.Sheet.Words), "Correction of") {
		t.Errorf("published %+v", out.Notice.Slots)
	}
}
