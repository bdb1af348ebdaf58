package bot

import (
	"slices"
	"strings"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// pageSize is how many buttons a page has: a small phone shows them without
// much scrolling.
const pageSize = 8

// agencies is one page of the agencies that have services, by name.
func (t *turn) agencies(w wish) wording.Card {
	has := map[subscriptions.AgencyID]bool{}
	for _, s := range t.nation.Services {
		has[s.Agency] = has[s.Agency] || !s.Retired
	}
	var all []wording.Choice
	for _, a := range t.nation.Agencies {
		if has[a.ID] && !a.Retired {
			all = append(all, t.choice(short(t.agencyLabel(a), 60), wish{act: actAgency, scope: subscriptions.ScopeAgency(a.ID)}))
		}
	}
	card := wording.Card{Title: t.say("browse.agencies"), Replace: w.tapped}
	rows, pages := t.page(byLabel(all), w.page, func(page int) wish { return wish{act: actAgencies, page: page} })
	card.Choices = rows
	card.Lines = []string{t.say("browse.choose-agency")}
	if pages > 1 {
		card.Lines = append(card.Lines, t.pageLine(w.page, pages))
	}
	return card
}

// mostUsed is how many agencies the first card offers: with its other buttons
// they fill the screen of a small phone.
const mostUsed = 6

// withMost puts the agencies that most people need under a card, so that from
// there a subscription is three taps away, and the ways on.
func (t *turn) withMost(card wording.Card) wording.Card {
	for _, id := range t.most() {
		a, _ := t.nation.Agency(id)
		card.Choices = append(card.Choices, []wording.Choice{t.choice(short(t.agencyLabel(a), 40), wish{act: actAgency, scope: subscriptions.ScopeAgency(id)})})
	}
	card.Choices = append(card.Choices,
		[]wording.Choice{t.choice(t.say("button.more-agencies"), wish{act: actAgencies}), t.choice(t.say("button.mine"), wish{act: actMine})},
		[]wording.Choice{t.choice(t.say("button.status"), wish{act: actStatus}), t.choice(t.say("button.help"), wish{act: actHelp})})
	return card
}

// most ranks the agencies: by their services, of which those that harm most count
// threefold more, and by the services of others that stand on their platforms. An
// agency with a single service is found faster by its name.
func (t *turn) most() []subscriptions.AgencyID {
	services, points := map[subscriptions.AgencyID]int{}, map[subscriptions.AgencyID]int{}
	carried := map[subscriptions.AgencyID]int{}
	for _, s := range t.nation.Services {
		if s.Retired {
			continue
		}
		services[s.Agency]++
		points[s.Agency]++
		if s.HighHarm {
			points[s.Agency] += 3
		}
		under := map[subscriptions.AgencyID]bool{}
		for _, id := range s.DependsOn {
			if p, ok := t.nation.Platform(id); ok && p.Operator != s.Agency && !under[p.Operator] {
				under[p.Operator] = true
				carried[p.Operator]++
			}
		}
	}
	var all []subscriptions.AgencyID
	for _, a := range t.nation.Agencies {
		points[a.ID] += carried[a.ID] / carriedShare
		if services[a.ID] > 1 && !a.Retired {
			all = append(all, a.ID)
		}
	}
	slices.SortStableFunc(all, func(a, b subscriptions.AgencyID) int { return points[b] - points[a] })
	return all[:min(mostUsed, len(all))]
}

// carriedShare is how many services of others count like one of its own.
const carriedShare = 5

func (t *turn) agencyLabel(a subscriptions.Agency) string {
	name := t.text(a.Name)
	if a.Short == "" || strings.Contains(name, a.Short) {
		return name
	}
	return a.Short + ": " + name
}

// agency is one page of the services of an agency.
func (t *turn) agency(w wish) (wording.Card, error) {
	if _, ok := t.exists(w.scope); !ok {
		return t.unknownScope(), nil
	}
	_, id := w.scope.Split()
	var all []wording.Choice
	for _, s := range t.nation.Services {
		if string(s.Agency) == id && !s.Retired {
			all = append(all, t.choice(short(t.text(s.Name), 60), wish{act: actService, scope: subscriptions.ScopeService(s.ID)}))
		}
	}
	card := wording.Card{Title: t.name(w.scope), Replace: w.tapped}
	rows, pages := t.page(byLabel(all), w.page, func(page int) wish { return wish{act: actAgency, scope: w.scope, page: page} })
	card.Lines = []string{t.say("browse.choose-service")}
	if pages > 1 {
		card.Lines = append(card.Lines, t.pageLine(w.page, pages))
	}
	card.Choices = rows
	if t.mayChange() {
		card.Choices = append(card.Choices, []wording.Choice{t.choice(t.say("button.follow-agency"), wish{act: actFollow, scope: w.scope})})
	}
	card.Choices = append(card.Choices, []wording.Choice{t.choice(t.say("button.back"), wish{act: actAgencies})})
	return card, nil
}

func byLabel(all []wording.Choice) []wording.Choice {
	slices.SortStableFunc(all, func(a, b wording.Choice) int {
		return strings.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label))
	})
	return all
}

// page cuts one page out of all, a button a row, and adds the row that turns it.
// A page behind the last is the last.
func (t *turn) page(all []wording.Choice, page int, turn func(int) wish) (rows [][]wording.Choice, pages int) {
	pages = max(1, (len(all)+pageSize-1)/pageSize)
	page = min(page, pages-1)
	for _, c := range all[page*pageSize : min(len(all), (page+1)*pageSize)] {
		rows = append(rows, []wording.Choice{c})
	}
	var row []wording.Choice
	if page > 0 {
		row = append(row, t.choice(t.say("button.previous"), turn(page-1)))
	}
	if page < pages-1 {
		row = append(row, t.choice(t.say("button.next"), turn(page+1)))
	}
	if row != nil {
		rows = append(rows, row)
	}
	return rows, pages
}

func (t *turn) pageLine(page, pages int) string {
	return t.say("browse.page", "Page", min(page, pages-1)+1, "Pages", pages)
}
