package statuspage

import (
	"bytes"
	_ "embed"
	"fmt"
	"html"
	"net/http"
	"strings"
	"unicode/utf8"

	"arifa/bot/web"
	"arifa/subscriptions"
)

//go:embed openapi.json
var openAPI []byte

// machine finds what machines read: CAP, the public JSON, its description.
func (s *Site) machine(e *edition, parts []string) (func() (*document, error), bool) {
	switch {
	case len(parts) == 2 && parts[0] == "cap" && parts[1] == "feed.atom":
		return func() (*document, error) { return s.capIndex(e) }, true
	case len(parts) == 2 && parts[0] == "cap":
		return s.capDocument(e, parts[1])
	case len(parts) == 2 && parts[0] == "api" && parts[1] == "openapi.json":
		return func() (*document, error) {
			d := web.NewDocument(http.StatusOK, "application/json; charset=utf-8", web.AgeDay, bytes.ReplaceAll(openAPI, []byte("https://arifa.example"), []byte(s.Base)))
			d.Open = true
			return d, nil
		}, true
	case len(parts) > 2 && parts[0] == "api" && parts[1] == "v2":
		return s.api(e, strings.Join(parts[2:], "/"))
	}
	return nil, false
}

// Colours of a badge: dark enough for white letters.
var badgeColours = map[impact]string{blocked: "#a3201d", limited: "#7a4a00", unsure: "#7a4a00", unspoken: "#7a4a00", planned: "#33508a", "": "#4a5b63"}

// badge is a picture for other sites: the service, what is announced, and as of
// when. Grey says that nothing is, never that it works.
func (s *Site) badge(e *edition, l subscriptions.Language, svc subscriptions.Service) *document {
	f := s.frame(e, l, "")
	how := f.State(svc.ID).Impact
	name, state := f.Name(svc.ID), f.Impact(how)+" · "+f.local(e.asOf).Format("15:04")
	if utf8.RuneCountInString(name) > 40 {
		name = strings.TrimSpace(string([]rune(name)[:39])) + "…"
	}
	width := func(t string) int { return 12 + 7*utf8.RuneCountInString(t) }
	left, right := width(name), width(state)
	name, state = html.EscapeString(name), html.EscapeString(state)
	body := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="22" role="img" aria-label="%s: %s"><title>%s: %s</title>`+
		`<rect width="%d" height="22" rx="4" fill="#17252b"/><path d="M%d 0h%da4 4 0 0 1 4 4v14a4 4 0 0 1-4 4H%dz" fill="%s"/>`+
		`<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle"><text x="%d" y="15" textLength="%d">%s</text><text x="%d" y="15" textLength="%d">%s</text></g></svg>`,
		left+right, name, state, name, state, left+right, left, right-4, left, badgeColours[how], left/2, left-12, name, left+right/2, right-12, state)
	d := web.NewDocument(http.StatusOK, "image/svg+xml", web.AgeLive, []byte(body))
	d.Open = true
	return d
}
