package main

import (
	"strings"
	"testing"

	"arifa/bot/desk"
	"arifa/notifiers/slack/slacktest"
	"arifa/subscriptions"
)

// Channels follow by /arifa: an officer or an administrator of the workspace chooses,
// and what is announced comes at once, and once.
func TestChannelsFollowFromSlack(t *testing.T) {
	t.Parallel()
	w := roomTown(t, "socket")
	kamau := w.joins("Kamau", author("kra"))
	admin, nobody := w.member("U0ADMIN"), w.member("U0NOBODY")
	w.srv.Change(admin.uid, func(u *slacktest.User) { u.Admin = true })
	first := w.outage()
	for id, private := range map[string]bool{"C0TAX": false, "C0WATER": false, "G0KRA": true, "G0OUT": true} {
		c := slacktest.Channel{ID: id, Name: strings.ToLower(id), Private: private, Members: []string{kamau.uid, admin.uid, nobody.uid}}
		if id == "G0KRA" {
			c.Members = append(c.Members, slacktest.BotUser)
		}
		w.srv.AddChannel(c)
	}
	for _, c := range []struct {
		who            *slackOfficer
		channel, words string
		want           []string
	}{
		{nobody, "C0TAX", "follow kra-pay-tax", []string{"Not done", "administrator"}},
		{admin, "C0TAX", "follow kra-pay-tax", []string{"#c0tax follows:", "Paying tax", "What is announced now comes here, once: 1."}},
		{admin, "C0TAX", "follow kra-pay-tax", []string{"#c0tax follows:", "Paying tax"}},
		{kamau, "G0KRA", "follow agency:kra sw", []string{"#g0kra follows:", "all of Kenya Revenue Authority", "once: 1."}},
		{kamau, "G0OUT", "follow all", []string{"Not yet", "invite the bot there (/invite @arifa)"}},
		{admin, "C0WATER", "follow platform:mpesa", []string{"#c0water follows:", "M-PESA"}},
		{admin, "C0WATER", "follow pay tax", []string{"Which one?", "/arifa follow kra-pay-tax  (Paying tax)"}},
		{admin, "C0WATER", "follow xyzzy", []string{"Nothing is called like this"}},
		{admin, "C0WATER", "follow", []string{"Follow what?"}},
		{nobody, "C0WATER", "list", []string{"#c0water follows:", "M-PESA"}},
		{nobody, "C0WATER", "unfollow platform:mpesa", []string{"Not done", "administrator"}},
		{admin, "C0WATER", "unfollow platform:mpesa", []string{"This channel follows nothing"}},
		{admin, w.srv.DM(admin.uid), "follow all", []string{"This is not a channel", "Messages tab"}},
	} {
		before := len(w.srv.Ephemerals(c.who.uid))
		c.who.commandIn(c.channel, c.words)
		until(t, c.words+" is answered", func() bool { return len(w.srv.Ephemerals(c.who.uid)) > before })
		all := w.srv.Ephemerals(c.who.uid)
		if got := all[len(all)-1].Text; !holds(got, c.want) {
			t.Errorf("%s: /arifa %s: got\n%s\nwant %q", c.who.name, c.words, got, c.want)
		}
	}
	w.recordedVia("slack", desk.ActChannelAdd, "administrator")
	w.reads("C0TAX", "Paying tax (KRA)", "Payments to 222222")
	w.reads("G0KRA", "Malipo kwa 222222")
	until(t, "nothing is owed any more", func() bool {
		p, err := w.v.desk.Progress(t.Context(), first.Notice.ID)
		return err == nil && p.Count(subscriptions.Pending) == 0 && p.Count(subscriptions.Sent) >= 2
	})
	for place, n := range w.told(first.Notice) {
		if n != 1 {
			t.Errorf("%s got what was announced %d times", place, n)
		}
	}
}

// member is somebody of the workspace who is no officer.
func (w *slackTown) member(uid string) *slackOfficer {
	w.srv.AddUser(slacktest.User{ID: uid, Name: strings.ToLower(uid)})
	return &slackOfficer{slackTown: w, name: uid, uid: uid}
}
