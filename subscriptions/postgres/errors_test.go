package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"arifa/subscriptions"
	"arifa/subscriptions/postgres"
)

func TestErrors_become_the_domains_by_code(t *testing.T) {
	t.Parallel()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	state := func(code string) error {
		return fmt.Errorf("insert: %w", &pgconn.PgError{Code: code, Message: "any words"})
	}
	for _, c := range []struct {
		name string
		ctx  context.Context
		err  error
		want error // nil = as it was
	}{
		{"no row", t.Context(), pgx.ErrNoRows, subscriptions.ErrNotFound},
		{"unique violation", t.Context(), state("23505"), subscriptions.ErrExists},
		{"disk full", t.Context(), state("53100"), subscriptions.ErrFull},
		{"undefined table", t.Context(), state("42P01"), subscriptions.ErrSchema},
		{"no such database", t.Context(), state("3D000"), subscriptions.ErrAbsent},
		{"administrator's shutdown", t.Context(), state("57P01"), subscriptions.ErrUnavailable},
		{"starting up", t.Context(), state("57P03"), subscriptions.ErrUnavailable},
		{"connection failure", t.Context(), state("08006"), subscriptions.ErrUnavailable},
		{"too many connections", t.Context(), state("53300"), subscriptions.ErrUnavailable},
		{"statement timeout", t.Context(), state("57014"), subscriptions.ErrUnavailable},
		{"a standby", t.Context(), state("25006"), subscriptions.ErrUnavailable},
		{"deadlock tried in vain", t.Context(), state("40P01"), subscriptions.ErrUnavailable},
		{"dropped in the middle", t.Context(), fmt.Errorf("read: %w", io.ErrUnexpectedEOF), subscriptions.ErrUnavailable},
		{"refused", t.Context(), &net.OpError{Op: "dial", Err: errors.New("refused")}, subscriptions.ErrUnavailable},
		{"closed connection", t.Context(), fmt.Errorf("exec: %w", pgconn.ErrConnClosed), subscriptions.ErrUnavailable},
		{"a fault of ours", t.Context(), state("42601"), nil},
		{"the caller gave up", cancelled, context.Canceled, nil},
		{"the domain's own", t.Context(), subscriptions.ErrFenced, subscriptions.ErrFenced},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := postgres.Translate(c.ctx, c.err)
			if c.want != nil && !errors.Is(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			if c.want == nil && got.Error() != c.err.Error() {
				t.Errorf("got %v, want it as it was: %v", got, c.err)
			}
		})
	}
}

func TestOpen_says_that_nobody_answers_and_hides_the_password(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"postgres://arifa:geheim@" + "127.0.0.1:1/none?connect_timeout=2", "postgres://arifa:geheim@127.0.0.1:x/none"} {
		_, err := postgres.Open(t.Context(), url, postgres.Config{})
		if err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("open: %v, want an error without the password", err)
		}
		if strings.Contains(url, ":1/") && !errors.Is(err, subscriptions.ErrUnavailable) {
			t.Errorf("open where nobody listens: %v, want ErrUnavailable", err)
		}
	}
}
