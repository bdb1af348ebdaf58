package talk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// ErrOver is returned for a call that nobody needs any more: what it was about has
// happened, or the chat is not the officer's now.
var ErrOver = errors.New("the call is over")

// Called makes the card of a call for its chat. A locked chat gets a title that
// says no more than that the officer is needed. live calls return whether they are
// over, and a digest of what the card says.
func (t *Talk) Called(ctx context.Context, c subscriptions.Call, now time.Time) (out wording.Card, says string, over bool, err error) {
	u := &turn{Talk: t, h: Heard{Chat: c.Chat, Private: true, At: now}, now: now.UTC().Truncate(time.Millisecond)}
	if err := u.enter(ctx); err != nil {
		var r *desk.Refusal
		if errors.As(err, &r) {
			return out, "", true, fmt.Errorf("%w: %s", ErrOver, r.Why)
		}
		return out, "", false, err
	}
	if u.actor.Officer.ID != c.Officer {
		return out, "", true, fmt.Errorf("%w: the chat is another officer's", ErrOver)
	}
	p, over, err := u.calledPage(ctx, c)
	if err != nil {
		return out, "", over, err
	}
	out, _, err = u.put(ctx, p)
	return out, digest(p), over, err
}

func (u *turn) calledPage(ctx context.Context, c subscriptions.Call) (page, bool, error) {
	if c.Kind == liveKind {
		return u.liveCall(ctx, c)
	}
	e, err := desk.EventOf(c)
	if err != nil {
		return page{}, false, err
	}
	p, title, err := u.eventPage(ctx, e)
	if err != nil {
		return p, false, err
	}
	if u.lock != desk.Unlocked {
		p.title, p.lines, p.foot = title, []string{"This chat is locked: a button asks for your six digits."}, nil
		p.rows = closed(p.rows)
	}
	return p, true, nil
}

// closed are the buttons that a locked chat shows: those whose label says nothing.
func closed(rows [][]button) [][]button {
	var out [][]button
	for _, row := range rows {
		for _, b := range row {
			if !tells(b) {
				out = append(out, []button{b})
			}
		}
	}
	return append(out, []button{{"Open the desk", "home", ""}})
}

// tells reports whether a button's label names something that a locked chat must
// not show.
func tells(b button) bool {
	switch b.do {
	case "sure":
		return b.arg != "reopen"
	case "stop", "no-change", "notice", "answer", "restore", "join", "change", "alarm-publish", "alarm-not-us", "alarm-watch", "hold", "back":
		return false
	}
	return true
}

// liveCall is a live message: how far the officer's notice has come.
func (u *turn) liveCall(ctx context.Context, c subscriptions.Call) (page, bool, error) {
	var fixed []string
	if err := json.Unmarshal(c.Facts, &fixed); err != nil {
		return page{}, false, fmt.Errorf("call %d: %w", c.ID, err)
	}
	n, err := u.noticeOf(ctx, c)
	if err != nil {
		return page{}, false, err
	}
	p, over, err := u.livePage(ctx, n, fixed)
	if u.lock != desk.Unlocked {
		p = page{title: "Your notice is under way", lines: []string{"This chat is locked."}, rows: [][]button{{{"Open the desk", "home", ""}}}}
		if over {
			p.title = "Your notice has been dealt with"
		}
	}
	return p, over, err
}

func (u *turn) noticeOf(ctx context.Context, c subscriptions.Call) (subscriptions.Notice, error) {
	id, _ := strings.CutPrefix(c.About, "notice ")
	row, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return subscriptions.Notice{}, subscriptions.ErrNotFound
	}
	return u.Desk.NoticeByID(ctx, subscriptions.NoticeID(row))
}

