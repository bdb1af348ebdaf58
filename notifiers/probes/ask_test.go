package probes_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"arifa/notifiers/probes"
	"arifa/subscriptions"
)

var local = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// site is a platform on a real socket.
func site(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("another host was asked") }))
	say := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); _, _ = io.WriteString(w, body) }
	}
	mux.HandleFunc("/fine", say(200, "Welcome to the portal"))
	mux.HandleFunc("/login", say(401, ""))
	mux.HandleFunc("/down", say(503, "sorry"))
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/fine", http.StatusFound) })
	mux.HandleFunc("/round", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/round", http.StatusFound) })
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) })
	mux.HandleFunc("/inside", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
	})
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, strings.Repeat("x", 1000)); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/late", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat(" ", 300<<10)+"Welcome")
	})
	mux.HandleFunc("/headers", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Long", strings.Repeat("x", 128<<10)) })
	mux.HandleFunc("/broken", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	mux.HandleFunc("/agent", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.UserAgent()) })
	srv := httptest.NewServer(mux)
	t.Cleanup(func() { srv.Close(); elsewhere.Close() })
	return srv
}

func TestAsk(t *testing.T) {
	t.Parallel()
	srv := site(t)
	closed := httptest.NewServer(nil)
	closed.Close()
	foreign := httptest.NewUnstartedServer(http.NotFoundHandler())
	foreign.Config.ErrorLog = log.New(io.Discard, "", 0)
	foreign.StartTLS()
	t.Cleanup(foreign.Close)
	for _, c := range []struct {
		name  string
		probe subscriptions.Probe
		want  string // "" = works
	}{
		{"it answers", subscriptions.Probe{URL: "/fine"}, ""},
		{"a login is an answer", subscriptions.Probe{URL: "/login"}, ""},
		{"a login where a page was wanted", subscriptions.Probe{URL: "/login", Status: []int{200, 302}}, "it answers 401 (Unauthorized)"},
		{"trouble", subscriptions.Probe{URL: "/down"}, "it answers 503 (Service Unavailable)"},
		{"trouble that was wanted", subscriptions.Probe{URL: "/down", Status: []int{503}}, ""},
		{"the text", subscriptions.Probe{URL: "/fine", Text: "Welcome"}, ""},
		{"not the text", subscriptions.Probe{URL: "/fine", Text: "Karibu"}, `"Karibu" is not in what it answers`},
		{"the text too far down", subscriptions.Probe{URL: "/late", Text: "Welcome"}, "is not in what it answers"},
		{"a page without end", subscriptions.Probe{URL: "/endless", Text: "Welcome"}, "is not in what it answers"},
		{"moved on the same host", subscriptions.Probe{URL: "/moved", Status: []int{200}}, ""},
		{"moved in a circle", subscriptions.Probe{URL: "/round", Status: []int{200}}, "it answers 302 (Found)"},
		{"moved to another host", subscriptions.Probe{URL: "/away", Status: []int{200}}, "it answers 302 (Found)"},
		{"moved into the machine's own network", subscriptions.Probe{URL: "/inside"}, ""},
		{"too slow", subscriptions.Probe{URL: "/slow", Timeout: 200 * time.Millisecond}, "no answer within 200ms"},
		{"breaks off", subscriptions.Probe{URL: "/broken"}, "the connection breaks"},
		{"long headers", subscriptions.Probe{URL: "/headers"}, "the connection breaks"},
		{"who asks", subscriptions.Probe{URL: "/agent", Text: "Arifa (+https://arifa.example)"}, ""},
		{"nobody there", subscriptions.Probe{URL: closed.URL}, "it refuses the connection"},
		{"a certificate of nobody", subscriptions.Probe{URL: foreign.URL}, "its certificate is not valid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if strings.HasPrefix(c.probe.URL, "/") {
				c.probe.URL = srv.URL + c.probe.URL
			}
			if c.probe.Timeout == 0 {
				c.probe.Timeout = 20 * time.Second
			}
			got := probes.NewAsker(local, "Arifa (+https://arifa.example)").Ask(t.Context(), c.probe)
			if got.Cannot != "" || !strings.Contains(got.Fails, c.want) || (c.want == "") != (got.Fails == "") {
				t.Errorf("got %+v, want %q", got, c.want)
			}
			if strings.Contains(got.Fails, "127.0.0.1") {
				t.Errorf("it tells an address: %q", got.Fails)
			}
		})
	}
}

