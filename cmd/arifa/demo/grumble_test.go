package demo_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"arifa/subscriptions"
)

// grumblers are the citizens of a quiet country: what they report and ask has its
// rhythm over the day and the week, days that are better or worse, a cyber café in
// which four people fail at once, news that make everybody ask, and the twentieth of
// the month, when taxes are due.
type grumblers struct {
	rng     *rand.Rand
	nation  *subscriptions.Nation
	popular map[subscriptions.ServiceID]float64 // share of all that is asked
	reports float64                             // in a day
	asks    float64
	sources int
}

// famous services get most of the questions; the rest share what is left.
var famous = []subscriptions.ServiceID{"ecitizen-login", "kplc-tokens", "kra-file-returns", "mpesa-paybill", "ecitizen-pay", "passport-new", "good-conduct",
	"dl-renewal", "kra-pay-tax", "sha-register", "business-name", "helb-apply", "kra-pin", "nairobi-parking", "kra-vat-paye", "sgr-tickets"}

func newGrumblers(n *subscriptions.Nation, seed uint64, reports, asks float64) *grumblers {
	g := &grumblers{rng: rand.New(rand.NewPCG(seed, 7)), nation: n, popular: map[subscriptions.ServiceID]float64{}, reports: reports, asks: asks}
	sum := 0.0
	for _, s := range n.Services {
		g.popular[s.ID] = 0.2
		if rank := slices.Index(famous, s.ID); rank >= 0 {
			g.popular[s.ID] = 12 / float64(rank+3)
		}
		sum += g.popular[s.ID]
	}
	for id := range g.popular {
		g.popular[id] /= sum
	}
	return g
}

// busy is how much of a day's traffic falls into an hour, in Nairobi.
func busy(at time.Time) float64 {
	local := at.In(time.FixedZone("EAT", 3*60*60))
	h := float64(local.Hour()) + float64(local.Minute())/60
	share := (0.1 + math.Exp(-(h-10)*(h-10)/8) + 0.7*math.Exp(-(h-16)*(h-16)/10) + 0.35*math.Exp(-(h-20)*(h-20)/4)) / 12.2
	if d := local.Weekday(); d == time.Saturday || d == time.Sunday {
		share *= 0.55
	}
	return share
}

func (g *grumblers) poisson(mean float64) int {
	if mean > 30 {
		return max(0, int(math.Round(mean+math.Sqrt(mean)*g.rng.NormFloat64())))
	}
	limit, n, p := math.Exp(-mean), 0, g.rng.Float64()
	for p > limit {
		n++
		p *= g.rng.Float64()
	}
	return n
}

func (g *grumblers) source(group bool) string {
	g.sources++
	if group {
		return fmt.Sprint("group-", g.sources)
	}
	return fmt.Sprint("person-", g.sources)
}

// mark is one complaint of somebody; one in five is new to us, one in thirty a group.
func (g *grumblers) mark(k subscriptions.MarkKind, id subscriptions.ServiceID, at time.Time) subscriptions.Mark {
	group := g.rng.IntN(30) == 0
	return subscriptions.Mark{Kind: k, Service: id, Source: g.source(group), Group: group, New: g.rng.IntN(5) == 0, At: at.Truncate(time.Millisecond)}
}

// day makes everything that is said on one quiet day, in order of time.
func (g *grumblers) day(begin time.Time) (out []subscriptions.Mark) {
	mood := math.Exp(0.25 * g.rng.NormFloat64())
	local := begin.In(time.FixedZone("EAT", 3*60*60))
	// News of one service make people ask about it for an hour, although it works.
	news, newsAt := famous[g.rng.IntN(len(famous))], begin.Add(time.Duration(8+g.rng.IntN(10))*time.Hour)
	hasNews := g.rng.IntN(3) == 0
	for h := range 24 {
		at := begin.Add(time.Duration(h) * time.Hour)
		share := busy(at) * mood * math.Exp(0.15*g.rng.NormFloat64())
		for _, s := range g.nation.Services {
			r, a := g.reports*share*g.popular[s.ID], g.asks*share*g.popular[s.ID]
			if local.Day() == 20 && s.Agency == "kra" {
				r, a = 2*r, 4*a
			}
			if hasNews && s.ID == news && at.Equal(newsAt) {
				r, a = 1.5*r, 12*a
			}
			for range g.poisson(r) {
				out = append(out, g.mark(subscriptions.MarkReport, s.ID, at.Add(time.Duration(g.rng.Float64()*float64(time.Hour)))))
			}
			for range g.poisson(a) {
				out = append(out, g.mark(subscriptions.MarkAsk, s.ID, at.Add(time.Duration(g.rng.Float64()*float64(time.Hour)))))
			}
		}
	}
	for range g.poisson(2) { // a cyber café, a family, an office
		id, at := g.nation.Services[g.rng.IntN(len(g.nation.Services))].ID, begin.Add(time.Duration(6+g.rng.IntN(14))*time.Hour)
		for range 2 + g.rng.IntN(3) {
			out = append(out, g.mark(subscriptions.MarkReport, id, at.Add(time.Duration(g.rng.Float64()*float64(12*time.Minute)))))
		}
	}
	slices.SortFunc(out, func(a, b subscriptions.Mark) int { return a.At.Compare(b.At) })
	return out
}

// hours counts marks as the stores do.
func hoursOf(marks []subscriptions.Mark, into map[subscriptions.ServiceID]map[time.Time]*subscriptions.HourCount) {
	for _, m := range marks {
		h := subscriptions.HourOf(m.At)
		if into[m.Service] == nil {
			into[m.Service] = map[time.Time]*subscriptions.HourCount{}
		}
		c := into[m.Service][h]
		if c == nil {
			c = &subscriptions.HourCount{Service: m.Service, Hour: h}
			into[m.Service][h] = c
		}
		if m.Kind == subscriptions.MarkReport {
			c.Reports++
		} else {
			c.Asks++
		}
	}
}

func flat(of map[subscriptions.ServiceID]map[time.Time]*subscriptions.HourCount) (out []subscriptions.HourCount) {
	for _, hours := range of {
		for _, h := range hours {
			out = append(out, *h)
		}
	}
	return out
}

// outage lets people complain of what an incident breaks: perMinute reports at its
// height, reached within a few minutes, three times as many questions.
func (g *grumblers) outage(begin time.Time, lasts time.Duration, perMinute float64, weights map[subscriptions.ServiceID]float64) (out []subscriptions.Mark) {
	sum := 0.0
	var ids []subscriptions.ServiceID
	for _, s := range g.nation.Services {
		if w := weights[s.ID]; w > 0 {
			ids, sum = append(ids, s.ID), sum+w
		}
	}
	if len(ids) == 0 {
		return nil
	}
	pick := func() subscriptions.ServiceID {
		x := g.rng.Float64() * sum
		for _, id := range ids {
			if x -= weights[id]; x <= 0 {
				return id
			}
		}
		return ids[len(ids)-1]
	}
	for at := time.Duration(0); at < lasts; at += time.Second {
		rate := perMinute / 60 * min(1, 0.15+at.Minutes()/6)
		if g.rng.Float64() < rate {
			out = append(out, g.mark(subscriptions.MarkReport, pick(), begin.Add(at)))
		}
		for range g.poisson(3 * rate) {
			out = append(out, g.mark(subscriptions.MarkAsk, pick(), begin.Add(at)))
		}
	}
	return out
}
