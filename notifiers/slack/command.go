package slack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"arifa/bot/desk"
	"arifa/bot/desk/talk"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// commanded hears /arifa. Its first word decides: some are answered in words, all
// others in the window that is open by now.
func (e *Ears) commanded(ctx context.Context, h heard, in subscriptions.Incoming) error {
	if !personShape.MatchString(h.UserID) {
		return errUndecodable
	}
	words := strings.Fields(h.Words)
	first := ""
	if len(words) > 0 {
		first = strings.ToLower(words[0])
	}
	switch first {
	case "follow", "unfollow", "leave", "list":
		return e.follows(ctx, h, in, first, words[1:])
	case "link", "lock", "unlock":
		return e.quietly(ctx, h, in, words)
	case "help", "status":
		return e.tell(ctx, h, in, helpCard)
	}
	if e.Office == nil {
		e.logClosed(e.showIn(ctx, windowOf(h.Trigger), sayingView("There is no desk here.")))
		return nil
	}
	return e.begin(ctx, h, in, startOf(words))
}

var helpCard = wording.Card{Title: "Arifa", Lines: []string{
	"Everybody: write to me in my Messages tab what you use, such as \"good conduct\" or \"222222\". There you follow, leave, and ask what is announced.",
	"A channel: /arifa follow kra-pay-tax (or all, agency:kra, platform:mpesa; add sw or en for one language), /arifa unfollow kra-pay-tax, /arifa list. Officers and administrators of the workspace choose.",
	"Officers: /arifa outage 222222 says that something fails. /arifa alone opens the desk, /arifa and a word or a notice's number finds something. /arifa link CODE ties this account to you."}}

// startOf is where the words behind /arifa begin.
func startOf(words []string) talk.Start {
	if len(words) == 0 {
		return talk.Start{Do: "home"}
	}
	rest := strings.Join(words[1:], " ")
	switch strings.ToLower(words[0]) {
	case "desk", "home":
		return talk.Start{Do: "home"}
	case "outage", "fails", "down", "broken":
		return talk.Start{Do: "outage", Query: rest}
	}
	return talk.Start{Do: "find", Query: strings.Join(words, " ")}
}

// quietly hands a command of the desk on, and answers in words.
func (e *Ears) quietly(ctx context.Context, h heard, in subscriptions.Incoming, words []string) error {
	if e.Office == nil {
		return e.tell(ctx, h, in, wording.Card{Title: "There is no desk here"})
	}
	o := e.officer(h, in)
	if o.Text = "/" + strings.Join(words, " "); strings.EqualFold(words[0], "unlock") {
		return e.tell(ctx, h, in, wording.Card{Title: "/arifa opens the desk with your six digits"})
	}
	cards, mine, err := e.Office.Hear(ctx, o)
	switch {
	case err != nil:
		return err
	case !mine || len(cards) == 0:
		return e.tell(ctx, h, in, wording.Card{Title: "/arifa link CODE", Lines: []string{"The code is what \"arifa officer link\" printed for you."}})
	}
	return e.tell(ctx, h, in, spoken(wording.Card{Title: cards[0].Title, Lines: cards[0].Lines}))
}

// follows lets the channel in which it was typed follow services, or leave them.
func (e *Ears) follows(ctx context.Context, h heard, in subscriptions.Incoming, what string, words []string) error {
	if h.ChannelID == "" || h.ChannelID[0] == 'D' || e.Desk == nil {
		return e.tell(ctx, h, in, wording.Card{Title: "This is not a channel", Lines: []string{"Here I am yours: write to me in my Messages tab what you use, and follow it there."}})
	}
	card, err := e.followed(ctx, h, in, what, words)
	var r *desk.Refusal
	if errors.As(err, &r) {
		card, err = wording.Card{Title: "Not done", Lines: []string{sentence(r.Why), sentence(r.Do)}}, nil
	}
	if err != nil {
		return err
	}
	return e.tell(ctx, h, in, card)
}

func (e *Ears) followed(ctx context.Context, h heard, in subscriptions.Incoming, what string, words []string) (wording.Card, error) {
	to := subscriptions.AddressOf(h.ChannelID)
	if what == "list" {
		return e.listed(ctx, to, in)
	}
	scopes, languages, unknown := e.scopes(words)
	switch {
	case unknown != "":
		return e.unsure(unknown), nil
	case len(scopes) == 0 && what == "follow":
		return wording.Card{Title: "Follow what?", Lines: helpCard.Lines[1:2]}, nil
	}
	keeper, err := e.keeper(ctx, h, in)
	if err != nil {
		return wording.Card{}, err
	}
	if what != "follow" {
		if err := e.Desk.LeaveIn(ctx, keeper, in.Lane, to, scopes, in.At); err != nil {
			return wording.Card{}, err
		}
		return e.listed(ctx, to, in)
	}
	p, err := e.channel.Place(ctx, h.ChannelID)
	if err != nil {
		return wording.Card{}, err
	}
	if len(p.Faults) > 0 {
		return wording.Card{Title: "Not yet", Lines: each(p.Faults, sentence)}, nil
	}
	_, owed, err := e.Desk.FollowIn(ctx, keeper, desk.ChannelInput{Lane: in.Lane, Address: p.Address, Kind: subscriptions.Channel, Title: p.Title,
		Languages: languages, Scopes: scopes}, in.At)
	if err != nil {
		return wording.Card{}, err
	}
	card, err := e.listed(ctx, to, in)
	if len(owed) > 0 {
		card.Lines = append(card.Lines, fmt.Sprintf("What is announced now comes here, once: %d.", len(owed)))
	}
	return card, err
}

