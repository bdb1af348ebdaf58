package sqlite

import (
	"database/sql"
	"errors"
	"fmt"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"arifa/subscriptions"
)

// translate turns SQLite's errors into the domain's, by code. It is the only
// place that does.
func translate(err error) error {
	var e *driver.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return subscriptions.ErrNotFound
	case !errors.As(err, &e):
		return err
	}
	if e.Code()&0xff == lib.SQLITE_NOTADB {
		return fmt.Errorf("%w: the file is no database of SQLite, or its beginning is damaged; name another file, or restore a backup: %w", subscriptions.ErrSchema, err)
	}
	if domain := ofCode(e.Code()); domain != nil && !errors.Is(err, domain) {
		return fmt.Errorf("%w: %w", domain, err)
	}
	return err
}

func ofCode(code int) error {
	switch code {
	case lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY:
		return subscriptions.ErrExists
	}
	switch code & 0xff {
	case lib.SQLITE_FULL:
		return subscriptions.ErrFull
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED, lib.SQLITE_PROTOCOL, lib.SQLITE_IOERR, lib.SQLITE_CANTOPEN, lib.SQLITE_PERM, lib.SQLITE_READONLY:
		return subscriptions.ErrUnavailable
	}
	return nil
}

func busy(err error) bool {
	var e *driver.Error
	return errors.As(err, &e) && (e.Code()&0xff == lib.SQLITE_BUSY || e.Code()&0xff == lib.SQLITE_LOCKED)
}
