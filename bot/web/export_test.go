package web

// Pace is the decision of a Limiter on one request.
var Pace = pace

// Held is how many keys a limiter remembers.
func (l *Limiter) Held() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.due)
}
