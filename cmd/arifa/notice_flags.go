package main

import (
	"slices"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// factFlags are the slots of a notice.
type factFlags struct {
	Incident     subscriptions.IncidentID      `placeholder:"N" help:"Number of the incident (0 = none, for an advisory)."`
	Kind         subscriptions.Kind            `default:"update" enum:"outage,alternative,update,maintenance,advisory" help:"${enum}."`
	Since        string                        `placeholder:"TIME" help:"Since when."`
	About        bool                          `help:"The time is approximate."`
	State        subscriptions.IncidentState   `placeholder:"STATE" help:"identified, monitoring, in_progress, verifying …"`
	NextUpdate   string                        `placeholder:"TIME" help:"When the next update comes (default +2h)."`
	Alternatives []subscriptions.AlternativeID `name:"alternative" placeholder:"ID,…" help:"Other ways, by id."`
	Until        string                        `placeholder:"TIME" help:"When the other ways expire."`
	Starts       string                        `placeholder:"TIME" help:"Planned start."`
	Ends         string                        `placeholder:"TIME" help:"Planned end."`
	NotBefore    bool                          `help:"The end is not known, only that it is not before."`
	DeadlineFor  subscriptions.ServiceID       `placeholder:"ID" help:"Service whose deadline moves."`
	DeadlineOld  string                        `placeholder:"TIME" help:"Deadline until now."`
	DeadlineNew  string                        `placeholder:"TIME" help:"New deadline."`
	FineWaived   bool                          `help:"No fine is charged."`
	Cause        subscriptions.Cause           `placeholder:"CAUSE" help:"Only if confirmed: network, power, provider, load, attack, change, system."`
	Free         map[string]string             `placeholder:"LANG=TEXT" help:"One short free text for each language, e.g. --free en=…;sw=…"`
	whoFlags
}

func (f *factFlags) draft(o *office) (desk.DraftInput, error) {
	in := desk.DraftInput{Incident: f.Incident, Kind: f.Kind, Request: f.Request}
	var err error
	if in.Agency, err = o.agency(f.Agency); err != nil {
		return in, err
	}
	s := subscriptions.Slots{Services: f.Services, Platforms: f.Platforms, SinceApprox: f.About, State: f.State,
		Alternatives: f.Alternatives, EndsNotBefore: f.NotBefore, Cause: f.Cause}
	var old, fresh time.Time
	for _, t := range []struct {
		flag, text string
		into       *time.Time
	}{{"since", f.Since, &s.Since}, {"next-update", f.NextUpdate, &s.NextUpdate}, {"until", f.Until, &s.Until},
		{"starts", f.Starts, &s.StartsAt}, {"ends", f.Ends, &s.EndsAt}, {"deadline-old", f.DeadlineOld, &old}, {"deadline-new", f.DeadlineNew, &fresh}} {
		if *t.into, err = o.when(t.flag, t.text); err != nil {
			return in, err
		}
	}
	if f.DeadlineFor != "" || !old.IsZero() || !fresh.IsZero() || f.FineWaived {
		s.Deadline = &subscriptions.Deadline{Service: f.DeadlineFor, Old: old, New: fresh, FineWaived: f.FineWaived}
	}
	s.Free, err = o.free(f.Free)
	in.Slots = s
	return in, err
}

// free keeps texts of languages that the catalogue has.
func (o *office) free(texts map[string]string) (subscriptions.Text, error) {
	var out subscriptions.Text
	for l, text := range texts {
		if !slices.Contains(o.nation.Languages, subscriptions.Language(l)) {
			return nil, usagef("--free %s=…: the languages are %s", l, joinIDs(o.nation.Languages))
		}
		if out == nil {
			out = subscriptions.Text{}
		}
		out[subscriptions.Language(l)] = text
	}
	return out, nil
}

// questionFlags are the three questions at the end.
type questionFlags struct {
	Landed   string `placeholder:"yes|no|TIME" help:"Did payments that left arrive? yes, no, or by when you will say."`
	PayAgain string `placeholder:"yes|no|TIME" help:"Should people pay again? yes (needs a second officer), no, or by when you will say."`
	Moved    string `placeholder:"yes|no|TIME" help:"Did a deadline move? yes (needs a second officer), no, or by when you will say."`
}

// answerFlags are the answers and what else is said at the end.
type answerFlags struct {
	questionFlags
	Cause      subscriptions.Cause `placeholder:"CAUSE" help:"Only if confirmed."`
	Free       map[string]string   `placeholder:"LANG=TEXT" help:"One short free text for each language."`
	NextUpdate string              `placeholder:"TIME" help:"When open answers come."`
}

// answers reads the three; where need is set at least one must be given.
func (f *questionFlags) answers(o *office, need bool) (landed, payAgain, moved subscriptions.Answer, err error) {
	if need && f.Landed+f.PayAgain+f.Moved == "" {
		return landed, payAgain, moved, usagef("people ask three things; answer at least one, each with yes, no, or the time by when you will say:\n" +
			"  --landed yes|no|TIME      did payments that left arrive?\n" +
			"  --pay-again yes|no|TIME   should people pay again? (yes needs a second officer)\n" +
			"  --moved yes|no|TIME       did a deadline move?\n" +
			"What you leave out is promised within two hours. Example: --landed 17:00 --pay-again no --moved no")
	}
	for _, q := range []struct {
		flag, text string
		into       *subscriptions.Answer
	}{{"landed", f.Landed, &landed}, {"pay-again", f.PayAgain, &payAgain}, {"moved", f.Moved, &moved}} {
		if q.text == "yes" || q.text == "no" {
			q.into.Value = q.text
			continue
		}
		if q.into.By, err = o.when(q.flag, q.text); err != nil {
			return landed, payAgain, moved, usagef("--%s %s: write yes, no, or the time by when you will say: 17:00, 2025-01-03 17:00 or +2h", q.flag, q.text)
		}
		if q.text != "" && !q.into.By.After(o.now) {
			return landed, payAgain, moved, usagef("--%s %s: that time has passed (%s); give the time by when you will say", q.flag, q.text, o.local(q.into.By))
		}
	}
	return landed, payAgain, moved, nil
}

func (f *answerFlags) restore(o *office, id subscriptions.IncidentID, who whoFlags, need bool) (desk.RestoreInput, error) {
	in := desk.RestoreInput{Incident: id, Platforms: who.Platforms, Services: who.Services, Cause: f.Cause, Request: who.Request}
	var err error
	if in.Agency, err = o.agency(who.Agency); err != nil {
		return in, err
	}
	if in.Landed, in.PayAgain, in.Moved, err = f.answers(o, need); err != nil {
		return in, err
	}
	if in.NextUpdate, err = o.when("next-update", f.NextUpdate); err != nil {
		return in, err
	}
	in.Free, err = o.free(f.Free)
	return in, err
}
