package rehearse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// Loop is how a sender without any of our work did: no person, no record, the
// same bytes to everybody.
type Loop struct {
	PerSecond  float64
	CPUPer100k float64 // seconds
	First      time.Duration
}

// mostOfALoop is how many messages one loop sends at most.
const mostOfALoop = 200_000

// work is what a loop has to do: n bodies of equal length, each to its chat.
type work struct {
	address     string // of the receiver
	body        []byte // with a chat of ten digits, to be overwritten
	at          int    // where the chat's digits stand
	first       int64
	n           int
	connections int
	next        atomic.Int64
}

// newWork makes a body of the given size, about what the program's were.
func newWork(address string, size, n, connections int) *work {
	const head = `{"chat_id":0000000000,"text":"`
	fill := max(1, size-len(head)-len(path)-120)
	return &work{address: address, body: []byte(head + strings.Repeat("x", fill) + `"}`), at: len(`{"chat_id":`), first: firstChat, n: n, connections: connections}
}

const path = "/bot123456:rehearsal/sendMessage"

// claim gives out the next chat; false when there is none.
func (w *work) claim() (int64, bool) {
	k := w.next.Add(1) - 1
	return w.first + k, k < int64(w.n)
}

// address puts the chat's digits into a copy of the body.
func (w *work) put(body []byte, chat int64) {
	var digits [20]byte
	copy(body[w.at:], strconv.AppendInt(digits[:0], chat, 10))
}

// each runs one sender a connection until all is sent.
func (w *work) each(ctx context.Context, sender func(context.Context) error) error {
	g, ctx := errgroup.WithContext(ctx)
	for range w.connections {
		g.Go(func() error { return sender(ctx) })
	}
	return g.Wait()
}

// rawLoop writes requests on connections that stay open and reads the answers:
// the least that telling everybody one by one can cost.
func rawLoop(ctx context.Context, w *work) error {
	return w.each(ctx, func(ctx context.Context) error {
		var d net.Dialer
		c, err := d.DialContext(ctx, "tcp", w.address)
		if err != nil {
			return err
		}
		defer c.Close()
		stop := context.AfterFunc(ctx, func() { _ = c.Close() })
		defer stop()
		head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", path, w.address, len(w.body))
		request := append([]byte(head), w.body...)
		answers := &stream{conn: c, buf: make([]byte, 4<<10)}
		for {
			chat, more := w.claim()
			if !more {
				return nil
			}
			w.put(request[len(head):], chat)
			if _, err := c.Write(request); err != nil {
				return err
			}
			got, _, err := answers.request() // an answer is cut like a request
			if err != nil {
				return err
			}
			if !bytes.HasPrefix(got, []byte("HTTP/1.1 200 ")) {
				return errors.New("the receiver refused a message of the raw loop")
			}
		}
	})
}

// plainLoop does the same with net/http, as it is usually written.
func plainLoop(ctx context.Context, w *work) error {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost, t.MaxConnsPerHost = 0, w.connections, w.connections
	client := &http.Client{Transport: t}
	defer t.CloseIdleConnections()
	return w.each(ctx, func(ctx context.Context) error {
		body := bytes.Clone(w.body)
		for {
			chat, more := w.claim()
			if !more {
				return nil
			}
			w.put(body, chat)
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+w.address+path, bytes.NewReader(body))
			if err != nil {
				return err
			}
			req.Header.Set("Content-Type", "application/json")
			resp, err := client.Do(req)
			if err != nil {
				return err
			}
			_, err = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			if err != nil || resp.StatusCode != http.StatusOK {
				return errors.Join(err, fmt.Errorf("the receiver answered %s to the net/http loop", resp.Status))
			}
		}
	})
}
