package desk

import (
	"errors"
	"strings"
	"time"
)

// Moments are the ways in which officers write a time.
const Moments = "06:00, 2025-01-03 06:00, +2h or -30m"

var errMoment = errors.New("write " + Moments)

// Moment understands a time as an officer writes it, in the catalogue's zone:
// "06:00" is the last time it was or will be within 12 hours.
func Moment(s string, now time.Time, zone *time.Location) (time.Time, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, errMoment
	}
	if s[0] == '+' || s[0] == '-' {
		d, err := time.ParseDuration(strings.ReplaceAll(s, " ", ""))
		if err != nil || d.Abs() > 366*24*time.Hour {
			return time.Time{}, errMoment
		}
		return cut(now.Add(d)), nil
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04", time.RFC3339} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t.UTC(), nil
		}
	}
	clock, err := time.ParseInLocation("15:04", s, zone)
	if err != nil {
		return time.Time{}, errMoment
	}
	local := now.In(zone)
	t := time.Date(local.Year(), local.Month(), local.Day(), clock.Hour(), clock.Minute(), 0, 0, zone)
	switch diff := t.Sub(now); {
	case diff > 12*time.Hour:
		t = t.AddDate(0, 0, -1)
	case diff < -12*time.Hour:
		t = t.AddDate(0, 0, 1)
	}
	return t.UTC(), nil
}
