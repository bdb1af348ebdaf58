package demo

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// bar shows how far a wave is: as a bar on a terminal, and in any case as one
// plain line when it is over.
type bar struct {
	out      io.Writer
	terminal bool

	live  *progressbar.ProgressBar
	name  string
	total int
	done  int
	begun time.Time
}

// worthALine is how many messages a wave needs to be told of.
const worthALine = 20

func (b *bar) start(name string, total int) {
	b.stop()
	b.name, b.total, b.done, b.begun = name, total, 0, time.Now()
}

// to moves it; it appears with the first move.
func (b *bar) to(done, total int) {
	if done <= b.done || b.name == "" {
		return
	}
	b.done, b.total = done, max(total, b.total)
	if !b.terminal {
		return
	}
	if b.live == nil {
		most := b.total
		if most == 0 {
			most = -1 // as a spinner: nobody knows how many answers it takes
		}
		b.live = progressbar.NewOptions(most, progressbar.OptionSetWriter(b.out), progressbar.OptionSetDescription(fmt.Sprintf("       %-24s", b.name)),
			progressbar.OptionSetWidth(28), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(80*time.Millisecond))
	}
	if b.total > 0 {
		done = min(done, b.total)
	}
	_ = b.live.Set(done) // a bar that cannot be drawn is no trouble
}

func (b *bar) stop() {
	if b.live != nil {
		_ = b.live.Clear()
		b.live = nil
	}
	if took := time.Since(b.begun); b.done >= worthALine {
		fmt.Fprintf(b.out, "       %s: %s in %.1f s (%s a second)\n", b.name, thousands(b.done), took.Seconds(), thousands(int(float64(b.done)/max(took.Seconds(), 0.001))))
	}
	b.name, b.done = "", 0
}
