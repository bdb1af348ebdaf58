//go:build !linux

package main

import "testing"

func volume(t *testing.T, _ string) string {
	t.Helper()
	t.Log("SKIPPED, NO FULL DISK: only Linux mounts a small disk here")
	return ""
}

func fill(t *testing.T, _ string) (giveBack func()) {
	t.Helper()
	t.Fatal("there is no disk to fill")
	return nil
}

func unwritable(t *testing.T, _ int) (end func()) {
	t.Helper()
	t.Skip("SKIPPED, NO I/O ERRORS: only Linux limits what a running process writes")
	return nil
}
