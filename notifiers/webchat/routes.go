package webchat

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"arifa/bot/web"
	"arifa/subscriptions"
)

// Mount puts the chat's pages on a mux that serves the other pages too.
func (c *Channel) Mount(mux *http.ServeMux) {
	guard := http.NewCrossOriginProtection()
	handle := func(pattern string, h web.Handler) { mux.Handle(pattern, guard.Handler(c.web.Handle(h))) }
	for _, l := range c.Speaker.Languages() {
		at := "/" + string(l) + "/chat"
		handle("GET "+at, c.web.Limited(c.asks, c.page(l)))
		handle("POST "+at, c.web.Limited(c.says, c.say(l)))
		handle(at, web.Only(c.page(l), http.MethodGet, http.MethodPost))
		handle("GET "+at+"/events", c.web.Limited(c.asks, c.events(l)))
		handle("POST "+at+"/seen", c.web.Limited(c.asks, c.seen))
	}
	mux.Handle("GET "+c.script, c.web.Handle(func(w http.ResponseWriter, r *http.Request) error {
		c.assets[c.script].Write(w, r)
		return nil
	}))
}

// Handler serves the chat alone, with the files that it links to.
func (c *Channel) Handler() http.Handler {
	mux := http.NewServeMux()
	c.Mount(mux)
	mux.Handle("/", c.web.Handle(func(w http.ResponseWriter, r *http.Request) error {
		d, ok := c.assets[r.URL.Path]
		if !ok {
			return web.NotFound()
		}
		d.Write(w, r)
		return nil
	}))
	return mux
}

// cookie is the browser's random id. It is kept by the browser alone: we know it by
// its digest.
func (c *Channel) cookieName() string {
	if c.Web.HTTPS {
		return "__Host-chat"
	}
	return "chat"
}

// who is the address of a browser; false where it has no id of ours.
func (c *Channel) who(r *http.Request) (subscriptions.Address, bool) {
	k, err := r.Cookie(c.cookieName())
	if err != nil || len(k.Value) != len(rand.Text()) || strings.Trim(k.Value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		return subscriptions.Address{}, false
	}
	return digest(k.Value), true
}

func digest(id string) subscriptions.Address {
	sum := sha256.Sum256([]byte("webchat:" + id))
	return subscriptions.AddressOf(hex.EncodeToString(sum[:20]))
}

// meet gives a browser an id, with the first thing that it says: a visit alone is
// not remembered. Strict: no other site can speak in its name.
func (c *Channel) meet(w http.ResponseWriter, r *http.Request) subscriptions.Address {
	if a, ok := c.who(r); ok {
		return a
	}
	id := rand.Text()
	http.SetCookie(w, &http.Cookie{Name: c.cookieName(), Value: id, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: c.Web.HTTPS, SameSite: http.SameSiteStrictMode})
	return digest(id)
}

// page shows a browser its talk.
func (c *Channel) page(l subscriptions.Language) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !slices.Contains(c.languages(), l) {
			return web.NotFound()
		}
		var all []subscriptions.Utterance
		a, known := c.who(r)
		polling := r.URL.Query().Get("poll") != ""
		if known {
			if seen := versions(r.URL.Query().Get("seen")); len(seen) > 0 {
				if err := c.Store.SeenUtterances(r.Context(), a, seen); err != nil {
					return err
				}
				c.hub.ring()
			}
			if polling {
				c.hub.poll(a)
			}
			var err error
			if all, err = c.Store.Utterances(r.Context(), a, subscriptions.MostUtterances); err != nil {
				return err
			}
			if err := c.opened(r.Context(), a, l); err != nil {
				return err
			}
		}
		v := c.view(l, all, polling)
		v.Nonce, v.Known = c.nonce(), known
		if start := r.URL.Query().Get("start"); c.startable(start) {
			v.Start = start
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		return c.templates.ExecuteTemplate(w, "chat", v)
	}
}

// startable reports whether the page may offer to begin with something.
func (c *Channel) startable(start string) bool {
	n := c.Nation()
	if id, ok := strings.CutPrefix(start, "agency-"); ok {
		_, known := n.Agency(subscriptions.AgencyID(id))
		return known
	}
	s, known := n.Service(subscriptions.ServiceID(start))
	return known && !s.Retired
}

