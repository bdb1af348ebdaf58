package desk_test

import (
	"testing"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

func TestLock(t *testing.T) {
	t.Parallel()
	now := time.Date(2025, 1, 3, 3, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		opened time.Duration // before now; 0 = never
		used   time.Duration
		frozen time.Duration
		want   desk.Lock
	}{
		{"unknown", 0, 0, 0, desk.LockFresh},
		{"just opened", time.Second, 0, 0, desk.Unlocked},
		{"opened and left", 15 * time.Minute, 0, 0, desk.LockIdle},
		{"used since", time.Hour, 14 * time.Minute, 0, desk.Unlocked},
		{"used and left", time.Hour, 15 * time.Minute, 0, desk.LockIdle},
		{"used for half a day", 12 * time.Hour, time.Second, 0, desk.LockLong},
		{"frozen after it was opened", time.Minute, time.Second, 30 * time.Second, desk.LockFrozen},
		{"frozen at the moment at which it was opened", time.Minute, 0, time.Minute, desk.LockFrozen},
		{"frozen long ago", time.Minute, 0, time.Hour, desk.Unlocked},
		{"the clock was set back", -time.Hour, 0, 0, desk.LockClock},
		{"used in the future", time.Minute, -time.Hour, 0, desk.LockClock},
	} {
		var chat subscriptions.OfficerChat
		var o subscriptions.Officer
		if c.opened != 0 {
			chat.OpenedAt = now.Add(-c.opened)
		}
		if c.used != 0 {
			chat.UsedAt = now.Add(-c.used)
		}
		if c.frozen != 0 {
			o.CodesEndedAt = now.Add(-c.frozen)
		}
		if got := desk.LockOf(chat, o, desk.IdleLock, now); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// The desk itself refuses every deed from a locked chat, whatever the face asks;
// six digits open it, and the lock falls by itself.
func TestLockedChatDoesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.outage().Incident.ID
	chat := b.chat(b.ecAuthor, "500")
	enter := func() (desk.Actor, desk.Lock) {
		t.Helper()
		a, lock, err := b.desk.Enter(ctx, chat, b.now)
		b.must(err)
		return a, lock
	}
	a, lock := enter()
	if lock != desk.LockFresh {
		t.Errorf("a chat that was just linked: %q", lock)
	}
	deeds := map[string]func() error{
		"no change": func() error {
			_, err := b.desk.NoChange(ctx, a, desk.NoChangeInput{Incident: id}, b.now)
			return err
		},
		"stop": func() error { _, err := b.desk.Stop(ctx, a, 1, b.now); return err },
		"draft": func() error {
			_, err := b.desk.Draft(ctx, a, desk.DraftInput{Incident: id, Kind: subscriptions.Update}, b.now)
			return err
		},
		"preview": func() error { _, err := b.desk.Preview(ctx, a, 1, b.now); return err },
		"open": func() error {
			_, err := b.desk.Open(ctx, a, desk.OpenInput{Platforms: platforms("mpesa")}, b.now)
			return err
		},
		"new key":  func() error { _, err := b.desk.NewKey(ctx, a, b.now); return err },
		"new link": func() error { _, err := b.desk.StartLink(ctx, a, a.Officer.ID, b.now); return err },
		"freeze":   func() error { _, err := b.desk.Freeze(ctx, a, b.ecApprover.Officer.ID, b.now); return err },
		"foresee": func() error {
			_, err := b.desk.PreviewOpen(ctx, a, desk.OpenInput{Platforms: platforms("ecitizen-payments")}, desk.DraftInput{Kind: subscriptions.Outage}, b.now)
			return err
		},
	}
	for name, deed := range deeds {
		if r := b.refused(deed(), 4, "locked"); r.Do == "" {
			t.Errorf("%s: nothing is said about what to do", name)
		}
	}
	b.refused(b.desk.Unlock(ctx, a, "000000", b.now), 4, "wrong")
	b.must(b.desk.Unlock(ctx, a, b.code(b.ecAuthor), b.now))
	b.must(deeds["no change"]())
	b.refused(b.desk.Unlock(ctx, a, b.code(b.ecAuthor), b.now), 4, "used already")

	b.pass(desk.IdleLock)
	if _, lock := enter(); lock != desk.LockIdle {
		t.Errorf("after a quarter of an hour: %q", lock)
	}
	b.refused(deeds["no change"](), 4, "locked")

	// Frozen from the command line: at once, and still locked when it is lifted.
	b.must(b.desk.Unlock(ctx, a, b.code(b.ecAuthor), b.now))
	b.pass(time.Second)
	_, err := b.desk.Freeze(ctx, b.ecApprover.actor, b.ecAuthor.Officer.ID, b.now)
	b.must(err)
	b.refused(deeds["no change"](), 4, "")
	if _, _, err := b.desk.Enter(ctx, chat, b.now); err == nil {
		t.Error("a frozen officer's chat is let in")
	}
	b.pass(time.Second)
	_, err = b.desk.Unfreeze(ctx, b.admin.actor, b.ecAuthor.Officer.ID, b.now)
	b.must(err)
	if _, lock := enter(); lock != desk.LockFrozen {
		t.Errorf("after the freeze was lifted: %q", lock)
	}
	b.refused(deeds["no change"](), 4, "locked")
}

// Digits are guessed five times in a quarter of an hour, in chats and elsewhere
// together.
func TestUnlockIsGuessedFiveTimes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chat := b.chat(b.kraApprover, "500")
	b.now = b.now.Truncate(15 * time.Minute).Add(15 * time.Minute)
	a, _, err := b.desk.Enter(ctx, chat, b.now)
	b.must(err)
	for range 5 {
		b.refused(b.desk.Unlock(ctx, a, "000000", b.now), 4, "wrong")
	}
	b.refused(b.desk.Unlock(ctx, a, b.code(b.kraApprover), b.now), 4, "too many")
	n := submitted(b)
	_, err = b.desk.Approve(ctx, b.kraApprover.actor, desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: b.code(b.kraApprover)}, b.now)
	b.refused(err, 4, "too many")
	for _, l := range b.audit() {
		if contains(l.Detail, "000000") || contains(l.Detail, b.code(b.kraApprover)) {
			t.Errorf("six digits stand in the audit record: %q", l.Detail)
		}
	}
}

// A code that was shown in a group links nobody any more.
func TestVoidLink(t *testing.T) {
	t.Parallel()
	b := setup(t)
	code, err := b.desk.StartLink(ctx, b.kws.actor, b.kws.Officer.ID, b.now)
	b.must(err)
	b.must(b.desk.VoidLink(ctx, " "+code, "telegram", b.now))
	b.must(b.desk.VoidLink(ctx, code, "telegram", b.now))
	_, err = b.desk.Link(ctx, code, subscriptions.Identity{Provider: "telegram", Subject: "666"}, "telegram", b.now)
	b.refused(err, 4, "wrong, used")
}
