package demo

import (
	"context"
	"strings"

	"arifa/bot/desk"
	"arifa/notifiers/telegram/telegramtest"
)

// firstOfficer is where the chats of officers' phones begin, outside the crowd.
const firstOfficer = 9_000_000_001

// phones ties each duty officer's and each head's own chat to them, as people do:
// with a one-time code, written to the bot.
func (r *rehearsal) phones(ctx context.Context) error {
	for id, who := range r.office.author {
		chat, err := r.link(ctx, who)
		if err != nil {
			return err
		}
		r.office.phone[id] = chat
	}
	for id, who := range r.office.approver {
		chat, err := r.link(ctx, who)
		if err != nil {
			return err
		}
		r.office.headPhone[id] = chat
	}
	return nil
}

func (r *rehearsal) link(ctx context.Context, who desk.Actor) (int64, error) {
	chat := firstOfficer + int64(who.Officer.ID)
	r.server.AddUser(chat, "en")
	r.server.KeepText(chat)
	code, err := r.office.desk.StartLink(ctx, who, who.Officer.ID, r.clock.Now())
	if err != nil {
		return 0, err
	}
	if _, err := r.server.Start(chat, ""); err != nil {
		return 0, err
	}
	if _, err := r.server.Say(chat, "/link "+code); err != nil {
		return 0, err
	}
	t := talk{r: r, chat: chat}
	return chat, t.heard(ctx, func(m telegramtest.Message) bool { return strings.Contains(m.Text, "Linked") })
}
