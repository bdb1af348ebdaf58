package rehearse

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/schollz/progressbar/v3"
)

// screen is what a person sees.
type screen struct {
	out      io.Writer
	progress io.Writer
	json     bool
	live     *progressbar.ProgressBar
}

func newScreen(cfg Config) *screen {
	return &screen{out: cfg.Out, progress: cfg.Progress, json: cfg.JSON}
}

// bar begins a progress bar; what it returns ends it. A total of 0 is a spinner.
func (s *screen) bar(name string, total int) (stop func()) {
	if s.progress == nil {
		return func() {}
	}
	if total == 0 {
		total = -1
	}
	s.live = progressbar.NewOptions(total, progressbar.OptionSetWriter(s.progress), progressbar.OptionSetDescription(fmt.Sprintf("  %-28s", name)),
		progressbar.OptionSetWidth(28), progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionClearOnFinish(),
		progressbar.OptionThrottle(80*time.Millisecond))
	_ = s.live.RenderBlank() // a bar that cannot be drawn is no trouble
	return func() { _ = s.live.Clear(); s.live = nil }
}

func (s *screen) to(done int) {
	if s.live != nil {
		_ = s.live.Set(done)
	}
}

// table shows the result.
func (s *screen) table(r Result, cfg Config) {
	if s.json {
		enc := json.NewEncoder(s.out)
		enc.SetIndent("", "  ")
		_ = enc.Encode(r) // the caller's writer: a terminal or a file
		return
	}
	whose := ""
	if r.Real {
		whose = " of your register"
	}
	fmt.Fprintf(s.out, "%s people%s on %s, %d connections, cap %d", thousands(r.People), whose, r.Store, cfg.Connections, cfg.Cap)
	if cfg.Network.Latency > 0 {
		fmt.Fprintf(s.out, ", %s until an answer", cfg.Network.Latency)
	}
	fmt.Fprintf(s.out, "; %d bytes a request\n\n", r.size())
	t := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "sender\tmessages/s\tCPU s/100k\tof raw\tof net/http\tfirst message\tpeak memory\t")
	s.loop(t, "raw keep-alive connections", r.Raw, r)
	s.loop(t, "plain net/http loop", r.Plain, r)
	fmt.Fprintf(t, "arifa, words and a record for each\t%s\t%.2f%s\t%.3f\t%.3f\t%d ms\t%d MiB\t\n", thousands(int(r.MessagesPerSecond)), r.CPUSecondsPer100k,
		r.server(), r.ShareOfRawFloor, r.ShareOfNetHTTP, r.FirstMessageMS, r.PeakRSSMiB)
	_ = t.Flush()
	fmt.Fprintf(s.out, "\n%s told, %d missed, %d told twice, %d not recorded", thousands(r.Wave.Accepted), r.Missed, r.Duplicates, r.Unrecorded)
	if r.Wave.Blocked+r.Wave.TooMany > 0 {
		fmt.Fprintf(s.out, "; %d had blocked the bot, %d times 429", r.Wave.Blocked, r.Wave.TooMany)
	}
	fmt.Fprintln(s.out)
	if p := r.Pace; p.Budget > 0 {
		fmt.Fprintf(s.out, "pace: %.1f %% of the budget of %g a second; at most %.1f %% of it in any second, %.1f %% in any ten\n",
			100*p.Share, p.Budget, 100*p.Most1s, 100*p.Most10s)
	}
}

func (s *screen) loop(w io.Writer, name string, l Loop, r Result) {
	fmt.Fprintf(w, "%s\t%s\t%.2f\t%.3f\t%.3f\t%d ms\t\t\n", name, thousands(int(l.PerSecond)), l.CPUPer100k, l.PerSecond/r.Raw.PerSecond,
		l.PerSecond/r.Plain.PerSecond, l.First.Milliseconds())
}

func (r Result) size() int64 { return r.Wave.Bytes / int64(max(1, r.Wave.Accepted)) }

// server is the database server's part of the processor time.
func (r Result) server() string {
	if r.ServerCPU <= 0 {
		return ""
	}
	return fmt.Sprintf(" + %.2f", per100k(r.ServerCPU, r.Wave.Accepted))
}

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
