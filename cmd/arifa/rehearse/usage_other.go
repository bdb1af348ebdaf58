//go:build !linux

package rehearse

import "time"

// Only Linux tells what another process has used; elsewhere these figures are 0.

func cpuOf(int) time.Duration { return 0 }
func peakOf(int) int          { return 0 }

// ServerCPU is the processor time of a database server; not known here.
func ServerCPU(int) (time.Duration, bool) { return 0, false }
