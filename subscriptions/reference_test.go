package subscriptions_test

import (
	"errors"
	"slices"
	"testing"

	. "arifa/subscriptions"
)

func TestResolveText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text, want string
		used             []EntryID
		err              error
	}{
		{"no reference", "Use your bank.", "Use your bank.", nil, nil},
		{"a destination and a contact", "Pay {dest:dest-222222}, ask {contact:contact-line}.", "Pay 222222, ask 1919.", []EntryID{"dest-222222", "contact-line"}, nil},
		{"one entry twice", "{dest:dest-222222} {dest:dest-222222}", "222222 222222", []EntryID{"dest-222222"}, nil},
		{"unknown", "{dest:dest-1}", "", nil, ErrNotFound},
		{"of the other list", "{contact:dest-222222}", "", nil, ErrNotFound},
		{"retired", "{dest:dest-gone}", "", nil, ErrRefused},
		{"not publishable", "{dest:dest-old-206206}", "", nil, ErrRefused},
		{"mistyped kind", "{dst:dest-222222}", "", nil, ErrReference},
		{"never closed", "{dest:dest-222222", "", nil, ErrReference},
		{"a stray brace", "dest:dest-222222}", "", nil, ErrReference},
		{"nested", "{dest:{dest:dest-222222}}", "", nil, ErrReference},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, used, err := ResolveText(c.text, scanNation())
			if got != c.want || !slices.Equal(used, c.used) || !errors.Is(err, c.err) {
				t.Errorf("ResolveText(%q) = %q %v %v, want %q %v %v", c.text, got, used, err, c.want, c.used, c.err)
			}
		})
	}
}

func TestResolveText_joins_all_faults(t *testing.T) {
	t.Parallel()
	_, _, err := ResolveText("{dest:nobody} {dest:dest-gone}", scanNation())
	if !errors.Is(err, ErrNotFound) || !errors.Is(err, ErrRefused) {
		t.Errorf("got %v, want both faults", err)
	}
}
