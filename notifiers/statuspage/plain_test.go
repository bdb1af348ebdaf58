package statuspage_test

import (
	"html"
	"regexp"
	"strings"
)

var (
	headOrStyle = regexp.MustCompile(`(?s)<head>.*?</head>|<svg.*?</svg>`)
	anyTag      = regexp.MustCompile(`<[^>]*>`)
	spaces      = regexp.MustCompile(`\s+`)
)

// plain is what a reader reads of a page, on one line.
func plain(page string) string {
	page = headOrStyle.ReplaceAllString(page, " ")
	page = anyTag.ReplaceAllString(page, " ")
	return strings.TrimSpace(spaces.ReplaceAllString(html.UnescapeString(page), " "))
}
