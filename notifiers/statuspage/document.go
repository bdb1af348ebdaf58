package statuspage

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"arifa/bot/web"
)

// document is one answer, the same for everybody who asks for its path, ready to
// be written as it is.
type document struct {
	status int
	kind   string // media type
	body   []byte
	packed []byte // gzip; nil where that is not smaller
	etag   string
	age    string // Cache-Control
	open   bool   // scripts of other hosts may read it (CORS)
}

// How long others may keep an answer: what is announced is asked for again at once,
// and shown a little longer only while we cannot be reached. The page says of which
// minute it is.
const (
	ageLive  = "public, max-age=1, stale-while-revalidate=15, stale-if-error=3600"
	ageAsset = "public, max-age=31536000, immutable"
	ageIcon  = "public, max-age=86400"
	ageNone  = "no-store"
)

func newDocument(status int, kind, age string, body []byte) *document {
	sum := sha256.Sum256(body)
	d := &document{status: status, kind: kind, age: age, body: body, etag: `W/"` + hex.EncodeToString(sum[:10]) + `"`}
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // a level that exists
	_, _ = z.Write(body)                                  // a buffer takes everything
	if _ = z.Close(); b.Len() < len(body) {
		d.packed = b.Bytes()
	}
	return d
}

// write answers with a document: 304 to who has it, packed to who can unpack.
func (d *document) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["Cache-Control"] = []string{d.age}
	h["Etag"] = []string{d.etag}
	h["Vary"] = []string{"Accept-Encoding"}
	if d.open {
		h["Access-Control-Allow-Origin"] = []string{"*"}
		h["Cross-Origin-Resource-Policy"] = []string{"cross-origin"}
	}
	if d.status == http.StatusOK && has(r.Header["If-None-Match"], d.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := d.body
	h["Content-Type"] = []string{d.kind}
	if d.packed != nil && unpacks(r.Header["Accept-Encoding"]) {
		body = d.packed
		h["Content-Encoding"] = []string{"gzip"}
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(d.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // who does not read our answer any more is no error of ours
	}
}

// has compares weakly, as a cache does.
func has(lines []string, etag string) bool {
	for _, line := range lines {
		for one := range strings.SplitSeq(line, ",") {
			if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(etag, "W/") {
				return true
			}
		}
	}
	return false
}

// unpacks reports whether a client takes gzip.
func unpacks(lines []string) bool {
	for _, line := range lines {
		for one := range strings.SplitSeq(line, ",") {
			name, parameters, _ := strings.Cut(strings.TrimSpace(one), ";")
			if strings.EqualFold(strings.TrimSpace(name), "gzip") {
				q := strings.ReplaceAll(parameters, " ", "")
				return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
			}
		}
	}
	return false
}

// cache keeps ready documents by path. One that was made of another edition is
// made again; it is bounded, and a full one is forgotten whole.
type cache struct {
	mu  sync.RWMutex
	all map[string]*cached
}

type cached struct {
	mu      sync.Mutex
	edition *edition
	doc     *document
}

const cacheSize = 4000

func (c *cache) find(path string, e *edition) *document {
	c.mu.RLock()
	got := c.all[path]
	c.mu.RUnlock()
	if got == nil {
		return nil
	}
	got.mu.Lock()
	defer got.mu.Unlock()
	if got.edition != e {
		return nil
	}
	return got.doc
}

// keep makes a document once, however many ask for it at the same time.
func (c *cache) keep(path string, e *edition, make func() (*document, error)) (*document, error) {
	c.mu.Lock()
	got := c.all[path]
	if got == nil {
		if c.all == nil || len(c.all) >= cacheSize {
			c.all = map[string]*cached{}
		}
		got = &cached{}
		c.all[path] = got
	}
	c.mu.Unlock()
	got.mu.Lock()
	defer got.mu.Unlock()
	if got.edition == e && got.doc != nil {
		return got.doc, nil
	}
	doc, err := make()
	if err != nil {
		return nil, err
	}
	got.edition, got.doc = e, doc
	return doc, nil
}

//go:embed assets
var assetFiles embed.FS

// loadAssets reads the files that pages link to. The style sheet's name holds a
// digest of it, so that browsers may keep it for ever.
func (s *Site) loadAssets() error {
	style := web.Style()
	icon, err := assetFiles.ReadFile("assets/icon.svg")
	if err != nil {
		return err
	}
	sum := sha256.Sum256(style)
	s.style = "/assets/style." + hex.EncodeToString(sum[:4]) + ".css"
	s.assets = map[string]*document{
		s.style:        newDocument(http.StatusOK, "text/css; charset=utf-8", ageAsset, style),
		"/icon.svg":    newDocument(http.StatusOK, "image/svg+xml", ageIcon, icon),
		"/favicon.ico": newDocument(http.StatusOK, "image/svg+xml", ageIcon, icon),
		"/robots.txt":  newDocument(http.StatusOK, "text/plain; charset=utf-8", ageIcon, []byte("User-agent: *\nAllow: /\n")),
	}
	return nil
}

// html makes the page of a frame.
func (s *Site) html(status int, name string, f *frame) (*document, error) {
	var b bytes.Buffer
	if err := s.templates.ExecuteTemplate(&b, name, f); err != nil {
		return nil, fmt.Errorf("page %s: %w", name, err)
	}
	return newDocument(status, "text/html; charset=utf-8", ageLive, b.Bytes()), nil
}
