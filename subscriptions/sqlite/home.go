package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
)

// aCopy is the home of a file that Backup wrote.
const aCopy = "a copy made by arifa backup"

// behind is where a file counts as being that has forgotten what was seen of it.
const behind = "an older state of this file"

// tide is how far a database has come, in figures that only grow. It is kept beside
// the file, in its lock: a file that is put back in place has less than that.
type tide struct {
	Commits    int64 `json:"commits"`
	Deliveries int64 `json:"deliveries"`
	Tenures    int64 `json:"tenures"`
	LastSent   int64 `json:"last_sent"`
}

func (t tide) below(o tide) bool {
	return t.Commits < o.Commits || t.Deliveries < o.Deliveries || t.Tenures < o.Tenures || t.LastSent < o.LastSent
}

// Home implements subscriptions.Dweller.
func (s *Store) Home(ctx context.Context) (last, now string, err error) {
	if now, err = fileID(s.path); err != nil {
		return "", "", fmt.Errorf("home: %w", err)
	}
	err = s.view(ctx, "find out where the file was", func(c *conn) error {
		if err := c.one("SELECT home FROM meta", nil, &last); err != nil || last == aCopy {
			return err
		}
		has, err := c.tide()
		if seen := s.seenTide(); err == nil && has.below(seen) {
			last = behind
		}
		return err
	})
	return last, now, err
}

// Settle implements subscriptions.Dweller.
func (s *Store) Settle(ctx context.Context, home string) error {
	var has tide
	same := false
	err := s.view(ctx, "see how far the file has come", func(c *conn) (err error) {
		if err := c.one("SELECT home = ? FROM meta", []any{home}, &same); err != nil {
			return err
		}
		has, err = c.tide()
		return err
	})
	if err == nil && !same {
		err = s.update(ctx, "note where the file is", func(c *conn) error {
			_, err := c.exec("UPDATE meta SET home = ?", home)
			return err
		})
	}
	if err != nil {
		return err
	}
	text, err := json.Marshal(has)
	if err != nil {
		return err
	}
	return os.WriteFile(s.path+".serve.lock", text, 0o600)
}

func (c *conn) tide() (t tide, err error) {
	err = c.one(`SELECT generation, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'delivery'), 0), coalesce((SELECT sum(fence) FROM lane), 0),
		coalesce((SELECT max(last_at) FROM notice_sent), 0) FROM meta`, nil, &t.Commits, &t.Deliveries, &t.Tenures, &t.LastSent)
	return t, err
}

// seenTide is what was noted at the last Settle; zero where nothing can be read.
func (s *Store) seenTide() (t tide) {
	if text, err := os.ReadFile(s.path + ".serve.lock"); err == nil {
		_ = json.Unmarshal(text, &t) // what is no tide is none
	}
	return t
}
