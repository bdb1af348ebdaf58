package storetest

import (
	"strings"
	"time"

	"arifa/subscriptions"
)

func signalPromises() []promise {
	fire := func(w *world, key string, since time.Time) subscriptions.Signal {
		return subscriptions.Signal{Source: "alertmanager:main", Key: key, Platform: "pay", Firing: true, Summary: "down", Since: since, At: w.tick()}
	}
	return []promise{
		{"PutSignal stores what a machine says; the same (Source, Key) is the same signal: it grows, ends and begins again", func(w *world) {
			begun := w.now
			for k, c := range []struct {
				name    string
				say     func() subscriptions.Signal
				changed bool
				firing  bool
				count   int
			}{
				{"it fires", func() subscriptions.Signal { return fire(w, "k", begun) }, true, true, 1},
				{"a repetition", func() subscriptions.Signal { return fire(w, "k", begun) }, false, true, 2},
				{"it ends", func() subscriptions.Signal { s := fire(w, "k", begun); s.Firing = false; return s }, true, false, 3},
				{"it ends again", func() subscriptions.Signal { s := fire(w, "k", begun); s.Firing = false; return s }, false, false, 3},
				{"a beginning that came late", func() subscriptions.Signal { return fire(w, "k", begun) }, false, false, 3},
				{"it begins again", func() subscriptions.Signal { return fire(w, "k", w.now) }, true, true, 4},
			} {
				got, changed, err := w.s.PutSignal(w.ctx, c.say())
				w.must(err)
				if changed != c.changed || got.Firing != c.firing || got.Count != c.count || got.EndedAt.IsZero() != c.firing || got.ID == 0 {
					w.fatal("%d %s: got %+v, changed %t", k, c.name, got, changed)
				}
				list, err := w.s.Signals(w.ctx, t0.Add(-day))
				w.must(err)
				if len(list) != 1 || list[0] != got {
					w.fatal("%s: got %+v, want %+v listed", c.name, list, got)
				}
			}
		}},
		{"An end of what never began is nothing new and is not kept", func(w *world) {
			s := fire(w, "k", w.now)
			s.Firing = false
			_, changed, err := w.s.PutSignal(w.ctx, s)
			w.must(err)
			if list, err := w.s.Signals(w.ctx, t0.Add(-day)); err != nil || changed || len(list) != 0 {
				w.fatal("got %+v (%v), changed %t", list, err, changed)
			}
		}},
		{"A signal without a beginning began when it was said, and its summary is cut", func(w *world) {
			s := fire(w, "k", time.Time{})
			s.Summary = strings.Repeat("x", 500)
			got, _, err := w.s.PutSignal(w.ctx, s)
			w.must(err)
			if got.Since != s.At || len(got.Summary) != subscriptions.SignalSummaryMost {
				w.fatal("got %+v", got)
			}
		}},
		{"Signals lists the signals that fire, and those that ended after since", func(w *world) {
			for _, key := range []string{"ended early", "ended late", "fires"} {
				_, _, err := w.s.PutSignal(w.ctx, fire(w, key, w.now))
				w.must(err)
			}
			_, _, err := w.s.PutSignal(w.ctx, fire(w, "ended early", w.now)) // only its own grows
			w.must(err)
			var ends []time.Time
			for _, key := range []string{"ended early", "ended late"} {
				s := fire(w, key, w.now)
				s.Firing = false
				got, _, err := w.s.PutSignal(w.ctx, s)
				w.must(err)
				ends = append(ends, got.EndedAt)
			}
			list, err := w.s.Signals(w.ctx, ends[0])
			w.must(err)
			if len(list) != 2 || list[0].Key != "ended late" || list[1].Key != "fires" {
				w.fatal("got %+v, want the late and the firing one", list)
			}
			if list, err = w.s.Signals(w.ctx, time.Time{}); err != nil || len(list) != 3 {
				w.fatal("since ever there are %d signals (%v), want 3", len(list), err)
			}
		}},
		{"Retain removes signals that ended before HoursFor, never one that fires", func(w *world) {
			for _, key := range []string{"ends", "fires"} {
				_, _, err := w.s.PutSignal(w.ctx, fire(w, key, w.now))
				w.must(err)
			}
			s := fire(w, "ends", w.now)
			s.Firing = false
			_, _, err := w.s.PutSignal(w.ctx, s)
			w.must(err)
			w.retain(w.now.Add(subscriptions.HoursFor + time.Hour))
			if list, err := w.s.Signals(w.ctx, time.Time{}); err != nil || len(list) != 1 || list[0].Key != "fires" {
				w.fatal("got %+v (%v), want the firing one", list, err)
			}
		}},
	}
}

