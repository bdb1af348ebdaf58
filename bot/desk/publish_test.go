package desk_test

import (
	"sync"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// G4: a retried publish makes one notice, whoever answers it and however often.
func TestG4ARetriedPublishMakesOneNotice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i, err := b.desk.Open(ctx, b.ecAuthor.actor, desk.OpenInput{Platforms: platforms("ecitizen-payments")}, b.now)
	b.must(err)
	in := desk.PublishInput{Request: "once", Draft: &desk.DraftInput{Incident: i.ID, Kind: subscriptions.Outage}}
	var wg sync.WaitGroup
	for range 6 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_, _ = b.desk.Publish(ctx, b.ecAuthor.actor, in, b.now)
		}()
	}
	wg.Wait()
	out, err := b.desk.Publish(ctx, b.ecAuthor.actor, in, b.now.Add(time.Hour))
	b.must(err)
	all, err := b.store.Notices(ctx, i.ID)
	b.must(err)
	if len(all) != 1 || all[0].State != subscriptions.Published || out.Notice.ID != all[0].ID || !out.Repeated {
		t.Errorf("%d notices, repeated %v", len(all), out.Repeated)
	}
	if out.Notice.Key != "2025-0103-1" {
		t.Errorf("its number is %s", out.Notice.Key)
	}
}

func TestStopAndWithdraw(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.outage()
	_, err := b.desk.Stop(ctx, b.kraAuthor.actor, first.Notice.ID, b.now)
	b.refused(err, 4, "of ecitizen")
	n, err := b.desk.Stop(ctx, b.ecApprover.actor, first.Notice.ID, b.now)
	b.must(err)
	if n.State != subscriptions.Stopped || n.Live(b.now) {
		t.Errorf("stopped: %s", n.State)
	}
	out, err := b.desk.Withdraw(ctx, b.ecApprover.actor, first.Notice.ID, "w", b.now)
	b.must(err)
	if out.Notice.Kind != subscriptions.Correction || !out.Notice.Slots.Withdraws || out.Notice.State != subscriptions.Published || out.Notice.Corrects != first.Notice.ID {
		t.Errorf("withdrawn with %+v", out.Notice)
	}
	again, err := b.desk.Withdraw(ctx, b.ecApprover.actor, first.Notice.ID, "w", b.now)
	b.must(err)
	if !again.Repeated || again.Notice.ID != out.Notice.ID {
		t.Errorf("withdrawn twice: %d, %d", out.Notice.ID, again.Notice.ID)
	}
	_, err = b.desk.Withdraw(ctx, b.ecAuthor.actor, first.Notice.ID, "", b.now)
	b.refused(err, 0, "withdrawn")
	end, err := b.desk.Resolve(ctx, b.ecAuthor.actor, desk.RestoreInput{Incident: first.Incident.ID}, b.now)
	b.must(err)
	if end.Notice.ID != 0 {
		t.Error("the end of what was withdrawn was published")
	}
}

// The way of a stopped notice is told by nobody any more, whoever speaks next.
func TestAStoppedWayIsNotToldAgain(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(b *bundle, id subscriptions.NoticeID) error{
		"by an officer": func(b *bundle, id subscriptions.NoticeID) error {
			_, err := b.desk.Stop(ctx, b.kraAuthor.actor, id, b.now)
			return err
		},
		"by the program": func(b *bundle, id subscriptions.NoticeID) error {
			return b.desk.StopBroken(ctx, id, "400", b.now)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			id := b.outage().Incident.ID
			way, err := b.approved(b.kraAuthor, b.kraApprover, desk.DraftInput{Incident: id, Kind: subscriptions.AlternativeNotice,
				Slots: subscriptions.Slots{Services: ids("kra-pay-tax"), Alternatives: alts("alt-bank-or-pdq")}})
			b.must(err)
			b.must(stop(b, way.Notice.ID))
			if ways := open(b.incident(id)); len(ways) != 0 {
				t.Errorf("open ways: %+v", ways)
			}
			b.pass(time.Minute)
			out, err := b.desk.NoChange(ctx, b.ecAuthor.actor, desk.NoChangeInput{Incident: id}, b.now)
			b.must(err)
			for _, s := range out.Notice.Sheet.Words["en"].Services {
				if s.Service == "kra-pay-tax" && (len(s.Lines) != 1 || !contains(s.Lines[0], "No other way")) {
					t.Errorf("followers read %q", s.Lines)
				}
			}
		})
	}
}

