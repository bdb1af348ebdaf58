package main

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"text/tabwriter"

	"arifa/bot/desk"
	"arifa/notifiers/slack"
	"arifa/notifiers/telegram"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

type channelCmd struct {
	Add    channelAddCmd    `cmd:"" help:"Let a public channel or group follow services; checks our rights there first."`
	List   channelListCmd   `cmd:"" help:"List channels and groups with what they follow."`
	Remove channelRemoveCmd `cmd:"" help:"Let a channel follow nothing any more."`
}

type channelAddCmd struct {
	Network string                   `arg:"" enum:"telegram,slack" help:"telegram or slack."`
	Channel string                   `arg:"" help:"Telegram: @name or id (write -- before an id that begins with a minus). Slack: id (C…) or link."`
	Follow  []string                 `required:"" placeholder:"SCOPE,…" help:"all, agency:ID, platform:ID or a service id."`
	Lang    []subscriptions.Language `placeholder:"LANG,…" help:"Languages of its posts (default: all)."`
}

func (c *channelAddCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		scopes, err := o.scopes(c.Follow)
		if err != nil {
			return err
		}
		in, faults, err := a.place(c.Network, c.Channel)
		if err != nil {
			return err
		}
		if len(faults) > 0 {
			return fmt.Errorf("%s cannot be used yet:\n  - %s", c.Channel, strings.Join(faults, "\n  - "))
		}
		in.Languages, in.Scopes = c.Lang, scopes
		r, owed, err := o.desk.AddChannel(a.ctx, o.actor, in, o.now)
		if err != nil {
			return err
		}
		return a.print(map[string]any{"recipient": r.ID, "title": r.Title, "owed": len(owed)}, func(w io.Writer) {
			fmt.Fprintf(w, "%s follows %s. What is open there now: %s, sent once.\n", in.Title, strings.Join(c.Follow, ", "), count(len(owed), "notice"))
		})
	})
}

// place asks a network about a channel; faults say why nothing can be posted there.
func (a *app) place(network, name string) (in desk.ChannelInput, faults []string, err error) {
	if network == "slack" {
		ch, _, err := a.slack()
		if err != nil {
			return in, nil, err
		}
		p, err := ch.Place(a.ctx, name)
		return desk.ChannelInput{Lane: ch.Name(), Address: p.Address, Kind: subscriptions.Channel, Title: p.Title}, p.Faults, err
	}
	ch, err := a.telegram()
	if err != nil {
		return in, nil, err
	}
	p, err := ch.Place(a.ctx, name)
	return desk.ChannelInput{Lane: ch.Name(), Address: p.Address, Kind: p.Kind, Title: p.Title}, p.Faults, err
}

// scopes understands "all", "agency:kra", "platform:mpesa" and "kra-pay-tax".
func (o *office) scopes(words []string) ([]subscriptions.Scope, error) {
	var out []subscriptions.Scope
	for _, w := range words {
		kind, id, _ := strings.Cut(w, ":")
		ok := true
		scope := subscriptions.Scope(w)
		switch kind {
		case "all":
		case "agency":
			_, ok = o.nation.Agency(subscriptions.AgencyID(id))
		case "platform":
			_, ok = o.nation.Platform(subscriptions.PlatformID(id))
		default:
			service := subscriptions.ServiceID(strings.TrimPrefix(w, "service:"))
			_, ok = o.nation.Service(service)
			scope = subscriptions.ScopeService(service)
		}
		if !ok {
			return nil, usagef("--follow %s: not in the catalogue; \"arifa catalogue search\" finds ids", w)
		}
		out = append(out, scope)
	}
	return out, nil
}

type channelListCmd struct{}

func (c *channelListCmd) Run(a *app) error {
	return a.reading(func(o *office) error {
		posts, err := o.desk.Channels(a.ctx)
		if err != nil {
			return err
		}
		return a.print(posts, func(w io.Writer) {
			t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
			fmt.Fprintln(t, "NUMBER\tLANE\tKIND\tTITLE\tFOLLOWS\tSTATE")
			for _, p := range posts {
				state := "live"
				if !p.Recipient.GoneAt.IsZero() {
					state = "we were put out"
				}
				var follows []string
				for _, f := range p.Follows {
					follows = append(follows, string(f.Scope))
				}
				fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\n", p.Recipient.ID, p.Recipient.Lane, p.Recipient.Kind, p.Recipient.Title, strings.Join(follows, " "), state)
			}
			_ = t.Flush()
		})
	})
}

type channelRemoveCmd struct {
	Channel string `arg:"" help:"Number or name, as \"arifa channel list\" shows it."`
}

func (c *channelRemoveCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		posts, err := o.desk.Channels(a.ctx)
		if err != nil {
			return err
		}
		p, err := c.among(posts)
		if err != nil {
			return err
		}
		if err := o.desk.RemoveChannel(a.ctx, o.actor, p.Lane, p.Address, o.now); err != nil {
			return err
		}
		return a.print(map[string]any{"removed": p.ID, "title": p.Title}, func(w io.Writer) { fmt.Fprintf(w, "%s follows nothing any more.\n", p.Title) })
	})
}

// among finds the channel by its number, its name, or the address that it was added
// by. A name that two channels have is refused.
func (c *channelRemoveCmd) among(posts []subscriptions.Post) (subscriptions.Recipient, error) {
	var found []subscriptions.Recipient
	for _, p := range posts {
		r := p.Recipient
		if strconv.FormatInt(int64(r.ID), 10) == c.Channel {
			return r, nil
		}
		if strings.EqualFold(r.Title, c.Channel) || r.Address.Reveal() == c.Channel {
			found = append(found, r)
		}
	}
	switch len(found) {
	case 0:
		return subscriptions.Recipient{}, fmt.Errorf("no channel %s; \"arifa channel list\" shows numbers and names", c.Channel)
	case 1:
		return found[0], nil
	}
	return subscriptions.Recipient{}, fmt.Errorf("%d channels are called %s; give the number that \"arifa channel list\" shows", len(found), c.Channel)
}

// previewer shows cards as the networks would, without a network.
type previewer struct{}

func (previewer) Previews(c wording.Card, l subscriptions.Language) []wording.Preview {
	// The token matters for sending only.
	ch, err := telegram.New(telegram.Config{Token: "1:preview", API: "http://localhost", Log: discard()})
	if err != nil {
		return nil
	}
	return []wording.Preview{ch.Preview(c, l), slack.Preview(c, l)}
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
