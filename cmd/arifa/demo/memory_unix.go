//go:build unix && !linux

package demo

import (
	"runtime"
	"syscall"
)

// peakRSS is the most memory that this process has held, in MiB, rounded up.
// Apple counts bytes where the others count kibibytes.
func peakRSS() (int, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, err
	}
	unit := int64(1 << 10)
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		unit = 1 << 20
	}
	return int((int64(u.Maxrss) + unit - 1) / unit), nil
}