// "It was wrong" is Withdraw's word: typed into the slots it says nothing, and
// saves no second officer.
func TestNobodyTypesAWithdrawal(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.outage()
	free := subscriptions.Text{"en": "Nothing is wrong with the portal.", "sw": "Kila kitu kiko sawa."}
	for _, in := range []desk.DraftInput{
		{Kind: subscriptions.Correction, Slots: subscriptions.Slots{Withdraws: true, False: subscriptions.FalseNews, Free: free}},
		{Kind: subscriptions.Advisory, Slots: subscriptions.Slots{Withdraws: true, Free: free}},
		{Kind: subscriptions.Correction, Corrects: first.Notice.ID, Incident: first.Incident.ID, Slots: subscriptions.Slots{Withdraws: true}},
	} {
		_, err := b.publish(b.ecAuthor, in)
		b.refused(err, 4, "two officers")
		n, err := b.desk.Draft(ctx, b.ecAuthor.actor, in, b.now)
		b.must(err)
		if n, err = b.desk.Edit(ctx, b.ecAuthor.actor, n.ID, in.Slots, b.now); err != nil || n.Slots.Withdraws {
			t.Errorf("an edit keeps it: %v, %v", n.Slots.Withdraws, err)
		}
	}
}

// An outage that two officers release tells those who know already too.
func TestAnApprovedOutageTellsBeside(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i, err := b.desk.Open(ctx, b.kraAuthor.actor, desk.OpenInput{Services: ids("kra-pay-tax"), Suspected: "ecitizen-payments"}, b.now)
	b.must(err)
	_, err = b.publish(b.kraAuthor, desk.DraftInput{Incident: i.ID, Kind: subscriptions.Outage})
	b.must(err)
	_, err = b.desk.Join(ctx, b.ecAuthor.actor, desk.JoinInput{Incident: i.ID, Platforms: platforms("ecitizen-payments")}, b.now)
	b.must(err)
	out, err := b.approved(b.ecAuthor, b.ecApprover, desk.DraftInput{Incident: i.ID, Kind: subscriptions.Outage,
		Slots: subscriptions.Slots{Free: subscriptions.Text{"en": "Counters open at 9.", "sw": "Ofisi zinafunguliwa saa 9."}}})
	b.must(err)
	if out.Beside == nil || !has(told(*out.Beside), subscriptions.ServiceID("kra-pay-tax")) || has(told(out.Notice), subscriptions.ServiceID("kra-pay-tax")) {
		t.Errorf("beside: %+v", out.Beside)
	}
}

// A notice that a network refuses for everybody is stopped by the program, once.
func TestStopBroken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.outage()
	b.must(b.desk.StopBroken(ctx, first.Notice.ID, "400 message is too long", b.now))
	b.must(b.desk.StopBroken(ctx, first.Notice.ID, "400 message is too long", b.now))
	n, err := b.store.Notice(ctx, first.Notice.ID)
	b.must(err)
	calls := b.called(desk.EventBroken)
	if n.State != subscriptions.Stopped || len(calls) != 1 || len(calls[0].To) != 2 {
		t.Errorf("it is %s, calls %+v", n.State, calls)
	}
}

func TestReturn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	n := submitted(b)
	_, err := b.desk.Return(ctx, b.kraAuthor.actor, n.ID, "no", b.now)
	b.refused(err, 4, "not approver")
	_, err = b.desk.Return(ctx, b.kraApprover.actor, n.ID, " ", b.now)
	b.refused(err, 0, "reason")
	_, err = b.desk.Edit(ctx, b.kraAuthor.actor, n.ID, subscriptions.Slots{}, b.now)
	b.refused(err, 2, "frozen")
	back, err := b.desk.Return(ctx, b.kraApprover.actor, n.ID, "say which", b.now)
	b.must(err)
	again, err := b.desk.Submit(ctx, b.kraAuthor.actor, n.ID, desk.SubmitInput{}, b.now.Add(time.Hour))
	b.must(err)
	if back.State != subscriptions.Returned || again.State != subscriptions.Submitted || again.Key != n.Key || again.Return != "" {
		t.Errorf("returned %s, then %s with number %s (was %s)", back.State, again.State, again.Key, n.Key)
	}
}

