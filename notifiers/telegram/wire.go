package telegram

import (
	"encoding/json"
	"errors"
	"strings"

	"arifa/subscriptions"
)

// update is what this program reads of an update, and nothing else. The library's
// models refuse the whole of it for one kind of media, sender or background that
// is newer than they are; so a STOP that answers such a message would be lost.
type update struct {
	ID       int64       `json:"update_id"`
	Message  *message    `json:"message"`
	Callback *callback   `json:"callback_query"`
	Member   *membership `json:"my_chat_member"`
}

type message struct {
	ID        int64  `json:"message_id"`
	Date      int64  `json:"date"` // 0 = the message cannot be read any more
	From      *user  `json:"from"`
	Sender    *chat  `json:"sender_chat"`
	Chat      chat   `json:"chat"`
	Text      string `json:"text"`
	Caption   string `json:"caption"`
	Origin    any    `json:"forward_origin"`
	ReplyTo   *reply `json:"reply_to_message"`
	MigrateTo int64  `json:"migrate_to_chat_id"`
}

type reply struct {
	From *user `json:"from"`
}

type callback struct {
	ID      string   `json:"id"`
	From    user     `json:"from"`
	Message *message `json:"message"`
	Data    string   `json:"data"`
}

type membership struct {
	Chat chat   `json:"chat"`
	From user   `json:"from"`
	Old  member `json:"old_chat_member"`
	New  member `json:"new_chat_member"`
}

type chat struct {
	ID    int64  `json:"id"`
	Type  string `json:"type"`
	Title string `json:"title"`
}

type user struct {
	ID       int64  `json:"id"`
	IsBot    bool   `json:"is_bot"`
	Language string `json:"language_code"`
}

// language is the two letters that the application tells; empty for none.
func (u user) language() subscriptions.Language {
	two := strings.ToLower(u.Language)
	return subscriptions.Language(two[:min(2, len(two))])
}

type member struct {
	Status   string `json:"status"`
	IsMember bool   `json:"is_member"` // of "restricted"
	Post     bool   `json:"can_post_messages"`
	Edit     bool   `json:"can_edit_messages"`
}

func (m member) administrates() bool { return m.Status == "creator" || m.Status == "administrator" }

// in reports whether that member is in the chat; known is false for a status that
// this release does not know.
func (m member) in() (in, known bool) {
	switch m.Status {
	case "creator", "administrator", "member":
		return true, true
	case "restricted":
		return m.IsMember, true
	case "left", "kicked":
		return false, true
	}
	return false, false
}

// kind is who reads in a chat; false for a kind that this release does not know.
func (c chat) kind() (subscriptions.RecipientKind, bool) {
	switch c.Type {
	case "private":
		return subscriptions.Person, true
	case "group", "supergroup":
		return subscriptions.Group, true
	case "channel":
		return subscriptions.Channel, true
	}
	return "", false
}

// errUndecodable is an update that this release cannot read: a kind that is newer
// than it is, or rubbish. It is laid aside at once.
var errUndecodable = errors.New("not an update that this release can read")

// envelope is read leniently, so that an update that cannot be read further still
// has its id and its chat.
type envelope struct {
	ID      int64 `json:"update_id"`
	Message struct {
		Chat chatID `json:"chat"`
	} `json:"message"`
	Callback struct {
		From    chatID `json:"from"`
		Message struct {
			Chat chatID `json:"chat"`
		} `json:"message"`
	} `json:"callback_query"`
	Member struct {
		Chat chatID `json:"chat"`
	} `json:"my_chat_member"`
}

type chatID struct {
	ID int64 `json:"id"`
}

// incoming is an update as it is stored.
func (e *Ears) incoming(raw []byte) (subscriptions.Incoming, error) {
	var env envelope
	// An odd shape deeper down does not matter here: decoding goes on behind it.
	_ = json.Unmarshal(raw, &env)
	if env.ID <= 0 {
		return subscriptions.Incoming{}, errors.New("no update_id")
	}
	in := subscriptions.Incoming{Lane: e.channel.lane, ID: env.ID, Body: raw, At: e.now()}
	for _, id := range []int64{env.Message.Chat.ID, env.Callback.Message.Chat.ID, env.Callback.From.ID, env.Member.Chat.ID} {
		if id != 0 {
			in.Chat = itoa(id)
			break
		}
	}
	return in, nil
}
