package sqlite_test

import (
	"runtime"
	"testing"
	"time"

	"arifa/subscriptions"
)

// G13: a wave holds a page and what is in flight, not its recipients: with ten times
// as many people no page takes more memory, and no more is left behind. It does not
// run beside others, whose memory it would count.
func TestG13MemoryDoesNotGrowWithTheCrowd(t *testing.T) {
	few, many := memoryOfWave(t, 3_000), memoryOfWave(t, 30_000)
	t.Logf("3,000 people: %d KiB for the largest page, %d KiB left; 30,000: %d and %d", few.page>>10, few.left>>10, many.page>>10, many.left>>10)
	const slack = 512 << 10 // the maps of one page are not the same twice
	if few.page == 0 || many.page > few.page*3/2 {
		t.Errorf("a page takes %d KiB of a large crowd and %d of a small one, want the same", many.page>>10, few.page>>10)
	}
	if many.left > few.left+slack {
		t.Errorf("%d KiB are left after a large crowd and %d after a small one, want the same", many.left>>10, few.left>>10)
	}
}

// memory is what a wave takes: at most for one page, and what it leaves behind.
type memory struct{ page, left uint64 }

// memoryOfWave tells a whole crowd.
func memoryOfWave(t *testing.T, people int) (out memory) {
	t.Helper()
	s, now := crowd(t, people), time.Date(2025, 1, 3, 3, 1, 0, 0, time.UTC)
	var m runtime.MemStats
	read := func() runtime.MemStats { runtime.ReadMemStats(&m); return m }
	runtime.GC()
	before := read().HeapAlloc
	page := func(do func()) {
		begun := read().TotalAlloc
		do()
		out.page = max(out.page, read().TotalAlloc-begun)
	}
	rows := 0
	for more := true; more; {
		page(func() {
			e, err := s.Expand(t.Context(), 1000, now)
			if err != nil {
				t.Fatal(err)
			}
			rows, more = rows+e.Added, e.Notice != 0
		})
	}
	tenure, err := s.Acquire(t.Context(), benchLane, "one", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for more := true; more; {
		page(func() {
			ds, err := s.Lease(t.Context(), tenure, 500, now)
			if err != nil {
				t.Fatal(err)
			}
			rs := make([]subscriptions.Result, len(ds))
			for k, d := range ds {
				rs[k] = subscriptions.Result{ID: d.ID, Fence: tenure.Fence, State: subscriptions.Sent, Message: "12345", Counted: true, At: now}
			}
			if err := s.Finish(t.Context(), rs); err != nil {
				t.Fatal(err)
			}
			told, more = told+len(ds), len(ds) > 0
		})
	}
	if rows != people || told != people {
		t.Fatalf("%d rows and %d told of %d", rows, told, people)
	}
	runtime.GC()
	out.left = read().HeapAlloc
	out.left -= min(out.left, before)
	return out
}
