package poster

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http/httputil"
	"strconv"
)

// headLimit bounds the head of an answer.
const headLimit = 16 << 10

// head is what is understood of the head of an answer.
type head struct {
	status     int
	length     int64 // -1 = not said
	chunked    bool
	close      bool
	retryAfter string
}

var errHead = errors.New("the answer is not HTTP/1.1")

// answer reads one answer. What is odd but whole is given to the caller and the
// connection is not used again; what is not whole is an error.
func (c *conn) answer(limit int) (Answer, error) {
	c.n = 0
	at := 0
	var h head
	for {
		end, err := c.headEnd(at)
		if err != nil {
			return Answer{}, err
		}
		if h, err = parse(c.in[at:end]); err != nil {
			return Answer{}, err
		}
		at = end
		if h.status >= 200 {
			break
		}
		if h.status == 101 { // nobody asked for another protocol
			return Answer{}, errHead
		}
	}
	a := Answer{Status: h.status, RetryAfter: h.retryAfter}
	var err error
	switch {
	case h.status == 204 || h.status == 304:
	case h.chunked:
		h.close = true
		a.Body, err = unmeasured(httputil.NewChunkedReader(bufio.NewReader(io.MultiReader(bytes.NewReader(bytes.Clone(c.in[at:c.n])), c.net))), limit)
		at = c.n
	case h.length < 0:
		h.close = true
		a.Body, err = unmeasured(io.MultiReader(bytes.NewReader(bytes.Clone(c.in[at:c.n])), c.net), limit)
		at = c.n
	case h.length > int64(limit):
		h.close = true
		a.Body, err = unmeasured(io.MultiReader(bytes.NewReader(bytes.Clone(c.in[at:c.n])), c.net), limit)
		at = c.n
	default:
		a.Body, err = c.body(at, int(h.length))
		at += int(h.length)
	}
	if err != nil {
		return Answer{}, err
	}
	c.spent = h.close || c.n > at // more than was asked for
	return a, nil
}

// headEnd reads until the head that begins at is whole, and says where it ends.
func (c *conn) headEnd(at int) (int, error) {
	from := at
	for {
		if k := bytes.Index(c.in[from:c.n], []byte("\r\n\r\n")); k >= 0 {
			return from + k + 4, nil
		}
		from = max(at, c.n-3)
		if c.n-at > headLimit {
			return 0, errors.New("the head of the answer is too long")
		}
		if err := c.more(1); err != nil {
			return 0, err
		}
	}
}

// more reads at least n bytes behind those that are there.
func (c *conn) more(n int) error {
	if free := len(c.in) - c.n; free < n {
		c.in = append(c.in, make([]byte, max(n-free, len(c.in)))...)
	}
	got, err := io.ReadAtLeast(c.net, c.in[c.n:], n)
	c.n += got
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}

func (c *conn) body(at, n int) ([]byte, error) {
	if missing := at + n - c.n; missing > 0 {
		if err := c.more(missing); err != nil {
			return nil, err
		}
	}
	return c.in[at : at+n], nil
}

// unmeasured reads what has no length that we know, or more of it than we want.
func unmeasured(r io.Reader, limit int) ([]byte, error) {
	return io.ReadAll(io.LimitReader(r, int64(limit)))
}

// parse reads a head: the status line and the few fields that matter. It is strict
// where two readers could understand two things.
func parse(b []byte) (head, error) {
	h := head{length: -1}
	line, rest, _ := bytes.Cut(b, []byte("\r\n"))
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.")) || line[7] != '0' && line[7] != '1' || line[8] != ' ' || len(line) > 12 && line[12] != ' ' {
		return h, errHead
	}
	h.close = line[7] == '0'
	for _, d := range line[9:12] {
		if d < '0' || d > '9' {
			return h, errHead
		}
		h.status = h.status*10 + int(d-'0')
	}
	if h.status < 100 {
		return h, errHead
	}
	for {
		line, rest, _ = bytes.Cut(rest, []byte("\r\n"))
		if len(line) == 0 {
			return h, h.sane()
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok || len(name) == 0 || bytes.ContainsAny(name, " \t\r\n") {
			return h, errHead
		}
		if err := h.field(name, bytes.Trim(value, " \t")); err != nil {
			return h, err
		}
	}
}

func (h *head) field(name, value []byte) error {
	switch {
	case bytes.EqualFold(name, []byte("Content-Length")):
		n, err := strconv.ParseUint(string(value), 10, 62)
		if err != nil || h.length >= 0 && h.length != int64(n) {
			return fmt.Errorf("%w: its length is not clear", errHead)
		}
		h.length = int64(n)
	case bytes.EqualFold(name, []byte("Transfer-Encoding")):
		if h.chunked || !bytes.EqualFold(value, []byte("chunked")) {
			return fmt.Errorf("%w: its encoding is not known", errHead)
		}
		h.chunked = true
	case bytes.EqualFold(name, []byte("Connection")):
		h.close = h.close || !bytes.EqualFold(value, []byte("keep-alive"))
	case bytes.EqualFold(name, []byte("Retry-After")):
		h.retryAfter = string(value)
	}
	return nil
}

func (h *head) sane() error {
	if h.chunked && h.length >= 0 {
		return fmt.Errorf("%w: it has two lengths", errHead)
	}
	return nil
}
