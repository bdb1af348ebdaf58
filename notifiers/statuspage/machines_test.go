package statuspage_test

import (
	"bytes"
	"encoding/xml"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"arifa/subscriptions"
)

// What machines read, in every situation in which a reader has been seen to stumble.
// Judged by who knows nothing of us: gofeed reads the feeds; libxml's xmllint holds
// Atom to the grammar of RFC 4287 and CAP to the schema of OASIS (where it is on the
// machine; in CI it is); and every answer of /api/v2 is held to its own description.
// The status widget of the protocol's maker reads /api/v2 in TestBrowser/widget.
func TestMachinesInEverySituation(t *testing.T) {
	t.Parallel()
	const free = `“Maneno” 'yote' "sawa" <b>&amp; ]]> 🚨👩‍💻`
	long := strings.TrimSpace(strings.Repeat("Uthibitishaji wa vyeti vya kuzaliwa na vifo ", 4)) // 175 letters
	for _, c := range []struct {
		name      string
		play      func(s *stage)
		troubles  int // told now, as a client of /api/v2 counts them
		planned   int
		entries   int
		indicator string
		says      string // somewhere in every feed in Swahili
	}{
		{"no incidents", func(*stage) {}, 0, 0, 0, "none", ""},
		{"ten at once", (*stage).ten, 10, 0, 10, "major", ""},
		{"a long name in Swahili", func(s *stage) {
			s.renames("kra-pay-tax", long)
			i := s.own(subscriptions.Blocked, "kra-pay-tax")
			s.say(&i, subscriptions.Notice{Kind: subscriptions.Outage, Slots: subscriptions.Slots{NextUpdate: s.at(11, 0)}})
		}, 1, 0, 1, "major", long},
		{"quotes and emoji in a name and in a sentence", func(s *stage) {
			s.renames("kra-pay-tax", free)
			i := s.own(subscriptions.Degraded, "kra-pay-tax")
			s.say(&i, subscriptions.Notice{Kind: subscriptions.Outage, Slots: subscriptions.Slots{NextUpdate: s.at(11, 0), Free: subscriptions.Text{"en": free, "sw": free}}})
		}, 1, 0, 1, "minor", free},
		{"maintenance overlapping an outage", func(s *stage) {
			s.outage()
			m := s.open("ecitizen-payments")
			m.Maintenance, m.State, m.StartsAt, m.EndsAt = true, subscriptions.InProgress, s.at(6, 0), s.at(23, 0)
			s.say(&m, subscriptions.Notice{Kind: subscriptions.Maintenance, Slots: subscriptions.Slots{State: subscriptions.InProgress, StartsAt: s.at(6, 0), EndsAt: s.at(23, 0)}})
		}, 1, 1, 2, "critical", "222222"},
		{"a held service", func(s *stage) {
			i, _ := s.outage()
			s.end(&i, "kws-nairobi-np")
			s.say(&i, subscriptions.Notice{Kind: subscriptions.Restored, Agency: "ecitizen", Slots: subscriptions.Slots{PayAgain: subscriptions.Answer{Value: "no"}}})
		}, 1, 0, 2, "critical", "222222"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			c.play(s)
			s.refresh()
			s.everywhere(map[bool]string{true: "nothing", false: c.name}[c.entries == 0])
			now := s.api("summary")
			if len(now.Incidents) != c.troubles || len(now.ScheduledMaintenances) != c.planned || now.Status.Indicator != c.indicator {
				t.Errorf("got %d troubles, %d planned, %q; want %d, %d, %q", len(now.Incidents), len(now.ScheduledMaintenances), now.Status.Indicator, c.troubles, c.planned, c.indicator)
			}
			for _, path := range []string{"/en/feed.atom", "/sw/feed.atom", "/sw/feed.rss", "/sw/a/kra/feed.atom", "/sw/s/kra-pay-tax/feed.atom", "/sw/s/kra-pay-tax/feed.rss", "/cap/feed.atom"} {
				f := s.feed(path)
				if strings.HasSuffix(path, ".atom") {
					s.atom(path)
				}
				if whole := strings.Count(path, "/") == 2; whole && len(f.Items) != c.entries {
					t.Errorf("%s: got %d entries, want %d", path, len(f.Items), c.entries)
				}
				text := ""
				for _, it := range f.Items {
					text += it.Title + "\n" + it.Content + "\n" + plain(it.Description) + "\n"
				}
				if strings.HasPrefix(path, "/sw/feed") && !strings.Contains(text, c.says) {
					t.Errorf("%s does not say %q: %s", path, c.says, text)
				}
				if path == "/cap/feed.atom" {
					for _, it := range f.Items {
						if got := s.cap(strings.TrimPrefix(it.Link, base)); got["sw-KE.headline"] == "" || got["en-KE.headline"] == "" {
							t.Errorf("%s has no headline in both languages", it.Link)
						}
					}
				}
			}
			s.picture("/sw/s/kra-pay-tax/badge.svg")
		})
	}
}

// renames gives a service another name in Swahili, for everybody.
func (s *stage) renames(id subscriptions.ServiceID, name string) {
	n := *s.nation
	n.Services = slices.Clone(n.Services)
	for k := range n.Services {
		if n.Services[k].ID == id {
			n.Services[k].Name = subscriptions.Text{"en": name, "sw": name}
		}
	}
	s.nation = &n
}

// atom holds a feed to the grammar of RFC 4287, and to what that says beside it: who
// wrote each entry, where it stands, and ids that are there once.
func (s *stage) atom(path string) {
	s.Helper()
	raw := s.get(path, 200).Body.Bytes()
	var f struct {
		ID    string `xml:"id"`
		Links []struct {
			Rel  string `xml:"rel,attr"`
			Href string `xml:"href,attr"`
		} `xml:"link"`
		Entries []struct {
			ID     string   `xml:"id"`
			Author []string `xml:"author>name"`
			Links  []struct {
				Rel string `xml:"rel,attr"`
			} `xml:"link"`
		} `xml:"entry"`
	}
	s.must(xml.Unmarshal(raw, &f))
	if len(f.Links) != 2 || f.Links[0].Rel != "self" || f.Links[0].Href != base+path {
		s.Errorf("%s does not say where it stands: %v", path, f.Links)
	}
	ids := map[string]bool{f.ID: true}
	for _, e := range f.Entries {
		if ids[e.ID] || len(e.Author) != 1 || len(e.Links) == 0 || e.Links[0].Rel != "alternate" {
			s.Errorf("%s: got entry %+v", path, e)
		}
		ids[e.ID] = true
	}
	lint, err := exec.LookPath("xmllint")
	if err != nil {
		s.Logf("SKIPPED: no xmllint, so nothing holds %s to RFC 4287's grammar", path)
		return
	}
	cmd := exec.Command(lint, "--noout", "--nonet", "--relaxng", filepath.Join("testdata", "atom", "atom.rng"), "-")
	cmd.Stdin = bytes.NewReader(raw)
	if out, err := cmd.CombinedOutput(); err != nil {
		s.Errorf("%s: xmllint: %v\n%s", path, err, out)
	}
}

// picture wants a badge that is XML and names what it shows.
func (s *stage) picture(path string) {
	s.Helper()
	var svg struct {
		XMLName xml.Name
		Title   string   `xml:"title"`
		Text    []string `xml:"g>text"`
	}
	s.must(xml.Unmarshal(s.get(path, 200).Body.Bytes(), &svg))
	if svg.XMLName.Space != "http://www.w3.org/2000/svg" || svg.Title == "" || len(svg.Text) != 2 {
		s.Errorf("%s: got %+v", path, svg)
	}
}
