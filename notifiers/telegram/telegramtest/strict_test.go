package telegramtest_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"arifa/notifiers/telegram/telegramtest"
)

func TestPathTokenAndMethod(t *testing.T) {
	t.Parallel()
	srv := setup(t, noLimits())
	id, _, _ := strings.Cut(srv.Token(), ":")
	for name, c := range map[string]struct {
		path string
		code int
		text string
	}{
		"right":              {"/bot" + srv.Token() + "/getMe", 0, ""},
		"case of the method": {"/bot" + srv.Token() + "/GETME", 0, ""},
		"unknown method":     {"/bot" + srv.Token() + "/sendMesage", 404, "Not Found"},
		"another secret":     {"/bot" + id + ":AAwrong/getMe", 401, "Unauthorized"},
		"another bot":        {"/bot99:AAwrong/getMe", 401, "Unauthorized"},
		"malformed token":    {"/botABC/getMe", 404, "Not Found"},
		"no token":           {"/bot/getMe", 404, "Not Found"},
		"no method":          {"/bot" + srv.Token(), 404, "Not Found"},
		"elsewhere":          {"/index.html", 404, "Not Found"},
	} {
		got, err := post(srv.URL()+c.path, "application/json", nil)
		if err != nil || got.Code != c.code || got.Text != c.text {
			t.Errorf("%s: got %d %q (%v), want %d %q", name, got.Code, got.Text, err, c.code, c.text)
		}
	}
	srv.Revoke()
	refused(t, srv, "getMe", nil, 401, "Unauthorized")
	srv.Restore()
	must(t, srv, "getMe", nil)
	old := srv.Token()
	if err := srv.Rotate(id + ":AAnew"); err != nil {
		t.Fatal(err)
	}
	must(t, srv, "getMe", nil)
	if got, err := post(srv.URL()+"/bot"+old+"/getMe", "", nil); err != nil || got.Code != 401 {
		t.Errorf("the old token after a rotation: got %d (%v), want 401", got.Code, err)
	}
	if err := srv.Rotate("1:AAother"); err == nil {
		t.Error("a token of another bot was taken")
	}
}