// opened lets a browser in again that counted as gone.
func (c *Channel) opened(ctx context.Context, a subscriptions.Address, l subscriptions.Language) error {
	r, err := c.Store.Recipient(ctx, c.Name(), a)
	if errors.Is(err, subscriptions.ErrNotFound) || err == nil && r.GoneAt.IsZero() {
		return nil
	}
	if err != nil {
		return err
	}
	return c.put(ctx, a, said{Language: l, Back: true}, "back-"+strconv.FormatInt(r.GoneAt.UnixMilli(), 36))
}

const (
	mostSaid  = 16 << 10 // bytes of a form
	sayWithin = 10 * time.Second
	mostText  = 4000 // bytes of a text
)

// say takes one thing that a person says or presses, and stores it before it says
// so. A page with a script hears the answer on its stream; another waits for it a
// moment and is shown it.
func (c *Channel) say(l subscriptions.Language) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		form, err := c.form(w, r)
		if err != nil {
			return err
		}
		s := said{Language: l, Text: strings.TrimSpace(form.Get("text")), Choice: form.Get("choice"), Start: form.Get("start")}
		s.Of, _ = strconv.ParseInt(form.Get("of"), 10, 64)
		switch {
		case len(s.Text) > mostText || len(s.Choice) > 64 || len(s.Start) > 64:
			return web.Refuse(http.StatusRequestEntityTooLarge, "That is too long.")
		case s.Text == "" && s.Choice == "" && s.Start == "":
			return web.Refuse(http.StatusBadRequest, "Write something first.")
		}
		a := c.meet(w, r)
		var page *stream
		if form.Get("live") == "" {
			page = c.hub.join(a, c.web.Client(r))
			c.hub.poll(a)
		}
		err = c.put(r.Context(), a, s, form.Get("nonce"))
		if page != nil {
			defer c.hub.leave(a, page)
		}
		if err != nil {
			return err
		}
		w.Header().Set("Cache-Control", "no-store")
		if form.Get("live") != "" {
			w.WriteHeader(http.StatusNoContent)
			return nil
		}
		if page != nil {
			c.await(r.Context(), page)
		}
		http.Redirect(w, r, "/"+string(l)+"/chat?poll=1#end", http.StatusSeeOther)
		return nil
	}
}

// await waits for the answer, and a moment for what belongs to it.
func (c *Channel) await(ctx context.Context, page *stream) {
	wait := time.NewTimer(c.Waits.Answer)
	defer wait.Stop()
	for {
		select {
		case <-page.out:
			wait.Reset(c.Waits.Answer / 20)
		case <-page.gone:
			return
		case <-ctx.Done():
			return
		case <-wait.C:
			return
		}
	}
}

func (c *Channel) form(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if web.MediaType(r) != "application/x-www-form-urlencoded" {
		return nil, web.Refuse(http.StatusUnsupportedMediaType, "Send the form of the page.")
	}
	body, err := web.Body(w, r, mostSaid, sayWithin)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(strings.ToValidUTF8(string(body), ""))
	if err != nil {
		return nil, web.Refuse(http.StatusBadRequest, "The form could not be read.")
	}
	for k := range form {
		form.Set(k, strings.ToValidUTF8(strings.ReplaceAll(form.Get(k), "\x00", ""), ""))
	}
	return form, nil
}

// put stores what was said. The same thing with the same nonce of the same browser
// is said once, however often it arrives.
func (c *Channel) put(ctx context.Context, a subscriptions.Address, s said, nonce string) error {
	if nonce == "" || len(nonce) > 100 {
		nonce = rand.Text()
	}
	body, err := json.Marshal(s)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(a.Reveal() + "\x00" + nonce + "\x00" + string(body)))
	in := subscriptions.Incoming{Lane: c.Name(), ID: int64(binary.BigEndian.Uint64(sum[:8]) >> 1), Chat: a.Reveal(), Body: body, At: c.now()}
	fresh, err := c.Store.PutIncoming(ctx, []subscriptions.Incoming{in})
	if err != nil {
		return err
	}
	c.intake.Stored(ctx, fresh, in)
	return nil
}

