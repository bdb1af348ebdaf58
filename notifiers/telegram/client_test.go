package telegram_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"arifa/notifiers"
	"arifa/notifiers/telegram"
)

func TestAProxysPageSaysNothingAboutAPerson(t *testing.T) {
	t.Parallel()
	const page = "<html><body>Payments to 222222 fail</body></html>"
	for _, c := range []struct {
		code int
		body string
		want string
	}{
		{200, page, "unknown"}, {200, `{"ok":true,"res`, "unknown"}, {200, "", "unknown"}, {200, `{"ok":false}`, "unknown"},
		{200, `{"ok":true,"result":{}}`, "unknown"}, {200, `{"ok":true,"result":"x"}`, "unknown"},
		{400, page, "again"}, {403, page, "again"}, {502, page, "unknown"}, {503, page, "again"}, {504, page, "unknown"},
		{500, `{"ok":false,"error_code":500,"description":"Internal Server Error"}`, "again"},
		{403, `{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}`, "gone"},
	} {
		ch := answering(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.code)
			_, _ = io.WriteString(w, c.body)
		})
		_, err := ch.Send(t.Context(), message(5, "Payments to 222222 fail"))
		if got := outcome(err); got != c.want {
			t.Errorf("%d %.40s: got %s (%v), want %s", c.code, c.body, got, err, c.want)
		}
		hides(t, err.Error(), "222222")
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	var shown atomic.Value
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { shown.Store(r.URL.String() + r.Referer()) }))
	t.Cleanup(thief.Close)
	ch := answering(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, thief.URL+r.URL.Path, http.StatusTemporaryRedirect)
	})
	_, err := ch.Send(t.Context(), message(5, "x"))
	if got := outcome(err); got != "again" {
		t.Errorf("send: got %s, want again", got)
	}
	if _, err := ch.Me(t.Context()); err == nil {
		t.Error("ask: got no error")
	}
	if s := shown.Load(); s != nil {
		t.Error("another host was shown the token")
	}
}

func TestWhetherItArrivedIsKnownByHowFarTheRequestCame(t *testing.T) {
	t.Parallel()
	t.Run("no connection", func(t *testing.T) {
		t.Parallel()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_ = l.Close()
		_, err = channelTo(t, "http://"+l.Addr().String(), &logged{}).Send(t.Context(), message(5, "x"))
		if got := outcome(err); got != "again" {
			t.Errorf("got %s (%v), want again", got, err)
		}
	})
	t.Run("no name", func(t *testing.T) {
		t.Parallel()
		_, err := channelTo(t, "http://no-such-host.invalid", &logged{}).Send(t.Context(), message(5, "x"))
		if got := outcome(err); got != "again" {
			t.Errorf("got %s (%v), want again", got, err)
		}
	})
	t.Run("cut after it was read", func(t *testing.T) {
		t.Parallel()
		_, err := answering(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			panic(http.ErrAbortHandler)
		}).Send(t.Context(), message(5, "x"))
		if got := outcome(err); got != "unknown" {
			t.Errorf("got %s (%v), want unknown", got, err)
		}
	})
	t.Run("ctx ends while it is answered", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		_, err := answering(t, func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			cancel()
			<-r.Context().Done()
		}).Send(ctx, message(5, "x"))
		if got := outcome(err); got != "unknown" || !errors.Is(err, context.Canceled) {
			t.Errorf("got %s (%v), want unknown, canceled", got, err)
		}
	})
	t.Run("ctx ended before", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := answering(t, func(http.ResponseWriter, *http.Request) { t.Error("a request came") }).Send(ctx, message(5, "x"))
		if got := outcome(err); got != "again" {
			t.Errorf("got %s (%v), want again", got, err)
		}
	})
}

func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	const senders = 16 // twice the cap
	var opened atomic.Int64
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"ok":true,"result":{"message_id":1}}`)
	}))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	ch := channelTo(t, srv.URL, &logged{})
	var g sync.WaitGroup
	for range senders {
		g.Go(func() {
			for range 1000 / senders {
				if _, err := ch.Send(t.Context(), message(5, "x")); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	g.Wait()
	if n := opened.Load(); n > 8 {
		t.Errorf("got %d connections, want at most the cap of 8", n)
	}
}

func TestNoErrorTellsTheToken(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"refused": "http://127.0.0.1:1", "no scheme": "nowhere", "not an address": "http://%zz", "tls to nobody": "https://127.0.0.1:1"} {
		log := &logged{}
		ch, err := telegram.New(telegram.Config{Token: token, API: url, Log: log.logger()})
		if err != nil {
			hides(t, err.Error())
			continue
		}
		for what, err := range map[string]error{
			"send":  second(ch.Send(t.Context(), message(5, "x"))),
			"me":    second(ch.Me(t.Context())),
			"place": second(ch.Place(t.Context(), "@arifa")),
			"hook":  second(ch.Hearing(t.Context())),
		} {
			if err == nil {
				t.Errorf("%s, %s: got no error", name, what)
				continue
			}
			hides(t, err.Error())
		}
		hides(t, log.String())
	}
}

func second[T any](_ T, err error) error { return err }

func TestATokenMustLookLikeOne(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "abc", "12:", ":abc", "12a:abc", "-1:abc", "12:a/b", "12:a b", "12:a?b", "0:abc"} {
		if _, err := telegram.New(telegram.Config{Token: bad, Log: (&logged{}).logger()}); err == nil {
			t.Errorf("%q was taken", bad)
		} else if bad != "" && bad != "abc" && strings.Contains(err.Error(), bad) {
			t.Errorf("%q: the error repeats it", bad)
		}
	}
	ch, err := telegram.New(telegram.Config{Token: token, Log: (&logged{}).logger()})
	if err != nil || ch.Name() != "telegram:7000000001" {
		t.Errorf("got %v, %v, want lane telegram:7000000001", ch, err)
	}
}

func TestNothingIsAskedWithinRetryAfter(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	now := time.Now()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(429)
		_, _ = io.WriteString(w, `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 30","parameters":{"retry_after":30}}`)
	}))
	t.Cleanup(srv.Close)
	ch, err := telegram.New(telegram.Config{Token: token, API: srv.URL, Log: (&logged{}).logger(), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int64{1, 1} {
		if _, err := ch.Place(t.Context(), "@arifa"); telegram.RetryAfter(err, 0) != 30*time.Second {
			t.Errorf("call %d: got %v, want retry after 30 s", i, err)
		}
		if n := asked.Load(); n != want {
			t.Errorf("call %d: got %d requests, want %d", i, n, want)
		}
	}
	now = now.Add(30 * time.Second)
	_, _ = ch.Place(t.Context(), "@arifa")
	if n := asked.Load(); n != 2 {
		t.Errorf("after 30 s: got %d requests, want 2", n)
	}
}

var _ notifiers.Channel = (*telegram.Channel)(nil)
