package postgres

import "context"

// Translate is the one place where foreign errors become the domain's.
var Translate = translate

// PlanEach makes Expand plan for everybody by himself, without combinations.
func (s *Store) PlanEach() { s.each = true }

// LookBy makes Unaccounted look at so many ids in one go.
func (s *Store) LookBy(ids int64) { s.stretch = ids }

// Freeze begins a transaction that holds what Publish and Lease wait for, as a process
// does that is frozen in the middle of one; thaw ends it.
func (s *Store) Freeze(ctx context.Context) (thaw func(), err error) {
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		return nil, err
	}
	for _, lock := range []int{lockPublish, lockRegister} {
		if err := lockExclusively(ctx, tx, lock); err != nil {
			return nil, err
		}
	}
	return func() { _ = tx.Rollback(ctx) }, nil
}
