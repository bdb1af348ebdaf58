package notifiers_test

import (
	"testing"
	"testing/synctest"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions"
)

// A batch is written when it is worth a write, or 10 ms after its first result; nothing
// is left behind, and nothing is written twice.
func TestResultsComeInBatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := notifiers.NewResults()
		var batches [][]subscriptions.DeliveryID
		var at []time.Duration
		begun := time.Now()
		done := make(chan struct{})
		go func() {
			defer close(done)
			var batch []subscriptions.Result
			for r.Wait(func() int { return 3 }) {
				batch = r.Take(batch[:0])
				var ids []subscriptions.DeliveryID
				for _, one := range batch {
					ids = append(ids, one.ID)
				}
				batches, at = append(batches, ids), append(at, time.Since(begun))
				time.Sleep(20 * time.Millisecond) // a slow store
			}
		}()
		add := func(from, to int) {
			for i := from; i <= to; i++ {
				r.Add(subscriptions.Result{ID: subscriptions.DeliveryID(i)}, 3)
			}
			synctest.Wait()
		}
		add(1, 3)                         // worth a write: at once
		add(4, 5)                         // while that is written
		time.Sleep(40 * time.Millisecond) // 4 and 5 wait for a third until 30 ms
		add(6, 6)
		r.End()
		<-done
		wantIDs := [][]subscriptions.DeliveryID{{1, 2, 3}, {4, 5}, {6}}
		wantAt := []time.Duration{0, 30 * time.Millisecond, 50 * time.Millisecond}
		if len(batches) != len(wantIDs) {
			t.Fatalf("got %v at %v, want %v at %v", batches, at, wantIDs, wantAt)
		}
		for i := range wantIDs {
			if len(batches[i]) != len(wantIDs[i]) || batches[i][0] != wantIDs[i][0] || at[i] != wantAt[i] {
				t.Errorf("batch %d: got %v at %s, want %v at %s", i, batches[i], at[i], wantIDs[i], wantAt[i])
			}
		}
	})
}
