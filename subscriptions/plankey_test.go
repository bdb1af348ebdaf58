package subscriptions_test

import (
	"slices"
	"testing"
	"time"

	. "arifa/subscriptions"
)

func TestPackIDs(t *testing.T) {
	t.Parallel()
	for _, ids := range [][]int64{nil, {1}, {7, 8, 9}, {1, 1 << 40, 1<<40 + 1}} {
		if got := UnpackIDs(PackIDs(ids)); !slices.Equal(got, ids) {
			t.Errorf("got %v, want %v", got, ids)
		}
	}
	if got := UnpackIDs([]byte{5, 0xff}); !slices.Equal(got, []int64{5}) {
		t.Errorf("of a torn list: got %v, want what can be read", got)
	}
	if n := len(PackIDs([]int64{1000, 1001, 1002, 1003})); n != 5 {
		t.Errorf("four neighbours take %d bytes, want 5", n)
	}
}

func TestFactOf_refuses_what_no_store_writes(t *testing.T) {
	t.Parallel()
	p := NewPlanner(Bulletin{})
	for _, key := range []string{"", "2", "2" + KeyPart, "2" + KeyPart + KeyPart + "1" + KeyField + "2", "2" + KeyPart + KeyPart + "x" + KeyField + "2" + KeyField + KeyField + KeyField} {
		if _, err := p.FactOf(key, time.Now(), func(NoticeID) (Bulletin, error) { return Bulletin{}, nil }); err == nil {
			t.Errorf("%q: got no error", key)
		}
	}
}
