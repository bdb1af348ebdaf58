package web

import (
	"context"
	"encoding/json"
	"errors"
	"html/template"
	"net/http"
	"strconv"
	"strings"
)

// Trouble is an error as a client may see it.
type Trouble struct {
	Status int    `json:"status"`
	Title  string `json:"title"`  // the status in words
	Say    string `json:"detail"` // what is wrong and what to do
	ID     string `json:"request"`
}

// fail answers an error, and logs it once: ours loudly, a client's quietly.
func (x *Web) fail(w *answer, r *http.Request, id string, err error) {
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		// Nobody waits for an answer any more. To say nothing would be 200 to whoever
		// does: break off.
		panic(http.ErrAbortHandler)
	}
	e := refusalOf(err)
	x.tell(r, id, e, err)
	if w.code != 0 {
		// A part of the answer is out already: break off, so that nobody takes it for
		// the whole.
		panic(http.ErrAbortHandler)
	}
	for key, values := range e.Header {
		w.Header()[key] = values
	}
	w.Header().Set("Cache-Control", "no-store")
	x.write(w, r, Trouble{Status: e.Status, Title: http.StatusText(e.Status), Say: e.Say, ID: id})
}

func (x *Web) tell(r *http.Request, id string, e *Refusal, err error) {
	with := []any{"request", id, "route", r.Pattern, "status", e.Status}
	var p *panicked
	switch {
	case errors.As(err, &p):
		x.log.Error("request not answered", append(with, "error", err, "stack", string(p.stack))...)
	case e.Status >= 500:
		x.log.Error("request not answered", append(with, "error", err)...)
	case e.Err != nil:
		x.log.Debug("request refused", append(with, "error", err)...)
	}
}

// write chooses what the client asked for: a page for a browser, JSON for whoever
// accepts or sends it, else a line of text.
func (x *Web) write(w http.ResponseWriter, r *http.Request, t Trouble) {
	switch {
	case accepts(r, "text/html") && x.ErrorPage != nil:
		x.ErrorPage(w, r, t)
	case accepts(r, "text/html"):
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(t.Status)
		_ = plainPage.Execute(w, t)
	case accepts(r, "application/json") || MediaType(r) == "application/json":
		_ = JSON(w, t.Status, t)
	default:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(t.Status)
		_, _ = w.Write([]byte(t.Say + " (" + t.ID + ")\n"))
	}
}

var plainPage = template.Must(template.New("error").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title><h1>{{.Title}}</h1><p>{{.Say}}</p><p><small>{{.Status}} · {{.ID}}</small></p></html>
`))

// accepts reports whether the client names this type itself; "*/*" names none, and
// q=0 refuses it.
func accepts(r *http.Request, kind string) bool {
	for _, header := range r.Header.Values("Accept") {
		for part := range strings.SplitSeq(header, ",") {
			name, parameters, _ := strings.Cut(part, ";")
			if strings.EqualFold(strings.TrimSpace(name), kind) {
				return !refused(parameters)
			}
		}
	}
	return false
}

func refused(parameters string) bool {
	for p := range strings.SplitSeq(parameters, ";") {
		if q, ok := strings.CutPrefix(strings.TrimSpace(p), "q="); ok {
			weight, err := strconv.ParseFloat(q, 64)
			return err == nil && weight == 0
		}
	}
	return false
}

// JSON writes v with a status.
func JSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // who does not read our answer any more is no error of ours
	return nil
}
