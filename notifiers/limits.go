package notifiers

import (
	"time"

	"arifa/subscriptions"
)

// Rule 13: a person is never stormed.
const (
	hourlyCap  = 6
	silentFrom = 22 // o'clock, in the catalogue's zone
	silentTo   = 5
)

// silentHour reports whether messages go without sound at t.
func silentHour(t time.Time, zone *time.Location) bool {
	h := t.In(zone).Hour()
	return h >= silentFrom || h < silentTo
}

// overCap reports whether a new message to this person has to wait, and until
// when. Ends and corrections are never held back, nor what takes an end back, nor
// what a person asked for, nor posts of a public channel, which storm nobody.
func overCap(d *subscriptions.Delivery, n *subscriptions.Notice, asNew bool, now time.Time) (time.Time, bool) {
	switch {
	case d.Mode == subscriptions.AsEdit && !asNew,
		n.Kind == subscriptions.Restored, n.Kind == subscriptions.Correction, n.Money,
		d.Asked, d.Kind == subscriptions.Channel,
		d.Recent < hourlyCap:
		return time.Time{}, false
	}
	until := d.OldestRecent.Add(time.Hour)
	return until, now.Before(until)
}
