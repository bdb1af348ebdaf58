package subscriptions

import "time"

// A notice that moves money is released in two stages: to a few people, and after
// StageHold in which it can be stopped, to all. Whoever cannot be told holds the
// others up for StageMost at the longest.
const (
	StageHold  = time.Minute
	StageMost  = 5 * time.Minute
	stageFew   = 50
	stageUsual = 500
)

// StageOf is how many are told first of so many: 500, or 1 % where that is fewer, but
// at least 50. 0 = all at once.
func StageOf(people int) int {
	n := max(stageFew, min(stageUsual, (people+99)/100))
	if people <= n {
		return 0
	}
	return n
}

// StageAt is how far the first stage of a notice has come.
type StageAt struct {
	Made    int       // rows that were made for it
	Full    time.Time // when they were so many that the hold began; zero = not yet
	Waiting bool      // some of them are not told yet
	Last    time.Time // when the last of them was told; zero = none was
	Over    bool      // the hold was over before: the others are being made
}

// Room says how many more may be asked of a page: pure. 0 = the notice is on hold now.
// The stage comes out at most one row larger.
func (s StageAt) Room(stage, page int, now time.Time) int {
	switch {
	case stage <= 0, s.Over:
		return page
	case s.Full.IsZero():
		return min(page, max(1, (stage-s.Made)/2)) // a page may come out twice as large
	case !now.Before(s.Full.Add(StageMost)):
		return page
	case s.Waiting, now.Before(s.Full.Add(StageHold)), now.Before(s.Last.Add(StageHold)):
		return 0
	}
	return page
}
