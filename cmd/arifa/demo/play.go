package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// play lets one step happen.
func (r *rehearsal) play(ctx context.Context, k int, s Step) error {
	r.screen.step(s, r.cfg.WithoutDuty && s.Act == ActOpen && r.dawn.alarm != 0)
	var err error
	switch s.Act {
	case ActOpen:
		err = r.open(ctx, s)
	case ActNotice, ActAlternative:
		err = r.speak(ctx, s)
	case ActJoin:
		err = r.joinIncident(ctx, s)
	case ActHold:
		err = r.hold(ctx, s)
	case ActRestored:
		err = r.restore(ctx, s)
	}
	if err != nil {
		return err
	}
	if err := r.tick(ctx); err != nil {
		return err
	}
	if s.Act == ActOpen {
		n, err := r.each(ctx, blocks, r.block) // while the first wave is going out
		if err != nil {
			return err
		}
		r.screen.say("", "%s the bot while the notice is on its way.", several(n, "citizen blocks", "citizens block"))
	}
	if s.Act != ActNothing {
		if err := r.settleDown(ctx, r.newest()); err != nil {
			return err
		}
		r.screen.phones(r)
	}
	if err := r.comeAndGo(ctx, k, s); err != nil {
		return err
	}
	return r.screen.breathe(ctx)
}

// newest is the key of the newest word, for the name of its wave.
func (r *rehearsal) newest() string {
	if len(r.said) == 0 {
		return ""
	}
	return r.said[len(r.said)-1].keys[0]
}

// comeAndGo: after the first notice has gone out, people arrive and leave. They
// do it once, before the next word.
func (r *rehearsal) comeAndGo(ctx context.Context, k int, s Step) error {
	if r.arrived || len(r.said) == 0 || s.Act == ActRestored {
		return nil
	}
	r.arrived = true
	r.screen.bar.start("arriving and leaving", 0)
	came, err := r.each(ctx, late, r.join)
	if err != nil {
		return err
	}
	stopped, err := r.each(ctx, stops, r.stop)
	if err != nil {
		return err
	}
	r.screen.bar.stop()
	r.screen.say("", "In mid-outage %s; %s STOP, ACHA or ONDOKA. Who comes is told at once, who leaves hears no more.",
		several(came, "citizen subscribes", "citizens subscribe"), several(stopped, "citizen says", "citizens say"))
	return r.settleDown(ctx, "")
}

func (r *rehearsal) open(ctx context.Context, s Step) error {
	if done, err := r.openFromPhone(ctx, s); done || err != nil {
		return err
	}
	p := details(r.incident.ID, s)
	maintenance := s.Kind == subscriptions.Maintenance
	in := desk.OpenInput{Agency: s.By, Platforms: s.Platforms, Services: s.Services, Maintenance: maintenance, StartsAt: p.starts, EndsAt: p.ends}
	if !maintenance {
		in.Since, in.SinceApprox = r.firstTrouble(s), true
	}
	i, err := r.office.desk.Open(ctx, r.office.author[s.By], in, r.clock.Now())
	if err != nil {
		return err
	}
	r.id = i.ID
	r.world.claim(s.By, s.Platforms, s.Services)
	return r.speak(ctx, s)
}

// openFromPhone publishes the first word by a tap on the wake-up, where that says
// what the record's officer says.
func (r *rehearsal) openFromPhone(ctx context.Context, s Step) (bool, error) {
	w := &said{kind: s.Kind, by: s.By, sort: alert, begun: r.now()}
	out, ok, err := r.fromPhone(ctx, s)
	if err != nil || !ok {
		return false, err
	}
	r.id = out.Incident.ID
	r.world.claim(s.By, s.Platforms, s.Services)
	w.services, w.audience = r.tells(s.By, s.Services, s.Kind, nil)
	begun := w.begun
	err = r.publish(ctx, w, func() (desk.Outcome, error) { return out, nil })
	w.begun = begun
	r.screen.firstWord(r)
	return true, err
}

