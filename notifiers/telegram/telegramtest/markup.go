package telegramtest

import (
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"unicode/utf8"
)

const (
	maxButtons = 100
	maxMarkup  = 10 << 10 // bytes of JSON
)

// Button is one button of a message. Exactly one of Data, URL, Copy and Other is
// set on an inline button, none on a button of a reply keyboard.
type Button struct {
	Text  string `json:"text"`
	Data  string `json:"data,omitempty"`  // callback_data
	URL   string `json:"url,omitempty"`   // opens a page
	Copy  string `json:"copy,omitempty"`  // copies this text
	Other string `json:"other,omitempty"` // name of any other action
	Style string `json:"style,omitempty"`
}

// markup is a checked reply_markup. raw is set for inline keyboards only: the
// others are not a part of the message.
type markup struct {
	raw     json.RawMessage
	buttons [][]Button
	inline  bool
}

type rawMarkup struct {
	Inline   *json.RawMessage `json:"inline_keyboard"`
	Keyboard *json.RawMessage `json:"keyboard"`
	Remove   bool             `json:"remove_keyboard"`
	Force    bool             `json:"force_reply"`
}

// markups remembers the keyboards that were checked last: a broadcast sends the
// same ones over and over.
type markups struct {
	mu    sync.Mutex
	known map[string]markup
}

const keptMarkups = 512

