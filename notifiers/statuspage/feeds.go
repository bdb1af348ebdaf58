package statuspage

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"time"

	"arifa/bot/web"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// mostEntries is how many updates a feed holds.
const mostEntries = 50

// item is one update in a feed: one notice.
type item struct {
	Notice           subscriptions.Notice
	ID               string
	Title            string
	Text             []string
	Author           string
	URL              string
	Published, Since time.Time // Since: when it was changed last
}

// feed finds the feed of a path: of everything, of an agency or of a service.
func (s *Site) feed(e *edition, l subscriptions.Language, parts []string) func() (*document, error) {
	last := parts[len(parts)-1]
	if last != "feed.atom" && last != "feed.rss" {
		return nil
	}
	f := s.frame(e, l, strings.Join(parts, "/"))
	about, match, path, name := wording.Selection{Language: l, Post: true}, func(subscriptions.Notice) bool { return true }, "", ""
	switch {
	case len(parts) == 1:
	case len(parts) == 3 && parts[0] == "a":
		a, ok := e.nation.Agency(subscriptions.AgencyID(parts[1]))
		if !ok || a.Retired {
			return nil
		}
		path, name = "a/"+string(a.ID), f.text(a.Name)
		match = func(n subscriptions.Notice) bool {
			return n.Agency == a.ID || len(n.Audience[subscriptions.ScopeAgency(a.ID)]) > 0
		}
	case len(parts) == 3 && parts[0] == "s":
		svc, ok := e.nation.Service(subscriptions.ServiceID(parts[1]))
		if !ok || svc.Retired {
			return nil
		}
		path, name, about.Services = "s/"+string(svc.ID), f.label(svc.ID), []subscriptions.ServiceID{svc.ID}
		match = func(n subscriptions.Notice) bool { return len(n.Audience[subscriptions.ScopeService(svc.ID)]) > 0 }
	default:
		return nil
	}
	return func() (*document, error) {
		links := f.feeds(path, name)
		items := f.items(match, about)
		if last == "feed.rss" {
			return f.rss(links[1], s.Base+f.Link()+path, items)
		}
		return f.atom(links[0], s.Base+f.Link()+path, items)
	}
}

func (f *frame) items(match func(subscriptions.Notice) bool, about wording.Selection) []item {
	var out []item
	for _, id := range f.e.order {
		n := f.e.notices[id]
		if !public(n) || !match(n) {
			continue
		}
		out = append(out, f.item(n, about))
		if len(out) == mostEntries {
			break
		}
	}
	return out
}

// item says what a notice says, and of a withdrawn one that it was wrong.
func (f *frame) item(n subscriptions.Notice, about wording.Selection) item {
	card := f.site.Speaker.Card(n.Sheet, about)
	if n.State == subscriptions.Withdrawn {
		card = f.site.Speaker.Withdrawal(n.Sheet, f.L)
	}
	it := item{Notice: n, ID: urn("notice/" + string(n.Key)), Title: card.Title, Text: card.Lines, Author: f.AgencyName(n.Agency),
		URL: f.site.Base + f.Link("n", n.Key), Published: n.PublishedAt, Since: n.PublishedAt}
	if n.State == subscriptions.Stopped {
		it.Text = append([]string{f.T("verify.stopped", "Key", n.Key.Short()) + ". " + f.T("verify.do-not-rely")}, it.Text...)
	}
	if n.StoppedAt.After(it.Since) {
		it.Since = n.StoppedAt
	}
	for _, w := range f.words(n).Tail {
		if w.Slot == subscriptions.SlotWho && n.State != subscriptions.Withdrawn {
			it.Text = append(it.Text, w.Text)
		}
	}
	return it
}

