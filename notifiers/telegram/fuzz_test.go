package telegram_test

import (
	"encoding/json"
	"errors"
	"html"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"arifa/bot"
	"arifa/notifiers"
	"arifa/notifiers/telegram"
	"arifa/subscriptions/wording"
)

// deaf are ears without a network: whatever is asked of it fails at once.
func deaf(t testing.TB, talk *talk) *telegram.Ears {
	t.Helper()
	return nowhere(t).Ears(telegram.EarsConfig{Conversation: talk})
}

func FuzzUpdate(f *testing.F) {
	for _, seed := range []string{
		textUpdate(1, "/start@ArifaBot kra-pay-tax"),
		`{"update_id":2,"callback_query":{"id":"1","from":{"id":5,"language_code":"sw"},"message":{"message_id":3,"date":1,"chat":{"id":5,"type":"private"}},"data":"follow kra-pay-tax"}}`,
		`{"update_id":3,"my_chat_member":{"chat":{"id":-4,"type":"group"},"from":{"id":5},"old_chat_member":{"status":"left"},"new_chat_member":{"status":"restricted","is_member":true}}}`,
		`{"update_id":4,"message":{"message_id":1,"from":{"id":5,"language_code":"e"},"sender_chat":{"id":-4},"chat":{"id":-4,"type":"supergroup"},"text":"@ArifaBot x","reply_to_message":{"from":{"id":7000000001}}}}`,
		`{"update_id":5,"message":{"chat":[],"text":5}}`, `{"update_id":-1}`, `{"update_id":1e99}`, `{}`, `[]`, `null`, `"x"`, ``, `{"update_id":6,"message":null}`,
		`{"update_id":7,"message":{"chat":{"id":-5,"type":"group"},"migrate_to_chat_id":0}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		heard := 0
		ears := deaf(t, newTalk(func(h bot.Heard) ([]wording.Card, error) {
			heard++
			if h.Address.IsZero() || h.Address.Reveal() == "0" || h.Kind == "" || h.Lane == "" {
				t.Errorf("heard without a chat: %+v", h)
			}
			if len(h.Start) > 64 || len(h.Language) > 2 {
				t.Errorf("got start %q in %q", h.Start, h.Language)
			}
			return nil, nil
		}))
		in, err := ears.Take(raw)
		if err != nil {
			return
		}
		if in.ID <= 0 || in.Lane == "" || in.Chat == "0" {
			t.Errorf("stored as %+v", in)
		}
		err = ears.Apply(t.Context(), in)
		if err != nil && strings.Contains(err.Error(), "panic") {
			t.Errorf("got %v", err)
		}
		if errors.Is(err, telegram.ErrUndecodable) && heard > 0 {
			t.Error("heard, and laid aside")
		}
	})
}

func FuzzChoice(f *testing.F) {
	for _, seed := range []string{"home", "follow kra-pay-tax", "watch zz all", "lang sw follow x", strings.Repeat("é", 32), "\x00", "\u2028", `"`, "{", " ", "\xff", strings.Repeat("x", 65)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		ears := deaf(t, newTalk(silent))
		_, err := nowhere(t).Prepare(wording.Card{Lines: []string{"x"}, Choices: [][]wording.Choice{{{Label: "x", Data: data}}}})
		if fits := len(data) >= 1 && len(data) <= 64; fits != (err == nil) {
			t.Fatalf("%d bytes: got %v", len(data), err)
		}
		if err != nil || !utf8.ValidString(data) {
			return
		}
		raw, _ := json.Marshal(map[string]any{"update_id": 1, "callback_query": map[string]any{"id": "1", "from": map[string]any{"id": 5}, "data": data}})
		in, err := ears.Take(raw)
		if err != nil {
			t.Fatal(err)
		}
		if err := ears.Apply(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		if heard := ears.Conversation.(*talk).all(); len(heard) != 1 || heard[0].Choice != data {
			t.Errorf("got %+v, want %q", heard, data)
		}
	})
}

func FuzzRender(f *testing.F) {
	for _, seed := range [][3]string{
		{"eCitizen", "Payments to 222222 fail", "KRA"}, {"<b>", "</b>&amp;", "<i>"}, {"", "", ""}, {"&lt;", "a<b>c", `"'`},
		{strings.Repeat("🚌", 2048), "", ""}, {"\xff\xfe", "\x00", "\u202e"}, {" ", "\n", "\t"}, {"", "x", strings.Repeat("<", 4000)},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	unmark := strings.NewReplacer("<b>", "", "</b>", "", "<i>", "", "</i>", "")
	f.Fuzz(func(t *testing.T, title, line, footer string) {
		channel := nowhere(t)
		card := wording.Card{Title: title, Lines: []string{line}, Footer: []string{footer}}
		text := channel.Preview(card, "en").Text
		body, err := channel.Body(card)
		if n := len(utf16.Encode([]rune(text))); n > 4096 || strings.TrimSpace(text) == "" {
			if !as[notifiers.Poison](err) {
				t.Fatalf("%d units: got %v, want poison", n, err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		var sent struct {
			Chat int64  `json:"chat_id"`
			Text string `json:"text"`
			Mode string `json:"parse_mode"`
		}
		if err := json.Unmarshal(body, &sent); err != nil || sent.Chat != 5 || sent.Mode != "HTML" {
			t.Fatalf("got %s, %v", body, err)
		}
		if got := strings.TrimLeft(html.UnescapeString(unmark.Replace(sent.Text)), "\n"); got != strings.TrimLeft(strings.ToValidUTF8(text, "\ufffd"), "\n") && utf8.ValidString(text) {
			t.Errorf("a reader sees %q, want %q", got, text)
		}
	})
}
