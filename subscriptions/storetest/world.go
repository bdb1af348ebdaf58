package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"arifa/subscriptions"
)

// T0 is when the tests begin. Lanes alone read the database's clock.
var t0 = time.Date(2025, 1, 3, 3, 0, 0, 0, time.UTC)

const lane subscriptions.LaneID = "telegram:1"

// nation is a small country: a and b are paid through the platform "pay", c and
// d stand alone; two agencies.
var nation = &subscriptions.Nation{
	Languages: []subscriptions.Language{"en", "sw"},
	Agencies:  []subscriptions.Agency{{ID: "kra"}, {ID: "kws"}, {ID: "treasury"}},
	Platforms: []subscriptions.Platform{{ID: "pay", Operator: "treasury"}, {ID: "power", Operator: "treasury"}},
	Services: []subscriptions.Service{
		{ID: "a", Agency: "kra", DependsOn: []subscriptions.PlatformID{"pay"}},
		{ID: "b", Agency: "kws", DependsOn: []subscriptions.PlatformID{"pay"}, Impact: map[subscriptions.PlatformID]subscriptions.Impact{"pay": subscriptions.Degraded}},
		{ID: "c", Agency: "kra"},
		{ID: "d", Agency: "kws"},
	},
}

func services(ids ...subscriptions.ServiceID) []subscriptions.ServiceID { return ids }

func follow(ids ...subscriptions.ServiceID) []subscriptions.Scope {
	var out []subscriptions.Scope
	for _, id := range ids {
		out = append(out, subscriptions.ScopeService(id))
	}
	return out
}

// world is one fresh store with a few shorthands. now moves a second with every
// decision, so that order in time is never by chance.
type world struct {
	fatal  func(format string, args ...any)
	helper func()
	ctx    context.Context
	s      subscriptions.Store
	now    time.Time
	n      int // of addresses
}

func newWorld(t *testing.T, s subscriptions.Store) *world {
	t.Helper()
	return &world{fatal: t.Fatalf, helper: t.Helper, ctx: t.Context(), s: s, now: t0}
}

func (w *world) must(err error) {
	w.helper()
	if err != nil {
		w.fatal("got error %v, want none", err)
	}
}

func (w *world) is(err, want error) {
	w.helper()
	if !errors.Is(err, want) {
		w.fatal("got error %v, want %v", err, want)
	}
}

func (w *world) tick() time.Time {
	w.now = w.now.Add(time.Second)
	return w.now
}

// recipient makes one that follows these scopes.
func (w *world) recipient(kind subscriptions.RecipientKind, scopes ...subscriptions.Scope) subscriptions.Recipient {
	w.helper()
	w.n++
	r, err := w.s.SaveRecipient(w.ctx, subscriptions.Recipient{Lane: lane, Address: subscriptions.AddressOf(fmt.Sprint("chat-", w.n)), Kind: kind, Language: "sw", CreatedAt: w.now})
	w.must(err)
	w.subscribe(r.ID, scopes...)
	return r
}

func (w *world) person(scopes ...subscriptions.Scope) subscriptions.Recipient {
	w.helper()
	return w.recipient(subscriptions.Person, scopes...)
}

func (w *world) subscribe(id subscriptions.RecipientID, scopes ...subscriptions.Scope) []subscriptions.Owed {
	w.helper()
	var fs []subscriptions.Follow
	for _, s := range scopes {
		fs = append(fs, subscriptions.Follow{Scope: s, Since: w.now, Consent: "follow/en/1"})
	}
	owed, err := w.s.Subscribe(w.ctx, id, fs, w.tick())
	w.must(err)
	return owed
}

// open makes an incident in which these services fail.
func (w *world) open(ids ...subscriptions.ServiceID) subscriptions.Incident {
	w.helper()
	w.tick()
	i := subscriptions.Incident{State: subscriptions.Investigating, Round: 1, Owner: "treasury", OpenedAt: w.now, Since: w.now}
	return w.put(w.claim(i, ids...))
}

