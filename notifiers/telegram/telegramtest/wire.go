package telegramtest

import "encoding/json"

// The shapes of the Bot API that this server writes.

type wireUser struct {
	ID        int64  `json:"id"`
	IsBot     bool   `json:"is_bot"`
	FirstName string `json:"first_name"`
	Username  string `json:"username,omitempty"`
	Language  string `json:"language_code,omitempty"`
}

type wireChat struct {
	ID        int64  `json:"id"`
	Type      string `json:"type"`
	Title     string `json:"title,omitempty"`
	Username  string `json:"username,omitempty"`
	FirstName string `json:"first_name,omitempty"`
}

type wireMessage struct {
	ID          int             `json:"message_id"`
	Thread      int             `json:"message_thread_id,omitempty"`
	From        *wireUser       `json:"from,omitempty"`
	SenderChat  *wireChat       `json:"sender_chat,omitempty"`
	Date        int64           `json:"date"`
	Chat        wireChat        `json:"chat"`
	Forward     *wireOrigin     `json:"forward_origin,omitempty"`
	ReplyTo     *wireMessage    `json:"reply_to_message,omitempty"`
	EditDate    int64           `json:"edit_date,omitempty"`
	Text        string          `json:"text,omitempty"`
	Entities    []Entity        `json:"entities,omitempty"`
	Markup      json.RawMessage `json:"reply_markup,omitempty"`
	MigrateTo   int64           `json:"migrate_to_chat_id,omitempty"`
	MigrateFrom int64           `json:"migrate_from_chat_id,omitempty"`
	Joined      []wireUser      `json:"new_chat_members,omitempty"`
	Left        *wireUser       `json:"left_chat_member,omitempty"`
}

type wireOrigin struct {
	Type string `json:"type"`
	Date int64  `json:"date"`
	Name string `json:"sender_user_name"`
}

type wireQuery struct {
	ID       string      `json:"id"`
	From     wireUser    `json:"from"`
	Message  wireMessage `json:"message"`
	Instance string      `json:"chat_instance"`
	Data     string      `json:"data"`
}

type wireMembership struct {
	Chat wireChat        `json:"chat"`
	From wireUser        `json:"from"`
	Date int64           `json:"date"`
	Old  json.RawMessage `json:"old_chat_member"`
	New  json.RawMessage `json:"new_chat_member"`
}

type wireMember struct {
	User   wireUser `json:"user"`
	Status string   `json:"status"`
	Until  *int64   `json:"until_date,omitempty"` // restricted and kicked; 0 = for ever
	wireRights
}

// wireRights are left out for plain members by being nil.
type wireRights struct {
	Edited    *bool `json:"can_be_edited,omitempty"`
	Anonymous *bool `json:"is_anonymous,omitempty"`
	Manage    *bool `json:"can_manage_chat,omitempty"`
	Delete    *bool `json:"can_delete_messages,omitempty"`
	Post      *bool `json:"can_post_messages,omitempty"`
	Edit      *bool `json:"can_edit_messages,omitempty"`
	Pin       *bool `json:"can_pin_messages,omitempty"`
	IsMember  *bool `json:"is_member,omitempty"`
	Send      *bool `json:"can_send_messages,omitempty"`
}

// raw marshals what cannot fail: the shapes of this file.
func raw(v any) json.RawMessage {
	body, err := json.Marshal(v)
	if err != nil {
		panic("telegramtest: " + err.Error())
	}
	return body
}
