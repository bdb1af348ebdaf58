package sqlite_test

import (
	"fmt"
	"testing"

	"arifa/subscriptions/sqlite"
	"arifa/subscriptions/storetest"
)

func TestUnaccountedFindsWhoIsSkipped(t *testing.T) {
	t.Parallel()
	for _, stretch := range []int64{2, 20_000} {
		t.Run(fmt.Sprint(stretch), func(t *testing.T) {
			t.Parallel()
			path := newFile(t)
			s := openAt(t, path, sqlite.Config{})
			s.LookBy(stretch)
			storetest.Skipped(t, s, func(statement string) { run(t, path, statement) })
		})
	}
}
