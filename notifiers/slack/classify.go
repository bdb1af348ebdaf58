package slack

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"arifa/notifiers"
)

// Error codes of chat.postMessage, chat.update and what every method may answer
// (docs.slack.dev/reference/methods), by what they mean for us.
var (
	goneCodes = []string{
		"channel_not_found", "not_in_channel", "is_archived", "channel_is_archived", "user_not_found", "user_disabled", "user_not_visible",
		"cannot_dm_bot", "user_is_bot", "im_not_found", "users_not_found",
		"restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel", "restricted_action_non_threadable_channel",
	}
	haltCodes = []string{
		"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope", "no_permission", "not_allowed_token_type",
		"org_login_required", "ekm_access_denied", "access_denied", "enterprise_is_restricted", "team_access_not_granted", "two_factor_setup_required",
		"method_deprecated", "deprecated_endpoint", "unknown_method", "not_allowed",
	}
	poisonCodes = []string{
		"invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long", "no_text", "too_many_attachments", "attachment_payload_limit_exceeded",
		"invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large", "metadata_must_be_sent_from_app", "markdown_text_conflict",
		"invalid_arguments", "invalid_arg_name", "invalid_array_arg", "invalid_charset", "invalid_form_data", "invalid_post_type", "missing_post_type", "invalid_json", "json_not_object",
	}
	// blockCodes are about the blocks alone: the words are sent without them once.
	blockCodes      = []string{"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "too_many_attachments", "attachment_payload_limit_exceeded"}
	uneditableCodes = []string{"message_not_found", "cant_update_message", "edit_window_closed", "block_mismatch", "is_inactive"}
	threadCodes     = []string{"thread_not_found", "invalid_thread_ts", "cannot_reply_to_message", "message_not_found", "restricted_action_thread_locked"}
	unknownCodes    = []string{"fatal_error", "internal_error", "request_timeout", "service_unavailable"}
	pauseCodes      = []string{"message_limit_exceeded", "team_added_to_org", "external_channel_migrating", "accesslimited"}
)

// pauseFor is how long the lane rests where Slack names no time.
const pauseFor = time.Minute

// errNoThread asks the sender to repeat outside of the thread.
var errNoThread = errors.New("the thread takes no reply")

// errNoBlocks asks the sender to repeat with the words alone.
var errNoBlocks = errors.New("the blocks are refused")

// doing is what a call was for: some codes mean different things.
type doing int

const (
	posting doing = iota
	replying
	editing
)

// classify turns what came back into an outcome. A nil means success.
func classify(err error, what doing) error {
	var r *refusal
	if err = told(err); err == nil || !errors.As(err, &r) {
		return err
	}
	switch {
	case r.unsent != nil:
		return r
	case r.cut != nil:
		return notifiers.Unknown{Err: r}
	case r.limited():
		return notifiers.Later{After: r.after, Scope: scopeOf(r.method), Err: r}
	case r.code == "":
		return foreign(r)
	}
	return classifyCode(r, what)
}

// scopeOf says who waits: a limit on messages is the workspace's, any other limit
// is of its method alone.
func scopeOf(method string) notifiers.PauseScope {
	if method == "chat.postMessage" {
		return notifiers.PauseLane
	}
	return notifiers.PauseMessage
}

// foreign: something between us and Slack answered, or Slack with a page. It never
// says anything about a channel or a person.
func foreign(r *refusal) error {
	switch r.status {
	case http.StatusUnauthorized, http.StatusNotFound:
		return notifiers.Halt{Err: r}
	}
	if r.status < 300 || r.status >= 500 {
		return notifiers.Unknown{Err: r} // it may have been handed on
	}
	return r
}

func classifyCode(r *refusal, what doing) error {
	is := func(list []string) bool { return slices.Contains(list, r.code) }
	switch {
	case is(haltCodes):
		return notifiers.Halt{Err: r}
	case what == editing && is(uneditableCodes):
		return notifiers.Uneditable{Err: r}
	case what == replying && is(threadCodes):
		return errNoThread
	case is(blockCodes) && what != editing:
		return errors.Join(errNoBlocks, notifiers.Poison{Err: r})
	case is(poisonCodes):
		return notifiers.Poison{Err: r}
	case is(goneCodes), strings.HasPrefix(r.code, "restricted_action"):
		return notifiers.Gone{Err: r}
	case is(unknownCodes):
		return notifiers.Unknown{Err: r}
	case is(pauseCodes):
		return notifiers.Later{After: pauseFor, Scope: notifiers.PauseLane, Err: r}
	case what == replying:
		return errNoThread // a parent that is gone has no documented code
	case what == editing:
		return notifiers.Uneditable{Err: r}
	}
	return notifiers.Never{Err: r}
}
