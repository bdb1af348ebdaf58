package telegramtest_test

import (
	"encoding/json"
	"testing"
)

// TestEscapesInJSON holds the decoder of strings to encoding/json's.
func TestEscapesInJSON(t *testing.T) {
	t.Parallel()
	srv := setup(t, noLimits())
	citizen(t, srv, 5)
	for name, raw := range map[string]string{
		"short escapes":      `x\b\f\n\t\/\\\"y`,
		"unicode":            `x\u003c\u00e9\u20ac\u003Ey`,
		"pair":               `x\ud83d\ude00y`,
		"half a pair":        `x\ud83dy`,
		"half, then escape":  `x\ud83d\u0041y`,
		"second half first":  `x\ude00\ud83dy`,
		"brackets in string": `x{[\"]}\\`,
		"unescaped":          `é😀`,
	} {
		var want string
		if err := json.Unmarshal([]byte(`"`+raw+`"`), &want); err != nil {
			t.Fatal(err)
		}
		got, err := post(srv.URL()+"/bot"+srv.Token()+"/sendMessage", "application/json", []byte(`{"a":[{"b":"}"}],"text":"`+raw+`","chat_id":5}`))
		if err != nil || !got.OK {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
		if last, _ := srv.Last(5); last.Text != want {
			t.Errorf("%s: got %q, want %q", name, last.Text, want)
		}
	}
}
