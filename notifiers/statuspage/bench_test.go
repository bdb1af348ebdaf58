package statuspage_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// BenchmarkFrontPage serves the front page and, in the same run, the same bytes by a
// bare handler of net/http, in turns; "ratio" is how much of the bare handler's pace
// the page reaches, "broadcast" the same while a notice goes out to many people.
func BenchmarkFrontPage(b *testing.B) {
	for _, broadcast := range []bool{false, true} {
		b.Run(map[bool]string{false: "quiet", true: "broadcast"}[broadcast], func(b *testing.B) {
			s := setup(b)
			i, _ := s.outage()
			bare := s.bare()
			page, plain := serving(b, s.pages), serving(b, bare)
			if broadcast {
				sent := s.broadcast(b, &i)
				defer func() { b.ReportMetric(float64(sent.Load())/b.Elapsed().Seconds(), "told/s") }()
			}
			var ours time.Duration
			var ratios []float64
			hundred(b, plain) // connections are open
			hundred(b, page)
			b.ResetTimer()
			for turn := range b.N { // in turns, each first by turns: what else the machine does hits both
				var theirs, mine time.Duration
				if turn%2 == 0 {
					theirs, mine = hundred(b, plain), hundred(b, page)
				} else {
					mine, theirs = hundred(b, page), hundred(b, plain)
				}
				ours += mine
				ratios = append(ratios, theirs.Seconds()/mine.Seconds())
			}
			slices.Sort(ratios)
			b.ReportMetric(ratios[len(ratios)/2], "ratio") // the median
			b.ReportMetric(100*float64(b.N)/ours.Seconds(), "pages/s")
		})
	}
}

// bare answers the very bytes of the page, as little as net/http can do.
func (s *stage) bare() http.Handler {
	w := s.get("/en/", 200, "Accept-Encoding", "gzip")
	body := w.Body.Bytes()
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Encoding", "gzip")
		_, _ = w.Write(body)
	})
}

func serving(b *testing.B, h http.Handler) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	srv := &http.Server{Handler: h}
	go func() { _ = srv.Serve(l) }() // ends with Close
	b.Cleanup(func() { _ = srv.Close() })
	return "http://" + l.Addr().String() + "/en/"
}

var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8, DisableCompression: true}}

// hundred asks a hundred times over four connections, and returns how long it took.
func hundred(b *testing.B, url string) time.Duration {
	begun := time.Now()
	var g sync.WaitGroup
	for range 4 {
		g.Go(func() {
			for range 25 {
				r, err := http.NewRequest(http.MethodGet, url, nil)
				if err != nil {
					b.Error(err)
					return
				}
				r.Header.Set("Accept-Encoding", "gzip")
				w, err := client.Do(r)
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, w.Body)
				_ = w.Body.Close()
			}
		})
	}
	g.Wait()
	return time.Since(begun)
}

// broadcast keeps a notice going out to many people while the benchmark runs.
func (s *stage) broadcast(b *testing.B, i *subscriptions.Incident) *atomic.Int64 {
	b.Helper()
	posts := make([]subscriptions.Post, 0, 500)
	for n := range 20_000 {
		posts = append(posts, subscriptions.Post{Recipient: subscriptions.Recipient{Lane: "telegram:1", Address: subscriptions.AddressOf(fmt.Sprint(n)), Kind: subscriptions.Person, Language: "en", CreatedAt: s.clock()},
			Follows: []subscriptions.Follow{{Scope: subscriptions.ScopeService("passport-renewal"), Since: s.clock()}}})
		if len(posts) == 500 {
			s.must(s.store.ImportRecipients(context.Background(), posts, s.clock()))
			posts = posts[:0]
		}
	}
	sent := &atomic.Int64{}
	d, err := notifiers.New(notifiers.Config{Outbox: s.store, Lanes: s.store, Speaker: s.speaker, Languages: s.nation.Languages, Zone: s.nation.Location(), Owner: "bench",
		Clock: s.clock, Channels: []notifiers.Lane{{Channel: mouth{sent}, Rate: 300, InFlight: 64}}})
	s.must(err)
	ctx, cancel := context.WithCancel(context.Background())
	var g sync.WaitGroup
	g.Go(func() { _ = d.Run(ctx) })
	g.Go(func() { _ = s.site.Run(ctx) })
	b.Cleanup(func() { cancel(); g.Wait() })
	s.say(i, subscriptions.Notice{Kind: subscriptions.Update, Slots: subscriptions.Slots{NextUpdate: s.at(12, 0)}})
	for sent.Load() == 0 {
		time.Sleep(10 * time.Millisecond)
	}
	return sent
}

// mouth is a network that takes everything.
type mouth struct{ sent *atomic.Int64 }

func (m mouth) Name() subscriptions.LaneID { return "telegram:1" }

func (m mouth) Send(context.Context, notifiers.Message) (notifiers.Receipt, error) {
	return notifiers.Receipt{Message: fmt.Sprint(m.sent.Add(1))}, nil
}
