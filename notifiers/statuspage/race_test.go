//go:build race

package statuspage_test

// watched: the race detector looks at every write of ours, and at none of the kernel.
const watched = true
