package main

import (
	"fmt"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// An officer reads in Slack what the command line says too: that a notice goes to a few
// first, who would hear it too late, and the price.
func TestSlackSaysWhatToWeigh(t *testing.T) {
	t.Parallel()
	w := roomTown(t, "socket")
	w.v.desk.Config.Pace = func(subscriptions.LaneID) float64 { return 0.01 }
	w.v.desk.Config.Fee = func(subscriptions.LaneID) subscriptions.Fee {
		return subscriptions.Fee{Free: 0.005, Each: 0.1, Unit: "Stars"}
	}
	kamau := w.joins("Kamau", subscriptions.Grant{Role: subscriptions.Author, Agency: "kra"})
	w.outage()
	var posts []subscriptions.Post
	for k := range 80 {
		posts = append(posts, subscriptions.Post{Recipient: subscriptions.Recipient{Lane: "webchat", Address: subscriptions.AddressOf(fmt.Sprint("nobody-", k)), Kind: subscriptions.Person, Language: "en", CreatedAt: w.v.now()},
			Follows: []subscriptions.Follow{{Scope: "service:kra-pay-tax", Since: w.v.now(), Consent: "paper"}}})
	}
	if err := w.store.(subscriptions.Importer).ImportRecipients(t.Context(), posts, w.v.now()); err != nil {
		t.Fatal(err)
	}
	i := must(w.v.desk.Incidents(t.Context(), w.v.now()))[0]
	n, err := w.v.desk.Draft(t.Context(), kamau.actor, desk.DraftInput{Incident: i.ID, Agency: "kra", Kind: subscriptions.AlternativeNotice,
		Slots: subscriptions.Slots{Services: []subscriptions.ServiceID{"kra-pay-tax"}, Alternatives: []subscriptions.AlternativeID{"alt-bank-or-pdq"}, Until: w.v.now().Add(time.Hour)}}, w.v.now())
	if err == nil {
		_, err = w.v.desk.Submit(t.Context(), kamau.actor, n.ID, desk.SubmitInput{}, w.v.now())
	}
	if err != nil {
		t.Fatal(err)
	}
	w.onBoard("waits for a second officer", "It moves money: 50 recipients first, then a minute in which it can be stopped, then all.", "would hear it after the deadline of ",
		"Price: about 4 Stars for webchat at 0.01 a second.")
}
