package webchat_test

import (
	"fmt"
	"maps"
	"testing"

	"arifa/notifiers/webchat"
)

// One machine that opens every page there is keeps nobody out: it gives one up for
// each who comes. A crowd of whom each has a page gives up none.
func TestOneMachineDoesNotTakeEveryPage(t *testing.T) {
	t.Parallel()
	joins := func(n int, from string) (out []string) {
		for range n {
			out = append(out, from)
		}
		return out
	}
	var crowd []string
	for k := range 12 {
		crowd = append(crowd, fmt.Sprint("person ", k))
	}
	for _, c := range []struct {
		name  string
		joins []string
		want  map[string]int
	}{
		{"it alone has all of them", joins(30, "machine"), map[string]int{"machine": 10}},
		{"three people come", append(joins(30, "machine"), "a", "b", "c"), map[string]int{"machine": 7, "a": 1, "b": 1, "c": 1}},
		{"and it asks for more", append(append(joins(30, "machine"), "a", "b"), joins(30, "machine")...), map[string]int{"machine": 8, "a": 1, "b": 1}},
		{"two machines share", append(joins(10, "one"), joins(30, "two")...), map[string]int{"one": 5, "two": 5}},
	} {
		if got := webchat.Pages(10, c.joins); !maps.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	if got := webchat.Pages(10, crowd); len(got) != 10 || got["person 0"] != 1 || got["person 11"] != 0 {
		t.Errorf("of a crowd: got %v", got)
	}
}
