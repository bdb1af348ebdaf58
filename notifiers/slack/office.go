package slack

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	lib "github.com/slack-go/slack"

	"arifa/bot/desk/talk"
	"arifa/notifiers"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// Office is the desk as a conversation; talk.Talk is it. In Slack it takes place in
// windows: each shows its card with the buttons, and a form where a text is asked.
// What is typed in messages is a citizen's: digits are never read there.
type Office interface {
	Hear(ctx context.Context, h talk.Heard) (cards []wording.Card, mine bool, err error)
	Begin(ctx context.Context, h talk.Heard, key string, s talk.Start) ([]wording.Card, error)
	Waiting(ctx context.Context, h talk.Heard) (talk.Waits, bool, error)
}

// officer is the chat of whoever did something, as the desk knows it.
func (e *Ears) officer(h heard, in subscriptions.Incoming) talk.Heard {
	return talk.Heard{Chat: subscriptions.Identity{Provider: in.Lane.Network(), Subject: SubjectOf(or(h.workspace(), e.channel.team), h.person())}, Private: true, At: in.At}
}

// clicked hears a button of the desk: of the officer's own card, or of a message
// that several read.
func (e *Ears) clicked(ctx context.Context, h heard, in subscriptions.Incoming) error {
	if e.Office == nil {
		return nil
	}
	o, value := e.officer(h, in), h.Actions[0].Value
	if s, ok := talk.StartOf(value); ok {
		return e.begin(ctx, h, in, s)
	}
	o.Choice = value
	cards, mine, err := e.Office.Hear(ctx, o)
	if err != nil || !mine {
		return err
	}
	return e.present(ctx, h, in, cards)
}

// begin opens the desk at something, in the window that the receiver has opened.
func (e *Ears) begin(ctx context.Context, h heard, in subscriptions.Incoming, s talk.Start) error {
	cards, err := e.Office.Begin(ctx, e.officer(h, in), windowOf(h.Trigger), s)
	if err != nil {
		return err
	}
	return e.present(ctx, h, in, cards)
}

// answerBlock begins the block ids of a form's input. Each question has its own, so
// that what was typed into one is not offered to the next.
const answerBlock = "answer."

// submitted hears a form.
func (e *Ears) submitted(ctx context.Context, h heard, in subscriptions.Incoming) error {
	if h.View == nil || e.Office == nil || h.View.Callback != deskView {
		return nil
	}
	o := e.officer(h, in)
	o.Answers = h.View.Metadata
	for block, actions := range h.View.State.Values {
		for _, f := range actions {
			if strings.HasPrefix(block, answerBlock) {
				o.Text = f.Value
			}
		}
	}
	cards, mine, err := e.Office.Hear(ctx, o)
	if err != nil || !mine {
		return err
	}
	return e.present(ctx, h, in, cards)
}

// present shows cards in the window of what was pressed or typed. Where that is
// closed by now, what they say comes as a message instead.
func (e *Ears) present(ctx context.Context, h heard, in subscriptions.Incoming, cards []wording.Card) error {
	if len(cards) == 0 {
		return nil
	}
	v := deskWindow(cards)
	var err error
	switch {
	case h.View == nil || h.View.Type == homeView:
		err = e.showIn(ctx, windowOf(h.Trigger), v)
	case h.Type == "view_submission":
		err = e.showIn(ctx, answeredWindow(h), v)
	default:
		v.ExternalID = h.View.External
		err = e.show(ctx, h.View.ID, v)
	}
	switch {
	case err == nil:
		return nil
	case !errors.Is(err, errNoWindow):
		e.log.Warn("a window was not filled", "error", err)
		return err // asked again, the office answers the same
	}
	told := wording.Card{Title: cards[0].Title, Lines: cards[0].Lines}
	return e.tell(ctx, h, in, spoken(told))
}

