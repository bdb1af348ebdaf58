// Package subscriptions holds the nouns of Arifa, their rules and the Store
// contract: services and platforms, incidents and notices, subscribers and
// deliveries, officers and the audit record.
//
// It owns what is true and what may follow from it: pure functions that take
// values and now and return a named reason. It never speaks to a network, never
// makes a sentence for a citizen and never reads a clock, a file or the
// environment.
package subscriptions

import "errors"

// Sentinels of the domain. Stores, desk and register return them bare or
// wrapped; foreign errors are translated into them in one place of each store.
var (
	// ErrNotFound is returned by every look-up of one thing that does not exist.
	ErrNotFound = errors.New("not found")
	// ErrConflict is returned when somebody else changed the thing first: read
	// it again and repeat the decision.
	ErrConflict = errors.New("changed by somebody else meanwhile")
	// ErrExists is returned when an id, key or address is taken already.
	ErrExists = errors.New("exists already")
	// ErrFenced is returned by Lease and Renew to an owner that is no longer the
	// owner of the lane: it stops sending at once.
	ErrFenced = errors.New("the lane has another owner")
	// ErrSchema is returned by Open when the database belongs to another release
	// or to another program.
	ErrSchema = errors.New("the database has another schema")
	// ErrEmpty is returned by Open when the database is there and has no tables yet.
	ErrEmpty = errors.New("the database has no tables of Arifa yet")
	// ErrAbsent is returned by Open when the server has no database of that name.
	ErrAbsent = errors.New("the server has no such database")
	// ErrFull is returned by a store whose disk is full. Nothing was written.
	ErrFull = errors.New("the disk of the database is full")
	// ErrUnavailable is returned by a store that cannot be reached now. Whether
	// the last write arrived is not known; every write is safe to repeat.
	ErrUnavailable = errors.New("the database cannot be reached")
)
