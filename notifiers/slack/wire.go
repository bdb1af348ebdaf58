package slack

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// answerLimit bounds what is read of an answer: a page of history is the longest.
const answerLimit = 4 << 20

// refusal is every ending of a call but success. It holds nothing of a citizen: no
// address, no text and no token.
type refusal struct {
	method string
	code   string // Slack's error; empty = the answer was not Slack's
	status int    // of HTTP
	after  time.Duration
	needed string // a scope
	where  string // pointers into the blocks that were refused
	unsent error  // nothing was written
	cut    error  // it was written, and no answer came
}

func (r *refusal) Error() string {
	s := "slack: " + r.method + ": "
	switch {
	case r.unsent != nil:
		return s + r.unsent.Error()
	case r.cut != nil:
		return s + "no answer: " + r.cut.Error()
	case r.limited():
		return s + "ratelimited for " + r.after.String()
	case r.code == "":
		return s + "status " + strconv.Itoa(r.status) + " of something that is not Slack"
	case r.needed != "":
		return s + r.code + ": " + r.needed
	}
	return s + r.code + r.where
}

func (r *refusal) Unwrap() error {
	if r.unsent != nil {
		return r.unsent
	}
	return r.cut
}

func (r *refusal) limited() bool { return r.after > 0 }

// wire is the client that slack-go speaks through. It turns whatever comes back
// into a refusal of ours before the library reads it, because the library's errors
// change from release to release.
type wire struct {
	client *http.Client
	pace   *pacer
}

func newWire(connections int, clock func() time.Time) *wire {
	return &wire{client: newClient(connections), pace: newPacer(clock)}
}

// How far a request came.
const (
	waiting int32 = iota // no connection yet
	connected
	written
	torn // a request of known length that was cut short is never acted on
)

// Do implements what slack-go wants of a client.
func (w *wire) Do(r *http.Request) (*http.Response, error) {
	method := path.Base(r.URL.Path)
	if wait := w.pace.take(method); wait > 0 {
		return nil, &refusal{method: method, after: wait}
	}
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
	resp, err := w.client.Do(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
	if err != nil {
		// On a connection, whether the last byte left before ctx ended cannot be seen.
		if at := stage.Load(); at == connected || at == written {
			return nil, &refusal{method: method, cut: bare(err)}
		}
		return nil, &refusal{method: method, unsent: bare(err)}
	}
	return w.judge(method, resp)
}

// judge reads the answer and lets only an "ok" through.
func (w *wire) judge(method string, resp *http.Response) (*http.Response, error) {
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit+1))
	if err == nil && len(data) > answerLimit {
		err = errors.New("a longer answer than is read")
	}
	if err != nil {
		return nil, &refusal{method: method, cut: bare(err)}
	}
	var a struct {
		OK       *bool  `json:"ok"`
		Error    string `json:"error"`
		Needed   string `json:"needed"`
		Metadata struct {
			Messages []string `json:"messages"`
		} `json:"response_metadata"`
	}
	slacks := json.Unmarshal(data, &a) == nil && a.OK != nil
	if resp.StatusCode == http.StatusTooManyRequests || slacks && (a.Error == "ratelimited" || a.Error == "rate_limited") {
		after := retryAfter(resp.Header)
		w.pace.hush(method, after)
		return nil, &refusal{method: method, status: resp.StatusCode, after: after}
	}
	switch {
	case !slacks || !*a.OK && a.Error == "":
		return nil, &refusal{method: method, status: resp.StatusCode}
	case !*a.OK:
		return nil, &refusal{method: method, status: resp.StatusCode, code: codeOnly(a.Error), needed: codeOnly(a.Needed), where: pointers(a.Metadata.Messages)}
	}
	resp.StatusCode, resp.Body = http.StatusOK, io.NopCloser(bytes.NewReader(data))
	return resp, nil
}

// unsaidWait is how long a method rests where a 429 does not say.
const unsaidWait = 30 * time.Second

func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(strings.TrimSpace(h.Get("Retry-After")))
	if err != nil || seconds < 0 {
		return unsaidWait
	}
	return time.Duration(max(1, seconds)) * time.Second
}

var (
	pointer  = regexp.MustCompile(`\[json-pointer:[A-Za-z0-9/_.-]{1,200}\]`)
	codeForm = regexp.MustCompile(`^[A-Za-z0-9_:.,-]{1,200}$`)
)

// pointers keeps where a block is wrong and leaves out what stands there.
func pointers(messages []string) string {
	var all []string
	for _, m := range messages {
		all = append(all, pointer.FindAllString(m, 3)...)
	}
	if len(all) == 0 {
		return ""
	}
	return " " + strings.Join(all[:min(3, len(all))], " ")
}

// codeOnly keeps an error code; anything else may quote what was sent.
func codeOnly(s string) string {
	if s != "" && !codeForm.MatchString(s) {
		return "unreadable_error"
	}
	return s
}

// bare takes the address off a client error.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// told is an error of a call through the library: a refusal of ours, or an answer
// that the library cannot decode, whose text may quote it.
func told(err error) error {
	var r *refusal
	if err == nil || errors.As(err, &r) {
		return err
	}
	return &refusal{method: "call", cut: errors.New("an answer that this release cannot read")}
}
