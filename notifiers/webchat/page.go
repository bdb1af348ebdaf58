package webchat

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"arifa/bot/web"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets/chat.js
var scriptFile []byte

func (c *Channel) load() (err error) {
	if c.templates, err = template.New("chat").ParseFS(templateFiles, "templates/*.html"); err != nil {
		return err
	}
	c.script = web.AssetPath("chat", ".js", scriptFile)
	c.assets = web.Assets()
	c.assets[c.script] = web.NewDocument(http.StatusOK, "text/javascript; charset=utf-8", web.AgeAsset, scriptFile)
	return nil
}

// view is the page of one talk.
type view struct {
	c       *Channel
	L       subscriptions.Language
	zone    *time.Location
	Talk    []message
	Version int64  // of the newest body that the page shows
	Unseen  string // versions that are confirmed with the next visit, where there is no script
	Start   string // what the page was opened for
	Nonce   string
	Refresh int
	Polling bool
	Known   bool // the browser has an id of ours
}

// message is one card in the talk.
type message struct {
	*view
	ID      int64
	Version int64
	Card    wording.Card
	At      time.Time
	ReplyTo int64
	About   string // title of the message that it answers
}

// T says a sentence.
func (v *view) T(id string, fields ...any) string {
	data := map[string]any{}
	for i := 0; i+1 < len(fields); i += 2 {
		data[fields[i].(string)] = fields[i+1]
	}
	return v.c.Speaker.T(v.L, id, data)
}

// Link is the address of a page of ours.
func (v *view) Link(path string) string { return "/" + string(v.L) + "/" + path }

// Mark is our sign; Style and Script are what the page links to.
func (v *view) Mark() template.HTML { return web.Mark }
func (v *view) Style() string       { return web.StylePath() }
func (v *view) Script() string      { return v.c.script }

// Tongue is one language of the page.
type Tongue struct {
	Language subscriptions.Language
	Name     string
	Here     bool
}

// Tongues lists them.
func (v *view) Tongues() []Tongue {
	var out []Tongue
	for _, l := range v.c.languages() {
		out = append(out, Tongue{l, v.c.Speaker.T(l, "language.name", map[string]any{}), l == v.L})
	}
	return out
}

// StartName is the name of what the page was opened for.
func (v *view) StartName() string {
	n := v.c.Nation()
	if id, ok := strings.CutPrefix(v.Start, "agency-"); ok {
		a, _ := n.Agency(subscriptions.AgencyID(id))
		return a.Name.In(v.L, n.Languages...)
	}
	s, _ := n.Service(subscriptions.ServiceID(v.Start))
	return s.Name.In(v.L, n.Languages...)
}

// Clock says when a message came.
func (m message) Clock() string { return m.At.In(m.zone).Format("15:04") }

// Machine is the same for the datetime attribute.
func (m message) Machine() string { return m.At.In(m.zone).Format(time.RFC3339) }

func (c *Channel) languages() []subscriptions.Language {
	var out []subscriptions.Language
	for _, l := range c.Nation().Languages {
		if c.Speaker.Speaks(l) {
			out = append(out, l)
		}
	}
	return out
}

// view shows what a browser may see of its talk.
func (c *Channel) view(l subscriptions.Language, all []subscriptions.Utterance, polling bool) *view {
	v := &view{c: c, L: l, zone: c.Nation().Location(), Polling: polling, Refresh: max(1, int(c.Waits.Poll.Seconds()))}
	titles := map[int64]string{}
	var unseen []string
	for _, u := range all {
		m, ok := v.message(u)
		titles[u.ID] = m.Card.Title
		if !ok || !c.shown(u, polling) {
			continue
		}
		m.About = titles[u.ReplyTo]
		v.Talk = append(v.Talk, m)
		v.Version = max(v.Version, u.Version)
		if !u.Seen {
			unseen = append(unseen, strconv.FormatInt(u.Version, 10))
		}
	}
	v.Unseen = strings.Join(unseen, ".")
	return v
}

func (v *view) message(u subscriptions.Utterance) (message, bool) {
	m := message{view: v, ID: u.ID, Version: u.Version, At: u.At, ReplyTo: u.ReplyTo}
	err := json.Unmarshal(u.Body, &m.Card)
	return m, err == nil
}

// shown decides whether a browser sees a message. What is not confirmed may have
// been overtaken since: it is shown for as long as its sender waits for it.
func (c *Channel) shown(u subscriptions.Utterance, polling bool) bool {
	fresh := c.Waits.Confirm
	if polling {
		fresh += 2 * c.Waits.Poll
	}
	return u.Key == 0 || u.Known || c.Now().Sub(u.At) <= fresh
}

// fragment is one message as the script puts it into the page.
func (c *Channel) fragment(l subscriptions.Language, u subscriptions.Utterance, all []subscriptions.Utterance) (string, error) {
	v := c.view(l, nil, false)
	m, ok := v.message(u)
	if !ok {
		return "", errUndecodable
	}
	for _, o := range all {
		if o.ID == u.ReplyTo {
			first, _ := v.message(o)
			m.About = first.Card.Title
		}
	}
	var b bytes.Buffer
	err := c.templates.ExecuteTemplate(&b, "message", m)
	return b.String(), err
}
