package bot

import (
	"context"
	"strings"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// countyPage is how many counties one page offers, two beside each other.
const countyPage = 10

// skipped is the county of somebody who leaves it out.
const skipped = "-"

// counties asks in which county somebody is: a button, or its name. It may be left
// out.
func (t *turn) counties(w wish) wording.Card {
	all := t.nation.Counties
	pages := (len(all) + countyPage - 1) / countyPage
	page := min(w.page, pages-1)
	card := wording.Card{Title: t.say("report.noted"), Lines: []string{t.say("report.county")}, Replace: w.tapped}
	for k, c := range all[page*countyPage : min(len(all), (page+1)*countyPage)] {
		choice := t.choice(c.Name, wish{act: actCounty, scope: w.scope, county: c.ID})
		if k%2 == 0 {
			card.Choices = append(card.Choices, nil)
		}
		last := len(card.Choices) - 1
		card.Choices[last] = append(card.Choices[last], choice)
	}
	var row []wording.Choice
	if page > 0 {
		row = append(row, t.choice(t.say("button.previous"), wish{act: actCounties, scope: w.scope, page: page - 1}))
	}
	if page < pages-1 {
		row = append(row, t.choice(t.say("button.next"), wish{act: actCounties, scope: w.scope, page: page + 1}))
	}
	row = append(row, t.choice(t.say("button.skip"), wish{act: actCounty, scope: w.scope, county: skipped}))
	card.Choices = append(card.Choices, row)
	t.ask(actCounty)
	t.next.Slots = map[string]string{slotService: scopeWord(w.scope)}
	return card
}

// countyPages turns to another page.
func (t *turn) countyPages(w wish) wording.Card {
	if _, ok := t.reported(w); !ok || len(t.nation.Counties) == 0 {
		return t.unknownScope()
	}
	return t.counties(w)
}

// county notes where somebody is. What was typed and is no county is taken for what
// else it may be.
func (t *turn) county(ctx context.Context, w wish) (wording.Card, error) {
	if w.query != "" {
		c, ok := countyNamed(t.nation, w.query)
		if t.vocabulary.no[squash(w.query)] {
			c, ok = subscriptions.County{ID: skipped}, true
		}
		if !ok {
			return t.answer(ctx, t.vocabulary.words(w.query))
		}
		w.scope, w.county = t.askedService(), c.ID
	}
	service, ok := t.reported(w)
	if !ok {
		return t.unknownScope(), nil
	}
	if c, known := t.nation.County(w.county); known {
		if _, _, err := t.put(ctx, subscriptions.Report{Service: service, County: c.ID}); err != nil {
			return wording.Card{}, err
		}
	}
	return t.wordsAsked(w), nil
}

// countyNamed finds the county that a text names: its name or the beginning of it,
// where no other begins so.
func countyNamed(n *subscriptions.Nation, text string) (subscriptions.County, bool) {
	word := strings.ReplaceAll(squash(text), " county", "")
	word = strings.TrimPrefix(word, "kaunti ya ")
	if len(word) < 3 {
		return subscriptions.County{}, false
	}
	var found []subscriptions.County
	for _, c := range n.Counties {
		name := squash(c.Name)
		if name == word {
			return c, true
		}
		if strings.HasPrefix(name, word) {
			found = append(found, c)
		}
	}
	if len(found) != 1 {
		return subscriptions.County{}, false
	}
	return found[0], true
}
