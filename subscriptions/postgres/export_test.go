package postgres

// Translate is the one place where foreign errors become the domain's.
var Translate = translate

// PlanEach makes Expand plan for everybody by himself, without combinations.
func (s *Store) PlanEach() { s.each = true }

// LookBy makes Unaccounted look at so many ids in one go.
func (s *Store) LookBy(ids int64) { s.stretch = ids }
