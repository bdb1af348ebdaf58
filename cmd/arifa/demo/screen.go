package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"arifa/bot/desk"
	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

// screen is what a person sees of a rehearsal. In JSON mode it is silent until
// the result.
type screen struct {
	out      io.Writer
	raw      io.Writer // of the result in JSON mode
	json     bool
	terminal bool
	fast     bool
	web      bool // people look at it in a browser
	picture  io.Writer
	bar      *bar
	zone     *time.Location
	nation   *subscriptions.Nation
	read     [3]int64 // newest ledger entry that each shown phone has shown
	drawing  drawing
}

const columns = 78

func newScreen(cfg Config) *screen {
	s := &screen{out: cfg.Out, raw: cfg.Out, json: cfg.JSON, terminal: cfg.Terminal && !cfg.JSON, fast: cfg.Fast, web: cfg.Web, picture: cfg.Picture, zone: cfg.Nation.Location(), nation: cfg.Nation}
	if s.json {
		s.out = io.Discard
	}
	s.bar = &bar{out: s.out, terminal: s.terminal}
	return s
}

func (s *screen) print(format string, args ...any) { fmt.Fprintf(s.out, format, args...) }

// bold and dim mark text on a terminal.
func (s *screen) bold(text string) string { return s.mark("1", text) }
func (s *screen) dim(text string) string  { return s.mark("2", text) }

