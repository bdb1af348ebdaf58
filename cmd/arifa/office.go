package main

import (
	"fmt"
	"strings"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// office is a desk on the database of the settings, beside a running serve.
type office struct {
	store   store
	desk    *desk.Desk
	speaker *wording.Speaker
	nation  *subscriptions.Nation // as it may reach a citizen
	actor   desk.Actor
	now     time.Time
}

// office opens the database and the desk; with acting, as the officer whose key
// is set.
func (a *app) office(acting bool) (*office, error) {
	st, err := open(a.ctx, a.Database, existing, a.log)
	if err != nil {
		return nil, err
	}
	o, err := a.deskOn(st)
	if err != nil {
		return nil, closing(st, err)
	}
	if acting {
		if o.actor, err = a.actor(o.desk); err != nil {
			return nil, closing(st, err)
		}
	}
	return o, nil
}

// acting runs f as the officer whose key is set; reading needs no key.
func (a *app) acting(f func(*office) error) error  { return a.withOffice(true, f) }
func (a *app) reading(f func(*office) error) error { return a.withOffice(false, f) }

func (a *app) withOffice(acting bool, f func(*office) error) error {
	o, err := a.office(acting)
	if err != nil {
		return err
	}
	return closing(o.store, f(o))
}

func closing(st store, err error) error {
	if cerr := st.Close(); cerr != nil && err == nil {
		return cerr
	}
	return err
}

func (a *app) deskOn(st store) (*office, error) {
	parsed, _, _, err := nation(a.ctx, st, a.Catalogue, a.now())
	if err != nil {
		return nil, err
	}
	speaker, err := wording.NewSpeaker()
	if err != nil {
		return nil, err
	}
	d, err := desk.New(desk.Config{Store: st, Nation: func() *subscriptions.Nation { return parsed }, Speaker: speaker,
		Previewer: previewer{}, Pace: a.pace, Fee: a.fee, Host: a.host(), Log: a.log,
		UnofficialAfter: a.UnofficialAfter, SampleSize: a.SampleSize})
	if err != nil {
		return nil, err
	}
	effective, err := d.Nation(a.ctx)
	if err != nil {
		return nil, err
	}
	return &office{store: st, desk: d, speaker: speaker, nation: effective, now: a.now()}, nil
}

func (a *app) actor(d *desk.Desk) (desk.Actor, error) {
	if a.OfficerKey == "" {
		first, err := d.Bootstrap(a.ctx)
		if err != nil {
			return desk.Actor{}, err
		}
		if first {
			return desk.Actor{Via: "cli"}, nil
		}
		return desk.Actor{}, usagef("who are you? Set OFFICER_KEY (or --officer-key-file) to the key that \"arifa officer add\" printed for you")
	}
	return d.Authenticate(a.ctx, a.OfficerKey, "cli")
}

// agency is the one that was named, or the only one the officer speaks for.
func (o *office) agency(named string) (subscriptions.AgencyID, error) {
	if named != "" {
		if _, ok := o.nation.Agency(subscriptions.AgencyID(named)); !ok {
			return "", usagef("--agency %s: no such agency; \"arifa catalogue search %s\" finds it", named, named)
		}
		return subscriptions.AgencyID(named), nil
	}
	of := o.actor.Officer.SpeaksFor()
	if len(of) == 1 {
		return of[0], nil
	}
	return "", usagef("--agency: say for which agency you speak (yours: %s)", joinIDs(of))
}

func joinIDs[T ~string](ids []T) string {
	var out []string
	for _, id := range ids {
		out = append(out, string(id))
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, ", ")
}

// when understands a time of a flag; empty = none.
func (o *office) when(flag, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := desk.Moment(s, o.now, o.nation.Location())
	if err != nil {
		return t, usagef("--%s %s: %v", flag, s, err)
	}
	return t, nil
}

// local shows a time as officers read it.
func (o *office) local(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(o.nation.Location()).Format("2 Jan 2006 15:04")
}

func key(n subscriptions.Notice) string {
	if n.Key == "" {
		return fmt.Sprintf("draft %s", desk.Nickname(n.ID))
	}
	return string(n.Key)
}

// some makes an empty list print as [] in JSON.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// count says how many there are: "1 service", "2 services".
func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

func areOrIs(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}
