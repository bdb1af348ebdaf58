package talk

import (
	"context"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// buttonMark begins the data of every button of the desk: "d <token> <place>". What
// it does stands in the store, with the card.
const buttonMark = "d "

var tokens = base32.StdEncoding.WithPadding(base32.NoPadding)

// page is one card as it is put together.
type page struct {
	title string
	lines []string
	foot  []string
	rows  [][]button
	was   was
	work  work
	// asks is what the next text answers; pending then names the button that is
	// pressed when the digits are right.
	asks    string
	pending string
	apart   bool // a message of its own, not in place of the pressed one
}

// button is one choice of a page.
type button struct{ label, do, arg string }

// card is what the store keeps of a page: what it was about, what its buttons do,
// and what came of them.
type card struct {
	Was  was
	Work work
	Does []does
	Done mark
	At   time.Time
}

type does struct{ Do, Arg string }

// answered stands for the place of a button where a text carried out the card.
const answered = -1

// mark is the deed that a card has led to: begun, and over when the desk has
// answered. Who presses again, or whose update comes again after a crash, gets the
// same answer, whatever has changed since.
type mark struct {
	Button int
	At     time.Time
	Over   bool
}

// was is the situation in which a card was made.
type was struct {
	Incident subscriptions.IncidentID `json:",omitempty"`
	Revision int64                    `json:",omitempty"`
	Notice   subscriptions.NoticeID   `json:",omitempty"`
	State    subscriptions.NoticeState
	Hash     string                `json:",omitempty"`
	Alarm    subscriptions.AlarmID `json:",omitempty"`
	Alarmed  string                `json:",omitempty"` // who is asked, about what
}

// work is what a card is putting together, in the words of the desk.
type work struct {
	Agency   subscriptions.AgencyID    `json:",omitempty"`
	Incident subscriptions.IncidentID  `json:",omitempty"`
	Notice   subscriptions.NoticeID    `json:",omitempty"`
	Hash     string                    `json:",omitempty"` // of the words that were shown
	Alarm    subscriptions.AlarmID     `json:",omitempty"`
	Tell     string                    `json:",omitempty"` // what the digits of a locked chat would publish
	Open     *desk.OpenInput           `json:",omitempty"`
	Draft    *desk.DraftInput          `json:",omitempty"`
	Restore  *desk.RestoreInput        `json:",omitempty"`
	Release  bool                      `json:",omitempty"` // Restore lifts holds
	Answer   *desk.AnswerInput         `json:",omitempty"`
	Pick     []subscriptions.ServiceID `json:",omitempty"` // what may be chosen
	Services []subscriptions.ServiceID `json:",omitempty"` // what is chosen
	Typing   string                    `json:",omitempty"` // what the asked text is for
	DropFree bool                      `json:",omitempty"`
	Page     int                       `json:",omitempty"`
}

// put stores a page's buttons and makes its card.
func (u *turn) put(ctx context.Context, p page) (wording.Card, string, error) {
	token, err := u.token()
	if err != nil {
		return wording.Card{}, "", err
	}
	c := card{Was: p.was, Work: p.work, At: u.now}
	out := wording.Card{Title: p.title, Lines: p.lines, Footer: p.foot}
	for _, row := range p.rows {
		var choices []wording.Choice
		for _, b := range row {
			choices = append(choices, wording.Choice{Label: clip(b.label, labelMost), Data: fmt.Sprintf("%s%s %d", buttonMark, token, len(c.Does))})
			c.Does = append(c.Does, does{b.do, b.arg})
		}
		if len(choices) > 0 {
			out.Choices = append(out.Choices, choices)
		}
	}
	if len(c.Does) == 0 && p.asks == "" {
		return out, "", nil
	}
	return out, token, u.keep(ctx, token, c)
}

// labelMost is the most letters of a button that a phone shows in one row.
const labelMost = 60

func (u *turn) keep(ctx context.Context, token string, c card) error {
	doc, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return u.Chats.PutCard(ctx, subscriptions.OfficerCard{Chat: u.h.Chat, Token: token, Doc: doc, At: c.At})
}

// cardOf finds a card of this chat; nil where there is none, or where it is too old.
func (u *turn) cardOf(ctx context.Context, token string) (*card, error) {
	stored, err := u.Chats.Card(ctx, u.h.Chat, token)
	if errors.Is(err, subscriptions.ErrNotFound) || err == nil && u.now.Sub(stored.At) >= subscriptions.CardsFor {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var c card
	if json.Unmarshal(stored.Doc, &c) != nil { // of another release
		return nil, nil
	}
	return &c, nil
}

// parseButton reads "d <token> <place>".
func parseButton(data string) (token string, place int, ok bool) {
	token, rest, _ := strings.Cut(strings.TrimPrefix(data, buttonMark), " ")
	place, err := strconv.Atoi(rest)
	return token, place, err == nil && place >= 0 && token != ""
}

// since remembers the situation of an incident.
func since(i subscriptions.Incident) was { return was{Incident: i.ID, Revision: i.Revision} }

// seen remembers the situation of a notice.
func seen(n subscriptions.Notice) was { return was{Notice: n.ID, State: n.State, Hash: n.Hash} }

func one(p page) []page { return []page{p} }
