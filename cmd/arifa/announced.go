package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"sync"
)

// announced passes a program's log on and notes where it serves its profile.
type announced struct {
	to io.Writer

	mu      sync.Mutex
	address string
}

var adminLine = regexp.MustCompile(`"setting":"admin-listen","address":"([0-9.:]+)"`)

func (a *announced) Write(p []byte) (int, error) {
	if found := adminLine.FindSubmatch(p); found != nil { // a record is written at once
		a.mu.Lock()
		a.address = string(found[1])
		a.mu.Unlock()
	}
	return a.to.Write(p)
}

// profile writes where the program's time goes in so many seconds from now on, in
// the format of go tool pprof.
func (a *announced) profile(ctx context.Context, to io.Writer, seconds int) error {
	a.mu.Lock()
	address := a.address
	a.mu.Unlock()
	if address == "" {
		return errors.New("profile: the program has not said where it serves one")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", address, seconds), nil)
	if err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("profile: the program answered %s", resp.Status)
	}
	if _, err = io.Copy(to, resp.Body); err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	return nil
}
