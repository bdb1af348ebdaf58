package console_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

func TestLook(t *testing.T) {
	dir := os.Getenv("LOOK")
	if dir == "" {
		t.Skip()
	}
	b := setup(t)
	for i := range 40 {
		r, err := b.store.SaveRecipient(ctx, subscriptions.Recipient{Lane: "telegram:1", Address: subscriptions.AddressOf(fmt.Sprint(i)), Kind: subscriptions.Person, CreatedAt: b.clock()})
		b.must(err)
		_, err = b.store.Subscribe(ctx, r.ID, []subscriptions.Follow{{Scope: "service:kra-pay-tax", Since: b.clock()}}, b.clock())
		b.must(err)
	}
	out := b.outage()
	n := b.submitted()
	way := desk.DraftInput{Incident: out.Incident.ID, Kind: subscriptions.AlternativeNotice, Slots: subscriptions.Slots{Services: []subscriptions.ServiceID{"kra-pay-tax"}, Alternatives: []subscriptions.AlternativeID{"alt-bank-or-pdq"}}}
	_, err := b.desk.Join(ctx, b.kraAuthor.actor, desk.JoinInput{Incident: out.Incident.ID, Services: []subscriptions.ServiceID{"kra-pay-tax"}}, b.clock())
	b.must(err)
	wn, err := b.desk.Draft(ctx, b.kraAuthor.actor, way, b.clock())
	b.must(err)
	wn, err = b.desk.Submit(ctx, b.kraAuthor.actor, wn.ID, desk.SubmitInput{}, b.clock())
	b.must(err)
	wn, err = b.desk.Return(ctx, b.kraSecond.actor, wn.ID, "Say until when: banks close at four.", b.clock())
	b.must(err)
	s := wn.Slots
	s.Until = b.clock().Add(4 * time.Hour)
	_, err = b.desk.Edit(ctx, b.kraAuthor.actor, wn.ID, s, b.clock())
	b.must(err)
	_, err = b.desk.Submit(ctx, b.kraAuthor.actor, wn.ID, desk.SubmitInput{}, b.clock())
	b.must(err)
	_, err = b.desk.ProposeReady(ctx, b.kraAuthor.actor, "alt-bank-or-pdq", "kra", nil, b.clock())
	b.must(err)
	id := out.Incident.ID
	b.pass(time.Minute)

	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath("/usr/bin/chromium"), chromedp.NoSandbox, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	defer cancel()
	only := os.Getenv("ONLY")
	shots := []struct {
		name string
		who  person
		path string
	}{
		{"home-author", b.ecAuthor, "/"}, {"home-kra2", b.kraSecond, "/"}, {"home-admin", b.admin, "/"},
		{"incident", b.ecAuthor, fmt.Sprintf("/incidents/%d", id)}, {"choose", b.ecAuthor, "/new"}, {"open", b.kraAuthor, "/new/service/kra-itax"},
		{"say", b.ecAuthor, fmt.Sprintf("/incidents/%d/say?kind=update", id)}, {"restore", b.ecAuthor, fmt.Sprintf("/incidents/%d/restore", id)},
		{"notice", b.ecAuthor, fmt.Sprintf("/notices/%d", out.Notice.ID)}, {"approve", b.kraSecond, fmt.Sprintf("/notices/%d", wn.ID)}, {"approve-correction", b.kraSecond, fmt.Sprintf("/notices/%d", n.ID)},
		{"registry", b.kraSecond, "/registry"}, {"officers", b.admin, "/officers"}, {"officer", b.admin, fmt.Sprintf("/officers/%d", b.kraAuthor.Officer.ID)},
		{"record", b.admin, "/record?verify=1"}, {"me", b.kraAuthor, "/me"}, {"channels", b.admin, "/channels"}, {"word", b.kraAuthor, "/word?kind=correction"}, {"join", b.kraAuthor, fmt.Sprintf("/incidents/%d/join", id)},
		{"signin", person{}, "/sign-in"}, {"signin-link", person{}, "/sign-in/ABCDEFGH"}, {"missing", b.admin, "/incidents/99"},
	}
	tokens := map[string]string{}
	for _, sh := range shots {
		if only != "" && !strings.Contains(","+only+",", ","+sh.name+",") {
			continue
		}
		cookie := ""
		if sh.who.Key != "" {
			if tokens[sh.who.Key] == "" {
				w := b.comes(sh.who)
				u, _ := w.http.Get(w.base + "/desk/assets/x/y")
				u.Body.Close()
				for _, c := range w.http.Jar.Cookies(u.Request.URL) {
					tokens[sh.who.Key] = c.Value
				}
			}
			cookie = tokens[sh.who.Key]
		}
		for _, size := range []struct {
			name string
			w, h int64
		}{{"phone", 360, 740}, {"desk", 1280, 900}} {
			for _, dark := range []bool{false, true} {
				if dark && os.Getenv("DARK") == "" {
					continue
				}
				tab, done := chromedp.NewContext(alloc)
				scheme := "light"
				if dark {
					scheme = "dark"
				}
				var shot []byte
				err := chromedp.Run(tab, chromedp.ActionFunc(func(c context.Context) error {
					if cookie == "" {
						return nil
					}
					return network.SetCookie("arifa-desk", cookie).WithURL("http://localhost:" + port(b.srv.URL) + "/").Do(c)
				}), emulation.SetDeviceMetricsOverride(size.w, size.h, 1, size.name == "phone"),
					emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
					chromedp.Navigate("http://localhost:"+port(b.srv.URL)+"/desk"+sh.path), chromedp.Sleep(300*time.Millisecond),
					chromedp.ActionFunc(func(c context.Context) error {
						var err error
						_, _, _, _, _, full, err := page.GetLayoutMetrics().Do(c)
						if err != nil {
							return err
						}
						h := min(full.Height, 2600)
						shot, err = page.CaptureScreenshot().WithCaptureBeyondViewport(true).WithClip(&page.Viewport{Width: max(full.Width, float64(size.w)), Height: h, Scale: 1}).Do(c)
						if full.Width > float64(size.w) {
							t.Errorf("%s on %s is %v wide", sh.name, size.name, full.Width)
						}
						return err
					}))
				done()
				b.must(err)
				b.must(os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%s-%s.png", sh.name, size.name, scheme)), shot, 0o644))
			}
		}
	}
}
