package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"arifa/subscriptions"
)

const (
	// patience is how long a writer tries to get the file from another process.
	patience = 10 * time.Second
	// closeWait is how long Close waits for one running call.
	closeWait = 3 * time.Second
)

// conn is one connection with its prepared statements. Statements run without
// the caller's cancellation: transactions are short, and a broken one would have
// to be rolled back anyway.
type conn struct {
	c     *sql.Conn
	stmts map[string]*sql.Stmt
	// inserts are the texts of insertRows by their number of rows.
	inserts  map[int]string
	finishes map[int]string // of finishPlain, likewise
	freshes  map[int]string // of wave.write
	open     *claims        // of the present transaction; nil = not read yet
	memo     memo           // of Expand; the writer's only
	words    map[string]string
}

func newConn(ctx context.Context, db *sql.DB) (*conn, error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, translate(err)
	}
	return &conn{c: c, stmts: map[string]*sql.Stmt{}, inserts: map[int]string{}, words: map[string]string{}, finishes: map[int]string{}, freshes: map[int]string{}}, nil
}

func (c *conn) close() error {
	for _, st := range c.stmts {
		_ = st.Close()
	}
	return c.c.Close()
}

func (c *conn) stmt(query string) (*sql.Stmt, error) {
	if st, ok := c.stmts[query]; ok {
		return st, nil
	}
	st, err := c.c.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	c.stmts[query] = st
	return st, nil
}

func (c *conn) exec(query string, args ...any) (int, error) {
	st, err := c.stmt(query)
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

func (c *conn) insert(query string, args ...any) (int64, error) {
	st, err := c.stmt(query)
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

// one scans the only row of a query; sql.ErrNoRows where there is none.
func (c *conn) one(query string, args []any, into ...any) error {
	st, err := c.stmt(query)
	if err != nil {
		return err
	}
	return st.QueryRowContext(context.Background(), args...).Scan(into...)
}

// each calls scan for every row of a query.
func (c *conn) each(query string, args []any, scan func(*sql.Rows) error) error {
	st, err := c.stmt(query)
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(context.Background(), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// update runs fn in one writing transaction: all of it or nothing.
func (s *Store) update(ctx context.Context, what string, fn func(*conn) error) error {
	return s.with(ctx, s.write, "BEGIN IMMEDIATE", what, fn)
}

// view runs fn on one consistent state of the file.
func (s *Store) view(ctx context.Context, what string, fn func(*conn) error) error {
	return s.with(ctx, s.read, "BEGIN", what, fn)
}

func (s *Store) with(ctx context.Context, from chan *conn, begin, what string, fn func(*conn) error) (err error) {
	c, err := s.take(ctx, from)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer func() { from <- c }()
	if err := c.begin(ctx, begin); err != nil {
		return fmt.Errorf("%s: begin: %w", what, translate(err))
	}
	c.open = nil
	done := false
	defer func() {
		if !done { // fn failed, panicked, or the commit did
			_, _ = c.exec("ROLLBACK")
			s.cache.forget()
		}
	}()
	if err := fn(c); err != nil {
		return fmt.Errorf("%s: %w", what, translate(err))
	}
	if err := c.flush(); err != nil {
		return fmt.Errorf("%s: %w", what, translate(err))
	}
	if _, err := c.exec("COMMIT"); err != nil {
		return fmt.Errorf("%s: commit: %w", what, translate(err))
	}
	done = true
	return nil
}

func (s *Store) take(ctx context.Context, from chan *conn) (*conn, error) {
	if from == s.write && s.reading {
		return nil, fmt.Errorf("%w: it was opened for reading only", subscriptions.ErrUnavailable)
	}
	select {
	case c := <-from:
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// begin tries again every 1 to 5 ms while another process writes.
func (c *conn) begin(ctx context.Context, how string) error {
	wait, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var locked error // by another process, when last tried
	for {
		if err := ctx.Err(); err != nil {
			if locked != nil {
				return errors.Join(subscriptions.ErrUnavailable, err, locked)
			}
			return err
		}
		_, err := c.exec(how)
		switch {
		case err == nil:
			return nil
		case !busy(err) && (locked == nil || ctx.Err() == nil):
			return err
		case busy(err):
			locked = err
		}
		t := time.NewTimer(time.Millisecond + rand.N(4*time.Millisecond))
		select {
		case <-t.C:
		case <-wait.Done():
			t.Stop()
			return errors.Join(subscriptions.ErrUnavailable, ctx.Err(), err)
		}
	}
}
