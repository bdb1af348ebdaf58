package notifiertest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"arifa/notifiers"
)

// promise says which outcomes a fault may have.
type promise struct {
	fault   Fault
	outcome string // for the name of the case
	allowed []string
	edit    bool
}

// faults: what each fault means. Where the network's answer proves nothing about
// arrival, both plain and unknown are allowed.
var faults = []promise{
	{TooFast, "later", []string{"later"}, false},
	{LaneTooFast, "later for the lane", []string{"later"}, false},
	{Blocked, "gone", []string{"gone"}, false},
	{Migrated, "moved", []string{"moved"}, false},
	{BadCard, "poison", []string{"poison"}, false},
	{Refused, "never", []string{"never"}, false},
	{DeadCredential, "halt", []string{"halt"}, false},
	{ServerError, "again or unknown", []string{"plain", "unknown"}, false},
	{Garbage, "again or unknown", []string{"plain", "unknown"}, false},
	{Reset, "unknown", []string{"unknown"}, false},
	{Hang, "unknown", []string{"unknown"}, false},
	{Unreachable, "again", []string{"plain"}, false},
	{NotModified, "success", []string{"sent"}, true},
	{EditGone, "uneditable", []string{"uneditable"}, true},
}

func (p promise) prove(t *testing.T, h Harness) {
	if p.edit {
		if _, can := h.Channel().(notifiers.Editor); !can {
			t.Skip("the channel edits nothing")
		}
	}
	m := messageOf(h, "fault")
	if p.edit {
		first, err := h.Channel().Send(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		m.Edit = first.Message
	}
	if !h.Fail(p.fault) {
		t.Skip("this network cannot fail like that")
	}
	_, err := p.send(t, h, m)
	got := outcomeOf(err)
	if !slices.Contains(p.allowed, got) {
		t.Fatalf("got %s (%v), want %s", got, err, strings.Join(p.allowed, " or "))
	}
	p.details(t, h, m, err)
	if p.fault == DeadCredential {
		return
	}
	// One failure spoils nothing for the next message.
	if _, err := h.Channel().Send(t.Context(), messageOf(h, "next")); err != nil {
		t.Errorf("the next message: got %v, want it accepted", err)
	}
}

func (p promise) send(t *testing.T, h Harness, m notifiers.Message) (notifiers.Receipt, error) {
	ctx, cancel := t.Context(), context.CancelFunc(func() {})
	if p.fault == Hang {
		ctx, cancel = context.WithTimeout(ctx, short)
	}
	defer cancel()
	if editor, can := h.Channel().(notifiers.Editor); can && p.edit {
		return editor.Edit(ctx, m)
	}
	return h.Channel().Send(ctx, m)
}

func (p promise) details(t *testing.T, h Harness, m notifiers.Message, err error) {
	t.Helper()
	var later notifiers.Later
	if errors.As(err, &later) {
		scope := notifiers.PauseChat
		if p.fault == LaneTooFast {
			scope = notifiers.PauseLane
		}
		if later.After != Wait || later.Scope != scope {
			t.Errorf("got after %s for scope %d, want %s for scope %d", later.After, later.Scope, Wait, scope)
		}
	}
	var moved notifiers.Moved
	if errors.As(err, &moved) && (moved.To.IsZero() || moved.To == m.To.Address) {
		t.Error("got no new address")
	}
	if err != nil && strings.TrimSpace(err.Error()) == "" {
		t.Error("the error says nothing")
	}
	for _, leak := range leaks(h, m, err) {
		t.Errorf("the error tells %s", leak)
	}
}
