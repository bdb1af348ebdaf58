package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/pquerna/otp/totp"
)

// hands are somebody's on a phone: they are counted.
type hands struct {
	*chrome
	taps, lines int
}

func (c *chrome) onPhone() *hands {
	c.t.Helper()
	c.do(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch))
	return &hands{chrome: c}
}

func (h *hands) tap(selector string) {
	h.t.Helper()
	h.do(chromedp.WaitVisible(chromedp.CSS(selector)))
	eval[bool](h.chrome, fmt.Sprintf("document.querySelector(%q).scrollIntoView({block: 'center', behavior: 'instant'}), true", selector)) // as a thumb does
	h.do(chromedp.Tap(chromedp.CSS(selector)))
	h.taps++
}

func (h *hands) types(line string) {
	h.t.Helper()
	h.keys(line + kb.Enter)
	h.lines++
}

func (c *chrome) click(selector string) {
	c.t.Helper()
	c.do(chromedp.WaitVisible(chromedp.CSS(selector)), chromedp.Click(chromedp.CSS(selector)))
}

// A morning in three browsers: a citizen in the web chat, the first officer on a
// phone, the second at a desk in the dark.
func morningAtTheDesk(t *testing.T, c *chrome) {
	d := newStage(t)
	chat := c.person(t, d.origin)
	chat.as(look{width: 390, height: 700})
	chat.open("/en/chat")
	chat.do(chromedp.SendKeys(chromedp.CSS("#text"), "follow passport renewal"+kb.Enter))
	chat.sees("You follow: Passport renewal")

	phone := chat.tab().onPhone()
	phone.open(d.in[0])
	phone.sees("This link lets one officer into the desk, once.")
	phone.tap("button.go")
	phone.sees("Something is broken")

	// From here to the published holding statement: at most five taps and one line.
	phone.taps = 0
	phone.tap("a.alarm")
	phone.sees("What is broken?")
	phone.tap("#q")
	phone.types("222222")
	phone.sees("Found")
	phone.tap("a[href='/desk/new/platform/ecitizen-payments']")
	phone.sees("Malipo kwa 222222 (eCitizen) hayafanyi kazi.") // every language is there before anything goes out
	phone.tap("button[value=publish]")
	phone.sees("Published.")
	if phone.taps > 5 || phone.lines > 1 {
		t.Errorf("the first word took %d taps and %d typed lines, want at most 5 and 1", phone.taps, phone.lines)
	}
	chat.sees("Payments to 222222 (eCitizen) are not working.")
	phone.sees("1 of 1 sent") // live, without a reload
	phone.sees("everybody it is for has been tried")

	// The words for what is posted by hand are one tap away, as they are.
	phone.open("/desk/notices/1")
	eval[bool](phone.chrome, `navigator.clipboard.writeText = async text => { window.copied = text; }, true`)
	phone.tap("figure.sms .copy > button")
	phone.sees("Copied")
	if copied := eval[string](phone.chrome, "window.copied"); copied == "" || copied != eval[string](phone.chrome, `document.querySelector("figure.sms .words").textContent`) {
		t.Errorf("copied is %q", copied)
	}

	// The words change while they are typed; with a number in them they need two.
	phone.open("/desk/incidents/1/say?kind=update")
	phone.sees("Publish now")
	phone.tap("form.slots details summary")
	phone.tap("[id='free.en']")
	phone.keys("The team meets at 12.")
	phone.sees("Two officers.")
	phone.sees("Your own sentence is missing in Kiswahili")
	phone.tap("[id='free.sw']")
	phone.keys("Timu inakutana saa 12.")
	phone.sees("Timu inakutana saa 12.")
	phone.tap("button[value=submit]")
	phone.sees("another officer reads and approves it")

	desk := chat.tab()
	desk.as(look{width: 1280, height: 900, dark: true})
	desk.open(d.in[1])
	desk.click("button.go")
	desk.sees("Waiting for you")
	desk.click("ul.queue a")
	desk.sees("What changed")
	desk.sees("The team meets at 12.")
	desk.click("button[value=approve]")
	desk.sees("Published.")
	chat.sees("The team meets at 12.")

	// Wrong: stop it. And no change, one tap.
	phone.open("/desk/")
	phone.tap("form[action$='/no-change'] button")
	phone.sees("Published.")
	desk.open("/desk/incidents/1")
	desk.click("ul.said a")
	desk.click("form[action$='/stop'] button")
	desk.sees("Nobody else is told")

	// Restored, with its three questions.
	phone.open("/desk/")
	phone.tap("a[href='/desk/incidents/1/restore']")
	phone.sees("Should people pay again?")
	for _, q := range []string{"landed", "payagain", "moved"} {
		phone.do(chromedp.Click(chromedp.CSS("input[name=" + q + "][value=no]")))
	}
	phone.tap("button[value=publish]")
	phone.sees("Published.")
	chat.sees("work again")
	phone.open("/desk/")
	phone.sees("No trouble announced. That does not mean that everything works.")
	for _, c := range []*chrome{chat, phone.chrome, desk} {
		c.quiet()
	}
}

