package bot_test

import (
	"strings"
	"testing"
	"time"

	"arifa/subscriptions"
)

// A number of an earlier round, or of an older year, is answered about that notice,
// and what stands today is said apart from it.
func TestVerify_answers_about_the_notice_that_was_meant(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	day := func(year, hour int) { s.now = time.Date(year, 1, 3, hour, 4, 0, 0, time.UTC) }
	day(2025, 3)
	s.outage() // 2025-0103-1
	old := s.noticeText("2025-0103-1")
	day(2025, 6)
	s.restored() // 2025-0103-2
	end := s.noticeText("2025-0103-2")
	day(2025, 8)
	s.desk(0, "reopened", "") // 2025-0103-3
	now := s.noticeText("2025-0103-3")
	type asked struct{ text, title, has, hasNot string }
	check := func(when string, all ...asked) {
		t.Helper()
		for _, c := range all {
			title, lines := s.verified(c.text, false)
			if !strings.HasPrefix(title, c.title) || !strings.Contains(lines, c.has) || c.hasNot != "" && strings.Contains(title+lines, c.hasNot) {
				t.Errorf("%s, %.40q: got %q\n%s\nwant %q with %q and without %q", when, c.text, title, lines, c.title, c.has, c.hasNot)
			}
		}
	}
	const then, again = "Notice 0103-1 was ours, of 3 January 2025; that trouble ended", "It fails again since then: notice 0103-3 now stands."
	check("in the second round",
		asked{"0103-1", then, again, "work again"},
		asked{"2025-0103-1", then, again, "work again"},
		asked{old, then, again, "Careful"},
		asked{"0103-2", "Notice 0103-2 was ours, of 3 January 2025; that trouble ended", again, "work again"},
		asked{end, "Notice 0103-2 was ours", again, "Careful"},
		asked{end + "\nUse till 864209.", "Careful: notice 0103-2 exists", "that trouble ended.", "is ours"},
		asked{"0103-3", "Notice 0103-3 is ours", "What we say now", "ended"},
		asked{now, "Notice 0103-3 is ours", "What we say now", "ended"},
	)
	day(2025, 9)
	s.restored() // 2025-0103-4
	check("after the second round",
		asked{"0103-1", "Notice 0103-1 was ours and is over; notice 0103-2 now stands", "work", "fails again"},
		asked{"0103-3", "Notice 0103-3 was ours and is over; notice 0103-4 now stands", "work", "fails again"},
	)

	day(2026, 3)
	s.code = "864209"
	s.outage() // 2026-0103-1
	const years = "A notice of another year has the same number."
	check("a year later",
		asked{"2025-0103-1", "Notice 0103-1 was ours and is over", "", years},
		asked{"0103-1 K7QF2M", "Notice 0103-1 was ours and is over", "", years},
		asked{old, "Notice 0103-1 was ours and is over", "", "Careful"},
		asked{"2026-0103-1", "Notice 0103-1 is ours", "", years},
		asked{"0103-1 864209", "Notice 0103-1 is ours", "", years},
		asked{"0103-1", "Notice 0103-1 is ours", years + " If you mean that one, write its number whole, with the year in front, like 2026-0103-1.", ""},
		asked{"2025-0103-3", "Notice 0103-3 was ours and is over", "", years},
		asked{"2024-0103-1", "", "We have published no notice with that number.", "is ours"},
	)
}

// A notice that another one overtook is not wrong because that one was: it is
// answered with what stands, and never with the fixed sentence on another.
func TestVerify_of_a_notice_whose_successor_was_taken_back(t *testing.T) {
	t.Parallel()
	for state, of2 := range map[subscriptions.NoticeState]string{
		subscriptions.Withdrawn: "Notice 0103-2 is withdrawn: it was wrong.", subscriptions.Stopped: "Notice 0103-2 was ours and was stopped"} {
		s := newStage(t)
		s.now = time.Date(2025, 1, 3, 3, 4, 0, 0, time.UTC)
		s.outage() // 0103-1
		first := s.noticeText("2025-0103-1")
		s.now = s.now.Add(time.Hour)
		s.update() // 0103-2
		s.mark("0103-2", state)
		for _, text := range []string{"0103-1", first} {
			title, lines := s.verified(text, false)
			if title != "Notice 0103-1 is ours" || !strings.Contains(lines, "are not working") || strings.Contains(title+lines, "0103-2") {
				t.Errorf("%s, %.20q: got %q\n%s", state, text, title, lines)
			}
		}
		if title, _ := s.verified("0103-2", false); title != of2 {
			t.Errorf("the one that is %s: got %q, want %q", state, title, of2)
		}
		s.now = s.now.Add(time.Hour)
		s.update() // 0103-3
		if title, lines := s.verified("0103-1", false); title != "Notice 0103-1 was ours and has changed since; notice 0103-3 now stands" || strings.Contains(lines, "0103-2") {
			t.Errorf("%s, and a newer one: got %q\n%s", state, title, lines)
		}
		s.restored() // 0103-4
		if title, _ := s.verified(first, false); title != "Notice 0103-1 was ours and is over; notice 0103-4 now stands" {
			t.Errorf("%s, and the end: got %q", state, title)
		}
	}
}
