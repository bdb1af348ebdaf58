package main

import (
	"encoding/json"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"arifa/notifiers/slack/slacktest"
	"arifa/subscriptions"
)

// TestSlackScreenshots makes the picture of Slack in the README, from the blocks that
// the program sent:
//
//	ARIFA_TEST_SCREENSHOTS=.github go test -run TestSlackScreenshots ./cmd/arifa
func TestSlackScreenshots(t *testing.T) {
	dir := os.Getenv("ARIFA_TEST_SCREENSHOTS")
	if dir == "" {
		t.Skip("ARIFA_TEST_SCREENSHOTS names no folder: no pictures are made")
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join("..", "..", dir) // from this package to the root
	}
	needBrowser(t)
	w := roomTown(t, "socket")
	esther, kamau := w.joins("Atieno", author("ecitizen")), w.joins("Kamau", author("kra"))
	w.joins("Kerubo", approver("kra"))
	w.srv.AddChannel(slacktest.Channel{ID: news, Name: "tax-news"})
	kamau.commandIn(news, "follow kra-pay-tax en")
	kamau.whispered("Paying tax")
	esther.command("outage 222222")
	esther.sees("Locked")
	locked, _ := w.srv.Modal(esther.uid)
	esther.unlocks()
	preview := esther.sees("Preview", "Next update by")
	w.outageWaits(esther)
	first := w.reads(news, "Paying tax (KRA)")
	w.submits(kamau)
	ask := w.onBoard("waits for a second officer")
	live := w.onBoard("Incident 1", "1 of 1 told")
	page := "<style>" + slacktest.Style + `</style><div class="row">` +
		w.drawn("/arifa outage 222222: the words in both languages, whom they reach, one tap to say them", preview.Blocks) +
		w.drawn("#officers: the request for a second officer", ask.Blocks) +
		`<div style="flex:1;display:flex;flex-direction:column;gap:20px">` + w.drawn("/arifa outage 222222, where the desk is locked", locked.Blocks) +
		w.drawn("#officers: the incident, kept up to date", live.Blocks) +
		w.drawn("#tax-news: a channel that follows one service", first.Blocks) + "</div></div>"
	c := newBrowser(t).person(t, "127.0.0.1:1")
	c.as(look{width: 1720, height: 860})
	var picture []byte
	c.do(chromedp.Navigate("about:blank"))
	quoted, err := json.Marshal(page)
	if err != nil {
		t.Fatal(err)
	}
	eval[int](c, fmt.Sprintf("(document.body.innerHTML = %s).length", quoted))
	if picture, err = chromedp.Run(c.ctx, chromedp.FullScreenshot(100)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "slack.png"), fewColours(t, picture), 0o644); err != nil {
		t.Fatal(err)
	}
}

// outageWaits publishes the first word from the officer's open window.
func (w *slackTown) outageWaits(o *slackOfficer) {
	w.Helper()
	o.tap("Publish now")
	o.sees("is published and going out")
	until(w.T, "the incident is known", func() bool {
		all, err := w.v.desk.Incidents(w.Context(), w.v.now())
		return err == nil && len(all) == 1 && all[0].State == subscriptions.Investigating
	})
}

// drawn is one message as a reader of the channel sees it.
func (w *slackTown) drawn(where string, blocks json.RawMessage) string {
	w.Helper()
	drawing, err := slacktest.HTML(blocks)
	if err != nil {
		w.Fatal(err)
	}
	return `<div class="card"><p class="where">` + html.EscapeString(where) + `</p><span class="who">arifa <b>APP</b></span>` + strings.TrimSpace(string(drawing)) + "</div>"
}
