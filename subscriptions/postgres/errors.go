package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"arifa/subscriptions"
)

// translate turns the errors of PostgreSQL and of the way to it into the
// domain's, by code and type. It is the only place that does. An error of ctx
// itself stays what it is: the caller gave up, the database did not.
func translate(ctx context.Context, err error) error {
	var pg *pgconn.PgError
	switch {
	case err == nil || isDomain(err):
		return err
	case errors.Is(err, pgx.ErrNoRows):
		return subscriptions.ErrNotFound
	case errors.As(err, &pg):
		if domain := ofState(pg.Code); domain != nil {
			return fmt.Errorf("%w: %w", domain, err)
		}
		return err
	case ctx.Err() != nil:
		return err
	case lost(err):
		return fmt.Errorf("%w: %w", subscriptions.ErrUnavailable, err)
	}
	return err
}

// ofState knows the SQLSTATE codes (PostgreSQL's manual, appendix A).
func ofState(code string) error {
	switch code {
	case "23505": // unique_violation
		return subscriptions.ErrExists
	case "53100": // disk_full
		return subscriptions.ErrFull
	case "3D000": // no such database
		return subscriptions.ErrAbsent
	case "3F000", "42P01", "42703", "42883": // no such schema, table, column, function
		return subscriptions.ErrSchema
	case "57P01", "57P02", "57P03", "57P05", // shutdown, crash, starting, idle for too long
		"57014",          // statement_timeout
		"55P03",          // lock_timeout
		"40001", "40P01", // what we tried again in vain
		"25006",                            // this server only reads: a standby
		"25P03",                            // idle in transaction for too long
		"53000", "53200", "53300", "53400", // no memory, connections
		"58030": // I/O
		return subscriptions.ErrUnavailable
	}
	if strings.HasPrefix(code, "08") { // connection exceptions
		return subscriptions.ErrUnavailable
	}
	return nil
}

// lost reports whether the way to the database broke. pgconn.SafeToRetry is not
// asked: it says what was sent, not what was done.
func lost(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, pgconn.ErrConnClosed) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, context.DeadlineExceeded) // not the caller's: a limit of the connection
}

// again reports whether the same transaction may go through when it is tried
// once more: PostgreSQL chose it as the one to give way.
func again(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// stale reports whether a connection that had been idle turned out to be dead:
// another one may live. A server that does not answer at all is not stale.
func stale(err error) bool {
	var connect *pgconn.ConnectError
	var pg *pgconn.PgError
	if errors.As(err, &connect) {
		return false
	}
	return errors.As(err, &pg) && pg.Code == "57P01" || lost(err)
}
