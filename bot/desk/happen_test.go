package desk_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"arifa/bot/desk"
	"arifa/bot/desk/talk"
	"arifa/subscriptions"
)

// happen does what an "@" line says.
func (r *room) happen(line int, text string) []string {
	r.Helper()
	verb, rest, _ := strings.Cut(text, " ")
	words := strings.Fields(rest)
	arg := func(k int) string {
		if k < len(words) {
			return words[k]
		}
		return ""
	}
	switch verb {
	case "as":
		r.speaking(arg(0))
	case "stranger":
		r.me = r.strange("stranger " + arg(0))
	case "open": // the officer's chat, with six digits
		r.speaking(arg(0))
		r.hear(talk.Heard{Chat: r.me.identity, Private: true, Text: "/desk", At: r.now})
		r.hear(talk.Heard{Chat: r.me.identity, Private: true, Text: r.digits(), At: r.now})
		r.seen()
	case "pass":
		d, err := time.ParseDuration(arg(0))
		r.must(err)
		r.pass(d)
	case "tick":
		r.must(r.desk.Tick(ctx, r.now))
	case "at":
		at, err := time.ParseInLocation("2006-01-02 15:04", rest, r.nation.Location())
		r.must(err)
		r.now = at.UTC()
	case "code":
		var err error
		p := r.officer(arg(0))
		r.linkCode, err = r.desk.StartLink(ctx, p.actor, p.Officer.ID, r.now)
		r.must(err)
	case "group": // what is written in a group, by whoever speaks
		return r.hear(talk.Heard{Chat: subscriptions.Identity{Provider: "telegram", Subject: "-77"}, Text: strings.ReplaceAll(rest, "CODE", r.linkCode), At: r.now})
	case "forwarded":
		return r.hear(talk.Heard{Chat: r.me.identity, Private: true, Forwarded: true, Text: rest, At: r.now})
	case "again": // the network gives the same update once more
		return r.hear(r.last)
	case "twice": // a second tap on the same button
		h := r.last
		r.pass(time.Second)
		h.At = r.now
		return r.hear(h)
	case "restart":
		r.restart()
	case "lost":
		n, err := strconv.Atoi(arg(0))
		r.must(err)
		r.lost = n
	case "follows":
		n, err := strconv.Atoi(arg(0))
		r.must(err)
		r.follow(n, subscriptions.ServiceID(arg(1)))
	case "deliver":
		n, err := strconv.Atoi(arg(0))
		r.must(err)
		r.deliver(n)
	case "audit":
		n, err := strconv.Atoi(arg(0))
		r.must(err)
		return r.record(n)
	case "notices":
		return r.noticeList()
	default:
		return r.cli(line, verb, words)
	}
	return nil
}

// cli is what officers do on the command line, in another process.
func (r *room) cli(line int, verb string, words []string) []string {
	r.Helper()
	who, rest := words[0], words[1:]
	p := r.officer(who)
	num := func(k int) int64 {
		n, err := strconv.ParseInt(rest[k], 10, 64)
		r.must(err)
		return n
	}
	incident := func() subscriptions.IncidentID { return subscriptions.IncidentID(num(0)) }
	var err error
	switch verb {
	case "outage":
		var i subscriptions.Incident
		if i, err = r.desk.Open(ctx, p.actor, desk.OpenInput{Platforms: platforms(subscriptions.PlatformID(rest[0])), SinceApprox: true}, r.now); err == nil {
			_, err = r.publish(p, desk.DraftInput{Incident: i.ID, Kind: subscriptions.Outage})
		}
	case "opens":
		in := desk.OpenInput{Services: ids(subscriptions.ServiceID(rest[0]))}
		if len(rest) > 1 {
			in.Suspected = subscriptions.PlatformID(rest[1])
		}
		_, err = r.desk.Open(ctx, p.actor, in, r.now)
	case "says-no-change":
		_, err = r.desk.NoChange(ctx, p.actor, desk.NoChangeInput{Incident: incident()}, r.now)
	case "speaks":
		_, err = r.publish(p, desk.DraftInput{Incident: incident(), Kind: subscriptions.Outage})
	case "restores":
		_, err = r.desk.Restore(ctx, p.actor, desk.RestoreInput{Incident: incident()}, r.now)
	case "holds":
		_, err = r.desk.Hold(ctx, p.actor, desk.HoldInput{Incident: incident(), Services: ids(subscriptions.ServiceID(rest[1]))}, r.now)
	case "submits":
		_, err = r.desk.Correct(ctx, p.actor, correction, r.now)
	case "stops":
		_, err = r.desk.Stop(ctx, p.actor, subscriptions.NoticeID(num(0)), r.now)
	case "approves":
		n, ferr := r.desk.Notice(ctx, rest[0])
		r.must(ferr)
		r.pass(30 * time.Second)
		_, err = r.desk.Approve(ctx, p.actor, desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: r.code(p)}, r.now)
	case "freezes":
		_, err = r.desk.Freeze(ctx, p.actor, r.officer(rest[0]).Officer.ID, r.now)
	case "unfreezes":
		_, err = r.desk.Unfreeze(ctx, p.actor, r.officer(rest[0]).Officer.ID, r.now)
	case "readies":
		r.ready(p, subscriptions.AlternativeID(rest[0]), subscriptions.ServiceID(rest[1]))
	case "grants": // one more role, given by two admins
		r.grant(p, subscriptions.Role(rest[0]), subscriptions.AgencyID(rest[1]))
	case "strips": // every role is taken away; that does not wait
		_, _, err = r.desk.SetRoles(ctx, p.actor, r.officer(rest[0]).Officer.ID, nil, r.now)
	case "plans":
		_, err = r.desk.Open(ctx, p.actor, desk.OpenInput{Platforms: platforms(subscriptions.PlatformID(rest[0])), Maintenance: true, StartsAt: r.now.Add(time.Hour), EndsAt: r.now.Add(2 * time.Hour)}, r.now)
	case "announces":
		_, err = r.publish(p, desk.DraftInput{Incident: incident(), Kind: subscriptions.Maintenance})
	case "breaks":
		err = r.desk.StopBroken(ctx, subscriptions.NoticeID(num(0)), "test", r.now)
	case "proposes":
		_, err = r.desk.ProposeReady(ctx, p.actor, subscriptions.AlternativeID(rest[0]), "", ids(subscriptions.ServiceID(rest[1])), r.now)
	default:
		r.Fatalf("line %d: %q is no event", line, verb)
	}
	r.must(err)
	return nil
}

