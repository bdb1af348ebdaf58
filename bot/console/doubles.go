package console

import (
	"errors"
	"sync"
	"time"

	"arifa/bot/web"
)

// doubles lets a form that is sent twice do its deed once: the second waits for the
// first and goes where that one goes. What is published is guarded in the store
// besides, whatever process a form comes to.
type doubles struct {
	mu  sync.Mutex
	all map[string]*double
}

type double struct {
	done chan struct{}
	to   string
	err  error
	at   time.Time
}

const (
	mostDoubles = 4096
	doubleFor   = 2 * time.Minute
)

var errUnfinished = errors.New("the first of two equal forms came to no end")

func newDoubles() *doubles { return &doubles{all: map[string]*double{}} }

// once runs do for the first of equal keys. What fails is forgotten: the same form,
// mended, is another one.
func (d *doubles) once(key string, now time.Time, do func() (string, error)) (string, error) {
	d.mu.Lock()
	if one, ok := d.all[key]; ok {
		d.mu.Unlock()
		<-one.done
		return one.to, one.err
	}
	one := &double{done: make(chan struct{}), at: now, err: web.Busy(time.Second, errUnfinished)} // until it is known
	d.sweep(now)
	d.all[key] = one
	d.mu.Unlock()
	defer func() { // after a panic too nobody is left waiting
		if one.err != nil {
			d.mu.Lock()
			delete(d.all, key)
			d.mu.Unlock()
		}
		close(one.done)
	}()
	one.to, one.err = do()
	return one.to, one.err
}

// sweep forgets what is old, and all that is done where there is too much.
func (d *doubles) sweep(now time.Time) {
	if len(d.all) < mostDoubles/2 {
		return
	}
	for key, one := range d.all {
		select {
		case <-one.done:
			if now.Sub(one.at) > doubleFor || len(d.all) >= mostDoubles {
				delete(d.all, key)
			}
		default:
		}
	}
}
