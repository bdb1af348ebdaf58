package webchat

import "arifa/subscriptions"

// Digest is the address of a browser with this cookie.
func Digest(cookie string) subscriptions.Address { return digest(cookie) }

// Open counts the pages that are open here.
func Open(c *Channel) int {
	c.hub.mu.Lock()
	defer c.hub.mu.Unlock()
	return c.hub.open
}
