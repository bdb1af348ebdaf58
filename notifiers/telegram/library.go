package telegram

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	tg "github.com/go-telegram/bot"
)

// library makes go-telegram/bot safe to use: no getMe at start, our own client,
// a handler of errors that prints no message contents. It asks what has a fixed
// shape: who we are, profile, webhook. What has kinds that grow (updates, chats,
// members) is read by types of our own, because its models refuse a whole answer
// for one kind that is newer than they are.
func library(c Config, client *http.Client) (*tg.Bot, error) {
	quiet := func(error) {}
	return tg.New(c.Token, tg.WithSkipGetMe(), tg.WithServerURL(c.API),
		tg.WithHTTPClient(RequestTimeout, replayable{client}), tg.WithErrorsHandler(quiet), tg.WithNotAsyncHandlers())
}

// replayable gives the library's streamed bodies a length and a way to be sent
// again: HTTP/2 servers that say GOAWAY would otherwise mute every send for hours,
// because Go cannot replay a body that came through a pipe.
type replayable struct{ client *http.Client }

func (r replayable) Do(req *http.Request) (*http.Response, error) {
	if req.Body != nil && req.GetBody == nil {
		data, err := io.ReadAll(req.Body)
		if cerr := req.Body.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return nil, err
		}
		req.ContentLength = int64(len(data))
		req.GetBody = func() (io.ReadCloser, error) {
			if len(data) == 0 {
				return http.NoBody, nil // any other body of length 0 counts as of unknown length
			}
			return io.NopCloser(bytes.NewReader(data)), nil
		}
		req.Body, _ = req.GetBody()
	}
	return r.client.Do(req)
}

// asked turns an error of the library into one of ours. Its limit and migration
// errors do not unwrap to its sentinels, and an answer that it cannot decode stands
// in its text whole, with whatever a proxy quoted.
func asked(err error, token string) error {
	if err == nil {
		return nil
	}
	var limit *tg.TooManyRequestsError
	if errors.As(err, &limit) {
		return &refusal{code: http.StatusTooManyRequests, text: "Too Many Requests", retryAfter: limit.RetryAfter}
	}
	var moved *tg.MigrateError
	if errors.As(err, &moved) {
		return &refusal{code: http.StatusBadRequest, text: moved.Message, migrateTo: int64(moved.MigrateToChatID)}
	}
	for sentinel, code := range map[error]int{tg.ErrorBadRequest: 400, tg.ErrorUnauthorized: 401, tg.ErrorForbidden: 403, tg.ErrorNotFound: 404, tg.ErrorConflict: 409} {
		if errors.Is(err, sentinel) {
			_, text, _ := strings.Cut(err.Error(), sentinel.Error()+", ")
			return &refusal{code: code, text: text}
		}
	}
	var syntax *json.SyntaxError
	var shape *json.UnmarshalTypeError
	var way *url.Error
	switch {
	case errors.As(err, &syntax), errors.As(err, &shape):
		return &refusal{cut: errors.New("an answer that cannot be read")}
	case errors.As(err, &way):
		return &refusal{cut: way.Err}
	}
	return errors.New("telegram: " + strings.ReplaceAll(err.Error(), token, "***"))
}
