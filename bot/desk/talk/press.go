package talk

import (
	"context"
	"errors"
	"fmt"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// verb is what a button does. A deed acts on the card's situation and only while
// that is the same; everything else shows another card.
type verb struct {
	deed bool
	run  runs
}

type runs func(u *turn, ctx context.Context, w work, arg string) ([]page, error)

// press carries out a button.
func (u *turn) press(ctx context.Context, token string, k int) ([]page, error) {
	c, err := u.cardOf(ctx, token)
	if err != nil {
		return nil, err
	}
	if c == nil || k >= len(c.Does) {
		return one(u.worn()), nil
	}
	if u.lock != desk.Unlocked {
		p := u.locked(fmt.Sprintf("%s %d", token, k))
		if c.Does[k].Do == "alarm-publish" && c.Work.Tell != "" {
			p.lines = []string{"Write your six digits: that publishes the first notice at once. " + c.Work.Tell + "."}
			p.was, p.work, p.rows = c.Was, c.Work, [][]button{{{"Show me the words first", "alarm-words", ""}}}
		}
		return one(p), nil
	}
	u.card, u.pressed, u.button = c, token, k
	do := c.Does[k]
	v, known := u.verbs[do.Do]
	switch {
	case !known: // of another release
		return one(u.worn()), nil
	case v.deed:
		return u.act(ctx, v, do.Arg)
	}
	return v.run(u, ctx, c.Work, do.Arg)
}

// act does a deed once for a card. It is marked before and after: a second tap and
// an update that comes again are answered as the first was, and a refusal leaves
// the card as it stood.
func (u *turn) act(ctx context.Context, v verb, arg string) ([]page, error) {
	c := u.card
	begun := c.Done.Button == u.button && !c.Done.At.IsZero() && (c.Done.Over || c.Done.At.Equal(u.now))
	if !begun {
		if news, err := u.news(ctx, c); err != nil || news != nil {
			return news, err
		}
		c.Done = mark{Button: u.button, At: u.now}
		if err := u.keep(ctx, u.pressed, *c); err != nil {
			return nil, err
		}
	}
	pages, err := v.run(u, ctx, c.Work, arg)
	var r *desk.Refusal
	if c.Done.Over && errors.As(err, &r) { // what it led to has moved on since
		p := u.refused(r)
		p.title, p.lines = "This was done before", p.lines[:1]
		return one(p), nil
	}
	if refused := errors.As(err, &r); err != nil && !refused {
		return nil, err
	} else if refused && !begun {
		c.Done = mark{}
	} else if err == nil {
		c.Done.Over = true
	}
	if kept := u.keep(ctx, u.pressed, *c); kept != nil {
		return nil, kept
	}
	return pages, err
}

// request is the idempotency key of what a card leads to.
func (u *turn) request() string {
	return fmt.Sprintf("talk/%s/%d", u.pressed, u.button)
}

// news says what changed since a card was made, with what is true now; nil = it is
// still so.
func (u *turn) news(ctx context.Context, c *card) ([]page, error) {
	if c.Was.Notice != 0 {
		n, err := u.notice(ctx, c.Was.Notice)
		if err != nil {
			return nil, err
		}
		if n.State != c.Was.State || n.Hash != c.Was.Hash {
			p, err := u.noticePage(ctx, n)
			return u.changed(p, fmt.Sprintf("%s is %s by now.", show(n), stateWord(n))), err
		}
	}
	if c.Was.Alarm != 0 {
		return u.alarmNews(ctx, c)
	}
	if c.Was.Incident == 0 {
		return nil, nil
	}
	i, err := u.Desk.Incident(ctx, c.Was.Incident)
	if err != nil || i.Revision == c.Was.Revision {
		return nil, err
	}
	p, err := u.incidentPage(ctx, i)
	if err != nil {
		return nil, err
	}
	return u.changed(p, u.whatHappened(ctx, i, c)), nil
}

// alarmNews says that an alarm is about something else by now, or that somebody else
// is asked. What else may have become of it the desk says.
func (u *turn) alarmNews(ctx context.Context, c *card) ([]page, error) {
	v, err := u.Desk.Alarm(ctx, u.actor, c.Was.Alarm, u.now)
	if err != nil || !v.Alarm.Live() || alarmed(v.Alarm) == (was{Alarm: c.Was.Alarm, Alarmed: c.Was.Alarmed}) {
		return nil, err
	}
	pages, err := u.alarm(ctx, c.Work, "")
	if err != nil {
		return nil, err
	}
	return u.changed(pages[0], "It is about "+u.subject(v.Alarm.Platform, v.Alarm.Services)+" now, and "+u.agency(v.Alarm.Agency)+" is asked."), nil
}

func (u *turn) changed(p page, what string) []page {
	p.lines = append([]string{"This card is from " + u.clock(u.card.At) + ". " + what + " Nothing was done. What is true now:"}, p.lines...)
	return one(p)
}

// whatHappened names the newest notice since a card was made, or only that
// something changed.
func (u *turn) whatHappened(ctx context.Context, i subscriptions.Incident, c *card) string {
	if n, err := u.notice(ctx, i.LastNotice); err == nil && !n.PublishedAt.Before(c.At) {
		return fmt.Sprintf("Since then %s published %s (%s) at %s.", u.agency(n.Agency), show(n), kindWord(n), u.clock(n.PublishedAt))
	}
	return fmt.Sprintf("Incident %d has changed since.", i.ID)
}
