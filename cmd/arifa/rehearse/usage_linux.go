package rehearse

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// clockTick is the unit of /proc/PID/stat; Linux shows hundredths of a second on
// every machine (USER_HZ).
const clockTick = 10 * time.Millisecond

// cpuOf is the processor time that a process has used; 0 = this one. What cannot
// be read counts as nothing.
func cpuOf(pid int) time.Duration {
	if pid == 0 {
		var u syscall.Rusage
		if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
			return 0
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return statOf(pid).cpu
}

// peakOf is the most memory that a process has held, in MiB, rounded up.
func peakOf(pid int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		var kib int
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kib); err == nil {
			return (kib + 1023) / 1024
		}
	}
	return 0
}

// ServerCPU is the processor time of a database server, all its processes and
// those that have ended included, found by the process that serves us; false
// where that is not on this machine.
func ServerCPU(backend int) (time.Duration, bool) {
	main := statOf(backend).parent
	if main <= 1 {
		return 0, false
	}
	s := statOf(main)
	sum := s.cpu + s.ended
	all, err := os.ReadDir("/proc")
	if err != nil {
		return 0, false
	}
	for _, e := range all {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if s := statOf(pid); s.parent == main {
			sum += s.cpu
		}
	}
	return sum, true
}

type procStat struct {
	parent     int
	cpu, ended time.Duration // its own, and that of its children that have ended
}

func statOf(pid int) procStat {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return procStat{}
	}
	// The name of the program stands in brackets and may hold anything.
	_, rest, _ := strings.Cut(string(b), ") ")
	f := strings.Fields(rest)
	if len(f) < 16 {
		return procStat{}
	}
	at := func(k int) int64 { n, _ := strconv.ParseInt(f[k], 10, 64); return n }
	return procStat{parent: int(at(1)), cpu: time.Duration(at(11)+at(12)) * clockTick, ended: time.Duration(at(13)+at(14)) * clockTick}
}
