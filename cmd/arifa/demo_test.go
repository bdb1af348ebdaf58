package main

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"arifa/cmd/arifa/demo"
	"arifa/subscriptions/catalogue"
	"arifa/subscriptions/postgres/postgrestest"
)

// judged reads the result and says what is wrong with it.
func judged(t *testing.T, code int, out, errs string) demo.Result {
	t.Helper()
	var r demo.Result
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("exit %d: no result: %v\n%s%s", code, err, out, errs)
	}
	if code != exitDone || !r.Passed() {
		t.Errorf("exit %d: %+v\n%s", code, r, errs)
	}
	return r
}

func TestDemoReplaysThirdOfJanuary(t *testing.T) {
	t.Parallel()
	picture := filepath.Join(t.TempDir(), "run.svg")
	code, out, errs := cmd(t, "", "demo", "--citizens", "300", "--fast", "--json", "--picture", picture)
	r := judged(t, code, out, errs)
	if r.Store != "sqlite" || r.Citizens != 300 || r.Sent < 300 || r.Edited == 0 || r.FirstMessageMS < 1 || r.PeakRSSMiB < 1 {
		t.Errorf("figures: %+v", r)
	}
	if r.InSlack < 6 { // the first word, KRA's and the end, in two channels
		t.Errorf("followers' channels in Slack were told %d times", r.InSlack)
	}
	if r.Hear != 73 || r.NotHear != 52 {
		t.Errorf("services that were judged: %d heard and %d not, want 73 and 52", r.Hear, r.NotHear)
	}
	var keys map[string]any
	if err := json.Unmarshal([]byte(out), &keys); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"missed", "duplicates", "strangers", "stale", "no_end", "citizens", "sent", "superseded", "first_message_ms", "peak_rss_mib"} {
		if _, ok := keys[key]; !ok {
			t.Errorf("the result has no %q", key)
		}
	}
	drawn, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"usilipe tena", "A taxpayer", "card machine (PDQ)", "Passed"} {
		if !strings.Contains(string(drawn), want) {
			t.Errorf("the picture lacks %q", want)
		}
	}
	dec := xml.NewDecoder(strings.NewReader(string(drawn)))
	for {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the picture is no XML: %v", err)
		}
	}
}

func TestDemoReplaysEveryIncident(t *testing.T) {
	t.Parallel()
	nation, err := catalogue.Kenya()
	if err != nil {
		t.Fatal(err)
	}
	all, err := demo.Incidents(nation)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 15 {
		t.Errorf("%d incidents, want 15", len(all))
	}
	for _, i := range all {
		if i.Seed {
			continue // the whole of it has a test of its own
		}
		t.Run(i.ID, func(t *testing.T) {
			t.Parallel()
			code, out, errs := ran(t, "demo", "--citizens", "140", "--fast", "--json", "--incident", i.ID)
			judged(t, code, out, errs)
		})
	}
}

func TestDemoOnPostgreSQL(t *testing.T) {
	t.Parallel()
	code, out, errs := ran(t, "demo", "--citizens", "200", "--fast", "--json", "--database", postgrestest.Database(t))
	if r := judged(t, code, out, errs); r.Store != "postgresql" {
		t.Errorf("it ran on %s", r.Store)
	}
}

// G15: no address, no credential and no word of a message is in the log of a
// whole run, not even at the finest level.
func TestG15DemoLogHoldsNoCitizen(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "demo.log")
	code, out, errs := ran(t, "demo", "--citizens", "150", "--fast", "--log", file)
	if code != exitDone {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	for _, want := range []string{"usilipe tena", "do not pay again", // or the test looks for what never was
		"the author writes it in slack", "the second officer reads it in the officers' channel in slack"} {
		if !strings.Contains(strings.ToLower(out), want) {
			t.Errorf("nobody reads %q", want)
		}
	}
	log, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(log), "notice published") {
		t.Fatalf("this is not the log of a run:\n%.400s", log)
	}
	for name, never := range map[string]string{
		"a person's address":    `530000\d{4}`,
		"a group's address":     `-410000\d{4}`,
		"a channel's address":   `-100210\d{7}`,
		"a group's member":      `1[12]10000\d{4}`,
		"the bot's token":       `AAF-|simulated-token`,
		"a channel of Slack":    `C0FOLLOW\d`,
		"a person in Slack":     `U0OFFICER\d`,
		"a token of Slack":      `xoxb-|xapp-|simulatedForTestsOnly`,
		"an officer's key":      `arifa-[a-z2-7]{32}`,
		"words of a notice":     `(?i)do not pay|usilipe|hayafanyi kazi|are not working|works? again`,
		"words of a citizen":    `\b(STOP|ACHA|ONDOKA|ondoka)\b|(?i:nairobi national park|hifadhi ya taifa)`,
		"a button":              `follow [a-z]+-[a-z-]+|lang (en|sw)`,
		"a check code":          `(code|msimbo) [0-9A-Z]{6}`,
		"a title of a group":    `"Group`,
		"a secret of 6 digits":  `otpauth`,
		"a language of someone": `language_code`,
	} {
		if found := regexp.MustCompile(never).Find(log); found != nil {
			t.Errorf("the log holds %s: %q", name, found)
		}
	}
}

