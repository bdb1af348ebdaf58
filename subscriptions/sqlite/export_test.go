package sqlite

// Translate is open to the tests of errors that no method can be made to meet.
var Translate = translate

// PlanEach makes Expand plan for everybody by himself, without combinations.
func (s *Store) PlanEach() { s.each = true }
