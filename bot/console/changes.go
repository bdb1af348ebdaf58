package console

import (
	"slices"

	"arifa/subscriptions"
)

// changes shows an approver what is new, line by line, in every language.
type changes struct {
	// Against names what it is compared with.
	Against  string
	Returned bool // with words that were given back
	Columns  []changedColumn
	Same     bool // not one line differs
}

type changedColumn struct {
	Language subscriptions.Language
	Lines    []changedLine
}

// changedLine is one line: kept, new or gone.
type changedLine struct {
	Mark string // "", "new", "gone"
	Text string
}

// changesOf compares words that wait for an approver with those that were given
// back, or else with what people have been told last by the same agency.
func (a *ask) changesOf(n subscriptions.Notice) (*changes, error) {
	if n.State != subscriptions.Submitted {
		return nil, nil
	}
	if n.Was != nil {
		return a.compared("the words that were given back", true, *n.Was, n.Sheet), nil
	}
	if n.Incident == 0 {
		return nil, nil
	}
	all, err := a.c.Desk.Notices(a.ctx, n.Incident)
	if err != nil {
		return nil, err
	}
	for _, old := range slices.Backward(all) {
		if old.ID != n.ID && !old.PublishedAt.IsZero() && old.Agency == n.Agency && old.State == subscriptions.Published {
			return a.compared("notice "+old.Key.Short()+", which people have now", false, old.Sheet, n.Sheet), nil
		}
	}
	return nil, nil
}

func (a *ask) compared(against string, returned bool, before, after subscriptions.Sheet) *changes {
	c := &changes{Against: against, Returned: returned, Same: true}
	for _, l := range a.nation.Languages {
		lines := diff(sheetLines(before.Words[l]), sheetLines(after.Words[l]))
		c.Same = c.Same && !slices.ContainsFunc(lines, func(x changedLine) bool { return x.Mark != "" })
		c.Columns = append(c.Columns, changedColumn{l, lines})
	}
	return c
}

// sheetLines are the words of a sheet in the order of reading. Services that are
// told the same stand in one line.
func sheetLines(w subscriptions.Words) []string {
	var out []string
	add := func(s string) {
		if s != "" {
			out = append(out, s)
		}
	}
	add(w.Title)
	for _, l := range w.Head {
		add(l.Text)
	}
	for _, s := range w.Services {
		line := s.Label + ": " + s.State
		for _, l := range s.Lines {
			line += " · " + l
		}
		add(line)
	}
	for _, l := range w.Tail {
		add(l.Text)
	}
	return out
}

// diff marks lines by their longest common sequence: pure.
func diff(before, after []string) []changedLine {
	common := make([][]int, len(before)+1)
	for i := range common {
		common[i] = make([]int, len(after)+1)
	}
	for i := len(before) - 1; i >= 0; i-- {
		for j := len(after) - 1; j >= 0; j-- {
			if before[i] == after[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out []changedLine
	i, j := 0, 0
	for i < len(before) || j < len(after) {
		switch {
		case i < len(before) && j < len(after) && before[i] == after[j]:
			out = append(out, changedLine{"", after[j]})
			i, j = i+1, j+1
		case i < len(before) && (j == len(after) || common[i+1][j] >= common[i][j+1]):
			out = append(out, changedLine{"gone", before[i]})
			i++
		default:
			out = append(out, changedLine{"new", after[j]})
			j++
		}
	}
	return out
}