func TestDemoRefusesWhatItWouldSpoil(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"too few":          {[]string{"--citizens", "3"}, exitUsage, "from 20 to 1000000"},
		"too many":         {[]string{"--citizens", "2000000000"}, exitUsage, "arifa rehearse"},
		"no such incident": {[]string{"--incident", "ke-1999"}, exitNo, "--list"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := cmd(t, "", append([]string{"demo", "--fast"}, c.args...)...)
			if code != c.code || !strings.Contains(errs, c.says) {
				t.Errorf("exit %d (want %d), %q, %q", code, c.code, out, errs)
			}
		})
	}
}

// The first signal ends the demo, and nothing of it is left in the directory for
// temporary files.
func TestDemoStops(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	stop := make(chan os.Signal, 1)
	var out, errs safeBuffer
	done := make(chan int, 1)
	go func() {
		done <- run(context.Background(), world{Args: []string{"demo", "--citizens", "150"}, Stop: stop, In: strings.NewReader(""), Out: &out, Err: &errs, Now: time.Now})
	}()
	for deadline := time.Now().Add(2 * time.Minute); !strings.Contains(out.String(), "opens the incident"); {
		if time.Now().After(deadline) {
			t.Fatalf("the day never began:\n%s%s", out.String(), errs.String())
		}
		<-time.After(20 * time.Millisecond)
	}
	stop <- os.Interrupt
	select {
	case code := <-done:
		if code != exitNo || !strings.Contains(errs.String(), "stopped") {
			t.Errorf("exit %d, %q", code, errs.String())
		}
	case <-time.After(2 * time.Minute):
		t.Fatal("it does not stop")
	}
	left, err := os.ReadDir(temp)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// The complaints come first: officers are woken before anybody has spoken, the duty
// officer publishes with one tap and six digits, and people say whether it works
// again. Where nobody on duty answers, the call climbs to the head.
func TestDemoBeginsWithComplaints(t *testing.T) {
	t.Parallel()
	code, out, errs := ran(t, "demo", "--citizens", "1500", "--fast", "--json")
	r := judged(t, code, out, errs)
	if r.Holds < 1 {
		t.Error("nobody was told another way before the others: so many people have two stages")
	}
	if r.Complaints < 10 || r.DetectedSeconds == nil || *r.DetectedSeconds > 60 || r.FirstWordSeconds == nil || *r.FirstWordSeconds > 300 || r.FalseWakeups != 0 {
		t.Errorf("complaints %d, detected %v, first word %v, false wake-ups %d", r.Complaints, r.DetectedSeconds, r.FirstWordSeconds, r.FalseWakeups)
	}
	code, out, errs = ran(t, "demo", "--citizens", "160", "--fast", "--json", "--without-duty")
	late := judged(t, code, out, errs)
	if late.FirstWordSeconds == nil || *late.FirstWordSeconds < 1800 {
		t.Errorf("without duty the first word came after %v s, want the head's after half an hour", late.FirstWordSeconds)
	}
	code, out, errs = ran(t, "demo", "--citizens", "160", "--fast")
	for _, want := range []string{"Wake-up: many report", "One tap and six digits", "of 14 say yes"} {
		if !strings.Contains(out, want) {
			t.Errorf("exit %d: the demo does not show %q\n%s", code, want, errs)
		}
	}
}
