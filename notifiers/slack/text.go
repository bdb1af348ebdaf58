package slack

import (
	"regexp"
	"strings"
)

// Slack sends what people type as mrkdwn: links, mentions and three characters are
// escaped. The conversation reads what was typed.
var (
	angle    = regexp.MustCompile(`<([^<>]+)>`)
	entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
)

// typed is a message as its writer saw it. A link keeps its address: what a text
// shows instead may be a lie, and both must be looked at.
func typed(s string) string {
	s = angle.ReplaceAllStringFunc(s, func(m string) string {
		target, label, labelled := strings.Cut(m[1:len(m)-1], "|")
		switch {
		case strings.HasPrefix(target, "@"), strings.HasPrefix(target, "#"), strings.HasPrefix(target, "!"):
			if labelled {
				return label
			}
			return target
		case !labelled, shows(target, label):
			return strings.TrimPrefix(strings.TrimPrefix(target, "mailto:"), "tel:")
		}
		return label + " " + target
	})
	return strings.TrimSpace(entities.Replace(s))
}

// shows reports whether a label only repeats the address, as Slack makes it of what
// was typed without a scheme.
func shows(target, label string) bool {
	for _, scheme := range []string{"https://", "http://", "mailto:", "tel:"} {
		if rest, ok := strings.CutPrefix(target, scheme); ok {
			return strings.TrimSuffix(rest, "/") == strings.TrimSuffix(label, "/")
		}
	}
	return target == label
}