func (s *screen) mark(code, text string) string {
	if !s.terminal {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s *screen) begin(i Incident, c *crowd) {
	s.read, s.drawing = [3]int64{}, drawing{title: i.Title}
	people, groups, channels := 0, 0, 0
	swahili := 0
	for k := range c.people {
		switch p := &c.people[k]; p.kind {
		case person:
			people++
			if p.swahili {
				swahili++
			}
		case group:
			groups++
		case channel, slackChannel:
			channels++
		}
	}
	s.print("\n%s\n%s\n\n", s.bold(i.Title), strings.Repeat("─", columns))
	s.say("", "%s simulated citizens (%d%% read Swahili), %d groups and %d public channels follow %d real services. "+
		"The program is the real one; the network is a strict Bot API server on a real socket.",
		thousands(people), swahili*100/max(people, 1), groups, channels, len(c.atlas.services))
}

// say tells one thing, with the simulated time before it.
func (s *screen) say(at, format string, args ...any) {
	for k, line := range wrap(fmt.Sprintf(format, args...), columns-7) {
		if k > 0 {
			at = ""
		}
		s.print("%s %s\n", s.bold(fmt.Sprintf("%-6s", at)), line)
	}
}

// step begins a step of the record; unheard = nobody on duty answers the wake-up that
// it was for.
func (s *screen) step(step Step, unheard bool) {
	at := step.At.In(s.zone)
	clock := at.Format("15:04")
	if day := at.Format("2 January 2006"); day != s.drawing.day {
		s.drawing.day = day
		s.print("\n       %s\n", s.dim(day))
	}
	if unheard {
		s.say(clock, "The duty officer of %s would open the incident now. Nobody on duty answers the call.", s.agency(step.By))
		return
	}
	verb := map[Act]string{ActOpen: "opens the incident: ", ActNotice: "speaks: ", ActAlternative: "names another way: ", ActJoin: "joins: ",
		ActHold: "holds: ", ActRestored: "says restored: "}[step.Act]
	if verb != "" {
		verb = s.agency(step.By) + " " + verb
	}
	s.say(clock, "%s%s", verb, step.Note)
}

func (s *screen) agency(id subscriptions.AgencyID) string {
	a, _ := s.nation.Agency(id)
	return strings.TrimSpace(a.Short)
}

// preview tells what the officer sees before the tap.
func (s *screen) preview(r *rehearsal, step Step, p *desk.Preview) {
	if p == nil {
		return
	}
	text := fmt.Sprintf("The preview: %s recipients", thousands(p.Finish.People))
	if p.Finish.Certain {
		text += fmt.Sprintf(", told in %s", p.Finish.Takes)
	}
	if p.Notice.Sound {
		text += ", with sound."
	} else {
		text += ", those who know get a silent edit."
	}
	if len(p.TwoOfficers) > 0 {
		text += fmt.Sprintf(" Two people of %s: one submits, another approves with six digits (%s).", s.agency(step.By), strings.Join(p.TwoOfficers, "; "))
	}
	if n := len(p.Left); n > 0 {
		text += fmt.Sprintf(" Followers of %d services know already: they get an edit beside it.", n)
	}
	s.say("", "%s", text)
}

func (s *screen) byItself(now time.Time, n subscriptions.Notice) {
	s.say(now.In(s.zone).Format("15:04"), "The clock publishes %s (%s) from what officers have announced.", n.Key.Short(), n.Kind)
}

// phones shows what the shown people have read since the last time.
func (s *screen) phones(r *rehearsal) {
	for k, i := range r.crowd.shown {
		if i < 0 {
			continue
		}
		p := &r.crowd.people[i]
		for _, m := range r.server.Messages(p.chat) {
			if m.FromBot && m.Seq > s.read[k] {
				s.read[k] = m.Seq
				s.bubble(r, k, m)
			}
		}
	}
}

func (s *screen) bubble(r *rehearsal, k int, m telegramtest.Message) {
	if m.Edited {
		title, _, _ := strings.Cut(m.Text, "\n")
		s.print("         %s\n", s.dim(fmt.Sprintf("On the phone of %s, in place and without sound: %s", lower(who(r, k)), title)))
		return
	}
	how := "new message"
	if m.ReplyTo != 0 {
		how = "reply to the first one"
	}
	b := bubble{who: r.reader(k), at: m.Date.In(s.zone).Format("15:04"), how: how, text: m.Text, buttons: labels(m)}
	s.drawing.bubbles = append(s.drawing.bubbles, b)
	s.print("%s", b.text80(s))
}

// who names a shown person.
func who(r *rehearsal, k int) string {
	id, _ := r.crowd.scopes[r.crowd.scopesOf(r.crowd.shown[k])[0]].Service()
	switch id {
	case "kws-nairobi-np":
		return "A tour driver"
	case "kra-pay-tax":
		return "A taxpayer"
	case "kplc-tokens":
		return "A buyer of tokens"
	}
	return [...]string{"A citizen", "A second citizen", "A third citizen"}[k]
}

func lower(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// reader describes a shown person.
func (r *rehearsal) reader(k int) string {
	i := r.crowd.shown[k]
	id, _ := r.crowd.scopes[r.crowd.scopesOf(i)[0]].Service()
	svc, _ := r.cfg.Nation.Service(id)
	lang := "English"
	if r.crowd.people[i].swahili {
		lang = "Swahili"
	}
	return fmt.Sprintf("%s, follows %s, reads %s", who(r, k), svc.Name.In("en"), lang)
}

func labels(m telegramtest.Message) (out []string) {
	for _, row := range m.Buttons {
		for _, b := range row {
			out = append(out, b.Text)
		}
	}
	return out
}

// breathe leaves a reader time, unless the rehearsal is fast.
func (s *screen) breathe(ctx context.Context) error {
	if s.fast || s.json {
		return ctx.Err()
	}
	if s.web {
		return pause(ctx, 20*time.Second)
	}
	return pause(ctx, 900*time.Millisecond)
}

// summary ends the run: a table where there were several, or the JSON.
func (s *screen) summary(all []Result) {
	if s.json {
		e := json.NewEncoder(s.raw)
		e.SetIndent("", "  ")
		var v any = all
		if len(all) == 1 {
			v = all[0]
		}
		_ = e.Encode(v) // a broken pipe is the reader's wish
		return
	}
	if len(all) < 2 {
		return
	}
	s.print("\n%s\n", s.bold(fmt.Sprintf("%-34s %7s %6s %5s %9s %5s %6s", "incident", "sent", "missed", "twice", "strangers", "stale", "no end")))
	for _, r := range all {
		s.print("%-34s %7s %6d %5d %9d %5d %6d  %s\n", r.Incident, thousands(r.Sent), r.Missed, r.Duplicates, r.Strangers, r.Stale, r.NoEnd, passed(r))
	}
}

func passed(r Result) string {
	if r.Passed() {
		return "passed"
	}
	return "FAILED"
}

func several(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

func thousands(n int) string {
	text := fmt.Sprint(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// wrap breaks a text at spaces; its own line breaks stay.
func wrap(text string, width int) []string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		row := ""
		for _, word := range strings.Fields(line) {
			if row != "" && len([]rune(row))+1+len([]rune(word)) > width {
				out = append(out, row)
				row = ""
			}
			if row != "" {
				row += " "
			}
			row += word
		}
		out = append(out, row)
	}
	return out
}

// complained tells how people said that it fails, and when officers were called.
func (s *screen) complained(r *rehearsal) {
	d := r.dawn
	s.say(d.begun.In(s.zone).Format("15:04"), "%d citizens tap \"It fails for me\" or write /report, six seconds apart.", d.complained)
	if d.alarm == 0 {
		s.say("", "Nobody is woken by that.")
		return
	}
	s.say(d.woken.In(s.zone).Format("15:04"), "Officers are called, %s the tenth complaint. Nobody has published anything.", fromThen(d.woken.Sub(d.tenth)))
}

// fromThen says how long after something another thing was, or before it.
func fromThen(d time.Duration) string {
	if s := int(d.Seconds()); s < 0 {
		return fmt.Sprintf("%d s before", -s)
	}
	return fmt.Sprintf("%d s after", int(d.Seconds()))
}

// wakeUp shows the officer's phone.
func (s *screen) wakeUp(r *rehearsal, m telegramtest.Message) {
	b := bubble{who: "The phone of the officer who is called", at: m.Date.In(s.zone).Format("15:04"), how: "wake-up, chat locked", text: m.Text, buttons: labels(m)}
	s.print("%s", b.text80(s))
}

// firstWord says how long the silence was.
func (s *screen) firstWord(r *rehearsal) {
	d := r.dawn
	s.say(d.spoken.In(s.zone).Format("15:04"), "One tap and six digits: the first official word, %s after the first complaint.", d.spoken.Sub(d.begun).Round(time.Second))
}

// escalated shows who is called now.
func (s *screen) escalated(r *rehearsal, a subscriptions.Alarm) {
	step := subscriptions.StepDuty
	if n := len(a.Calls); n > 0 {
		step = a.Calls[n-1].Step
	}
	what := map[subscriptions.AlarmStep]string{subscriptions.StepNext: "the next person is called", subscriptions.StepHead: "the head of the agency is called"}[step]
	s.say(r.clock.Now().In(s.zone).Format("15:04"), "Nobody answers: %s (%d calls so far).", what, len(a.Calls))
}

// sampled tells what those who were asked have answered.
func (s *screen) sampled(r *rehearsal) {
	s.say(r.clock.Now().In(s.zone).Format("15:04"), "\"Does it work for you now?\" %d of %d say yes. The officer sees it; nothing reopens by itself.", r.dawn.works, r.dawn.of)
}
