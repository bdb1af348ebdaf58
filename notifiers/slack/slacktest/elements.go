package slacktest

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
)

// formed lists where an element may stand besides section and actions.
var elementKinds = map[string]struct{ input, button bool }{
	"button":              {false, true},
	"static_select":       {true, true},
	"multi_static_select": {true, true},
	"checkboxes":          {true, true},
	"radio_buttons":       {true, true},
	"datetimepicker":      {true, true},
	"plain_text_input":    {true, false},
}

// elements of one block: their action ids differ.
func (c *checker) elements(list []*element, where surface) {
	ids := map[string]bool{}
	for _, e := range list {
		if e.Type == "multi_static_select" {
			c.fault("unsupported type: %s in actions", e.Type)
		}
		if ids[e.ActionID] {
			c.fault("action_id already exists: %s", e.ActionID)
		}
		ids[e.ActionID] = true
		c.element(e, where)
	}
}

func (c *checker) element(e *element, where surface) {
	if _, known := elementKinds[e.Type]; !known {
		c.fault("unsupported type: %s", e.Type)
		return
	}
	if e.ActionID == "" {
		c.fault("missing required field: action_id")
	}
	c.longest("action_id", e.ActionID, 255)
	if e.Confirm != nil {
		c.text(e.Confirm.Title, 100, "plain_text")
		c.text(e.Confirm.Text, 300, "plain_text")
		c.text(e.Confirm.Confirm, 30, "plain_text")
		c.text(e.Confirm.Deny, 30, "plain_text")
	}
	if e.Placeholder != nil {
		c.text(e.Placeholder, 150, "plain_text")
	}
	switch e.Type {
	case "button":
		c.button(e)
	case "plain_text_input":
		if where == onMessage {
			c.fault("a text input of a message is not simulated")
		}
		if e.MaxLength > 3000 || e.MinLength > 3000 {
			c.fault("min_length and max_length are at most 3000")
		}
		c.longest("initial_value", e.InitialValue, 3000)
	case "static_select", "multi_static_select":
		c.options(e, 100)
	case "checkboxes", "radio_buttons":
		c.options(e, 10)
	case "datetimepicker":
		if e.InitialTime != 0 && (e.InitialTime < 1e9 || e.InitialTime >= 1e10) {
			c.fault("initial_date_time has 10 digits")
		}
	}
}

func (c *checker) button(e *element) {
	var t text
	dec := json.NewDecoder(bytes.NewReader(e.RawText))
	dec.DisallowUnknownFields()
	if dec.Decode(&t) != nil {
		c.fault("a button needs a text")
		e.Text = &text{}
		return
	}
	e.Text = &t
	c.text(e.Text, 75, "plain_text")
	c.longest("value", e.Value, 2000)
	c.longest("url", e.URL, 3000)
	if e.Style != "" && e.Style != "primary" && e.Style != "danger" {
		c.fault("style must be primary or danger")
	}
	if u, err := url.Parse(e.URL); e.URL != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		c.fault("invalid url")
	}
}

func (c *checker) options(e *element, most int) {
	c.many("options", len(e.Options), 1, most)
	known := map[string]bool{}
	for _, o := range e.Options {
		c.text(o.Text, 75)
		if o.Text != nil && o.Text.Type == "mrkdwn" && strings.HasSuffix(e.Type, "select") {
			c.fault("the options of a select are plain_text")
		}
		c.longest("value", o.Value, 150)
		if o.Description != nil {
			c.text(o.Description, 75)
		}
		if o.Value == "" || known[o.Value] {
			c.fault("an option's value is there and its own")
		}
		known[o.Value] = true
	}
	for _, o := range e.InitialOptions {
		if !known[o.Value] {
			c.fault("initial_options must match options")
		}
	}
	if e.InitialOption != nil && !known[e.InitialOption.Value] {
		c.fault("initial_option must match an option")
	}
	if e.MaxSelected > 0 && len(e.InitialOptions) > e.MaxSelected {
		c.fault("more initial_options than max_selected_items")
	}
}
