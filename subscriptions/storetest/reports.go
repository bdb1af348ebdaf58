package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"arifa/subscriptions"
)

func (w *world) source() subscriptions.Address {
	w.n++
	return subscriptions.AddressOf(fmt.Sprint("chat-", w.n))
}

func (w *world) complain(r subscriptions.Report) (subscriptions.Report, bool) {
	w.helper()
	if r.Lane == "" {
		r.Lane = lane
	}
	if r.Kind == "" {
		r.Kind = subscriptions.Person
	}
	if r.At.IsZero() {
		r.At = w.now
	}
	stored, fresh, err := w.s.PutReport(w.ctx, r)
	w.must(err)
	return stored, fresh
}

func (w *world) marks() []subscriptions.Mark {
	w.helper()
	ms, err := w.s.Marks(w.ctx, t0.Add(-day), 1000)
	w.must(err)
	return ms
}

func (w *world) reported(ids ...subscriptions.ServiceID) subscriptions.ReportSummary {
	w.helper()
	sum, err := w.s.Reported(w.ctx, ids, t0.Add(-day), w.now.Add(day))
	w.must(err)
	return sum
}

func reportPromises() []promise {
	return []promise{
		{"PutReport stores a report; the stored report carries no address, and the link to who is stored", func(w *world) {
			r := w.person()
			got, fresh := w.complain(subscriptions.Report{Address: r.Address, Service: "a", Tried: subscriptions.TriedCard, County: "30", Text: "it turns and turns"})
			if !fresh || got.ID == 0 || !got.Address.IsZero() || got.Recipient != r.ID || got.Tried != subscriptions.TriedCard || got.County != "30" || got.Text != "it turns and turns" || got.At != w.now {
				w.fatal("got %+v (fresh %t)", got, fresh)
			}
			if got, _ := w.complain(subscriptions.Report{Address: w.source(), Service: "a"}); got.Recipient != 0 {
				w.fatal("got %+v, want no link for somebody who is not stored", got)
			}
			group := w.recipient(subscriptions.Group)
			if got, _ := w.complain(subscriptions.Report{Address: group.Address, Kind: subscriptions.Group, Service: "a"}); got.Recipient != 0 {
				w.fatal("got %+v, want no link for a group", got)
			}
		}},
		{"Another report of the same source for the same service within the hour is the same: what it says anew is put in, nothing is counted twice, and fresh is false", func(w *world) {
			who, begun := w.source(), w.now
			first, _ := w.complain(subscriptions.Report{Address: who, Service: "a", Text: "first words"})
			for _, next := range []subscriptions.Report{{Tried: subscriptions.TriedBank}, {County: "28"}, {Text: "second words"}, {}} {
				w.now = w.now.Add(10 * time.Minute)
				next.Address, next.Service = who, "a"
				if got, fresh := w.complain(next); fresh || got.ID != first.ID || got.At != begun {
					w.fatal("got %+v (fresh %t), want the first report", got, fresh)
				}
			}
			got, _ := w.complain(subscriptions.Report{Address: who, Service: "a"})
			if got.Tried != subscriptions.TriedBank || got.County != "28" || got.Text != "second words" {
				w.fatal("got %+v, want all that was said", got)
			}
			if sum := w.reported("a"); sum.Reports != 1 || len(w.marks()) != 1 {
				w.fatal("got %+v and %d marks, want one report", sum, len(w.marks()))
			}
			w.now = begun.Add(subscriptions.ReportEvery)
			if _, fresh := w.complain(subscriptions.Report{Address: who, Service: "a"}); !fresh {
				w.fatal("a report an hour later is not fresh")
			}
			for name, r := range map[string]subscriptions.Report{"another service": {Address: who, Service: "b"}, "another source": {Address: w.source(), Service: "a"}, "another lane": {Address: who, Service: "a", Lane: "slack:T"}} {
				if _, fresh := w.complain(r); !fresh {
					w.fatal("a report of %s is not fresh", name)
				}
			}
		}},
		{"At most ReportTextMost letters of a report's words are kept", func(w *world) {
			got, _ := w.complain(subscriptions.Report{Address: w.source(), Service: "a", Text: strings.Repeat("ñ", subscriptions.ReportTextMost+50)})
			if got.Text != strings.Repeat("ñ", subscriptions.ReportTextMost) {
				w.fatal("got %d bytes", len(got.Text))
			}
		}},
		{"PutAsk counts a question once for a source and service and hour", func(w *world) {
			who := w.source()
			ask := func(a subscriptions.Ask) {
				a.Lane, a.Kind, a.At = lane, subscriptions.Person, w.now
				w.must(w.s.PutAsk(w.ctx, a))
			}
			ask(subscriptions.Ask{Address: who, Service: "a"})
			w.now = w.now.Add(59 * time.Minute)
			ask(subscriptions.Ask{Address: who, Service: "a"})
			ask(subscriptions.Ask{Address: who, Service: "b"})
			ask(subscriptions.Ask{Address: w.source(), Service: "a"})
			if n := len(w.marks()); n != 3 {
				w.fatal("got %d marks, want 3", n)
			}
			w.now = w.now.Add(time.Minute)
			ask(subscriptions.Ask{Address: who, Service: "a"})
			if n := len(w.marks()); n != 4 {
				w.fatal("got %d marks, want 4 after an hour", n)
			}
		}},
		{"Marks lists reports and asks after since, oldest first, at most limit of the newest", func(w *world) {
			var at []time.Time
			for k := range 6 {
				w.now = w.now.Add(time.Minute)
				at = append(at, w.now)
				if k%2 == 0 {
					w.complain(subscriptions.Report{Address: w.source(), Service: "a"})
					continue
				}
				w.must(w.s.PutAsk(w.ctx, subscriptions.Ask{Lane: lane, Address: w.source(), Kind: subscriptions.Group, Service: "b", At: w.now}))
			}
			ms, err := w.s.Marks(w.ctx, at[0], 4)
			w.must(err)
			if len(ms) != 4 {
				w.fatal("got %d marks, want 4", len(ms))
			}
			for k, m := range ms {
				kind, service, group := subscriptions.MarkReport, subscriptions.ServiceID("a"), false
				if k%2 == 1 {
					kind, service, group = subscriptions.MarkAsk, "b", true
				}
				if m.At != at[k+2] || m.Kind != kind || m.Service != service || m.Group != group {
					w.fatal("mark %d: got %+v, want a %s of %s at %v", k, m, kind, service, at[k+2])
				}
			}
			if ms, err = w.s.Marks(w.ctx, at[4], 10); err != nil || len(ms) != 1 {
				w.fatal("got %v (%v), want what came after", ms, err)
			}
		}},
		{"A source is equal for the same person or group, and says nothing of the address", func(w *world) {
			one, two := w.source(), w.source()
			w.complain(subscriptions.Report{Address: one, Service: "a"})
			w.complain(subscriptions.Report{Address: one, Service: "b"})
			w.complain(subscriptions.Report{Address: two, Service: "a"})
			w.complain(subscriptions.Report{Address: one, Service: "a", Lane: "slack:T"})
			ms := w.marks()
			sources := map[string]int{}
			for _, m := range ms {
				sources[m.Source]++
				if strings.Contains(fmt.Sprintf("%+v", m), one.Reveal()) {
					w.fatal("the mark %+v holds the address", m)
				}
			}
			if len(ms) != 4 || len(sources) != 3 || sources[""] != 0 {
				w.fatal("got %v, want three sources", sources)
			}
		}},
		{"New is whom we have known for less than a day", func(w *world) {
			old := w.person()
			w.now = w.now.Add(subscriptions.KnownAfter)
			young := w.person()
			for _, a := range []subscriptions.Address{old.Address, young.Address, w.source()} {
				w.complain(subscriptions.Report{Address: a, Service: "a"})
				w.must(w.s.PutAsk(w.ctx, subscriptions.Ask{Lane: lane, Address: a, Kind: subscriptions.Person, Service: "b", At: w.now}))
			}
			counts := map[bool]int{}
			for _, m := range w.marks() {
				counts[m.New]++
			}
			if counts[false] != 2 || counts[true] != 4 {
				w.fatal("got %v, want the report and the question of the old one known, the others new", counts)
			}
		}},
		{"Hours counts by service and hour of the clock from since on", func(w *world) {
			put := func(after time.Duration, id subscriptions.ServiceID, ask bool) {
				if ask {
					w.must(w.s.PutAsk(w.ctx, subscriptions.Ask{Lane: lane, Address: w.source(), Kind: subscriptions.Person, Service: id, At: t0.Add(after)}))
					return
				}
				w.complain(subscriptions.Report{Address: w.source(), Service: id, At: t0.Add(after)})
			}
			put(0, "a", false)
			put(59*time.Minute, "a", false)
			put(30*time.Minute, "a", true)
			put(time.Hour, "a", true)
			put(time.Hour, "b", false)
			put(-time.Minute, "a", false)
			want := []subscriptions.HourCount{{Service: "a", Hour: t0, Reports: 2, Asks: 1}, {Service: "a", Hour: t0.Add(time.Hour), Asks: 1}, {Service: "b", Hour: t0.Add(time.Hour), Reports: 1}}
			got, err := w.s.Hours(w.ctx, t0.Add(20*time.Minute))
			w.must(err)
			if !slices.Equal(got, want) {
				w.fatal("got %+v, want %+v", got, want)
			}
		}},
		{"Reported sums up the reports of services (nil = all) from from on and before until", func(w *world) {
			put := func(after time.Duration, id subscriptions.ServiceID, tried subscriptions.Tried, county string) {
				w.complain(subscriptions.Report{Address: w.source(), Service: id, Tried: tried, County: county, At: t0.Add(after)})
			}
			put(-time.Second, "a", subscriptions.TriedCard, "1")
			put(0, "a", subscriptions.TriedMpesaApp, "30")
			put(time.Minute, "a", subscriptions.TriedMpesaApp, "")
			put(2*time.Minute, "b", subscriptions.TriedUnsaid, "30")
			put(3*time.Minute, "c", subscriptions.TriedBank, "28")
			put(time.Hour, "a", subscriptions.TriedBank, "28")
			for _, c := range []struct {
				ids  []subscriptions.ServiceID
				want subscriptions.ReportSummary
			}{
				{services("a", "b"), subscriptions.ReportSummary{Reports: 3, First: t0, Last: t0.Add(2 * time.Minute), ByTried: map[subscriptions.Tried]int{subscriptions.TriedMpesaApp: 2}, ByCounty: map[string]int{"30": 2}}},
				{nil, subscriptions.ReportSummary{Reports: 4, First: t0, Last: t0.Add(3 * time.Minute), ByTried: map[subscriptions.Tried]int{subscriptions.TriedMpesaApp: 2, subscriptions.TriedBank: 1}, ByCounty: map[string]int{"30": 2, "28": 1}}},
				{services("d"), subscriptions.ReportSummary{ByTried: map[subscriptions.Tried]int{}, ByCounty: map[string]int{}}},
			} {
				got, err := w.s.Reported(w.ctx, c.ids, t0, t0.Add(time.Hour))
				w.must(err)
				if !reflect.DeepEqual(got, c.want) {
					w.fatal("of %v: got %+v, want %+v", c.ids, got, c.want)
				}
			}
		}},
		{"Forget erases a person's reports' link and words; what was reported stays as a count, and the same person is not counted twice", func(w *world) {
			r := w.person()
			w.complain(subscriptions.Report{Address: r.Address, Service: "a", Text: "words"})
			w.must(w.s.Forget(w.ctx, r.ID, w.tick()))
			got, fresh := w.complain(subscriptions.Report{Address: r.Address, Service: "a"})
			if fresh || got.Recipient != 0 || got.Text != "" || w.reported("a").Reports != 1 {
				w.fatal("got %+v (fresh %t), want one report without anybody", got, fresh)
			}
		}},
		{"Words lists the words of reports of services since from, newest first, at most limit", func(w *world) {
			for k, text := range []string{"early", "", "one", "two", "three"} {
				w.complain(subscriptions.Report{Address: w.source(), Service: "a", Text: text, At: t0.Add(time.Duration(k) * time.Minute)})
			}
			w.complain(subscriptions.Report{Address: w.source(), Service: "b", Text: "of b", At: t0.Add(time.Hour)})
			got, err := w.s.Words(w.ctx, services("a"), t0.Add(time.Minute), 2)
			w.must(err)
			if !slices.Equal(got, []string{"three", "two"}) {
				w.fatal("got %q, want the newest two", got)
			}
		}},
		{"ReportsOf counts the reports that are still linked to a recipient", func(w *world) {
			r := w.person()
			for _, id := range services("a", "b") {
				w.complain(subscriptions.Report{Address: r.Address, Service: id})
			}
			w.complain(subscriptions.Report{Address: w.source(), Service: "a"})
			for id, want := range map[subscriptions.RecipientID]int{r.ID: 2, 0: 0, 99: 0} {
				if n, err := w.s.ReportsOf(w.ctx, id); err != nil || n != want {
					w.fatal("got %d (%v) of recipient %d, want %d", n, err, id, want)
				}
			}
			_, err := w.s.Leave(w.ctx, r.ID, nil, w.now)
			w.must(err)
			if n, err := w.s.ReportsOf(w.ctx, r.ID); err != nil || n != 0 {
				w.fatal("got %d (%v) after leaving", n, err)
			}
		}},
		{"Retain erases the words of reports and who said them, so that a nightly one keeps neither longer than ReportTextFor", func(w *world) {
			r := w.person()
			first, _ := w.complain(subscriptions.Report{Address: r.Address, Service: "a", Text: "words", Tried: subscriptions.TriedCard})
			begun := w.now
			still := func() (string, subscriptions.RecipientID) { // asked as the same report, while its source is known
				got, fresh := w.complain(subscriptions.Report{Address: r.Address, Service: "a", At: begun})
				if fresh || got.ID != first.ID {
					w.fatal("got %+v (fresh %t)", got, fresh)
				}
				return got.Text, got.Recipient
			}
			w.retain(begun.Add(20 * time.Hour))
			if text, who := still(); text != "words" || who != r.ID {
				w.fatal("got %q of %d after a day", text, who)
			}
			picked := func() int {
				i, _ := w.outage("a")
				n, err := w.s.PickSample(w.ctx, subscriptions.SampleWish{Incident: i.ID, Round: 1, Services: services("a"), Since: begun, Most: 5}, w.now)
				w.must(err)
				return n
			}
			if picked() != 1 {
				w.fatal("who reported is not known while the words are kept")
			}
			w.retain(begun.Add(subscriptions.ReportTextErase - time.Second))
			if picked() != 1 {
				w.fatal("who reported is forgotten too early")
			}
			if n, err := w.s.ReportsOf(w.ctx, r.ID); err != nil || n != 1 {
				w.fatal("got %d (%v) reports linked, want one", n, err)
			}
			w.retain(begun.Add(subscriptions.ReportTextErase))
			if n, err := w.s.ReportsOf(w.ctx, r.ID); err != nil || n != 0 {
				w.fatal("got %d (%v) reports linked, want none", n, err)
			}
			if picked() != 0 {
				w.fatal("who reported is still known")
			}
			if w.reported("a").ByTried[subscriptions.TriedCard] != 1 {
				w.fatal("the report itself is gone")
			}
		}},
		{"Retain makes counts of hours of marks older than MarkFor and forgets whose they were; counts and reports go after HoursFor", func(w *world) {
			who := w.source()
			for range 3 {
				w.complain(subscriptions.Report{Address: w.source(), Service: "a"})
				w.must(w.s.PutAsk(w.ctx, subscriptions.Ask{Lane: lane, Address: w.source(), Kind: subscriptions.Person, Service: "a", At: w.now}))
			}
			w.complain(subscriptions.Report{Address: who, Service: "a"})
			begun := w.now
			want := []subscriptions.HourCount{{Service: "a", Hour: subscriptions.HourOf(begun), Reports: 4, Asks: 3}}
			hours := func() []subscriptions.HourCount {
				got, err := w.s.Hours(w.ctx, begun.Add(-time.Hour))
				w.must(err)
				return got
			}
			for _, after := range []time.Duration{0, 23 * time.Hour, 26 * time.Hour, subscriptions.HoursFor - 2*time.Hour} {
				w.retain(begun.Add(after))
				if got := hours(); !slices.Equal(got, want) {
					w.fatal("%v later: got %+v, want %+v", after, got, want)
				}
				if n := len(w.marks()); n != 7 && after < subscriptions.MarkFor || n != 0 && after > subscriptions.MarkFor+time.Hour {
					w.fatal("%v later: %d marks", after, n)
				}
			}
			if w.reported("a").Reports != 4 {
				w.fatal("the reports went before their time")
			}
			if _, fresh := w.complain(subscriptions.Report{Address: who, Service: "a", At: begun}); !fresh {
				w.fatal("the source of an old report is still known")
			}
			w.retain(begun.Add(subscriptions.HoursFor + 2*time.Hour))
			if got := hours(); len(got) != 0 || w.reported("a").Reports != 0 {
				w.fatal("got %+v and %+v after ten weeks", got, w.reported("a"))
			}
		}},
	}
}
