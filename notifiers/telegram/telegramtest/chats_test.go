package telegramtest_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"arifa/notifiers/telegram/telegramtest"
)

const (
	groupID   = -42
	channelID = -1001000000001
	superID   = -1001000000002
)

func TestChatsThatRefuse(t *testing.T) {
	t.Parallel()
	srv := setup(t, noLimits())
	srv.AddUser(1, "en")
	for id := int64(2); id <= 4; id++ {
		citizen(t, srv, id)
	}
	srv.Block(2)
	srv.Deactivate(3)
	srv.AddGroup(groupID, 4)
	srv.AddGroup(superID, 4)
	srv.AddChannel(channelID, telegramtest.Rights{}, 0)
	srv.SetUsername(channelID, "ArifaKenya")
	send := func(chat any) fields { return fields{"chat_id": chat, "text": "x"} }
	refused(t, srv, "sendMessage", fields{"text": "x"}, 400, "Bad Request: chat_id is empty")
	refused(t, srv, "sendMessage", send(99), 400, "Bad Request: chat not found")
	refused(t, srv, "sendMessage", send("@nobody"), 400, "Bad Request: chat not found")
	refused(t, srv, "sendMessage", send(1), 403, "Forbidden: bot can't initiate conversation with a user")
	refused(t, srv, "sendMessage", send(2), 403, "Forbidden: bot was blocked by the user")
	refused(t, srv, "sendMessage", send(3), 403, "Forbidden: user is deactivated")
	srv.Unblock(2)
	must(t, srv, "sendMessage", send(2))
	must(t, srv, "sendMessage", send("4"))

	refused(t, srv, "sendMessage", send("@arifakenya"), 400, "Bad Request: need administrator rights in the channel chat")
	srv.SetRights(channelID, telegramtest.Rights{Admin: true})
	refused(t, srv, "sendMessage", send(channelID), 400, "Bad Request: not enough rights to send text messages to the chat")
	srv.SetRights(channelID, telegramtest.Rights{Admin: true, Post: true})
	post := must(t, srv, "sendMessage", send("@ArifaKenya"))
	refused(t, srv, "pinChatMessage", fields{"chat_id": channelID, "message_id": post}, 400, "Bad Request: not enough rights to manage pinned messages in the chat")
	srv.SetRights(channelID, telegramtest.FullRights())
	must(t, srv, "pinChatMessage", fields{"chat_id": channelID, "message_id": post})
	srv.Kick(channelID)
	refused(t, srv, "sendMessage", send(channelID), 403, "Forbidden: bot was kicked from the channel chat")

	must(t, srv, "sendMessage", send(groupID))
	srv.SetRights(superID, telegramtest.Rights{Mute: true})
	refused(t, srv, "sendMessage", send(superID), 400, "Bad Request: not enough rights to send text messages to the chat")
	srv.SetRights(superID, telegramtest.Rights{})
	refused(t, srv, "sendMessage", fields{"chat_id": superID, "text": "x", "message_thread_id": 7}, 400, "Bad Request: message thread not found")
	srv.SetTopic(superID, 7, false)
	refused(t, srv, "sendMessage", fields{"chat_id": superID, "text": "x", "message_thread_id": 7}, 400, "Bad Request: TOPIC_CLOSED")
	srv.SetTopic(superID, 7, true)
	must(t, srv, "sendMessage", fields{"chat_id": superID, "text": "x", "message_thread_id": 7})
	must(t, srv, "leaveChat", fields{"chat_id": superID})
	refused(t, srv, "sendMessage", send(superID), 403, "Forbidden: bot is not a member of the supergroup chat")
	newID := srv.Migrate(groupID)
	got := refused(t, srv, "sendMessage", send(groupID), 400, "Bad Request: group chat was upgraded to a supergroup chat")
	if got.More.MigrateTo != newID {
		t.Errorf("migrate_to_chat_id: got %d, want %d", got.More.MigrateTo, newID)
	}
	must(t, srv, "sendMessage", send(newID))
	srv.DeleteGroup(newID)
	refused(t, srv, "sendMessage", send(newID), 403, "Forbidden: the group chat was deleted")
}

