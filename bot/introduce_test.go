package bot_test

import (
	"testing"
	"unicode/utf8"

	"arifa/bot"
	"arifa/subscriptions/wording"
)

// Telegram takes 512 and 120 characters (core.telegram.org/bots/api#setmydescription
// and #setmyshortdescription); other networks take more.
func TestIntroductionFitsEveryNetwork(t *testing.T) {
	t.Parallel()
	speaker, err := wording.NewSpeaker()
	if err != nil {
		t.Fatal(err)
	}
	c := &bot.Conversation{Config: bot.Config{Speaker: speaker}}
	for _, l := range speaker.Languages() {
		long, short := c.Introduction(l)
		if n := utf8.RuneCountInString(long); n == 0 || n > 512 {
			t.Errorf("%s: the long introduction has %d characters, want 1 to 512", l, n)
		}
		if n := utf8.RuneCountInString(short); n == 0 || n > 120 {
			t.Errorf("%s: the short introduction has %d characters, want 1 to 120", l, n)
		}
	}
}
