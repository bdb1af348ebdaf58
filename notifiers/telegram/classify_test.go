package telegram_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"arifa/notifiers"
	"arifa/notifiers/telegram"
)

// outcome names what an error means to the Dispatcher.
func outcome(err error) string {
	for name, is := range map[string]bool{
		"later": as[notifiers.Later](err), "never": as[notifiers.Never](err), "poison": as[notifiers.Poison](err),
		"gone": as[notifiers.Gone](err), "moved": as[notifiers.Moved](err), "halt": as[notifiers.Halt](err),
		"unknown": as[notifiers.Unknown](err), "uneditable": as[notifiers.Uneditable](err),
		"same": errors.Is(err, telegram.ErrSame), "no reply": errors.Is(err, telegram.ErrNoReply), "sent": err == nil,
	} {
		if is {
			return name
		}
	}
	return "again"
}

func as[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

func TestEveryAnswerHasItsOutcome(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code int
		text string
		want string
	}{
		{403, "Forbidden: bot was blocked by the user", "gone"},
		{403, "Forbidden: user is deactivated", "gone"},
		{403, "Forbidden: bot was kicked from the group chat", "gone"},
		{403, "Forbidden: bot was kicked from the supergroup chat", "gone"},
		{403, "Forbidden: bot was kicked from the channel chat", "gone"},
		{403, "Forbidden: bot is not a member of the supergroup chat", "gone"},
		{403, "Forbidden: bot is not a member of the channel chat", "gone"},
		{403, "Forbidden: the group chat was deleted", "gone"},
		{403, "Forbidden: bot can't initiate conversation with a user", "gone"},
		{403, "Forbidden: bot can't send messages to bots", "gone"},
		{403, "Forbidden: a reason of next year", "never"},
		{400, "Bad Request: chat not found", "gone"},
		{400, "Bad Request: private chat not found", "gone"},
		{400, "Bad Request: PEER_ID_INVALID", "gone"},
		{400, "Bad Request: USER_IS_BLOCKED", "gone"},
		{400, "Bad Request: INPUT_USER_DEACTIVATED", "gone"},
		{400, "Bad Request: message thread not found", "never"},
		{400, "Bad Request: TOPIC_CLOSED", "never"},
		{400, "Bad Request: CHAT_WRITE_FORBIDDEN", "never"},
		{400, "Bad Request: have no rights to send a message", "never"},
		{400, "Bad Request: not enough rights to send text messages to the chat", "never"},
		{400, "Bad Request: need administrator rights in the channel chat", "never"},
		{400, "Bad Request: message is not modified: specified new message content and reply markup are exactly the same", "same"},
		{400, "Bad Request: MESSAGE_NOT_MODIFIED", "same"},
		{400, "Bad Request: CHAT_NOT_MODIFIED", "same"},
		{400, "Bad Request: message to unpin not found", "same"},
		{400, "Bad Request: message to delete not found", "same"},
		{400, "Bad Request: message to edit not found", "uneditable"},
		{400, "Bad Request: message can't be edited", "uneditable"},
		{400, "Bad Request: MESSAGE_ID_INVALID", "uneditable"},
		{400, "Bad Request: message to be replied not found", "no reply"},
		{400, "Bad Request: message to reply not found", "no reply"},
		{400, "Bad Request: can't parse entities: Unsupported start tag \"x\" at byte offset 0", "poison"},
		{400, "Bad Request: message is too long", "poison"},
		{400, "Bad Request: reply markup is too long", "poison"},
		{400, "Bad Request: BUTTON_DATA_INVALID", "poison"},
		{400, "Bad Request: BUTTON_COPY_TEXT_INVALID", "poison"},
		{400, "Bad Request: inline keyboard button URL 'http://localhost' is invalid: Wrong HTTP URL", "poison"},
		{400, "Bad Request: message text is empty", "poison"},
		{400, "Bad Request: something nobody has seen yet", "never"},
		{401, "Unauthorized", "halt"},
		{404, "Not Found", "halt"},
		{409, "Conflict: terminated by other getUpdates request", "halt"},
		{429, "Too Many Requests: retry after 7", "later"},
		{500, "Internal Server Error: restart", "again"},
		{502, "Bad Gateway", "again"},
		// Without a description it was no answer of Telegram's.
		{200, "", "unknown"},
		{302, "", "again"},
		{400, "", "again"},
		{401, "", "halt"},
		{403, "", "again"},
		{404, "", "halt"},
		{407, "", "again"},
		{413, "", "again"},
		{429, "", "later"},
		{500, "", "unknown"},
		{502, "", "unknown"},
		{503, "", "again"},
		{504, "", "unknown"},
	} {
		t.Run(fmt.Sprint(c.code, " ", c.text), func(t *testing.T) {
			t.Parallel()
			for _, text := range []string{c.text, strings.ToUpper(c.text), strings.ToLower(c.text)} {
				err := telegram.Refused(c.code, text, 0, 0)
				if got := outcome(telegram.Classify(err)); got != c.want {
					t.Errorf("%q: got %s, want %s", text, got, c.want)
				}
				if got := outcome(telegram.Classify(fmt.Errorf("send: %w", err))); got != c.want {
					t.Errorf("%q wrapped: got %s, want %s", text, got, c.want)
				}
			}
		})
	}
}

func TestNoAnswerHasItsOutcome(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"success":                   {nil, "sent"},
		"written and no answer":     {telegram.Cut(boom), "unknown"},
		"never written":             {telegram.Unsent(boom), "again"},
		"something else altogether": {boom, "again"},
	} {
		err := telegram.Classify(c.err)
		if got := outcome(err); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
		if c.err != nil && !errors.Is(err, boom) {
			t.Errorf("%s: the cause is lost in %v", name, err)
		}
	}
}

func TestRetryAfterIsTakenToTheSecond(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text    string
		seconds int
		want    notifiers.Later
	}{
		{"Too Many Requests: retry after 37", 37, notifiers.Later{After: 37 * time.Second, Scope: notifiers.PauseChat}},
		{"Too Many Requests", 0, notifiers.Later{After: 5 * time.Second, Scope: notifiers.PauseChat}},
		{"", 9, notifiers.Later{After: 9 * time.Second, Scope: notifiers.PauseLane}},
		{"", 0, notifiers.Later{After: 5 * time.Second, Scope: notifiers.PauseLane}},
	} {
		var got notifiers.Later
		if err := telegram.Classify(telegram.Refused(429, c.text, c.seconds, 0)); !errors.As(err, &got) {
			t.Fatalf("%q: got %v, want later", c.text, err)
		}
		if got.After != c.want.After || got.Scope != c.want.Scope {
			t.Errorf("%q, %d: got %v scope %d, want %v scope %d", c.text, c.seconds, got.After, got.Scope, c.want.After, c.want.Scope)
		}
	}
}

func TestAMigratedGroupKeepsAll64Bits(t *testing.T) {
	t.Parallel()
	const to = -1002147483648123
	var got notifiers.Moved
	err := telegram.Classify(telegram.Refused(400, "Bad Request: group chat was upgraded to a supergroup chat", 0, to))
	if !errors.As(err, &got) || got.To.Reveal() != fmt.Sprint(to) {
		t.Errorf("got %v to %q, want moved to %d", err, got.To.Reveal(), to)
	}
}