func TestMembersAndGetChat(t *testing.T) {
	t.Parallel()
	srv := setup(t, noLimits())
	citizen(t, srv, 1)
	srv.AddGroup(superID, 1, 2)
	srv.AddMember(superID, 3)
	srv.AddChannel(channelID, telegramtest.FullRights(), superID)
	var me struct{ ID int64 }
	if err := json.Unmarshal(call(t, srv, "getMe", nil).Result, &me); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		chat, user int64
		want       string
	}{
		{superID, 1, "creator"}, {superID, 2, "administrator"}, {superID, 3, "member"},
		{superID, me.ID, "member"}, {channelID, me.ID, "administrator"}, {channelID, 1, "left"},
	} {
		var got struct {
			Status string
			Post   bool `json:"can_post_messages"`
		}
		if err := json.Unmarshal(call(t, srv, "getChatMember", fields{"chat_id": c.chat, "user_id": c.user}).Result, &got); err != nil {
			t.Fatal(err)
		}
		if got.Status != c.want || c.chat == channelID && c.user == me.ID && !got.Post {
			t.Errorf("member %d of %d: got %+v, want %s", c.user, c.chat, got, c.want)
		}
	}
	var chat struct {
		Type   string
		Linked int64 `json:"linked_chat_id"`
	}
	if err := json.Unmarshal(call(t, srv, "getChat", fields{"chat_id": channelID}).Result, &chat); err != nil {
		t.Fatal(err)
	}
	if chat.Type != "channel" || chat.Linked != superID {
		t.Errorf("getChat: got %+v, want a channel linked to %d", chat, superID)
	}
	var admins []struct{ User struct{ ID int64 } }
	if err := json.Unmarshal(call(t, srv, "getChatAdministrators", fields{"chat_id": superID}).Result, &admins); err != nil {
		t.Fatal(err)
	}
	if len(admins) != 2 || admins[0].User.ID != 1 || admins[1].User.ID != 2 {
		t.Errorf("administrators: got %+v, want 1 and 2", admins)
	}
	refused(t, srv, "getChatAdministrators", fields{"chat_id": 1}, 400, "Bad Request: there are no administrators in the private chat")
	refused(t, srv, "leaveChat", fields{"chat_id": 1}, 400, "Bad Request: chat member status can't be changed in private chats")
	srv.Kick(superID)
	refused(t, srv, "getChat", fields{"chat_id": superID}, 403, "Forbidden: bot was kicked from the supergroup chat")
}

func TestCommandsAndProfile(t *testing.T) {
	t.Parallel()
	srv := setup(t, noLimits())
	citizen(t, srv, 5)
	list := []fields{{"command": "status", "description": "What is broken"}}
	must(t, srv, "setMyCommands", fields{"commands": list})
	must(t, srv, "setMyCommands", fields{"commands": []fields{{"command": "hali", "description": "Hali"}}, "language_code": "sw", "scope": fields{"type": "all_private_chats"}})
	must(t, srv, "setMyCommands", fields{"commands": list, "scope": fields{"type": "chat", "chat_id": 5}})
	if got := srv.Commands("default", ""); len(got) != 1 || got[0].Command != "status" {
		t.Errorf("default commands: got %v", got)
	}
	if got := srv.Commands("all_private_chats", "sw"); len(got) != 1 || got[0].Command != "hali" {
		t.Errorf("swahili commands: got %v", got)
	}
	if got := srv.Commands("chat:5", ""); len(got) != 1 {
		t.Errorf("commands of one chat: got %v", got)
	}
	if got := call(t, srv, "getMyCommands", fields{"language_code": "fr"}); string(got.Result) != "[]" {
		t.Errorf("commands never set: got %s, want []", got.Result)
	}
	for name, c := range map[string]struct {
		f    fields
		want string
	}{
		"upper case":        {fields{"commands": []fields{{"command": "Status", "description": "x"}}}, "BOT_COMMAND_INVALID"},
		"33 letters":        {fields{"commands": []fields{{"command": strings.Repeat("a", 33), "description": "x"}}}, "BOT_COMMAND_INVALID"},
		"no description":    {fields{"commands": []fields{{"command": "a"}}}, "BOT_COMMAND_DESCRIPTION_INVALID"},
		"long description":  {fields{"commands": []fields{{"command": "a", "description": strings.Repeat("x", 257)}}}, "BOT_COMMAND_DESCRIPTION_INVALID"},
		"101 commands":      {fields{"commands": slices.Repeat(list, 101)}, "BOT_COMMANDS_TOO_MUCH"},
		"language":          {fields{"commands": list, "language_code": "swa"}, "invalid language code specified"},
		"scope":             {fields{"commands": list, "scope": fields{"type": "everybody"}}, "can't parse BotCommandScope: Unsupported type specified"},
		"chat of the scope": {fields{"commands": list, "scope": fields{"type": "chat", "chat_id": 77}}, "chat not found"},
	} {
		if got := call(t, srv, "setMyCommands", c.f); got.Text != "Bad Request: "+c.want {
			t.Errorf("%s: got %q, want %q", name, got.Text, c.want)
		}
	}
	must(t, srv, "setMyDescription", fields{"description": strings.Repeat("é", 512), "language_code": "sw"})
	must(t, srv, "setMyShortDescription", fields{"short_description": "Tells you"})
	must(t, srv, "setMyName", fields{"name": "Arifa"})
	if got := srv.ProfileText("short_description", ""); got != "Tells you" {
		t.Errorf("short description: got %q", got)
	}
	for method, f := range map[string]fields{
		"setMyDescription":      {"description": strings.Repeat("x", 513)},
		"setMyShortDescription": {"short_description": strings.Repeat("x", 121)},
		"setMyName":             {"name": strings.Repeat("x", 65)},
	} {
		if got := call(t, srv, method, f); got.Code != 400 {
			t.Errorf("%s over its limit: got %d, want 400", method, got.Code)
		}
	}
}

