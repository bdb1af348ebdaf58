package bot_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"arifa/bot"
	"arifa/subscriptions"
)

// situations are what the transcripts of each language reach: what is asked and how
// it is answered, every wish, who speaks, and how things stand meanwhile.
type situations struct {
	mu      sync.Mutex
	played  int
	reached map[subscriptions.Language]map[string]bool
}

func newSituations() *situations {
	return &situations{reached: map[subscriptions.Language]map[string]bool{}}
}

// of collects for one transcript, whose language its name ends with.
func (s *situations) of(base string) func(string) {
	l := subscriptions.Language(base[strings.LastIndex(base, "-")+1:])
	s.mu.Lock()
	defer s.mu.Unlock()
	s.played++
	if s.reached[l] == nil {
		s.reached[l] = map[string]bool{}
	}
	return func(what string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.reached[l][what] = true
	}
}

// check wants every situation in every language of the catalogue.
func (s *situations) check(t *testing.T) {
	t.Helper()
	wanted := wantedSituations(t)
	for _, l := range theWorld(t).nation.Languages {
		for _, w := range wanted {
			if !s.reached[l][w] {
				t.Errorf("no transcript in %s: %s", l, w)
			}
		}
		for _, got := range slices.Sorted(maps.Keys(s.reached[l])) {
			if !slices.Contains(wanted, got) {
				t.Errorf("a transcript in %s reaches what nobody has thought of: %s", l, got)
			}
		}
	}
}

func wantedSituations(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, q := range bot.Questions() {
		for _, how := range []string{"is asked", "is answered", "is asked and something else is said", "is asked and STOP, help, language or forget goes first", "is asked and the answer comes too late"} {
			all = append(all, q+" "+how)
		}
	}
	for _, a := range acts(t) {
		all = append(all, "somebody wants "+a)
	}
	for _, who := range []string{"a stranger", "somebody who follows nothing", "somebody who follows", "somebody who wants no sound", "somebody who was gone", "a member of a group", "an admin of a group"} {
		all = append(all, who+" speaks")
	}
	for _, what := range []string{"nothing", "outage", "way", "restored", "answered", "reopened", "fails-again", "maintenance", "withdraw", "stop-notice", "unofficial", "confirm", "sample", "reports"} {
		all = append(all, "something is said after "+what)
	}
	return all
}

// acts reads from the source what may be wanted, so that a new wish is missed here.
func acts(t *testing.T) (all []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "choice.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, spec := range g.Specs {
			v := spec.(*ast.ValueSpec)
			if id, ok := v.Type.(*ast.Ident); ok && id.Name == "act" {
				all = append(all, strings.ToLower(strings.TrimPrefix(v.Names[0].Name, "act")))
			}
		}
	}
	if len(all) < 30 {
		t.Fatalf("found only %v", all)
	}
	return all
}

// note says what is reached by hearing h now.
func (s *stage) note(h bot.Heard) {
	s.t.Helper()
	if s.reach == nil {
		return
	}
	ctx := context.Background()
	r, err := s.store.Recipient(ctx, h.Lane, h.Address)
	known := err == nil
	follows, err := s.store.Follows(ctx, r.ID, s.now)
	s.must(err)
	for who, is := range map[string]bool{
		"a stranger": !known, "somebody who follows nothing": known && len(follows) == 0, "somebody who follows": len(follows) > 0,
		"somebody who wants no sound": r.Silent, "somebody who was gone": !r.GoneAt.IsZero(),
		"a member of a group": h.Kind == subscriptions.Group && !h.Admin, "an admin of a group": h.Admin,
	} {
		if is {
			s.reach(who + " speaks")
		}
	}
	after := s.lately
	if after == "" {
		after = "nothing"
	}
	s.reach("something is said after " + after)
	talk := r.Talk
	late := s.now.Sub(talk.At) > bot.Patience
	if late {
		talk = subscriptions.Talk{}
	}
	wish, goesFirst, answers := s.bot.Heed(h, talk)
	s.reach("somebody wants " + wish)
	switch q := r.Talk.State; {
	case q == "":
	case late:
		if _, _, would := s.bot.Heed(h, r.Talk); would {
			s.reach(q + " is asked and the answer comes too late")
		}
	case goesFirst:
		s.reach(q + " is asked and STOP, help, language or forget goes first")
	case answers:
		s.reach(q + " is answered")
	default:
		s.reach(q + " is asked and something else is said")
	}
}

// asked says what is asked after something was heard.
func (s *stage) asked(h bot.Heard) {
	if r, err := s.store.Recipient(context.Background(), h.Lane, h.Address); err == nil && s.reach != nil && r.Talk.State != "" {
		s.reach(fmt.Sprint(r.Talk.State, " is asked"))
	}
}
