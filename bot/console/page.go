package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"arifa/bot/web"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets
var assetFiles embed.FS

// asset is a file that pages link to.
type asset struct {
	kind string
	body []byte
}

// page is what a template is given: the request, and what its page shows.
type page struct {
	*ask
	Name  string
	Title string
	Body  any
}

// With hands a part of a page to a template of its own, together with the page.
func (p page) With(x any) part { return part{p, x} }

type part struct {
	page
	X any
}

// proofView is the field of the six digits: of which form, and what its button does.
type proofView struct {
	Form, Do string
	Required bool
}

// layouts are the files that every page is made with.
var layouts = []string{"layout.html", "parts.html", "fields.html", "words.html"}

// loadPages parses every page at start, each with the layout and the parts.
func (c *Console) loadPages() error {
	funcs := template.FuncMap{"asset": c.assetPath, "list": func(x ...any) []any { return x }, "plain": textOf, "proofOf": func(form, do string, required bool) proofView { return proofView{form, do, required} }}
	root := template.New("layout").Funcs(funcs)
	for _, name := range layouts {
		if _, err := root.ParseFS(templateFiles, "templates/"+name); err != nil {
			return err
		}
	}
	names, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return err
	}
	c.pages = map[string]*template.Template{}
	for _, file := range names {
		t, err := root.Clone()
		if err == nil {
			_, err = t.ParseFS(templateFiles, file)
		}
		if err != nil {
			return fmt.Errorf("page %s: %w", file, err)
		}
		c.pages[strings.TrimSuffix(path.Base(file), ".html")] = t
	}
	return c.loadAssets()
}

func (c *Console) loadAssets() error {
	c.assets = map[string]asset{"style.css": {"text/css; charset=utf-8", web.Style()}}
	for name, kind := range map[string]string{"desk.css": "text/css; charset=utf-8", "desk.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml"} {
		b, err := assetFiles.ReadFile("assets/" + name)
		if err != nil {
			return err
		}
		c.assets[name] = asset{kind, b}
	}
	return nil
}

// assetPath holds a digest of the file, so that browsers may keep it for ever.
func (c *Console) assetPath(name string) string {
	sum := sha256.Sum256(c.assets[name].body)
	return Base + "/assets/" + hex.EncodeToString(sum[:5]) + "/" + name
}

func serveAsset(a *ask) error {
	got, ok := a.c.assets[a.r.PathValue("name")]
	if !ok || a.c.assetPath(a.r.PathValue("name")) != a.r.URL.Path {
		return web.NotFound()
	}
	a.w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	a.w.Header().Set("Content-Type", got.kind)
	_, _ = a.w.Write(got.body)
	return nil
}

// render writes a page. It is made whole before its first byte goes out, and the
// visit is stored with it.
func (a *ask) render(status int, name, title string, body any) error {
	t, ok := a.c.pages[name]
	if !ok {
		return fmt.Errorf("there is no page %q", name)
	}
	what := "layout"
	if part := a.r.Header.Get("X-Part"); part == "preview" && a.looking() {
		what = "preview"
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, what, page{a, name, title, body}); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	if err := a.c.save(a.ctx, a.visit); err != nil {
		return err
	}
	a.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	a.w.WriteHeader(status)
	_, _ = a.w.Write(b.Bytes()) // who does not read our answer any more is no error of ours
	return nil
}

// errorPage is the page of what went wrong, with the way back.
func (c *Console) errorPage(w http.ResponseWriter, r *http.Request, t web.Trouble) {
	a := &ask{c: c, w: w, r: r, ctx: r.Context(), now: c.Now(), visit: &visit{}, nation: c.Nation()}
	var b bytes.Buffer
	if err := c.pages["error"].ExecuteTemplate(&b, "layout", page{a, "error", t.Title, t}); err != nil {
		http.Error(w, t.Say, t.Status)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(t.Status)
	_, _ = w.Write(b.Bytes())
}
