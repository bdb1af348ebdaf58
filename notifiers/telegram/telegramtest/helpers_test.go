package telegramtest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"arifa/notifiers/telegram/telegramtest"
)

// reply is an answer of the Bot API.
type reply struct {
	OK     bool            `json:"ok"`
	Result json.RawMessage `json:"result"`
	Code   int             `json:"error_code"`
	Text   string          `json:"description"`
	More   struct {
		RetryAfter int   `json:"retry_after"`
		MigrateTo  int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

type fields map[string]any

// noLimits is a server at full speed.
func noLimits() telegramtest.Config {
	return telegramtest.Config{Limits: &telegramtest.Limits{}}
}

func setup(t *testing.T, cfg telegramtest.Config) *telegramtest.Server {
	t.Helper()
	return telegramtest.Start(t, cfg)
}

// citizen is a started private chat.
func citizen(t *testing.T, srv *telegramtest.Server, id int64) {
	t.Helper()
	srv.AddUser(id, "en")
	if _, err := srv.Start(id, ""); err != nil {
		t.Fatal(err)
	}
}

func try(srv *telegramtest.Server, method string, f fields) (reply, error) {
	if f == nil {
		f = fields{}
	}
	body, err := json.Marshal(f)
	if err != nil {
		return reply{}, err
	}
	return post(srv.URL()+"/bot"+srv.Token()+"/"+method, "application/json", body)
}

func post(url, kind string, body []byte) (reply, error) {
	answer, err := http.Post(url, kind, bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return reply{}, err
	}
	var out reply
	return out, json.Unmarshal(text, &out)
}

func call(t *testing.T, srv *telegramtest.Server, method string, f fields) reply {
	t.Helper()
	out, err := try(srv, method, f)
	if err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	return out
}

// must is a call that has to succeed; it returns the message id, if there is one.
func must(t *testing.T, srv *telegramtest.Server, method string, f fields) int {
	t.Helper()
	out := call(t, srv, method, f)
	if !out.OK {
		t.Fatalf("%s(%v): got %d %q, want ok", method, f, out.Code, out.Text)
	}
	var m struct {
		ID int `json:"message_id"`
	}
	_ = json.Unmarshal(out.Result, &m)
	return m.ID
}

func refused(t *testing.T, srv *telegramtest.Server, method string, f fields, code int, text string) reply {
	t.Helper()
	out := call(t, srv, method, f)
	if out.OK || out.Code != code || out.Text != text {
		t.Errorf("%s(%.200v): got ok=%v %d %q, want %d %q", method, f, out.OK, out.Code, out.Text, code, text)
	}
	return out
}

type update struct {
	ID      int64 `json:"update_id"`
	Message struct {
		Text      string `json:"text"`
		MigrateTo int64  `json:"migrate_to_chat_id"`
		Forward   *struct {
			Type string `json:"type"`
		} `json:"forward_origin"`
		From struct {
			ID       int64  `json:"id"`
			Language string `json:"language_code"`
		} `json:"from"`
		Entities []telegramtest.Entity `json:"entities"`
	} `json:"message"`
	Post struct {
		Text string `json:"text"`
	} `json:"channel_post"`
	Query struct {
		ID   string `json:"id"`
		Data string `json:"data"`
	} `json:"callback_query"`
	Member struct {
		New struct {
			Status string `json:"status"`
			Post   bool   `json:"can_post_messages"`
		} `json:"new_chat_member"`
	} `json:"my_chat_member"`
}

func poll(t *testing.T, srv *telegramtest.Server, f fields) []update {
	t.Helper()
	out := call(t, srv, "getUpdates", f)
	if !out.OK {
		t.Fatalf("getUpdates: got %d %q, want ok", out.Code, out.Text)
	}
	var list []update
	if err := json.Unmarshal(out.Result, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

func shortly(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func inline(buttons ...fields) fields {
	return fields{"inline_keyboard": [][]fields{buttons}}
}

func entries(srv *telegramtest.Server) []telegramtest.Entry {
	var all []telegramtest.Entry
	for e := range srv.Entries() {
		all = append(all, e)
	}
	return all
}
