package desk_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// chat ties a chat of Telegram to an officer.
func (b *bundle) chat(p person, subject string) subscriptions.Identity {
	b.Helper()
	code, err := b.desk.StartLink(ctx, p.actor, p.Officer.ID, b.now)
	b.must(err)
	i := subscriptions.Identity{Provider: "telegram", Subject: subject}
	_, err = b.desk.Link(ctx, code, i, "telegram", b.now)
	b.must(err)
	return i
}

// due are the kinds of calls that a chat would get now, with what they are about.
func (b *bundle) due(i subscriptions.Identity) []string {
	b.Helper()
	all, err := b.store.LeaseCalls(ctx, i.Provider, 100, b.now, b.now)
	b.must(err)
	var out []string
	for _, c := range all {
		if c.Chat == i {
			out = append(out, c.Kind+" "+c.About)
			c.EndedAt = b.now
			b.must(b.store.FinishCall(ctx, c))
		}
	}
	return out
}

// What an officer does is stored with the calls that it leads to: whoever serves
// carries them, also when the process that did it has ended.
func TestCallsAreStoredWithTheDeed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chats := map[string]subscriptions.Identity{}
	for k, p := range []person{b.ecAuthor, b.ecApprover, b.kraAuthor, b.kraApprover, b.kws, b.kwsSecond} {
		chats[p.Officer.Name] = b.chat(p, fmt.Sprint(500+k))
	}
	want := func(name string, calls ...string) {
		t.Helper()
		if got := b.due(chats[name]); !slices.Equal(got, calls) {
			t.Errorf("%s is called for %q, want %q", name, got, calls)
		}
	}
	out := b.outage() // Esther opens and publishes
	id, n := out.Incident.ID, out.Notice.ID
	about := fmt.Sprintf("incident %d", id)
	want("Esther", "confirm "+about)
	want("Eric", "confirm "+about, fmt.Sprintf("stop-it notice %d", n))

	fix := submitted(b)
	want("Kamau")
	want("Kerubo", fmt.Sprintf("approve notice %d", fix.ID))
	_, err := b.desk.Return(ctx, b.kraApprover.actor, fix.ID, "say which", b.now)
	b.must(err)
	want("Kamau", fmt.Sprintf("returned notice %d", fix.ID))

	b.now = b.incident(id).NextUpdate.Add(-20 * time.Minute)
	b.must(b.desk.Tick(ctx, b.now))
	b.must(b.desk.Tick(ctx, b.now.Add(time.Minute)))
	want("Esther", "reminder "+about)
	b.now = b.incident(id).NextUpdate.Add(time.Minute)
	b.must(b.desk.Tick(ctx, b.now))
	want("Esther", "overdue "+about)
	b.must(b.desk.StopBroken(ctx, n, "test", b.now))
	want("Esther", fmt.Sprintf("broken notice %d", n))
}

// A new incident's calls are about it, though it has no number before it is stored.
func TestCallsOfNewIncident(t *testing.T) {
	t.Parallel()
	b := setup(t)
	eric := b.chat(b.ecApprover, "500")
	for range 2 { // the second at the very same moment
		i, err := b.desk.Open(ctx, b.kraAuthor.actor, desk.OpenInput{Services: ids("kra-pay-tax"), Suspected: "ecitizen-payments"}, b.now)
		b.must(err)
		if got, want := b.due(eric), fmt.Sprintf("suspected incident %d", i.ID); !slices.Equal(got, []string{want}) {
			t.Errorf("called for %q, want %q", got, want)
		}
		all, err := b.store.CallsAbout(ctx, fmt.Sprintf("incident %d", i.ID))
		b.must(err)
		for _, c := range all {
			e, err := desk.EventOf(c)
			b.must(err)
			if e.Incident != i.ID || e.Platform != "ecitizen-payments" {
				t.Errorf("the call carries %+v", e)
			}
		}
		_, err = b.desk.Resolve(ctx, b.kraAuthor.actor, desk.RestoreInput{Incident: i.ID}, b.now)
		b.must(err)
	}
}

// Approvers are asked at once, again after 5 and after 15 minutes, and then no
// more; a tick that was missed asks once, not twice.
func TestApproversAreAskedAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	kerubo := b.chat(b.kraApprover, "500")
	n := submitted(b)
	start := b.now
	for _, c := range []struct {
		after time.Duration
		calls int
	}{{0, 1}, {time.Minute, 0}, {4*time.Minute + 59*time.Second, 0}, {5 * time.Minute, 1}, {6 * time.Minute, 0}, {14 * time.Minute, 0}, {15 * time.Minute, 1}, {time.Hour, 0}, {25 * time.Hour, 0}} {
		b.now = start.Add(c.after)
		b.must(b.desk.Tick(ctx, b.now))
		if got := len(b.due(kerubo)); got != c.calls {
			t.Errorf("after %v: %d calls, want %d", c.after, got, c.calls)
		}
	}
	n, err := b.desk.Return(ctx, b.kraApprover.actor, n.ID, "say which", b.now)
	b.must(err)
	_, err = b.desk.Submit(ctx, b.kraAuthor.actor, n.ID, desk.SubmitInput{}, b.now)
	b.must(err)
	b.pass(20 * time.Minute)
	b.must(b.desk.Tick(ctx, b.now))
	if got := len(b.due(kerubo)); got != 2 {
		t.Errorf("submitted again, and looked at late: %d calls, want the first and one more", got)
	}
}

// forgetful loses the calls that are stored by themselves, as a process does that
// dies between a deed and its calls.
type forgetful struct {
	desk.Store
	lost int
}

func (f *forgetful) PutCalls(ctx context.Context, s subscriptions.Summons) (bool, error) {
	if f.lost > 0 {
		f.lost--
		return false, errors.New("the process died here")
	}
	return f.Store.PutCalls(ctx, s)
}

// What no commit carries is called for again by the clock.
func TestLostCallsAreRepeated(t *testing.T) {
	t.Parallel()
	b := setup(t)
	kerubo, barasa := b.chat(b.kraApprover, "500"), b.chat(b.second, "501")
	half := &forgetful{b.store, 1}
	c := b.desk.Config
	c.Store = half
	d, err := desk.New(c)
	b.must(err)
	_, err = d.ProposeReady(ctx, b.kraAuthor.actor, "alt-bank-or-pdq", "", ids("kra-pay-tax"), b.now)
	b.must(err)
	if got := b.due(kerubo); len(got) != 0 {
		t.Fatalf("called for %q, though the call was lost", got)
	}
	_, err = b.desk.Freeze(ctx, b.second.actor, b.admin.Officer.ID, b.now)
	b.must(err)
	half.lost = 1
	_, _, err = d.SetRoles(ctx, b.second.actor, b.kws.Officer.ID, []subscriptions.Grant{{Role: subscriptions.Author, Agency: "kra"}}, b.now)
	b.must(err)
	b.pass(time.Minute)
	for range 2 {
		b.must(d.Tick(ctx, b.now))
	}
	if got := b.due(kerubo); len(got) != 2 || !contains(got[0], "one-admin change") || !contains(got[1], "approve change") {
		t.Errorf("after the tick Kerubo is called for %q, want each once", got)
	}
	if got := b.due(barasa); len(got) != 0 {
		t.Errorf("who asked is called for %q", got)
	}
}
