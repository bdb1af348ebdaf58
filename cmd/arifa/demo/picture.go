package demo

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
)

// drawing collects what was shown, for a picture of the run.
type drawing struct {
	title, day string
	bubbles    []bubble
	silent     string
	result     Result
	conclusion string
}

// Sizes of the picture, in its own units.
const (
	picWidth   = 1000
	picMargin  = 24
	picColumn  = 464
	picRow     = 19
	picLetters = 54 // of a line in a bubble
)

// svg draws the shown phones side by side and the verdict below.
func (d drawing) svg() []byte {
	var body bytes.Buffer
	text(&body, picMargin, 40, "title", d.title)
	text(&body, picMargin, 62, "small", "From a real run: the words as the simulated phones received them, and the verdict from the network's ledger.")
	readers := d.readers()
	bottom := 0
	for k, who := range readers[:min(2, len(readers))] {
		x := picMargin + k*(picColumn+picMargin)
		y := 96
		text(&body, x, y, "who", who)
		y += 12
		for _, b := range d.chosen(who) {
			y = b.svg(&body, x, y) + 12
		}
		bottom = max(bottom, y)
	}
	if d.silent != "" {
		text(&body, picMargin, bottom+16, "who", d.silent+": nothing came, rightly.")
		bottom += 28
	}
	bottom = d.table(&body, bottom+20)
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="Helvetica, Arial, sans-serif">
<style>.title{font-size:20px;font-weight:bold;fill:#1b2733}.small{font-size:13px;fill:#5b6875}.who{font-size:13px;font-weight:bold;fill:#5b6875}
.line{font-size:14px;fill:#1b2733}.first{font-size:14px;font-weight:bold;fill:#1b2733}.button{font-size:13px;fill:#2266aa}.cell{font-size:15px;fill:#1b2733}.ok{font-size:15px;fill:#1d7a3a;font-weight:bold}.bad{font-size:15px;fill:#b3261e;font-weight:bold}</style>
<rect width="100%%" height="100%%" fill="#eef1f4"/>
`, picWidth, bottom+picMargin, picWidth, bottom+picMargin)
	out.Write(body.Bytes())
	out.WriteString("</svg>\n")
	return out.Bytes()
}

// readers are the shown people who read something, in order.
func (d drawing) readers() (out []string) {
	seen := map[string]bool{}
	for _, b := range d.bubbles {
		if !seen[b.who] {
			seen[b.who] = true
			out = append(out, b.who)
		}
	}
	return out
}

// chosen are the messages of one reader.
func (d drawing) chosen(who string) (out []bubble) {
	for _, b := range d.bubbles {
		if b.who == who {
			out = append(out, b)
		}
	}
	return out
}

// svg draws one bubble and returns where it ends.
func (b bubble) svg(w *bytes.Buffer, x, y int) int {
	type row struct{ class, text string }
	var rows []row
	for k, l := range strings.Split(b.text, "\n") {
		class := "line"
		if k == 0 {
			class = "first"
		}
		for _, part := range wrap(l, picLetters) {
			rows = append(rows, row{class, part})
		}
	}
	for _, label := range b.buttons {
		rows = append(rows, row{"button", "[ " + label + " ]"})
	}
	rows = append(rows, row{"small", b.how + ", " + b.at})
	height := len(rows)*picRow + 18
	fmt.Fprintf(w, `<rect x="%d" y="%d" width="%d" height="%d" rx="12" fill="#ffffff" stroke="#d4dae0"/>`+"\n", x, y, picColumn, height)
	for k, r := range rows {
		text(w, x+14, y+24+k*picRow, r.class, r.text)
	}
	return y + height
}

func (d drawing) table(w *bytes.Buffer, y int) int {
	lines := d.result.lines()
	height := (len(lines)+len(d.result.figures())+2)*24 + 16
	fmt.Fprintf(w, `<rect x="%d" y="%d" width="%d" height="%d" rx="12" fill="#ffffff" stroke="#d4dae0"/>`+"\n", picMargin, y, picWidth-2*picMargin, height)
	y += 28
	for _, l := range lines {
		class := "ok"
		if !l.good {
			class = "bad"
		}
		text(w, picMargin+16, y, class, thousands(l.count))
		text(w, picMargin+96, y, "cell", l.what)
		text(w, picMargin+216, y, "cell", l.words)
		y += 24
	}
	for _, l := range d.result.figures() {
		text(w, picMargin+16, y+4, "small", l)
		y += 24
	}
	text(w, picMargin+16, y+6, "first", d.conclusion)
	return y + 36
}

func text(w *bytes.Buffer, x, y int, class, s string) {
	fmt.Fprintf(w, `<text x="%d" y="%d" class="%s">`, x, y, class)
	_ = xml.EscapeText(w, []byte(s)) // a buffer takes everything
	w.WriteString("</text>\n")
}
