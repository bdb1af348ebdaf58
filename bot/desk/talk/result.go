package talk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// liveKind is the kind of the calls that show how far a notice has come: one
// message, edited in place.
const liveKind = "live"

// liveEvery is how often a live message may change; the longer it lives, the rarer.
const liveEvery = 3 * time.Second

// done shows what a deed led to, and goes on showing it while it goes out.
func (u *turn) done(ctx context.Context, out desk.Outcome) ([]page, error) {
	n := out.Notice
	if n.ID == 0 {
		return one(page{title: "Recorded", lines: []string{fmt.Sprintf("Incident %d: nobody needs to be told.", out.Incident.ID)}, rows: u.back(out.Incident.ID)}), nil
	}
	var fixed []string
	for _, m := range besides(out) {
		fixed = append(fixed, fmt.Sprintf("Beside it %s, said by %s, to those whose services it leaves out.", show(m), u.agency(m.Agency)))
	}
	if n.State == subscriptions.Published && n.Approver == 0 {
		fixed = append(fixed, u.others(ctx, n))
	}
	for _, l := range desk.Missing(u.nation, n.Slots.Free) {
		fixed = append(fixed, "The sentence is missing in "+languageName(l)+".")
	}
	p, over, err := u.livePage(ctx, n, fixed)
	if err != nil || over {
		return one(p), err
	}
	if err := u.followLive(ctx, n, fixed, p); err != nil {
		return nil, err
	}
	if u.h.Message == "" { // the live message comes by itself
		p = page{title: p.title, lines: p.lines[:1], rows: p.rows}
	}
	return one(p), nil
}

func besides(out desk.Outcome) []subscriptions.Notice {
	if out.Beside == nil {
		return out.Others
	}
	return append([]subscriptions.Notice{*out.Beside}, out.Others...)
}

// others says who can stop what one officer has said alone.
func (u *turn) others(ctx context.Context, n subscriptions.Notice) string {
	calls, err := u.Calls.CallsAbout(ctx, fmt.Sprintf("notice %d", n.ID))
	var asked []subscriptions.OfficerID
	for _, c := range calls {
		if c.Kind == string(desk.EventStopIt) && c.Officer != 0 && !slices.Contains(asked, c.Officer) {
			asked = append(asked, c.Officer)
		}
	}
	if err != nil || len(asked) == 0 {
		return "No other officer of " + u.agency(n.Agency) + " is there to stop it."
	}
	return fmt.Sprintf("%s of %s can stop it.", count(len(asked), "other officer"), u.agency(n.Agency))
}

// followLive stores the call that keeps the message up to date.
func (u *turn) followLive(ctx context.Context, n subscriptions.Notice, fixed []string, p page) error {
	facts, err := json.Marshal(fixed)
	if err != nil {
		return err
	}
	c := subscriptions.Call{Kind: liveKind, About: fmt.Sprintf("notice %d", n.ID), Facts: facts, Officer: u.actor.Officer.ID, Chat: u.h.Chat, Live: true, At: u.now, NextAt: u.now}
	if u.h.Message != "" {
		c.Message, c.Shown, c.NextAt = u.h.Message, digest(p), u.now.Add(liveEvery)
	}
	event := fmt.Sprintf("live/%d/%s/%s/%d", n.ID, u.h.Chat.Provider, u.h.Chat.Subject, n.SubmittedAt.UnixMilli())
	_, err = u.Calls.PutCalls(ctx, subscriptions.Summons{Event: event, At: u.now, Calls: []subscriptions.Call{c}})
	return err
}

// livePage shows how far a notice has come; over is true when that will not change
// any more.
func (u *turn) livePage(ctx context.Context, n subscriptions.Notice, fixed []string) (p page, over bool, err error) {
	p = page{was: seen(n), work: work{Agency: n.Agency, Incident: n.Incident, Notice: n.ID, Hash: n.Hash}}
	what := fmt.Sprintf("%s by %s, check code %s.", upper(kindWord(n)), u.agency(n.Agency), n.Code)
	switch {
	case n.State == subscriptions.Submitted:
		p.title = show(n) + " waits for a second officer"
		p.lines, err = u.askedLines(ctx, n)
		p.lines = append([]string{what + " Its words are frozen; nobody has been told."}, p.lines...)
		p.rows = [][]button{{{"Stop it", "stop", ""}}}
	case n.State == subscriptions.Returned:
		p.title, over = show(n)+" was returned", true
		p.lines = []string{what, "Reason: " + n.Return}
		p.rows = [][]button{{{"Change it", "change", ""}, {"Discard it", "discard", ""}}}
	case n.State != subscriptions.Published:
		p.title, p.lines, over = show(n)+" is "+stateWord(n), []string{what}, true
	default:
		p.rows = [][]button{{{"Stop it", "stop", ""}}}
		over, err = u.goingOut(ctx, n, &p, what)
	}
	if n.State != subscriptions.Returned && n.State != subscriptions.Submitted {
		p.lines = append(p.lines, fixed...)
	}
	p.rows = append(p.rows, u.back(n.Incident)...)
	return p, over, err
}