// A name that leads into our own network is not asked, and says nothing of the
// platform.
func TestAskRefusesPrivateAddresses(t *testing.T) {
	t.Parallel()
	asked := false
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer srv.Close()
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]"} {
		got := probes.NewAsker(nil, "x").Ask(t.Context(), subscriptions.Probe{URL: "http://" + host + ":" + u.Port(), Timeout: 5 * time.Second})
		if !strings.Contains(got.Cannot, "private address") || got.Fails != "" {
			t.Errorf("%s: got %+v", host, got)
		}
	}
	if asked {
		t.Error("it was asked")
	}
}

func TestReachable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		at   string
		want bool
	}{
		{"196.201.214.1", true}, {"2c0f:fe38::1", true}, {"64:ff9b::c4c9:d601", true},
		{"127.0.0.1", false}, {"::1", false}, {"10.1.2.3", false}, {"172.16.0.1", false}, {"192.168.1.1", false}, {"169.254.169.254", false},
		{"0.0.0.0", false}, {"::", false}, {"100.64.0.1", false}, {"192.0.2.1", false}, {"198.18.0.1", false}, {"224.0.0.1", false}, {"255.255.255.255", false}, {"240.0.0.1", false},
		{"fe80::1", false}, {"fc00::1", false}, {"fd00:ec2::254", false}, {"ff02::1", false}, {"2001:db8::1", false}, {"2002:7f00:1::", false},
		{"::ffff:10.1.2.3", false}, {"64:ff9b::a01:203", false}, {"64:ff9b:1::1", false},
	} {
		if got := probes.Reachable(netip.MustParseAddr(c.at)); got != c.want {
			t.Errorf("%s: got %v", c.at, got)
		}
	}
	if !probes.Reachable(netip.MustParseAddr("10.1.2.3"), netip.MustParsePrefix("10.1.0.0/16")) || probes.Reachable(netip.MustParseAddr("10.2.2.3"), netip.MustParsePrefix("10.1.0.0/16")) {
		t.Error("an allowed network is not what is let through")
	}
}

func TestFailed(t *testing.T) {
	t.Parallel()
	at := &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1)}}
	wrap := func(err error) error {
		at := *at
		at.Err = err
		return &url.Error{Op: "Get", URL: "https://10.0.0.1", Err: &at}
	}
	for _, c := range []struct {
		err  error
		want probes.Outcome
	}{
		{wrap(&net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}), probes.Outcome{Fails: "its name is not found"}},
		{wrap(&net.DNSError{Err: "i/o timeout", IsTimeout: true}), probes.Outcome{Fails: "no answer within 10s"}},
		{wrap(syscall.ECONNREFUSED), probes.Outcome{Fails: "it refuses the connection"}},
		{wrap(syscall.EHOSTUNREACH), probes.Outcome{Fails: "the connection breaks"}},
		{wrap(x509.UnknownAuthorityError{}), probes.Outcome{Fails: "its certificate is not valid"}},
		{fmt.Errorf("get: %w", context.DeadlineExceeded), probes.Outcome{Fails: "no answer within 10s"}},
		{fmt.Errorf("get: %w", context.Canceled), probes.Outcome{Cannot: "stopped"}},
		{errors.New("malformed HTTP response"), probes.Outcome{Fails: "the connection breaks"}},
	} {
		if got := probes.Failed(c.err); got != c.want {
			t.Errorf("%v: got %+v, want %+v", c.err, got, c.want)
		}
	}
}
