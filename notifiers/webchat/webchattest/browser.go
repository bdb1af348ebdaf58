// Package webchattest is a browser for tests of the web chat: it keeps cookies,
// opens the page, listens on its stream, presses buttons, confirms what it got, or
// does not. It knows the page's HTML and nothing else of the program.
package webchattest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Browser is one browser. It is safe for concurrent use.
type Browser struct {
	base   string // "http://127.0.0.1:1234/en/chat"
	client *http.Client

	mu    sync.Mutex
	shown []Shown
	mute  bool // it does not confirm what it gets
	cut   bool // it hangs up when it gets something
	stop  context.CancelFunc
	ended chan struct{}
}

// Shown is one message as its reader sees it.
type Shown struct {
	ID      int64
	Version int64
	Text    string // title, lines and footer, one a line
	About   int64  // the message under which it stands; 0 = none
	Edited  bool
	Silent  bool
	Choices map[string]string // label → data
}

// New makes a browser for a chat page's address.
func New(page string) *Browser {
	jar, _ := cookiejar.New(nil) // without options it cannot fail
	return &Browser{base: page, client: &http.Client{Jar: jar, Transport: &http.Transport{}}}
}

// Twin is another page of the same browser: it has the same cookies.
func (b *Browser) Twin() *Browser { return &Browser{base: b.base, client: b.client} }

// Cookie is the id that the page gave this browser, or "".
func (b *Browser) Cookie() string {
	at, err := url.Parse(b.base)
	if err != nil {
		return ""
	}
	for _, c := range b.client.Jar.Cookies(at) {
		if strings.HasSuffix(c.Name, "chat") {
			return c.Value
		}
	}
	return ""
}

// Mute stops confirming; Cut hangs up when something comes.
func (b *Browser) Mute(on bool) { b.set(func() { b.mute = on }) }
func (b *Browser) Cut(on bool)  { b.set(func() { b.cut = on }) }

func (b *Browser) set(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f()
}

// Shown lists what was shown, an edit as an entry of its own.
func (b *Browser) Shown() []Shown {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Shown{}, b.shown...)
}

// Page reads the page; query may be "?poll=1".
func (b *Browser) Page(query string) (status int, page string, err error) {
	r, err := b.client.Get(b.base + query)
	if err != nil {
		return 0, "", err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	return r.StatusCode, string(body), err
}

// Say posts a form as a page with a script does; fields as name, value.
func (b *Browser) Say(fields ...string) (status int, err error) {
	r, err := b.post("", append(fields, "live", "1")...)
	if err != nil {
		return 0, err
	}
	_ = r.Body.Close()
	return r.StatusCode, nil
}

// Submit posts a form as a page without a script does, and returns the page that
// follows.
func (b *Browser) Submit(fields ...string) (page string, err error) {
	r, err := b.post("", fields...)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if r.StatusCode != http.StatusOK {
		return string(body), fmt.Errorf("status %d", r.StatusCode)
	}
	return string(body), err
}

func (b *Browser) post(path string, fields ...string) (*http.Response, error) {
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.client.PostForm(b.base+path, form)
}

// Open listens on the stream until Close; it returns when the stream is open.
func (b *Browser) Open(ctx context.Context, after int64) error {
	ctx, cancel := context.WithCancel(ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+"/events?after="+strconv.FormatInt(after, 10), nil)
	if err != nil {
		cancel()
		return err
	}
	r, err := b.client.Do(req)
	if err != nil {
		cancel()
		return err
	}
	if r.StatusCode != http.StatusOK {
		cancel()
		_ = r.Body.Close()
		return fmt.Errorf("stream: status %d", r.StatusCode)
	}
	if kind := r.Header.Get("Content-Type"); kind != "text/event-stream" {
		cancel()
		return fmt.Errorf("stream: got %s", kind)
	}
	ended := make(chan struct{})
	b.set(func() { b.stop, b.ended = cancel, ended })
	go func() { // ends with the stream
		defer close(ended)
		defer r.Body.Close()
		b.listen(r.Body)
	}()
	return nil
}

// Close shuts the page.
func (b *Browser) Close() {
	b.mu.Lock()
	stop, ended := b.stop, b.ended
	b.stop = nil
	b.mu.Unlock()
	if stop != nil {
		stop()
		<-ended
	}
}

func (b *Browser) listen(body io.Reader) {
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var m struct {
			ID      int64
			Version int64
			HTML    string
			Silent  bool
		}
		if json.Unmarshal([]byte(data), &m) != nil {
			continue
		}
		b.mu.Lock()
		mute, cut := b.mute, b.cut
		b.mu.Unlock()
		if cut {
			return
		}
		b.show(m.ID, m.Version, m.HTML, m.Silent)
		if !mute {
			if r, err := b.post("/seen", "v", strconv.FormatInt(m.Version, 10)); err == nil {
				_ = r.Body.Close()
			}
		}
	}
}

var (
	article = regexp.MustCompile(`(?s)<article class="msg" id="m(\d+)" data-version="(\d+)".*?</article>`)
	about   = regexp.MustCompile(`<a href="#m(\d+)">`)
	form    = regexp.MustCompile(`(?s)<form.*?</form>`)
	button  = regexp.MustCompile(`<button name="choice" value="([^"]*)">([^<]*)</button>`)
	aside   = regexp.MustCompile(`(?s)<p class="at small">.*?</p>|<p class="small"><a href="#m.*?</p>`)
	block   = regexp.MustCompile(`</(?:p|h3)>`)
	tag     = regexp.MustCompile(`<[^>]*>`)
)

func (b *Browser) show(id, version int64, fragment string, silent bool) {
	s := Shown{ID: id, Version: version, Silent: silent, Choices: map[string]string{}}
	if m := about.FindStringSubmatch(fragment); m != nil {
		s.About, _ = strconv.ParseInt(m[1], 10, 64)
	}
	for _, m := range button.FindAllStringSubmatch(fragment, -1) {
		s.Choices[html.UnescapeString(m[2])] = html.UnescapeString(m[1])
	}
	s.Text = Text(fragment)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, o := range b.shown {
		s.Edited = s.Edited || o.ID == id && o.Version != version
		if o.ID == id && o.Version == version {
			return // shown already
		}
	}
	b.shown = append(b.shown, s)
}

// Text is what a reader reads of a message.
func Text(fragment string) string {
	fragment = form.ReplaceAllString(aside.ReplaceAllString(fragment, ""), "")
	fragment = tag.ReplaceAllString(block.ReplaceAllString(fragment, "\n"), "")
	var out []string
	for line := range strings.Lines(html.UnescapeString(fragment)) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

// Messages reads the messages of a whole page.
func Messages(page string) []Shown {
	var out []Shown
	for _, m := range article.FindAllStringSubmatch(page, -1) {
		id, _ := strconv.ParseInt(m[1], 10, 64)
		version, _ := strconv.ParseInt(m[2], 10, 64)
		s := Shown{ID: id, Version: version, Text: Text(m[0]), Choices: map[string]string{}}
		for _, b := range button.FindAllStringSubmatch(m[0], -1) {
			s.Choices[html.UnescapeString(b[2])] = html.UnescapeString(b[1])
		}
		out = append(out, s)
	}
	return out
}

// Until waits for a message whose text holds a word.
func (b *Browser) Until(word string, within time.Duration) (Shown, error) {
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		all := b.Shown()
		for i := len(all) - 1; i >= 0; i-- {
			if strings.Contains(all[i].Text, word) {
				return all[i], nil
			}
		}
	}
	return Shown{}, errors.New("the browser never shows " + strconv.Quote(word))
}