func TestPeopleSpeak(t *testing.T) {
	t.Parallel()
	srv := setup(t, noLimits())
	srv.AddUser(1, "sw")
	srv.AddGroup(groupID, 1, 2)
	srv.AddMember(groupID, 3)
	srv.AddChannel(channelID, telegramtest.FullRights(), 0)
	if _, err := srv.Say(1, "before start"); err == nil {
		t.Error("a person spoke before Start")
	}
	steps := []func() (int, error){
		func() (int, error) { return srv.Start(1, "kra-pay-tax") },
		func() (int, error) { return srv.Say(1, "stima") },
		func() (int, error) { return srv.Forward(1, "pay 222222") },
		func() (int, error) { return srv.Say(groupID, "not for the bot", telegramtest.By(3)) },
		func() (int, error) { return srv.Say(groupID, "/status@OtherBot", telegramtest.By(3)) },
		func() (int, error) { return srv.Say(groupID, "/status@"+srv.Username(), telegramtest.By(3)) },
		func() (int, error) { return srv.Say(channelID, "an editor's post") },
	}
	for i, step := range steps {
		if _, err := step(); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
	if _, err := srv.Say(groupID, "x", telegramtest.By(99)); err == nil {
		t.Error("a stranger spoke in a group")
	}
	srv.Block(1)
	if _, err := srv.Say(1, "x"); err == nil {
		t.Error("a person who blocks the bot spoke to it")
	}
	if _, err := srv.Start(1, ""); err != nil {
		t.Fatal(err)
	}
	srv.Migrate(groupID)
	got := poll(t, srv, nil)
	var texts []string
	for _, u := range got {
		texts = append(texts, u.Message.Text+u.Post.Text+u.Member.New.Status)
	}
	want := []string{"/start kra-pay-tax", "stima", "pay 222222", "/status@" + srv.Username(), "an editor's post", "kicked", "member", "/start", "", ""}
	if !slices.Equal(texts, want) {
		t.Errorf("updates: got %q, want %q", texts, want)
	}
	if first := got[0].Message; first.From.Language != "sw" || len(first.Entities) != 1 || first.Entities[0].Length != 6 {
		t.Errorf("the start: got %+v, want Swahili and a command of 6", first)
	}
	if got[2].Message.Forward == nil || got[8].Message.MigrateTo == 0 {
		t.Errorf("forward and migration: got %+v and %+v", got[2].Message, got[8].Message)
	}
}

func TestPressAndAnswer(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now := time.Date(2025, 1, 3, 3, 0, 0, 0, time.UTC)
	cfg := noLimits()
	cfg.Clock = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	later := func(d time.Duration) { mu.Lock(); defer mu.Unlock(); now = now.Add(d) }
	srv := setup(t, cfg)
	citizen(t, srv, 5)
	id := must(t, srv, "sendMessage", fields{"chat_id": 5, "text": "x", "reply_markup": inline(fields{"text": "Follow", "callback_data": "f:kra"})})
	press := func() string {
		t.Helper()
		q, err := srv.Press(5, id, "f:kra")
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	if _, err := srv.Press(5, id, "f:kplc"); err == nil {
		t.Error("a button that is not there was pressed")
	}
	first := press()
	const tooOld = "Bad Request: query is too old and response timeout expired or query ID is invalid"
	refused(t, srv, "answerCallbackQuery", fields{"callback_query_id": "77"}, 400, tooOld)
	refused(t, srv, "answerCallbackQuery", fields{"callback_query_id": first, "text": strings.Repeat("x", 201)}, 400, "Bad Request: MESSAGE_TOO_LONG")
	must(t, srv, "answerCallbackQuery", fields{"callback_query_id": first, "text": "done", "show_alert": true})
	refused(t, srv, "answerCallbackQuery", fields{"callback_query_id": first}, 400, tooOld)
	if got, err := srv.WaitForAnswer(shortly(t), first); err != nil || got.Text != "done" || !got.Alert {
		t.Errorf("the answer: got %+v, %v", got, err)
	}
	second := press()
	later(151 * time.Second)
	refused(t, srv, "answerCallbackQuery", fields{"callback_query_id": second}, 400, tooOld)
	got := poll(t, srv, nil)
	if n := len(got); n != 1 || got[0].Message.Text != "/start" {
		t.Errorf("queries older than 150 s were delivered: got %+v", got)
	}
	must(t, srv, "editMessageText", fields{"chat_id": 5, "message_id": id, "text": "y"})
	if _, err := srv.Press(5, id, "f:kra"); err == nil {
		t.Error("a button that an edit removed was pressed")
	}
	later(24 * time.Hour)
	if n := srv.Pending(); n != 0 {
		t.Errorf("updates after 24 h: got %d, want 0", n)
	}
	later(24 * time.Hour)
	refused(t, srv, "deleteMessage", fields{"chat_id": 5, "message_id": id}, 400, "Bad Request: message can't be deleted for everyone")
}

func TestWaitForAndKeeping(t *testing.T) {
	t.Parallel()
	cfg := noLimits()
	cfg.KeepLast = 1
	srv := setup(t, cfg)
	citizen(t, srv, 5)
	citizen(t, srv, 6)
	srv.KeepText(6)
	before := srv.Seq()
	result := make(chan telegramtest.Message, 1)
	go func() {
		m, _ := srv.WaitFor(shortly(t), 5, func(m telegramtest.Message) bool { return m.Seq > before && m.Text == "two" })
		result <- m
	}()
	id := must(t, srv, "sendMessage", fields{"chat_id": 5, "text": "one"})
	must(t, srv, "editMessageText", fields{"chat_id": 5, "message_id": id, "text": "two"})
	if m := <-result; m.ID != id || m.Text != "two" {
		t.Errorf("WaitFor: got %+v, want two in %d", m, id)
	}
	for _, text := range []string{"a", "b", "c"} {
		must(t, srv, "sendMessage", fields{"chat_id": 5, "text": text})
		must(t, srv, "sendMessage", fields{"chat_id": 6, "text": text})
	}
	if got := srv.Messages(5); len(got) != 1 || got[0].Text != "c" {
		t.Errorf("KeepLast 1: got %+v, want c alone", got)
	}
	if _, err := srv.Say(6, "mine"); err != nil {
		t.Fatal(err)
	}
	if got := srv.Messages(6); len(got) != 4 || got[3].FromBot {
		t.Errorf("KeepText: got %+v, want three of the bot's and one of the person's", got)
	}
	if _, err := srv.Press(5, id, "x"); !errors.Is(err, telegramtest.ErrNotKept) {
		t.Errorf("press on a message that is not kept: got %v, want ErrNotKept", err)
	}
}
