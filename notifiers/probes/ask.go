package probes

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"arifa/subscriptions"
)

// Outcome is what one question found. Neither = it works.
type Outcome struct {
	Fails  string // why it does not work
	Cannot string // why we could not ask; says nothing of the platform
}

// Limits of one question.
const (
	searched  = 256 << 10 // bytes in which a text is looked for
	redirects = 5         // on the same host
)

// Asker asks over HTTP, with a client of its own that keeps nothing between two
// questions.
type Asker struct {
	client *http.Client
	agent  string
}

// NewAsker makes an asker that reaches public addresses, and of private ones only
// those in allow.
func NewAsker(allow []netip.Prefix, agent string) *Asker {
	dialer := &net.Dialer{Timeout: subscriptions.ProbeTimeoutMost, Control: guard(allow)}
	return &Asker{agent: agent, client: &http.Client{CheckRedirect: sameHost, Transport: &http.Transport{
		DialContext: dialer.DialContext, TLSHandshakeTimeout: subscriptions.ProbeTimeoutMost, DisableKeepAlives: true,
		MaxResponseHeaderBytes: 64 << 10, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}}}
}

// sameHost follows a redirection on the same host. One that leads elsewhere is the
// answer itself: who answers there is somebody else.
func sameHost(next *http.Request, via []*http.Request) error {
	first := via[0].URL
	if next.URL.Host != first.Host || next.URL.Scheme != first.Scheme || len(via) > redirects {
		return http.ErrUseLastResponse
	}
	return nil
}

// Ask asks once, within the probe's time.
func (a *Asker) Ask(ctx context.Context, p subscriptions.Probe) Outcome {
	ctx, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL, nil)
	if err != nil {
		return Outcome{Cannot: "the address is none"}
	}
	r.Header.Set("User-Agent", a.agent)
	resp, err := a.client.Do(r)
	if err != nil {
		return failed(err, p.Timeout)
	}
	defer resp.Body.Close()
	if why := unexpected(resp.StatusCode, p.Status); why != "" {
		return Outcome{Fails: why}
	}
	if p.Text == "" {
		return Outcome{}
	}
	page, err := io.ReadAll(io.LimitReader(resp.Body, searched))
	switch {
	case bytes.Contains(page, []byte(p.Text)):
		return Outcome{}
	case err != nil:
		return failed(err, p.Timeout)
	}
	return Outcome{Fails: fmt.Sprintf("%q is not in what it answers", p.Text)}
}

func unexpected(got int, wanted []int) string {
	switch {
	case len(wanted) == 0 && got >= 500, len(wanted) > 0 && !slices.Contains(wanted, got):
		return fmt.Sprintf("it answers %d (%s)", got, http.StatusText(got))
	}
	return ""
}

// failed tells in few words why there was no answer. No address is in them.
func failed(err error, within time.Duration) Outcome {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var timeout net.Error
	switch {
	case errors.Is(err, errPrivate):
		return Outcome{Cannot: errPrivate.Error()}
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return Outcome{Fails: fmt.Sprintf("no answer within %s", within)}
	case errors.As(err, &name):
		return Outcome{Fails: "its name is not found"}
	case errors.As(err, &certificate), errors.As(err, &authority):
		return Outcome{Fails: "its certificate is not valid"}
	case errors.Is(err, syscall.ECONNREFUSED):
		return Outcome{Fails: "it refuses the connection"}
	case errors.Is(err, context.Canceled):
		return Outcome{Cannot: "stopped"}
	}
	return Outcome{Fails: "the connection breaks"}
}
