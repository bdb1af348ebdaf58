package console

import (
	"slices"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// Live is an incident as the officer who asks sees it: what of it is hers.
type Live struct {
	subscriptions.Incident
	Blocked, Limited int
	// Speaks are her agencies that may say something in it.
	Speaks []subscriptions.AgencyID
	// Ticks wait for her word: are they affected?
	Ticks []subscriptions.ServiceID
	// Ours are platforms of hers that somebody suspects.
	Ours []subscriptions.PlatformID
	// Untold: it is open and nobody has been told yet.
	Untold bool
}

func (a *ask) live(i subscriptions.Incident) Live {
	l := Live{Incident: i, Untold: i.FirstNotice == 0 && !i.State.Over()}
	for _, s := range i.Services {
		switch {
		case !s.Failing || !s.Confirmed:
		case s.Impact == subscriptions.Degraded:
			l.Limited++
		default:
			l.Blocked++
		}
		if s.Failing && !s.Confirmed && a.ticks(s) {
			l.Ticks = append(l.Ticks, s.Service)
		}
	}
	l.Speaks = a.speaks(i)
	if !i.State.Over() {
		for _, c := range i.Claims {
			p, ok := a.nation.Platform(c.Suspected)
			if ok && c.EndedAt.IsZero() && a.author(p.Operator) && !slices.Contains(i.Platforms(), p.ID) && !slices.Contains(l.Ours, p.ID) {
				l.Ours = append(l.Ours, p.ID)
			}
		}
	}
	return l
}

// author reports whether the officer speaks for an agency.
func (a *ask) author(g subscriptions.AgencyID) bool { return a.me().Has(subscriptions.Author, g) }

func (a *ask) anyOf(g subscriptions.AgencyID) bool { return slices.Contains(a.me().SpeaksFor(), g) }

// ticks reports whether an unconfirmed dependency is hers to confirm.
func (a *ask) ticks(s subscriptions.ServiceState) bool {
	if svc, ok := a.nation.Service(s.Service); ok && a.anyOf(svc.Agency) {
		return true
	}
	return slices.ContainsFunc(s.Via, func(id subscriptions.PlatformID) bool {
		p, ok := a.nation.Platform(id)
		return ok && a.anyOf(p.Operator)
	})
}

// speaks lists the officer's agencies that have a part in an incident: they claim
// something, or a service of theirs is in it. The owner comes first.
func (a *ask) speaks(i subscriptions.Incident) []subscriptions.AgencyID {
	var out []subscriptions.AgencyID
	add := func(g subscriptions.AgencyID) {
		if a.author(g) && !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	add(i.Owner)
	for _, c := range i.Claims {
		add(c.Agency)
	}
	for _, s := range i.Services {
		if svc, ok := a.nation.Service(s.Service); ok {
			add(svc.Agency)
		}
	}
	return out
}

// queue is what waits for the officer who asks.
type queue struct {
	Approve  []subscriptions.Notice
	Returned []subscriptions.Notice
	Drafts   []subscriptions.Notice
	Changes  []subscriptions.RegistryChange
}

// Waiting is asked by every page, for the number beside its name.
func (a *ask) Waiting() (*queue, error) {
	if a.queued != nil {
		return a.queued, nil
	}
	q := &queue{}
	open, err := a.c.Desk.Notices(a.ctx, 0, subscriptions.Submitted, subscriptions.Returned, subscriptions.Draft)
	if err != nil {
		return nil, err
	}
	me := a.me()
	for _, n := range open {
		mine := n.Author == me.ID || n.Submitter == me.ID
		switch {
		case n.State == subscriptions.Submitted && !mine && me.Has(subscriptions.Approver, n.Agency):
			q.Approve = append(q.Approve, n)
		case n.State == subscriptions.Returned && mine:
			q.Returned = append(q.Returned, n)
		case n.State == subscriptions.Draft && n.Author == me.ID && a.now.Sub(n.CreatedAt) < 7*24*time.Hour:
			q.Drafts = append(q.Drafts, n)
		}
	}
	changes, err := a.c.Desk.Changes(a.ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range changes {
		if a.decides(c) {
			q.Changes = append(q.Changes, c)
		}
	}
	a.queued = q
	return q, nil
}

// Count is how many things wait for a decision.
func (q *queue) Count() int { return len(q.Approve) + len(q.Returned) + len(q.Changes) }

// decides reports whether a change waits for this officer's approval.
func (a *ask) decides(c subscriptions.RegistryChange) bool {
	me := a.me()
	if c.State != subscriptions.ChangeWaiting || c.ProposedBy == me.ID || slices.Contains(c.Approvals, me.ID) {
		return false
	}
	if c.Kind == desk.ChangeRoles {
		return me.Has(subscriptions.Admin, "")
	}
	if c.Agency == "" {
		return slices.ContainsFunc(me.SpeaksFor(), func(g subscriptions.AgencyID) bool { return me.Has(subscriptions.Approver, g) })
	}
	return me.Has(subscriptions.Approver, c.Agency)
}

// homeView is the first page: what is live, what is silent, what waits.
type homeView struct {
	Live, Planned, Ended []Live
	Queue                *queue
	Duty                 []onDuty
}

type onDuty struct {
	Agency subscriptions.AgencyID
	Names  []string
}

// endedFor is how long the first page shows what has ended.
const endedFor = 24 * time.Hour

func showHome(a *ask) error {
	all, err := a.c.Desk.Incidents(a.ctx, a.now.Add(-endedFor))
	if err != nil {
		return err
	}
	v := homeView{}
	for _, i := range all {
		switch l := a.live(i); {
		case i.State.Over():
			v.Ended = append(v.Ended, l)
		case i.State == subscriptions.Scheduled:
			v.Planned = append(v.Planned, l)
		default:
			v.Live = append(v.Live, l)
		}
	}
	if v.Queue, err = a.Waiting(); err != nil {
		return err
	}
	if v.Duty, err = a.duty(); err != nil {
		return err
	}
	return a.render(a.status(), "home", "Now", v)
}

// duty lists who is on duty now for the officer's agencies, where there are few.
func (a *ask) duty() ([]onDuty, error) {
	agencies := a.me().SpeaksFor()
	if len(agencies) > 3 {
		return nil, nil
	}
	var out []onDuty
	for _, g := range agencies {
		on, err := a.c.Desk.OnDuty(a.ctx, g, a.now)
		if err != nil {
			return nil, err
		}
		d := onDuty{Agency: g}
		for _, o := range on {
			d.Names = append(d.Names, o.Name)
		}
		out = append(out, d)
	}
	return out, nil
}

func showWaiting(a *ask) error {
	q, err := a.Waiting()
	if err != nil {
		return err
	}
	return a.render(a.status(), "waiting", "Waiting for you", q)
}