// goingOut counts who has been told.
func (u *turn) goingOut(ctx context.Context, n subscriptions.Notice, p *page, what string) (over bool, err error) {
	at, err := u.Desk.Progress(ctx, n.ID)
	if err != nil {
		return false, err
	}
	sent, pending, total := at.Count(subscriptions.Sent), at.Count(subscriptions.Pending), 0
	for _, s := range []subscriptions.DeliveryState{subscriptions.Sent, subscriptions.Pending, subscriptions.Failed, subscriptions.Unknown, subscriptions.Superseded} {
		total += at.Count(s)
	}
	line := fmt.Sprintf("%s of %s told", number(sent), number(total))
	if few := desk.FirstFew(n, at); few > 0 {
		line += fmt.Sprintf("; it moves money, so %s first, then a minute in which it can be stopped", count(few, "recipient"))
	} else if !at.Expanded {
		line += ", still finding recipients"
	} else if ends := u.ends(at); pending > 0 && !ends.IsZero() {
		line += ", done at about " + u.clock(ends)
	}
	p.title, p.lines = show(n)+" is published and going out", []string{what, line + "."}
	over = n.Overtaken != 0 || at.Expanded && pending == 0
	switch {
	case n.Overtaken != 0:
		p.title = show(n) + " was followed by a newer word"
	case over:
		p.title = show(n) + " has gone out"
	}
	if failed := at.Count(subscriptions.Failed); failed > 0 {
		p.lines = append(p.lines, number(failed)+" could not be reached.")
	}
	if i, err := u.Desk.Incident(ctx, n.Incident); err == nil && !i.NextUpdate.IsZero() {
		p.lines = append(p.lines, u.promise(i))
	}
	return over, nil
}

// ends is when the slowest lane will be done; zero where a pace is not known.
func (u *turn) ends(at subscriptions.Progress) time.Time {
	var last time.Time
	for _, lane := range slices.Sorted(maps.Keys(at.ByLane)) {
		pending := at.ByLane[lane][subscriptions.Pending]
		pace := u.Desk.Pace(lane)
		if pending == 0 {
			continue
		}
		if pace <= 0 {
			return time.Time{}
		}
		if t := u.now.Add(time.Duration(float64(pending) / pace * float64(time.Second))); t.After(last) {
			last = t
		}
	}
	return last
}

// askedLines say who was asked to approve, and who has looked.
func (u *turn) askedLines(ctx context.Context, n subscriptions.Notice) ([]string, error) {
	asked, err := u.Desk.Asked(ctx, n)
	var out []string
	for _, a := range asked {
		switch {
		case !a.SeenAt.IsZero():
			out = append(out, a.Name+" has read it at "+u.clock(a.SeenAt)+".")
		case a.Chats == 0:
			out = append(out, a.Name+" has no chat with me: ring up, or use the command line.")
		case a.SentAt.IsZero():
			out = append(out, a.Name+" is being called.")
		default:
			out = append(out, a.Name+" was called at "+u.clock(a.SentAt)+" and has not opened it.")
		}
	}
	if len(asked) == 0 && err == nil {
		out = append(out, "Nobody of "+u.agency(n.Agency)+" may approve it: ask an admin for an approver.")
	}
	return out, err
}

// digest tells whether a page says something new: its buttons' tokens do not count.
func digest(p page) string {
	var b strings.Builder
	b.WriteString(p.title + "\n" + strings.Join(p.lines, "\n") + "\n" + strings.Join(p.foot, "\n"))
	for _, row := range p.rows {
		for _, c := range row {
			b.WriteString("\n" + c.label)
		}
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:8])
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