// nonce makes every showing of a form one of its own.
func (c *Channel) nonce() string { return rand.Text()[:12] }

// seen takes a browser's confirmation.
func (c *Channel) seen(w http.ResponseWriter, r *http.Request) error {
	form, err := c.form(w, r)
	if err != nil {
		return err
	}
	a, known := c.who(r)
	some := versions(form.Get("v"))
	if !known || len(some) == 0 {
		return web.Refuse(http.StatusBadRequest, "There is nothing to confirm.")
	}
	if err := c.Store.SeenUtterances(r.Context(), a, some); err != nil {
		return err
	}
	c.hub.ring()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// versions reads "12.13".
func versions(list string) []int64 {
	var out []int64
	for part := range strings.SplitSeq(list, ".") {
		if v, err := strconv.ParseInt(part, 10, 64); err == nil && v > 0 && len(out) < subscriptions.MostUtterances {
			out = append(out, v)
		}
	}
	return out
}

// events is the stream of a page with a script.
func (c *Channel) events(l subscriptions.Language) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		a, known := c.who(r)
		if !known { // nothing was said yet: EventSource stops asking at 204
			w.WriteHeader(http.StatusNoContent)
			return nil
		}
		after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
		if last, err := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64); err == nil {
			after = max(after, last)
		}
		s := c.hub.join(a, c.web.Client(r)) // before the talk is read, so that nothing falls between
		if s == nil {
			return web.Busy(5*time.Second, errors.New("too many open pages"))
		}
		defer c.hub.leave(a, s)
		if err := c.opened(r.Context(), a, l); err != nil {
			return err
		}
		all, err := c.Store.Utterances(r.Context(), a, subscriptions.MostUtterances)
		if err != nil {
			return err
		}
		h := w.Header()
		h.Set("Content-Type", "text/event-stream")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Accel-Buffering", "no") // proxies pass it on at once
		out := events{c: c, l: l, w: w, flush: http.NewResponseController(w), all: all}
		out.begin()
		slices.SortFunc(all, func(x, y subscriptions.Utterance) int { return int(x.Version - y.Version) })
		for _, u := range all {
			if u.Version > after && c.shown(u, false) {
				out.card(u)
			}
		}
		out.follow(r.Context(), s)
		return nil
	}
}

// events writes a stream. A page that does not read ends it.
type events struct {
	c     *Channel
	l     subscriptions.Language
	w     http.ResponseWriter
	flush *http.ResponseController
	all   []subscriptions.Utterance
	err   error
}

func (e *events) begin() {
	_ = e.flush.SetReadDeadline(time.Time{}) // a stream is open for as long as its page
	e.write("retry: 3000\n\n")
}

func (e *events) write(text string) {
	if e.err != nil {
		return
	}
	_ = e.flush.SetWriteDeadline(time.Now().Add(10 * time.Second)) // a server that cannot has its own
	if _, e.err = e.w.Write([]byte(text)); e.err == nil {
		e.err = e.flush.Flush()
	}
}

func (e *events) card(u subscriptions.Utterance) {
	html, err := e.c.fragment(e.l, u, e.all)
	if err != nil {
		e.c.log.Error("a message cannot be shown", "error", err)
		return
	}
	data, err := json.Marshal(map[string]any{"id": u.ID, "version": u.Version, "html": html, "silent": u.Silent})
	if err != nil {
		return
	}
	e.write(fmt.Sprintf("id: %d\nevent: card\ndata: %s\n\n", u.Version, data))
}

func (e *events) follow(ctx context.Context, s *stream) {
	ping := time.NewTicker(e.c.Waits.Ping)
	defer ping.Stop()
	for e.err == nil {
		select {
		case u := <-s.out:
			e.all = append(e.all, u)
			if len(e.all) > 2*subscriptions.MostUtterances {
				e.all = e.all[subscriptions.MostUtterances:]
			}
			e.card(u)
		case <-ping.C:
			e.write(": \n\n")
		case <-s.gone:
			return
		case <-ctx.Done():
			return
		}
	}
}
