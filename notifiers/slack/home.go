package slack

import (
	"context"
	"encoding/json"
	"fmt"

	lib "github.com/slack-go/slack"

	"arifa/bot"
	"arifa/bot/desk/talk"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// Overview is what an App Home shows of the citizens' conversation.
type Overview interface {
	Overview(ctx context.Context, h bot.Heard) ([]wording.Card, error)
}

// homeOpened shows the App Home: what is live, what they follow, and for an officer
// what waits.
func (e *Ears) homeOpened(ctx context.Context, payload json.RawMessage, in subscriptions.Incoming) error {
	var p said
	if json.Unmarshal(payload, &p) != nil || !personShape.MatchString(p.Event.User) {
		return errUndecodable
	}
	if p.Event.Tab != "home" {
		return nil
	}
	return e.home(ctx, p.Event.User, in)
}

func (e *Ears) home(ctx context.Context, person string, in subscriptions.Incoming) error {
	over, can := e.Conversation.(Overview)
	if !can {
		return nil
	}
	b := bot.Heard{Lane: in.Lane, Address: subscriptions.AddressOf(person), Kind: subscriptions.Person, At: in.At, Language: e.people.language(ctx, person, in.At)}
	cards, err := over.Overview(ctx, b)
	if err != nil {
		return err
	}
	waits, err := e.waits(ctx, person, in)
	if err != nil {
		return err
	}
	var blocks []lib.Block
	for i, c := range append(waits, cards...) {
		if i > 0 {
			blocks = append(blocks, lib.NewDividerBlock())
		}
		blocks = append(blocks, cardBlocks(slashless(c), fmt.Sprint("h", i, "."))...)
	}
	view := lib.HomeTabViewRequest{Type: lib.VTHomeTab, Blocks: lib.Blocks{BlockSet: fitting(blocks)}}
	_, err = e.channel.api.PublishViewContext(ctx, lib.PublishViewContextRequest{UserID: person, View: view})
	return told(err)
}

// waits says how much waits for an officer, and not what: the desk may be locked.
func (e *Ears) waits(ctx context.Context, person string, in subscriptions.Incoming) ([]wording.Card, error) {
	if e.Office == nil {
		return nil, nil
	}
	w, officer, err := e.Office.Waiting(ctx, talk.Heard{Chat: subscriptions.Identity{Provider: in.Lane.Network(), Subject: SubjectOf(e.channel.team, person)}, At: in.At})
	if err != nil || !officer {
		return nil, err
	}
	card := wording.Card{Title: "What waits for you, " + w.Name}
	for _, n := range []struct {
		n         int
		one, many string
	}{{w.Approvals, "1 notice waits for your approval.", "%d notices wait for your approval."}, {w.Returned, "1 notice was returned to you.", "%d notices were returned to you."},
		{w.Overdue, "1 promised word is OVERDUE.", "%d promised words are OVERDUE."}} {
		switch {
		case n.n == 1:
			card.Lines = append(card.Lines, n.one)
		case n.n > 1:
			card.Lines = append(card.Lines, fmt.Sprintf(n.many, n.n))
		}
	}
	if len(card.Lines) == 0 {
		card.Lines = []string{"Nothing."}
	}
	card.Choices = [][]wording.Choice{{{Label: "Open the desk", Data: talk.Start{Do: "home"}.Data()}, {Label: "Something fails", Data: talk.Start{Do: "outage"}.Data()}}}
	return []wording.Card{card}, nil
}
