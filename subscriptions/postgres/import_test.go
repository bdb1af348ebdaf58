package postgres_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// BenchmarkImport enters people and what they follow, and copies the same rows with a
// bare COPY into tables of the same schema; share_of_copy is what the import keeps of
// its speed in this run.
func BenchmarkImport(b *testing.B) {
	const people = 20_000
	var ours, bare time.Duration
	for b.Loop() {
		o, c := importBeside(b, people)
		ours, bare = ours+o, bare+c
	}
	b.ReportMetric(float64(people*b.N)/ours.Seconds(), "people/s")
	b.ReportMetric(float64(people*b.N)/bare.Seconds(), "copied_people/s")
	b.ReportMetric(bare.Seconds()/ours.Seconds(), "share_of_copy")
}

// importBeside is how long the import takes, and how long a bare COPY of the same does.
func importBeside(t testing.TB, people int) (ours, bare time.Duration) {
	t.Helper()
	const page = 5_000
	at := begun()
	s, _ := setup(t)
	began := time.Now()
	for from := 0; from < people; from += page {
		posts := make([]subscriptions.Post, 0, page)
		for i := from; i < from+page; i++ {
			posts = append(posts, subscriptions.Post{
				Recipient: subscriptions.Recipient{Lane: "telegram:1", Address: subscriptions.AddressOf(strconv.Itoa(1_000_000 + i)), Kind: subscriptions.Person, Language: "sw", CreatedAt: at},
				Follows:   []subscriptions.Follow{{Scope: "service:kra-pay-tax", Since: at, Consent: "import/form"}, {Scope: "service:kws-nairobi-np", Since: at, Consent: "import/form"}},
			})
		}
		if err := s.ImportRecipients(context.Background(), posts, at); err != nil {
			t.Fatal(err)
		}
	}
	ours = time.Since(began)
	_, url := setup(t)
	began = time.Now()
	bareCopy(t, url, people, at)
	return ours, time.Since(began)
}

// An import keeps half of the speed of a bare COPY, in the best of a few tries: what else
// this machine does can only spoil one.
func TestImportKeepsItsPace(t *testing.T) {
	t.Parallel()
	best := 0.0
	for try := 0; try < 6 && best < 0.5; try++ {
		ours, bare := importBeside(t, 10_000)
		best = max(best, bare.Seconds()/ours.Seconds())
		t.Logf("%.2f of a bare COPY", bare.Seconds()/ours.Seconds())
	}
	if best < 0.5 {
		t.Errorf("the import came to %.2f of a bare COPY, want 0.5", best)
	}
}

func bareCopy(b testing.TB, url string, people int, at time.Time) {
	b.Helper()
	c, err := pgx.Connect(context.Background(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close(context.Background()) }()
	_, err = c.CopyFrom(context.Background(), pgx.Identifier{"recipient"}, []string{"id", "lane", "address", "kind", "language", "languages", "title", "silent", "talk", "created_at"},
		pgx.CopyFromSlice(people, func(i int) ([]any, error) {
			return []any{int64(i + 1), "telegram:1", strconv.Itoa(1_000_000 + i), "person", "sw", "", "", false, "{}", at}, nil
		}))
	if err != nil {
		b.Fatal(err)
	}
	_, err = c.CopyFrom(context.Background(), pgx.Identifier{"follow"}, []string{"recipient_id", "scope", "incident_id", "since", "consent"},
		pgx.CopyFromSlice(2*people, func(i int) ([]any, error) {
			return []any{int64(i/2 + 1), [2]string{"service:kra-pay-tax", "service:kws-nairobi-np"}[i%2], int64(0), at, "import/form"}, nil
		}))
	if err != nil {
		b.Fatal(err)
	}
}
