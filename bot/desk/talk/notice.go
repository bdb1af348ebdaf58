package talk

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

func (u *turn) notice(ctx context.Context, id subscriptions.NoticeID) (subscriptions.Notice, error) {
	return u.Desk.NoticeByID(ctx, id)
}

// readNotice opens one notice. Whoever was called for it has seen it then.
func (u *turn) readNotice(ctx context.Context, _ work, arg string) ([]page, error) {
	id, _ := strconv.ParseInt(arg, 10, 64)
	n, err := u.notice(ctx, subscriptions.NoticeID(id))
	if errors.Is(err, subscriptions.ErrNotFound) {
		return one(page{title: "There is no such notice", rows: u.back(0)}), nil
	}
	if err != nil {
		return nil, err
	}
	if err := u.Desk.Seen(ctx, u.actor, n.ID, u.now); err != nil {
		return nil, err
	}
	pv, err := u.Desk.Preview(ctx, u.actor, n.ID, u.now)
	var r *desk.Refusal
	if errors.As(err, &r) && !n.PublishedAt.IsZero() { // another agency's; it is public
		p, err := u.noticePage(ctx, n)
		p.rows = p.rows[1:]
		return one(p), err
	}
	if err != nil {
		return nil, err
	}
	pages := u.previewPages(pv, fmt.Sprintf("%s: %s by %s, %s", show(n), kindWord(n), u.agency(n.Agency), stateWord(n)))
	p := &pages[len(pages)-1]
	p.was, p.work = seen(n), work{Agency: n.Agency, Incident: n.Incident, Notice: n.ID, Hash: n.Hash}
	u.noticeRows(n, p)
	if n.State != subscriptions.Submitted {
		return pages, nil
	}
	asked, err := u.askedLines(ctx, n)
	p.lines = append(p.lines, asked...)
	return pages, err
}

// noticePage is the same in brief.
func (u *turn) noticePage(ctx context.Context, n subscriptions.Notice) (page, error) {
	p := page{title: fmt.Sprintf("%s: %s by %s, %s", show(n), kindWord(n), u.agency(n.Agency), stateWord(n)), was: seen(n),
		work: work{Agency: n.Agency, Incident: n.Incident, Notice: n.ID, Hash: n.Hash}}
	if words, ok := n.Sheet.Words[english]; ok {
		p.lines = append(p.lines, words.Title)
	}
	if n.State == subscriptions.Published {
		if at, err := u.Desk.Progress(ctx, n.ID); err == nil {
			p.lines = append(p.lines, fmt.Sprintf("Published at %s; %s told, %s to go.", u.clock(n.PublishedAt), number(at.Count(subscriptions.Sent)), number(at.Count(subscriptions.Pending))))
		}
	}
	p.rows = [][]button{{{"Read it", "notice", fmt.Sprint(n.ID)}}}
	if n.State == subscriptions.Submitted { // nobody approves what they have not read
		p.rows = append(p.rows, u.back(n.Incident)...)
		return p, nil
	}
	u.noticeRows(n, &p)
	return p, nil
}

// noticeRows are what can be done with a notice in its state.
func (u *turn) noticeRows(n subscriptions.Notice, p *page) {
	switch {
	case n.State == subscriptions.Submitted:
		p.rows = append(p.rows, []button{{"Approve with six digits", "approve-ask", ""}}, []button{{"Return it with a reason", "return-ask", ""}}, []button{{"Stop it", "sure", "stop"}})
	case n.State == subscriptions.Returned:
		p.lines = append(p.lines, "Returned: "+n.Return)
		p.rows = append(p.rows, []button{{"Change it", "change", ""}, {"Discard it", "sure", "discard"}})
	case n.State == subscriptions.Published:
		p.rows = append(p.rows, []button{{"Stop it", "sure", "stop"}, {"Take it back", "sure", "withdraw"}})
	case n.State == subscriptions.Stopped && !n.PublishedAt.IsZero():
		p.rows = append(p.rows, []button{{"Take it back", "sure", "withdraw"}})
	}
	if !n.PublishedAt.IsZero() && n.Kind != subscriptions.Correction {
		p.rows = append(p.rows, []button{{"Correct it …", "false", "ours"}})
	}
	p.rows = append(p.rows, u.back(n.Incident)...)
}

// notices lists those of an incident, the newest first.
func (u *turn) notices(ctx context.Context, _ work, arg string) ([]page, error) {
	id, _ := strconv.ParseInt(arg, 10, 64)
	all, err := u.Desk.Notices(ctx, subscriptions.IncidentID(id))
	if err != nil {
		return nil, err
	}
	p := page{title: "Notices of incident " + arg}
	for k := len(all) - 1; k >= 0 && len(p.rows) < 10; k-- {
		n := all[k]
		if desk.Discarded(n) || n.Key == "" {
			continue
		}
		p.rows = append(p.rows, []button{{fmt.Sprintf("%s %s, %s, %s", show(n), kindWord(n), u.agency(n.Agency), stateWord(n)), "notice", fmt.Sprint(n.ID)}})
	}
	p.rows = append(p.rows, u.back(subscriptions.IncidentID(id))...)
	return one(p), nil
}

// change takes a returned notice up again with what it said.
func (u *turn) change(ctx context.Context, w work, _ string) ([]page, error) {
	n, err := u.notice(ctx, w.Notice)
	if err != nil {
		return nil, err
	}
	slots := n.Slots
	if !slots.NextUpdate.IsZero() && slots.NextUpdate.Before(u.now) {
		slots.NextUpdate = u.now.Add(desk.PromiseAfter)
	}
	w.Draft = &desk.DraftInput{Incident: n.Incident, Kind: n.Kind, Agency: n.Agency, Slots: slots, Corrects: n.Corrects}
	return u.composed(ctx, w)
}
