package rehearse

import "time"

// Pace is how evenly a wave went.
type Pace struct {
	Budget  float64 // messages a second; 0 = none was set
	Share   float64 // of the budget that was used between the first and the last message
	Most1s  float64 // most in any second, as a share of the budget
	Most10s float64 // most in any ten seconds
}

// paceOf compares a wave with its budget: pure.
func paceOf(t Tally, budget float64) Pace {
	p := Pace{Budget: budget}
	span := time.Duration(t.Last - t.First).Seconds()
	if budget <= 0 || span <= 0 {
		return p
	}
	p.Share = float64(t.Accepted-1) / (budget * span)
	p.Most1s = float64(most(t.Pulses, int(time.Second/pulse))) / budget
	p.Most10s = float64(most(t.Pulses, int(10*time.Second/pulse))) / (10 * budget)
	return p
}

// most is the largest sum of n neighbours.
func most(list []int, n int) int {
	sum, top := 0, 0
	for i, v := range list {
		sum += v
		if i >= n {
			sum -= list[i-n]
		}
		top = max(top, sum)
	}
	return top
}
