package talk

import (
	"strings"
	"time"

	"arifa/bot/desk"
)

// span reads "2025-01-05 22:00 to 2025-01-06 02:00"; the end may be a time of day
// alone, on the same day or the next.
func span(text string, now time.Time, zone *time.Location) (from, to time.Time, ok bool) {
	first, second, found := strings.Cut(strings.ReplaceAll(text, "–", " to "), " to ")
	if !found {
		return from, to, false
	}
	from, err := desk.Moment(first, now, zone)
	if err != nil {
		return from, to, false
	}
	if to, err = desk.Moment(second, from, zone); err != nil {
		return from, to, false
	}
	if len(strings.TrimSpace(second)) <= len("22:00") && !to.After(from) {
		to = to.AddDate(0, 0, 1)
	}
	return from, to, true
}
