package bot_test

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"arifa/subscriptions"
)

// The code that is printed on a notice is true in every form in which people copy
// it, whatever letters chance has given it; another one behind its name is not.
func TestVerify_knows_the_code_of_a_notice(t *testing.T) {
	t.Parallel()
	codes := []string{"2TA3Z5", "9YS0J4", "864209", "0071TA", "A8SWAX"}
	for range 5 {
		codes = append(codes, subscriptions.NewCheckCode(rand.Reader))
	}
	for _, code := range codes {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.code, s.now = code, time.Date(2025, 1, 3, 3, 4, 0, 0, time.UTC)
			s.outage()
			copied := strings.NewReplacer("0", "O", "1", "l").Replace(strings.ToLower(code))
			for _, text := range []string{code, "0103-1 " + code, "2025-0103-1-" + code, "0103-1-" + strings.ToLower(code), "0103-1 " + copied,
				"Notice 0103-1, code " + code, "Notisi 0103-1 msimbo " + code, "0103 - 1, " + code} {
				for _, title := range []string{s.title("/verify " + text), s.title(text)} {
					if strings.Contains(title, "Careful") || !strings.Contains(title, "0103-1") {
						t.Errorf("%q: %q", text, title)
					}
				}
			}
			other := "ZZZZZZ"
			for _, text := range []string{"0103-1, code " + other, "Notisi 0103-1 msimbo " + other, "0103-1-" + other} {
				if _, lines := s.verified(text, false); !strings.Contains(lines, "code") || strings.Contains(s.title("/verify "+text), "is ours") {
					t.Errorf("%q is taken for ours: %q", text, lines)
				}
			}
		})
	}
}

// title is the first line of the answer to what a citizen writes.
func (s *stage) title(text string) string {
	s.t.Helper()
	h := s.speaker
	h.Text, h.At, h.Language = text, s.now, "en"
	cards, err := s.bot.Hear(s.t.Context(), h)
	if err != nil || len(cards) != 1 {
		s.t.Fatalf("%q: %d cards, %v", text, len(cards), err)
	}
	return fmt.Sprint(cards[0].Title, " ", strings.Join(cards[0].Lines, " "))
}