// tell speaks to one person: where they pressed or typed, seen by them alone, else
// in their own messages.
func (e *Ears) tell(ctx context.Context, h heard, in subscriptions.Incoming, c wording.Card) error {
	b, err := prepare(c)
	if err != nil {
		return err
	}
	err = e.channel.respond(ctx, h.Respond, response{Kind: "ephemeral", Text: b.fallback(), Blocks: b.blocks})
	if err == nil {
		return nil
	}
	to := subscriptions.AddressOf(h.person())
	return e.say(ctx, to, func(ctx context.Context) error {
		_, err := e.Reply(ctx, notifiers.Message{To: notifiers.Target{Address: to, Kind: subscriptions.Person}, Card: c})
		if err != nil {
			e.log.Warn("somebody was not answered", "error", err)
		}
		if errors.Is(err, notifiers.ErrNotOwner) {
			return err
		}
		return nil
	})
}

// deskView is the callback id of the desk's windows, homeView the type of an App
// Home.
const (
	deskView = "desk"
	homeView = "home"
)

// deskWindow puts cards into one window.
func deskWindow(cards []wording.Card) lib.ModalViewRequest {
	v := window("")
	v.CallbackID = deskView
	for i, c := range cards {
		c = spoken(c)
		if i > 0 {
			v.Blocks.BlockSet = append(v.Blocks.BlockSet, lib.NewDividerBlock())
		}
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, cardBlocks(c, fmt.Sprint("w", i, "."))...)
		if c.Ask != nil {
			v.Blocks.BlockSet = append(v.Blocks.BlockSet, form(*c.Ask))
			v.PrivateMetadata, v.Submit = c.Ask.Token, plainText("Go on")
		}
	}
	v.Blocks.BlockSet = fitting(v.Blocks.BlockSet)
	return v
}

const maxView = 100

// fitting cuts what a window or an App Home does not hold, and says so.
func fitting(blocks []lib.Block) []lib.Block {
	if len(blocks) <= maxView {
		return blocks
	}
	return append(blocks[:maxView-1], lib.NewSectionBlock(plainText("There is more than Slack shows here: the desk in a browser and the public page show all of it."), nil, nil))
}

// form is the input that a question asks for.
func form(a wording.Ask) lib.Block {
	input := lib.NewPlainTextInputBlockElement(nil, "answer")
	label := "Your answer"
	input.MinLength, input.MaxLength = 1, 200
	switch a.Kind {
	case wording.AskDigits:
		label = "Your six digits"
		input.MinLength, input.MaxLength = 6, 8
	case wording.AskText:
		label = "Your words"
		input.Multiline, input.MaxLength = true, 500
	}
	return lib.NewInputBlock(answerBlock+windowOf(a.Token)[1:], plainText(label), nil, input)
}

// cardBlocks are the blocks of a card in a window or an App Home.
func cardBlocks(c wording.Card, ids string) (out []lib.Block) {
	if c.Title != "" {
		out = append(out, title(c.Title))
	}
	out = append(out, sections(c.Lines)...)
	rows, err := buttonsOf(c, ids)
	if err == nil {
		out = append(out, rows...)
	}
	for _, text := range pieces(c.Footer) {
		out = append(out, lib.NewContextBlock("", plainText(text)))
	}
	return out
}

// spoken puts Slack's own words in place of the desk's commands: a message that
// begins with a slash is a command of Slack's.
func spoken(c wording.Card) wording.Card {
	c.Title, c.Lines, c.Footer = commands.Replace(c.Title), each(c.Lines, commands.Replace), each(c.Footer, commands.Replace)
	return c
}

var commands = strings.NewReplacer("/desk", "/arifa", "/lock", "/arifa lock", "/link", "/arifa link")

func each(lines []string, f func(string) string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = f(l)
	}
	return out
}

// ForOfficer is a card of the desk as it is sent into an officer's messages.
func ForOfficer(c wording.Card) wording.Card { return spoken(c) }

// slashed finds a citizens' command in a sentence. In Slack the bare word does the
// same.
var slashed = regexp.MustCompile(`(^|[\s("“])/([a-z]{3,12})\b`)

// slashless is a card of the citizens' conversation without the slash of commands.
func slashless(c wording.Card) wording.Card {
	bare := func(s string) string { return slashed.ReplaceAllString(s, "$1$2") }
	c.Title, c.Lines, c.Footer = bare(c.Title), each(c.Lines, bare), each(c.Footer, bare)
	return c
}
