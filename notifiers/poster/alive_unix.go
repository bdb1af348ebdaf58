//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package poster

import (
	"syscall"
	"time"
)

// alive reports whether an idle connection is open and silent. What there is to
// read is a goodbye, or something that nobody asked for.
func (c *conn) alive(time.Duration) bool {
	sc, ok := c.raw.(syscall.Conn)
	if !ok {
		return true
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	quiet := false
	var b [1]byte
	err = rc.Read(func(fd uintptr) bool {
		_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK)
		quiet = err == syscall.EAGAIN || err == syscall.EWOULDBLOCK
		return true
	})
	return err == nil && quiet
}
