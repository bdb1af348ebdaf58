package subscriptions

import (
	"math"
	"slices"
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
	enoughHours = 6
)

// What is taken as usual in an hour at least, of one service: a quiet one is not
// unheard of.
const (
	leastReports = 0.1
	leastAsks    = 0.5
)

// Usual knows how many complaints are usual at each hour of the week.
type Usual struct {
	first, last time.Time
	counts      map[ServiceID]map[int64]HourCount
}

// NewUsual sorts the counts of hours; the earliest tells since when they are kept.
func NewUsual(hours []HourCount) *Usual {
	u := &Usual{counts: map[ServiceID]map[int64]HourCount{}}
	for _, h := range hours {
		if u.first.IsZero() || h.Hour.Before(u.first) {
			u.first = h.Hour
		}
		if h.Hour.After(u.last) {
			u.last = h.Hour
		}
		of := u.counts[h.Service]
		if of == nil {
			of = map[int64]HourCount{}
			u.counts[h.Service] = of
		}
		of[h.Hour.Unix()] = h
	}
	return u
}

// level is how many complaints of a kind the services usually get between from and
// to, with the doubt about it on top: the median of the same hours of other weeks
// and twice their median deviation, which a few bad days do not move.
func (u *Usual) level(services []ServiceID, k MarkKind, from, to time.Time) float64 {
	sum := 0.0
	for h := HourOf(from); h.Before(to); h = h.Add(time.Hour) {
		begin, end := h, h.Add(time.Hour)
		if begin.Before(from) {
			begin = from
		}
		if end.After(to) {
			end = to
		}
		sum += u.hour(services, k, h) * end.Sub(begin).Hours()
	}
	return sum
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
	return max(middle+2*1.4826*median(off), 1.5*middle, least)
}

// samples are what the services got in comparable hours.
func (u *Usual) samples(services []ServiceID, k MarkKind, h time.Time) []float64 {
	for _, by := range []struct {
		step         time.Duration
		most, enough int
	}{{week, usualWeeks, enoughWeeks}, {24 * time.Hour, usualDays, enoughDays}, {time.Hour, 3 * 24, enoughHours}} {
		var out []float64
		for n := 1; n <= by.most; n++ {
			at := h.Add(-time.Duration(n) * by.step)
			if u.first.IsZero() || at.Before(u.first) {
				break
			}
			out = append(out, u.count(services, k, at))
		}
		if len(out) >= by.enough {
			return out
		}
	}
	return nil
}

func (u *Usual) count(services []ServiceID, k MarkKind, at time.Time) (sum float64) {
	unix := at.Unix()
	for _, id := range services {
		h := u.counts[id][unix]
		if k == MarkAsk {
			sum += float64(h.Asks)
		} else {
			sum += float64(h.Reports)
		}
	}
	return sum
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