// firstTrouble is the first complaint of the replay within a day before the step.
func (r *rehearsal) firstTrouble(s Step) time.Time {
	for _, other := range r.incident.Replay {
		if other.Act == ActNothing && len(other.Platforms)+len(other.Services) > 0 && !other.At.Before(s.At.Add(-24*time.Hour)) && other.At.Before(s.At) {
			return other.At.UTC()
		}
	}
	return s.At.UTC()
}

// speak publishes a step's notice.
func (r *rehearsal) speak(ctx context.Context, s Step) error {
	slots := details(r.incident.ID, s).slots(s)
	r.ways = append(r.ways, slots.Alternatives...)
	w := &said{kind: s.Kind, by: s.By, sort: alert}
	named := s.Services
	if by, ok := r.worksInSlack(); ok && s.Act == ActAlternative && s.By == by {
		named = nil // the window names no service: another way is told to all of the body's that have it
	}
	w.services, w.audience = r.tells(s.By, named, s.Kind, slots.Alternatives)
	if s.Kind == subscriptions.Correction {
		return r.correct(ctx, s, w, slots)
	}
	in := desk.DraftInput{Incident: r.id, Kind: s.Kind, Slots: slots}
	return r.publish(ctx, w, func() (desk.Outcome, error) {
		out, preview, err := r.office.speak(ctx, s.By, in, r.clock.Now())
		r.screen.preview(r, s, preview)
		return out, err
	})
}

// tells works out whom a body's word reaches, here and not in the program.
func (r *rehearsal) tells(by subscriptions.AgencyID, named []subscriptions.ServiceID, k subscriptions.Kind, ways []subscriptions.AlternativeID) (set, []set) {
	services, _ := r.world.spoken(by, named)
	if k == subscriptions.AlternativeNotice {
		for no, svc := range r.world.services {
			if services.has(no) && !slices.ContainsFunc(svc.Alternatives, func(id subscriptions.AlternativeID) bool { return slices.Contains(ways, id) }) {
				var one set
				one.add(no)
				services = services.minus(one)
			}
		}
	}
	_, via := r.world.spoken(by, r.world.ids(services))
	return services, r.world.audience(services, via)
}

// publish notes a word with its times: before the officer presses, and when the
// desk has answered.
func (r *rehearsal) publish(ctx context.Context, w *said, do func() (desk.Outcome, error)) error {
	w.begun = r.now()
	out, err := do()
	if err != nil {
		return err
	}
	w.committed = r.now()
	if r.dawn.spoken.IsZero() {
		r.dawn.spoken = r.clock.Now()
	}
	w.failing = r.world.failing()
	w.keys = append(w.keys, out.Notice.Key.Short())
	r.keys[out.Notice.Key] = true
	for _, o := range out.Others {
		r.keys[o.Key] = true
	}
	if b := out.Beside; b != nil {
		r.keys[b.Key] = true
		if w.beside == nil {
			w.keys = append(w.keys, b.Key.Short())
		} else {
			w.beside.keys, w.beside.begun, w.beside.committed, w.beside.failing = []string{b.Key.Short()}, w.begun, w.committed, w.failing
			r.said = append(r.said, w.beside)
		}
	}
	r.said, r.wave = append(r.said, w), out.Notice.ID
	return ctx.Err()
}

func (r *rehearsal) correct(ctx context.Context, s Step, w *said, slots subscriptions.Slots) error {
	w.sort = word
	w.services = r.world.set(s.Services)
	w.audience = r.world.audience(w.services, nil)
	return r.publish(ctx, w, func() (desk.Outcome, error) {
		n, err := r.office.desk.Correct(ctx, r.office.author[s.By], desk.CorrectInput{Incident: r.id, Agency: s.By, Services: s.Services, False: slots.False}, r.clock.Now())
		if err != nil {
			return desk.Outcome{}, err
		}
		return r.office.approve(ctx, s.By, n, r.clock.Now())
	})
}