func TestBodies(t *testing.T) {
	t.Parallel()
	srv := setup(t, telegramtest.Config{Limits: &telegramtest.Limits{}, BodyLimit: 10_000})
	citizen(t, srv, 5)
	send := srv.URL() + "/bot" + srv.Token() + "/sendMessage"
	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	for key, value := range map[string]string{"chat_id": "5", "text": "a < b", "nonsense": "[]"} {
		if err := parts.WriteField(key, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := parts.Close(); err != nil {
		t.Fatal(err)
	}
	encoded := url.Values{"chat_id": {"5"}, "text": {"a < b"}}.Encode()
	for name, c := range map[string]struct {
		kind, body string
		code       int
	}{
		"json":                {"application/json", `{"chat_id":5,"text":"a < b","unknown":{"x":[1,"}"]},"null":null}`, 0},
		"json, spaced":        {"application/json; charset=utf-8", " {\n\"chat_id\" : \"5\" , \"text\":\"a \\u003c b\" }", 0},
		"json, escaped":       {"application/json", `{"chat_\u0069d":5,"text":"a \u003c b\r\t\n"}`, 0},
		"urlencoded":          {"application/x-www-form-urlencoded", encoded, 0},
		"multipart":           {parts.FormDataContentType(), form.String(), 0},
		"cut multipart":       {parts.FormDataContentType(), form.String()[:form.Len()-20], 400},
		"broken json":         {"application/json", `{"chat_id":5`, 400},
		"json, not an object": {"application/json", `[5]`, 400},
		"not UTF-8":           {"application/json", "{\"chat_id\":5,\"text\":\"\xff\"}", 400},
		"unknown type":        {"text/plain", "chat_id=5", 400},
		"too long":            {"application/json", `{"chat_id":5,"text":"` + strings.Repeat("x", 10_000) + `"}`, 413},
	} {
		got, err := post(send, c.kind, []byte(c.body))
		if err != nil || got.Code != c.code {
			t.Errorf("%s: got %d %q (%v), want %d", name, got.Code, got.Text, err, c.code)
		}
		if last, _ := srv.Last(5); c.code == 0 && last.Text != "a < b" {
			t.Errorf("%s: got text %q", name, last.Text)
		}
	}
	answer, err := http.Get(send + "?" + encoded)
	if err != nil || answer.StatusCode != 200 {
		t.Errorf("GET with a query: got %v (%v), want 200", answer, err)
	}
}

func TestStrictText(t *testing.T) {
	t.Parallel()
	srv := setup(t, noLimits())
	citizen(t, srv, 5)
	const html = "can't parse entities: "
	for name, c := range map[string]struct {
		text, mode string
		want       string // text read, or the error after "Bad Request: "
		ok         bool
	}{
		"plain":                {"a <b> & c", "", "a <b> & c", true},
		"blanks at the ends":   {" \n a \n", "", "a", true},
		"tags":                 {"<b>x</b> <i>y</i> <u>z</u> <s>s</s> <code>c</code> <pre>p</pre>", "HTML", "x y z s c p", true},
		"nested":               {"<b>x <i>y</i></b>", "HTML", "x y", true},
		"link":                 {`<a href="https://arifa.example/n?a=1&amp;b=2">page</a>`, "html", "page", true},
		"quote and spoiler":    {"<blockquote expandable>q</blockquote><tg-spoiler>s</tg-spoiler>", "HTML", "qs", true},
		"the four entities":    {"&lt;&gt;&amp;&quot;", "HTML", `<>&"`, true},
		"numeric entities":     {"&#39;&#x27;", "HTML", "''", true},
		"other entity stays":   {"a&nbsp;b & c", "HTML", "a&nbsp;b & c", true},
		"4096 units":           {strings.Repeat("x", 4096), "", strings.Repeat("x", 4096), true},
		"4096 after parsing":   {"<b>" + strings.Repeat("x", 4096) + "</b>", "HTML", strings.Repeat("x", 4096), true},
		"2048 pairs":           {strings.Repeat("😀", 2048), "", strings.Repeat("😀", 2048), true},
		"4097 units":           {strings.Repeat("x", 4097), "", "message is too long", false},
		"2049 pairs":           {strings.Repeat("😀", 2049), "", "message is too long", false},
		"empty":                {"", "", "message text is empty", false},
		"blank":                {" \n ", "", "message text is empty", false},
		"empty after parsing":  {"<b></b>", "HTML", "message text is empty", false},
		"unknown tag":          {"ab <br> c", "HTML", html + `Unsupported start tag "br" at byte offset 3`, false},
		"bare less-than":       {"1 < 2", "HTML", html + `Unsupported start tag "" at byte offset 2`, false},
		"unclosed tag":         {"<b>x", "HTML", html + `Can't find end tag corresponding to start tag "b"`, false},
		"wrong end":            {"<b>x</i>", "HTML", html + `Unmatched end tag at byte offset 4, expected "</b>", found "</i>"`, false},
		"crossed":              {"<b><i>x</b></i>", "HTML", html + `Unmatched end tag at byte offset 7, expected "</i>", found "</b>"`, false},
		"end without start":    {"x</b>", "HTML", html + "Unexpected end tag at byte offset 1", false},
		"cut start tag":        {"x <b", "HTML", html + "Unclosed start tag at byte offset 2", false},
		"cut end tag":          {"<b>x</b", "HTML", html + "Unclosed end tag at byte offset 4", false},
		"cut attribute":        {`<a href="x`, "HTML", html + "Unclosed start tag at byte offset 0", false},
		"attribute without =":  {`<a href>x</a>`, "HTML", html + `Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0`, false},
		"other span":           {`<span class="x">y</span>`, "HTML", html + `Tag "span" must have class "tg-spoiler" at byte offset 0`, false},
		"parse_mode not known": {"*x*", "Markup", "unsupported parse_mode", false},
	} {
		f := fields{"chat_id": 5, "text": c.text, "parse_mode": c.mode}
		if !c.ok {
			refused(t, srv, "sendMessage", f, 400, "Bad Request: "+c.want)
			continue
		}
		must(t, srv, "sendMessage", f)
		if last, _ := srv.Last(5); last.Text != c.want {
			t.Errorf("%s: got %.80q, want %.80q", name, last.Text, c.want)
		}
	}
	for name, entity := range map[string]string{"before": `[{"type":"bold","offset":-1,"length":1}]`, "beyond": `[{"type":"bold","offset":1,"length":2}]`} {
		if got := call(t, srv, "sendMessage", fields{"chat_id": 5, "text": "ab", "entities": entity}); got.Code != 400 {
			t.Errorf("an entity %s the text: got %d, want 400", name, got.Code)
		}
	}
	must(t, srv, "sendMessage", fields{"chat_id": 5, "text": "ab", "entities": `[{"type":"bold","offset":1,"length":1}]`})
	must(t, srv, "sendMessage", fields{"chat_id": 5, "parse_mode": "HTML",
		"text": ` 😀 <b>bold <a href="https://a.example">link</a></b><pre><code class="language-go">x</code></pre>`})
	got, _ := srv.Last(5)
	want := []telegramtest.Entity{
		{Type: "bold", Offset: 3, Length: 9},
		{Type: "text_link", Offset: 8, Length: 4, URL: "https://a.example"},
		{Type: "pre", Offset: 12, Length: 1, Language: "go"},
	}
	if len(got.Entities) != len(want) {
		t.Fatalf("entities: got %+v, want %+v", got.Entities, want)
	}
	for i := range want {
		if got.Entities[i] != want[i] {
			t.Errorf("entity %d: got %+v, want %+v", i, got.Entities[i], want[i])
		}
	}
}

func TestStrictMarkup(t *testing.T) {
	t.Parallel()
	srv := setup(t, noLimits())
	citizen(t, srv, 5)
	many := make([]fields, 101)
	for i := range many {
		many[i] = fields{"text": "x", "callback_data": "d"}
	}
	for name, c := range map[string]struct {
		markup any
		want   string // error after "Bad Request: "; "" = accepted
	}{
		"every kind": {inline(
			fields{"text": "a", "callback_data": strings.Repeat("x", 64), "style": "danger"},
			fields{"text": "b", "url": "https://arifa.example/n"},
			fields{"text": "c", "url": "tg://resolve?domain=x"},
			fields{"text": "d", "copy_text": fields{"text": "222222"}},
			fields{"text": "e", "switch_inline_query": ""}), ""},
		"100 buttons":           {inline(many[:100]...), ""},
		"reply keyboard":        {fields{"keyboard": [][]any{{"a", fields{"text": "b"}}}}, ""},
		"removal":               {fields{"remove_keyboard": true}, ""},
		"101 buttons":           {inline(many...), "reply markup is too long"},
		"over 10 KiB":           {inline(fields{"text": strings.Repeat("x", 10<<10), "callback_data": "d"}), "reply markup is too long"},
		"data of 65 bytes":      {inline(fields{"text": "a", "callback_data": strings.Repeat("x", 65)}), "BUTTON_DATA_INVALID"},
		"data of 33 letters":    {inline(fields{"text": "a", "callback_data": strings.Repeat("é", 33)}), "BUTTON_DATA_INVALID"},
		"empty data":            {inline(fields{"text": "a", "callback_data": ""}), "BUTTON_DATA_INVALID"},
		"copy of 257":           {inline(fields{"text": "a", "copy_text": fields{"text": strings.Repeat("x", 257)}}), "BUTTON_COPY_TEXT_INVALID"},
		"empty copy":            {inline(fields{"text": "a", "copy_text": fields{"text": ""}}), "BUTTON_COPY_TEXT_INVALID"},
		"localhost":             {inline(fields{"text": "a", "url": "http://localhost:8080/"}), "inline keyboard button URL 'http://localhost:8080/' is invalid: Wrong HTTP URL"},
		"other protocol":        {inline(fields{"text": "a", "url": "ftp://a.example"}), "inline keyboard button URL 'ftp://a.example' is invalid: Unsupported URL protocol"},
		"no action":             {inline(fields{"text": "a"}), "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"},
		"no text":               {inline(fields{"callback_data": "a"}), `can't parse inline keyboard button: Can't find field "text"`},
		"blank text":            {inline(fields{"text": " ", "callback_data": "a"}), "can't parse inline keyboard button: Button text must be non-empty"},
		"unknown style":         {inline(fields{"text": "a", "callback_data": "a", "style": "red"}), "can't parse inline keyboard button: Invalid button style specified"},
		"not an object":         {[]int{1}, "object expected as reply markup"},
		"bad reply keyboard":    {fields{"keyboard": [][]any{{5}}}, "can't parse keyboard button: KeyboardButton must be a String or an Object"},
		"markup as JSON string": {`{"inline_keyboard":[[{"text":"a","callback_data":"b"}]]}`, ""},
	} {
		f := fields{"chat_id": 5, "text": name, "reply_markup": c.markup}
		if c.want == "" {
			must(t, srv, "sendMessage", f)
		} else {
			refused(t, srv, "sendMessage", f, 400, "Bad Request: "+c.want)
		}
	}
}

func TestRepliesEditsDeletesPins(t *testing.T) {
	t.Parallel()
	srv := setup(t, noLimits())
	citizen(t, srv, 5)
	citizen(t, srv, 6)
	mine, err := srv.Say(5, "hello")
	if err != nil {
		t.Fatal(err)
	}
	id := must(t, srv, "sendMessage", fields{"chat_id": 5, "text": "one", "reply_markup": inline(fields{"text": "a", "callback_data": "a"})})
	const gone = "Bad Request: message to be replied not found"
	refused(t, srv, "sendMessage", fields{"chat_id": 5, "text": "x", "reply_parameters": fields{"message_id": 999}}, 400, gone)
	refused(t, srv, "sendMessage", fields{"chat_id": 5, "text": "x", "reply_to_message_id": 999}, 400, gone)
	refused(t, srv, "sendMessage", fields{"chat_id": 6, "text": "x", "reply_parameters": fields{"message_id": id}}, 400, gone)
	refused(t, srv, "sendMessage", fields{"chat_id": 5, "text": "x", "reply_parameters": "[]"}, 400, "Bad Request: can't parse reply parameters JSON object")
	must(t, srv, "sendMessage", fields{"chat_id": 5, "text": "lenient", "reply_parameters": fields{"message_id": 999, "allow_sending_without_reply": true}})
	if last, _ := srv.Last(5); last.ReplyTo != 0 {
		t.Errorf("a lenient reply to nothing: got reply_to %d, want none", last.ReplyTo)
	}
	must(t, srv, "sendMessage", fields{"chat_id": 5, "text": "under", "reply_parameters": fields{"message_id": id}, "disable_notification": true})
	if last, _ := srv.Last(5); last.ReplyTo != id || !last.Silent {
		t.Errorf("a silent reply: got %+v, want a reply to %d", last, id)
	}
	const same = "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message"
	edit := fields{"chat_id": 5, "message_id": id, "text": "one", "reply_markup": inline(fields{"text": "a", "callback_data": "a"})}
	refused(t, srv, "editMessageText", edit, 400, same)
	edit["text"], edit["parse_mode"] = "<b>one</b>", "HTML"
	must(t, srv, "editMessageText", edit)
	must(t, srv, "editMessageText", fields{"chat_id": 5, "message_id": id, "text": "two"})
	for _, m := range srv.Messages(5) {
		if m.ID == id && (m.Text != "two" || !m.Edited || len(m.Buttons) != 0) {
			t.Errorf("after the edit: got %+v, want two without buttons", m)
		}
	}
	must(t, srv, "editMessageReplyMarkup", fields{"chat_id": 5, "message_id": id, "reply_markup": inline(fields{"text": "b", "callback_data": "b"})})
	refused(t, srv, "editMessageReplyMarkup", fields{"chat_id": 5, "message_id": id, "reply_markup": inline(fields{"text": "b", "callback_data": "b"})}, 400, same)
	refused(t, srv, "editMessageText", fields{"chat_id": 5, "message_id": 999, "text": "x"}, 400, "Bad Request: message to edit not found")
	refused(t, srv, "editMessageText", fields{"chat_id": 6, "message_id": id, "text": "x"}, 400, "Bad Request: message to edit not found")
	refused(t, srv, "editMessageText", fields{"chat_id": 5, "message_id": mine, "text": "x"}, 400, "Bad Request: message can't be edited")
	refused(t, srv, "editMessageText", fields{"chat_id": 5, "text": "x"}, 400, "Bad Request: message identifier is not specified")
	must(t, srv, "pinChatMessage", fields{"chat_id": 5, "message_id": id})
	must(t, srv, "unpinChatMessage", fields{"chat_id": 5})
	refused(t, srv, "unpinChatMessage", fields{"chat_id": 5}, 400, "Bad Request: message to unpin not found")
	refused(t, srv, "pinChatMessage", fields{"chat_id": 5, "message_id": 999}, 400, "Bad Request: message to pin not found")
	must(t, srv, "deleteMessage", fields{"chat_id": 5, "message_id": id})
	refused(t, srv, "deleteMessage", fields{"chat_id": 5, "message_id": id}, 400, "Bad Request: message to delete not found")
	refused(t, srv, "editMessageText", fields{"chat_id": 5, "message_id": id, "text": "x"}, 400, "Bad Request: message to edit not found")
	refused(t, srv, "sendMessage", fields{"chat_id": 5, "text": "x", "reply_parameters": fields{"message_id": id}}, 400, gone)
}
