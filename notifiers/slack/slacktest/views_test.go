package slacktest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"arifa/notifiers/slack/slacktest"
)

func modal(blocks string, more ...string) string {
	return `{"type":"modal","title":` + plain("T") + `,"submit":` + plain("Go") + `,"blocks":[` + blocks + `]` + strings.Join(more, "") + `}`
}

const input = `{"type":"input","block_id":"why","label":{"type":"plain_text","text":"Why"},"element":{"type":"plain_text_input","action_id":"a","max_length":5}}`

// hook starts an HTTP app that answers everything with 200 and text.
func hook(t *testing.T, s *slacktest.Server, answer func(path string, body []byte) (int, string)) *app {
	t.Helper()
	a := &app{told: make(chan *http.Request, 100), bodies: make(chan []byte, 100), answer: answer}
	srv := serve(t, a)
	if !s.SetEndpoints(slacktest.Endpoints{Events: srv + "/events", Commands: srv + "/commands", Interactions: srv + "/interactions"}) {
		t.Fatal("the challenge was not answered")
	}
	return a
}

func triggerOf(t *testing.T, body []byte) string {
	t.Helper()
	s := string(body)
	if rest, ok := strings.CutPrefix(s, "payload="); ok {
		var p struct {
			Trigger string `json:"trigger_id"`
		}
		if err := json.Unmarshal([]byte(unquery(t, rest)), &p); err != nil {
			t.Fatal(err)
		}
		return p.Trigger
	}
	return formValue(t, s, "trigger_id")
}

func ok(string, []byte) (int, string) { return 200, "" }

