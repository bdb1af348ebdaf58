package slack_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"arifa/notifiers"
	"arifa/notifiers/slack"
)

// outcome names what an error means to the Dispatcher.
func outcome(err error) string {
	var later notifiers.Later
	if errors.As(err, &later) {
		return map[notifiers.PauseScope]string{notifiers.PauseLane: "later for the lane", notifiers.PauseMessage: "later for this one", notifiers.PauseChat: "later for the chat"}[later.Scope]
	}
	for _, o := range []struct {
		name string
		is   bool
	}{
		{"sent", err == nil}, {"words alone", errors.Is(err, slack.ErrNoBlocks)}, {"no thread", errors.Is(err, slack.ErrNoThread)},
		{"never", as[notifiers.Never](err)}, {"poison", as[notifiers.Poison](err)}, {"gone", as[notifiers.Gone](err)},
		{"moved", as[notifiers.Moved](err)}, {"halt", as[notifiers.Halt](err)}, {"unknown", as[notifiers.Unknown](err)}, {"uneditable", as[notifiers.Uneditable](err)},
	} {
		if o.is {
			return o.name
		}
	}
	return "again"
}

func as[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

// The whole table of error → action, for a message, a reply and an edit.
func TestEveryErrorHasItsAction(t *testing.T) {
	t.Parallel()
	for code, want := range map[string][3]string{
		// of a channel or a person
		"channel_not_found":                        {"gone", "gone", "gone"},
		"not_in_channel":                           {"gone", "gone", "gone"},
		"is_archived":                              {"gone", "gone", "gone"},
		"user_not_found":                           {"gone", "gone", "gone"},
		"user_disabled":                            {"gone", "gone", "gone"},
		"cannot_dm_bot":                            {"gone", "gone", "gone"},
		"restricted_action":                        {"gone", "gone", "gone"},
		"restricted_action_read_only_channel":      {"gone", "gone", "gone"},
		"restricted_action_thread_only_channel":    {"gone", "gone", "gone"},
		"restricted_action_non_threadable_channel": {"gone", "gone", "gone"},
		"restricted_action_of_next_year":           {"gone", "gone", "gone"},
		"restricted_action_thread_locked":          {"gone", "no thread", "gone"},
		// of the workspace
		"invalid_auth":             {"halt", "halt", "halt"},
		"not_authed":               {"halt", "halt", "halt"},
		"account_inactive":         {"halt", "halt", "halt"},
		"token_revoked":            {"halt", "halt", "halt"},
		"token_expired":            {"halt", "halt", "halt"},
		"missing_scope":            {"halt", "halt", "halt"},
		"no_permission":            {"halt", "halt", "halt"},
		"org_login_required":       {"halt", "halt", "halt"},
		"ekm_access_denied":        {"halt", "halt", "halt"},
		"not_allowed_token_type":   {"halt", "halt", "halt"},
		"access_denied":            {"halt", "halt", "halt"},
		"enterprise_is_restricted": {"halt", "halt", "halt"},
		"team_access_not_granted":  {"halt", "halt", "halt"},
		"unknown_method":           {"halt", "halt", "halt"},
		"message_limit_exceeded":   {"later for the lane", "later for the lane", "later for the lane"},
		"team_added_to_org":        {"later for the lane", "later for the lane", "later for the lane"},
		// of the content
		"invalid_blocks":          {"words alone", "words alone", "poison"},
		"invalid_blocks_format":   {"words alone", "words alone", "poison"},
		"msg_blocks_too_long":     {"words alone", "words alone", "poison"},
		"too_many_attachments":    {"words alone", "words alone", "poison"},
		"msg_too_long":            {"poison", "poison", "poison"},
		"no_text":                 {"poison", "poison", "poison"},
		"invalid_metadata_format": {"poison", "poison", "poison"},
		"metadata_too_large":      {"poison", "poison", "poison"},
		"invalid_arguments":       {"poison", "poison", "poison"},
		"invalid_form_data":       {"poison", "poison", "poison"},
		"missing_post_type":       {"poison", "poison", "poison"},
		// of the message that is edited or answered
		"message_not_found":       {"never", "no thread", "uneditable"},
		"cant_update_message":     {"never", "no thread", "uneditable"},
		"edit_window_closed":      {"never", "no thread", "uneditable"},
		"thread_not_found":        {"never", "no thread", "uneditable"},
		"invalid_thread_ts":       {"never", "no thread", "uneditable"},
		"cannot_reply_to_message": {"never", "no thread", "uneditable"},
		// it may have arrived
		"fatal_error":     {"unknown", "unknown", "unknown"},
		"internal_error":  {"unknown", "unknown", "unknown"},
		"request_timeout": {"unknown", "unknown", "unknown"},
		// what nobody has seen yet
		"something_of_next_year": {"never", "no thread", "uneditable"},
	} {
		for i, err := range []error{slack.Classify(slack.Refused(code, 200), slack.Posting), slack.Classify(slack.Refused(code, 200), slack.Replying), slack.Classify(slack.Refused(code, 200), slack.Editing)} {
			if got := outcome(err); got != want[i] {
				t.Errorf("%s of %s: got %s, want %s", code, []string{"a message", "a reply", "an edit"}[i], got, want[i])
			}
		}
	}
}

func TestEndingsWithoutAnAnswerOfSlacks(t *testing.T) {
	t.Parallel()
	gone := errors.New("connection reset by peer")
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"nothing was written":      {slack.Unsent(gone), "again"},
		"no answer came":           {slack.Cut(gone), "unknown"},
		"a page with 200":          {slack.Refused("", 200), "unknown"},
		"a redirect":               {slack.Refused("", 302), "again"},
		"a proxy's 400":            {slack.Refused("", 400), "again"},
		"a proxy's 401":            {slack.Refused("", 401), "halt"},
		"a proxy's 403":            {slack.Refused("", 403), "again"},
		"no such address":          {slack.Refused("", 404), "halt"},
		"500":                      {slack.Refused("", 500), "unknown"},
		"a proxy's 502":            {slack.Refused("", 502), "unknown"},
		"Slack's page":             {slack.Refused("", 503), "unknown"},
		"504":                      {slack.Refused("", 504), "unknown"},
		"too many messages":        {slack.Limited("chat.postMessage", 7*time.Second), "later for the lane"},
		"too many edits":           {slack.Limited("chat.update", 7*time.Second), "later for this one"},
		"too many looks":           {slack.Limited("conversations.history", 7*time.Second), "later for this one"},
		"the library cannot read":  {errors.New("json: cannot unmarshal"), "unknown"},
		"nothing is wrong with it": {nil, "sent"},
	} {
		if got := outcome(slack.Classify(c.err, slack.Posting)); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
	var later notifiers.Later
	if err := slack.Classify(slack.Limited("chat.postMessage", 7*time.Second), slack.Posting); !errors.As(err, &later) || later.After != 7*time.Second {
		t.Errorf("got %v, want exactly what Slack said", err)
	}
	if as[notifiers.Later](slack.Classify(slack.Refused("", http.StatusTeapot), slack.Posting)) {
		t.Error("a teapot limits nobody")
	}
}
