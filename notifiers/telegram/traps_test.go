package telegram_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"os"
	"slices"
	"strings"
	"testing"
)

// The library cuts a command out of a text by bytes, with offsets that Telegram
// counts in UTF-16: wrong after the first letter that is not English, and a panic
// where a length is nonsense. What we hear does not depend on entities at all.
func TestCommandsAreReadWithoutEntities(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	w.start(t, 5)
	w.listen(t)
	for _, c := range []struct{ text, entities, want string }{
		{"👋🏾🇰🇪 /status kra", `[{"type":"bot_command","offset":7,"length":7}]`, "👋🏾🇰🇪 /status kra"},
		{"/status", `[{"type":"bot_command","offset":0,"length":7000}]`, "/status"},
		{"/status", `[{"type":"bot_command","offset":-3,"length":-9}]`, "/status"},
		{"/status", `[{"type":"bot_command","offset":99999999999,"length":1}]`, "/status"},
		{"/mine", `[{"type":"an entity of next year","offset":{"x":1}}]`, "/mine"},
		{"ndiyo", `"nonsense"`, "ndiyo"},
		{"/pay", `null`, "/pay"},
	} {
		before := len(w.talk.waitFor(t, 1))
		must[int64](t)(w.srv.RawUpdate(fmt.Sprintf(`{"message":{"message_id":9,"date":1,"from":{"id":5,"language_code":"en"},"chat":{"id":5,"type":"private"},"text":%q,"entities":%s}}`, c.text, c.entities)))
		heard := w.talk.waitFor(t, before+1)
		if got := heard[len(heard)-1].Text; got != c.want {
			t.Errorf("%s with %s: heard %q, want %q", c.text, c.entities, got, c.want)
		}
	}
	if state := w.settled(t); state.Dead != 0 {
		t.Errorf("%d updates were laid aside", state.Dead)
	}
}

// Half of the library is traps, each for a reason that is written beside it: nothing
// of this package steps into one.
func TestTheLibrarysTrapsAreNotUsed(t *testing.T) {
	t.Parallel()
	traps := map[string]string{
		"Start": "its poller forgets a batch that holds one strange update, confirms before it is handled, and ignores retry_after", "StartWebhook": "as Start",
		"WebhookHandler":            "reads without a limit, compares the secret with !=, and answers 200 to what it drops",
		"WithWebhookSecretToken":    "as WebhookHandler",
		"ProcessUpdate":             "a new goroutine for each update, without an end and without recover",
		"RegisterHandler":           "an unknown kind has no match, and every message is held against all of them",
		"RegisterHandlerMatchFunc":  "as RegisterHandler",
		"RegisterHandlerRegexp":     "as RegisterHandler",
		"MatchTypeCommand":          "cuts bytes by UTF-16 offsets",
		"MatchTypeCommandStartOnly": "as MatchTypeCommand",
		"WithDebug":                 "prints message contents",
		"EscapeMarkdown":            "leaves the backslash alone",
		"EscapeMarkdownUnescaped":   "as EscapeMarkdown",
		"RandomString":              "can be guessed",
		"ValidateWebappRequest":     "compares with != and takes any age",
		"IsTooManyRequestsError":    "does not see a wrapped one",
		"IsMigrateError":            "does not see a wrapped one",
		"ErrorTooManyRequests":      "is not what a limit unwraps to",
		"SendMessage":               "its body cannot be sent again after GOAWAY, and what it returns beside an error is not nil",
		"EditMessageText":           "as SendMessage",
		"AnswerCallbackQuery":       "as SendMessage",
		"GetUpdates":                "decodes a whole batch at once",
		"GetChatMember":             "refuses a kind of member that is newer than it",
		"GetChatAdministrators":     "as GetChatMember",
		"GetChat":                   "refuses a kind of reaction that is newer than it",
	}
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(gotoken.NewFileSet(), e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if of, ok := receiver(sel.X); ok && slices.Contains([]string{"tg", "api"}, of) {
				used[sel.Sel.Name] = true
				if why, trap := traps[sel.Sel.Name]; trap {
					t.Errorf("%s uses %s.%s: %s", e.Name(), of, sel.Sel.Name, why)
				}
			}
			return true
		})
	}
	// Asked of nobody at start, and with a handler of errors that prints nothing.
	for _, want := range []string{"New", "WithSkipGetMe", "WithErrorsHandler", "SetWebhook", "SetMyCommands"} {
		if !used[want] {
			t.Errorf("the library is used without %s", want)
		}
	}
}

// receiver is the name before the dot, at its end: "bot" of c.bot.
func receiver(x ast.Expr) (string, bool) {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name, true
	case *ast.SelectorExpr:
		return x.Sel.Name, true
	}
	return "", false
}
