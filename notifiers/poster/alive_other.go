//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package poster

import "time"

// alive cannot look here: what has been idle for long is not used.
func (c *conn) alive(idle time.Duration) bool { return idle < 5*time.Second }