func (w *world) claim(i subscriptions.Incident, ids ...subscriptions.ServiceID) subscriptions.Incident {
	for _, id := range ids {
		s, _ := nation.Service(id)
		i.Claims = append(i.Claims, subscriptions.Claim{Agency: s.Agency, Service: id, Impact: subscriptions.Blocked, At: w.now, Since: w.now, Round: i.Round})
	}
	i.Services = i.Derive(nation)
	return i
}

func (w *world) put(i subscriptions.Incident) subscriptions.Incident {
	w.helper()
	out := w.commit(subscriptions.Change{Incident: &i})
	return *out.Incident
}

func (w *world) commit(ch subscriptions.Change) subscriptions.Change {
	w.helper()
	out, err := w.try(ch)
	w.must(err)
	return out
}

func (w *world) try(ch subscriptions.Change) (subscriptions.Change, error) {
	ch.Now = w.tick()
	if ch.Line.Action == "" {
		ch.Line = subscriptions.AuditLine{At: w.now, Action: "test.commit", Outcome: "done"}
	}
	return w.s.Commit(w.ctx, ch)
}

// notice is a published notice about services of i, with the audience that the
// rules give it.
func (w *world) notice(i subscriptions.Incident, k subscriptions.Kind, ids ...subscriptions.ServiceID) subscriptions.Notice {
	return subscriptions.Notice{Incident: i.ID, Round: i.Round, Kind: k, Agency: "treasury", State: subscriptions.Published, PublishedAt: w.now, CreatedAt: w.now,
		Sound: k == subscriptions.Outage || k == subscriptions.Restored, Audience: subscriptions.AudienceOf(nation, ids, i.Platforms())}
}

// publish publishes a notice, together with a new state of its incident if that
// is given.
func (w *world) publish(n subscriptions.Notice, i *subscriptions.Incident, overtakes ...subscriptions.NoticeID) subscriptions.Notice {
	w.helper()
	out := w.commit(subscriptions.Change{Incident: i, Notices: []subscriptions.Notice{n}, Overtakes: overtakes})
	if i != nil {
		*i = *out.Incident
	} else if n.Incident != 0 {
		// The commit noted the notice in its incident.
		if _, err := w.s.Incident(w.ctx, n.Incident); err != nil {
			w.must(err)
		}
	}
	return out.Notices[0]
}

// outage opens an incident and publishes its first notice.
func (w *world) outage(ids ...subscriptions.ServiceID) (subscriptions.Incident, subscriptions.Notice) {
	w.helper()
	i := w.open(ids...)
	n := w.publish(w.notice(i, subscriptions.Outage, ids...), &i)
	return i, n
}

// end ends the claims on services; without services, all of them.
func (w *world) end(i subscriptions.Incident, ids ...subscriptions.ServiceID) subscriptions.Incident {
	i.Claims = slices.Clone(i.Claims)
	for k := range i.Claims {
		if i.Claims[k].EndedAt.IsZero() && (len(ids) == 0 || slices.Contains(ids, i.Claims[k].Service)) {
			i.Claims[k].EndedAt = w.now
		}
	}
	i.Services = i.Derive(nation)
	if len(i.Failing()) == 0 {
		i.State, i.EndedAt = subscriptions.Resolved, w.now
	}
	return i
}

// restore says that services work again (none named: all), overtaking what the
// desk would list: everything older.
func (w *world) restore(i *subscriptions.Incident, ids ...subscriptions.ServiceID) subscriptions.Notice {
	w.helper()
	if len(ids) == 0 {
		ids = i.Failing()
	}
	*i = w.end(*i, ids...)
	return w.publish(w.notice(*i, subscriptions.Restored, ids...), i, w.older(i.ID)...)
}

