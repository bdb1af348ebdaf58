package subscriptions

import (
	"math"
	"slices"
	"sync"
	"time"
)

const (
	week = 7 * 24 * time.Hour
	// usualWeeks is how many weeks make the usual level of an hour of the week, and
	// enoughWeeks how many it takes: before, it is the same hour of other days, and
	// before that any hour at all.
	usualWeeks  = 10
	enoughWeeks = 4
	usualDays   = 14
	enoughDays  = 3
	usualHours  = 3 * 24
	enoughHours = 6
)

// What is taken as usual in an hour at least, of one service: a quiet one is not
// unheard of.
const (
	leastReports = 0.1
	leastAsks    = 0.5
)

// Usual knows how many complaints are usual at each hour of the week. It is safe for
// concurrent use.
type Usual struct {
	first  time.Time
	counts map[ServiceID][]hourly // by hours after first

	mu    sync.Mutex
	known map[levelKey]float64 // levels that were worked out before
}

// levelKey names a set of services (a platform's, an agency's, one) in an hour.
type levelKey struct {
	of   Scope
	kind MarkKind
	hour int64
}

// mostLevels bounds what is remembered; a full memory is forgotten whole.
const mostLevels = 20_000

type hourly struct{ reports, asks int32 }

// NewUsual sorts the counts of hours; the earliest tells since when they are kept.
func NewUsual(hours []HourCount) *Usual {
	u := &Usual{counts: map[ServiceID][]hourly{}, known: map[levelKey]float64{}}
	var last time.Time
	for _, h := range hours {
		if u.first.IsZero() || h.Hour.Before(u.first) {
			u.first = h.Hour
		}
		if h.Hour.After(last) {
			last = h.Hour
		}
	}
	n := int(last.Sub(u.first)/time.Hour) + 1
	for _, h := range hours {
		of := u.counts[h.Service]
		if of == nil {
			of = make([]hourly, n)
			u.counts[h.Service] = of
		}
		of[h.Hour.Sub(u.first)/time.Hour] = hourly{int32(h.Reports), int32(h.Asks)}
	}
	return u
}

// level is how many complaints of a kind the services usually get between from and
// to, with the doubt about it on top: the median of the same hours of other weeks
// and twice their median deviation, which a few bad days do not move. of names the
// services where they are always the same; empty = they are not.
func (u *Usual) level(of Scope, services []ServiceID, k MarkKind, from, to time.Time) float64 {
	sum := 0.0
	for h := HourOf(from); h.Before(to); h = h.Add(time.Hour) {
		begin, end := h, h.Add(time.Hour)
		if begin.Before(from) {
			begin = from
		}
		if end.After(to) {
			end = to
		}
		sum += u.remembered(of, services, k, h) * end.Sub(begin).Hours()
	}
	return sum
}

func (u *Usual) remembered(of Scope, services []ServiceID, k MarkKind, h time.Time) float64 {
	if of == "" {
		return u.hour(services, k, h)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	key := levelKey{of, k, h.Unix()}
	level, ok := u.known[key]
	if !ok {
		level = u.hour(services, k, h)
		if len(u.known) >= mostLevels {
			clear(u.known)
		}
		u.known[key] = level
	}
	return level
}

func (u *Usual) hour(services []ServiceID, k MarkKind, h time.Time) float64 {
	least := leastReports
	if k == MarkAsk {
		least = leastAsks
	}
	least *= math.Sqrt(float64(len(services))) // the quiet ones are not all unquiet at once
	samples := u.samples(services, k, h)
	if len(samples) == 0 {
		return least
	}
	middle := median(samples)
	off := make([]float64, len(samples))
	for i, x := range samples {
		off[i] = math.Abs(x - middle)
	}
	return max(middle+2*1.4826*median(off), 1.5*middle, least, u.monthly(services, k, h))
}

// samples are what the services got in comparable hours.
func (u *Usual) samples(services []ServiceID, k MarkKind, h time.Time) []float64 {
	for _, by := range []struct {
		step         time.Duration
		most, enough int
	}{{week, usualWeeks, enoughWeeks}, {24 * time.Hour, usualDays, enoughDays}, {time.Hour, usualHours, enoughHours}} {
		var out []float64
		for n := 1; n <= by.most; n++ {
			x, kept := u.count(services, k, h.Add(-time.Duration(n)*by.step))
			if !kept {
				break
			}
			out = append(out, x)
		}
		if len(out) >= by.enough {
			return out
		}
	}
	return nil
}

// monthly is the lower of what came on the same day of the last two months: what
// falls due on the twentieth is asked for on the twentieth.
func (u *Usual) monthly(services []ServiceID, k MarkKind, h time.Time) float64 {
	one, kept := u.count(services, k, h.AddDate(0, -1, 0))
	two, both := u.count(services, k, h.AddDate(0, -2, 0))
	if !kept || !both {
		return 0
	}
	return min(one, two)
}

// count sums what services got in one hour; kept is false before counts were kept.
func (u *Usual) count(services []ServiceID, k MarkKind, at time.Time) (sum float64, kept bool) {
	if u.first.IsZero() || at.Before(u.first) {
		return 0, false
	}
	i := int(at.Sub(u.first) / time.Hour)
	n := int32(0)
	for _, id := range services {
		of := u.counts[id]
		switch {
		case i >= len(of):
		case k == MarkAsk:
			n += of[i].asks
		default:
			n += of[i].reports
		}
	}
	return float64(n), true
}

func median(list []float64) float64 {
	s := slices.Clone(list)
	slices.Sort(s)
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// improbable is the chance of n or more where level are usual, after Poisson.
func improbable(n int, level float64) float64 {
	if n <= 0 {
		return 1
	}
	log, _ := math.Lgamma(float64(n) + 1)
	term := math.Exp(float64(n)*math.Log(level) - level - log)
	sum := term
	for k := n + 1; k < n+1000; k++ {
		term *= level / float64(k)
		if sum += term; term < sum*1e-9 {
			break
		}
	}
	return min(1, sum)
}