func alarmPromises() []promise {
	open := func(w *world, p subscriptions.PlatformID, ids ...subscriptions.ServiceID) subscriptions.Alarm {
		return subscriptions.Alarm{State: subscriptions.AlarmOpen, Agency: "treasury", Platform: p, Services: ids, Since: w.now, OpenedAt: w.tick(), AskedAt: w.now,
			Reason: "many", Kinds: []subscriptions.LeadKind{subscriptions.LeadReports}, Reports: 10, Asked: []subscriptions.AgencyID{"treasury"}}
	}
	return []promise{
		{"PutAlarm inserts (ID 0); Alarm finds one; ErrNotFound", func(w *world) {
			a := open(w, "pay", "a", "b")
			a.Calls = []subscriptions.AlarmCall{{Officer: 3, Agency: "treasury", Step: subscriptions.StepDuty, At: w.now}}
			a.Answers = []subscriptions.AlarmAnswer{{Officer: 3, Agency: "treasury", Says: subscriptions.SaysWatching, At: w.now}}
			stored, err := w.s.PutAlarm(w.ctx, a, did("alarm.open"))
			w.must(err)
			got, err := w.s.Alarm(w.ctx, stored.ID)
			w.must(err)
			if got.ID != stored.ID || got.Revision != 1 || got.Agency != "treasury" || got.Platform != "pay" || len(got.Services) != 2 || got.Since != a.Since ||
				len(got.Calls) != 1 || got.Calls[0].Officer != 3 || got.Calls[0].At != w.now || len(got.Answers) != 1 || got.Reports != 10 || !got.Live() {
				w.fatal("got %+v, want %+v", got, stored)
			}
			_, err = w.s.Alarm(w.ctx, 99)
			w.is(err, subscriptions.ErrNotFound)
			w.wantAudit("alarm.open")
		}},
		{"PutAlarm stores if Revision is the stored one, else ErrConflict, and then no audit line", func(w *world) {
			a, err := w.s.PutAlarm(w.ctx, open(w, "pay"), did("alarm.open"))
			w.must(err)
			stale := a
			a.State = subscriptions.AlarmWatching
			_, err = w.s.PutAlarm(w.ctx, a, did("alarm.watching"))
			w.must(err)
			_, err = w.s.PutAlarm(w.ctx, stale, did("alarm.lost"))
			w.is(err, subscriptions.ErrConflict)
			w.wantAudit("alarm.open", "alarm.watching")
		}},
		{"PutAlarm stores the calls with the alarm, each event once, or nothing of either", func(w *world) {
			a, err := w.s.PutAlarm(w.ctx, open(w, "pay"), did("alarm.open"))
			w.must(err)
			summons := subscriptions.Summons{Event: "alarm/1/duty", At: w.now, Calls: []subscriptions.Call{{Kind: "alarm", About: "alarm 1", Facts: []byte("{}"), Officer: 3, At: w.now, NextAt: w.now}}}
			stale := a
			for range 2 {
				a, err = w.s.PutAlarm(w.ctx, a, did("alarm.call"), summons)
				w.must(err)
			}
			summons.Event = "alarm/1/next"
			_, err = w.s.PutAlarm(w.ctx, stale, did("alarm.call"), summons)
			w.is(err, subscriptions.ErrConflict)
			calls, err := w.s.CallsAbout(w.ctx, "alarm 1")
			w.must(err)
			if len(calls) != 1 || calls[0].Officer != 3 || calls[0].Event != "alarm/1/duty" {
				w.fatal("got %+v, want one call of the first event", calls)
			}
		}},
		{"A second live alarm for the platform, or for a service without one, is ErrExists; after it ended there is room", func(w *world) {
			first, err := w.s.PutAlarm(w.ctx, open(w, "pay", "a"), did("alarm.open"))
			w.must(err)
			_, err = w.s.PutAlarm(w.ctx, open(w, "pay", "b"), did("alarm.open"))
			w.is(err, subscriptions.ErrExists)
			alone, err := w.s.PutAlarm(w.ctx, open(w, "", "c", "d"), did("alarm.open"))
			w.must(err)
			_, err = w.s.PutAlarm(w.ctx, open(w, "", "d"), did("alarm.open"))
			w.is(err, subscriptions.ErrExists)
			for _, a := range []subscriptions.Alarm{first, alone} {
				a.State, a.EndedAt = subscriptions.AlarmClosed, w.tick()
				_, err = w.s.PutAlarm(w.ctx, a, did("alarm.close"))
				w.must(err)
			}
			for _, a := range []subscriptions.Alarm{open(w, "pay"), open(w, "", "d")} {
				_, err = w.s.PutAlarm(w.ctx, a, did("alarm.open"))
				w.must(err)
			}
		}},
		{"A live alarm for services that a platform explains later leaves room for others of them", func(w *world) {
			a, err := w.s.PutAlarm(w.ctx, open(w, "", "a"), did("alarm.open"))
			w.must(err)
			a.Platform = "pay"
			_, err = w.s.PutAlarm(w.ctx, a, did("alarm.widen"))
			w.must(err)
			_, err = w.s.PutAlarm(w.ctx, open(w, "", "a"), did("alarm.open"))
			w.must(err)
			_, err = w.s.PutAlarm(w.ctx, open(w, "pay"), did("alarm.open"))
			w.is(err, subscriptions.ErrExists)
		}},
		{"Alarms lists the live ones, and those that ended after since; newest first", func(w *world) {
			var ended []subscriptions.Alarm
			for range 2 {
				a, err := w.s.PutAlarm(w.ctx, open(w, "pay"), did("alarm.open"))
				w.must(err)
				a.State, a.EndedAt = subscriptions.AlarmSpoken, w.tick()
				a, err = w.s.PutAlarm(w.ctx, a, did("alarm.spoken"))
				w.must(err)
				ended = append(ended, a)
			}
			live, err := w.s.PutAlarm(w.ctx, open(w, "power"), did("alarm.open"))
			w.must(err)
			got, err := w.s.Alarms(w.ctx, ended[0].EndedAt)
			w.must(err)
			if len(got) != 2 || got[0].ID != live.ID || got[1].ID != ended[1].ID {
				w.fatal("got %+v, want the live and the second", got)
			}
			if got, err = w.s.Alarms(w.ctx, time.Time{}); err != nil || len(got) != 3 {
				w.fatal("since ever there are %d alarms (%v), want 3", len(got), err)
			}
		}},
	}
}
