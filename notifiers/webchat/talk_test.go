package webchat_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"arifa/notifiers/webchat"
	"arifa/notifiers/webchat/webchattest"
	"arifa/subscriptions"
)

// What the issue asks for: a stranger follows, hears the notice live, and the end.
func TestAStrangerFollowsAndHearsTheEnd(t *testing.T) {
	t.Parallel()
	s := setup(t)
	b := s.open()
	s.said(b, "text", "follow passport renewal")
	followed := s.shows(b, "You follow: Passport renewal")
	if strings.Contains(followed.Text, b.Cookie()) {
		t.Error("the page shows its id")
	}
	i, n := s.outage()
	told := s.shows(b, "Payments to 222222 (eCitizen) are not working.")
	if !strings.Contains(told.Text, "Passport renewal (DIS) – not working.") || !strings.Contains(told.Text, "You get this because you follow: Passport renewal") {
		t.Errorf("got\n%s", told.Text)
	}
	s.until("sent is recorded", func() bool {
		p, err := s.store.Progress(t.Context(), n.ID)
		return err == nil && p.Count(subscriptions.Sent) == 1
	})
	end := s.restore(i)
	over := s.shows(b, "work again.")
	if over.About != told.ID {
		t.Errorf("the end stands under %d, want under the first word %d", over.About, told.ID)
	}
	s.until("the end is recorded", func() bool {
		p, err := s.store.Progress(t.Context(), end.ID)
		return err == nil && p.Count(subscriptions.Sent) == 1
	})
	s.mu.Lock()
	log := s.log.String()
	s.mu.Unlock()
	for _, secret := range []string{b.Cookie(), s.addressOf(b).Reveal(), "follow passport"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log tells %q", secret)
		}
	}
}

func TestSentMeansThatTheBrowserHasIt(t *testing.T) {
	t.Parallel()
	s := setup(t, func(c *webchat.Config) { c.Waits.Confirm = 100 * time.Millisecond })
	b := s.open()
	s.said(b, "text", "follow passport renewal")
	s.shows(b, "You follow")
	b.Mute(true)
	_, n := s.outage()
	s.shows(b, "are not working")
	s.until("the page that does not confirm is closed", func() bool { return webchat.Open(s.channel) == 0 })
	p, err := s.store.Progress(t.Context(), n.ID)
	s.must(err)
	if got := p.Count(subscriptions.Sent); got != 0 {
		t.Errorf("%d sent, but the browser has confirmed nothing", got)
	}
	b.Close()
	b.Mute(false)
	s.must(b.Open(t.Context(), 0))
	s.until("it is sent once the browser confirms", func() bool {
		p, err := s.store.Progress(t.Context(), n.ID)
		return err == nil && p.Count(subscriptions.Sent) == 1
	})
}

func TestABrowserThatComesBackFindsItsTalk(t *testing.T) {
	t.Parallel()
	s := setup(t)
	b := s.open()
	s.said(b, "text", "follow passport renewal")
	s.shows(b, "You follow")
	b.Close()
	_, page, err := b.Page("")
	s.must(err)
	all := webchattest.Messages(page)
	if len(all) < 2 || !strings.Contains(all[len(all)-1].Text, "You follow: Passport renewal") {
		t.Fatalf("got %+v", all)
	}
	// Another browser finds nothing of it.
	other := webchattest.New(s.page("en"))
	_, page, err = other.Page("")
	s.must(err)
	if len(webchattest.Messages(page)) != 0 || strings.Contains(page, "Passport") {
		t.Error("a stranger sees another's talk")
	}
	if other.Cookie() != "" {
		t.Error("a visit alone is remembered")
	}
	// Erased is erased.
	s.must(b.Open(t.Context(), 0))
	s.said(b, "text", "/forget")
	s.shows(b, "Everything about you is erased.")
	_, page, err = b.Page("")
	s.must(err)
	if strings.Contains(page, "You follow") {
		t.Error("the talk is still there")
	}
}

func TestABrowserThatWasGoneIsToldWhatItMissed(t *testing.T) {
	t.Parallel()
	s := setup(t)
	b := s.open()
	s.said(b, "text", "follow passport renewal")
	s.shows(b, "You follow")
	b.Close()
	s.until("it is closed", func() bool { return webchat.Open(s.channel) == 0 })
	s.skip(s.waits.Gone)
	_, n := s.outage()
	s.until("it counts as gone", func() bool {
		r, err := s.store.Recipient(t.Context(), subscriptions.WebLane, s.addressOf(b))
		return err == nil && !r.GoneAt.IsZero()
	})
	p, err := s.store.Progress(t.Context(), n.ID)
	s.must(err)
	if got := p.Count(subscriptions.Sent); got != 0 {
		t.Errorf("%d sent to a page that is not open", got)
	}
	s.must(b.Open(t.Context(), 0))
	s.shows(b, "Payments to 222222 (eCitizen) are not working.")
	r, err := s.store.Recipient(t.Context(), subscriptions.WebLane, s.addressOf(b))
	s.must(err)
	if !r.GoneAt.IsZero() {
		t.Error("it is back, but counts as gone")
	}
}

