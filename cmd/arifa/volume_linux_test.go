package main

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"unsafe"
)

// volume is a small disk of the test's own, in memory. Only who may mount gets one;
// empty = not possible here, and why is said aloud.
func volume(t *testing.T, size string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "arifa-volume-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(dir) })
	if err := syscall.Mount("arifa-test", dir, "tmpfs", 0, "mode=0700,size="+size); err != nil {
		t.Logf("SKIPPED, NO FULL DISK: a small disk cannot be mounted here: %v", err)
		return ""
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount the test's disk %s: %v", dir, err)
		}
	})
	return dir
}

// fill takes all the room that a volume has left, and gives it back when it is told to.
func fill(t *testing.T, volume string) (giveBack func()) {
	t.Helper()
	name := filepath.Join(volume, "filler")
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	block := make([]byte, 1<<20)
	for size := len(block); size > 0; {
		_, err := f.Write(block[:size])
		switch {
		case errors.Is(err, syscall.ENOSPC):
			size /= 2
		case err != nil:
			t.Fatal(err)
		}
	}
	return func() {
		if err := os.Remove(name); err != nil {
			t.Error(err)
		}
	}
}

// unwritable makes every write of a running process to a file fail until it is told to
// end: with EFBIG, which SQLite reports as an I/O error. It needs no right that a test
// has not.
func unwritable(t *testing.T, pid int) (end func()) {
	t.Helper()
	var before syscall.Rlimit
	set := func(now, old *syscall.Rlimit) {
		t.Helper()
		if _, _, no := syscall.Syscall6(syscall.SYS_PRLIMIT64, uintptr(pid), rlimitFsize, uintptr(unsafe.Pointer(now)), uintptr(unsafe.Pointer(old)), 0, 0); no != 0 {
			t.Fatalf("limit the size of files: %v", no)
		}
	}
	set(nil, &before)
	set(&syscall.Rlimit{Cur: 0, Max: before.Max}, nil)
	return func() { set(&before, nil) }
}

const rlimitFsize = 1 // RLIMIT_FSIZE
