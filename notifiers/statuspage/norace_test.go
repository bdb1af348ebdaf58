//go:build !race

package statuspage_test

const watched = false
