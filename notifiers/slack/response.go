package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"

	lib "github.com/slack-go/slack"
)

// response is what a response_url or the acknowledgement of a command takes. Its
// text is mrkdwn, so it is escaped when it is written.
type response struct {
	Kind    string
	Text    string
	Blocks  []lib.Block
	Replace bool // the message that was pressed
}

func (r response) MarshalJSON() ([]byte, error) {
	out := map[string]any{"text": escape.Replace(r.Text), "replace_original": r.Replace}
	if r.Kind != "" {
		out["response_type"] = r.Kind
	}
	if len(r.Blocks) > 0 {
		out["blocks"] = r.Blocks
	}
	return json.Marshal(out)
}

// errNoResponse: the address is used up, too old, or not Slack's.
var errNoResponse = errors.New("slack: the response address is not usable any more")

// respond answers at a response_url: five times in half an hour, and the only way
// to speak to one person in a channel that we are not in. The address comes in what
// Slack signed, and is still held to Slack's own host.
func (c *Channel) respond(ctx context.Context, address string, r response) error {
	u, err := url.Parse(address)
	if err != nil || address == "" || !c.slacksOwn(u) {
		return errNoResponse
	}
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return errNoResponse
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.wire.client.Do(req)
	if err != nil {
		return &refusal{method: "response_url", cut: bare(err)}
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
		return &refusal{method: "response_url", status: resp.StatusCode, after: retryAfter(resp.Header)}
	case resp.StatusCode >= 500:
		return &refusal{method: "response_url", status: resp.StatusCode}
	case resp.StatusCode != http.StatusOK:
		return errNoResponse
	}
	return nil
}

// slacksOwn: hooks.slack.com over TLS, or the host of the Web API where that is
// another one.
func (c *Channel) slacksOwn(u *url.URL) bool {
	if c.base.Host == "slack.com" {
		return u.Scheme == "https" && u.Host == "hooks.slack.com"
	}
	return u.Host == c.base.Host && u.Scheme == c.base.Scheme
}
