package statuspage_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"

	"arifa/subscriptions"
)

// feed reads a feed with gofeed, a client that knows nothing of us.
func (s *stage) feed(path string) *gofeed.Feed {
	s.Helper()
	w := s.get(path, 200)
	f, err := gofeed.NewParser().Parse(strings.NewReader(w.Body.String()))
	if err != nil {
		s.Fatalf("%s: gofeed: %v\n%s", path, err, w.Body)
	}
	return f
}

func TestFeedsOfNothing(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for _, path := range []string{"/en/feed.atom", "/sw/feed.rss", "/en/a/kra/feed.atom", "/sw/s/kra-pay-tax/feed.rss"} {
		f := s.feed(path)
		if len(f.Items) != 0 || f.Title == "" || f.Link == "" || f.UpdatedParsed == nil {
			t.Errorf("%s: got %+v, want an empty feed with title, link and time", path, f)
		}
	}
	for _, path := range []string{"/en/a/none/feed.atom", "/en/s/none/feed.rss", "/xx/feed.atom", "/en/a/feed.atom", "/en/x/kra/feed.atom"} {
		s.get(path, 404)
	}
}

func TestFeedsTellEachUpdate(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i, first := s.outage()
	s.setNow(s.at(8, 0))
	way := s.say(&i, subscriptions.Notice{Kind: subscriptions.AlternativeNotice, Agency: "kra", Slots: subscriptions.Slots{NextUpdate: s.at(11, 0),
		Services: []subscriptions.ServiceID{"kra-pay-tax"}, Alternatives: []subscriptions.AlternativeID{"alt-bank-or-pdq"}}})
	s.refresh()
	for _, kind := range []string{"atom", "rss"} {
		all := s.feed("/en/feed." + kind)
		if len(all.Items) != 2 || all.Items[0].Title != "Another way: Paying tax (KRA)" || all.Items[1].Title != "Payments to 222222 (eCitizen) are not working." {
			t.Fatalf("%s: got %d items %v", kind, len(all.Items), all.Items)
		}
		it := all.Items[0]
		if it.GUID == "" || it.GUID == all.Items[1].GUID || !strings.HasPrefix(it.GUID, "urn:uuid:") {
			t.Errorf("%s: got ids %q and %q", kind, it.GUID, all.Items[1].GUID)
		}
		if it.Link != base+"/en/n/2025-0103-2" || !it.PublishedParsed.Equal(s.at(8, 0)) || it.Authors[0].Name != "Kenya Revenue Authority" || it.Categories[0] != "alternative" {
			t.Errorf("%s: got %+v", kind, it)
		}
		if text := it.Content + it.Description; !strings.Contains(text, "card machine (PDQ)") || !strings.Contains(text, "Notice 0103-2, code "+way.Code) {
			t.Errorf("%s: got %q", kind, text)
		}
		if n := len(s.feed("/en/a/kra/feed." + kind).Items); n != 2 {
			t.Errorf("%s: KRA's feed has %d items, want 2", kind, n)
		}
		if n := len(s.feed("/en/a/kws/feed." + kind).Items); n != 1 {
			t.Errorf("%s: KWS's feed has %d items, want the outage only", kind, n)
		}
		mine := s.feed("/en/s/passport-renewal/feed." + kind)
		if len(mine.Items) != 1 || strings.Contains(mine.Items[0].Content+mine.Items[0].Description, "Birth certificate") {
			t.Errorf("%s: the service's feed has %d items, or others' services", kind, len(mine.Items))
		}
		if n := len(s.feed("/en/s/kplc-tokens/feed." + kind).Items); n != 0 {
			t.Errorf("%s: tokens do not use 222222, but their feed has %d items", kind, n)
		}
		if sw := s.feed("/sw/feed." + kind); sw.Language != "sw" && kind == "rss" || sw.Items[1].Title != "Malipo kwa 222222 (eCitizen) hayafanyi kazi." || sw.Items[1].GUID != all.Items[1].GUID {
			t.Errorf("%s in Swahili: got %+v", kind, sw.Items[1])
		}
	}
	page := s.get("/en/s/kra-pay-tax", 200).Body.String()
	for _, want := range []string{`<link rel="alternate" type="application/atom&#43;xml" title="Arifa: Paying tax (KRA) (Atom)" href="/en/s/kra-pay-tax/feed.atom">`, `href="/en/s/kra-pay-tax/feed.rss"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the service's page does not advertise %s", want)
		}
	}

	// Withdrawn: the same id, other words, and changed at that time.
	id := s.feed("/en/feed.atom").Items[1].GUID
	first, err := s.store.Notice(t.Context(), first.ID)
	s.must(err)
	first.State, first.StoppedAt = subscriptions.Withdrawn, s.at(8, 30)
	s.put(first)
	s.refresh()
	for _, kind := range []string{"atom", "rss"} {
		it := s.feed("/en/feed." + kind).Items[1]
		if it.GUID != id || it.Title != "Notice 0103-1 is withdrawn: it was wrong." || strings.Contains(it.Content+it.Description, "222222") {
			t.Errorf("%s: got %+v", kind, it)
		}
		if !it.PublishedParsed.Equal(s.at(6, 4)) || kind == "atom" && !it.UpdatedParsed.Equal(s.at(8, 30)) {
			t.Errorf("%s: got published %s, updated %s", kind, it.Published, it.Updated)
		}
	}
	if got := s.get("/en/feed.rss", 200).Body.String(); !strings.Contains(got, "<atom:updated>2025-01-03T05:30:00Z</atom:updated>") {
		t.Error("RSS does not tell when the item was changed")
	}
}

func TestFeedsOfTenAtOnceWithHostileWords(t *testing.T) {
	t.Parallel()
	s := setup(t)
	hostile := `“Quotes” 'single' "double" <b>&amp; </content> ]]> 🚨👩‍💻 ` + strings.Repeat("Uthibitishaji", 12)
	for k := range 10 {
		s.setNow(s.at(9, k))
		s.say(nil, subscriptions.Notice{Kind: subscriptions.Advisory, Agency: "kra", Slots: subscriptions.Slots{Free: subscriptions.Text{"en": hostile, "sw": hostile}}})
	}
	s.refresh()
	for _, path := range []string{"/en/feed.atom", "/en/feed.rss", "/sw/feed.atom", "/sw/feed.rss", "/cap/feed.atom"} {
		f := s.feed(path)
		if len(f.Items) != 10 {
			t.Fatalf("%s: got %d items, want ten", path, len(f.Items))
		}
		if path == "/cap/feed.atom" {
			continue
		}
		text := f.Items[9].Content + f.Items[9].Description
		if strings.HasSuffix(path, ".rss") {
			text = plain(text)
		}
		if !strings.Contains(text, hostile) {
			t.Errorf("%s: got %q, want %q", path, text, hostile)
		}
	}
	seen := map[string]bool{}
	for _, it := range s.feed("/en/feed.atom").Items {
		seen[it.GUID] = true
	}
	if len(seen) != 10 {
		t.Errorf("got %d different ids of ten", len(seen))
	}
	s.says("/en/n/0103-1", hostile)
}

func TestFeedIDsNeverChange(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.outage()
	got := fmt.Sprint(s.feed("/en/feed.atom").Items[0].GUID, " ", s.feed("/en/feed.rss").Items[0].GUID)
	const want = "urn:uuid:1ad7d5da-4581-5109-9134-502e011a9620 urn:uuid:1ad7d5da-4581-5109-9134-502e011a9620"
	if got != want {
		t.Errorf("got %s, want %s: readers would show everything again", got, want)
	}
	if updated := s.feed("/en/feed.atom").UpdatedParsed; !updated.Equal(s.at(6, 4)) {
		t.Errorf("got %s, want the time of the newest update", updated)
	}
	before := s.get("/en/feed.atom", 200).Header().Get("Etag")
	s.setNow(s.clock().Add(2 * time.Minute))
	s.refresh()
	s.get("/en/feed.atom", 304, "If-None-Match", before) // nothing new: the same bytes
}