func TestWithoutAScript(t *testing.T) {
	t.Parallel()
	s := setup(t)
	b := webchattest.New(s.page("en"))
	status, page, err := b.Page("?start=passport-renewal")
	s.must(err)
	if status != 200 || !strings.Contains(page, "This page tells you only while it is open.") || !strings.Contains(page, "Ask about: Passport renewal") {
		t.Fatalf("got %d:\n%s", status, page)
	}
	page, err = b.Submit("start", "passport-renewal", "nonce", "a")
	s.must(err)
	all := webchattest.Messages(page)
	if len(all) != 1 || !strings.Contains(all[0].Text, "In which language") {
		t.Fatalf("got %+v", all)
	}
	page, err = b.Submit("choice", all[0].Choices["English"], "of", "1", "nonce", "b")
	s.must(err)
	all = webchattest.Messages(page)
	last := all[len(all)-1]
	page, err = b.Submit("choice", last.Choices["Follow"], "of", "1", "nonce", "c")
	s.must(err)
	all = webchattest.Messages(page)
	if !strings.Contains(all[len(all)-1].Text, "You follow: Passport renewal") {
		t.Fatalf("got %+v", all[len(all)-1])
	}
	_, n := s.outage()
	refresh := regexp.MustCompile(`<noscript><meta http-equiv="refresh" content="1; url=/en/chat(\?poll=1[^#"]*)#end">`)
	sent := func() int {
		p, err := s.store.Progress(t.Context(), n.ID)
		s.must(err)
		return p.Count(subscriptions.Sent)
	}
	s.until("the page shows it and the next visit confirms it", func() bool {
		m := refresh.FindStringSubmatch(page)
		if m == nil {
			t.Fatalf("the page does not come anew by itself:\n%s", page)
		}
		_, page, err = b.Page(strings.ReplaceAll(m[1], "&amp;", "&"))
		s.must(err)
		return strings.Contains(page, "are not working") && sent() == 1
	})
}

func TestTheSameThingTwiceIsHeardOnce(t *testing.T) {
	t.Parallel()
	s := setup(t)
	b := s.open()
	for range 3 {
		s.said(b, "text", "hello", "nonce", "one")
	}
	s.said(b, "text", "good conduct", "nonce", "two")
	s.shows(b, "Police clearance")
	st, err := s.store.InboxState(t.Context(), subscriptions.WebLane)
	s.must(err)
	if st.Dead != 0 {
		t.Errorf("%d laid aside", st.Dead)
	}
	hellos := 0
	for _, m := range b.Shown() {
		if strings.HasPrefix(m.Text, "Arifa\n") {
			hellos++
		}
	}
	if hellos != 2 { // the greeting of the stage, and one of three
		t.Errorf("greeted %d times, want 2", hellos)
	}
}

func TestManyPagesOfOneBrowser(t *testing.T) {
	t.Parallel()
	s := setup(t)
	b := s.open()
	for range 8 { // the oldest end
		second := b.Twin()
		s.must(second.Open(t.Context(), 0))
		t.Cleanup(second.Close)
	}
	s.until("only so many stay open", func() bool { return webchat.Open(s.channel) == 5 })
}