// eventPage says what happened and offers what can be done; title is what a locked
// chat may read of it.
func (u *turn) eventPage(ctx context.Context, e desk.Event) (p page, title string, err error) {
	switch e.Kind {
	case desk.EventStopIt, desk.EventBroken, desk.EventReturned, desk.EventCanary:
		return u.noticeEvent(ctx, e)
	case desk.EventApprove:
		if e.Notice != 0 {
			return u.noticeEvent(ctx, e)
		}
	case desk.EventAlarm, desk.EventAlarmAgain:
		return u.alarmEvent(ctx, e)
	case desk.EventAlarmOver:
		return u.alarmOver(e)
	case desk.EventReminder, desk.EventOverdue, desk.EventConfirm, desk.EventSuspected, desk.EventExpired, desk.EventPlannedEnd, desk.EventRecovered, desk.EventSampleLow:
		return u.incidentEvent(ctx, e)
	}
	if p, title, ok := machinery(e); ok {
		return p, title, nil
	}
	p = page{title: "The registry changed, or a change waits", lines: []string{"arifa registry list"}}
	switch {
	case e.Kind == desk.EventApprove:
		p.title, p.lines = "A change of the registry waits for a second officer", []string{"Look at it and decide on the command line:", "arifa registry list", fmt.Sprintf("arifa registry approve %d", e.Change)}
		if e.Change == 0 {
			p.lines = p.lines[:2]
		}
	case e.Kind == desk.EventAlone:
		p.title, p.lines = "The only admin left changes roles", []string{"Refuse it if that is wrong:", "arifa registry list", fmt.Sprintf("arifa registry refuse %d --reason …", e.Change)}
	}
	return p, "The registry needs you.", nil
}

// machinery is what admins are told of the service itself.
func machinery(e desk.Event) (p page, title string, ok bool) {
	switch e.Kind {
	case desk.EventSkipped:
		p = page{title: fmt.Sprintf("Owed a notice, and in no list: %s", count(e.People, "recipient")), lines: []string{"That must never happen. Nothing is lost yet: look at arifa_unaccounted and the log, and call whoever runs this service."}}
	case desk.EventHalted:
		p = page{title: fmt.Sprintf("Halted: %s. Nobody is told anything there", e.Lane), lines: []string{"Why: " + e.Why + ".",
			"What waits is kept, and goes out when it is mended. arifa doctor says what to do; call whoever runs this service."}}
	case desk.EventLost:
		p = page{title: fmt.Sprintf("Lost: %s on %s takes no notice any more", e.Channel, e.Lane), lines: []string{"Why: " + e.Why + ".",
			"Invite the bot there again, or end it with arifa channel remove."}}
	}
	return p, "The service has a fault.", p.title != ""
}

func (u *turn) noticeEvent(ctx context.Context, e desk.Event) (p page, title string, err error) {
	n, err := u.notice(ctx, e.Notice)
	if err != nil {
		return p, "", err
	}
	who := u.author(ctx, n)
	p.was, p.work = seen(n), work{Agency: n.Agency, Incident: n.Incident, Notice: n.ID, Hash: n.Hash}
	read := []button{{"Read it", "notice", fmt.Sprint(n.ID)}}
	words := n.Sheet.Words[english].Title
	switch e.Kind {
	case desk.EventStopIt:
		if n.State != subscriptions.Published {
			return p, "", ErrOver
		}
		p.title = fmt.Sprintf("%s published %s alone", who, show(n))
		if n.Slots.TakesBack != "" {
			p.title = fmt.Sprintf("Arifa published %s by itself", show(n))
		}
		p.lines = []string{fmt.Sprintf("%s by %s: %s", upper(kindWord(n)), u.agency(n.Agency), words), "Is that wrong? One tap stops it: nobody else is told."}
		p.rows = [][]button{{{"Wrong: stop it", "stop", ""}}, read}
		return p, "An officer of your agency has published alone.", nil
	case desk.EventApprove:
		if n.State != subscriptions.Submitted || !n.SubmittedAt.Equal(e.Since) {
			return p, "", ErrOver
		}
		p.title = show(n) + " waits for a second officer"
		if e.Again > 0 {
			p.title = fmt.Sprintf("%s still waits for a second officer, since %s", show(n), u.clock(n.SubmittedAt))
		}
		p.lines = []string{fmt.Sprintf("%s by %s, submitted by %s: %s", upper(kindWord(n)), u.agency(n.Agency), who, words)}
		for _, why := range n.TwoOfficers {
			p.lines = append(p.lines, "Rule 4 asks for a second officer: "+why+".")
		}
		p.rows = [][]button{read}
		return p, "Something waits for a second officer.", nil
	case desk.EventCanary:
		if n.State != subscriptions.Published {
			return p, "", ErrOver
		}
		p.title = show(n) + " waits: our own test message was not taken"
		p.lines = []string{words, fmt.Sprintf("Nobody else on %s is told until it is. It is tried again every half minute; arifa lane resume %s goes on without it.", e.Lane, e.Lane)}
		p.rows = [][]button{{{"Stop it", "stop", ""}}, read}
		return p, "A broadcast has stopped.", nil
	case desk.EventReturned:
		p.title, p.lines = show(n)+" was returned", []string{"Reason: " + n.Return}
		p.rows = [][]button{{{"Change it", "change", ""}}, read}
		return p, "Something was returned to you.", nil
	}
	p.title = show(n) + " was stopped"
	p.lines = []string{words, "A network cannot show it, or it told a way to pay that was stopped. Say again what still holds."}
	p.rows = append([][]button{read}, u.back(n.Incident)...)
	if i, err := u.Desk.Incident(ctx, n.Incident); err == nil && n.Kind == subscriptions.Restored && i.Round == n.Round && !i.State.Over() {
		p.lines = []string{words, "A network cannot show it, so it does not count: who has read it is told that it still fails. If it works, say so again in other words; everybody gets that one end."}
		p.rows = append([][]button{{{"It works again …", "restore", ""}}}, p.rows...)
	}
	return p, "A notice of your agency was stopped.", nil
}