// By the keyboard alone; then with keys of another kind: an officer of the try-out
// takes a key and six digits, makes a passkey, and it lets her in and approves.
func deskByKeys(t *testing.T, c *chrome) {
	d := newStage(t)
	c = c.person(t, d.origin)
	c.as(look{width: 1100, height: 800})
	c.open(d.in[0])
	c.tabTo("a.skip")
	c.keys(kb.Enter)
	c.tabTo("button.go")
	c.keys(kb.Enter)
	c.sees("Something is broken")
	c.tabTo("a.alarm")
	c.keys(kb.Enter)
	c.sees("What is broken?")
	c.tabTo("#q")
	c.keys("electricity tokens" + kb.Enter)
	c.sees("Found")
	c.tabTo("a[href='/desk/new/service/kplc-tokens']")
	c.keys(kb.Enter)
	c.sees("Publish now")
	c.tabTo("input[name=impact]")
	c.keys(kb.ArrowRight)
	c.sees("limited")
	c.tabTo("button[value=publish]")
	c.keys(kb.Enter)
	c.sees("Published.")
	c.tabTo("a[href='/desk/incidents/1']")
	c.keys(kb.Enter)
	c.tabTo("a[href='/desk/incidents/1/say?kind=update']")
	c.keys(kb.Enter)
	c.sees("When will you speak next?")
	c.tabTo("form.slots details summary")
	c.keys(kb.Enter)
	c.tabTo("[id='free.en']")
	c.keys("Counters open at 9.")
	c.sees("Two officers.")
	c.tabTo("button[value=submit]")
	c.keys(kb.Enter)
	c.sees("another officer reads and approves it")
	c.quiet()

	second := c.tab()
	second.as(look{width: 420, height: 800})
	second.judges()
	second.unlocks()
	second.open(d.in[1])
	second.click("button.go")
	second.sees("Waiting for you")
	second.open("/desk/me")
	second.do(chromedp.SendKeys(chromedp.CSS("#name"), "Juma Kariuki"+kb.Enter))
	second.sees("Shown once")
	secret := eval[string](second, "[...document.querySelectorAll('.secret code')].pop().textContent")
	digits := func() string {
		code, err := totp.GenerateCode(secret, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	second.axe("what is shown once")
	second.open("/desk/me")
	second.do(chromedp.SendKeys(chromedp.CSS("#keyname"), "This phone"), chromedp.SendKeys(chromedp.CSS("#code-key"), digits()))
	second.click("button[data-passkey=new]")
	second.sees("The passkey is yours.")
	second.sees("This phone")
	second.open("/desk/")
	second.click("form.out button")
	second.sees("With your passkey")
	second.axe("signing in")
	second.click("button[data-passkey=sign-in]")
	second.sees("Waiting for you")
	second.open("/desk/notices/2")
	second.click("#decide button[data-passkey]")
	second.sees("Published.")
	second.quiet()
	if said := d.log.String(); strings.Contains(said, secret) {
		t.Error("the log tells the secret of the six digits")
	}
}

// unlocks gives the browser an authenticator whose owner is there.
func (c *chrome) unlocks() {
	c.t.Helper()
	c.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		if _, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true, IsUserVerified: true,
			AutomaticPresenceSimulation: true}})
		return err
	}))
}
