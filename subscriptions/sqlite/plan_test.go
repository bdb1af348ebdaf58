package sqlite_test

import (
	"regexp"
	"testing"

	"arifa/subscriptions/sqlite"
	"arifa/subscriptions/storetest"
)

// whole is a step that reads everything of a table that grows with the people. Of
// the indexes that such a step may use, those are short that hold only what waits.
var whole = regexp.MustCompile(`(?m)^SCAN (recipient|r|follow|f|delivery|d|o)\b.*$`)

var short = regexp.MustCompile(`INDEX (recipient_post|recipient_asked|follow_until|follow_incident|delivery_leased|delivery_carried|delivery_alone|delivery_due|delivery_later)\b`)

func TestNo_writer_reads_a_whole_table_of_people(t *testing.T) {
	t.Parallel()
	s := openAt(t, newFile(t), sqlite.Config{})
	storetest.Day(t, s, 1)
	plans, err := s.Plans(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for text, plan := range plans {
		for _, step := range whole.FindAllString(plan, -1) {
			if !short.MatchString(step) {
				t.Errorf("%s, while nobody else can write:\n%s", step, text)
			}
		}
	}
	if len(plans) < 50 {
		t.Errorf("got %d statements of a day, want more than 50", len(plans))
	}
}
