package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
)

type doctorCmd struct{}

// finding is one thing that doctor looked at.
type finding struct {
	Part  string `json:"part"`
	State string `json:"state"` // ok, advice, fault
	What  string `json:"what"`
	Do    string `json:"do,omitempty"`
}

type examination struct {
	*app
	store    store
	findings []finding
}

func (e *examination) ok(part, what string, args ...any) {
	e.findings = append(e.findings, finding{part, "ok", fmt.Sprintf(what, args...), ""})
}

func (e *examination) advise(part, do, what string, args ...any) {
	e.findings = append(e.findings, finding{part, "advice", fmt.Sprintf(what, args...), do})
}

func (e *examination) fault(part, do, what string, args ...any) {
	e.findings = append(e.findings, finding{part, "fault", fmt.Sprintf(what, args...), do})
}

func (c *doctorCmd) Run(a *app) error {
	e := &examination{app: a}
	e.settingsPart()
	e.telegramPart()
	e.slackPart()
	e.botsPart()
	e.spacesPart()
	e.deskPart()
	if e.databasePart() {
		defer e.store.Close()
		if n := e.cataloguePart(); n != nil {
			e.channelsPart()
			e.officersPart(n)
			e.machinesPart(n)
		}
		e.clockPart()
	}
	if err := a.print(e.findings, e.write); err != nil {
		return err
	}
	if slices.ContainsFunc(e.findings, func(f finding) bool { return f.State == "fault" }) {
		return errSaid
	}
	return nil
}

func (e *examination) write(w io.Writer) {
	sign := map[string]string{"ok": "ok     ", "advice": "advice ", "fault": "FAULT  "}
	for _, f := range e.findings {
		fmt.Fprintf(w, "%s %-10s %s\n", sign[f.State], f.Part, f.What)
		if f.Do != "" {
			fmt.Fprintf(w, "        %-10s → %s\n", "", f.Do)
		}
	}
}

func (e *examination) settingsPart() {
	if e.PublicURL == "" {
		e.advise("settings", "set PUBLIC_URL to the address of your public page", "no public address: notices cannot name a page to check them on")
	} else {
		e.ok("settings", "notices name %s", e.host())
	}
}

func (e *examination) telegramPart() {
	if e.TelegramToken == "" && len(e.more) > 0 {
		e.advise("telegram", "set TELEGRAM_TOKEN to the bot that writes to officers", "no token beside those of lanes: officers cannot be written to on Telegram")
		return
	}
	if e.TelegramToken == "" && (e.SlackBotToken != "" || len(e.spaces) > 0) {
		e.advise("telegram", "get a token from @BotFather and set TELEGRAM_TOKEN", "no token: citizens on Telegram cannot be heard or told")
		return
	}
	if e.TelegramToken == "" {
		e.advise("telegram", "get a token from @BotFather and set TELEGRAM_TOKEN", "no token: only the web chat hears and tells")
		return
	}
	ch, err := e.telegram()
	if err != nil {
		e.fault("telegram", "set TELEGRAM_TOKEN anew", "%v", err)
		return
	}
	me, err := ch.Me(e.ctx)
	if err != nil {
		e.fault("telegram", "check the token with @BotFather, and that this machine reaches "+e.TelegramAPI, "%v", err)
		return
	}
	e.ok("telegram", "the token is @%s's", me.Username)
	if !me.CanReadAllGroupMessages {
		e.ok("telegram", "privacy mode is on: in groups the bot reads only what is meant for it")
	} else {
		e.advise("telegram", "turn privacy mode on with @BotFather", "the bot reads every message of its groups")
	}
	info, err := ch.Hearing(e.ctx)
	switch {
	case err != nil:
		e.fault("telegram", "try again", "%v", err)
	case e.TelegramMode == "poll" && info.URL != "":
		e.advise("telegram", "nothing: serve takes it away; or use --telegram-mode=webhook", "a webhook is set, which stands in the way of polling")
	case e.TelegramMode == "webhook" && info.URL == "":
		e.advise("telegram", "start serve: it sets the webhook", "no webhook is set yet")
	case info.LastErrorMessage != "" && time.Since(time.Unix(int64(info.LastErrorDate), 0)) < time.Hour:
		e.fault("telegram", "make PUBLIC_URL reach LISTEN through HTTPS", "Telegram could not deliver lately: %s", info.LastErrorMessage)
	default:
		e.ok("telegram", "updates arrive by %s, %d wait there", e.TelegramMode, info.PendingUpdateCount)
	}
}

