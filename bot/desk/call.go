package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"arifa/subscriptions"
)

// summoned is an event with the calls that it leads to. They are stored with the
// deed, so that whoever serves carries them, whatever process did it and however
// that process ended.
type summoned struct {
	Event
	store subscriptions.Summons
}

// summon works out whom an event is for. except is left out: nobody is asked to
// stop or approve their own deed.
func (d *Desk) summon(ctx context.Context, e Event, except ...subscriptions.OfficerID) summoned {
	all, err := d.Store.Officers(ctx)
	if err != nil {
		d.Log.Error("officers could not be called", "event", string(e.Kind), "error", err)
		return summoned{Event: e}
	}
	return summonOf(all, e, d.audienceOf(all, e, except))
}

// summonOf makes a call to each of these officers, in every chat that they have.
func summonOf(all []subscriptions.Officer, e Event, to []subscriptions.OfficerID) summoned {
	e.To = to
	out := summoned{e, subscriptions.Summons{Event: e.name(), At: cut(e.At)}}
	call := subscriptions.Call{Kind: string(e.Kind), About: e.about(), Facts: e.facts(), At: cut(e.At), NextAt: cut(e.At)}
	for _, o := range all {
		if !slices.Contains(to, o.ID) {
			continue
		}
		call.Officer = o.ID
		chats := chatsOf(o)
		if len(chats) == 0 {
			chats = []subscriptions.Identity{{}}
		}
		for _, call.Chat = range chats {
			out.store.Calls = append(out.store.Calls, call)
		}
	}
	if len(out.store.Calls) == 0 { // so that the log says it
		call.Officer, call.Chat = 0, subscriptions.Identity{}
		out.store.Calls = append(out.store.Calls, call)
	}
	return out
}

// chatsOf are the accounts at which an officer can be written to; a key, a passkey
// and a single sign-on only let in.
func chatsOf(o subscriptions.Officer) []subscriptions.Identity {
	return slices.DeleteFunc(slices.Clone(o.Identities), func(i subscriptions.Identity) bool {
		return i.Provider == ProviderKey || i.Provider == subscriptions.ProviderPasskey || i.Provider == "oidc"
	})
}

// Reached reports whether an officer has a chat or an account in which to be called.
func Reached(o subscriptions.Officer) bool { return len(chatsOf(o)) > 0 }

// rows are what a commit stores of several events.
func rows(all []summoned) []subscriptions.Summons {
	var out []subscriptions.Summons
	for _, s := range all {
		if s.store.Event != "" {
			out = append(out, s.store)
		}
	}
	return out
}

// called tells the face of events that are stored by now.
func (d *Desk) called(all []summoned) {
	for _, s := range all {
		d.Config.Notify(s.Event)
	}
}

// call stores an event by itself and tells the face: for what no commit carries.
// It is safe to repeat, for an event is stored once.
func (d *Desk) call(ctx context.Context, e Event, except ...subscriptions.OfficerID) {
	d.put(ctx, d.summon(ctx, e, except...))
}

// callAll calls every officer who acts, whatever the agency.
func (d *Desk) callAll(ctx context.Context, all []subscriptions.Officer, e Event, except subscriptions.OfficerID) {
	var to []subscriptions.OfficerID
	for _, o := range all {
		if o.ID != except && o.Active() {
			to = append(to, o.ID)
		}
	}
	d.put(ctx, summonOf(all, e, to))
}

func (d *Desk) put(ctx context.Context, s summoned) {
	if s.store.Event == "" {
		return
	}
	fresh, err := d.Store.PutCalls(context.WithoutCancel(ctx), s.store)
	if err != nil {
		d.Log.Error("officers could not be called", "event", string(s.Kind), "error", err)
	}
	if fresh {
		d.Config.Notify(s.Event)
	}
}

// name is the same for the same event, so that it is stored once. Of what the
// clock finds again and again the time at which it was found is no part.
func (e Event) name() string {
	at := e.At
	switch e.Kind {
	case EventReminder, EventOverdue, EventApprove, EventRecovered, EventSampleLow:
		at = time.Time{}
	case EventAlone:
		if !e.Due.IsZero() {
			at = time.Time{}
		}
	}
	parts := []string{string(e.Kind), string(e.Agency)}
	for _, id := range []int64{int64(e.Incident), int64(e.Notice), int64(e.Change)} {
		parts = append(parts, strconv.FormatInt(id, 10))
	}
	if e.Alarm != 0 {
		parts = append(parts, strconv.FormatInt(int64(e.Alarm), 10), string(e.Step))
	}
	if e.Round != 0 {
		parts = append(parts, fmt.Sprintf("round %d", e.Round))
	}
	if e.Lane != "" {
		parts = append(parts, string(e.Lane))
	}
	if e.Channel != "" {
		parts = append(parts, e.Channel)
	}
	parts = append(parts, string(e.Platform), e.Before.String(), e.Again.String())
	for _, t := range []time.Time{e.Since, e.Due, at} {
		parts = append(parts, unixName(t))
	}
	if e.Kind != EventRecovered && e.Kind != EventSampleLow { // whose services change while it is found again
		parts = append(parts, join(e.Services))
	}
	return strings.Join(parts, "/")
}

func unixName(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.UnixMilli(), 10)
}

// about is the thing that the event is about; empty = the incident that its commit
// makes.
func (e Event) about() string {
	switch {
	case e.Alarm != 0:
		return subjectOf("alarm", e.Alarm)
	case e.Change != 0:
		return subjectOf("change", e.Change)
	case e.Notice != 0 && e.Kind != EventReminder && e.Kind != EventOverdue:
		return subjectOf("notice", e.Notice)
	case e.Incident != 0:
		return subjectOf("incident", e.Incident)
	case e.Kind == EventApprove:
		return "registry"
	}
	return ""
}

func (e Event) facts() []byte {
	e.To = nil
	b, err := json.Marshal(e)
	if err != nil { // names, numbers and times: cannot fail
		panic(err)
	}
	return b
}

// EventOf reads the event that a call carries.
func EventOf(c subscriptions.Call) (Event, error) {
	var e Event
	if err := json.Unmarshal(c.Facts, &e); err != nil {
		return e, fmt.Errorf("call %d: %w", c.ID, err)
	}
	if e.Incident == 0 {
		if id, ok := strings.CutPrefix(c.About, "incident "); ok {
			n, _ := strconv.ParseInt(id, 10, 64)
			e.Incident = subscriptions.IncidentID(n)
		}
	}
	return e, nil
}
