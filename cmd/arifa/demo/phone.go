package demo

import (
	"fmt"
	"strings"
)

// bubble is one message as it stands on a phone.
type bubble struct {
	who, at, how, text string
	buttons            []string
}

const bubbleWidth = 56

// text80 draws it for a terminal.
func (b bubble) text80(s *screen) string {
	var out strings.Builder
	fmt.Fprintf(&out, "\n         %s\n", s.dim(b.who))
	frame := func(left, fill, right string) {
		fmt.Fprintf(&out, "         %s%s%s\n", left, strings.Repeat(fill, bubbleWidth+2), right)
	}
	row := func(text string, bold bool) {
		padded := text + strings.Repeat(" ", max(0, bubbleWidth-len([]rune(text))))
		if bold {
			padded = s.bold(padded)
		}
		fmt.Fprintf(&out, "         │ %s │\n", padded)
	}
	frame("╭", "─", "╮")
	for k, line := range strings.Split(b.text, "\n") {
		for _, part := range wrap(line, bubbleWidth) {
			row(part, k == 0)
		}
	}
	for _, label := range b.buttons {
		row("["+label+"]", false)
	}
	row(fmt.Sprintf("%*s", bubbleWidth, b.how+", "+b.at), false)
	frame("╰", "─", "╯")
	return out.String()
}
