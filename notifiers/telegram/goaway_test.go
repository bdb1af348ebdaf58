package telegram_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"arifa/notifiers/telegram"
)

// Frames of HTTP/2, RFC 9113 section 6.
const (
	frameData     = 0x0
	frameHeaders  = 0x1
	frameSettings = 0x4
	framePing     = 0x6
	frameGoAway   = 0x7
	endStream     = 0x1
	ack           = 0x1
	endHeaders    = 0x4
)

// goingAway speaks just enough HTTP/2 to say GOAWAY to the first request of its
// first connection, after having read all of it, and to answer every later one.
type goingAway struct {
	net.Listener
	result string
	conns  atomic.Int64
	bodies chan string
}

func newGoingAway(t *testing.T, result string) (*goingAway, *x509.CertPool) {
	t.Helper()
	with := httptest.NewUnstartedServer(nil)
	with.StartTLS()
	cert := with.TLS.Certificates[0]
	pool := x509.NewCertPool()
	pool.AddCert(with.Certificate())
	with.Close()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	s := &goingAway{Listener: l, result: result, bodies: make(chan string, 10)}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(conn, s.conns.Add(1) == 1)
		}
	}()
	return s, pool
}

func (s *goingAway) serve(conn net.Conn, leaves bool) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	if _, err := io.CopyN(io.Discard, r, int64(len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))); err != nil {
		return
	}
	frame(conn, frameSettings, 0, 0, "")
	var body strings.Builder
	for {
		var head [9]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return
		}
		payload := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
		if _, err := io.ReadFull(r, payload); err != nil {
			return
		}
		kind, flags, stream := head[3], head[4], binary.BigEndian.Uint32(head[5:])
		switch {
		case kind == frameSettings && flags&ack == 0:
			frame(conn, frameSettings, ack, 0, "")
		case kind == framePing && flags&ack == 0:
			frame(conn, framePing, ack, 0, string(payload))
		case kind == frameData:
			body.Write(payload)
		}
		if kind != frameData && kind != frameHeaders || flags&endStream == 0 {
			continue
		}
		if leaves {
			// The last stream that was looked at is 0: the request was not.
			frame(conn, frameGoAway, 0, 0, "\x00\x00\x00\x00\x00\x00\x00\x00")
			return
		}
		s.bodies <- body.String()
		body.Reset()
		frame(conn, frameHeaders, endHeaders, stream, "\x88") // :status 200
		frame(conn, frameData, endStream, stream, s.result)
	}
}

func frame(w io.Writer, kind, flags byte, stream uint32, payload string) {
	head := []byte{byte(len(payload) >> 16), byte(len(payload) >> 8), byte(len(payload)), kind, flags, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(head[5:], stream)
	_, _ = w.Write(append(head, payload...))
}

func TestGoAwayMutesNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, result, body string
		call               func(*testing.T, *telegram.Channel) error
	}{
		{"a send of ours", `{"ok":true,"result":{"message_id":77}}`, "Payments fail", func(t *testing.T, ch *telegram.Channel) error {
			receipt, err := ch.Send(t.Context(), message(5, "Payments fail"))
			if receipt.Message != "77" {
				t.Errorf("got message %q, want 77", receipt.Message)
			}
			return err
		}},
		{"a call of the library", `{"ok":true,"result":{"id":7000000001,"is_bot":true,"first_name":"A","username":"ArifaBot"}}`, "", func(t *testing.T, ch *telegram.Channel) error {
			return second(ch.Me(t.Context()))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			srv, pool := newGoingAway(t, c.result)
			ch := channelTo(t, "https://"+srv.Addr().String(), &logged{})
			ch.Trust(pool)
			if err := c.call(t, ch); err != nil {
				t.Fatalf("got %v, want it sent again on a new connection", err)
			}
			if body := <-srv.bodies; !strings.Contains(body, c.body) || srv.conns.Load() != 2 {
				t.Errorf("got body %q over %d connections, want all of it over 2", body, srv.conns.Load())
			}
		})
	}
}

func TestTheLibrarysBodiesHaveALength(t *testing.T) {
	t.Parallel()
	lengths := make(chan int64, 10)
	ch := answering(t, func(w http.ResponseWriter, r *http.Request) {
		lengths <- r.ContentLength
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"A"}}`)
	})
	if _, err := ch.Me(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := <-lengths; n < 0 {
		t.Errorf("got a body of unknown length (%d), which HTTP/2 cannot replay", n)
	}
}
