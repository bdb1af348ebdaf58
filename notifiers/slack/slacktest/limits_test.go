package slacktest_test

import (
	"net/http"
	"testing"
	"time"

	"arifa/notifiers/slack/slacktest"
)

func TestRates(t *testing.T) {
	t.Parallel()
	limits := slacktest.DefaultLimits()
	limits.Tiers[3] = 3
	limits.Grace = time.Nanosecond
	s := setup(t, func(c *slacktest.Config) { c.Limits = &limits })
	s.AddChannel(slacktest.Channel{ID: "C0TWO", Members: []string{slacktest.BotUser}})
	var ts string
	for i := range 4 {
		a := call(t, s, "chat.postMessage", "channel", news, "text", "x")
		if ts = a.TS; !a.OK {
			t.Fatalf("message %d of the burst: %q", i, a.Error)
		}
	}
	if a := call(t, s, "chat.postMessage", "channel", news, "text", "x"); a.Status != http.StatusTooManyRequests || a.Header.Get("Retry-After") != "1" {
		t.Errorf("the fifth at once: got %d, Retry-After %q", a.Status, a.Header.Get("Retry-After"))
	}
	if a := call(t, s, "chat.postMessage", "channel", "C0TWO", "text", "x"); !a.OK {
		t.Errorf("another channel: got %q, want it untouched", a.Error)
	}
	if len(s.Violations()) != 0 {
		t.Error("a violation before any")
	}
	call(t, s, "chat.postMessage", "channel", news, "text", "x")
	if v := s.Violations(); len(v) != 1 || v[0].Method != "chat.postMessage" || v[0].Channel != news {
		t.Errorf("got %+v, want one inside the window", v)
	}
	for range 3 {
		call(t, s, "chat.update", "channel", news, "ts", ts, "text", "y")
	}
	if a := call(t, s, "chat.update", "channel", news, "ts", ts, "text", "y"); a.Status != http.StatusTooManyRequests {
		t.Errorf("a method above its tier: got %d", a.Status)
	}
	if a := call(t, s, "conversations.info", "channel", news); !a.OK {
		t.Errorf("another method of the tier: got %q", a.Error)
	}
}

func TestTheWorkspaceHasACeiling(t *testing.T) {
	t.Parallel()
	s := setup(t, func(c *slacktest.Config) { c.Limits = &slacktest.Limits{Workspace: 5} })
	for range 5 {
		call(t, s, "chat.postMessage", "channel", news, "text", "x")
	}
	if a := call(t, s, "chat.postMessage", "channel", juma, "text", "x"); a.Status != http.StatusTooManyRequests {
		t.Errorf("the sixth of a minute: got %d %q", a.Status, a.Error)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	s := setup(t)
	post := func() answer { return call(t, s, "chat.postMessage", "channel", news, "text", "x") }
	s.Inject(slacktest.Fault{Do: slacktest.TooMany, RetryAfter: 7, Times: 1})
	if a := post(); a.Status != 429 || a.Header.Get("Retry-After") != "7" {
		t.Errorf("got %d %q", a.Status, a.Header.Get("Retry-After"))
	}
	s.ClearFaults()
	for _, c := range []struct {
		fault      slacktest.Fault
		status     int
		err        string
		messages   int
		unanswered bool
	}{
		{slacktest.Fault{Do: slacktest.BareLimit}, 429, "", 0, false},
		{slacktest.Fault{Do: slacktest.Fail}, 200, "internal_error", 0, false},
		{slacktest.Fault{Do: slacktest.FailReply, Code: "fatal_error"}, 200, "fatal_error", 1, false},
		{slacktest.Fault{Do: slacktest.ServerDown}, 503, "", 0, false},
		{slacktest.Fault{Do: slacktest.BadGateway}, 502, "", 0, false},
		{slacktest.Fault{Do: slacktest.CutRequest}, 0, "", 0, true},
		{slacktest.Fault{Do: slacktest.CutReply}, 0, "", 1, true},
	} {
		s := setup(t)
		c.fault.Times = 1
		s.Inject(c.fault)
		if c.unanswered {
			r, _ := http.NewRequest(http.MethodPost, s.URL()+"chat.postMessage?", nil)
			r.Body = http.NoBody
			r.Header.Set("Authorization", "Bearer "+s.Config().BotToken)
			if _, err := http.DefaultTransport.RoundTrip(form(r, "channel", news, "text", "x")); err == nil {
				t.Errorf("%+v: got an answer", c.fault)
			}
		} else if a := call(t, s, "chat.postMessage", "channel", news, "text", "x"); a.Status != c.status || a.Error != c.err {
			t.Errorf("%+v: got %d %q", c.fault, a.Status, a.Error)
		}
		if got := len(s.Messages(news)); got != c.messages {
			t.Errorf("%+v: %d messages arrived, want %d", c.fault, got, c.messages)
		}
	}
}
