package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// listedAtOnce is a page of the export.
const listedAtOnce = 2000

// subscribers writes who follows something as a file that arifa import takes. It is
// on the record; a file is only made for its owner's eyes.
func (c *exportCmd) subscribers(a *app) error {
	return a.acting(func(o *office) error {
		if !o.actor.Officer.Has(subscriptions.Admin, "") {
			return &desk.Refusal{Rule: 4, Why: "subscribers are an admin's", Do: "ask an admin"}
		}
		list, ok := o.store.(subscriptions.Lister)
		if !ok {
			return errors.New("this database cannot list its subscribers")
		}
		line := subscriptions.AuditLine{At: o.now, Officer: o.actor.Officer.ID, Action: "subscribers.export", Subject: "subscribers", Outcome: "done", Via: "cli"}
		if _, err := o.store.Append(a.ctx, line); err != nil { // before anybody can have read it
			return err
		}
		if c.Subscribers == "-" {
			_, err := writeSubscribers(a, list, a.Out)
			return err
		}
		f, err := os.OpenFile(c.Subscribers, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		n, err := writeSubscribers(a, list, f)
		if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
			// A part looks like the whole, holds addresses, and stands in the way of the next try.
			return errors.Join(err, os.Remove(c.Subscribers))
		}
		return a.print(map[string]any{"subscribers": n, "file": c.Subscribers}, func(w io.Writer) {
			fmt.Fprintf(w, "%s in %s, with their addresses.\n", count(n, "subscriber"), c.Subscribers)
		})
	})
}

func writeSubscribers(a *app, list subscriptions.Lister, to io.Writer) (n int, err error) {
	buffer := bufio.NewWriter(to)
	w := csv.NewWriter(buffer)
	if err := w.Write(subscriberColumns); err != nil {
		return 0, err
	}
	after := subscriptions.RecipientID(0)
	for {
		page, err := list.Subscribers(a.ctx, after, listedAtOnce)
		if err != nil {
			return n, err
		}
		if len(page) == 0 {
			w.Flush()
			return n, errors.Join(w.Error(), buffer.Flush())
		}
		for _, p := range page {
			after = p.Recipient.ID
			if !p.Recipient.GoneAt.IsZero() || len(p.Follows) == 0 {
				continue
			}
			n++
			for _, row := range rowsOf(p) {
				if err := w.Write(row); err != nil {
					return n, err
				}
			}
		}
	}
}

// rowsOf is one line for each consent that the person gave.
func rowsOf(p subscriptions.Post) (rows [][]string) {
	var consents []string
	scopes := map[string][]string{}
	for _, f := range p.Follows {
		if scopes[f.Consent] == nil {
			consents = append(consents, f.Consent)
		}
		word := string(f.Scope)
		if id, ok := f.Scope.Service(); ok {
			word = string(id)
		}
		scopes[f.Consent] = append(scopes[f.Consent], word)
	}
	for _, c := range consents {
		r := p.Recipient
		rows = append(rows, []string{string(r.Lane), r.Address.Reveal(), string(r.Language), strings.Join(scopes[c], " "), c})
	}
	return rows
}
