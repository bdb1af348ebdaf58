package rehearse

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
)

// Sizes of the picture of the pace.
const (
	plotWidth  = 900
	plotHeight = 320
	plotLeft   = 80
	plotBottom = 48
	plotTop    = 40
	plotBars   = 160
)

// plot draws messages a second over time, with the budget where one was set.
func plot(r Result, cfg Config) []byte {
	bars, each := bars(r.Wave.Pulses)
	top := cfg.Rate
	for _, v := range bars {
		top = math.Max(top, v)
	}
	top = math.Max(top*1.1, 1)
	w, h := float64(plotWidth-plotLeft-20), float64(plotHeight-plotTop-plotBottom)
	y := func(v float64) float64 { return plotTop + h*(1-v/top) }
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="Helvetica, Arial, sans-serif" font-size="12" fill="#1b2733">
<rect width="100%%" height="100%%" fill="#ffffff"/>
<text x="%d" y="22" font-size="15" font-weight="bold">%s people on %s: %s messages a second</text>
`, plotWidth, plotHeight, plotWidth, plotHeight, plotLeft, thousands(r.People), escaped(r.Store), thousands(int(r.MessagesPerSecond)))
	for k := range 5 {
		v := top * float64(k) / 4
		fmt.Fprintf(&b, `<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#e3e7eb"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n",
			plotLeft, plotWidth-20, y(v), y(v), plotLeft-8, y(v)+4, thousands(int(v)))
	}
	for k, v := range bars {
		fmt.Fprintf(&b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="#2f6f9f"/>`+"\n",
			plotLeft+w*float64(k)/float64(len(bars)), y(v), math.Max(w/float64(len(bars))-0.5, 0.5), plotTop+h-y(v))
	}
	if cfg.Rate > 0 {
		fmt.Fprintf(&b, `<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#b3261e" stroke-dasharray="6 4"/><text x="%d" y="%.1f" text-anchor="end" fill="#b3261e">budget</text>`+"\n",
			plotLeft, plotWidth-20, y(cfg.Rate), y(cfg.Rate), plotWidth-20, y(cfg.Rate)-5)
	}
	for k := range 5 {
		at := float64(len(bars)) * each * float64(k) / 4
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%.1f s</text>`+"\n", plotLeft+w*float64(k)/4, plotHeight-plotBottom+20, at)
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func escaped(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a buffer takes everything
	return b.String()
}

// bars joins pulses until they are few enough to draw; each is how many seconds a
// bar stands for.
func bars(pulses []int) (out []float64, each float64) {
	n := max(1, (len(pulses)+plotBars-1)/plotBars)
	each = float64(n) * pulse.Seconds()
	for at := 0; at < len(pulses); at += n {
		sum := 0
		for _, v := range pulses[at:min(at+n, len(pulses))] {
			sum += v
		}
		out = append(out, float64(sum)/each)
	}
	return out, each
}
