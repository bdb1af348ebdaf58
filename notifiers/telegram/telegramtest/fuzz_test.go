package telegramtest_test

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"testing"
	"unicode/utf8"

	"arifa/notifiers/telegram/telegramtest"
)

// FuzzSendMessage posts any body: there is always an answer in JSON, never a 500,
// and what was accepted obeys the length of a message.
func FuzzSendMessage(f *testing.F) {
	for _, seed := range []string{
		`{"chat_id":5,"text":"<b>x &amp; <a href='https://a.example'>y</a></b>","parse_mode":"HTML"}`,
		`{"chat_id":5,"text":"<","parse_mode":"HTML"}`, `{"chat_id":5,"text":"&#","parse_mode":"HTML"}`,
		`{"chat_id":5,"text":"<b a=","parse_mode":"HTML"}`, `{"chat_id":5,"text":"</","parse_mode":"HTML"}`,
		`{"chat_id":5,"text":" \ud83d ","entities":[{"type":"bold","offset":-9,"length":99}]}`,
		`{"chat_id":5,"text":"x","reply_markup":{"inline_keyboard":[[{"text":"a","url":"//["}]]}}`,
		`{"chat_id":5,"text":"x","reply_parameters":{"message_id":-1,"chat_id":""}}`, `{"":{}}`, `{`, ``,
	} {
		f.Add([]byte(seed))
	}
	srv := telegramtest.New(noLimits())
	f.Cleanup(func() { _ = srv.Close() })
	srv.AddUser(5, "en")
	if _, err := srv.Start(5, ""); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest("POST", "/bot"+srv.Token()+"/sendMessage", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		srv.ServeHTTP(w, r)
		var got reply
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code >= 500 {
			t.Fatalf("%q: got %d %s (%v)", body, w.Code, w.Body, err)
		}
		if last, _ := srv.Last(5); got.OK && (last.Text == "" || utf8.RuneCountInString(last.Text) > 4096) {
			t.Errorf("%q: accepted a text of %d characters", body, utf8.RuneCountInString(last.Text))
		}
	})
}
