package telegram

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"arifa/subscriptions/wording"
)

type button struct {
	Text     string    `json:"text"`
	Callback string    `json:"callback_data,omitempty"`
	URL      string    `json:"url,omitempty"`
	Copy     *copyText `json:"copy_text,omitempty"`
}

type copyText struct {
	Text string `json:"text"`
}

type markup struct {
	Rows [][]button `json:"inline_keyboard"`
}

// keyboard: choices as they stand, then copy buttons, then links.
func keyboard(c wording.Card) ([][]button, error) {
	var rows [][]button
	for _, choices := range c.Choices {
		row := make([]button, len(choices))
		for i, ch := range choices {
			row[i] = button{Text: ch.Label, Callback: ch.Data}
		}
		if len(row) > 0 {
			rows = append(rows, row)
		}
	}
	for _, cp := range c.Copy {
		rows = append(rows, []button{{Text: cp.Label, Copy: &copyText{cp.Value}}})
	}
	for _, l := range c.Links {
		if opens(l.URL) {
			rows = append(rows, []button{{Text: l.Label, URL: l.URL}})
		}
	}
	return rows, checked(rows)
}

// opens reports whether Telegram opens an address. It refuses a host without a dot,
// and with it the whole message: a page on localhost is left out instead, because
// the words matter more.
func opens(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.User == nil && !strings.ContainsAny(address, " \t\n") &&
		strings.Contains(strings.Trim(u.Hostname(), "."), ".")
}

func checked(rows [][]button) error {
	n := 0
	for _, row := range rows {
		for _, b := range row {
			if err := b.fault(); err != nil {
				return err
			}
		}
		n += len(row)
	}
	if n > maxButtons {
		return fmt.Errorf("%d buttons, more than %d", n, maxButtons)
	}
	return nil
}

func (b button) fault() error {
	switch {
	case strings.TrimSpace(b.Text) == "":
		return errors.New("a button without a word on it")
	case b.Copy != nil:
		if l := utf16Len(b.Copy.Text); l == 0 || l > maxCopy {
			return fmt.Errorf("a copy button holds %d characters, not 1 to %d", l, maxCopy)
		}
	case b.URL == "":
		if l := len(b.Callback); l == 0 || l > maxCallback {
			return fmt.Errorf("a choice carries %d bytes, not 1 to %d", l, maxCallback)
		}
	}
	return nil
}
