package statuspage

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"arifa/bot/web"
)

// document is one answer, ready to be written.
type document = web.Document

// cache keeps ready documents by path. One that was made of another edition is
// made again; it is bounded, and a full one is forgotten whole.
type cache struct {
	mu  sync.RWMutex
	all map[string]*cached
}

type cached struct {
	mu   sync.Mutex // one makes it
	made atomic.Pointer[made]
}

type made struct {
	edition *edition
	doc     *document
}

func (c *cached) of(e *edition) *document {
	if m := c.made.Load(); m != nil && m.edition == e {
		return m.doc
	}
	return nil
}

const cacheSize = 4000

func (c *cache) find(path string, e *edition) *document {
	c.mu.RLock()
	got := c.all[path]
	c.mu.RUnlock()
	if got == nil {
		return nil
	}
	return got.of(e)
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
	if d := got.of(e); d != nil {
		return d, nil
	}
	doc, err := make()
	if err != nil {
		return nil, err
	}
	got.made.Store(&made{e, doc})
	return doc, nil
}

// loadAssets reads the files that pages link to.
func (s *Site) loadAssets() {
	s.style, s.assets = web.StylePath(), web.Assets()
	s.assets["/robots.txt"] = web.NewDocument(http.StatusOK, "text/plain; charset=utf-8", web.AgeDay, []byte("User-agent: *\nAllow: /\n"))
}

// html makes the page of a frame.
func (s *Site) html(status int, name string, f *frame) (*document, error) {
	var b bytes.Buffer
	if err := s.templates.ExecuteTemplate(&b, name, f); err != nil {
		return nil, fmt.Errorf("page %s: %w", name, err)
	}
	return web.NewDocument(status, "text/html; charset=utf-8", web.AgeLive, b.Bytes()), nil
}