// botsPart checks the bots of the file's list, and every canary in Telegram.
func (e *examination) botsPart() {
	for _, b := range e.bots() {
		ch, err := e.asBot(b)
		if err != nil {
			e.fault("lanes", "set the token of "+string(b.lane())+" anew", "%s: %v", b.lane(), err)
			continue
		}
		if b.more {
			me, err := ch.Me(e.ctx)
			if err != nil {
				e.fault("lanes", "check the token with @BotFather, and that this machine reaches "+e.TelegramAPI, "%s: %v", b.lane(), err)
				continue
			}
			e.ok("lanes", "%s is @%s's", b.lane(), me.Username)
		}
		if b.Canary == "" {
			continue
		}
		if err := ch.Reaches(e.ctx, b.Canary); err != nil {
			e.fault("canary", "write to the bot from that chat, or add the bot to it", "%s: nobody would be told, because the canary cannot be: %v", b.lane(), err)
			continue
		}
		e.ok("canary", "%s: a chat of ours is told first", b.lane())
	}
}

func (e *examination) databasePart() bool {
	st, err := open(e.ctx, e.Database, existing, e.log)
	if err != nil {
		e.fault("database", "run \"arifa migrate\" if it is new; else check --database", "%v", err)
		return false
	}
	e.store = st
	e.ok("database", "%s opens, its schema is this release's", kindOfDatabase(e.Database))
	if _, keeps := st.(stateKeeper); keeps && e.DatabaseState == "" {
		e.advise("database", "set --database-state to a file of this machine, such as /var/lib/arifa/state", "an older cluster that is put back while nothing runs is not known, unless serve is started with --hold")
	}
	if free, known := freeSpace(e.Database); known && free < diskLow {
		e.fault("database", "make room on it", "its disk is full (%d MiB free): nothing that happens now is sure to be kept", free>>20)
	}
	return true
}

// databaseClock is a store that can tell the time of its database.
type databaseClock interface {
	DatabaseNow(ctx context.Context) (time.Time, error)
}

func (e *examination) clockPart() {
	c, ok := e.store.(databaseClock)
	if !ok {
		return
	}
	at, err := c.DatabaseNow(e.ctx)
	if err != nil {
		e.fault("clock", "try again", "the database's clock cannot be read: %v", err)
		return
	}
	if off := e.now().Sub(at).Abs(); off > 2*time.Second {
		e.fault("clock", "set both machines' clocks by NTP", "this machine and the database differ by %s", off.Round(time.Millisecond))
		return
	}
	e.ok("clock", "this machine and the database agree within 2 s")
}

func (e *examination) cataloguePart() *subscriptions.Nation {
	yaml, _, err := e.store.CatalogueInForce(e.ctx)
	if errors.Is(err, subscriptions.ErrNotFound) {
		e.advise("catalogue", "run \"arifa migrate\"", "none is in force yet")
		return nil
	}
	if err != nil {
		e.fault("catalogue", "try again", "%v", err)
		return nil
	}
	n, err := catalogue.Parse(yaml)
	if err != nil {
		e.fault("catalogue", "import a sound one: arifa catalogue import FILE", "the one in force has faults: %v", err)
		return nil
	}
	e.ok("catalogue", "%d services of %d agencies on %d platforms", len(n.Services), len(n.Agencies), len(n.Platforms))
	if e.Catalogue == "" && !bytes.Equal(yaml, catalogue.KenyaYAML()) {
		e.advise("catalogue", "arifa catalogue export --built-in > ke.yaml; arifa catalogue import ke.yaml (it shows what changes, then asks)", "the one inside this release differs from yours; it is never applied by itself")
	}
	return n
}