// Rule 7, decided apart from any store.
func TestSound(t *testing.T) {
	t.Parallel()
	at := time.Unix(1e9, 0)
	state := func(impact subscriptions.Impact, ways ...subscriptions.AlternativeID) subscriptions.Incident {
		i := subscriptions.Incident{Services: []subscriptions.ServiceState{{Service: "s", Impact: impact, Failing: true, Confirmed: true}}}
		for _, w := range ways {
			i.Ways = append(i.Ways, subscriptions.Way{Alternative: w, Services: ids("s")})
		}
		return i
	}
	was := &subscriptions.Notice{Slots: subscriptions.Slots{Deadline: &subscriptions.Deadline{Service: "s", New: at}}}
	for _, c := range []struct {
		name          string
		before, after subscriptions.Incident
		last          *subscriptions.Notice
		notice        subscriptions.Notice
		want          desk.SoundReason
	}{
		{"outage", state("blocked"), state("blocked"), nil, subscriptions.Notice{Kind: subscriptions.Outage}, desk.SoundKind},
		{"restored", state("blocked"), state("blocked"), was, subscriptions.Notice{Kind: subscriptions.Restored}, desk.SoundKind},
		{"correction", state("blocked"), state("blocked"), was, subscriptions.Notice{Kind: subscriptions.Correction}, desk.SoundKind},
		{"update to nobody told", state("blocked"), state("blocked"), nil, subscriptions.Notice{Kind: subscriptions.Update}, desk.SoundFirst},
		{"no change", state("blocked"), state("blocked"), was, subscriptions.Notice{Kind: subscriptions.Update, Slots: subscriptions.Slots{NoChange: true}}, desk.Silent},
		{"now limited", state("blocked"), state("degraded"), was, subscriptions.Notice{Kind: subscriptions.Update}, desk.SoundState},
		{"a way opens", state("blocked"), state("blocked", "w"), was, subscriptions.Notice{Kind: subscriptions.AlternativeNotice}, desk.SoundWay},
		{"a way closes", state("blocked", "w"), state("blocked"), was, subscriptions.Notice{Kind: subscriptions.Update}, desk.SoundWay},
		{"the same way again", state("blocked", "w"), state("blocked", "w"), was, subscriptions.Notice{Kind: subscriptions.AlternativeNotice}, desk.Silent},
		{"the same deadline", state("blocked"), state("blocked"), was, subscriptions.Notice{Kind: subscriptions.Update, Slots: was.Slots}, desk.Silent},
		{"another deadline", state("blocked"), state("blocked"), was, subscriptions.Notice{Kind: subscriptions.Update,
			Slots: subscriptions.Slots{Deadline: &subscriptions.Deadline{Service: "s", New: at.Add(time.Hour)}}}, desk.SoundDeadline},
		{"pay again", state("blocked"), state("blocked"), was, subscriptions.Notice{Kind: subscriptions.Update, Slots: subscriptions.Slots{PayAgain: subscriptions.Answer{Value: "yes"}}}, desk.SoundDo},
		{"advice on money", state("blocked"), state("blocked"), was, subscriptions.Notice{Kind: subscriptions.Update, Slots: subscriptions.Slots{Free: subscriptions.Text{"en": "Do not pay an agent."}}}, desk.SoundDo},
		{"kind words", state("blocked"), state("blocked"), was, subscriptions.Notice{Kind: subscriptions.Update, Slots: subscriptions.Slots{Free: subscriptions.Text{"en": "Thank you."}}}, desk.Silent},
	} {
		sound, why := desk.Sound(c.before, c.after, func(subscriptions.ServiceID) *subscriptions.Notice { return c.last }, c.notice, ids("s"))
		if why != c.want || sound != (c.want != desk.Silent) {
			t.Errorf("%s: got %v, %q; want %q", c.name, sound, why, c.want)
		}
	}
}

