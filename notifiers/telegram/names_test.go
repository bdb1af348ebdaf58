package telegram_test

import (
	"strings"
	"testing"

	"arifa/notifiers/telegram"
)

func TestOurNameIsFoundWhereItStands(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, rest string
		ours       bool
	}{
		{"/start@ArifaBot kra-pay-tax", "/start kra-pay-tax", true},
		{"/STATUS@arifabot", "/STATUS", true},
		{"/status@ArifaBot\nkra", "/status\nkra", true},
		{"/status@OtherBot", "/status@OtherBot", false},
		{"@ArifaBot stima", "stima", true},
		{"@arifabot, stima", "stima", true},
		{"stima @ArifaBot", "stima", true},
		{"Jambo 👋🏾 @ArifaBot stima", "Jambo 👋🏾  stima", true},
		{"İİİ @ArifaBot stima", "İİİ  stima", true}, // its small letter is longer
		{"@ArifaBot", "@ArifaBot", true},
		{"@ArifaBot2 stima", "@ArifaBot2 stima", false},
		{"@ArifaBot_ke stima", "@ArifaBot_ke stima", false},
		{"@other @ArifaBot stima", "@other  stima", true},
		{"me@ArifaBot.ke", "me@ArifaBot.ke", false},
		{"@", "@", false},
		{"no name", "no name", false},
		{"", "", false},
	} {
		if rest, ours := telegram.Named(c.text, "ArifaBot"); rest != c.rest || ours != c.ours {
			t.Errorf("%q: got %q, %v, want %q, %v", c.text, rest, ours, c.rest, c.ours)
		}
	}
	if rest, ours := telegram.Named("@ArifaBot", ""); rest != "@ArifaBot" || ours {
		t.Error("without a name of ours nothing is ours")
	}
}

func TestACommandForAnotherBot(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"/start@OtherBot": true, "/start@arifabot": false, "/start": false, "start@OtherBot": false, "/verify @OtherBot": false,
	} {
		if got := telegram.ToAnother(text, "ArifaBot"); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func TestStartPayload(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, payload, rest string }{
		{"/start kra-pay-tax", "kra-pay-tax", ""},
		{"/START  notice-2025-0103-1 ", "notice-2025-0103-1", ""},
		{"/start", "", "/start"},
		{"/start two words", "", "/start two words"},
		{"/start " + strings.Repeat("a", 64), strings.Repeat("a", 64), ""},
		{"/start " + strings.Repeat("a", 65), "", "/start " + strings.Repeat("a", 65)},
		{"/startle me", "", "/startle me"},
		{"kra", "", "kra"},
	} {
		if payload, rest := telegram.StartPayload(c.text); payload != c.payload || rest != c.rest {
			t.Errorf("%q: got %q, %q, want %q, %q", c.text, payload, rest, c.payload, c.rest)
		}
	}
}

func TestDeepLink(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, payload, want string }{
		{"ArifaBot", "kra-pay-tax", "https://t.me/ArifaBot?start=kra-pay-tax"},
		{"@ArifaBot", "agency-kra", "https://t.me/ArifaBot?start=agency-kra"},
		{"ArifaBot", "", "https://t.me/ArifaBot"},
		{"ArifaBot", "agency:kra", "https://t.me/ArifaBot"},
		{"ArifaBot", strings.Repeat("a", 65), "https://t.me/ArifaBot"},
	} {
		if got := telegram.DeepLink(c.name, c.payload); got != c.want {
			t.Errorf("%q, %q: got %s, want %s", c.name, c.payload, got, c.want)
		}
	}
}