func (r *room) ready(p person, way subscriptions.AlternativeID, service subscriptions.ServiceID) {
	r.Helper()
	c, err := r.desk.ProposeReady(ctx, p.actor, way, "", ids(service), r.now)
	r.must(err)
	r.pass(time.Minute)
	_, err = r.desk.ApproveChange(ctx, r.kraApprover.actor, desk.ApproveChangeInput{ID: c.ID, Code: r.code(r.kraApprover)}, r.now)
	r.must(err)
}

func (r *room) grant(p person, role subscriptions.Role, agency subscriptions.AgencyID) {
	r.Helper()
	roles := append(slices.Clone(p.Officer.Roles), subscriptions.Grant{Role: role, Agency: agency})
	o, err := r.store.Officer(ctx, p.Officer.ID)
	r.must(err)
	roles = append(slices.Clone(o.Roles), roles[len(roles)-1])
	_, change, err := r.desk.SetRoles(ctx, r.admin.actor, p.Officer.ID, roles, r.now)
	r.must(err)
	r.pass(time.Minute)
	_, err = r.desk.ApproveChange(ctx, r.second.actor, desk.ApproveChangeInput{ID: change, Code: r.code(r.second)}, r.now)
	r.must(err)
}

// follow makes citizens who follow a service.
func (r *room) follow(n int, service subscriptions.ServiceID) {
	r.Helper()
	for k := range n {
		c, err := r.store.SaveRecipient(ctx, subscriptions.Recipient{Lane: "telegram:1", Address: subscriptions.AddressOf(fmt.Sprintf("9%s%d", service, k)), Kind: subscriptions.Person, CreatedAt: r.now})
		r.must(err)
		_, err = r.store.Subscribe(ctx, c.ID, []subscriptions.Follow{{Scope: subscriptions.ScopeService(service), Since: r.now.Add(-time.Hour)}}, r.now)
		r.must(err)
	}
}

// deliver lets the lane send at most n messages.
func (r *room) deliver(n int) {
	r.Helper()
	for range 100 {
		e, err := r.store.Expand(ctx, 1000, r.now)
		r.must(err)
		if e.Notice == 0 {
			break
		}
	}
	tenure, err := r.store.Acquire(ctx, "telegram:1", "test", time.Minute)
	r.must(err)
	rows, err := r.store.Lease(ctx, tenure, n, r.now)
	r.must(err)
	var results []subscriptions.Result
	for _, d := range rows {
		results = append(results, subscriptions.Result{ID: d.ID, Fence: tenure.Fence, State: subscriptions.Sent, Message: "1", Counted: true, At: r.now})
	}
	r.must(r.store.Finish(ctx, results))
	r.must(r.store.Release(ctx, tenure))
}

// record are the newest lines of the audit record.
func (r *room) record(n int) []string {
	r.Helper()
	lines := r.audit()
	var out []string
	for _, l := range lines[max(0, len(lines)-n):] {
		who := "the program"
		for name, p := range r.people {
			if p.Officer.ID == l.Officer {
				who = name
			}
		}
		s := fmt.Sprintf("= %s: %s of %s by %s, %s", who, l.Action, l.Subject, l.Via, l.Outcome)
		if l.Outcome == "refused" {
			s += " (rule " + l.Rule + ")"
		}
		out = append(out, s)
	}
	return out
}

// noticeList is what is stored of notices.
func (r *room) noticeList() []string {
	r.Helper()
	all, err := r.store.Notices(ctx, 0)
	r.must(err)
	var out []string
	for _, n := range all {
		out = append(out, fmt.Sprintf("= %s %s by %s: %s", n.Key, n.Kind, n.Agency, n.State))
	}
	if len(out) == 0 {
		return []string{"= no notice"}
	}
	return out
}
