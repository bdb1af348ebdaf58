package telegramtest

// slab is a growing list in pages of a fixed size: it is never copied when it
// grows, so a million entries cost no second copy, and an entry once written can
// be read without the lock by whoever took the pages under it.
type slab[T any] struct {
	pages []*[pageSize]T
	n     uint32
}

const pageSize = 4096

// add appends v and returns its number, from 1.
func (s *slab[T]) add(v T) uint32 {
	if s.n%pageSize == 0 {
		s.pages = append(s.pages, new([pageSize]T))
	}
	s.pages[s.n/pageSize][s.n%pageSize] = v
	s.n++
	return s.n
}

// at returns entry number i, from 1.
func (s *slab[T]) at(i uint32) *T { return &s.pages[(i-1)/pageSize][(i-1)%pageSize] }
