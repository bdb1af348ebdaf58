package slacktest_test

import (
	"strings"
	"testing"

	"arifa/notifiers/slack/slacktest"
)

func TestBlocksAreDrawn(t *testing.T) {
	t.Parallel()
	blocks := `[{"type":"header","text":` + plain("Payments <do> not work") + `},` + section("Do not pay & wait") + `,{"type":"context","elements":[` + plain("Said at 6:04") + `]},{"type":"divider"},` +
		actions(2) + `,{"type":"input","block_id":"i","label":` + plain("Your six digits") + `,"element":{"type":"plain_text_input","action_id":"a"}}]`
	got, err := slacktest.HTML([]byte(blocks))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<h3>Payments &lt;do&gt; not work</h3>", "<p>Do not pay &amp; wait</p>", "Said at 6:04", "<hr>", `<span class="button">Press</span>`, "<label>Your six digits</label>"} {
		if !strings.Contains(string(got), want) {
			t.Errorf("the drawing lacks %q:\n%s", want, got)
		}
	}
	if _, err := slacktest.HTML([]byte(`[{"type":"hologram"}]`)); err == nil {
		t.Error("blocks that Slack refuses are drawn")
	}
}