func (c *markups) read(raw string) (markup, *apiError) {
	if raw == "" {
		return markup{}, nil
	}
	c.mu.Lock()
	m, known := c.known[raw]
	c.mu.Unlock()
	if known {
		return m, nil
	}
	m, bad := readMarkup(raw)
	if bad != nil {
		return m, bad
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= keptMarkups || c.known == nil {
		c.known = map[string]markup{}
	}
	c.known[raw] = m
	return m, nil
}

func readMarkup(raw string) (markup, *apiError) {
	var m rawMarkup
	if !isObject(raw) {
		return markup{}, badRequest("object expected as reply markup")
	}
	if err := json.Unmarshal([]byte(raw), &m); err != nil {
		return markup{}, badRequest("can't parse reply keyboard markup JSON object")
	}
	if len(raw) > maxMarkup {
		return markup{}, badRequest("reply markup is too long")
	}
	switch {
	case m.Inline != nil:
		buttons, bad := inlineKeyboard(*m.Inline)
		if bad != nil || len(buttons) == 0 {
			return markup{}, bad
		}
		return markup{raw: json.RawMessage(raw), buttons: buttons, inline: true}, nil
	case m.Keyboard != nil:
		buttons, bad := replyKeyboard(*m.Keyboard)
		return markup{buttons: buttons}, bad
	}
	return markup{}, nil
}

type rawButton struct {
	Text  *string `json:"text"`
	URL   string  `json:"url"`
	Data  *string `json:"callback_data"`
	Style string  `json:"style"`
	Copy  *struct {
		Text string `json:"text"`
	} `json:"copy_text"`
	WebApp  *json.RawMessage `json:"web_app"`
	Login   *json.RawMessage `json:"login_url"`
	Switch  *string          `json:"switch_inline_query"`
	Current *string          `json:"switch_inline_query_current_chat"`
	Chosen  *json.RawMessage `json:"switch_inline_query_chosen_chat"`
	Game    *json.RawMessage `json:"callback_game"`
	Pay     bool             `json:"pay"`
}

func inlineKeyboard(raw json.RawMessage) ([][]Button, *apiError) {
	var rows [][]rawButton
	if err := json.Unmarshal(raw, &rows); err != nil {
		return nil, badRequest("can't parse inline keyboard: " + err.Error())
	}
	total := 0
	keyboard := make([][]Button, 0, len(rows))
	for _, row := range rows {
		line := make([]Button, 0, len(row))
		for _, one := range row {
			b, bad := inlineButton(one)
			if bad != nil {
				return nil, bad
			}
			line = append(line, b)
		}
		if total += len(line); len(line) > 0 {
			keyboard = append(keyboard, line)
		}
	}
	if total > maxButtons {
		return nil, badRequest("reply markup is too long")
	}
	return keyboard, nil
}

// inlineButton checks one button, in the order in which the real server looks
// for its action.
func inlineButton(r rawButton) (Button, *apiError) {
	const prefix = "can't parse inline keyboard button: "
	if r.Text == nil {
		return Button{}, badRequest(prefix + "Can't find field \"text\"")
	}
	if strings.TrimSpace(*r.Text) == "" {
		return Button{}, badRequest(prefix + "Button text must be non-empty")
	}
	if r.Style != "" && r.Style != "danger" && r.Style != "success" && r.Style != "primary" {
		return Button{}, badRequest(prefix + "Invalid button style specified")
	}
	b := Button{Text: *r.Text, Style: r.Style}
	switch {
	case r.URL != "":
		if err := checkURL(r.URL); err != nil {
			return Button{}, badRequest("inline keyboard button URL '" + r.URL + "' is invalid: " + err.Error())
		}
		b.URL = r.URL
	case r.Data != nil:
		if n := len(*r.Data); n < 1 || n > 64 {
			return Button{}, badRequest("BUTTON_DATA_INVALID")
		}
		b.Data = *r.Data
	case r.Copy != nil:
		if n := utf8.RuneCountInString(r.Copy.Text); n < 1 || n > 256 {
			return Button{}, badRequest("BUTTON_COPY_TEXT_INVALID")
		}
		b.Copy = r.Copy.Text
	default:
		if b.Other = r.other(); b.Other == "" {
			return Button{}, badRequest(prefix + "Text buttons are unallowed in the inline keyboard")
		}
	}
	return b, nil
}

func (r rawButton) other() string {
	switch {
	case r.WebApp != nil:
		return "web_app"
	case r.Login != nil:
		return "login_url"
	case r.Switch != nil, r.Current != nil, r.Chosen != nil:
		return "switch_inline_query"
	case r.Game != nil:
		return "callback_game"
	case r.Pay:
		return "pay"
	}
	return ""
}

// replyKeyboard reads buttons that are texts or objects with a text.
func replyKeyboard(raw json.RawMessage) ([][]Button, *apiError) {
	var rows [][]json.RawMessage
	if err := json.Unmarshal(raw, &rows); err != nil {
		return nil, badRequest("can't parse keyboard: " + err.Error())
	}
	keyboard := make([][]Button, 0, len(rows))
	for _, row := range rows {
		line := make([]Button, 0, len(row))
		for _, one := range row {
			var b struct{ Text string }
			if json.Unmarshal(one, &b) != nil && json.Unmarshal(one, &b.Text) != nil || b.Text == "" {
				return nil, badRequest("can't parse keyboard button: KeyboardButton must be a String or an Object")
			}
			line = append(line, Button{Text: b.Text})
		}
		keyboard = append(keyboard, line)
	}
	return keyboard, nil
}

type wrongURL string

func (e wrongURL) Error() string { return string(e) }

// checkURL accepts http, https and tg links. A host needs a dot: Telegram does
// not open "localhost" for anybody.
func checkURL(raw string) error {
	if strings.ContainsAny(raw, " \n\t") || raw == "" {
		return wrongURL("Wrong HTTP URL")
	}
	if !strings.Contains(raw, "://") {
		raw = "http://" + strings.TrimPrefix(raw, "//")
	}
	u, err := url.Parse(raw)
	if err != nil {
		return wrongURL("Wrong HTTP URL")
	}
	switch strings.ToLower(u.Scheme) {
	case "tg", "ton", "tonsite":
		return nil
	case "http", "https":
		host := strings.Trim(u.Hostname(), ".")
		if u.User != nil || !strings.Contains(host, ".") && !strings.Contains(host, ":") {
			return wrongURL("Wrong HTTP URL")
		}
		return nil
	}
	return wrongURL("Unsupported URL protocol")
}
