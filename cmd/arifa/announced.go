package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"sync"
	"time"
)

// announced passes a program's log on and notes where it serves its profile.
type announced struct {
	to io.Writer

	mu      sync.Mutex
	begun   []byte // of a record whose end has not come yet
	address string
}

// longestRecord bounds what is kept of a record without an end.
const longestRecord = 1 << 16

var adminLine = regexp.MustCompile(`"setting":"admin-listen","address":"([0-9.:]+)"`)

func (a *announced) Write(p []byte) (int, error) {
	a.mu.Lock()
	a.begun = append(a.begun, p...)
	if found := adminLine.FindSubmatch(a.begun); found != nil {
		a.address = string(found[1])
	}
	if end := bytes.LastIndexByte(a.begun, '\n'); end >= 0 {
		a.begun = append(a.begun[:0], a.begun[end+1:]...)
	} else if len(a.begun) > longestRecord {
		a.begun = a.begun[:0]
	}
	a.mu.Unlock()
	return a.to.Write(p)
}

// saysWithin is how long a program that works already may take to say where it serves
// its profile.
const saysWithin = 10 * time.Second

// served is where the profile is, as soon as that is said.
func (a *announced) served(ctx context.Context) (string, error) {
	for began := time.Now(); time.Since(began) < saysWithin && ctx.Err() == nil; time.Sleep(10 * time.Millisecond) {
		a.mu.Lock()
		address := a.address
		a.mu.Unlock()
		if address != "" {
			return address, nil
		}
	}
	return "", errors.New("profile: the program has not said where it serves one")
}

// profile writes where the program's time goes in so many seconds from now on, in
// the format of go tool pprof.
func (a *announced) profile(ctx context.Context, to io.Writer, seconds int) error {
	address, err := a.served(ctx)
	if err != nil {
		return err
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
