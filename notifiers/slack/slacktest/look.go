package slacktest

import (
	"encoding/json"
	"html/template"
	"strings"
)

// HTML draws blocks, as the server took them, roughly as Slack's client shows them:
// for the pictures of the README, and for looking at what a test saw.
func HTML(blocks json.RawMessage) (template.HTML, error) {
	list, faults, _ := parseBlocks(blocks, onModal)
	if len(faults) > 0 {
		return "", &drawFault{faults}
	}
	var b strings.Builder
	for _, one := range list {
		if err := drawing.Execute(&b, drawn(one)); err != nil {
			return "", err
		}
	}
	return template.HTML(b.String()), nil //nolint:gosec // the template has escaped every text
}

type drawFault struct{ faults []string }

func (f *drawFault) Error() string { return "slacktest: " + strings.Join(f.faults, "; ") }

// drawnBlock is what the template knows of a block.
type drawnBlock struct {
	Type, Text string
	Small      []string
	Buttons    []Button
	Label      string
	Multiline  bool
}

func drawn(b block) drawnBlock {
	d := drawnBlock{Type: b.Type, Buttons: buttonsOf([]block{b})}
	if b.Text != nil {
		d.Text = b.Text.plain()
	}
	if b.Type == "context" {
		d.Small = b.plain()
	}
	if b.Type == "input" {
		d.Label, d.Multiline = b.Label.plain(), b.Element.Multiline
	}
	return d
}

var drawing = template.Must(template.New("block").Parse(`{{if eq .Type "header"}}<h3>{{.Text}}</h3>
{{else if eq .Type "section"}}<p>{{.Text}}</p>
{{else if eq .Type "context"}}<p class="small">{{range .Small}}<span>{{.}}</span> {{end}}</p>
{{else if eq .Type "divider"}}<hr>
{{else if eq .Type "actions"}}<div class="actions">{{range .Buttons}}<span class="button">{{.Label}}</span>{{end}}</div>
{{else if eq .Type "input"}}<label>{{.Label}}</label><div class="field{{if .Multiline}} tall{{end}}"></div>
{{end}}`))

// Style is a style sheet for HTML.
const Style = `*{box-sizing:border-box}body{margin:0;padding:20px;background:#f4f4f6;font:15px/1.46 Lato,"Helvetica Neue",Arial,sans-serif;color:#1d1c1d}
.row{display:flex;gap:20px;align-items:flex-start}.card{flex:1;background:#fff;border:1px solid #ddd;border-radius:8px;padding:14px 16px}
.where{font-size:13px;font-weight:700;color:#616061;margin:0 0 10px}.who{font-weight:900}.who b{font-size:10px;font-weight:400;background:#e8e8e8;border-radius:2px;padding:1px 3px;vertical-align:2px;color:#616061}
h3{font-size:17px;margin:6px 0 8px}p{margin:6px 0;white-space:pre-wrap}.small{font-size:12px;color:#616061}.actions{display:flex;flex-wrap:wrap;gap:8px;margin:8px 0}
.button{border:1px solid #bbb;border-radius:4px;padding:4px 12px;font-weight:700;font-size:13px}.field{border:1px solid #888;border-radius:4px;height:34px;margin:4px 0 10px}.tall{height:70px}label{font-weight:700}hr{border:0;border-top:1px solid #ddd}`
