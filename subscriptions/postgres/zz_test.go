package postgres_test

import (
	"context"
	"testing"
	"fmt"

	"github.com/jackc/pgx/v5"
	"arifa/subscriptions/postgres/postgrestest"
)

func BenchmarkZZ(b *testing.B) {
	c := postgrestest.NewCluster(b, postgrestest.Config{Settings: map[string]string{"shared_preload_libraries": "auto_explain", "auto_explain.log_min_duration": "5", "auto_explain.log_analyze": "on", "auto_explain.log_buffers":"on", "auto_explain.log_timing":"off"}})
	_ = c
	url := c.Database(b)
	s := migrated(b, url)
	mustRun(b, url, `INSERT INTO lane (id, owner, fence, paused_why) VALUES ('telegram:1', '', 0, '')`)
	mustRun(b, url, `INSERT INTO recipient (lane, address, kind, language, languages, title, silent, talk, created_at)
		SELECT 'telegram:1', g::text, 'person', 'en', '', '', false, '{}', '2025-01-01' FROM generate_series(1, 20000) g`)
	mustRun(b, url, `INSERT INTO follow (recipient_id, scope, incident_id, since, consent) SELECT id, 'service:kra-pay-tax', 0, '2025-01-01', '' FROM recipient`)
	now := begun()
	outage(b, s, now, "kra-pay-tax")
	expand(b, s, 1000, now)
	tenure := acquire(b, s)
	for range 60 {
		ds, err := s.Lease(b.Context(), tenure, 100, now)
		if err != nil || len(ds) == 0 {
			b.Fatalf("lease: %d, %v", len(ds), err)
		}
		if err := s.Finish(b.Context(), sentAll(ds, tenure.Fence, now)); err != nil {
			b.Fatal(err)
		}
	}
	conn, _ := pgx.Connect(context.Background(), url)
	defer conn.Close(context.Background())
	var x string
	_ = conn.QueryRow(context.Background(), "select version()").Scan(&x)
	fmt.Println(x)
	b.Log(c.Dir())
	run(b, c.URL(), "COPY (SELECT pg_read_file('"+c.Dir()+"/log')) TO '/tmp/pgwork/pglog.txt'")
}
