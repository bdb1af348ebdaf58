package bot_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"arifa/subscriptions"
)

// reports says what is counted: how often, how people tried, where, and how many
// asked.
func (s *stage) reports() (out []string) {
	ctx, from := context.Background(), s.now.Add(-24*time.Hour)
	marks, err := s.store.Marks(ctx, from, 1000)
	s.must(err)
	asks := map[subscriptions.ServiceID]int{}
	var seen []subscriptions.ServiceID
	for _, m := range marks {
		if m.Kind == subscriptions.MarkAsk {
			asks[m.Service]++
		}
		if !slices.Contains(seen, m.Service) {
			seen = append(seen, m.Service)
		}
	}
	for _, id := range seen {
		sum, err := s.store.Reported(ctx, []subscriptions.ServiceID{id}, from, s.now.Add(time.Second))
		s.must(err)
		line := fmt.Sprintf("= %s: %d reported, %d asked", id, sum.Reports, asks[id])
		for _, how := range subscriptions.AllTried {
			if n := sum.ByTried[how]; n > 0 {
				line += fmt.Sprintf(", %d by %s", n, how)
			}
		}
		for county, n := range sum.ByCounty {
			line += fmt.Sprintf(", %d in county %s", n, county)
		}
		out = append(out, line)
		words, err := s.store.Words(ctx, []subscriptions.ServiceID{id}, from, 10)
		s.must(err)
		for _, w := range words {
			out = append(out, "= officers read: "+w)
		}
	}
	if len(out) == 0 {
		return []string{"= nobody reported or asked"}
	}
	return out
}

// unofficial opens an alarm of which answers speak.
func (s *stage) unofficial(services string) {
	a := subscriptions.Alarm{State: subscriptions.AlarmOpen, Agency: "kplc", Since: s.now.Add(-40 * time.Minute), OpenedAt: s.now, AskedAt: s.now, Unofficial: s.now}
	for _, id := range strings.Fields(services) {
		a.Services = append(a.Services, subscriptions.ServiceID(id))
	}
	_, err := s.store.PutAlarm(context.Background(), a, subscriptions.AuditLine{At: s.now, Action: "alarm.open"})
	s.must(err)
}

// sample asks the present citizen, as the lane does.
func (s *stage) sample(service string) []string {
	ctx := context.Background()
	_, err := s.store.PickSample(ctx, subscriptions.SampleWish{Incident: s.incident.ID, Round: s.incident.Round, Services: []subscriptions.ServiceID{subscriptions.ServiceID(service)},
		Since: s.now.Add(-24 * time.Hour), Most: 10}, s.now)
	s.must(err)
	due, err := s.store.DueSamples(ctx, lane, 10, s.now)
	s.must(err)
	var out []string
	for _, d := range due {
		if d.Address != s.speaker.Address {
			continue
		}
		s.must(s.store.AskedSample(ctx, d, s.now))
		s.last = s.bot.Question(d)
		checkCard(s.t, 0, s.last, s.nation)
		out = append(out, shown(s.last)...)
	}
	counts, err := s.store.SampleCounts(ctx, s.incident.ID, s.incident.Round, time.Time{})
	s.must(err)
	for _, c := range counts {
		out = append(out, fmt.Sprintf("= %s%s: %d asked, %d say it works, %d say it fails", c.Service, strings.TrimSuffix(" by "+string(c.Tried), " by "), c.Asked, c.Works, c.Fails))
	}
	return out
}