// Where a lane's canary was not told, the officers of the agency are called, once for
// each time, and it is on the record; admins are called while people are skipped or a
// lane is halted, and for a channel that is lost.
func TestWatchdogsCallOfficers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.outage()
	b.must(b.desk.CanaryFailed(ctx, "telegram:1", first.Notice.ID, "403 blocked", b.now))
	calls := b.called(desk.EventCanary)
	if len(calls) != 1 || len(calls[0].To) != 2 || calls[0].Lane != "telegram:1" || calls[0].Notice != first.Notice.ID {
		t.Errorf("the canary called %+v", calls)
	}
	for range 3 { // each minute
		b.must(b.desk.Skipped(ctx, 7, b.now))
	}
	calls = b.called(desk.EventSkipped)
	if len(calls) != 1 || calls[0].People != 7 || len(calls[0].To) == 0 {
		t.Errorf("skipped people called %+v, want the admins once an hour", calls)
	}
	b.must(b.desk.Skipped(ctx, 7, b.now.Add(2*time.Hour)))
	if calls = b.called(desk.EventSkipped); len(calls) != 2 {
		t.Errorf("two hours later %d calls, want another one", len(calls))
	}
	for range 3 { // each of two sockets, again and again
		b.must(b.desk.LaneHalted(ctx, "slack:T0KENYA", "slack: apps.connections.open: token_revoked", b.now))
	}
	calls = b.called(desk.EventHalted)
	if len(calls) != 1 || calls[0].Lane != "slack:T0KENYA" || len(calls[0].To) != 2 { // both admins
		t.Errorf("a halted lane called %+v, want both admins once an hour", calls)
	}
	for _, kind := range []subscriptions.RecipientKind{subscriptions.Channel, subscriptions.Group} {
		r, err := b.store.SaveRecipient(ctx, subscriptions.Recipient{Lane: "slack:T0KENYA", Address: subscriptions.AddressOf("C0" + string(kind)), Kind: kind, Title: "#tax-" + string(kind), CreatedAt: b.now})
		b.must(err)
		b.must(b.desk.ChannelLost(ctx, r.ID, "slack: the channel is closed to us: archive", b.now))
	}
	calls = b.called(desk.EventLost)
	if len(calls) != 1 || calls[0].Channel != "#tax-channel" || len(calls[0].To) != 2 {
		t.Errorf("a channel and a group that were lost called %+v, want both admins for the channel", calls)
	}
	if _, err := b.desk.AuditVerify(ctx); err != nil {
		t.Error(err)
	}
}

// What moves money is told to a few first; what takes it back waits for nobody.
func TestWhatMovesMoneyGoesInStages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	nation, err := b.desk.Nation(ctx)
	b.must(err)
	first := b.outage()
	if first.Notice.Stage != 0 {
		t.Errorf("an outage without a way to pay has a stage of %d", first.Notice.Stage)
	}
	if n := desk.SendsMoney(nation, subscriptions.Notice{Kind: subscriptions.Restored, Slots: subscriptions.Slots{PayAgain: subscriptions.Answer{Value: "yes"}}}); !n {
		t.Error("pay again moves no money")
	}
	for name, n := range map[string]subscriptions.Notice{
		"a withdrawal": {Kind: subscriptions.Correction, Slots: subscriptions.Slots{Withdraws: true}, Sheet: subscriptions.Sheet{Copy: map[subscriptions.ServiceID][]subscriptions.CopyValue{"kra-pay-tax": {{}}}}},
		"do not pay":   {Kind: subscriptions.Restored, Slots: subscriptions.Slots{PayAgain: subscriptions.Answer{Value: "no"}}},
	} {
		if desk.SendsMoney(nation, n) {
			t.Errorf("%s moves money", name)
		}
	}
	pays := subscriptions.Notice{Kind: subscriptions.AlternativeNotice, Sheet: subscriptions.Sheet{Copy: map[subscriptions.ServiceID][]subscriptions.CopyValue{"kra-pay-tax": {{Value: "572572"}}}}}
	if !desk.SendsMoney(nation, pays) {
		t.Error("a place to pay moves no money")
	}
}