// author is who wrote a notice; nobody where the program said what follows from
// what officers had said.
func (u *turn) author(ctx context.Context, n subscriptions.Notice) string {
	all, err := u.Desk.Officers(ctx, u.actor)
	if at := slices.IndexFunc(all, func(o subscriptions.Officer) bool { return o.ID == n.Author }); err == nil && at >= 0 {
		return all[at].Name
	}
	return "An officer"
}

func (u *turn) incidentEvent(ctx context.Context, e desk.Event) (p page, title string, err error) {
	i, err := u.Desk.Incident(ctx, e.Incident)
	if err != nil {
		return p, "", err
	}
	p.was, p.work = since(i), work{Incident: i.ID, Agency: e.Agency}
	p.lines = []string{fmt.Sprintf("Incident %d: %s.", i.ID, u.what(i))}
	switch e.Kind {
	case desk.EventReminder, desk.EventOverdue:
		return u.promiseEvent(e, i, p)
	case desk.EventRecovered:
		return u.recovered(ctx, e, i, p)
	case desk.EventSampleLow:
		return u.sampleLow(ctx, e, i, p)
	case desk.EventConfirm:
		p = u.tickPage(i)
		if len(u.ticks(i)) == 0 {
			return p, "", ErrOver
		}
		return p, "Services wait for your word.", nil
	case desk.EventSuspected:
		p.title = "Another agency suspects " + u.platform(e.Platform)
		p.lines = append(p.lines, "Is it yours? Joined incidents are one: those who know already get an edit, the others the start, all one end.")
		p.rows = [][]button{{{"It is ours: join", "join", string(subscriptions.ScopePlatform(e.Platform))}}}
		title = "Another agency suspects a platform of yours."
	case desk.EventExpired:
		p.title, title = "Another way has expired and is told no more", "Another way has expired."
	default:
		p.title, title = "The planned end has passed; nobody has confirmed it", "A planned end has passed."
		p.rows = [][]button{{{"It works again …", "restore", ""}}}
	}
	p.rows = append(p.rows, u.back(i.ID)...)
	return p, title, nil
}

func (u *turn) promiseEvent(e desk.Event, i subscriptions.Incident, p page) (page, string, error) {
	if !i.NextUpdate.Equal(e.Due) {
		return p, "", ErrOver
	}
	title := "A promised word falls due."
	p.title = "The promised word falls due at " + u.clock(e.Due)
	if e.Kind == desk.EventOverdue {
		p.title, title = "The word promised for "+u.clock(e.Due)+" is overdue", "A promised word is overdue."
	}
	if i.State.Over() {
		p.rows = [][]button{{{"Answer what was promised …", "answer", ""}}}
	} else {
		p.rows = [][]button{{{"No change, next update +2 h", "no-change", ""}}}
	}
	p.rows = append(p.rows, u.back(i.ID)...)
	return p, title, nil
}
