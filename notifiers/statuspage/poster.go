package statuspage

import (
	"fmt"
	"html/template"
	"strings"

	"rsc.io/qr"

	"arifa/subscriptions"
)

// posterView is a sheet of paper for a counter or a gate.
type posterView struct {
	Service subscriptions.Service
	URL     string // for people: without https://
	Plain   string
	QR      template.HTML
}

func (s *Site) poster(e *edition, l subscriptions.Language, svc subscriptions.Service) (*frame, error) {
	f := s.frame(e, l, "s/"+string(svc.ID)+"/poster")
	f.Title = f.label(svc.ID)
	address := s.Base + f.Link("s", svc.ID)
	code, err := qrSVG(address)
	if err != nil {
		return nil, err
	}
	_, short, ok := strings.Cut(address, "://")
	if !ok {
		short = address
	}
	f.Body = posterView{Service: svc, URL: short, Plain: f.Link("s", svc.ID), QR: code}
	return f, nil
}

// qrSVG draws an address so that a camera reads it, also where a quarter of the
// paper is dirty or torn. Each row of black is one stroke: crisp at any size.
func qrSVG(address string) (template.HTML, error) {
	code, err := qr.Encode(address, qr.Q)
	if err != nil {
		return "", fmt.Errorf("qr code: %w", err)
	}
	const quiet = 4 // modules of white around, as the standard asks
	side := code.Size + 2*quiet
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges" aria-hidden="true" focusable="false"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`, side, side, side, side)
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			run := 0
			for x+run < code.Size && code.Black(x+run, y) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
				x += run
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return template.HTML(b.String()), nil // numbers only
}
