package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"arifa/bot/desk"
	"arifa/bot/web"
	"arifa/subscriptions"
)

// stage is the whole program in this process with nothing configured: page, web chat
// and desk at one address, and the two officers of a try-out.
type stage struct {
	*service
	t             *testing.T
	origin        string // as browsers reach it: localhost:8080
	log           *safeBuffer
	crowded       atomic.Bool // the web chat takes nothing, as where one asks too much
	in            []string    // the officers' one-time links
	first, second desk.Actor  // the officers themselves
}

func newStage(t *testing.T) *stage {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, origin: "localhost:" + port, log: &safeBuffer{}}
	log := slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	ctx, stop := context.WithCancel(context.Background())
	set := &settings{Database: filepath.Join(t.TempDir(), "arifa.db"), Listen: l.Addr().String(), AdminListen: "127.0.0.1:0"}
	st, err := open(ctx, set.Database, migrated, log)
	if err != nil {
		t.Fatal(err)
	}
	if s.service, err = newService(ctx, set, st, log, utc(time.Now), tempo{owner: "test"}); err != nil {
		t.Fatal(err)
	}
	g, run := errgroup.WithContext(ctx)
	g.Go(func() error { return s.Run(run) })
	g.Go(func() error { return serveHTTP(run, l, s.gate(), log) })
	t.Cleanup(func() {
		stop()
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	s.admit()
	return s
}

// gate serves the pages; while it is crowded, what a talk sends and its stream are
// refused in the words of the program's own limits.
func (s *stage) gate() http.Handler {
	full := web.New(web.Config{}).Handle(func(http.ResponseWriter, *http.Request) error { return web.TooMany(time.Second) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.crowded.Load() && strings.Contains(r.URL.Path, "/chat") && (r.Method == http.MethodPost || strings.HasSuffix(r.URL.Path, "/events")) {
			full.ServeHTTP(w, r)
			return
		}
		s.pages.ServeHTTP(w, r)
	})
}

// admit gives the officers their links, and the test their hands.
func (s *stage) admit() {
	s.t.Helper()
	all, err := s.desk.StartTryout(s.t.Context(), s.now())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, n := range all {
		s.in = append(s.in, "/desk/sign-in/"+n.Code)
	}
	for k, to := range []*desk.Actor{&s.first, &s.second} {
		if *to, err = s.desk.Visit(s.t.Context(), all[k].Officer.ID, s.now(), "test"); err != nil {
			s.t.Fatal(err)
		}
	}
}

// opened is a new incident with its first word.
func (s *stage) opened(in desk.OpenInput) desk.Outcome {
	s.t.Helper()
	i, err := s.desk.Open(s.t.Context(), s.first, in, s.now())
	if err != nil {
		s.t.Fatal(err)
	}
	kind := subscriptions.Outage
	if in.Maintenance {
		kind = subscriptions.Maintenance
	}
	return s.says(desk.DraftInput{Incident: i.ID, Kind: kind, Agency: in.Agency})
}

func (s *stage) says(in desk.DraftInput) desk.Outcome {
	s.t.Helper()
	out, err := s.desk.Publish(s.t.Context(), s.first, desk.PublishInput{Draft: &in}, s.now())
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// outage is the trouble of 3 January 2025.
func (s *stage) outage() desk.Outcome {
	s.t.Helper()
	return s.opened(desk.OpenInput{Agency: "ecitizen", Platforms: []subscriptions.PlatformID{"ecitizen-payments"}, SinceApprox: true})
}

// over says that an incident has ended.
func (s *stage) over(i subscriptions.Incident) desk.Outcome {
	s.t.Helper()
	no := subscriptions.Answer{Value: "no"}
	out, err := s.desk.Restore(s.t.Context(), s.first, desk.RestoreInput{Incident: i.ID, Agency: i.Owner, Landed: subscriptions.Answer{Value: "yes"}, PayAgain: no, Moved: no}, s.now())
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}