func TestATriggerOpensOnceAndSoon(t *testing.T) {
	t.Parallel()
	s := setup(t, func(c *slacktest.Config) { c.TriggerLife = time.Minute })
	a := hook(t, s, ok)
	open := func(trigger, view string) string {
		return call(t, s, "views.open", "trigger_id", trigger, "view", view).Error
	}
	press := func() string {
		must[*slacktest.Deed](t)(s.Command(amina, news, "/arifa", "outage")).Wait()
		return triggerOf(t, <-a.bodies)
	}
	first := press()
	for _, c := range []struct{ name, trigger, view, want string }{
		{"no input without a submit", first, `{"type":"modal","title":` + plain("T") + `,"blocks":[` + input + `]}`, "invalid_arguments"},
		{"a title of 25", first, `{"type":"modal","title":` + plain(strings.Repeat("t", 25)) + `,"blocks":[` + section("x") + `]}`, "invalid_arguments"},
		{"101 blocks", first, modal(many(101, `{"type":"divider"}`)), "invalid_arguments"},
		{"metadata of 3,001", first, modal(input, `,"private_metadata":"`+strings.Repeat("m", 3001)+`"`), "invalid_arguments"},
		{"a trigger of nobody", "1.2.3", modal(input), "invalid_trigger_id"},
		{"a good one", first, modal(input, `,"external_id":"x1"`), ""},
		{"again", first, modal(input), "exchanged_trigger_id"},
		{"one external id twice", press(), modal(input, `,"external_id":"x1"`), "duplicate_external_id"},
	} {
		if got := open(c.trigger, c.view); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	s = setup(t, func(c *slacktest.Config) { c.TriggerLife = time.Nanosecond })
	a = hook(t, s, ok)
	if got := open(press(), modal(input)); got != "expired_trigger_id" {
		t.Errorf("late: got %q", got)
	}
}

func TestAModalIsFilledInAndSubmitted(t *testing.T) {
	t.Parallel()
	s := setup(t)
	var says string
	a := hook(t, s, func(string, []byte) (int, string) { return 200, says })
	must[*slacktest.Deed](t)(s.Command(amina, news, "/arifa", "")).Wait()
	opened := call(t, s, "views.open", "trigger_id", triggerOf(t, <-a.bodies), "view", modal(input, `,"callback_id":"return"`))
	if _, err := s.Submit(amina); err == nil {
		t.Error("an empty input was submitted")
	}
	if err := s.Fill(amina, "Why", "too long"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Submit(amina); err == nil {
		t.Error("more than max_length was submitted")
	}
	if err := s.Fill(amina, "Why", "wrong"); err != nil {
		t.Fatal(err)
	}
	says = `{"response_action":"errors","errors":{"why":"press again"}}`
	must[*slacktest.Deed](t)(s.Submit(amina)).Wait()
	body := unquery(t, strings.TrimPrefix(string(<-a.bodies), "payload="))
	if !strings.Contains(body, `"value":"wrong"`) || !strings.Contains(body, `"callback_id":"return"`) {
		t.Errorf("got %s", body)
	}
	v, _ := s.Modal(amina)
	if len(v.Errors) != 1 || v.Errors[0] != "why: press again" {
		t.Errorf("got errors %q", v.Errors)
	}
	if got := call(t, s, "views.update", "view_id", opened.View.ID, "hash", "old", "view", modal(input)).Error; got != "hash_conflict" {
		t.Errorf("an old hash: got %q", got)
	}
	says = `{"response_action":"update","view":` + modal(section("working"), `,"callback_id":"wait"`) + `}`
	must[*slacktest.Deed](t)(s.Submit(amina)).Wait()
	if v, open := s.Modal(amina); !open || v.Text != "working" {
		t.Errorf("got %+v, want it updated", v)
	}
	if got := call(t, s, "views.update", "view_id", opened.View.ID, "view", modal(section("done"))).Error; got != "" {
		t.Errorf("update: got %q", got)
	}
	s.CloseModal(amina)
	if got := call(t, s, "views.update", "view_id", opened.View.ID, "view", modal(section("late"))).Error; got != "not_found" {
		t.Errorf("closed: got %q", got)
	}
	if _, open := s.Modal(amina); open {
		t.Error("the modal is open")
	}
}

func TestAHomeIsPublished(t *testing.T) {
	t.Parallel()
	s := setup(t)
	a := hook(t, s, ok)
	s.OpenHome(juma, "home")
	<-a.bodies
	view := `{"type":"home","blocks":[` + section("nothing waits") + `,{"type":"actions","elements":[` + button("go", "Go") + `]}]}`
	if e := call(t, s, "views.publish", "user_id", juma, "view", view).Error; e != "" {
		t.Fatal(e)
	}
	if v, open := s.Home(juma); !open || v.Text != "nothing waits" {
		t.Errorf("got %+v", v)
	}
	must[*slacktest.Deed](t)(s.PressIn(juma, "Go")).Wait()
	if body := unquery(t, string(<-a.bodies)); !strings.Contains(body, `"action_id":"go"`) {
		t.Errorf("got %s", body)
	}
	if e := call(t, s, "views.publish", "user_id", juma, "view", modal(input)).Error; e != "invalid_arguments" {
		t.Errorf("a modal as home: got %q", e)
	}
}

func TestAResponseURLIsUsedFiveTimes(t *testing.T) {
	t.Parallel()
	s := setup(t)
	a := hook(t, s, func(string, []byte) (int, string) { return 200, "noted" })
	d := must[*slacktest.Deed](t)(s.Command(juma, s.DM(juma), "/arifa", "x"))
	if ack := d.Wait(); ack.Told != "noted" {
		t.Errorf("got %+v, want the answer shown", ack)
	}
	address := formValue(t, string(<-a.bodies), "response_url")
	for i := range 6 {
		r, _ := http.NewRequest(http.MethodPost, address, strings.NewReader(fmt.Sprintf(`{"text":"answer %d"}`, i)))
		r.Header.Set("Content-Type", "application/json")
		if got := ask(t, r).Status; (got == 200) != (i < 5) {
			t.Errorf("use %d: got %d", i+1, got)
		}
	}
	if n := len(s.Ephemerals(juma)); n != 6 {
		t.Errorf("got %d ephemeral messages, want 6", n)
	}
}
