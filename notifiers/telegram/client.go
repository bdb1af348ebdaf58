package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"
)

// answerLimit bounds what is read of one answer; getUpdates has its own.
const answerLimit = 1 << 20

// answer is the envelope of every Bot API answer.
type answer struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	ErrorCode   int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		RetryAfter      int   `json:"retry_after"`
		MigrateToChatID int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

// refusal is what the network, or the way to it, said instead of ok.
type refusal struct {
	code       int    // error_code, or the HTTP status where the body is no answer of Telegram's
	text       string // description; empty where the body is no answer of Telegram's
	retryAfter int    // seconds
	migrateTo  int64
	cut        error // the request was written, or may have been, and no answer came
	unsent     error // the request never left
}

func (r *refusal) Error() string {
	switch {
	case r.unsent != nil:
		return fmt.Sprintf("telegram: not sent: %v", r.unsent)
	case r.cut != nil:
		return fmt.Sprintf("telegram: no answer: %v", r.cut)
	case r.text == "":
		return fmt.Sprintf("telegram: status %d without an answer", r.code)
	}
	return fmt.Sprintf("telegram: %d %s", r.code, phrase(r.text))
}

// nonsense is the longest retry_after that is believed. A longer one would end
// hearing or sending for good on one broken answer.
const nonsense = 24 * time.Hour

// pause is how long Telegram asks us to wait: to the second, and an hour where the
// number makes no sense.
func (r *refusal) pause() time.Duration {
	switch seconds := time.Duration(r.retryAfter); {
	case seconds <= 0:
		return 0
	case seconds > nonsense/time.Second:
		return time.Hour
	default:
		return seconds * time.Second
	}
}

func (r *refusal) Unwrap() []error {
	var all []error
	for _, err := range []error{r.unsent, r.cut} {
		if err != nil {
			all = append(all, err)
		}
	}
	return all
}

// post calls one method that speaks, with a JSON body, and returns its result. The
// error is always a *refusal, whose text holds neither token nor body.
func (c *Channel) post(ctx context.Context, method string, body []byte) (json.RawMessage, error) {
	return c.call(ctx, c.client, method, body, answerLimit)
}

// ask calls one method that does not speak, and reads its result. After a 429 it
// asks nothing until Telegram's time is over.
func (c *Channel) ask(ctx context.Context, method string, params map[string]any, into any) error {
	if left := time.Duration(c.hush.Load() - c.now().UnixNano()); left > 0 {
		return &refusal{code: http.StatusTooManyRequests, text: "Too Many Requests", retryAfter: int((left + time.Second - 1) / time.Second)}
	}
	body, err := json.Marshal(params)
	if err != nil {
		return &refusal{unsent: errors.New("the parameters are not JSON")}
	}
	result, err := c.call(ctx, c.asking, method, body, answerLimit)
	var r *refusal
	if errors.As(err, &r) && r.code == http.StatusTooManyRequests {
		c.hush.Store(c.now().Add(max(time.Second, r.pause())).UnixNano())
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(result, into); err != nil {
		return &refusal{cut: errors.New("an answer that this release cannot read")}
	}
	return nil
}

// How far a request came.
const (
	waiting int32 = iota // no connection yet
	connected
	written
	torn // a request of known length that was cut short is never acted on
)

func (c *Channel) call(ctx context.Context, client *http.Client, method string, body []byte, limit int64) (json.RawMessage, error) {
	var stage atomic.Int32
	trace := &httptrace.ClientTrace{
		GetConn: func(string) { stage.Store(waiting) },
		GotConn: func(httptrace.GotConnInfo) { stage.Store(connected) },
		WroteRequest: func(i httptrace.WroteRequestInfo) {
			if i.Err == nil {
				stage.Store(written)
			} else {
				stage.Store(torn)
			}
		},
	}
	// A body from bytes has a length and can be replayed, which a connection that
	// says GOAWAY needs.
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodPost, c.key.Load().url+method, bytes.NewReader(body))
	if err != nil {
		return nil, &refusal{unsent: errors.New("the address of the Bot API is not usable")}
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		// On a connection, whether the last byte left before ctx ended cannot be seen.
		if at := stage.Load(); at == connected || at == written {
			return nil, &refusal{cut: bare(err)}
		}
		return nil, &refusal{unsent: bare(err)}
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, limit))
	if err != nil {
		return nil, &refusal{cut: bare(err)}
	}
	result, err := decode(data, resp.StatusCode, resp.Header.Get("Retry-After"))
	return result, c.answered(err)
}

func decode(data []byte, status int, after string) (json.RawMessage, error) {
	var a answer
	if json.Unmarshal(data, &a) != nil || !a.OK && a.Description == "" {
		// A proxy's page: it may quote what was sent, so it goes nowhere.
		seconds, _ := strconv.Atoi(after)
		return nil, &refusal{code: status, retryAfter: seconds}
	}
	if !a.OK {
		return nil, &refusal{code: a.ErrorCode, text: a.Description, retryAfter: a.Parameters.RetryAfter, migrateTo: a.Parameters.MigrateToChatID}
	}
	return a.Result, nil
}

// bare takes the address, and with it the token, off a client error.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// newClient never follows a redirect: the Bot API knows none, and the next host
// would be shown the token.
func newClient(connections int, timeout time.Duration, d dial) *http.Client {
	return &http.Client{Timeout: timeout, Transport: transport(connections, d),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// transport keeps as many connections as may be in flight and opens no more: the
// default keeps two for a host, and a third sender would open a new one for every
// message.
func transport(connections int, d dial) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = d
	t.MaxIdleConns, t.MaxIdleConnsPerHost, t.MaxConnsPerHost = 0, connections, connections
	t.IdleConnTimeout = 55 * time.Second
	return t
}
