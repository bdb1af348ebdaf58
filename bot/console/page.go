package console

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"strings"

	"arifa/bot/web"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets
var assetFiles embed.FS

// page is what a template is given: the request, and what its page shows.
type page struct {
	*ask
	Name  string
	Title string
	Body  any
	Main  template.HTML // of the layout
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

// loadPages parses every page at start. A page is the template "at-" with its name;
// the layout goes around it.
func (c *Console) loadPages() error {
	if err := c.loadAssets(); err != nil {
		return err
	}
	var err error
	c.pages, err = template.New("pages").Funcs(template.FuncMap{
		"asset": c.assetPath, "mark": func() template.HTML { return web.Mark }, "list": func(x ...any) []any { return x }, "plain": textOf,
		"proofOf": func(form, do string, required bool) proofView { return proofView{form, do, required} },
	}).ParseFS(templateFiles, "templates/*.html")
	return err
}

// write makes a page whole before its first byte goes out.
func (c *Console) write(b *bytes.Buffer, p page) error {
	var main bytes.Buffer
	if err := c.pages.ExecuteTemplate(&main, "at-"+p.Name, p); err != nil {
		return fmt.Errorf("page %s: %w", p.Name, err)
	}
	p.Main = template.HTML(main.String()) // our own template has escaped what is in it
	return c.pages.ExecuteTemplate(b, "layout", p)
}

// loadAssets reads the files that pages link to, the sheet of all pages among them.
func (c *Console) loadAssets() error {
	c.assets, c.assetPaths = map[string]*web.Document{}, map[string]string{}
	shared := web.Assets()
	for name, at := range map[string]string{"style.css": web.StylePath(), "icon.svg": "/icon.svg"} {
		c.asset(name, shared[at].Kind, shared[at].Body)
	}
	for name, kind := range map[string]string{"desk.css": "text/css; charset=utf-8", "desk.js": "text/javascript; charset=utf-8"} {
		b, err := assetFiles.ReadFile("assets/" + name)
		if err != nil {
			return err
		}
		c.asset(name, kind, b)
	}
	return nil
}

// asset stands at an address that holds a digest of it, so that browsers may keep
// it for ever.
func (c *Console) asset(name, kind string, body []byte) {
	ext := path.Ext(name)
	at := Base + web.AssetPath(strings.TrimSuffix(name, ext), ext, body)
	c.assetPaths[name], c.assets[at] = at, web.NewDocument(http.StatusOK, kind, web.AgeAsset, body)
}

func (c *Console) assetPath(name string) string { return c.assetPaths[name] }

func serveAsset(a *ask) error {
	d, ok := a.c.assets[a.r.URL.Path]
	if !ok {
		return web.NotFound()
	}
	d.Write(a.w, a.r)
	return nil
}

// render writes a page, and stores the visit with it. A script that only looks gets
// the preview alone.
func (a *ask) render(status int, name, title string, body any) error {
	var b bytes.Buffer
	p := page{ask: a, Name: name, Title: title, Body: body}
	var err error
	if a.r.Header.Get("X-Part") == "preview" && a.looking() {
		err = a.c.pages.ExecuteTemplate(&b, "preview", p)
	} else {
		err = a.c.write(&b, p)
	}
	if err == nil {
		err = a.c.save(a.ctx, a.visit)
	}
	if err != nil {
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
	if err := c.write(&b, page{ask: a, Name: "error", Title: t.Title, Body: t}); err != nil {
		http.Error(w, t.Say, t.Status)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(t.Status)
	_, _ = w.Write(b.Bytes())
}
