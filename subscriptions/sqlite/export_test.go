package sqlite

import (
	"context"
	"fmt"
	"strings"
)

// Translate is open to the tests of errors that no method can be made to meet.
var Translate = translate

// PlanEach makes Expand plan for everybody by himself, without combinations.
func (s *Store) PlanEach() { s.each = true }

// LookBy makes Unaccounted look at so many ids in one go.
func (s *Store) LookBy(ids int64) { s.stretch = ids }

// Plans says of each statement that the writer has prepared how SQLite goes about it.
func (s *Store) Plans(ctx context.Context) (map[string]string, error) {
	c := <-s.write
	defer func() { s.write <- c }()
	out := map[string]string{}
	for text := range c.stmts {
		if strings.HasPrefix(text, "BEGIN") || text == "COMMIT" || text == "ROLLBACK" {
			continue
		}
		var steps []string
		rows, err := c.c.QueryContext(ctx, "EXPLAIN QUERY PLAN "+text, make([]any, 1000)...) // more values than any asks for
		if err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
		for rows.Next() {
			var id, parent, unused int
			var step string
			if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
				return nil, err
			}
			steps = append(steps, step)
		}
		if err := rows.Close(); err != nil {
			return nil, err
		}
		out[text] = strings.Join(steps, "\n")
	}
	return out, nil
}

// Room lets the file grow by so many pages and no more.
func (s *Store) Room(ctx context.Context, pages int) error {
	c := <-s.write
	defer func() { s.write <- c }()
	var have int
	if err := c.c.QueryRowContext(ctx, "PRAGMA page_count").Scan(&have); err != nil {
		return err
	}
	return c.c.QueryRowContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", have+pages)).Scan(&have)
}
