package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"arifa/bot"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// Whatever service fails, there are ways to say how, and every button fits.
func TestEveryServiceCanBeReported(t *testing.T) {
	t.Parallel()
	w := theWorld(t)
	s := newStage(t)
	for _, v := range w.nation.Services {
		ways := bot.WaysTried(w.nation, v.ID)
		if len(ways) < 3 || !slices.Contains(ways, subscriptions.TriedOther) || !slices.Contains(ways, subscriptions.TriedCounter) {
			t.Errorf("%s offers %v", v.ID, ways)
		}
		for _, l := range w.nation.Languages {
			q := s.bot.Question(subscriptions.Sample{Incident: 1 << 40, Round: 99, Service: v.ID, Language: l})
			checkCard(t, 0, q, w.nation)
			if again, ok := bot.RoundTrip(q.Choices[0][1].Data); !ok || again != q.Choices[0][1].Data {
				t.Errorf("%s: the answer %q is read as %q", v.ID, q.Choices[0][1].Data, again)
			}
		}
	}
	for id, want := range map[subscriptions.ServiceID]subscriptions.Tried{"kplc-tokens": subscriptions.TriedMpesaMenu, "kra-file-returns": subscriptions.TriedWebsite, "good-conduct": subscriptions.TriedCard} {
		if !slices.Contains(bot.WaysTried(w.nation, id), want) {
			t.Errorf("%s does not offer %s", id, want)
		}
	}
	if slices.Contains(bot.WaysTried(w.nation, "kra-file-returns"), subscriptions.TriedMpesaApp) {
		t.Error("filing a return is not paid for, and offers M-PESA")
	}
}

// A live notice brings a person the button; an end, and a public channel, do not.
func TestNoticesBringTheButton(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.now = time.Date(2025, 1, 3, 3, 4, 0, 0, time.UTC)
	s.outage()
	sheet := s.notices[0].Sheet
	one, two := []subscriptions.ServiceID{"kra-pay-tax"}, []subscriptions.ServiceID{"kra-pay-tax", "kws-nairobi-np"}
	for _, c := range []struct {
		name string
		sel  wording.Selection
		kind subscriptions.Kind
		want string
	}{
		{"one service", wording.Selection{Language: "en", Services: one}, subscriptions.Outage, "It fails for me=report kra-pay-tax"},
		{"several", wording.Selection{Language: "sw", Services: two}, subscriptions.Outage, "Kwangu haifanyi kazi=report"},
		{"an update", wording.Selection{Language: "en", Services: one}, subscriptions.Update, "It fails for me=report kra-pay-tax"},
		{"another way", wording.Selection{Language: "en", Services: one}, subscriptions.AlternativeNotice, "It fails for me=report kra-pay-tax"},
		{"the end", wording.Selection{Language: "en", Services: one}, subscriptions.Restored, ""},
		{"a correction", wording.Selection{Language: "en", Services: one}, subscriptions.Correction, ""},
		{"a public channel", wording.Selection{Language: "en", Post: true}, subscriptions.Outage, ""},
	} {
		sheet.Kind = c.kind
		got := ""
		for _, row := range s.words.Card(sheet, c.sel).Choices {
			for _, b := range row {
				got += b.Label + "=" + b.Data
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	before := s.notices[0]
	s.words.Card(before.Sheet, wording.Selection{Language: "en", Services: one})
	if before.Digest() != before.Hash {
		t.Error("the frozen words have changed")
	}
}

// A report that cannot be stored is no report: the same is heard again later.
func TestReportIsStoredBeforeItIsThanked(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is full")
	s := newStage(t, func(c *bot.Config) { c.Complaints = failing{c.Complaints, broken} })
	_, err := s.bot.Hear(context.Background(), bot.Heard{Lane: lane, Address: subscriptions.AddressOf("1"), Kind: subscriptions.Person, Choice: "report kplc-tokens", At: s.now})
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want the store's error", err)
	}
}

type failing struct {
	subscriptions.Complaints
	err error
}

func (f failing) PutReport(context.Context, subscriptions.Report) (subscriptions.Report, bool, error) {
	return subscriptions.Report{}, false, f.err
}

// Without a place for complaints nothing is offered, and nothing breaks.
func TestWithoutComplaintsNobodyReports(t *testing.T) {
	t.Parallel()
	s := newStage(t, func(c *bot.Config) { c.Complaints, c.Alarms, c.Samples = nil, nil, nil })
	for _, h := range []bot.Heard{{Text: "stima"}, {Text: "stima haifanyi kazi"}, {Choice: "report kplc-tokens"}, {Choice: "tried card kplc-tokens"}, {Choice: "works 1 1 yes"}, {Text: "/mydata"}, {Text: "/status stima"}} {
		h.Lane, h.Address, h.Kind, h.At, h.Language = lane, subscriptions.AddressOf("1"), subscriptions.Person, s.now, "en"
		cards, err := s.bot.Hear(context.Background(), h)
		if err != nil {
			t.Fatalf("%+v: %v", h, err)
		}
		for _, c := range cards {
			if text := fmt.Sprint(shown(c)); strings.Contains(text, "fails for me") || strings.Contains(text, "counted") {
				t.Errorf("%q is answered with %s", h.Text+h.Choice, text)
			}
		}
	}
}

// An answer to a question that nobody asked, and of somebody else's, counts nothing.
func TestForeignAnswersDoNotCount(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.outage()
	s.enter("person", []string{"stranger", "en"})
	s.say(0, "stima")
	h := s.speaker
	h.Choice = fmt.Sprintf("works %d 1 no kws-nairobi-np", s.incident.ID)
	for range 3 {
		s.hear(0, h)
	}
	if s.last.Title != "Thank you. That question is no longer open." {
		t.Errorf("got %q", s.last.Title)
	}
	counts, err := s.store.SampleCounts(context.Background(), s.incident.ID, 1, time.Time{})
	s.must(err)
	if len(counts) != 0 {
		t.Errorf("got %+v, want nothing counted", counts)
	}
}