// joinIncident adds a body's word. Without a kind it is recorded only.
func (r *rehearsal) joinIncident(ctx context.Context, s Step) error {
	in := desk.JoinInput{Incident: r.id, Agency: s.By, Platforms: s.Platforms, Services: s.Services, Record: s.Kind == ""}
	i, err := r.office.desk.Join(ctx, r.office.author[s.By], in, r.clock.Now())
	if err != nil || in.Record {
		return err
	}
	if i.ID != r.id {
		return fmt.Errorf("joined incident %d, not %d", i.ID, r.id)
	}
	r.world.claim(s.By, s.Platforms, s.Services)
	return r.speak(ctx, s)
}

// hold keeps a body's own services failing, whatever is claimed.
func (r *rehearsal) hold(ctx context.Context, s Step) error {
	if len(s.Services) == 0 {
		return nil // a time that passes: the program shows it as overdue by itself
	}
	_, err := r.office.desk.Hold(ctx, r.office.author[s.By], desk.HoldInput{Incident: r.id, Agency: s.By, Services: s.Services}, r.clock.Now())
	return err
}

// restore publishes the end while an update is still going out, so that it has
// something to overtake.
func (r *rehearsal) restore(ctx context.Context, s Step) error {
	p := details(r.incident.ID, s)
	w := &said{kind: s.Kind, by: s.By, sort: end}
	var changed set
	var via []subscriptions.PlatformID
	w.services, changed, via = r.world.restore(s.By, s.Platforms, s.Services)
	w.audience = r.world.audience(w.services, nil)
	// Who goes on failing in another way reads that beside the end. Where one
	// citizen has both, the end says both.
	w.beside = &said{kind: subscriptions.Update, by: s.By, sort: alert, services: changed, audience: r.world.audience(changed, via), cut: true}
	in := desk.RestoreInput{Incident: r.id, Agency: s.By, Platforms: s.Platforms, Services: s.Services, Cause: p.cause, Landed: p.landed, PayAgain: p.again, Moved: p.moved}
	return r.publish(ctx, w, func() (desk.Outcome, error) {
		a, ok := r.cfg.Nation.Alternative(s.Alternative)
		if !ok {
			return r.office.desk.Restore(ctx, r.office.author[s.By], in, r.clock.Now())
		}
		// What to do now that it works again: a text for which two people answer.
		slots := subscriptions.Slots{Platforms: in.Platforms, Services: in.Services, Landed: in.Landed, PayAgain: in.PayAgain, Moved: in.Moved, Cause: in.Cause, Free: a.Text}
		out, _, err := r.office.speak(ctx, s.By, desk.DraftInput{Incident: r.id, Kind: s.Kind, Slots: slots}, r.clock.Now())
		return out, err
	})
}

// beforeEnd is how long before the end an update goes out that the record does
// not have.
const beforeEnd = 2 * time.Minute

// reach goes forward to a step. A moment before an end the promise is kept once
// more, and that wave is still on the way when the end comes.
func (r *rehearsal) reach(ctx context.Context, s Step) error {
	if s.Act != ActRestored {
		return r.advance(ctx, s.At)
	}
	if err := r.advance(ctx, s.At.Add(-beforeEnd)); err != nil {
		return err
	}
	if err := r.nothingNew(ctx, s); err != nil {
		return err
	}
	r.clock.Leap(s.At)
	return nil
}

func (r *rehearsal) nothingNew(ctx context.Context, s Step) error {
	w := &said{kind: subscriptions.Update, by: s.By, sort: alert, cut: true}
	w.services, w.audience = r.tells(s.By, nil, subscriptions.Update, nil)
	r.screen.say(r.clock.Now().In(r.screen.zone).Format("15:04"),
		"Not in the record: %s says that nothing is new. Restored comes while that is still going out.", r.screen.agency(s.By))
	err := r.publish(ctx, w, func() (desk.Outcome, error) {
		return r.office.desk.NoChange(ctx, r.office.author[s.By], desk.NoChangeInput{Incident: r.id, Agency: s.By}, r.clock.Now())
	})
	if err != nil {
		return fmt.Errorf("no change: %w", err)
	}
	total := r.crowd.present(w.audience, w.begun)
	return r.until(ctx, w.keys[0], total, total/4)
}
