package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	lib "github.com/slack-go/slack"

	"arifa/notifiers"
)

// How far a look-up goes: 15 minutes before the notice was published for clocks
// that differ, and so many pages; a channel that says more cannot be looked through.
const (
	findMargin = 15 * time.Minute
	findPage   = 400
	findPages  = 5
)

// errTooMuch: the message may be behind what was read.
var errTooMuch = errors.New("slack: the channel says too much to be looked through")

// Find looks for a message by the mark in its metadata, in the channel and in the
// thread where it would stand. An edit is not looked for: made again it changes
// nothing.
func (c *Channel) Find(ctx context.Context, m notifiers.Message) (notifiers.Receipt, bool, error) {
	if m.Edit != "" || m.Mark == "" {
		return notifiers.Receipt{}, false, nil
	}
	at, thread := place(m)
	if personShape.MatchString(at) {
		im, _, _, err := c.api.OpenConversationContext(ctx, &lib.OpenConversationParameters{Users: []string{at}})
		if err != nil {
			return notifiers.Receipt{}, false, outcomeOf(classify(err, posting))
		}
		at = im.ID
	}
	since := strconv.FormatInt(m.Since.Add(-findMargin).Unix(), 10)
	ts, err := c.look(ctx, "conversations.history", url.Values{"channel": {at}, "oldest": {since}}, m.Mark)
	if ts == "" && err == nil && thread != "" {
		ts, err = c.look(ctx, "conversations.replies", url.Values{"channel": {at}, "ts": {thread}, "oldest": {since}}, m.Mark)
		var r *refusal
		if errors.As(err, &r) && r.code == "thread_not_found" {
			err = nil
		}
	}
	switch {
	case errors.Is(err, errTooMuch):
		return notifiers.Receipt{}, false, notifiers.Never{Err: err}
	case err != nil:
		return notifiers.Receipt{}, false, outcomeOf(classify(err, posting))
	case ts == "":
		return notifiers.Receipt{}, false, nil
	}
	receipt, err := c.receipt(at, ts)
	return receipt, err == nil, err
}

// look walks the pages and returns the timestamp of the message with that mark.
// Only metadata and timestamp are read: the library decodes whole messages, and one
// of somebody else's that is newer than it is would hide ours.
func (c *Channel) look(ctx context.Context, method string, args url.Values, mark string) (string, error) {
	args.Set("include_all_metadata", "true")
	args.Set("limit", strconv.Itoa(findPage))
	for range findPages {
		var page struct {
			Messages []json.RawMessage `json:"messages"`
			Metadata struct {
				Next string `json:"next_cursor"`
			} `json:"response_metadata"`
		}
		if err := c.ask(ctx, method, args, &page); err != nil {
			return "", err
		}
		for _, raw := range page.Messages {
			if ts := marked(raw, mark); ts != "" {
				return ts, nil
			}
		}
		if page.Metadata.Next == "" {
			return "", nil
		}
		args.Set("cursor", page.Metadata.Next)
	}
	return "", errTooMuch
}

func marked(raw json.RawMessage, mark string) string {
	var m struct {
		TS       string `json:"ts"`
		Metadata struct {
			Type    string `json:"event_type"`
			Payload struct {
				Mark string `json:"mark"`
			} `json:"event_payload"`
		} `json:"metadata"`
	}
	if json.Unmarshal(raw, &m) != nil || m.Metadata.Type != metadataType || m.Metadata.Payload.Mark != mark {
		return ""
	}
	return m.TS
}

// ask makes one call whose answer is read by a type of ours.
func (c *Channel) ask(ctx context.Context, method string, args url.Values, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base.JoinPath(method).String(), strings.NewReader(args.Encode()))
	if err != nil {
		return &refusal{method: method, unsent: errors.New("the address of the Web API is not usable")}
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+c.cfg.BotToken)
	resp, err := c.wire.Do(r)
	if err != nil {
		return err
	}
	data, err := io.ReadAll(resp.Body)
	if err == nil {
		err = json.NewDecoder(bytes.NewReader(data)).Decode(into)
	}
	if err != nil {
		return told(err)
	}
	return nil
}
