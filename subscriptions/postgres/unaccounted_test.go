package postgres_test

import (
	"testing"

	"arifa/subscriptions/storetest"
)

func TestUnaccountedFindsWhoIsSkipped(t *testing.T) {
	t.Parallel()
	s, url := setup(t)
	s.LookBy(7)
	storetest.Skipped(t, s, func(statement string) { mustRun(t, url, statement) })
}