// takeBack stops an end and says in the same commit that what it ended fails, as the
// desk does with an end that a network refuses.
func (w *world) takeBack(i *subscriptions.Incident, end subscriptions.Notice) subscriptions.Notice {
	w.helper()
	w.tick()
	ids := end.Audience[subscriptions.ScopeAll]
	i.State, i.EndedAt = subscriptions.Monitoring, time.Time{}
	*i = w.claim(*i, ids...)
	end, err := w.s.Notice(w.ctx, end.ID)
	w.must(err)
	end.State, end.StoppedAt = subscriptions.Stopped, w.now
	n := w.notice(*i, subscriptions.Update, ids...)
	n.Money, n.Slots.TakesBack = true, "2025-0103-2"
	out := w.commit(subscriptions.Change{Incident: i, Notices: []subscriptions.Notice{n, end}, Overtakes: w.older(i.ID)})
	*i = *out.Incident
	return out.Notices[0]
}

func (w *world) older(i subscriptions.IncidentID) []subscriptions.NoticeID {
	w.helper()
	ns, err := w.s.Notices(w.ctx, i, subscriptions.Published)
	w.must(err)
	var out []subscriptions.NoticeID
	for _, n := range ns {
		if n.Kind.Chain() { // corrections stand beside
			out = append(out, n.ID)
		}
	}
	return out
}

// expand writes every page; small pages, so that the cursor matters.
func (w *world) expand() {
	w.helper()
	for range 1000 {
		e, err := w.s.Expand(w.ctx, 2, w.now)
		w.must(err)
		if e.Notice == 0 {
			return
		}
	}
	w.fatal("expand does not come to an end")
}

func (w *world) sweep() {
	w.helper()
	for range 1000 {
		n, err := w.s.Sweep(w.ctx, 2, w.now)
		w.must(err)
		if n == 0 {
			return
		}
	}
	w.fatal("sweep does not come to an end")
}

func (w *world) tenure() subscriptions.Tenure {
	w.helper()
	t, err := w.s.Acquire(w.ctx, lane, "one", time.Hour)
	w.must(err)
	return t
}

// usurp makes another owner take the lane: the former one's clock ran out.
func (w *world) usurp(from, to string) subscriptions.Tenure {
	w.helper()
	_, err := w.s.Acquire(w.ctx, lane, from, time.Nanosecond)
	w.must(err)
	for range 100 {
		t, err := w.s.Acquire(w.ctx, lane, to, time.Hour)
		if err == nil {
			return t
		}
		w.is(err, subscriptions.ErrFenced)
		time.Sleep(time.Millisecond) // the database's clock is real
	}
	w.fatal("the tenure of %s does not end", from)
	return subscriptions.Tenure{}
}

func (w *world) lease(max int) []subscriptions.Delivery {
	w.helper()
	ds, err := w.s.Lease(w.ctx, w.tenure(), max, w.now)
	w.must(err)
	return ds
}

// report finishes deliveries of the lane's present tenure in a state.
func (w *world) report(state subscriptions.DeliveryState, ds ...subscriptions.Delivery) {
	w.helper()
	t := w.tenure()
	var rs []subscriptions.Result
	for _, d := range ds {
		rs = append(rs, subscriptions.Result{ID: d.ID, Fence: t.Fence, State: state, Message: messageOf(d, state), Counted: true, At: w.now})
	}
	w.must(w.s.Finish(w.ctx, rs))
}

func messageOf(d subscriptions.Delivery, state subscriptions.DeliveryState) string {
	switch {
	case state != subscriptions.Sent:
		return ""
	case d.Mode == subscriptions.AsEdit:
		return d.Edit
	}
	return fmt.Sprint("m", d.ID)
}

// drain sends everything that is due and returns it in order.
func (w *world) drain() []subscriptions.Delivery {
	w.helper()
	var all []subscriptions.Delivery
	for range 1000 {
		w.tick()
		ds := w.lease(3)
		if len(ds) == 0 {
			return all
		}
		w.report(subscriptions.Sent, ds...)
		all = append(all, ds...)
	}
	w.fatal("the lane does not run dry")
	return nil
}

// tell expands and sends everything.
func (w *world) tell() []subscriptions.Delivery {
	w.helper()
	w.expand()
	return w.drain()
}
