package console

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"arifa/bot/desk"
	"arifa/bot/web"
	"arifa/subscriptions"
)

// ask is one request: whose it is, and what was typed. Templates call its exported
// methods.
type ask struct {
	c      *Console
	w      http.ResponseWriter
	r      *http.Request
	ctx    context.Context
	now    time.Time
	route  *route
	visit  *visit
	actor  desk.Actor
	nation *subscriptions.Nation

	// values fill the form: posted, brought back after a session had ended, or in the
	// address.
	values url.Values
	// problem is why a form comes back instead of its deed.
	problem error
	// back: the form was typed before the session ended.
	back   bool
	all    []subscriptions.Officer
	queued *queue
}

const (
	mostForm   = 64 << 10
	formWithin = 15 * time.Second
)

// read takes the form of a POST.
func (a *ask) read() error {
	if web.MediaType(a.r) != "application/x-www-form-urlencoded" {
		return web.Refuse(http.StatusUnsupportedMediaType, "Send the form of the page.")
	}
	body, err := web.Body(a.w, a.r, mostForm, formWithin)
	if err != nil {
		return err
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return web.Refuse(http.StatusBadRequest, "The form could not be read.")
	}
	a.values = clean(values)
	return nil
}

// clean takes out what no text holds: a database would refuse it.
func clean(values url.Values) url.Values {
	for _, all := range values {
		for i, v := range all {
			all[i] = strings.ToValidUTF8(strings.ReplaceAll(v, "\x00", ""), "")
		}
	}
	return values
}

// Val is what stands in a field.
func (a *ask) Val(name string) string { return a.values.Get(name) }

// Has reports whether a field holds a value among others: a checked box.
func (a *ask) Has(name string, value any) bool { return slices.Contains(a.values[name], textOf(value)) }

// is names a field's values as identifiers.
func list[T ~string](a *ask, name string) []T {
	var out []T
	for _, v := range a.values[name] {
		if v = strings.TrimSpace(v); v != "" && !slices.Contains(out, T(v)) {
			out = append(out, T(v))
		}
	}
	return out
}

// number reads a positive number of the path; anything else is not there.
func (a *ask) number(name string) (int64, error) {
	text := a.r.PathValue(name)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 || strconv.FormatInt(n, 10) != text {
		return 0, web.NotFound()
	}
	return n, nil
}

func (a *ask) incident() (subscriptions.Incident, error) {
	id, err := a.number("id")
	if err != nil {
		return subscriptions.Incident{}, err
	}
	return a.c.Desk.Incident(a.ctx, subscriptions.IncidentID(id))
}

func (a *ask) notice() (subscriptions.Notice, error) {
	id, err := a.number("id")
	if err != nil {
		return subscriptions.Notice{}, err
	}
	return a.c.Desk.NoticeByID(a.ctx, subscriptions.NoticeID(id))
}

// when reads a time as officers write it; empty = zero.
func (a *ask) when(name, label string) (time.Time, error) {
	text := strings.TrimSpace(a.Val(name))
	if text == "" {
		return time.Time{}, nil
	}
	t, err := desk.Moment(text, a.now, a.nation.Location())
	if err != nil {
		return time.Time{}, &desk.Refusal{Why: label + ": “" + text + "” is no time", Do: "write " + desk.Moments}
	}
	return t, nil
}

// New is a key for a form: sent twice, the deed is done once. A form that comes back
// keeps the one that it had.
func (a *ask) New() string {
	if key := a.Val("request"); key != "" && a.problem == nil {
		return key
	}
	return rand.Text()
}

// request is the key of the form that was sent.
func (a *ask) request() string {
	key := a.Val("request")
	if len(key) > 64 {
		key = key[:64]
	}
	return key
}

// me is the officer who asks.
func (a *ask) me() subscriptions.Officer { return a.actor.Officer }

// officers lists all, once a request.
func (a *ask) officers() []subscriptions.Officer {
	if a.all == nil && a.me().ID != 0 {
		a.all, _ = a.c.Desk.Officers(a.ctx, a.actor) // a name that cannot be read is shown as a number
	}
	return a.all
}

// refused finds the desk's refusal in an error.
func refused(err error) *desk.Refusal {
	var r *desk.Refusal
	errors.As(err, &r)
	return r
}

// input makes a refusal of what was typed.
func input(why, do string) *desk.Refusal { return &desk.Refusal{Why: why, Do: do} }
