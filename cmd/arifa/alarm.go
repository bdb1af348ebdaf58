package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

type alarmCmd struct {
	List     alarmListCmd     `cmd:"" help:"List the alarms that concern your agencies, live ones and those of the last day."`
	Show     alarmShowCmd     `cmd:"" help:"Show one alarm and the words that are ready."`
	Publish  alarmPublishCmd  `cmd:"" help:"Say the ready words: opens the incident, or joins it, and publishes its first notice."`
	NotUs    alarmNotUsCmd    `cmd:"" name:"not-us" help:"It is not yours: another agency is asked."`
	Watching alarmWatchingCmd `cmd:"" help:"You look into it: you are asked again in half an hour."`
}

type alarmListCmd struct{}

func (c *alarmListCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		list, err := o.desk.Alarms(a.ctx, o.actor, o.now)
		if err != nil {
			return err
		}
		return a.print(some(list), func(w io.Writer) {
			if len(list) == 0 {
				fmt.Fprintln(w, "No alarm concerns your agencies, now or in the last day.")
				return
			}
			t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
			fmt.Fprintln(t, "ALARM\tSTATE\tASKED\tSINCE\tREPORTS\tWHAT\tWHY")
			for _, v := range list {
				fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%d\t%s\t%s\n", v.Alarm.ID, v.Alarm.State, v.Alarm.Agency, o.local(v.Alarm.Since), v.Reported.Reports, whatOf(v.Alarm), v.Alarm.Reason)
			}
			_ = t.Flush()
		})
	})
}

func whatOf(a subscriptions.Alarm) string {
	if a.Platform != "" {
		return string(a.Platform)
	}
	return joinIDs(a.Services)
}

// alarmFlags name an alarm and for whom an officer answers.
type alarmFlags struct {
	Alarm  subscriptions.AlarmID  `arg:"" help:"Number of the alarm."`
	Agency subscriptions.AgencyID `placeholder:"ID" help:"Agency you answer for (default: the one that is asked, or yours)."`
}

type alarmShowCmd struct {
	Alarm subscriptions.AlarmID `arg:"" help:"Number of the alarm."`
}

func (c *alarmShowCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		if _, err := o.desk.SeenAlarm(a.ctx, o.actor, c.Alarm, o.now); err != nil {
			return err
		}
		d, err := o.desk.AlarmDraft(a.ctx, o.actor, c.Alarm, o.now)
		if err != nil {
			return err
		}
		return a.print(d, func(w io.Writer) { o.showAlarm(w, d) })
	})
}

func (o *office) showAlarm(w io.Writer, d desk.AlarmDraft) {
	al := d.Alarm
	fmt.Fprintf(w, "Alarm %d: %s, asked: %s. %s.\n", al.ID, al.State, al.Agency, whatOf(al))
	fmt.Fprintf(w, "%s. Believed because: %s (%d of them known to us, %s).\n", o.reported(d.Reported), al.Reason, al.Known, count(al.Asks, "question"))
	for _, s := range d.Signals {
		fmt.Fprintf(w, "A machine says so: %s, since %s: %s\n", s.Source, o.local(s.Since), s.Summary)
	}
	for _, words := range d.Words {
		fmt.Fprintf(w, "Somebody wrote: %q\n", words)
	}
	for _, c := range al.Calls {
		seen := ""
		if !c.SeenAt.IsZero() {
			seen = ", seen " + o.local(c.SeenAt)
		}
		fmt.Fprintf(w, "Called %s: %s of %s%s\n", o.local(c.At), c.Step, c.Agency, seen)
	}
	for _, x := range al.Answers {
		fmt.Fprintf(w, "%s %s said %s\n", o.local(x.At), x.Agency, x.Says)
	}
	if d.Refused != nil {
		fmt.Fprintf(w, "\nYou cannot publish it: %s. %s\n", d.Refused.Why, sentence(d.Refused.Do))
		return
	}
	fmt.Fprintf(w, "\nReady to publish for %s (%s), next update by %s:\n", d.Agency, d.Kind, o.local(d.NextUpdate))
	for _, l := range o.nation.Languages {
		if words, ok := d.Preview.Notice.Sheet.Words[l]; ok {
			fmt.Fprintf(w, "  %s: %s\n", l, words.Title)
		}
	}
	fmt.Fprintf(w, "  %s hear it.\n", count(reached(d.Preview.Audience), "recipient"))
	fmt.Fprintf(w, "  arifa alarm publish %d\n  arifa alarm not-us %d --whose %s\n  arifa alarm watching %d\n", al.ID, al.ID, firstOf(d.Whose), al.ID)
}

