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
	n, err := t.named(ctx, q)
	switch {
	case errors.Is(err, subscriptions.ErrNotFound):
		return t.withMenu(t.suspect("verify.unknown", text)), nil
	case errors.Is(err, errOtherCode):
		return t.withMenu(t.suspect("verify.other-code", text)), nil
	case err != nil:
		return wording.Card{}, err
	}
	return t.judge(ctx, n, text)
}

// errOtherCode is returned by named when the number is ours and the check code
// is not.
var errOtherCode = errors.New("the check code belongs to no notice of that number")

// named finds the notice that was meant, the newest where the year was left out.
// What was never published is as unknown as what never was.
func (t *turn) named(ctx context.Context, q subscriptions.CodeQuery) (subscriptions.Notice, error) {
	key, full := q.Key()
	word := string(key)
	if !full {
		word = key.Short()
	}
	found, err := t.Bulletins.NoticesByKey(ctx, word)
	if err != nil {
		return subscriptions.Notice{}, err
	}
	found = slices.DeleteFunc(found, func(n subscriptions.Notice) bool { return !public(n) || !q.Matches(n.Key) })
	if len(found) == 0 {
		return subscriptions.Notice{}, subscriptions.ErrNotFound
	}
	for _, n := range found {
		if q.Code == "" || subscriptions.SameCode(n.Code, q.Code) {
			return n, nil
		}
	}
	return subscriptions.Notice{}, errOtherCode
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
	over, err := t.over(ctx, now)
	if err != nil {
		return wording.Card{}, err
	}
	verdict := "verify." + string(n.Fate(now, over, t.now))
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

func (t *turn) over(ctx context.Context, n subscriptions.Notice) (bool, error) {
	if n.Incident == 0 {
		return false, nil
	}
	i, err := t.Bulletins.Incident(ctx, n.Incident)
	if errors.Is(err, subscriptions.ErrNotFound) {
		return true, nil
	}
	return i.State.Over(), err
}

// withdrawn says that a notice was wrong, and nothing of it.
func (t *turn) withdrawn(n, now subscriptions.Notice, text string) wording.Card {
	card := t.Speaker.Withdrawal(n.Sheet, t.l)
	if n.State != subscriptions.Withdrawn {
		card = t.Speaker.Withdrawal(now.Sheet, t.l)
	}
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
