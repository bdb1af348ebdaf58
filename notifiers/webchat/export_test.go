package webchat

import (
	"strconv"
	"time"

	"arifa/subscriptions"
)

// Digest is the address of a browser with this cookie.
func Digest(cookie string) subscriptions.Address { return digest(cookie) }

// Open counts the pages that are open here.
func Open(c *Channel) int {
	c.hub.mu.Lock()
	defer c.hub.mu.Unlock()
	return c.hub.open
}

// Pages opens pages in a hub that has room for so many; it returns how many each client
// has in the end.
func Pages(most int, joins []string) map[string]int {
	h := newHub(time.Now)
	h.most = most
	for k, from := range joins {
		h.join(subscriptions.AddressOf(strconv.Itoa(k)), from)
	}
	return h.of
}
