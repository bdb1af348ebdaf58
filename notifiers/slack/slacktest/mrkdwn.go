package slacktest

import (
	"regexp"
	"strings"
)

// Slack's markup eats characters: whoever sends a person's words as mrkdwn without
// care finds them changed here as there.
var (
	angled    = regexp.MustCompile(`<([^<>]*)>`)
	enclosed  = []*regexp.Regexp{paired("```"), paired("`"), paired(`\*`), paired("_"), paired("~")}
	entityOut = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
)

func paired(sign string) *regexp.Regexp {
	return regexp.MustCompile(`(^|[\s(\[{<>"'.,:;!?/-])` + sign + `(\S(?:[^\n]*?\S)?)` + sign + `($|[\s)\]}<>"'.,:;!?/-])`)
}

// marked is mrkdwn as its reader sees it.
func marked(s string) string {
	s = angled.ReplaceAllStringFunc(s, func(m string) string {
		inner := m[1 : len(m)-1]
		head, label, has := strings.Cut(inner, "|")
		switch {
		case has:
			return label
		case strings.HasPrefix(head, "!"):
			return "@" + head[1:]
		}
		return head
	})
	for _, e := range enclosed {
		s = e.ReplaceAllString(s, "$1$2$3")
	}
	return unescaped(s)
}

func unescaped(s string) string { return entityOut.Replace(s) }
