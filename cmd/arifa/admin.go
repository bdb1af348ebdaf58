package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// health answers on ADMIN_LISTEN: /healthz (the process runs), /readyz (it can
// work: database, lanes), /metrics and /debug/pprof (where the time goes).
type health struct {
	registry *prometheus.Registry
	ready    func(context.Context) map[string]string // what is wrong, by part; empty = ready
}

func (h health) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		faults := h.ready(ctx)
		w.Header().Set("Content-Type", "application/json")
		if len(faults) > 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"ready": len(faults) == 0, "faults": faults})
	})
	// Where the time goes, for an operator who asks. The command line stays out: it
	// may hold a token.
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	for _, what := range []string{"allocs", "goroutine", "heap"} {
		mux.Handle("GET /debug/pprof/"+what, pprof.Handler(what))
	}
	mux.Handle("GET /metrics", promhttp.HandlerFor(h.registry, promhttp.HandlerOpts{}))
	return mux
}

// serveHTTP serves on l until ctx ends, then lets open requests finish for 5 s.
func serveHTTP(ctx context.Context, l net.Listener, handler http.Handler, log *slog.Logger) error {
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10, ErrorLog: serverLog(log)}
	done := make(chan error, 1)
	go func() {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		done <- srv.Shutdown(stop)
	}()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-done
}