func (e *examination) channelsPart() {
	posts, err := e.store.Posts(e.ctx)
	if err != nil {
		e.fault("channels", "try again", "%v", err)
		return
	}
	e.telegramChannels(posts)
	e.slackChannels(posts)
	if len(posts) == 0 {
		e.advise("channels", "arifa channel add telegram @NAME --follow all (or slack C…)", "no public channel: one post there reaches everybody at once")
	}
}

func (e *examination) telegramChannels(posts []subscriptions.Post) {
	ch, err := e.telegram()
	if err != nil {
		return
	}
	for _, p := range posts {
		if p.Recipient.Kind != subscriptions.Channel || p.Recipient.Lane != ch.Name() {
			continue
		}
		place, err := ch.Place(e.ctx, p.Recipient.Address.Reveal())
		switch {
		case err != nil:
			e.fault("channels", "put the bot back as an administrator, or arifa channel remove", "%s: %v", p.Recipient.Title, err)
		case len(place.Faults) > 0:
			for _, f := range place.Faults {
				e.fault("channels", f, "%s is not safe", p.Recipient.Title)
			}
		default:
			e.ok("channels", "%s: we may post and edit, nobody comments", p.Recipient.Title)
		}
	}
}

func (e *examination) officersPart(n *subscriptions.Nation) {
	officers, err := e.store.Officers(e.ctx)
	if err != nil {
		e.fault("officers", "try again", "%v", err)
		return
	}
	ready, err := e.store.ReadyWays(e.ctx)
	if err != nil {
		e.fault("officers", "try again", "%v", err)
		return
	}
	admins := 0
	for _, o := range officers {
		if o.Has(subscriptions.Admin, "") {
			admins++
		}
	}
	if admins < 2 {
		e.fault("officers", "arifa officer add NAME --role admin", "%s: two are needed for roles and the registry", count(admins, "active admin"))
	}
	silent := 0
	for _, ag := range n.Agencies {
		if ag.Retired {
			continue
		}
		if !e.agencyPart(n, ag, officers, ready) {
			silent++
		}
	}
	if silent > 0 {
		e.advise("officers", "arifa officer add NAME --role author:AGENCY --role approver:AGENCY", "%d agencies have no officer: nobody can speak for them here", silent)
	}
}

// agencyPart reports false for an agency without any officer.
func (e *examination) agencyPart(n *subscriptions.Nation, ag subscriptions.Agency, officers []subscriptions.Officer, ready []subscriptions.ReadyWay) bool {
	authors, approvers, turns := 0, 0, 0
	for _, o := range officers {
		if o.Has(subscriptions.Author, ag.ID) {
			authors++
		}
		if o.Has(subscriptions.Approver, ag.ID) {
			approvers++
		}
		for _, d := range o.Duty {
			if d.Agency == ag.ID && o.Active() {
				turns++
			}
		}
	}
	if authors+approvers == 0 {
		return false
	}
	part := string(ag.ID)
	e.ok(part, "%d authors, %d approvers, %d turns of duty, %d ready alternatives", authors, approvers, turns, countReady(ready, ag.ID, e.now()))
	if approvers == 0 || authors+approvers < 2 {
		e.fault(part, "arifa officer add NAME --role approver:"+part, "nobody can approve what another wrote: no other way to pay can be told")
	}
	if turns == 0 {
		e.advise(part, "arifa officer duty NUMBER --agency "+part+" --from 18:00 --to 06:00", "no duty list: at night everybody is called, or nobody")
	}
	for _, d := range n.Registry {
		if d.Agency == ag.ID && d.Destination && d.Verify && d.Publishable && !d.Retired {
			e.advise(part, "ask the agency, then arifa registry confirm "+string(d.ID), "%s is not confirmed, so it is not told as a place to pay", d.ID)
		}
	}
	return true
}

func countReady(ready []subscriptions.ReadyWay, ag subscriptions.AgencyID, now time.Time) int {
	n := 0
	for _, r := range ready {
		if r.Agency == ag && r.Until.After(now) {
			n++
		}
	}
	return n
}