func TestCookieIsStrict(t *testing.T) {
	t.Parallel()
	for _, https := range []bool{false, true} {
		s := setup(t, func(c *webchat.Config) { c.Web.HTTPS = https })
		r, err := http.NewRequest(http.MethodPost, s.page("sw"), strings.NewReader("text=habari&live=1"))
		s.must(err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w, err := http.DefaultClient.Do(r)
		s.must(err)
		_ = w.Body.Close()
		c := w.Cookies()[0]
		if c.SameSite != http.SameSiteStrictMode || !c.HttpOnly || c.Secure != https || (c.Name == "__Host-chat") != https || c.Path != "/" || len(c.Value) < 26 {
			t.Errorf("https %v: got %v", https, c)
		}
	}
}

func TestWhatTheChatRefuses(t *testing.T) {
	t.Parallel()
	s := setup(t)
	const form = "application/x-www-form-urlencoded"
	for _, c := range []struct {
		name, method, path, kind, body, site, cookie string
		want                                         int
	}{
		{"nothing said", "POST", "/en/chat", form, "text=", "", "", 400},
		{"another kind of body", "POST", "/en/chat", "application/json", `{"text":"x"}`, "", "", 415},
		{"too much", "POST", "/en/chat", form, "text=" + strings.Repeat("x", 20<<10), "", "", 413},
		{"a text that is too long", "POST", "/en/chat", form, "text=" + strings.Repeat("x", 5000), "", "", 413},
		{"a broken form", "POST", "/en/chat", form, "text=%zz", "", "", 400},
		{"another site's form", "POST", "/en/chat", form, "text=x", "cross-site", "", 403},
		{"another method", "DELETE", "/en/chat", "", "", "", "", 405},
		{"an unknown language", "GET", "/fr/chat", "", "", "", "", 404},
		{"a stream without an id", "GET", "/en/chat/events", "", "", "", "", 204},
		{"a stream with an id that is none", "GET", "/en/chat/events", "", "", "", "chat=../../etc", 204},
		{"confirming without an id", "POST", "/en/chat/seen", form, "v=1", "", "", 400},
		{"confirming nothing", "POST", "/en/chat/seen", form, "v=x.-1.0", "", "chat=" + strings.Repeat("A", 26), 400},
		{"what is not startable", "GET", "/en/chat?start=%3Cscript%3E", "", "", "", "", 200},
	} {
		r, err := http.NewRequest(c.method, s.server.URL+c.path, strings.NewReader(c.body))
		s.must(err)
		for k, v := range map[string]string{"Content-Type": c.kind, "Sec-Fetch-Site": c.site, "Cookie": c.cookie} {
			if v != "" {
				r.Header.Set(k, v)
			}
		}
		w, err := http.DefaultClient.Do(r)
		s.must(err)
		body, _ := io.ReadAll(w.Body)
		_ = w.Body.Close()
		if w.StatusCode != c.want {
			t.Errorf("%s: got %d, want %d", c.name, w.StatusCode, c.want)
		}
		if strings.Contains(string(body), "<script>") {
			t.Errorf("%s: got %s", c.name, body)
		}
	}
	for range 60 {
		w, err := http.PostForm(s.page("en"), url.Values{"text": {"x"}, "live": {"1"}})
		s.must(err)
		_ = w.Body.Close()
		if w.StatusCode == http.StatusTooManyRequests {
			return
		}
	}
	t.Error("one client may say as much as it likes")
}

// Where other processes serve pages too, a browser that is open there is told.
func TestAnotherProcessShowsThePage(t *testing.T) {
	t.Parallel()
	s := setup(t, func(c *webchat.Config) { c.Alone = false })
	elsewhere, err := webchat.New(webchat.Config{Store: s.store, Conversation: s.talk, Speaker: s.words, Nation: func() *subscriptions.Nation { return s.nation },
		Owned: func() bool { return false }, Now: s.now, Waits: s.waits, Reply: nobody})
	s.must(err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = elsewhere.Run(ctx) }()
	defer func() { cancel(); <-done }()
	mux := http.NewServeMux()
	elsewhere.Mount(mux)
	srv := newServer(t, mux)
	b := webchattest.New(srv + "/en/chat")
	t.Cleanup(b.Close)
	s.said(b, "text", "follow passport renewal")
	s.must(b.Open(ctx, 0))
	s.shows(b, "You follow")
	_, n := s.outage()
	s.shows(b, "are not working")
	s.until("sent", func() bool {
		p, err := s.store.Progress(t.Context(), n.ID)
		return err == nil && p.Count(subscriptions.Sent) == 1
	})
}

// Of a browser that nothing else knows the page keeps what it was told: /mydata says
// so, and /forget takes it away.
func TestForgetOfSomebodyWhomNothingElseKnows(t *testing.T) {
	t.Parallel()
	s := setup(t)
	b := s.open()
	s.said(b, "text", "stima")
	s.shows(b, "Electricity tokens")
	s.said(b, "text", "/mydata")
	s.shows(b, "What we said here")
	s.said(b, "text", "/forget")
	s.shows(b, "Nothing about you is stored")
	all, err := s.store.Utterances(t.Context(), s.addressOf(b), subscriptions.MostUtterances)
	s.must(err)
	if len(all) != 1 {
		t.Errorf("%d messages are kept, want the last only", len(all))
	}
	if _, err := s.store.Recipient(t.Context(), s.channel.Name(), s.addressOf(b)); !errors.Is(err, subscriptions.ErrNotFound) {
		t.Errorf("a recipient was left: %v", err)
	}
}
