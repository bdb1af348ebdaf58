package subscriptions_test

import (
	"encoding/json"
	"testing"

	. "arifa/subscriptions"
)

func TestEffective_lets_nothing_through_that_waits(t *testing.T) {
	t.Parallel()
	raw := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	entry := func(value string, verify bool) Entry {
		return Entry{ID: "d", Destination: true, Agency: "a", Type: "mpesa-paybill", Value: value, Publishable: true, Verify: verify}
	}
	change := func(id ChangeID, state ChangeState, old, next string) RegistryChange {
		c := RegistryChange{ID: id, Kind: ChangeEntry, Entry: "d", State: state, New: raw(entry(next, false))}
		if old != "" {
			c.Old = raw(entry(old, false))
		}
		return c
	}
	confirm := func(id ChangeID, state ChangeState, value string) RegistryChange {
		e := entry(value, false)
		e.ExpectName = "NAME"
		return RegistryChange{ID: id, Kind: ChangeConfirm, Entry: "d", State: state, New: raw(e)}
	}
	for _, c := range []struct {
		name        string
		parsed      Entry
		changes     []RegistryChange
		value       string
		publishable bool
		verify      bool
	}{
		{"nothing changed", entry("1", false), nil, "1", true, false},
		{"a new one waits", entry("1", false), []RegistryChange{change(1, ChangeWaiting, "", "1")}, "1", false, true},
		{"a new one cools", entry("1", false), []RegistryChange{change(1, ChangeCooling, "", "1")}, "1", false, true},
		{"a new one is done", entry("1", false), []RegistryChange{change(1, ChangeDone, "", "1")}, "1", true, false},
		{"a new one was refused", entry("1", false), []RegistryChange{change(1, ChangeRefused, "", "1")}, "1", false, true},
		{"a change waits", entry("2", false), []RegistryChange{change(1, ChangeWaiting, "1", "2")}, "1", true, false},
		{"a change was refused", entry("2", false), []RegistryChange{change(1, ChangeRefused, "1", "2")}, "1", true, false},
		{"a change is done", entry("2", false), []RegistryChange{change(1, ChangeDone, "1", "2")}, "2", true, false},
		{"a second change on one that waits", entry("3", false), []RegistryChange{change(2, ChangeWaiting, "2", "3"), change(1, ChangeWaiting, "1", "2")}, "1", true, false},
		{"a second change on one that is done", entry("3", false), []RegistryChange{change(2, ChangeWaiting, "2", "3"), change(1, ChangeDone, "1", "2")}, "2", true, false},
		{"taken back", entry("1", false), []RegistryChange{change(2, ChangeWaiting, "2", "1"), change(1, ChangeWaiting, "1", "2")}, "1", true, false},
		{"unreadable", entry("2", false), []RegistryChange{{ID: 1, Kind: ChangeEntry, Entry: "d", State: ChangeWaiting, Old: "{"}}, "2", false, true},
		{"not confirmed", entry("1", true), []RegistryChange{confirm(1, ChangeWaiting, "1")}, "1", true, true},
		{"confirmed", entry("1", true), []RegistryChange{confirm(1, ChangeDone, "1")}, "1", true, false},
		{"another value was confirmed", entry("2", true), []RegistryChange{confirm(1, ChangeDone, "1")}, "2", true, true},
	} {
		n := &Nation{Registry: []Entry{c.parsed}}
		e, _ := Effective(n, c.changes).Entry("d")
		if e.Value != c.value || e.Publishable != c.publishable || e.Verify != c.verify {
			t.Errorf("%s: got %+v, want %s, publishable %v, verify %v", c.name, e, c.value, c.publishable, c.verify)
		}
		if raw(n.Registry[0]) != raw(c.parsed) {
			t.Errorf("%s: the catalogue itself was changed", c.name)
		}
	}
	text := func(s string) Alternative {
		return Alternative{ID: "x", Agency: "a", Payment: true, Text: Text{"en": s}}
	}
	n := &Nation{Alternatives: []Alternative{text("new")}, Services: []Service{{ID: "s", Alternatives: []AlternativeID{"x"}}}}
	waits := RegistryChange{ID: 1, Kind: ChangeAlternative, Alternative: "x", State: ChangeWaiting, New: raw(text("new"))}
	got := Effective(n, []RegistryChange{waits})
	if len(got.Services[0].Alternatives) != 0 || len(n.Services[0].Alternatives) != 1 {
		t.Error("a new payment text hangs on its service")
	}
	waits.Old = raw(text("old"))
	got = Effective(n, []RegistryChange{waits})
	if got.Alternatives[0].Text["en"] != "old" || len(got.Services[0].Alternatives) != 1 {
		t.Errorf("a changed payment text: %+v", got.Alternatives[0])
	}
}
