package web

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"arifa/subscriptions"
)

// Refusal is an error that tells the client what it may know: a status and a
// sentence without anything internal. What lies behind it is for the log.
type Refusal struct {
	Status int
	Say    string // for the client: what is wrong and what to do
	Header http.Header
	Err    error // for the log; may be nil
}

func (e *Refusal) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%d: %s: %v", e.Status, e.Say, e.Err)
	}
	return fmt.Sprintf("%d: %s", e.Status, e.Say)
}

func (e *Refusal) Unwrap() error { return e.Err }

// Refuse makes a refusal; the sentence reaches the client as it is.
func Refuse(status int, say string, args ...any) *Refusal {
	return &Refusal{Status: status, Say: fmt.Sprintf(say, args...)}
}

// NotFound says that nothing is here, whatever the reason.
func NotFound() *Refusal { return Refuse(http.StatusNotFound, "There is nothing here.") }

// TooMany tells a client to come again after wait.
func TooMany(wait time.Duration) *Refusal {
	return Refuse(http.StatusTooManyRequests, "Too many requests. Wait a moment.").after(wait)
}

// Busy is trouble of ours that passes: the client is to send the same again.
func Busy(wait time.Duration, err error) *Refusal {
	e := Refuse(http.StatusServiceUnavailable, "We cannot do this now. Try again in a moment.").after(wait)
	e.Err = err
	return e
}

func (e *Refusal) after(wait time.Duration) *Refusal {
	return e.with("Retry-After", strconv.Itoa(max(1, int(math.Ceil(wait.Seconds())))))
}

func (e *Refusal) with(key, value string) *Refusal {
	if e.Header == nil {
		e.Header = http.Header{}
	}
	e.Header.Set(key, value)
	return e
}

// Only lets these methods through; HEAD goes with GET.
func Only(h Handler, methods ...string) Handler {
	allowed := map[string]bool{}
	for _, m := range methods {
		allowed[m] = true
		if m == http.MethodGet && !allowed[http.MethodHead] {
			allowed[http.MethodHead] = true
			methods = append(methods, http.MethodHead)
		}
	}
	allow := strings.Join(methods, ", ")
	return func(w http.ResponseWriter, r *http.Request) error {
		if !allowed[r.Method] {
			return Refuse(http.StatusMethodNotAllowed, "Only %s is possible here.", allow).with("Allow", allow)
		}
		return h(w, r)
	}
}

// refusalOf is the one place where an error becomes a status. What nobody
// foresaw is ours (500) and says nothing of itself.
func refusalOf(err error) *Refusal {
	var known *Refusal
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &large):
		return &Refusal{Status: http.StatusRequestEntityTooLarge, Say: fmt.Sprintf("Too large: at most %d bytes.", large.Limit), Err: err}
	case errors.Is(err, subscriptions.ErrNotFound):
		return &Refusal{Status: http.StatusNotFound, Say: NotFound().Say, Err: err}
	case errors.Is(err, subscriptions.ErrConflict):
		return &Refusal{Status: http.StatusConflict, Say: "Somebody else changed this meanwhile. Read it again.", Err: err}
	case errors.Is(err, subscriptions.ErrUnavailable), errors.Is(err, subscriptions.ErrFull), errors.Is(err, context.DeadlineExceeded):
		return Busy(5*time.Second, err)
	}
	return &Refusal{Status: http.StatusInternalServerError, Say: "Something went wrong on our side.", Err: err}
}

// panicked is a panic that was contained.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }
