package statuspage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"arifa/bot/web"
	"arifa/subscriptions"
)

// Export writes the page as files under dir, for any other host: links are relative
// and work from any folder, and each file is replaced at once or not at all. What
// is not there any more is removed, of what an Export wrote. It returns how many
// files it wrote or left as they were.
//
// Files have no search and no comparison of pasted texts: those forms are left out.
func (s *Site) Export(ctx context.Context, dir string) (files int, err error) {
	e := s.edition.Load()
	if e == nil {
		return 0, errNotYet
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	all, err := s.still(ctx, e)
	if err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	names := make([]string, 0, len(all))
	for name, body := range all {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if err := replaceFile(filepath.Join(dir, filepath.FromSlash(name)), body); err != nil {
			return 0, fmt.Errorf("export: %w", err)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	if err := removeOld(dir, names); err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	return len(names), nil
}

// Watch exports now and whenever a page changes, until ctx ends. It tells of each
// export; one that fails is tried again with the next look at the store.
func (s *Site) Watch(ctx context.Context, dir string, told func(files int, err error)) error {
	every := time.NewTicker(editionEvery)
	defer every.Stop()
	var done *edition
	hints := s.Hints
	for {
		err := s.Refresh(ctx)
		if e := s.edition.Load(); err == nil && e != done {
			var files int
			if files, err = s.Export(ctx, dir); err == nil {
				done = e
				told(files, nil)
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			told(0, err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-every.C:
		case _, open := <-hints:
			if !open {
				hints = nil
			}
		}
	}
}

// manifest lists the files of the last export, so that only those are removed.
const manifest = ".arifa-files"

func removeOld(dir string, names []string) error {
	at := filepath.Join(dir, manifest)
	old, err := os.ReadFile(at)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for name := range strings.Lines(string(old)) {
		name = strings.TrimSpace(name)
		if _, kept := slices.BinarySearch(names, name); kept || !filepath.IsLocal(filepath.FromSlash(name)) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, filepath.FromSlash(name))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return replaceFile(at, []byte(strings.Join(names, "\n")+"\n"))
}

// replaceFile writes a file beside the old one and puts it in its place: a web
// server reads the old one or the new one, never half of one.
func replaceFile(name string, body []byte) error {
	if old, err := os.ReadFile(name); err == nil && string(old) == string(body) {
		return nil // nothing to fetch anew for whoever has it
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".arifa-*")
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// still makes every file, by its name.
func (s *Site) still(ctx context.Context, e *edition) (map[string][]byte, error) {
	out := map[string][]byte{}
	for at, d := range s.assets {
		out[strings.TrimPrefix(at, "/")] = d.Body
	}
	quiet := *s.Config.quiet()
	copied := &Site{Config: quiet, templates: s.templates, assets: s.assets, style: s.style, log: s.log}
	var paths []string
	for _, l := range e.languages {
		paths = append(paths, copied.pagesOf(e, l)...)
	}
	paths = append(paths, "/cap/feed.atom", "/api/openapi.json")
	for _, name := range apiPaths {
		paths = append(paths, "/api/v2/"+name+".json")
	}
	for _, id := range e.order {
		n := e.notices[id]
		if _, ok := copied.capDocument(e, string(n.Key)+".xml"); ok {
			paths = append(paths, "/cap/"+string(n.Key)+".xml")
		}
		if n.State == subscriptions.Stopped {
			paths = append(paths, "/cap/"+string(n.Key)+stoppedSuffix+".xml")
		}
	}
	for _, p := range paths {
		d, err := copied.document(ctx, e, p)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p, err)
		}
		name := fileOf(p)
		body := d.Body
		if strings.HasSuffix(name, ".html") {
			body = relative(name, body)
		}
		out[name] = body
	}
	front, err := copied.document(ctx, e, "/"+string(e.nation.DefaultLanguage)+"/")
	if err != nil {
		return nil, err
	}
	out["index.html"] = relative("index.html", front.Body)
	return out, nil
}

// quiet is the configuration of files: nothing that only a running program answers.
func (c Config) quiet() *Config {
	c.Search, c.Compare, c.WebChat = nil, nil, ""
	return &c
}

// document makes what is served at a path.
func (s *Site) document(ctx context.Context, e *edition, p string) (*document, error) {
	parts := strings.Split(strings.TrimPrefix(p, "/"), "/")
	if len(parts) == 3 && parts[1] == "i" {
		var id int64
		if _, err := fmt.Sscan(parts[2], &id); err != nil {
			return nil, err
		}
		f, err := s.incident(ctx, e, subscriptions.Language(parts[0]), subscriptions.IncidentID(id))
		if err != nil {
			return nil, err
		}
		return s.html(200, "incident", f)
	}
	if len(parts) == 3 && parts[1] == "n" {
		f, status, err := s.noticePage(ctx, e, subscriptions.Language(parts[0]), parts[2])
		if err != nil {
			return nil, err
		}
		return s.html(status, "notice", f)
	}
	make, ok := s.route(e, p)
	if !ok {
		return nil, web.NotFound()
	}
	return make()
}

// pagesOf lists the pages and feeds of one language.
func (s *Site) pagesOf(e *edition, l subscriptions.Language) []string {
	base := "/" + string(l) + "/"
	out := []string{base, base + "services", base + "follow", base + "feed.atom", base + "feed.rss"}
	f := s.frame(e, l, "")
	for _, a := range f.agencies() {
		at := base + "a/" + string(a.ID)
		out = append(out, at, at+"/feed.atom", at+"/feed.rss")
		for _, id := range a.Services {
			at := base + "s/" + string(id)
			out = append(out, at, at+"/feed.atom", at+"/feed.rss", at+"/poster", at+"/badge.svg")
		}
	}
	for _, i := range e.incidents {
		if f.wasTold(i) {
			out = append(out, base+"i/"+itoa(int64(i.ID)))
		}
	}
	for _, n := range e.notices {
		out = append(out, base+"n/"+string(n.Key))
	}
	return out
}

// fileOf is the file of a path: a page is the index of a folder, so that its
// address works without its ending.
func fileOf(p string) string {
	p = strings.Trim(p, "/")
	if path.Ext(p) != "" { // ids have no dot
		return p
	}
	return path.Join(p, "index.html")
}

var ownLink = regexp.MustCompile(`((?:href|src|action)=")(/[^"]*)"`)

// relative rewrites the links of a page so that they work from any folder, and as
// files without a server.
func relative(name string, page []byte) []byte {
	depth := strings.Count(name, "/")
	up := strings.Repeat("../", depth)
	return ownLink.ReplaceAllFunc(page, func(link []byte) []byte {
		m := ownLink.FindSubmatch(link)
		to := strings.TrimPrefix(string(m[2]), "/lang")
		return []byte(string(m[1]) + up + fileOf(to) + `"`)
	})
}
