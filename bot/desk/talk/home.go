package talk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// lookBack is how long ended incidents with open promises are shown.
const lookBack = 7 * 24 * time.Hour

// home is what waits for this officer, and what can be begun.
func (u *turn) home(ctx context.Context) ([]page, error) {
	o := u.actor.Officer
	var speaks []string
	for _, id := range o.SpeaksFor() {
		speaks = append(speaks, u.agency(id))
	}
	p := page{title: "The desk: " + o.Name, lines: []string{"You speak for " + strings.Join(speaks, ", ") + "."}}
	if len(speaks) == 0 {
		p.lines = []string{"You speak for no agency."}
	}
	if err := u.homeAlarms(ctx, &p); err != nil {
		return nil, err
	}
	if err := u.homeIncidents(ctx, &p); err != nil {
		return nil, err
	}
	if err := u.homeNotices(ctx, &p); err != nil {
		return nil, err
	}
	p.rows = append(p.rows, []button{{"Something fails", "fails", ""}, {"Planned work", "fails", "planned"}},
		[]button{{"Something false circulates", "false", ""}, {"Advice to everybody", "advise", ""}}, []button{{"Close the desk", "lock", ""}})
	p.foot = []string{"/desk and a word finds a service, a platform or a notice. As of " + u.clock(u.now) + "."}
	return one(p), nil
}

func (u *turn) homeIncidents(ctx context.Context, p *page) error {
	all, err := u.Desk.Incidents(ctx, u.now.Add(-lookBack))
	if err != nil {
		return err
	}
	live := 0
	for _, i := range all {
		if i.State.Over() && i.NextUpdate.IsZero() {
			continue
		}
		if !i.State.Over() {
			live++
		}
		p.lines = append(p.lines, fmt.Sprintf("%d: %s, %s. %s", i.ID, u.what(i), stateOf(i), u.promise(i)))
		if len(p.rows) < 8 {
			p.rows = append(p.rows, []button{{fmt.Sprintf("Incident %d", i.ID), "incident", fmt.Sprint(i.ID)}})
		}
	}
	if live == 0 {
		p.lines = append(p.lines, "No incident is open.")
	}
	return nil
}

func (u *turn) homeNotices(ctx context.Context, p *page) error {
	all, err := u.Desk.Notices(ctx, 0, subscriptions.Submitted, subscriptions.Returned)
	for _, n := range all {
		if !slices.Contains(u.actor.Officer.SpeaksFor(), n.Agency) || len(p.rows) >= 14 {
			continue
		}
		label := show(n) + " waits for a second officer"
		if n.State == subscriptions.Returned {
			label = show(n) + " was returned"
		}
		p.lines = append(p.lines, label+".")
		p.rows = append(p.rows, []button{{label, "notice", fmt.Sprint(n.ID)}})
	}
	return err
}

func stateOf(i subscriptions.Incident) string { return strings.ReplaceAll(string(i.State), "_", " ") }

// promise says what is owed, and by when.
func (u *turn) promise(i subscriptions.Incident) string {
	switch {
	case i.NextUpdate.IsZero():
		return "Nothing is promised."
	case desk.Overdue(i, u.now) && i.State.Over():
		return "Answers were promised for " + u.clock(i.NextUpdate) + ": OVERDUE."
	case desk.Overdue(i, u.now):
		return "The next word was promised for " + u.clock(i.NextUpdate) + ": OVERDUE."
	case i.State.Over():
		return "Answers are promised by " + u.clock(i.NextUpdate) + "."
	}
	return "The next word is promised by " + u.clock(i.NextUpdate) + "."
}

// find looks up what the officer typed: a notice's number, or a service or platform.
func (u *turn) find(ctx context.Context, w work, query string) ([]page, error) {
	if w.Typing == "" {
		if n, err := u.Desk.Notice(ctx, strings.TrimSpace(query)); err == nil && strings.Contains(query, "-") {
			return u.readNotice(ctx, w, fmt.Sprint(n.ID))
		}
	}
	p := page{title: "Which one?", work: w, asks: asksSearch}
	for _, f := range u.Search.Search(query, 7) {
		switch {
		case f.Service != "":
			p.rows = append(p.rows, []button{{u.service(f.Service), "choose", string(subscriptions.ScopeService(f.Service))}})
		case f.Platform != "":
			p.rows = append(p.rows, []button{{u.platform(f.Platform), "choose", string(subscriptions.ScopePlatform(f.Platform))}})
		}
	}
	if len(p.rows) == 0 {
		p.title, p.lines = "Nothing is called like this", []string{"Write another word for the service or platform."}
	} else {
		p.lines = []string{"Choose, or write another word."}
	}
	p.rows = append(p.rows, u.back(w.Incident)...)
	return one(p), nil
}
