package main

import (
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/lmittmann/tint"
	"golang.org/x/term"
)

// logger writes to w: coloured on a terminal, JSON elsewhere.
func logger(s *settings, w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.LogLevel)); err != nil {
		level = slog.LevelInfo
	}
	switch {
	case s.LogFormat == "text":
		return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
	case s.LogFormat == "auto" && isTerminal(w):
		return slog.New(tint.NewTextHandler(w, &tint.Options{Level: level, TimeFormat: time.TimeOnly}))
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
}

// quietly are the settings of a command that ends by itself: it says what it did in
// words, and a log line between them is in an officer's way. Warnings stay, and
// --log-level debug shows everything.
func (c *cli) quietly(command string) *settings {
	s := c.settings
	name, _, _ := strings.Cut(command, " ")
	if long := []string{"serve", "demo", "rehearse", "export"}; s.LogLevel == "info" && !slices.Contains(long, name) {
		s.LogLevel = "warn"
	}
	return &s
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
