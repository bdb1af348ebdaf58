package postgres_test

import (
	"testing"

	"arifa/subscriptions"
	"arifa/subscriptions/storetest"
)

// The whole contract, on the grants of the package comment alone.
func TestStore(t *testing.T) {
	t.Parallel()
	databases := &shelf{t: t}
	storetest.Run(t, func(t *testing.T) subscriptions.Store { return databases.lend(t) })
}

// The rules of publishing, sending and ending, in any order.
func TestMachine(t *testing.T) {
	t.Parallel()
	databases := &shelf{t: t}
	storetest.Machine(t, func(t *testing.T) subscriptions.Store { return databases.lend(t) })
}