// urn is an id that stays the same on every host: a name-based UUID, RFC 9562
// version 5, over a name of ours.
func urn(name string) string {
	space := [16]byte{0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8} // of addresses
	sum := sha1.Sum(append(space[:], "arifa:"+name...))                                                               // as the standard fixes it; no secret
	sum[6], sum[8] = sum[6]&0x0f|0x50, sum[8]&0x3f|0x80
	h := hex.EncodeToString(sum[:16])
	return "urn:uuid:" + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// changed is when the newest item was; of none, the day of the edition.
func (f *frame) changed(items []item) time.Time {
	var newest time.Time
	for _, it := range items {
		if it.Since.After(newest) {
			newest = it.Since
		}
	}
	if newest.IsZero() {
		return f.e.asOf.Truncate(24 * time.Hour)
	}
	return newest
}

type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Sub     string      `xml:"subtitle"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID        string        `xml:"id"`
	Title     string        `xml:"title"`
	Updated   string        `xml:"updated"`
	Published string        `xml:"published"`
	Author    string        `xml:"author>name"`
	Category  *atomCategory `xml:"category"`
	Links     []atomLink    `xml:"link"`
	Content   *atomText     `xml:"content"`
	Summary   *atomText     `xml:"summary"`
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

const atomType, rssType = "application/atom+xml; charset=utf-8", "application/rss+xml; charset=utf-8"

func (f *frame) atom(self feedLink, page string, items []item) (*document, error) {
	out := atomFeed{Lang: string(f.L), ID: urn("feed" + self.URL), Title: self.Title, Sub: f.T("feed.lead"), Updated: stamp(f.changed(items)),
		Links: []atomLink{{"self", self.Type, f.site.Base + self.URL}, {"alternate", "text/html", page}}}
	for _, it := range items {
		out.Entries = append(out.Entries, atomEntry{ID: it.ID, Title: it.Title, Updated: stamp(it.Since), Published: stamp(it.Published), Author: it.Author,
			Category: &atomCategory{string(it.Notice.Kind)}, Links: []atomLink{{"alternate", "text/html", it.URL}},
			Content: &atomText{"text", strings.Join(it.Text, "\n")}})
	}
	return xmlDocument(atomType, out)
}

type rssFeed struct {
	XMLName xml.Name   `xml:"rss"`
	Version string     `xml:"version,attr"`
	Atom    string     `xml:"xmlns:atom,attr"`
	Creator string     `xml:"xmlns:dc,attr"`
	Channel rssChannel `xml:"channel"`
}

type rssChannel struct {
	Title       string    `xml:"title"`
	Link        string    `xml:"link"`
	Self        atomLink  `xml:"atom:link"`
	Description string    `xml:"description"`
	Language    string    `xml:"language"`
	Built       string    `xml:"lastBuildDate"`
	TTL         int       `xml:"ttl"`
	Items       []rssItem `xml:"item"`
}

type rssItem struct {
	Title       string  `xml:"title"`
	Link        string  `xml:"link"`
	Description string  `xml:"description"`
	GUID        rssGUID `xml:"guid"`
	Published   string  `xml:"pubDate"`
	Author      string  `xml:"dc:creator"`
	Category    string  `xml:"category"`
	Updated     string  `xml:"atom:updated"`
}

type rssGUID struct {
	Permanent bool   `xml:"isPermaLink,attr"`
	ID        string `xml:",chardata"`
}

func (f *frame) rss(self feedLink, page string, items []item) (*document, error) {
	out := rssFeed{Version: "2.0", Atom: "http://www.w3.org/2005/Atom", Creator: "http://purl.org/dc/elements/1.1/", Channel: rssChannel{
		Title: self.Title, Link: page, Self: atomLink{"self", self.Type, f.site.Base + self.URL}, Description: f.T("feed.lead"), Language: string(f.L),
		Built: f.changed(items).UTC().Format(time.RFC1123Z), TTL: 1}}
	for _, it := range items {
		out.Channel.Items = append(out.Channel.Items, rssItem{Title: it.Title, Link: it.URL, Description: htmlText(it.Text),
			GUID: rssGUID{ID: it.ID}, Published: it.Published.UTC().Format(time.RFC1123Z), Author: it.Author, Category: string(it.Notice.Kind), Updated: stamp(it.Since)})
	}
	return xmlDocument(rssType, out)
}

// htmlText writes lines as the HTML that readers of RSS expect in a description.
func htmlText(lines []string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString("<p>")
		_ = xml.EscapeText(&b, []byte(l)) // a builder takes everything
		b.WriteString("</p>")
	}
	return b.String()
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func xmlDocument(kind string, v any) (*document, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", " ")
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("%T: %w", v, err)
	}
	b.WriteByte('\n')
	d := web.NewDocument(http.StatusOK, kind, web.AgeLive, b.Bytes())
	d.Open = true
	return d, nil
}
