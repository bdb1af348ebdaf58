package telegram

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// Phrases of the Bot API server (github.com/tdlib/telegram-bot-api), lower case,
// without their "Forbidden: " or "Bad Request: ". They are matched as prefixes
// and always together with the code.
var (
	goneTexts = []string{
		"bot was blocked by the user", "user is deactivated", "bot was kicked from", "bot is not a member of",
		"the group chat was deleted", "bot can't initiate conversation with a user", "bot can't send messages to bots",
		"bot can't send messages to the user", "chat not found", "private chat not found", "group chat was deactivated",
		"peer_id_invalid", "user_is_blocked", "input_user_deactivated",
	}
	poisonTexts = []string{
		"can't parse entities", "message is too long", "message_too_long", "reply markup is too long", "reply_markup_too_long",
		"button_data_invalid", "button_url_invalid", "button_copy_text_invalid", "inline keyboard button", "can't parse inline keyboard",
		"can't parse reply keyboard", "object expected as reply markup", "message text is empty", "text must be non-empty",
		"text must be encoded in utf-8", "strings must be encoded in utf-8", "entities_too_long", "entity_bounds_invalid",
	}
	sameTexts       = []string{"message is not modified", "message_not_modified", "chat_not_modified"}
	uneditableTexts = []string{"message to edit not found", "message can't be edited", "message_id_invalid", "message_author_required", "message_edit_time_expired"}
	noReplyTexts    = []string{"message to be replied not found", "message to reply not found", "reply message not found"}
	erasedTexts     = []string{"message to delete not found"}
	unpinnedTexts   = []string{"message to unpin not found", "message to be unpinned not found"}
)

// otherTexts are phrases that decide nothing, but tell an operator what is wrong.
var otherTexts = []string{
	"too many requests", "unauthorized", "not found", "conflict", "forbidden", "internal server error", "bad gateway", "not enough rights",
	"need administrator rights", "have no rights", "chat_write_forbidden", "chat_admin_required", "topic_closed", "message thread not found",
	"group chat was upgraded", "terminated by other getupdates request", "can't use getupdates method", "query is too old", "query_id_invalid",
	"bad webhook", "https url must be provided", "message can't be deleted", "user_privacy_restricted", "bot_method_invalid",
}

// phrase is the known beginning of a description. Whatever else the network says may
// echo what we sent, a chat's id or a message's words, so it reaches no log.
func phrase(text string) string {
	text = plainText(text)
	for _, known := range [][]string{goneTexts, poisonTexts, sameTexts, uneditableTexts, noReplyTexts, erasedTexts, unpinnedTexts, otherTexts} {
		for _, p := range known {
			if strings.HasPrefix(text, p) {
				return p
			}
		}
	}
	return "(a refusal that we do not know)"
}

// plainText is a description in lower case, without what only repeats its code.
func plainText(text string) string {
	text = strings.ToLower(text)
	for _, p := range []string{"forbidden: ", "bad request: ", "conflict: "} {
		text = strings.TrimPrefix(text, p)
	}
	return text
}

// errNoReply asks the sender to repeat without a reply.
var errNoReply = errors.New("the message replied to is gone")

// errSame says that what is wanted stands there already.
var errSame = errors.New("not modified")

// classify turns what the network said into an outcome. A nil means success.
func classify(err error) error {
	var r *refusal
	if err == nil || !errors.As(err, &r) {
		return err
	}
	switch {
	case r.unsent != nil:
		return r
	case r.cut != nil:
		return notifiers.Unknown{Err: r}
	case r.text == "":
		return foreign(r)
	case r.code == http.StatusTooManyRequests:
		return notifiers.Later{After: wait(r), Scope: notifiers.PauseChat, Err: r}
	case r.code == http.StatusUnauthorized, r.code == http.StatusNotFound, r.code == http.StatusConflict:
		return notifiers.Halt{Err: r}
	case r.migrateTo != 0:
		return notifiers.Moved{To: address(r.migrateTo), Err: r}
	case r.code >= 500:
		return r // Telegram itself says that nothing was done
	}
	return classifyText(r)
}

// foreign: something between us and Telegram answered. It never says anything
// about a person: a proxy's 403 must not end everybody's subscription.
func foreign(r *refusal) error {
	switch {
	case r.code == http.StatusTooManyRequests:
		return notifiers.Later{After: wait(r), Scope: notifiers.PauseLane, Err: r}
	case r.code == http.StatusUnauthorized, r.code == http.StatusNotFound:
		return notifiers.Halt{Err: r}
	case r.code < 300, r.code >= 500 && r.code != http.StatusServiceUnavailable:
		return notifiers.Unknown{Err: r} // it may have been handed on
	}
	return r
}

func classifyText(r *refusal) error {
	text := plainText(r.text)
	switch {
	case starts(text, sameTexts), starts(text, unpinnedTexts), starts(text, erasedTexts):
		return errSame
	case starts(text, noReplyTexts):
		return errNoReply
	case starts(text, uneditableTexts):
		return notifiers.Uneditable{Err: r}
	case starts(text, goneTexts):
		return notifiers.Gone{Err: r}
	case starts(text, poisonTexts):
		return notifiers.Poison{Err: r}
	}
	// A missing right, a closed topic, anything unknown: that is for this message,
	// not for the person. Were an unknown 403 taken for "gone", a ban of the bot
	// would empty the whole register.
	return notifiers.Never{Err: r}
}

// wait is the number obeyed to the second. Without one nothing is known, and five
// seconds is a guess on the safe side of the one message a second of a chat.
func wait(r *refusal) time.Duration {
	if r.retryAfter <= 0 {
		return 5 * time.Second
	}
	return r.pause()
}

func starts(text string, phrases []string) bool {
	for _, p := range phrases {
		if strings.HasPrefix(text, p) {
			return true
		}
	}
	return false
}

func address(id int64) subscriptions.Address { return subscriptions.AddressOf(itoa(id)) }