// keeper is who typed it: an officer, or an administrator of the workspace.
func (e *Ears) keeper(ctx context.Context, h heard, in subscriptions.Incoming) (desk.Keeper, error) {
	o := e.officer(h, in)
	a, err := e.Desk.ActorOf(ctx, o.Chat, in.Lane.Network())
	var r *desk.Refusal
	switch {
	case err == nil:
		return desk.Keeper{Actor: a}, nil
	case !errors.As(err, &r):
		return desk.Keeper{}, err
	}
	admin, err := e.people.admin(ctx, h.UserID, in.At)
	return desk.Keeper{Actor: desk.Actor{Via: in.Lane.Network()}, Admin: admin}, err
}

// listed is what the channel follows by now.
func (e *Ears) listed(ctx context.Context, to subscriptions.Address, in subscriptions.Incoming) (wording.Card, error) {
	r, err := e.Register.Recipient(ctx, in.Lane, to)
	if errors.Is(err, subscriptions.ErrNotFound) {
		return wording.Card{Title: "This channel follows nothing"}, nil
	}
	if err != nil {
		return wording.Card{}, err
	}
	follows, err := e.Register.Follows(ctx, r.ID, in.At)
	card := wording.Card{Title: or(r.Title, "This channel") + " follows:"}
	for _, f := range follows {
		card.Lines = append(card.Lines, "• "+e.named(f.Scope))
	}
	if len(follows) == 0 {
		card.Title = "This channel follows nothing"
	}
	return card, err
}

// scopes understands "all", "agency:kra", "kra-pay-tax" and languages; unknown is
// the first word that is none of them.
func (e *Ears) scopes(words []string) (scopes []subscriptions.Scope, languages []subscriptions.Language, unknown string) {
	n := e.Nation()
	for _, w := range words {
		w = strings.Trim(w, ",;")
		kind, id, _ := strings.Cut(w, ":")
		scope, ok := subscriptions.Scope(w), true
		switch kind {
		case "all":
			ok = w == "all"
		case "agency":
			_, ok = n.Agency(subscriptions.AgencyID(id))
		case "platform":
			_, ok = n.Platform(subscriptions.PlatformID(id))
		default:
			if slices.Contains(n.Languages, subscriptions.Language(strings.ToLower(w))) {
				languages = append(languages, subscriptions.Language(strings.ToLower(w)))
				continue
			}
			service := subscriptions.ServiceID(strings.TrimPrefix(w, "service:"))
			_, ok = n.Service(service)
			scope = subscriptions.ScopeService(service)
		}
		if !ok {
			return nil, nil, strings.Join(words, " ")
		}
		scopes = append(scopes, scope)
	}
	return scopes, languages, ""
}

// unsure offers what was probably meant, with the id to type.
func (e *Ears) unsure(query string) wording.Card {
	card := wording.Card{Title: "Which one?"}
	for _, f := range e.Search.Search(query, 5) {
		switch {
		case f.Service != "":
			card.Lines = append(card.Lines, fmt.Sprintf("/arifa follow %s  (%s)", f.Service, e.named(subscriptions.ScopeService(f.Service))))
		case f.Platform != "":
			card.Lines = append(card.Lines, fmt.Sprintf("/arifa follow platform:%s  (%s)", f.Platform, e.named(subscriptions.ScopePlatform(f.Platform))))
		case f.Agency != "":
			card.Lines = append(card.Lines, fmt.Sprintf("/arifa follow agency:%s  (%s)", f.Agency, e.named(subscriptions.ScopeAgency(f.Agency))))
		}
	}
	if len(card.Lines) == 0 {
		card = wording.Card{Title: "Nothing is called like this", Lines: helpCard.Lines[1:2]}
	}
	return card
}

// named says a scope in officers' words.
func (e *Ears) named(s subscriptions.Scope) string {
	n := e.Nation()
	kind, id := s.Split()
	switch kind {
	case "agency":
		a, _ := n.Agency(subscriptions.AgencyID(id))
		return "all of " + a.Name.In(english, n.Languages...)
	case "platform":
		p, _ := n.Platform(subscriptions.PlatformID(id))
		return p.Name.In(english, n.Languages...)
	case "service":
		v, _ := n.Service(subscriptions.ServiceID(id))
		return v.Name.In(english, n.Languages...)
	}
	return "everything"
}

// english is the officers' working language.
const english subscriptions.Language = "en"

func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + strings.TrimSuffix(s[1:], ".") + "."
}

func (e *Ears) logClosed(err error) {
	if err != nil && !errors.Is(err, errNoWindow) {
		e.log.Warn("a window was not filled", "error", err)
	}
}