func reached(counts []subscriptions.LaneCount) (n int) {
	for _, c := range counts {
		n += c.Count
	}
	return n
}

func firstOf(ids []subscriptions.AgencyID) string {
	if len(ids) == 0 {
		return "AGENCY"
	}
	return string(ids[0])
}

// reported says what citizens report: "412 reports since 5:50, mostly M-PESA app".
func (o *office) reported(s subscriptions.ReportSummary) string {
	if s.Reports == 0 {
		return "No reports"
	}
	text := fmt.Sprintf("%s since %s", count(s.Reports, "report"), s.First.In(o.nation.Location()).Format("15:04"))
	if t := s.Mostly(); t != subscriptions.TriedUnsaid {
		text += ", mostly " + o.speaker.T("en", "tried."+string(t), nil)
	}
	return text
}

type alarmPublishCmd struct {
	alarmFlags
	NextUpdate string `placeholder:"TIME" help:"When the next update is promised (default +2h)."`
	Request    string `placeholder:"KEY" help:"Idempotency key: the same key does it once, however often it is repeated."`
	sureFlag
}

func (c *alarmPublishCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		next, err := o.when("next-update", c.NextUpdate)
		if err != nil {
			return err
		}
		in := desk.AnswerAlarmInput{Alarm: c.Alarm, Agency: c.Agency, Says: subscriptions.SaysPublish, NextUpdate: next, Request: c.Request}
		// Twice is once here, with a key or without: the desk knows.
		if err := c.sure(a, o, "alarm", func() (desk.Preview, error) { return o.desk.PreviewAlarm(a.ctx, o.actor, in, o.now) }); err != nil {
			return err
		}
		out, err := o.desk.AnswerAlarm(a.ctx, o.actor, in, o.now)
		if err != nil {
			return err
		}
		return a.published(o, out.Outcome)
	})
}

type alarmNotUsCmd struct {
	alarmFlags
	Whose subscriptions.AgencyID `placeholder:"ID" help:"Whose it is, as far as you know (default: the next likely one is asked)."`
}

func (c *alarmNotUsCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		out, err := o.desk.AnswerAlarm(a.ctx, o.actor, desk.AnswerAlarmInput{Alarm: c.Alarm, Agency: c.Agency, Says: subscriptions.SaysNotUs, Whose: c.Whose}, o.now)
		if err != nil {
			return err
		}
		return a.print(out.Alarm, func(w io.Writer) {
			if out.Passed == "" {
				fmt.Fprintln(w, "Noted. Nobody else is left to ask; the alarm is closed.")
				return
			}
			fmt.Fprintf(w, "Noted. %s is asked now.\n", out.Passed)
		})
	})
}

type alarmWatchingCmd struct{ alarmFlags }

func (c *alarmWatchingCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		out, err := o.desk.AnswerAlarm(a.ctx, o.actor, desk.AnswerAlarmInput{Alarm: c.Alarm, Agency: c.Agency, Says: subscriptions.SaysWatching}, o.now)
		if err != nil {
			return err
		}
		return a.print(out.Alarm, func(w io.Writer) {
			fmt.Fprintf(w, "Noted. If it goes on and nobody has spoken by %s, you are asked again.\n", o.local(out.Alarm.Until))
		})
	})
}

// span says how long something took: "4 min", "1 h 20 min".
func span(d time.Duration) string {
	d = d.Round(time.Minute)
	var parts []string
	if h := int(d.Hours()); h > 0 {
		parts = append(parts, fmt.Sprintf("%d h", h))
	}
	if m := int(d.Minutes()) % 60; m > 0 || len(parts) == 0 {
		parts = append(parts, fmt.Sprintf("%d min", m))
	}
	return strings.Join(parts, " ")
}

// sentence begins with a capital and ends with a stop.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}
