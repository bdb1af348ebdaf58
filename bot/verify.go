package bot

import (
	"context"
	"errors"
	"slices"
	"strings"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// compare judges a notice's number, or a whole text that carries one: what the
// notice says now, and what the text says that the notice does not. It never
// says only "real" (rule 12).
func (t *turn) compare(ctx context.Context, text string) (wording.Card, error) {
	q, err := codeIn(text)
	if err != nil {
		return t.noNumber(text), nil
	}
	if q.Code == "" {
		q.Code = labelledCode(text, q)
	}
	n, more, err := t.named(ctx, q, text)
	switch {
	case errors.Is(err, subscriptions.ErrNotFound):
		return t.withMenu(t.suspect("verify.unknown", text)), nil
	case errors.Is(err, errOtherCode):
		return t.withMenu(t.suspect("verify.other-code", text)), nil
	case err != nil:
		return wording.Card{}, err
	}
	card, err := t.judge(ctx, n, text)
	if more && err == nil {
		card.Lines = append(card.Lines, t.say("verify.years", "Whole", string(n.Key)))
	}
	return card, err
}

// errOtherCode is returned by named when the number is ours and the check code
// is not.
var errOtherCode = errors.New("the check code belongs to no notice of that number")

// named finds the notice that was meant. Where the year was left out it is the one
// whose words the text has, else the newest, and more reports whether another
// year has one too. What was never published is as unknown as what never was.
func (t *turn) named(ctx context.Context, q subscriptions.CodeQuery, text string) (n subscriptions.Notice, more bool, err error) {
	key, full := q.Key()
	word := string(key)
	if !full {
		word = key.Short()
	}
	found, err := t.Bulletins.NoticesByKey(ctx, word)
	if err != nil {
		return n, false, err
	}
	found = slices.DeleteFunc(found, func(n subscriptions.Notice) bool { return !public(n) || !q.Matches(n.Key) })
	if len(found) == 0 {
		return n, false, subscriptions.ErrNotFound
	}
	if q.Code != "" {
		found = slices.DeleteFunc(found, func(n subscriptions.Notice) bool { return !subscriptions.SameCode(n.Code, q.Code) })
		if len(found) == 0 {
			return n, false, errOtherCode
		}
	}
	for _, n := range found {
		if len(found) > 1 && len(t.strangeLines(text, []subscriptions.Notice{n})) == 0 && t.hasWordsOf(text, n) {
			return n, false, nil
		}
	}
	return found[0], len(found) > 1, nil
}

// hasWordsOf reports whether a text carries the title of a notice in any language:
// then it is that one, whatever other year has its number.
func (t *turn) hasWordsOf(text string, n subscriptions.Notice) bool {
	text = squash(text)
	for _, w := range n.Sheet.Words {
		if title := squash(w.Title); title != "" && strings.Contains(text, title) {
			return true
		}
	}
	return false
}

func public(n subscriptions.Notice) bool {
	return n.State == subscriptions.Published || n.State == subscriptions.Stopped || n.State == subscriptions.Withdrawn
}

// suspect answers a text that is no notice of ours.
func (t *turn) suspect(id, text string) wording.Card {
	card := wording.Card{Lines: []string{t.say(id)}, Footer: []string{t.say("pin")}}
	card.Lines = append(card.Lines, t.strangeLines(text, nil)...)
	return card
}

// noNumber answers a text without a notice's number: it cannot be ours.
func (t *turn) noNumber(text string) wording.Card {
	if len(text) < pastedFrom && len(t.strange(text, nil)) == 0 && !t.h.Forwarded {
		t.ask(actVerify)
		return t.withMenu(t.plain("verify.ask"))
	}
	return t.withMenu(t.suspect("verify.no-number", text))
}

// judge says what became of a notice and what stands now.
func (t *turn) judge(ctx context.Context, n subscriptions.Notice, text string) (wording.Card, error) {
	now, err := t.newest(ctx, n)
	if err != nil {
		return wording.Card{}, err
	}
	i, over, err := t.incidentOf(ctx, now)
	if err != nil {
		return wording.Card{}, err
	}
	// What was taken back stands in nobody's place: that another notice was wrong says
	// nothing of this one.
	if now.TakenBack() && now.ID != n.ID {
		published, err := t.Bulletins.Notices(ctx, n.Incident, subscriptions.Published)
		if err != nil {
			return wording.Card{}, err
		}
		now = n.Heir(published, i)
	}
	verdict := "verify." + string(n.Fate(now, over || n.Earlier(i), t.now))
	if n.Earlier(i) && !over && verdict != "verify.withdrawn" && verdict != "verify.stopped" {
		return t.earlier(ctx, n, i, text)
	}
	if verdict == "verify.withdrawn" {
		return t.withdrawn(n, now, text), nil
	}
	both := []subscriptions.Notice{n, now}
	if differs := t.strangeLines(text, both); len(differs) > 0 { // the worst news first
		card := wording.Card{Title: t.say("verify.differs", "Key", n.Key.Short()), Lines: differs}
		t.ruling(&card, verdict, n, now, text)
		return card, nil
	}
	card := wording.Card{Title: t.say(verdict, "Key", n.Key.Short(), "Now", now.Key.Short())}
	t.ruling(&card, verdict, n, now, text)
	card.Lines = append(card.Lines, t.say("verify.if-other"))
	return card, nil
}

// ruling adds what stands now. Under a text that differs nothing may read as if
// the text were ours.
func (t *turn) ruling(card *wording.Card, verdict string, n, now subscriptions.Notice, text string) {
	if len(card.Lines) > 0 && verdict != "verify.real" {
		card.Lines = append(card.Lines, t.say(verdict, "Key", n.Key.Short(), "Now", now.Key.Short())+".")
	}
	if verdict == "verify.stopped" {
		card.Lines = append(card.Lines, t.asOf(), t.say("verify.do-not-rely"))
		return
	}
	card.Lines = append(card.Lines, t.asOf()+" "+t.say("verify.says"))
	t.quote(card, now, text)
}

// newest follows what overtook a notice to what stands now. The chain is short;
// the bound keeps a broken one from holding us.
func (t *turn) newest(ctx context.Context, n subscriptions.Notice) (subscriptions.Notice, error) {
	for range 100 {
		if n.Overtaken == 0 {
			return n, nil
		}
		next, err := t.Bulletins.Notice(ctx, n.Overtaken)
		if err != nil {
			return n, err
		}
		n = next
	}
	return n, nil
}

// incidentOf is a notice's incident, and whether it is over.
func (t *turn) incidentOf(ctx context.Context, n subscriptions.Notice) (subscriptions.Incident, bool, error) {
	if n.Incident == 0 {
		return subscriptions.Incident{}, false, nil
	}
	i, err := t.Bulletins.Incident(ctx, n.Incident)
	if errors.Is(err, subscriptions.ErrNotFound) {
		return i, true, nil
	}
	return i, i.State.Over(), err
}

// earlier judges a notice of a time of trouble that has ended, while the same
// fails again: it says what became of that one, and apart from it what stands now.
// An end of then must not be read as news of today.
func (t *turn) earlier(ctx context.Context, n subscriptions.Notice, i subscriptions.Incident, text string) (wording.Card, error) {
	verdict := t.say("verify.earlier", "Key", n.Key.Short(), "Date", t.Speaker.Date(t.l, t.local(n.PublishedAt)))
	both := []subscriptions.Notice{n}
	now, err := t.Bulletins.Notice(ctx, i.LastNotice)
	fresh := err == nil && now.Round == i.Round && now.State == subscriptions.Published
	switch {
	case err != nil && !errors.Is(err, subscriptions.ErrNotFound):
		return wording.Card{}, err
	case fresh:
		both = append(both, now)
	}
	card := wording.Card{Title: verdict}
	if differs := t.strangeLines(text, both); len(differs) > 0 {
		card.Title, card.Lines = t.say("verify.differs", "Key", n.Key.Short()), append(differs, verdict+".")
	}
	if !fresh {
		card.Lines = append(card.Lines, t.asOf())
		return card, nil
	}
	card.Lines = append(card.Lines, t.say("verify.again", "Key", now.Key.Short()), t.asOf()+" "+t.say("verify.says"))
	t.quote(&card, now, text)
	card.Lines = append(card.Lines, t.say("verify.if-other"))
	return card, nil
}

// withdrawn says that a notice was wrong, and nothing of it.
func (t *turn) withdrawn(n, now subscriptions.Notice, text string) wording.Card {
	card := t.Speaker.Withdrawal(n.Sheet, t.l)
	if now.ID != n.ID && now.State == subscriptions.Published {
		card.Lines = append(card.Lines, t.say("verify.now", "Key", now.Key.Short(), "Title", t.sheetWords(now).Title))
	}
	card.Lines = append(card.Lines, t.asOf())
	card.Lines = append(card.Lines, t.strangeLines(text, []subscriptions.Notice{n, now})...)
	return card
}

// quote adds what a notice says now: of the services that the text names, else
// of a few.
func (t *turn) quote(card *wording.Card, n subscriptions.Notice, text string) {
	sel := wording.Selection{Language: t.l, Asked: true, MaxServices: 3}
	text = squash(text)
	var all, said []subscriptions.ServiceID
	for _, w := range n.Sheet.Words {
		for _, s := range w.Services {
			all = append(all, s.Service)
			if name := squash(s.Label); name != "" && strings.Contains(text, name) {
				said = append(said, s.Service)
			}
		}
	}
	if sel.Services = said; len(said) == 0 {
		sel.Services = all
	}
	quoted := t.Speaker.Card(n.Sheet, sel)
	card.Lines = append(card.Lines, quoted.Title)
	card.Lines = append(card.Lines, quoted.Lines...)
	card.Footer = append(card.Footer, slotFooter(t.sheetWords(n))...)
	card.Links = quoted.Links
}

// slotFooter are the lines on who speaks.
func slotFooter(w subscriptions.Words) []string { return slotLines(w.Tail, subscriptions.SlotWho) }

// judgeAccount says whether an account is ours. It does not repeat the name of
// one that is not.
func (t *turn) judgeAccount(text string) wording.Card {
	name, ours := account(text), t.ours()
	if slices.ContainsFunc(ours, func(o string) bool { return sameName(o, name) }) {
		return t.withMenu(wording.Card{Lines: []string{t.say("account.ours", "Name", "@"+name)}, Footer: []string{t.say("pin")}})
	}
	card := t.plain("account.not-ours")
	if len(ours) > 0 {
		names := make([]string, 0, len(ours))
		for _, o := range ours {
			names = append(names, "@"+o)
		}
		card.Lines = append(card.Lines, t.say("account.list", "Names", t.Speaker.List(t.l, names)))
	}
	card.Footer = []string{t.say("pin")}
	return t.withMenu(card)
}

// ours are the names of our accounts on this network and of our channels.
func (t *turn) ours() []string {
	var names []string
	if bot := t.BotName(t.h.Lane); bot != "" {
		names = append(names, bot)
	}
	return append(names, t.Accounts()...)
}
